/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the caller may not do. Without privileges an id map may hold the caller's own id, and what
 * /etc/subuid and /etc/subgid give; inside a user namespace, only ids that are mapped there.
 */
#include "check.h"

#include "host_facts.h"
#include "io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- ids ---- */

static bool is_inside(const struct plan_id_map *map, const struct host_ids *ids)
{
	return map->outside >= ids->first &&
	       (uint64_t)map->outside + map->size <= ids->first + ids->count;
}

static bool has_map(void *context, const struct host_ids *ids)
{
	return is_inside(context, ids);
}

/* Whether all of @map is mapped where we are; @path is our own map. */
static bool is_mapped_here(const char *path, const struct plan_id_map *map)
{
	FILE *in = fopen(path, "re");
	struct host_ids ids;
	bool is_found = !in;

	while (in && !is_found &&
	       fscanf(in, "%" SCNu64 " %*u %" SCNu64, &ids.first, &ids.count) == 2)
		is_found = is_inside(map, &ids);
	if (in)
		fclose(in);
	return is_found;
}

static const struct id_kind {
	const char *name, *pointer, *own_map, *subordinate;
} kinds[] = {
	{ "user", "/linux/uidMappings", "/proc/self/uid_map", "/etc/subuid" },
	{ "group", "/linux/gidMappings", "/proc/self/gid_map", "/etc/subgid" },
};

static void check_map(const struct check *check, const struct id_kind *kind,
		      struct plan_id_map *map, size_t index, uint32_t own_id)
{
	bool is_own = map->size == 1 && map->outside == own_id;
	char at[64];

	snprintf(at, sizeof(at), "%s/%zu", kind->pointer, index);
	if (!is_mapped_here(kind->own_map, map))
		problem_error(check->sink, at, NULL,
			      "%s ids %" PRIu32 " to %" PRIu64 " do not exist here: see %s",
			      kind->name, map->outside, (uint64_t)map->outside + map->size - 1,
			      kind->own_map);
	else if (!is_own && !host_has_capability(kind == kinds ? CAP_SETUID : CAP_SETGID))
		problem_error(check->sink, at,
			      host_find_subordinate(kind->subordinate, has_map, map)
				      ? "the range is yours: let an engine map it, with newuidmap"
				      : NULL,
			      "mapping %s ids %" PRIu32 " to %" PRIu64
			      " needs privileges; without them it is your own id alone",
			      kind->name, map->outside, (uint64_t)map->outside + map->size - 1);
}

static void check_ids(const struct check *check)
{
	const struct plan_namespaces *ns = &check->plan->ns;

	for (size_t i = 0; i < ns->uids.n && ns->has_uid_gid_maps; i++)
		check_map(check, &kinds[0], &ns->uids.v[i], i, geteuid());
	for (size_t i = 0; i < ns->gids.n && ns->has_uid_gid_maps; i++)
		check_map(check, &kinds[1], &ns->gids.v[i], i, getegid());
}

static void check_namespaces(const struct check *check)
{
	const struct plan_namespaces *ns = &check->plan->ns;

	if (ns->create & ~(uint64_t)CLONE_NEWUSER && !(ns->create & CLONE_NEWUSER) &&
	    !host_has_capability(CAP_SYS_ADMIN))
		problem_error(check->sink, "/linux/namespaces", "add {\"type\": \"user\"}",
			      "namespaces need root, or a user namespace");
}

/* ---- limits ---- */

static void check_limits(const struct check *check)
{
	const struct plan_process *process = &check->plan->process;

	if (host_has_capability(CAP_SYS_RESOURCE))
		return;
	for (size_t i = 0; i < process->n_rlimits; i++) {
		const struct plan_rlimit *limit = &process->rlimits[i];
		struct rlimit now;

		if (getrlimit((__rlimit_resource_t)limit->resource, &now) < 0 ||
		    limit->hard <= now.rlim_max)
			continue;
		problem_error(check->sink, limit->origin, NULL,
			      "raising the hard limit of %s above %" PRIu64
			      " needs CAP_SYS_RESOURCE",
			      limit->name, (uint64_t)now.rlim_max);
	}
}

static void check_oom_score(const struct check *check)
{
	const struct plan_process *process = &check->plan->process;
	char now[16];

	if (!process->has_oom_score_adj || host_has_capability(CAP_SYS_RESOURCE) ||
	    io_read_small(AT_FDCWD, "/proc/self/oom_score_adj", now, sizeof(now)) <= 0)
		return;
	if (process->oom_score_adj < atoi(now))
		problem_error(check->sink, "/process/oomScoreAdj", NULL,
			      "lowering the score from %s to %d needs CAP_SYS_RESOURCE", now,
			      process->oom_score_adj);
}

void check_rights(const struct check *check)
{
	check_namespaces(check);
	check_ids(check);
	check_limits(check);
	check_oom_score(check);
}
