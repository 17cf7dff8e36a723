/* SPDX-License-Identifier: Apache-2.0 */
/* A container's cgroups while something is done to them. Private to cgroup.c and what it consists of. */
#ifndef OCIRUN_EXEC_CGROUP_HANDLE_H
#define OCIRUN_EXEC_CGROUP_HANDLE_H

#include "cgroup.h"

#include <errno.h>

struct cgroup_handle {
	const struct plan_cgroup *plan;
	struct unit *unit;         /* NULL: systemd has no part in it */
	struct cgroup_paths paths; /* as many as hierarchies; dir NULL: done without */
	int *fds;
};

/* Who is not root is refused in these ways, and may do without, or have systemd do it. */
static inline bool cgroup_is_refusal(int ret)
{
	return ret == -EPERM || ret == -EACCES || ret == -EROFS;
}

#endif
