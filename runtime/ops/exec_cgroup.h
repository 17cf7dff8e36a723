/* SPDX-License-Identifier: Apache-2.0 */
/* Which cgroups a process of `exec` joins: --cgroup, or the container's. Private to this layer. */
#ifndef OCIRUN_OPS_EXEC_CGROUP_H
#define OCIRUN_OPS_EXEC_CGROUP_H

#include "container.h"

struct exec_cgroups {
	struct arena *arena;
	struct cgroup_paths paths;
	const char
		*v2_fallback; /* init's own, where the container's may take no process; or NULL */
};

/*
 * The container's cgroups, each with the path that @args (NULL-terminated, or NULL) give it. The
 * caller calls exec_cgroups_done(), also after a failure.
 */
int exec_cgroups_find(const struct container *container, const char *const *args,
		      struct exec_cgroups *ret_cgroups, struct err *err);
void exec_cgroups_done(struct exec_cgroups *cgroups);

#endif
