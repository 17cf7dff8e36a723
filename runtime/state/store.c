/* SPDX-License-Identifier: Apache-2.0 */
/* Directories, locks and files of the state store. */
#include "store.h"

#include "deadline.h"
#include "fd.h"
#include "io.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STORE_FILE_MAX (16u << 20) /* a record of a 4 MiB config with all of it escaped */
#define LOCK_POLL_NS   2000000L
#define TMP_SUFFIX     ".tmp"

/* In the order of their removal: without the record nothing would know what is left. */
/* clang-format off */
static const struct {
	const char *name;
	bool is_tree; /* a container that may mount can make it writable */
} files[] = {
	{ STORE_START_NEW, false },
	{ STORE_START, false },
	{ STORE_NOTIFY, true },
	{ STORE_PID, false },
	{ STORE_SECCOMP, false },
	{ STORE_CONFIG, false },
	{ STORE_STATE TMP_SUFFIX, false }, /* what a killed write left */
	{ STORE_STATE, false },
};
/* clang-format on */

int store_check_id(const char *id, struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_+-.";
	size_t len = strlen(id);

	if (len == 0)
		return err_set(err, EINVAL, "container id cannot be empty");
	if (len > STORE_ID_MAX)
		return err_set(err, EINVAL, "invalid container ID format: more than %u characters",
			       STORE_ID_MAX);
	/* No dot in front, which also keeps "." and ".." out; dots are fine behind. */
	if (strchr(allowed, id[0]) && id[0] != '.' && strspn(id, allowed) == len)
		return 0;
	err_set(err, EINVAL, "invalid container ID format: \"%s\"", id);
	return err_hint(err, "letters, digits, '_', '+', '-' and, not in front, '.' are allowed");
}

/* mkdir -p, private to the caller. */
static int make_root(const char *root, struct err *err)
{
	char path[PATH_MAX];
	size_t len = strlen(root);

	if (len >= sizeof(path))
		return err_set(err, ENAMETOOLONG, "the state root's path is too long");
	for (size_t i = 1; i <= len; i++) {
		if (root[i] != '/' && root[i] != '\0')
			continue;
		memcpy(path, root, i);
		path[i] = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST && (errno != EROFS || i == len)) {
			err_sys(err, "make the state root '%s'", path);
			return err_hint(err, "--root names another one");
		}
	}
	return 0;
}

static int check_root(int fd, const char *root, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, "stat the state root '%s'", root);
	if (st.st_uid != geteuid())
		return err_set(err, EPERM, "the state root '%s' belongs to user %u", root,
			       st.st_uid);
	if ((st.st_mode & 022) && !(st.st_mode & S_ISVTX)) {
		err_set(err, EPERM, "the state root '%s' can be written by others (mode %04o)",
			root, st.st_mode & 07777);
		return err_hint(err, "chmod 0700 '%s'", root);
	}
	return 0;
}

int store_open(const char *root, bool is_made, struct err *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	AUTO_FD fd = open(root, flags);

	if (fd < 0 && errno == ENOENT && is_made) {
		TRY(make_root(root, err));
		fd = open(root, flags);
	}
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return err_set(err, ENOTDIR, "the state root '%s' is a link or no directory", root);
	if (fd < 0)
		return err_sys(err, "open the state root '%s'", root);
	TRY(check_root(fd, root, err));
	return fd_take(&fd);
}

static int open_dir(int root_fd, const char *id, struct err *err)
{
	int fd = openat(root_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return err_set(err, ENOENT, "container does not exist: \"%s\"", id);
	if (fd < 0)
		return err_sys(err, "open the state of container \"%s\"", id);
	return fd;
}

/* A deleted directory has no links left: the lock was got on a thing of the past. */
static bool is_deleted(int dir_fd)
{
	struct stat st;

	return fstat(dir_fd, &st) == 0 && st.st_nlink == 0;
}

int store_create(int root_fd, const char *id, struct err *err)
{
	AUTO_FD fd = -1;

	TRY(store_check_id(id, err));
	if (mkdirat(root_fd, id, 0700) < 0) {
		if (errno == EEXIST)
			return err_set(err, EEXIST,
				       "container with given ID already exists: \"%s\"", id);
		return err_sys(err, "make the state directory of container \"%s\"", id);
	}
	fd = open_dir(root_fd, id, err);
	/* Nobody else can have it for longer than it takes to see that it is empty. */
	while (fd >= 0 && flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		err_sys(err, "lock the state of container \"%s\"", id);
		fd_close(&fd);
	}
	if (fd < 0) {
		unlinkat(root_fd, id, AT_REMOVEDIR);
		return -err->code;
	}
	/* `delete --force` was faster: what lies under this name by now is not ours to undo. */
	if (is_deleted(fd))
		return err_set(err, ENOENT, "container \"%s\" was deleted while it was created",
			       id);
	return fd_take(&fd);
}

int store_find(int root_fd, const char *id, struct err *err)
{
	TRY(store_check_id(id, err));
	return open_dir(root_fd, id, err);
}

int store_lock(int root_fd, const char *id, int timeout_ms, struct err *err)
{
	const struct timespec pause = { .tv_nsec = LOCK_POLL_NS };
	struct deadline deadline = deadline_in_ms(timeout_ms);
	AUTO_FD fd = store_find(root_fd, id, err);

	TRY(fd);
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(err, "lock the state of container \"%s\"", id);
		if (deadline_has_passed(deadline)) {
			err_set(err, EBUSY, "container \"%s\" is in use by another command", id);
			return err_hint(err, "wait for it to end, or end it");
		}
		nanosleep(&pause, NULL);
	}
	if (is_deleted(fd))
		return err_set(err, ENOENT, "container does not exist: \"%s\"", id);
	return fd_take(&fd);
}

void store_unlock(int *dir_fd)
{
	if (*dir_fd >= 0)
		flock(*dir_fd, LOCK_UN);
	fd_close(dir_fd);
}

bool store_is_locked(int dir_fd)
{
	if (flock(dir_fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	flock(dir_fd, LOCK_UN);
	return false;
}

int store_write_new(int dir_fd, const char *name, const char *data, size_t len, struct err *err)
{
	AUTO_FD fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int ret = fd < 0 ? -errno : io_write_all(fd, data, len);

	return ret < 0 ? err_errno(err, ret, "write the state file '%s'", name) : 0;
}

int store_write(int dir_fd, const char *name, const char *data, size_t len, struct err *err)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
	char tmp[NAME_MAX];
	int ret;

	snprintf(tmp, sizeof(tmp), "%s" TMP_SUFFIX, name);
	AUTO_FD fd = openat(dir_fd, tmp, flags, 0600);
	if (fd < 0)
		return err_sys(err, "make the state file '%s'", name);
	ret = io_write_all(fd, data, len);
	if (ret < 0)
		return err_errno(err, ret, "write the state file '%s'", name);
	/*
	 * No fsync(2): a power cut may leave this file empty, but it ends all that the file is about
	 * too; delete takes an unreadable record for none.
	 */
	if (renameat(dir_fd, tmp, dir_fd, name) < 0)
		return err_sys(err, "rename the state file '%s'", name);
	return 0;
}

int store_read(int dir_fd, const char *name, char **ret_data, size_t *ret_len, struct err *err)
{
	return io_read_file(dir_fd, name, STORE_FILE_MAX, ret_data, ret_len, err);
}

int store_remove(int root_fd, const char *id, int dir_fd, struct err *err)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int ret = files[i].is_tree ? tree_remove(dir_fd, files[i].name)
					   : tree_remove_file(dir_fd, files[i].name);

		if (ret < 0)
			return err_errno(err, ret, "remove the state file '%s'", files[i].name);
	}
	if (unlinkat(root_fd, id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(err, "remove the state directory of container \"%s\"", id);
	return 0;
}

int store_list(int root_fd, int (*visit)(void *context, const char *id, struct err *err),
	       void *context, struct err *err)
{
	int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err ignored;
	struct dirent *entry;
	int ret = 0;
	DIR *dir;

	if (fd < 0)
		return err_sys(err, "open the state root");
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return err_sys(err, "list the state root");
	}
	while (ret >= 0 && (errno = 0, entry = readdir(dir)))
		if (store_check_id(entry->d_name, &ignored) == 0)
			ret = visit(context, entry->d_name, err);
	if (ret >= 0 && errno)
		ret = err_sys(err, "list the state root");
	closedir(dir);
	return ret < 0 ? ret : 0;
}

int store_write_pid(int dir_fd, const struct store_pid *pid, struct err *err)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%d %llu\n", pid->pid,
			   (unsigned long long)pid->start_time);

	/* One write(2): whoever reads it before sees an empty file, which is none. */
	return store_write_new(dir_fd, STORE_PID, text, (size_t)len, err);
}

int store_read_pid(int dir_fd, struct store_pid *ret_pid)
{
	char text[64], *space, *end;
	ssize_t len = io_read_small(dir_fd, STORE_PID, text, sizeof(text));
	uint64_t start_time;
	long pid;

	if (len < 0)
		return (int)len;
	/* sscanf(3) is 36 KB of code, which most commands would touch for this alone. */
	errno = 0;
	pid = strtol(text, &space, 10);
	start_time = strtoull(space, &end, 10);
	/* Signals to a pid below 1 would reach groups of processes. */
	if (errno || *space != ' ' || end == space || pid < 1 || pid > INT_MAX)
		return -ENOENT;
	ret_pid->pid = (pid_t)pid;
	ret_pid->start_time = start_time;
	return 0;
}
