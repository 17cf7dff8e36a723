/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes over file descriptors. */
#include "io.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int io_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t io_read_some(int fd, void *buf, size_t max)
{
	size_t len = 0;

	while (len < max) {
		ssize_t n = read(fd, (char *)buf + len, max - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int io_read_file(int dir_fd, const char *path, size_t max, char **ret_data, size_t *ret_len,
		 struct err *err)
{
	/* O_NONBLOCK: opening a FIFO that nobody writes to must not hang. */
	AUTO_FD fd = path ? openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
			  : fcntl(dir_fd, F_DUPFD_CLOEXEC, 3);
	const char *name = path ? path : "file";
	struct stat st;
	size_t room;
	ssize_t len;
	char *data;

	if (fd < 0)
		return err_sys(err, "open '%s'", name);
	if (fstat(fd, &st) < 0)
		return err_sys(err, "stat '%s'", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, "'%s' is not a regular file", name);
	if ((size_t)st.st_size > max)
		return err_set(err, EFBIG, "'%s' has %lld bytes; at most %zu are accepted", name,
			       (long long)st.st_size, max);

	/* One byte more than its size shows whether it grew meanwhile, and holds the NUL. */
	room = (size_t)st.st_size + 1;
	data = malloc(room);
	if (!data)
		return err_set(err, ENOMEM, "no memory for the %zu bytes of '%s'", room, name);
	len = io_read_some(fd, data, room);
	if (len < 0 || (size_t)len == room) {
		free(data);
		return len < 0 ? err_errno(err, (int)len, "read '%s'", name)
			       : err_set(err, EBUSY, "'%s' changed while it was read", name);
	}
	data[len] = '\0';
	*ret_data = data;
	*ret_len = (size_t)len;
	return 0;
}

int io_read_stream(const char *path, size_t max, char **ret_data, size_t *ret_len, struct err *err)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *data;
	ssize_t len;

	if (fd < 0)
		return err_sys(err, "open '%s'", path);
	/* Memory that is not touched costs nothing. */
	data = malloc(max + 1);
	if (!data)
		return err_set(err, ENOMEM, "no memory for '%s'", path);
	len = io_read_some(fd, data, max + 1);
	if (len < 0 || (size_t)len > max) {
		free(data);
		return len < 0 ? err_errno(err, (int)len, "read '%s'", path)
			       : err_set(err, EFBIG, "'%s' has more than %zu bytes", path, max);
	}
	data[len] = '\0';
	*ret_data = data;
	*ret_len = (size_t)len;
	return 0;
}

ssize_t io_read_small(int dir_fd, const char *path, char *buf, size_t size)
{
	AUTO_FD fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = io_read_some(fd, buf, size - 1);
	if (len < 0)
		return len;
	if (len > 0 && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return len;
}

int io_write_file(int dir_fd, const char *path, const char *text)
{
	AUTO_FD fd = openat(dir_fd, path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, strlen(text));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}
