/* SPDX-License-Identifier: Apache-2.0 */
/* Directories and small files of cgroup v1 and v2. */
#include "cgroupfs.h"

#include "deadline.h"
#include "fd.h"
#include "io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_MODE 0755
/* How long making a cgroup may lose against others that remove its parents. */
#define MAKE_MS 2000
/* Of a list that is read in parts: a cgroup on v2 with nothing below it takes two or three. */
#define DIRENT_BYTES 2048

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

/*
 * What is below a container's cgroup may be its work: as deep as it likes. A walk has one directory
 * open and no recursion; ".." leads back up, since nothing moves to another parent in cgroupfs.
 */
struct walk {
	int fd;     /* where it is */
	long place; /* where the list of that goes on */
	size_t depth, room;
	long *places; /* and the lists of those above */
};

static void walk_done(struct walk *walk)
{
	fd_close(&walk->fd);
	free(walk->places);
}

#define AUTO_WALK __attribute__((cleanup(walk_done)))

static bool is_child(const struct dirent64 *entry)
{
	return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
	       strcmp(entry->d_name, "..") != 0;
}

/* The next cgroup in the list of one, from *@place on, which moves behind it. 1, 0 at the end. */
static int next_child(int fd, long *place, char ret_name[NAME_MAX + 1])
{
	_Alignas(struct dirent64) char buf[DIRENT_BYTES];
	ssize_t n;

	if (lseek(fd, *place, SEEK_SET) < 0)
		return -errno;
	while ((n = getdents64(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(buf + at);

			at += entry->d_reclen;
			if (!is_child(entry))
				continue;
			*place = entry->d_off;
			memcpy(ret_name, entry->d_name, strlen(entry->d_name) + 1);
			return 1;
		}
	}
	/* ENOENT: the cgroup was removed while it was read. */
	return n < 0 && errno != ENOENT ? -errno : 0;
}

static int walk_down(struct walk *walk, int take_fd)
{
	if (walk->depth == walk->room) {
		size_t room = walk->room ? 2 * walk->room : 16;
		long *more = realloc(walk->places, room * sizeof(*more));

		if (!more) {
			fd_close(&take_fd);
			return -ENOMEM;
		}
		walk->places = more;
		walk->room = room;
	}
	walk->places[walk->depth++] = walk->place;
	walk->place = 0;
	fd_close(&walk->fd);
	walk->fd = take_fd;
	return 1;
}

static int walk_up(struct walk *walk)
{
	int fd = cgroupfs_open(walk->fd, "..");

	if (fd < 0)
		return fd;
	fd_close(&walk->fd);
	walk->fd = fd;
	walk->place = walk->places[--walk->depth];
	return 0;
}

/* To the next cgroup, a parent before its children. 1, or 0 when there is none. */
static int walk_on(struct walk *walk)
{
	char name[NAME_MAX + 1];
	int ret;

	for (;;) {
		ret = next_child(walk->fd, &walk->place, name);
		if (ret == 1) {
			int fd = cgroupfs_open(walk->fd, name);

			if (fd == -ENOENT)
				continue;
			return fd < 0 ? fd : walk_down(walk, fd);
		}
		if (ret < 0 || walk->depth == 0)
			return ret;
		TRY(walk_up(walk));
	}
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

static int append_one(int dir_fd, struct cgroupfs_pids *pids)
{
	int ret = append_list(dir_fd, "cgroup.procs", pids);

	return ret == -EOPNOTSUPP ? append_list(dir_fd, "cgroup.threads", pids) : ret;
}

int cgroupfs_pids(int dir_fd, struct cgroupfs_pids *pids)
{
	AUTO_WALK struct walk walk = { .fd = cgroupfs_open(dir_fd, ".") };
	int ret;

	if (walk.fd < 0)
		return walk.fd == -ENOENT ? 0 : walk.fd;
	do {
		TRY(append_one(walk.fd, pids));
		ret = walk_on(&walk);
	} while (ret > 0);
	return ret;
}

int cgroupfs_write_tree(int dir_fd, const char *file, const char *value)
{
	AUTO_WALK struct walk walk = { .fd = cgroupfs_open(dir_fd, ".") };
	int ret;

	if (walk.fd < 0)
		return walk.fd;
	do {
		ret = cgroupfs_write(walk.fd, file, value);
		/* ENODEV: the cgroup was removed meanwhile. */
		if (ret == 0 || ret == -ENOENT || ret == -ENODEV)
			ret = walk_on(&walk);
	} while (ret > 0);
	return ret;
}

/*
 * Removes the cgroups directly below one that have none below them. 1: @ret_name is one of those
 * that stay; 0: there is none. *@ret_found: whether there was any.
 */
static int remove_leaves(int fd, char ret_name[NAME_MAX + 1], bool *ret_found)
{
	char name[NAME_MAX + 1];
	bool is_left = false;
	long place = 0;
	int ret;

	*ret_found = false;
	while ((ret = next_child(fd, &place, name)) > 0) {
		*ret_found = true;
		ret = cgroupfs_remove(fd, name);
		if (ret < 0 && ret != -EBUSY && ret != -ENOTEMPTY)
			return ret;
		if (ret == 0)
			continue;
		is_left = true;
		memcpy(ret_name, name, sizeof(name));
	}
	return ret < 0 ? ret : is_left;
}

int cgroupfs_remove_children(int dir_fd)
{
	AUTO_FD at_fd = cgroupfs_open(dir_fd, ".");
	bool is_entered = false;
	size_t depth = 0;

	if (at_fd < 0)
		return at_fd == -ENOENT ? 0 : at_fd;
	for (;;) {
		char name[NAME_MAX + 1];
		bool is_found;
		int next_fd, ret = remove_leaves(at_fd, name, &is_found);

		TRY(ret);
		/* What has nothing below it, and stays, has processes. */
		if (is_entered && !is_found)
			return -EBUSY;
		if (ret == 0 && depth == 0)
			return 0;
		is_entered = ret == 1;
		next_fd = cgroupfs_open(at_fd, ret == 1 ? name : "..");
		if (next_fd == -ENOENT && ret == 1) {
			is_entered = false;
			continue;
		}
		TRY(next_fd);
		depth = ret == 1 ? depth + 1 : depth - 1;
		fd_close(&at_fd);
		at_fd = next_fd;
	}
}
