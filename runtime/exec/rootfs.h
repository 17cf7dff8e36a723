/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's root file system, built in the child's mount namespace. The order of calls is
 * the order of the functions here.
 */
#ifndef OCIRUN_EXEC_ROOTFS_H
#define OCIRUN_EXEC_ROOTFS_H

#include "err.h"
#include "mountapi.h"
#include "plan.h"

/* Stops mount events between the host and us, as the plan's propagation says. */
int rootfs_isolate(const struct plan_rootfs *rootfs, struct err *err);

/*
 * Attaches the root file system in our namespace. @tree_fd is the detached tree that the parent opened, or -1.
 * *@ret_root_fd is the root directory, an O_PATH descriptor on its mount. Without a mount namespace
 * it is just the directory; with mounts all the same see bound_root.h.
 */
int rootfs_attach(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int tree_fd,
		  int *ret_root_fd, struct err *err);

/* The rootfs as a detached tree, opened by a parent on behalf of a mapped root. fd or -errno. */
int rootfs_open_tree(const struct mount_ops *ops, const struct plan_rootfs *rootfs,
		     struct err *err);

/* Device nodes and links, after the mounts. */
int rootfs_make_devices(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int root_fd,
			struct err *err);

/* readonlyPaths, then maskedPaths; what does not exist needs no protection. */
int rootfs_protect_paths(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int root_fd,
			 struct err *err);

/* The root mount itself becomes read-only when the plan says so: nothing is made after this. */
int rootfs_make_readonly(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int root_fd,
			 struct err *err);

/*
 * Makes @root_fd the root and the working directory: pivot_root(2) and the old root gone; with
 * no_pivot by moving the mount, and without a mount namespace by chroot(2) alone.
 */
int rootfs_enter(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int root_fd,
		 struct err *err);

#endif
