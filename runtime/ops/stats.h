/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the statistics of cgroups. Private to this layer, but for the tests. */
#ifndef OCIRUN_OPS_STATS_H
#define OCIRUN_OPS_STATS_H

#include "arena.h"
#include "cgroup_paths.h"
#include "ops_stats.h"
#include "rdt_paths.h"

/* What an arena for one reading has to hold. */
#define STATS_ARENA_BYTES (64u << 20)

/* Reads what there is; a file that is missing or unreadable leaves zeroes. Lists are in @arena. */
void stats_read(const struct cgroup_paths *paths, struct arena *arena, struct ops_stats *ret_stats);

/* The same of resctrl, which is mounted at @mount; @paths has a class. */
void stats_read_rdt(const char *mount, const struct rdt_paths *paths, struct arena *arena,
		    struct ops_rdt *ret_rdt);

#endif
