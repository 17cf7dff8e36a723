/* SPDX-License-Identifier: Apache-2.0 */
/* `update`: a plan of values for the cgroups as they are, carried out as a whole. */
#include "container.h"

#include "cgroup.h"
#include "cgroupfs.h"
#include "fd.h"
#include "host_gather.h"
#include "plan_cgroup.h"
#include "rdt.h"
#include "spec.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

DEFINE_AUTO(text, char *, free)

/* Engines still send what Linux has no limit for any more. */
static void forget_kernel_memory(struct spec_resources *resources, const struct log *log)
{
	if ((resources->memory.kernel.set && resources->memory.kernel.value) ||
	    (resources->memory.kernel_tcp.set && resources->memory.kernel_tcp.value))
		log_warning(log, "limits of kernel memory are ignored");
	resources->memory.kernel.set = false;
	resources->memory.kernel_tcp.set = false;
}

/* "max" is unlimited, -1. */
static bool read_limit(const char *text, int64_t *ret_limit)
{
	long long number;

	if (strncmp(text, "max", 3) == 0)
		number = -1;
	else if (sscanf(text, "%lld", &number) != 1)
		return false;
	*ret_limit = number;
	return true;
}

/*
 * Of quota and period, which share a file, the one that is not given stays as it is. So do both where
 * systemd writes the file again, with a rounded quota, whatever it is told of.
 */
static void complete_cpu_max(int fd, bool is_rewritten, struct spec_resources *resources)
{
	bool has_quota = resources->cpu.quota.set && resources->cpu.quota.value;
	bool has_period = resources->cpu.period.set && resources->cpu.period.value;
	unsigned long long period;
	char text[64];
	int64_t quota;

	if ((has_quota == has_period && (has_quota || !is_rewritten)) ||
	    cgroupfs_read(fd, "cpu.max", text, sizeof(text)) < 0 || !read_limit(text, &quota) ||
	    sscanf(text, "%*s %llu", &period) != 1)
		return;
	if (!has_quota)
		resources->cpu.quota = (struct spec_opt_int){ true, quota };
	if (!has_period)
		resources->cpu.period = (struct spec_opt_uint){ true, period };
}

/* The document's memory+swap becomes the kernel's swap by what the limit of memory is. */
static void complete_memory(int fd, struct spec_resources *resources)
{
	struct spec_opt_int *limit = &resources->memory.limit;
	bool has_swap = resources->memory.swap.set && resources->memory.swap.value > 0;
	bool has_limit = limit->set && limit->value;
	char text[64];
	int64_t value;

	if (!has_swap || has_limit || cgroupfs_read(fd, "memory.max", text, sizeof(text)) < 0 ||
	    !read_limit(text, &value))
		return;
	*limit = (struct spec_opt_int){ true, value };
}

/* Told that a group that was never idle is so no more, systemd would take its weight away. */
static void forget_never_idle(int fd, struct spec_resources *resources)
{
	struct spec_opt_int *idle = &resources->cpu.idle;
	char text[8];

	if (idle->set && idle->value == 0 &&
	    cgroupfs_read(fd, "cpu.idle", text, sizeof(text)) >= 0 && strcmp(text, "0") == 0)
		idle->set = false;
}

/* v2 has files for several keys: those that are not given count with the value that they have. */
static void complete_v2(const struct cgroup_paths *paths, bool has_unit,
			struct spec_resources *resources)
{
	for (size_t i = 0; i < paths->n; i++) {
		if (!paths->v[i].is_v2)
			continue;
		AUTO_FD fd = cgroupfs_open(AT_FDCWD, paths->v[i].dir);
		if (fd < 0)
			continue;
		complete_cpu_max(fd, has_unit, resources);
		complete_memory(fd, resources);
		if (has_unit)
			forget_never_idle(fd, resources);
	}
}

static struct host host_of(const struct cgroup_paths *paths, struct arena *arena)
{
	struct host_hierarchy *v = ARENA_ARRAY(arena, struct host_hierarchy, paths->n);

	for (size_t i = 0; i < paths->n; i++) {
		v[i].is_v2 = paths->v[i].is_v2;
		v[i].mount = paths->v[i].dir;
		v[i].controllers = paths->v[i].controllers;
		v[i].own_path = "";
	}
	return (struct host){ .n_hierarchies = paths->n, .hierarchies = v };
}

/*
 * systemd is told first: what it writes may be rounded, and a limit that the kernel refuses then is
 * refused of both.
 */
static int update_unit(const struct container *container, const struct plan_cgroup *plan,
		       struct err *err)
{
	AUTO(unit) struct unit *unit = NULL;
	struct err ignored;
	int ret;

	TRY(cgroup_check_usage(plan, err));
	if (plan->unit->n_properties)
		TRY(unit_update(&container->record.unit, plan->unit, &unit, err));
	ret = cgroup_update(plan, err);
	if (ret < 0 && unit && unit_update_undo(unit, &ignored) < 0)
		err_hint(err, "the properties of unit %s could not be set back: %s",
			 container->record.unit.name, ignored.text);
	return ret;
}

static int update_cgroups(const struct container *container, const struct spec_resources *resources,
			  struct err *err)
{
	const struct cgroup_paths *paths = &container->record.cgroups;
	bool has_unit = container->record.unit.name;
	struct spec_resources wanted = *resources;
	AUTO(arena) struct arena *arena = NULL;
	struct plan_cgroup *plan;
	struct host host;

	if (paths->n == 0)
		return err_set(err, ENOTSUP, "container \"%s\" has no cgroup of its own",
			       container->id);
	TRY(arena_new(HOST_ARENA_BYTES + plan_cgroup_values_bytes(&wanted), &arena, err));
	forget_kernel_memory(&wanted, container->ctx->log);
	complete_v2(paths, has_unit, &wanted);
	host = host_of(paths, arena);
	TRY(plan_build_cgroup_update(arena, &wanted, &host, has_unit, container->ctx->log, &plan,
				     err));
	return has_unit ? update_unit(container, plan, err) : cgroup_update(plan, err);
}

static int update_open(const struct container *container, const struct ops_update *update,
		       struct err *err)
{
	const struct rdt_update rdt = { update->l3_cache_schema, update->mem_bw_schema };
	AUTO(arena) struct arena *arena = NULL;
	AUTO(text) char *old = NULL;
	struct host_rdt *host;
	int ret;

	if (container->pidfd < 0)
		return err_set(err, ESRCH, "container not running: \"%s\"", container->id);
	if (rdt.l3_cache_schema || rdt.mem_bw_schema) {
		TRY(arena_new(HOST_ARENA_BYTES, &arena, err));
		TRY(rdt_find(arena, &host, err));
		TRY(rdt_write(host, &container->record.rdt, &rdt, &old, err));
	}
	ret = update_cgroups(container, update->resources, err);
	if (ret < 0 && old)
		rdt_write_back(&container->record.rdt, old);
	return ret;
}

int op_update(const struct ops_context *ctx, const char *id, const struct ops_update *update,
	      struct err *err)
{
	struct container container;
	int ret = container_open(ctx, id, CONTAINER_LOCKED, &container, err);

	if (ret == 0)
		ret = update_open(&container, update, err);
	container_close(&container);
	return ret;
}
