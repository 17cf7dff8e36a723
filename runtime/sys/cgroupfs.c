/* SPDX-License-Identifier: Apache-2.0 */
/* Directories and small files of cgroup v1 and v2. */
#include "cgroupfs.h"

#include "deadline.h"
#include "fd.h"
#include "io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_MODE 0755
/* How long making a cgroup may lose against others that remove its parents. */
#define MAKE_MS 2000
/* A cgroup lies at most so deep below another; it bounds recursion over what others made. */
#define DEPTH_MAX 64

int cgroupfs_open(int dir_fd, const char *dir)
{
	int fd = openat(dir_fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Removes @levels directories, from the first @len bytes of @path upwards. */
static void unmake(char *path, size_t len, unsigned levels)
{
	for (; levels > 0; levels--) {
		path[len] = '\0';
		rmdir(path);
		while (len > 0 && path[len] != '/')
			len--;
	}
}

/* One attempt, from the top down. -ENOENT: a parent was removed meanwhile. */
static int make_levels(char *path, size_t root_len, unsigned *ret_created)
{
	unsigned created = 0;
	size_t at = root_len, made_len = 0;

	while (path[at]) {
		size_t end = at + 1 + strcspn(path + at + 1, "/");
		char cut = path[end];
		int ret;

		path[end] = '\0';
		ret = mkdir(path, DIR_MODE) < 0 ? -errno : 0;
		path[end] = cut;
		if (ret == 0) {
			created++;
			made_len = end;
		} else if (ret == -EEXIST) {
			created = 0;
		} else {
			unmake(path, made_len, created);
			return ret;
		}
		at = end;
	}
	*ret_created = created;
	return 0;
}

int cgroupfs_make(const char *dir, size_t root_len, unsigned *ret_created)
{
	size_t len = strlen(dir);
	char path[4096];
	struct deadline deadline = deadline_in_ms(MAKE_MS);

	if (len >= sizeof(path))
		return -ENAMETOOLONG;
	do {
		unsigned created = 0;
		int ret, fd;

		/* Mostly the parent is there. */
		ret = mkdir(dir, DIR_MODE) < 0 ? -errno : 0;
		if (ret == 0) {
			created = 1;
		} else if (ret == -ENOENT) {
			memcpy(path, dir, len + 1);
			ret = make_levels(path, root_len, &created);
		}
		if (ret == -ENOENT)
			continue;
		if (ret < 0 && ret != -EEXIST)
			return ret;
		fd = cgroupfs_open(AT_FDCWD, dir);
		if (fd >= 0) {
			*ret_created = created;
			return fd;
		}
		if (fd != -ENOENT) {
			memcpy(path, dir, len + 1);
			unmake(path, len, created);
			return fd;
		}
	} while (!deadline_has_passed(deadline));
	return -ENOENT;
}

int cgroupfs_remove(int dir_fd, const char *name)
{
	while (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0)
		if (errno != EINTR)
			return errno == ENOENT ? 0 : -errno;
	return 0;
}

ssize_t cgroupfs_read(int dir_fd, const char *file, char *buf, size_t size)
{
	return io_read_small(dir_fd, file, buf, size);
}

int cgroupfs_write(int dir_fd, const char *file, const char *value)
{
	return io_write_file(dir_fd, file, value);
}

int cgroupfs_write_again(struct cgroupfs_file *last, int dir_fd, const char *file,
			 const char *value)
{
	ssize_t n;

	if (last->fd < 0 || last->dir_fd != dir_fd || strcmp(last->name, file) != 0) {
		fd_close(&last->fd);
		*last = (struct cgroupfs_file){ .dir_fd = dir_fd, .name = file };
		last->fd = openat(dir_fd, file, O_WRONLY | O_CLOEXEC);
		if (last->fd < 0)
			return -errno;
	}
	/* At the beginning each time: a value is one write(2), and replaces the one before. */
	do {
		n = pwrite(last->fd, value, strlen(value), 0);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int cgroupfs_event(int dir_fd, const char *key)
{
	char buf[256];
	size_t len = strlen(key);

	TRY((int)cgroupfs_read(dir_fd, "cgroup.events", buf, sizeof(buf)));
	for (const char *line = buf; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0 && line[len] == ' ')
			return line[len + 1] == '1';
	}
	return -ENODATA;
}

/* ---- trees ---- */

typedef int child_visit(int dir_fd, const char *name, unsigned depth, void *context);

/* Calls for each cgroup directly below one. A list that changes meanwhile is no error. */
static int each_child(int dir_fd, unsigned depth, child_visit *visit, void *context)
{
	int fd = cgroupfs_open(dir_fd, ".");
	struct dirent *entry;
	DIR *dir;
	int ret = 0;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	dir = fdopendir(fd);
	if (!dir) {
		fd_close(&fd);
		return -ENOMEM;
	}
	while (ret == 0 && (errno = 0, entry = readdir(dir)))
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			ret = visit(dirfd(dir), entry->d_name, depth, context);
	/* ENOENT: the cgroup was removed while it was read. */
	if (ret == 0 && errno && errno != ENOENT)
		ret = -errno;
	closedir(dir);
	return ret;
}

static int append_pid(struct cgroupfs_pids *pids, pid_t pid)
{
	if (pids->n == pids->room) {
		size_t room = pids->room ? 2 * pids->room : 64;
		pid_t *more = realloc(pids->v, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		pids->v = more;
		pids->room = room;
	}
	pids->v[pids->n++] = pid;
	return 0;
}

static int append_list(int dir_fd, const char *file, struct cgroupfs_pids *pids)
{
	int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC);
	FILE *list;
	int pid, ret = 0;

	if (fd < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	list = fdopen(fd, "r");
	if (!list) {
		fd_close(&fd);
		return -ENOMEM;
	}
	while (ret == 0 && fscanf(list, "%d", &pid) == 1)
		ret = append_pid(pids, pid);
	/* ENODEV: the cgroup was removed while it was read. */
	if (ret == 0 && ferror(list) && errno != ENODEV)
		ret = -errno;
	fclose(list);
	return ret;
}

static int append_tree(int dir_fd, unsigned depth, struct cgroupfs_pids *pids);

static int append_child(int dir_fd, const char *name, unsigned depth, void *context)
{
	AUTO_FD fd = cgroupfs_open(dir_fd, name);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return append_tree(fd, depth + 1, context);
}

static int append_tree(int dir_fd, unsigned depth, struct cgroupfs_pids *pids)
{
	int ret = append_list(dir_fd, "cgroup.procs", pids);

	if (ret == -EOPNOTSUPP)
		ret = append_list(dir_fd, "cgroup.threads", pids);
	TRY(ret);
	return depth < DEPTH_MAX ? each_child(dir_fd, depth, append_child, pids) : -ELOOP;
}

int cgroupfs_pids(int dir_fd, struct cgroupfs_pids *pids)
{
	return append_tree(dir_fd, 0, pids);
}

struct tree_value {
	const char *file, *value;
};

static int write_tree(int dir_fd, unsigned depth, void *context);

static int write_child(int dir_fd, const char *name, unsigned depth, void *context)
{
	AUTO_FD fd = cgroupfs_open(dir_fd, name);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return write_tree(fd, depth + 1, context);
}

static int write_tree(int dir_fd, unsigned depth, void *context)
{
	const struct tree_value *value = context;
	int ret = cgroupfs_write(dir_fd, value->file, value->value);

	/* ENODEV: the cgroup was removed meanwhile. */
	if (ret < 0 && ret != -ENOENT && ret != -ENODEV)
		return ret;
	return depth < DEPTH_MAX ? each_child(dir_fd, depth, write_child, context) : -ELOOP;
}

int cgroupfs_write_tree(int dir_fd, const char *file, const char *value)
{
	struct tree_value pair = { file, value };

	return write_tree(dir_fd, 0, &pair);
}

static int remove_child(int dir_fd, const char *name, unsigned depth, void *context)
{
	int fd, ret;

	/* Mostly there is nothing below it. */
	ret = cgroupfs_remove(dir_fd, name);
	if (ret != -EBUSY && ret != -ENOTEMPTY)
		return ret;
	fd = cgroupfs_open(dir_fd, name);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	ret = depth < DEPTH_MAX ? each_child(fd, depth + 1, remove_child, context) : -ELOOP;
	fd_close(&fd);
	return ret < 0 ? ret : cgroupfs_remove(dir_fd, name);
}

int cgroupfs_remove_children(int dir_fd)
{
	return each_child(dir_fd, 0, remove_child, NULL);
}
