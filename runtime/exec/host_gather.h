/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers the facts about this host that a plan depends on, in few system calls. */
#ifndef OCIRUN_EXEC_HOST_GATHER_H
#define OCIRUN_EXEC_HOST_GATHER_H

#include "arena.h"
#include "err.h"
#include "host.h"

/* What an arena for the facts has to hold: a few paths for each of a few dozen hierarchies. */
#define HOST_ARENA_BYTES (4u << 20)

/*
 * Asks for no privilege. Cgroup hierarchies that are not mounted are left out: a host without any
 * has n_hierarchies = 0. All memory is in @arena.
 */
int host_gather(struct arena *arena, struct host **ret_host, struct err *err);

/* Where the facts come from; a test gives others. */
struct host_sources {
	const char *cgroup_root; /* "/sys/fs/cgroup" */
	const char *proc_self;   /* "/proc/self" */
	/* CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, another file system's number, 0: none, -errno */
	long (*fs_type)(const char *path);
	bool (*shows_all)(const char *mount); /* or a part of the hierarchy, as in a container */
};
int host_gather_from(const struct host_sources *sources, struct arena *arena,
		     struct host **ret_host, struct err *err);

#endif
