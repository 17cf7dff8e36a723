/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts, as far as they can be tried without being made: options are given to a filesystem that is
 * never created, and ids are mapped in a copy of a mount that is attached nowhere.
 */
#include "check.h"

#include "fd.h"
#include "host_facts.h"
#include "idmap.h"
#include "mountapi.h"
#include "mount_cause.h"
#include "mount_legacy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- new filesystems ---- */

/* A kernel with modules may find the type yet, when it is asked for it. */
static bool check_type(const struct check *check, const struct plan_mount *mount)
{
	/* "fuse.sshfs" is fuse with a subtype */
	size_t len = strcspn(mount->type, ".");
	char type[64];

	snprintf(type, sizeof(type), "%.*s", (int)len, mount->type);
	if (host_has_filesystem(type))
		return true;
	if (host_has_modules())
		problem_warning(check->sink, mount->origin, NULL,
				"filesystem '%s' is not in /proc/filesystems: the kernel has to "
				"find a module for it",
				type);
	else
		problem_error(check->sink, mount->origin, "see /proc/filesystems",
			      "this kernel has no filesystem '%s'", type);
	return false;
}

/* The source of one that lies on a block device. */
static void check_device(const struct check *check, const struct plan_mount *mount)
{
	struct stat st;

	if (!host_needs_device(mount->type) || mount->source[0] != '/')
		return;
	if (stat(mount->source, &st) < 0)
		problem_error(check->sink, mount->origin, NULL, "the source '%s': %s",
			      mount->source, strerror(errno));
	else if (!S_ISBLK(st.st_mode))
		problem_error(check->sink, mount->origin, "losetup makes one of a file",
			      "the source '%s' is no block device", mount->source);
}

/* What the kernel has against an option by itself: its name, its form, a directory in it. */
static void check_param(const struct check *check, const struct plan_mount *mount, int fs_fd,
			const struct plan_fs_param *param)
{
	char messages[512];
	struct err err = { 0 };

	if (mount_kernel.fs_set(fs_fd, param->key, param->value) == 0)
		return;
	err_sys(&err, "option '%s'", param->key);
	mount_fs_log(fs_fd, messages, sizeof(messages));
	mount_explain_param(mount, param, &err);
	problem_error(check->sink, mount->origin, err.hint, "%s%s%s%s", err.text,
		      messages[0] ? " (" : "", messages, messages[0] ? ")" : "");
}

static void check_params(const struct check *check, const struct plan_mount *mount)
{
	AUTO_FD fs_fd = -1;

	/* Of fuse one is a descriptor, which the container's process has and this one has not. */
	if (!host_has_capability(CAP_SYS_ADMIN) || mount_is_too_long(mount) ||
	    strncmp(mount->type, "fuse", strlen("fuse")) == 0)
		return;
	fs_fd = mount_kernel.fs_open(mount->type);
	for (size_t i = 0; fs_fd >= 0 && i < mount->n_params; i++)
		check_param(check, mount, fs_fd, &mount->params[i]);
}

/* ---- ids ---- */

static void check_idmap(const struct check *check, const struct plan_mount *mount)
{
	struct plan_id_map map = { .inside = 0, .outside = 1, .size = 1 };
	const struct plan_id_maps maps = { .n = 1, .v = &map };
	struct err err = { 0 };
	AUTO_FD tree_fd = -1;
	AUTO_FD userns_fd = -1;

	if (!mount->idmap || check->host->in_user_ns)
		return;
	tree_fd = mount_kernel.tree_clone(AT_FDCWD, mount->source, false);
	userns_fd = tree_fd < 0 ? -1 : idmap_open_userns(&maps, &maps, &err);
	if (userns_fd < 0 || idmap_mount(tree_fd, mount, userns_fd, &err) == 0)
		return;
	problem_error(check->sink, mount->origin, err.hint, "the ids of '%s' cannot be mapped: %s",
		      mount->source, strerror(err.code));
}

void check_mounts(const struct check *check)
{
	const struct plan_rootfs *rootfs = &check->plan->rootfs;

	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];

		if (mount->kind == PLAN_MOUNT_BIND)
			check_idmap(check, mount);
		if (mount->kind != PLAN_MOUNT_NEW || !check_type(check, mount))
			continue;
		check_device(check, mount);
		check_params(check, mount);
	}
}
