/* SPDX-License-Identifier: Apache-2.0 */
/* uid_map, gid_map and MOUNT_ATTR_IDMAP. */
#include "idmap.h"

#include "clone.h"
#include "clone_cause.h"
#include "fd.h"
#include "io.h"
#include "mount_cause.h"
#include "mountapi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID_MAP_LINE sizeof("4294967295 4294967295 4294967295\n")

static int write_map(pid_t pid, const char *file, const struct plan_id_maps *maps,
		     const char *pointer, struct err *err)
{
	char text[PLAN_ID_MAPS_MAX * ID_MAP_LINE], path[64];
	size_t len = 0;
	int ret;

	if (maps->n > PLAN_ID_MAPS_MAX)
		return err_at(err, pointer, E2BIG, "%zu mappings, of which the kernel takes %d",
			      maps->n, PLAN_ID_MAPS_MAX);
	for (size_t i = 0; i < maps->n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u %u %u\n",
					maps->v[i].inside, maps->v[i].outside, maps->v[i].size);
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	ret = io_write_file(AT_FDCWD, path, text);
	if (ret < 0) {
		err_errno(err, ret, "write the id map %s", file);
		return err_pointer(err, pointer);
	}
	return 0;
}

/*
 * Without privileges the only map of groups is one's own, and only where nobody inside can leave a
 * group that is kept out of something: user_namespaces(7), /proc/PID/setgroups.
 */
static int deny_setgroups(pid_t pid, const struct plan_id_maps *gids, struct err *err)
{
	char path[64];
	int ret;

	if (geteuid() == 0 || gids->n != 1 || gids->v[0].size != 1 ||
	    gids->v[0].outside != getegid())
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
	ret = io_write_file(AT_FDCWD, path, "deny");
	return ret < 0 ? err_errno(err, ret, "write 'deny' to '%s'", path) : 0;
}

int idmap_write(pid_t pid, const struct plan_id_maps *uids, const struct plan_id_maps *gids,
		struct err *err)
{
	TRY(write_map(pid, "uid_map", uids, "/linux/uidMappings", err));
	TRY(deny_setgroups(pid, gids, err));
	return write_map(pid, "gid_map", gids, "/linux/gidMappings", err);
}

/* The process that holds the namespace: it ends when @to_hold is closed, so also with its maker. */
__attribute__((noreturn)) static void hold_userns(int hold_fd, int to_hold)
{
	char byte;

	close(to_hold);
	while (read(hold_fd, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

int idmap_open_userns(const struct plan_id_maps *uids, const struct plan_id_maps *gids,
		      struct err *err)
{
	AUTO_FD userns_fd = -1;
	struct clone_request request = { .flags = CLONE_NEWUSER };
	char path[64];
	int hold[2], ret;
	pid_t pid;

	if (pipe2(hold, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	AUTO_FD hold_fd = hold[0];
	AUTO_FD to_hold = hold[1];
	pid = clone_process(&request);
	if (pid < 0) {
		err_sys(err, "clone into a user namespace");
		return clone_explain(CLONE_NEWUSER, err);
	}
	if (pid == 0)
		hold_userns(hold_fd, to_hold);
	ret = idmap_write(pid, uids, gids, err);
	if (ret == 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
		userns_fd = open(path, O_RDONLY | O_CLOEXEC);
		if (userns_fd < 0)
			ret = err_sys(err, "open '%s'", path);
	}
	fd_close(&to_hold);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	return ret < 0 ? ret : fd_take(&userns_fd);
}

int idmap_mount(int mnt_fd, const struct plan_mount *mount, int userns_fd, struct err *err)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_IDMAP,
		.userns_fd = (unsigned int)userns_fd,
	};

	if (mount_kernel.set_attr(mnt_fd, mount->rec_idmap, &attr) < 0) {
		err_sys(err, "map the ids of the mount at '%s'", mount->target);
		mount_explain_idmap(mount, mnt_fd, err);
		return err_pointer(err, mount->origin);
	}
	return 0;
}
