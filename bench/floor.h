/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include "profile.h"

#include <stddef.h>

#define LENGTH(x) (sizeof(x) / sizeof((x)[0]))

#define MUST(call)                                                                                 \
	__extension__({                                                                            \
		long ret_ = (long)(call);                                                          \
		if (ret_ < 0)                                                                      \
			floor_fail(#call);                                                         \
		ret_;                                                                              \
	})

__attribute__((noreturn)) void floor_fail(const char *call);

/* The v1 hierarchies of the host, and the container's cgroup in each. */
#define N_HIERARCHIES 9
extern const char *const floor_hierarchies[N_HIERARCHIES];
void floor_cgroup_path(char *path, size_t size, size_t hierarchy);

/* From the host's root to the container's: in its mount namespace. Before and after the hooks. */
void floor_make_root(const struct floor_profile *profile, const char *bundle);
void floor_enter_root(const struct floor_profile *profile);

#endif
