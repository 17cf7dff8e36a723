/* SPDX-License-Identifier: Apache-2.0 */
/* Where a container's cgroups are: what the state record keeps of them. Strings are borrowed. */
#ifndef OCIRUN_SYS_CGROUP_PATHS_H
#define OCIRUN_SYS_CGROUP_PATHS_H

#include <stdbool.h>
#include <stddef.h>

struct cgroup_path {
	bool is_v2;
	const char *controllers; /* v1 "cpu,cpuacct"; v2 "cpu memory" */
	const char *dir;         /* absolute */
	unsigned created_levels; /* directories, from `dir` upwards, that did not exist before */
};

struct cgroup_paths {
	size_t n;
	struct cgroup_path *v;
};

#endif
