/* SPDX-License-Identifier: Apache-2.0 */
/* procfs by descriptor. */
#include "procfs.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int procfs_open(struct err *err)
{
	AUTO_FD fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return err_sys(err, "open /proc");
	if (fs.f_type != PROC_SUPER_MAGIC) {
		err_set(err, ENOTSUP, "/proc is not a proc filesystem");
		return err_hint(err, "mount one: mount -t proc proc /proc");
	}
	return fd_take(&fd);
}

int procfs_write(int proc_fd, const char *path, const char *value)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	AUTO_FD fd = (int)syscall(SYS_openat2, proc_fd, path, &how, sizeof(how));
	struct statfs fs;
	ssize_t n;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	if (fs.f_type != PROC_SUPER_MAGIC)
		return -EXDEV;
	do {
		n = write(fd, value, strlen(value));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}
