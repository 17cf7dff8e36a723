/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places in the container where something is to be put: mount points, devices, the working directory.
 * What lies in the root file system, or in the source of a mount that covers it, is looked at; what
 * a new filesystem or a hook brings is not known.
 */
#include "check.h"

#include "fd.h"
#include "path.h"
#include "rootpath.h"
#include "target_cause.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* A place as the host finds it. */
struct place {
	const char *base; /* a directory of the host */
	const char *path; /* of the place in it */
	bool is_readonly;
};

/* Of the place @target, before the mount with the index @n. False: nobody can know. */
static bool find_place(const struct plan_rootfs *rootfs, const char *target, size_t n,
		       struct place *ret_place)
{
	*ret_place = (struct place){ .base = rootfs->path, .path = target };
	for (size_t i = 0; i < n; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];
		uint64_t attr = mount->attr_set | mount->rec_attr_set;

		if (!path_is_below(target, mount->target))
			continue;
		if (mount->kind != PLAN_MOUNT_BIND)
			return false;
		*ret_place = (struct place){ .base = mount->source,
					     .path = target + strlen(mount->target),
					     .is_readonly = attr & MOUNT_ATTR_RDONLY };
		if (!ret_place->path[0])
			ret_place->path = "/";
	}
	return true;
}

static bool is_on_readonly(int fd)
{
	struct statvfs fs;

	return fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

/* The errno of what would go wrong in making @place; 0: nothing, as far as that can be seen. */
static int judge(const struct place *place, int base_fd, bool needs_dir)
{
	AUTO_FD fd = rootpath_open(base_fd, place->path, O_PATH);
	struct stat st;

	if (fd >= 0)
		return needs_dir && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode) ? ENOTDIR : 0;
	if (errno == ENOENT)
		return place->is_readonly || is_on_readonly(base_fd) ? EROFS : 0;
	return errno == ENOTDIR || errno == ELOOP ? errno : 0;
}

bool check_is_brought(const struct plan_rootfs *rootfs, const char *path)
{
	struct place place;
	AUTO_FD base_fd = -1;
	AUTO_FD fd = -1;

	if (!find_place(rootfs, path, rootfs->n_mounts, &place) || place.base == rootfs->path)
		return false;
	base_fd = open(place.base, O_PATH | O_CLOEXEC);
	if (base_fd < 0 || strcmp(place.path, "/") == 0)
		return base_fd >= 0;
	fd = rootpath_open(base_fd, place.path, O_PATH);
	return fd >= 0;
}

static void check_place(const struct check *check, const char *target, size_t n_mounts,
			bool needs_dir, const char *origin)
{
	struct place place;
	struct err err = { 0 };
	AUTO_FD base_fd = -1;
	int errnum;

	if (!find_place(&check->plan->rootfs, target, n_mounts, &place))
		return;
	base_fd = open(place.base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	errnum = base_fd < 0 ? 0 : judge(&place, base_fd, needs_dir);
	if (!errnum)
		return;
	err_set(&err, errnum, "'%s' in the container: %s", target, strerror(errnum));
	/* In the root file system paths are as the container has them. */
	if (place.base == check->plan->rootfs.path)
		target_explain(base_fd, place.path, &err);
	else if (errnum == EROFS)
		err_hint(&err, "make '%s' in '%s', or list the mount that is read-only later",
			 place.path, place.base);
	problem_error(check->sink, origin, err.hint, "%s", err.text);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

void check_places(const struct check *check)
{
	const struct plan *plan = check->plan;
	const struct plan_rootfs *rootfs = &plan->rootfs;

	if (!rootfs->path || plan->ns.join & CLONE_NEWNS)
		return;
	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];
		bool needs_dir = mount->kind != PLAN_MOUNT_BIND || is_directory(mount->source);

		if (mount->kind != PLAN_MOUNT_REMOUNT)
			check_place(check, mount->target, i, needs_dir, mount->origin);
	}
	for (size_t i = 0; i < rootfs->n_devices; i++)
		check_place(check, rootfs->devices[i].path, rootfs->n_mounts, false,
			    rootfs->devices[i].origin);
	if (plan->has_process)
		check_place(check, plan->process.cwd, rootfs->n_mounts, true, "/process/cwd");
}
