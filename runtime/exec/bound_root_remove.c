/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent's part: knowing the mount again, and its end. The namespace is found by its number: it is
 * ours, or lies where it was joined by, or a process is in it. One that nobody has any more is gone,
 * and the mount with it. Unmounting takes a process of its own, since only one that shares its root
 * with no thread may enter a mount namespace.
 */
#include "bound_root.h"

#include "clone.h"
#include "fd.h"
#include "io.h"
#include "mountinfo.h"
#include "procfs.h"
#include "sync.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REMOVE_TRIES_MAX 64 /* mounts on top of each other, and who mounts meanwhile */
#define OWN_MOUNT_NS     "/proc/thread-self/ns/mnt"
#define OWN_MOUNTINFO    "thread-self/mountinfo"

/* ---- knowing it again ---- */

static int read_boot_id(char boot[ROOT_MOUNT_BOOT_BYTES], struct err *err)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	ssize_t n = io_read_small(AT_FDCWD, path, boot, ROOT_MOUNT_BOOT_BYTES);

	return n < 0 ? err_errno(err, (int)n, "read '%s'", path) : 0;
}

int bound_root_identify(int tree_fd, int ns_fd, struct root_mount *ret_mount, struct err *err)
{
	struct root_mount mount = { .ns_path = NULL };
	struct stat st;
	int ret = mount_id_of(tree_fd, &mount.mount);

	if (ret < 0)
		return err_errno(err, ret, "find the number of the root mount");
	if ((ns_fd < 0 ? stat(OWN_MOUNT_NS, &st) : fstat(ns_fd, &st)) < 0)
		return err_sys(err, "stat the mount namespace");
	mount.ns_inode = st.st_ino;
	TRY(read_boot_id(mount.boot, err));
	*ret_mount = mount;
	return 0;
}

/* ---- finding its namespace ---- */

/* fd, or -1 when that is another namespace, or none. */
static int open_if_same(const char *path, uint64_t inode)
{
	struct stat st;

	/* Not opened before it is known to be one: a pipe in its place would make us wait. */
	if (stat(path, &st) < 0 || st.st_ino != inode)
		return -1;
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != inode ||
	    ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNS)
		return -1;
	return fd_take(&fd);
}

/* Whoever made or entered the namespace may have gone by now, and others may live in it. */
static int open_of_any_process(uint64_t inode)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int fd = -1;

	while (proc && fd < 0 && (entry = readdir(proc))) {
		char path[sizeof("/proc//ns/mnt") + sizeof(entry->d_name)];

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/mnt", entry->d_name);
		fd = open_if_same(path, inode);
	}
	if (proc)
		closedir(proc);
	return fd;
}

/* 1: it is ours, or *@ret_fd is it; 0: it is gone. */
static int find_namespace(const struct root_mount *mount, int *ret_fd, struct err *err)
{
	struct stat own;

	if (stat(OWN_MOUNT_NS, &own) < 0)
		return err_sys(err, "stat '%s'", OWN_MOUNT_NS);
	if (own.st_ino == mount->ns_inode)
		return 1;
	if (mount->ns_path)
		*ret_fd = open_if_same(mount->ns_path, mount->ns_inode);
	if (*ret_fd < 0)
		*ret_fd = open_of_any_process(mount->ns_inode);
	return *ret_fd >= 0;
}

/* ---- in the process that unmounts ---- */

/* One that belongs to another user namespace is entered by way of that. */
static int enter_namespace(int ns_fd, struct err *err)
{
	AUTO_FD owner_fd = -1;

	if (ns_fd < 0 || setns(ns_fd, CLONE_NEWNS) == 0)
		return 0;
	if (errno == EPERM)
		owner_fd = ioctl(ns_fd, NS_GET_USERNS);
	if (owner_fd < 0 || setns(owner_fd, CLONE_NEWUSER) < 0 || setns(ns_fd, CLONE_NEWNS) < 0)
		return err_sys(err, "enter the mount namespace that the container's root is in");
	return 0;
}

static bool is_it(const struct root_mount *mount, const struct mount_id *id)
{
	if (mount->mount.unique && id->unique)
		return id->unique == mount->mount.unique;
	/* Before Linux 6.8 the number may be another mount's by now, but hardly one of this directory. */
	return id->id == mount->mount.id && id->inode == mount->mount.inode;
}

/* What mountinfo says of the mount @id. */
struct line {
	uint64_t id;
	uint64_t parent;
	char target[PATH_MAX];
};

static bool take_line(void *context, const struct mountinfo *mount)
{
	struct line *line = context;

	if (mount->id != line->id)
		return false;
	line->parent = mount->parent;
	snprintf(line->target, sizeof(line->target), "%s", mount->target);
	return true;
}

/* 1, or 0 when it has none. */
static int find_line(int proc_fd, uint64_t id, struct line *ret_line, struct err *err)
{
	int found;

	ret_line->id = id;
	found = mountinfo_find(proc_fd, OWN_MOUNTINFO, take_line, ret_line);
	return found < 0 ? err_errno(err, found, "read '/proc/" OWN_MOUNTINFO "'") : found;
}

/* 1 when the mount @top lies on ours, at the same place, maybe with others in between. */
static int find_below(int proc_fd, uint64_t top, const struct line *ours, struct err *err)
{
	struct line line = { .parent = top };

	for (int i = 0; i < REMOVE_TRIES_MAX; i++) {
		int found = find_line(proc_fd, line.parent, &line, err);

		if (found <= 0 || strcmp(line.target, ours->target) != 0)
			return found < 0 ? found : 0;
		if (line.parent == ours->id)
			return 1;
	}
	return 0;
}

/* 1 when what is on top at @path, links followed, is mounted where ours is. */
static int find_still_at(int proc_fd, const char *path, const struct line *ours, struct err *err)
{
	AUTO_FD fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_id id;
	struct line line;
	int found = 0;

	if (fd >= 0 && mount_id_of(fd, &id) == 0)
		found = find_line(proc_fd, id.id, &line, err);
	return found > 0 ? strcmp(line.target, ours->target) == 0 : found;
}

/* 1 when the mount of the directory @fd is ours or lies on it, and *@ret_id is its number; 0 if not. */
static int find_ours(const struct root_mount *mount, int proc_fd, int fd, const struct line *ours,
		     struct mount_id *ret_id, struct err *err)
{
	if (fd < 0 || mount_id_of(fd, ret_id) < 0)
		return 0;
	return is_it(mount, ret_id) ? 1 : find_below(proc_fd, ret_id->id, ours, err);
}

/* Detaches what is on top at the directory @fd. */
static int detach(int fd, const char *path, struct err *err)
{
	if (fchdir(fd) < 0 || umount2(".", MNT_DETACH) < 0)
		return err_sys(err, "unmount the container's root '%s'", path);
	return 0;
}

/* It is at @path, or its directory was renamed, or something lies on it: 1 when it is to be tried again. */
static int detach_where_it_is(const struct root_mount *mount, int proc_fd, const char *path,
			      struct err *err)
{
	struct line ours = { .target = "" };
	struct mount_id id = { .id = 0 };
	int exists = mount->mount.unique ? mount_id_exists(mount->mount.unique) : -ENOSYS;
	int has_line = exists ? find_line(proc_fd, mount->mount.id, &ours, err) : 0;
	int found = has_line;

	/* Without a number that is never used again, only what is where it was can be it. */
	if (exists < 0 && has_line > 0)
		found = find_still_at(proc_fd, path, &ours, err);
	if (found < 0 || exists == 0 || (exists < 0 && found == 0))
		return found;
	AUTO_FD fd = has_line ? open(ours.target, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	found = find_ours(mount, proc_fd, fd, &ours, &id, err);
	TRY(found);
	if (found) {
		TRY(detach(fd, ours.target, err));
		return 1;
	}
	if (exists < 0 && id.id == ours.id) /* of another directory: the next user's */
		return 0;
	err_set(err, EBUSY,
		"the container's root is still mounted on '%s', which cannot be reached",
		has_line ? ours.target : path);
	return err_hint(err, "unmount what covers it, and delete the container again");
}

static int detach_all(const struct root_mount *mount, int proc_fd, const char *path,
		      struct err *err)
{
	for (int i = 0; i < REMOVE_TRIES_MAX; i++) {
		AUTO_FD fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		struct mount_id id;
		int again;

		if (fd >= 0 && mount_id_of(fd, &id) == 0 && is_it(mount, &id)) {
			TRY(detach(fd, path, err));
			continue;
		}
		again = detach_where_it_is(mount, proc_fd, path, err);
		TRY(again);
		if (!again)
			return 0;
	}
	return err_set(err, EBUSY, "'%s' is mounted on as fast as it is unmounted", path);
}

__attribute__((noreturn)) static void remove_main(const struct root_mount *mount, const char *path,
						  int ns_fd, int sync_fd)
{
	struct err err = { 0 };
	AUTO_FD proc_fd = procfs_open(&err);
	int ret = proc_fd < 0 ? proc_fd : enter_namespace(ns_fd, &err);

	if (ret == 0)
		ret = detach_all(mount, proc_fd, path, &err);
	if (ret < 0)
		sync_send_error(sync_fd, &err);
	_exit(ret < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* ---- the whole ---- */

int bound_root_remove(const struct root_mount *mount, const char *path, struct err *err)
{
	const struct clone_request request = { .exit_signal = 0 }; /* nobody else's business */
	char boot[ROOT_MOUNT_BOOT_BYTES];
	struct sync_message message;
	AUTO_FD ns_fd = -1;
	int fds[2], status = 0, found, ret;
	pid_t pid;

	if (!mount->mount.id)
		return 0;
	TRY(read_boot_id(boot, err));
	found = strcmp(boot, mount->boot) == 0 ? find_namespace(mount, &ns_fd, err) : 0;
	if (found <= 0)
		return found;
	TRY(sync_pair(fds, err));
	AUTO_FD sync_fd = fds[0];
	AUTO_FD child_sync_fd = fds[1];
	pid = clone_process(&request);
	if (pid < 0)
		return err_sys(err, "clone");
	if (pid == 0)
		remove_main(mount, path, ns_fd, child_sync_fd);
	fd_close(&child_sync_fd);
	ret = sync_receive(sync_fd, &message, err);
	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return err_sys(err, "wait for the process that unmounts");
	TRY(ret);
	return status ? err_set(err, ECHILD, "the process that unmounts the root was killed") : 0;
}
