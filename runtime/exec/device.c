/* SPDX-License-Identifier: Apache-2.0 */
/* mknod below the container's root, without following what the image put there. */
#include "device.h"

#include "fd.h"
#include "mount.h"
#include "rootpath.h"
#include "target_cause.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool is_node(const struct stat *st, const struct plan_device *device)
{
	return (st->st_mode & S_IFMT) == device->type &&
	       (device->type == S_IFIFO || st->st_rdev == makedev(device->major, device->minor));
}

static int err_parent(int root_fd, const char *path, struct err *err)
{
	err_sys(err, "make the directory of '%s' in the container", path);
	return target_explain(root_fd, path, err);
}

static int check_same(int fd, const struct plan_device *device, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, "stat '%s' in the container", device->path);
	if (!is_node(&st, device))
		return err_set(err, EEXIST, "'%s' exists in the container and is another file",
			       device->path);
	return 0;
}

/* The host's node in the place of one that we may not make. */
static int bind_host_node(const struct mount_ops *ops, int parent_fd, const char *name,
			  const struct plan_device *device, struct err *err)
{
	AUTO_FD mnt_fd = ops->tree_clone(AT_FDCWD, device->path, false);
	AUTO_FD made_fd = -1;
	AUTO_FD target_fd = -1;

	if (mnt_fd < 0)
		return err_sys(err, "open the host's '%s', since no node can be made here",
			       device->path);
	TRY(check_same(mnt_fd, device, err));
	made_fd = openat(parent_fd, name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (made_fd < 0 && errno != EEXIST)
		return err_sys(err, "make the mount point '%s'", device->path);
	target_fd = openat(parent_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (target_fd < 0)
		return err_sys(err, "open the mount point '%s'", device->path);
	return mount_attach(ops, mnt_fd, target_fd, device->path, err);
}

/*
 * An empty file is no other thing than a place for a node: what an earlier run has left to mount on,
 * and what images have for those that they cannot hold.
 */
static bool is_mount_point(int fd, const struct plan_device *device)
{
	struct stat there, host;

	return fstat(fd, &there) == 0 && S_ISREG(there.st_mode) && there.st_size == 0 &&
	       stat(device->path, &host) == 0 && is_node(&host, device);
}

static int make_node(const struct mount_ops *ops, int root_fd, const struct plan_device *device,
		     struct err *err)
{
	const char *name;
	AUTO_FD parent_fd = rootpath_make_parent(root_fd, device->path, &name);
	AUTO_FD there_fd = -1;

	if (parent_fd < 0)
		return err_parent(root_fd, device->path, err);
	if (mknodat(parent_fd, name, device->type | device->mode,
		    makedev(device->major, device->minor)) < 0) {
		if (errno == EPERM)
			return bind_host_node(ops, parent_fd, name, device, err);
		if (errno != EEXIST)
			return err_sys(err, "mknod '%s'", device->path);
		there_fd = openat(parent_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (there_fd < 0)
			return err_sys(err, "open '%s' in the container", device->path);
		if (device->type != S_IFIFO && is_mount_point(there_fd, device))
			return bind_host_node(ops, parent_fd, name, device, err);
		return check_same(there_fd, device, err);
	}
	if ((device->uid || device->gid) &&
	    fchownat(parent_fd, name, device->uid, device->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "chown '%s'", device->path);
	return 0;
}

int device_make(const struct mount_ops *ops, int root_fd, const struct plan_device *device,
		struct err *err)
{
	int ret = make_node(ops, root_fd, device, err);

	if (ret < 0)
		err_path(err, device->path);
	return ret < 0 ? err_pointer(err, device->origin) : 0;
}

int device_link(int root_fd, const struct plan_link *link, struct err *err)
{
	const char *name;
	AUTO_FD parent_fd = rootpath_make_parent(root_fd, link->path, &name);

	if (parent_fd < 0)
		return err_parent(root_fd, link->path, err);
	if (symlinkat(link->target, parent_fd, name) < 0 && errno != EEXIST)
		return err_sys(err, "make the link '%s'", link->path);
	return 0;
}
