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

#define FLOOR_PATH_MAX 512
/* @dir/@file, close-on-exec; what is made is of its owner alone. */
int floor_open(const char *dir, const char *file, int flags);
void floor_write_pid(const char *dir, pid_t pid);

/* The v1 hierarchies of the host, and the container's cgroup in each. */
#define N_HIERARCHIES 9
extern const char *const floor_hierarchies[N_HIERARCHIES];
void floor_cgroup_path(char *path, size_t size, const char *id, size_t hierarchy);

/* A container's process, before and after it has its root. */
void floor_read_filter(const char *path);
void floor_lead_session(const char *id);
void floor_become_user(const struct floor_profile *profile);
__attribute__((noreturn)) void floor_execute(char **program);

/* From the host's root to the container's: in its mount namespace. Before and after the hooks. */
void floor_make_root(const struct floor_profile *profile, const char *bundle, const char *id);
void floor_enter_root(const struct floor_profile *profile);

/* Commands; see floor.c. */
int floor_state(char **argv);
int floor_start(char **argv);
int floor_kill(char **argv);
int floor_exec(char **argv);

#endif
