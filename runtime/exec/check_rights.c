/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the caller may not do. Without privileges an id map may hold the caller's own id, and what
 * /etc/subuid and /etc/subgid give; inside a user namespace, only ids that are mapped there.
 */
#include "check.h"

#include "io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool has_capability(unsigned capability)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &head, data) < 0)
		return false;
	return data[capability / 32].effective & (1u << capability % 32);
}

/* ---- ids ---- */

/* A range of ids that may be mapped. */
struct range {
	uint64_t first, count;
};

static bool is_inside(const struct plan_id_map *map, const struct range *range)
{
	return map->outside >= range->first &&
	       (uint64_t)map->outside + map->size <= range->first + range->count;
}

/* The caller's name in /etc/passwd, or "". */
static void own_name(char *name, size_t size)
{
	FILE *in = fopen("/etc/passwd", "re");
	struct passwd entry, *found;
	char text[1024];

	name[0] = '\0';
	while (in && fgetpwent_r(in, &entry, text, sizeof(text), &found) == 0)
		if (entry.pw_uid == geteuid())
			snprintf(name, size, "%s", entry.pw_name);
	if (in)
		fclose(in);
}

/* Whether a line "NAME:FIRST:COUNT" of @path, of the caller's name or id, has all of @map. */
static bool is_subordinate(const char *path, const struct plan_id_map *map)
{
	FILE *in = fopen(path, "re");
	char *line = NULL, id[24], name[64];
	size_t size = 0;
	bool is_found = false;

	snprintf(id, sizeof(id), "%u", geteuid());
	own_name(name, sizeof(name));
	while (in && !is_found && getline(&line, &size, in) > 0) {
		char *colon = strchr(line, ':');
		struct range range;

		if (!colon ||
		    sscanf(colon + 1, "%" SCNu64 ":%" SCNu64, &range.first, &range.count) != 2)
			continue;
		*colon = '\0';
		is_found = (strcmp(line, id) == 0 || strcmp(line, name) == 0) &&
			   is_inside(map, &range);
	}
	free(line);
	if (in)
		fclose(in);
	return is_found;
}

/* Whether all of @map is mapped where we are; @path is our own map. */
static bool is_mapped_here(const char *path, const struct plan_id_map *map)
{
	FILE *in = fopen(path, "re");
	struct range range;
	bool is_found = !in;

	while (in && !is_found &&
	       fscanf(in, "%" SCNu64 " %*u %" SCNu64, &range.first, &range.count) == 2)
		is_found = is_inside(map, &range);
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
		      const struct plan_id_map *map, size_t index, uint32_t own_id)
{
	bool is_own = map->size == 1 && map->outside == own_id;
	char at[64];

	snprintf(at, sizeof(at), "%s/%zu", kind->pointer, index);
	if (!is_mapped_here(kind->own_map, map))
		problem_error(check->sink, at, NULL,
			      "%s ids %" PRIu32 " to %" PRIu64 " do not exist here: see %s",
			      kind->name, map->outside, (uint64_t)map->outside + map->size - 1,
			      kind->own_map);
	else if (!is_own && !has_capability(kind == kinds ? CAP_SETUID : CAP_SETGID))
		problem_error(check->sink, at,
			      is_subordinate(kind->subordinate, map)
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
	    !has_capability(CAP_SYS_ADMIN))
		problem_error(check->sink, "/linux/namespaces", "add {\"type\": \"user\"}",
			      "namespaces need root, or a user namespace");
}

/* ---- limits ---- */

static void check_limits(const struct check *check)
{
	const struct plan_process *process = &check->plan->process;

	if (has_capability(CAP_SYS_RESOURCE))
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

	if (!process->has_oom_score_adj || has_capability(CAP_SYS_RESOURCE) ||
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
