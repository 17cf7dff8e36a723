/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root in a mount namespace that is not the container's own. It is bound onto itself, at its own
 * path, and all mounts of the container hang below that one mount, from which nothing propagates:
 * who else lives there sees them, and to detach it takes them all away. No other mount is changed.
 *
 * The mount is recorded before it is attached: a detached mount has its number already, and goes away
 * with its last descriptor. So there is no moment at which it could be forgotten.
 */
#ifndef OCIRUN_EXEC_BOUND_ROOT_H
#define OCIRUN_EXEC_BOUND_ROOT_H

#include "err.h"
#include "mountapi.h"
#include "plan.h"
#include "root_mount.h"

/* Before anything is made: whether the caller may mount in the namespace that it is in. */
int bound_root_check(const struct mount_ops *ops, const struct plan_rootfs *rootfs,
		     struct err *err);

/* In the child: the directory that the mount will be attached to, and the mount, detached yet. */
int bound_root_open(const struct mount_ops *ops, const struct plan_rootfs *rootfs,
		    int *ret_place_fd, int *ret_tree_fd, struct err *err);
int bound_root_attach(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int place_fd,
		      int tree_fd, struct err *err);

/* In the parent: what is to be recorded of the child's tree. @ns_fd: the joined namespace, or -1. */
int bound_root_identify(int tree_fd, int ns_fd, struct root_mount *ret_mount, struct err *err);

/*
 * Detaches it and all that is mounted below it, wherever it is by now; @path is where it was
 * attached, in its namespace. It is no error when it is gone already, or its namespace is; no mount
 * but this one, and what lies on it, is ever touched.
 */
int bound_root_remove(const struct root_mount *mount, const char *path, struct err *err);

#endif
