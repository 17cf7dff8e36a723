/* SPDX-License-Identifier: Apache-2.0 */
/* uid_map, gid_map and MOUNT_ATTR_IDMAP. */
#include "idmap.h"

#include "arena.h"
#include "clone.h"
#include "clone_cause.h"
#include "fd.h"
#include "host_facts.h"
#include "host_gather.h"
#include "idmap_program.h"
#include "io.h"
#include "mount_cause.h"
#include "mountapi.h"
#include "own_ids.h"
#include "subid.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID_MAP_LINE sizeof("4294967295 4294967295 4294967295\n")

static const struct id_kind {
	const char *what, *file, *pointer, *program;
	unsigned int capability;
} kinds[] = {
	{ "user", "uid_map", "/linux/uidMappings", "newuidmap", CAP_SETUID },
	{ "group", "gid_map", "/linux/gidMappings", "newgidmap", CAP_SETGID },
};

static bool is_own_id_alone(const struct id_kind *kind, const struct plan_id_maps *maps)
{
	uint32_t own = kind->capability == CAP_SETUID ? geteuid() : getegid();

	return maps->n == 1 && plan_id_is_own(&maps->v[0], own);
}

/* A file capability of a mapped root would be one of ours: user_namespaces(7), since Linux 5.12. */
static int explain_root(const struct id_kind *kind, const struct plan_id_maps *maps,
			struct err *err)
{
	if (err->code != EPERM || kind->capability != CAP_SETUID ||
	    host_has_capability(CAP_SETFCAP))
		return -err->code;
	for (size_t i = 0; i < maps->n; i++)
		if (maps->v[i].outside == 0)
			return err_hint(err,
					"mapping uid 0 needs CAP_SETFCAP: let another user do "
					"this, or give that capability to the container around");
	return -err->code;
}

static int write_directly(pid_t pid, const struct id_kind *kind, const struct plan_id_maps *maps,
			  struct err *err)
{
	char text[PLAN_ID_MAPS_MAX * ID_MAP_LINE], path[64];
	size_t len = 0;
	int ret;

	for (size_t i = 0; i < maps->n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u %u %u\n",
					maps->v[i].inside, maps->v[i].outside, maps->v[i].size);
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, kind->file);
	ret = io_write_file(AT_FDCWD, path, text);
	if (ret == 0)
		return 0;
	err_errno(err, ret, "write the id map %s", kind->file);
	return explain_root(kind, maps, err);
}

/* What is missing, when there is a mapping that the caller has no line for. */
static int explain_range(const struct id_kind *kind, const struct plan_id_maps *maps,
			 struct err *err)
{
	AUTO(arena) struct arena *arena = NULL;
	struct host host = { .euid = geteuid(), .egid = getegid() };
	struct err no_memory;

	if (arena_new(HOST_ARENA_BYTES, &arena, &no_memory) < 0)
		return -err->code;
	subid_gather(arena, &host);
	for (size_t i = 0; i < maps->n; i++) {
		const struct plan_id_map *map = &maps->v[i];
		bool is_user = kind->capability == CAP_SETUID;
		char pointer[64], hint[ERR_HINT_MAX];

		if (plan_id_is_own(map, is_user ? host.euid : host.egid) ||
		    plan_ids_cover(is_user ? &host.subuids : &host.subgids, map))
			continue;
		snprintf(pointer, sizeof(pointer), "%s/%zu", kind->pointer, i);
		err_pointer(err, pointer);
		subid_advise(&host, map, is_user, hint, sizeof(hint));
		return err_hint(err, "%s", hint);
	}
	return -err->code;
}

/* By the program that may, where we may not. */
static int write_map(pid_t pid, const struct id_kind *kind, const struct plan_id_maps *maps,
		     struct err *err)
{
	bool is_direct = host_has_capability(kind->capability) || is_own_id_alone(kind, maps);

	if (maps->n > PLAN_ID_MAPS_MAX)
		return err_at(err, kind->pointer, E2BIG,
			      "%zu mappings, of which the kernel takes %d", maps->n,
			      PLAN_ID_MAPS_MAX);
	if (is_direct ? write_directly(pid, kind, maps, err) < 0
		      : idmap_program_run(kind->program, pid, maps, err) < 0) {
		if (!is_direct)
			explain_range(kind, maps, err);
		return err_pointer(err, kind->pointer);
	}
	return 0;
}

/*
 * Without privileges the only map of groups is one's own, and only where nobody inside can leave a
 * group that is kept out of something: user_namespaces(7), /proc/PID/setgroups. Where it is written
 * by newgidmap(1), that decides.
 */
static int deny_setgroups(pid_t pid, const struct plan_id_maps *gids, struct err *err)
{
	char path[64];
	int ret;

	if (host_has_capability(CAP_SETGID) || !is_own_id_alone(&kinds[1], gids))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
	ret = io_write_file(AT_FDCWD, path, "deny");
	return ret < 0 ? err_errno(err, ret, "write 'deny' to '%s'", path) : 0;
}

int idmap_write(pid_t pid, const struct plan_id_maps *uids, const struct plan_id_maps *gids,
		struct err *err)
{
	TRY(write_map(pid, &kinds[0], uids, err));
	TRY(deny_setgroups(pid, gids, err));
	return write_map(pid, &kinds[1], gids, err);
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
