/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts of type cgroup and cgroup2: what the container sees of its own cgroups. */
#ifndef OCIRUN_EXEC_CGROUP_VIEW_H
#define OCIRUN_EXEC_CGROUP_VIEW_H

#include "err.h"
#include "mount.h"

/*
 * On a v2 host the container's part of the tree is mounted at the target. On v1 and hybrid hosts a
 * tmpfs holds a directory per hierarchy, and links for controllers that share one. With a cgroup
 * namespace these are mounts of the hierarchies themselves, which it roots at the container's
 * cgroup; without one they are bind mounts of the container's cgroup. The process has to be in its
 * cgroups already. A container for which none is made is in its caller's, and sees that. Returns the mount that was attached on the O_PATH @target_fd, or -errno.
 */
int cgroup_view_mount(const struct mount_context *ctx, const struct plan_mount *mount,
		      int target_fd, struct err *err);

/* Refuses a view where there is nothing to see. 0 or -errno. */
int cgroup_view_check(const struct mount_context *ctx, struct err *err);

#endif
