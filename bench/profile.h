/* SPDX-License-Identifier: Apache-2.0 */
/* What a config.json asks of the kernel, written down by hand: the floor reads no config. */
#ifndef BENCH_PROFILE_H
#define BENCH_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct floor_mount {
	const char *type;   /* NULL: a bind mount */
	const char *source; /* of a bind mount: a path in the bundle */
	const char *target;
	unsigned int attr;
	const char *const
		*params; /* names, each with its value, which is "" for a flag; NULL ends */
	bool is_private;
};

struct floor_limit {
	int resource;
	rlim_t value;
};

struct floor_write {
	const char *file, *value;
};

/* Lists end with NULL, or with an entry of zeros. */
struct floor_profile {
	const char *name;
	const struct floor_mount *mounts; /* the type "cgroup" stands for one of each hierarchy */
	const char *const *readonly, *const *masked;
	const char *const *device_rules; /* behind "deny all" */
	const struct floor_limit *limits;
	const struct floor_write *sysctls; /* files below /proc/sys */
	const char *pids_max, *oom_score_adj;
	const char *hook; /* prestart; on the host */
	uint64_t caps;
	gid_t gids[2];
	size_t n_gids;
	bool has_no_new_privs, is_readonly;
};

const struct floor_profile *profile_find(const char *name);

#endif
