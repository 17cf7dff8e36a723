/* SPDX-License-Identifier: Apache-2.0 */
/* Carries out one planned mount by descriptors; runs in the child, in its mount namespace. */
#ifndef OCIRUN_EXEC_MOUNT_H
#define OCIRUN_EXEC_MOUNT_H

#include "err.h"
#include "mountapi.h"
#include "plan.h"

#include <stdbool.h>

struct mount_context {
	const struct mount_ops *ops;
	int root_fd;                      /* the container's root directory */
	const struct plan_cgroup *cgroup; /* for views of it; NULL: the host has none */
	bool has_cgroup_ns;               /* the view is rooted at the container's cgroup */
	const char *label;                /* SELinux context of new filesystems, or NULL */
	const char *label_option;         /* that it is given with: "context" */
	/* Gives a tree that was opened in the container's root its id map: the parent's work. */
	int (*map_ids)(void *context, const struct plan_mount *mount, int mnt_fd, struct err *err);
	void *context; /* for map_ids */
};

/*
 * Makes @mount. *@mnt_fd is the detached tree that the parent opened for a bind mount, or -1: the
 * source is opened here. It becomes that of the new mount when mount_finish() will have to set more.
 * Errors carry the mount's origin. Linux 5.12.
 */
int mount_exec(const struct mount_context *ctx, const struct plan_mount *mount, int *mnt_fd,
	       struct err *err);

/* Sets the attributes that had to wait until all is in place. */
int mount_finish(const struct mount_ops *ops, const struct plan_mount *mount, int mnt_fd,
		 struct err *err);

/*
 * Opens the source of a bind mount as a detached tree, with its options set except for an id map:
 * in the child, or in the parent when a mapped root could not reach it. fd or -errno.
 */
int mount_open_source(const struct mount_ops *ops, const struct plan_mount *mount, struct err *err);

/*
 * Opens the sources that are the host's root and all below it, before the container's root file
 * system is attached there: it would be on top of the copy. In a mount namespace of others all trees,
 * since any may have it below. @mnt_fds has a descriptor for each mount.
 */
int mount_open_root_sources(const struct mount_ops *ops, const struct plan_rootfs *rootfs,
			    int *mnt_fds, struct err *err);

/* Attaches the detached @mnt_fd on an existing target, O_PATH. 0 or -errno. */
int mount_attach(const struct mount_ops *ops, int mnt_fd, int target_fd, const char *target,
		 struct err *err);

#endif
