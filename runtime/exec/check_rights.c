/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the caller may not do. Without privileges an id map may hold the caller's own id, and what
 * /etc/subuid and /etc/subgid give; inside a user namespace, only ids that are mapped there.
 */
#include "check.h"

#include "bound_root.h"
#include "host_facts.h"
#include "idmap_program.h"
#include "io.h"
#include "own_ids.h"
#include "subid.h"

#include <errno.h>
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
	const char *name, *pointer, *own_map, *subordinate, *program;
	unsigned int capability;
} kinds[] = {
	{ "user", "/linux/uidMappings", "/proc/self/uid_map", "/etc/subuid", "newuidmap",
	  CAP_SETUID },
	{ "group", "/linux/gidMappings", "/proc/self/gid_map", "/etc/subgid", "newgidmap",
	  CAP_SETGID },
};

/* Others than one's own alone, of which each has to be one's own or in a range that is given. */
static void check_range(const struct check *check, const struct id_kind *kind,
			const struct plan_id_map *map, const char *at)
{
	const struct host *host = check->host;
	bool is_user = kind->capability == CAP_SETUID;
	char hint[ERR_HINT_MAX];

	if (plan_id_is_own(map, is_user ? host->euid : host->egid) ||
	    plan_ids_cover(is_user ? &host->subuids : &host->subgids, map))
		return;
	subid_advise(host, map, is_user, hint, sizeof(hint));
	problem_error(check->sink, at, hint,
		      "%s ids %" PRIu32 " to %" PRIu64 " are not yours to map: %s does not have "
		      "them",
		      kind->name, map->outside, (uint64_t)map->outside + map->size - 1,
		      kind->subordinate);
}

static void check_maps(const struct check *check, const struct id_kind *kind,
		       const struct plan_id_maps *maps, uint32_t own)
{
	bool is_free = host_has_capability(kind->capability) ||
		       (maps->n == 1 && plan_id_is_own(&maps->v[0], own));
	char at[64], path[IDMAP_PROGRAM_PATH_MAX];
	struct err err = { 0 };

	for (size_t i = 0; i < maps->n; i++) {
		const struct plan_id_map *map = &maps->v[i];

		snprintf(at, sizeof(at), "%s/%zu", kind->pointer, i);
		if (!is_mapped_here(kind->own_map, map))
			problem_error(check->sink, at, NULL,
				      "%s ids %" PRIu32 " to %" PRIu64 " do not exist here: see %s",
				      kind->name, map->outside,
				      (uint64_t)map->outside + map->size - 1, kind->own_map);
		else if (!is_free)
			check_range(check, kind, map, at);
	}
	if (!is_free && idmap_program_find(kind->program, path, &err) < 0) {
		err_pointer(&err, kind->pointer);
		problem_of_err(check->sink, false, &err);
	}
}

static void check_ids(const struct check *check)
{
	const struct plan_namespaces *ns = &check->plan->ns;

	if (!ns->has_uid_gid_maps)
		return;
	check_maps(check, &kinds[0], &ns->uids, check->host->euid);
	check_maps(check, &kinds[1], &ns->gids, check->host->egid);
}

static void check_namespaces(const struct check *check)
{
	const struct plan_namespaces *ns = &check->plan->ns;

	if (ns->create & ~(uint64_t)CLONE_NEWUSER && !(ns->create & CLONE_NEWUSER) &&
	    !host_has_capability(CAP_SYS_ADMIN))
		problem_error(check->sink, "/linux/namespaces", "add {\"type\": \"user\"}",
			      "namespaces need root, or a user namespace");
}

static void check_mounting(const struct check *check)
{
	const struct plan *plan = check->plan;
	struct err err = { 0 };

	/* What is wrong with the path is said of it elsewhere. */
	if (plan->rootfs.is_bound && !(plan->ns.join & CLONE_NEWNS) &&
	    bound_root_check(&mount_kernel, &plan->rootfs, &err) == -EPERM)
		problem_of_err(check->sink, false, &err);
}

/* ---- limits, scheduling ---- */

#define DEADLINE_RUNTIME_MIN 1024 /* ns: DL_SCALE of the kernel */

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

static uint64_t rlimit_of(const struct plan_process *process, int resource)
{
	struct rlimit now;

	for (size_t i = 0; i < process->n_rlimits; i++)
		if (process->rlimits[i].resource == resource)
			return process->rlimits[i].soft;
	return getrlimit((__rlimit_resource_t)resource, &now) < 0 ? RLIM_INFINITY : now.rlim_cur;
}

/* The kernel asks for the capability where the host is: in a user namespace nobody has it. */
static bool may_schedule(const struct check *check)
{
	return host_has_capability(CAP_SYS_NICE) && !check->host->in_user_ns &&
	       !((check->plan->ns.create | check->plan->ns.join) & CLONE_NEWUSER);
}

static void check_deadline(const struct check *check)
{
	const struct plan_process *process = &check->plan->process;
	uint64_t runtime = process->scheduler.runtime, deadline = process->scheduler.deadline;
	uint64_t period = process->scheduler.period ? process->scheduler.period : deadline;

	if (runtime < DEADLINE_RUNTIME_MIN || runtime > deadline || deadline > period)
		problem_error(check->sink, "/process/scheduler", "the values are in nanoseconds",
			      "of SCHED_DEADLINE the runtime is %d at least, and not above the "
			      "deadline, which is not above the period",
			      DEADLINE_RUNTIME_MIN);
}

static void check_scheduler(const struct check *check)
{
	const struct plan_process *process = &check->plan->process;
	bool is_realtime =
		process->scheduler.policy == SCHED_FIFO || process->scheduler.policy == SCHED_RR;

	if (!process->has_scheduler)
		return;
	if (process->scheduler.policy == SCHED_DEADLINE)
		check_deadline(check);
	if (may_schedule(check))
		return;
	if (process->scheduler.policy == SCHED_DEADLINE ||
	    (is_realtime && rlimit_of(process, RLIMIT_RTPRIO) < process->scheduler.priority))
		problem_error(check->sink, "/process/scheduler",
			      is_realtime ? "raise RLIMIT_RTPRIO in /process/rlimits" : NULL,
			      "a real-time policy needs CAP_SYS_NICE on the host");
}

void check_rights(const struct check *check)
{
	check_namespaces(check);
	check_mounting(check);
	check_ids(check);
	check_limits(check);
	check_oom_score(check);
	check_scheduler(check);
}
