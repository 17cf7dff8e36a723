/* SPDX-License-Identifier: Apache-2.0 */
/* The files of cgroup v2 that the keys of `resources` go to, converted where v1 meant another unit. */
#include "cgroup_rows.h"

#include <errno.h>
#include <math.h>

#define CPU_PERIOD_DEFAULT 100000u /* Documentation/admin-guide/cgroup-v2.rst */
#define SWAPPINESS_DEFAULT 60u

/*
 * Shares 2 to 262144 onto weight 1 to 10000, so that the defaults 1024 and 100 meet: the weight
 * is ceil(10^((l^2 + 125 l)/612 - 7/34)) with l = log2(shares).
 */
static unsigned shares_to_weight(uint64_t shares)
{
	double l;

	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = log2((double)shares);
	return (unsigned)ceil(pow(10, (l * l + 125 * l) / 612.0 - 7.0 / 34.0));
}

static int emit_weight(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_uint *v = CG_VALUE(build, row, struct spec_opt_uint);

	if (!v->set || v->value == 0)
		return 0;
	if (cgroup_ignores_weight(build, cgroup_pointer(build, row->key)))
		return 0;
	return cgroup_add_row(build, row, 0,
			      arena_printf(build->arena, "%u", shares_to_weight(v->value)));
}

/* Quota and period share a file; the row of the quota writes both when both are given. */
static int add_cpu_max(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_int *quota = &build->resources->cpu.quota;
	const struct spec_opt_uint *period = &build->resources->cpu.period;
	unsigned long long us = period->set && period->value ? period->value : CPU_PERIOD_DEFAULT;

	if (quota->set && quota->value > 0)
		return cgroup_add_row(
			build, row, 0,
			arena_printf(build->arena, "%lld %llu", (long long)quota->value, us));
	return cgroup_add_row(build, row, 0, arena_printf(build->arena, "max %llu", us));
}

static int emit_quota(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_int *v = CG_VALUE(build, row, struct spec_opt_int);

	return v->set && v->value ? add_cpu_max(build, row) : 0;
}

static int emit_period(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_uint *v = CG_VALUE(build, row, struct spec_opt_uint);
	const struct spec_opt_int *quota = &build->resources->cpu.quota;
	bool quota_writes_it = quota->set && quota->value;

	return v->set && v->value && !quota_writes_it ? add_cpu_max(build, row) : 0;
}

/* A number of bytes; -1 is "max", which is also what a cgroup starts with. */
static int emit_bytes(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_int *v = CG_VALUE(build, row, struct spec_opt_int);

	if (!v->set || v->value == 0)
		return 0;
	if (v->value == -1)
		return cgroup_add_row(build, row, PLAN_CGROUP_MAY_MISS, "max");
	return cgroup_add_row(build, row, 0,
			      arena_printf(build->arena, "%lld", (long long)v->value));
}

static int emit_limit(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_bool *check = &build->resources->memory.check_before_update;
	struct cgroup_row checked = *row;

	/* v1 refuses a limit below the usage, v2 kills instead: then we are the ones to look. */
	if (check->set && check->value)
		checked.flags |= PLAN_CGROUP_CHECK_USAGE;
	return emit_bytes(build, &checked);
}

/* The spec's value is memory+swap, the kernel's is swap alone. */
static int emit_swap(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_int *limit = &build->resources->memory.limit;
	const struct spec_opt_int *swap = CG_VALUE(build, row, struct spec_opt_int);
	bool has_limit = limit->set && limit->value;

	TRY(cgroup_check_memory(build));
	if (!swap->set || swap->value == 0)
		return has_limit && limit->value == -1
			       ? cgroup_add_row(build, row, PLAN_CGROUP_MAY_MISS, "max")
			       : 0;
	if (swap->value == -1)
		return cgroup_add_row(build, row, PLAN_CGROUP_MAY_MISS, "max");
	if (!has_limit)
		return err_at(build->err, cgroup_pointer(build, row->key), EINVAL,
			      "unable to set swap limit without memory limit");
	if (limit->value == -1)
		return emit_bytes(build, row);
	/* Without swap in the kernel no swap is what one gets. */
	return cgroup_add_row(
		build, row, swap->value == limit->value ? PLAN_CGROUP_MAY_MISS : 0,
		arena_printf(build->arena, "%lld", (long long)(swap->value - limit->value)));
}

/* Weights of v1 go from 10 to 1000, and so do those of BFQ; io.weight goes from 1 to 10000. */
static unsigned long long io_weight(uint64_t weight)
{
	return weight <= 10 ? 1 : 1 + (weight - 10) * 9999 / 990;
}

static int emit_io_weight(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_uint *v = CG_VALUE(build, row, struct spec_opt_uint);
	struct plan_cgroup_write write = cgroup_row_write(build, row);

	if (!v->set || v->value == 0)
		return 0;
	write.value = arena_printf(build->arena, "%llu", (unsigned long long)v->value);
	write.alt_value = arena_printf(build->arena, "%llu", io_weight(v->value));
	return cgroup_add(build, &write);
}

static int refuse_v1_only(struct cgroup_build *build, const char *pointer)
{
	err_at(build->err, pointer, ENOTSUP,
	       "cgroup v2 has nothing like it; the key works with cgroup v1 only");
	return err_hint(build->err, "remove the key");
}

static int emit_weight_devices(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_block_weights *list = CG_VALUE(build, row, struct spec_block_weights);

	for (size_t i = 0; i < list->n; i++) {
		const struct spec_block_weight *d = &list->v[i];
		const char *device = cgroup_device(build, d->major, d->minor);
		struct plan_cgroup_write write = cgroup_row_write(build, row);

		write.origin = cgroup_pointer_at(build, row->key, i);
		if (d->leaf_weight.set && d->leaf_weight.value)
			return refuse_v1_only(
				build, arena_printf(build->arena, "%s/leafWeight", write.origin));
		if (!d->weight.set || d->weight.value == 0)
			continue;
		write.value = arena_printf(build->arena, "%s %llu", device,
					   (unsigned long long)d->weight.value);
		write.alt_value =
			arena_printf(build->arena, "%s %llu", device, io_weight(d->weight.value));
		write.undo = arena_printf(build->arena, "%s default", device);
		TRY(cgroup_add(build, &write));
	}
	return 0;
}

static int emit_rates(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_block_rates *list = CG_VALUE(build, row, struct spec_block_rates);

	for (size_t i = 0; i < list->n; i++) {
		struct plan_cgroup_write write = cgroup_row_write(build, row);
		const char *device = cgroup_device(build, list->v[i].major, list->v[i].minor);

		write.origin = cgroup_pointer_at(build, row->key, i);
		/* Zero lifts the limit, as it does with v1. */
		write.value = list->v[i].rate
				      ? arena_printf(build->arena, "%s %s=%llu", device, row->word,
						     (unsigned long long)list->v[i].rate)
				      : arena_printf(build->arena, "%s %s=max", device, row->word);
		write.undo = arena_printf(build->arena, "%s rbps=max wbps=max riops=max wiops=max",
					  device);
		TRY(cgroup_add(build, &write));
	}
	return 0;
}

/* Settings of v1 that have no counterpart are refused unless they ask for nothing. */
static int refuse_int(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_int *v = CG_VALUE(build, row, struct spec_opt_int);
	bool asks = v->set && v->value != 0 && v->value != -1;

	return asks ? refuse_v1_only(build, cgroup_pointer(build, row->key)) : 0;
}

static int refuse_uint(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_uint *v = CG_VALUE(build, row, struct spec_opt_uint);

	return v->set && v->value ? refuse_v1_only(build, cgroup_pointer(build, row->key)) : 0;
}

static int refuse_swappiness(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_uint *v = CG_VALUE(build, row, struct spec_opt_uint);

	if (v->set && (v->value == SWAPPINESS_DEFAULT || v->value == UINT64_MAX))
		return 0;
	return refuse_uint(build, row);
}

static int refuse_bool(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_bool *v = CG_VALUE(build, row, struct spec_opt_bool);

	return v->set && v->value ? refuse_v1_only(build, cgroup_pointer(build, row->key)) : 0;
}

static int refuse_priorities(struct cgroup_build *build, const struct cgroup_row *row)
{
	bool asks = build->resources->network.priorities.n > 0;

	return asks ? refuse_v1_only(build, cgroup_pointer(build, row->key)) : 0;
}

/* The order within a controller is the order of the writes. */
const struct cgroup_row cgroup_v2_rows[] = {
	{ CG_ROW(CG_CPUSET, "cpu/cpus", cpu.cpus, "cpuset.cpus", cgroup_emit_text) },
	{ CG_ROW(CG_CPUSET, "cpu/mems", cpu.mems, "cpuset.mems", cgroup_emit_text) },

	/* A weight is refused while the group is idle, a burst while the old quota is below it. */
	{ CG_ROW(CG_CPU, "cpu/shares", cpu.shares, "cpu.weight", emit_weight),
	  .flags = PLAN_CGROUP_DEFER },
	{ CG_ROW(CG_CPU, "cpu/burst", cpu.burst, "cpu.max.burst", cgroup_emit_uint_zero),
	  .flags = PLAN_CGROUP_DEFER },
	{ CG_ROW(CG_CPU, "cpu/quota", cpu.quota, "cpu.max", emit_quota) },
	{ CG_ROW(CG_CPU, "cpu/period", cpu.period, "cpu.max", emit_period) },
	{ CG_ROW(CG_CPU, "cpu/idle", cpu.idle, "cpu.idle", cgroup_emit_int_zero) },
	{ CG_ROW(CG_CPU, "cpu/realtimePeriod", cpu.realtime_period, NULL, refuse_uint) },
	{ CG_ROW(CG_CPU, "cpu/realtimeRuntime", cpu.realtime_runtime, NULL, refuse_int) },

	{ CG_ROW(CG_BLKIO, "blockIO/weight", block_io.weight, "io.bfq.weight", emit_io_weight),
	  .alt_file = "io.weight" },
	{ CG_ROW(CG_BLKIO, "blockIO/leafWeight", block_io.leaf_weight, NULL, refuse_uint) },
	{ CG_ROW(CG_BLKIO, "blockIO/weightDevice", block_io.weight_device, "io.bfq.weight",
		 emit_weight_devices),
	  .alt_file = "io.weight" },
	{ CG_ROW(CG_BLKIO, "blockIO/throttleReadBpsDevice", block_io.read_bps, "io.max",
		 emit_rates),
	  .word = "rbps" },
	{ CG_ROW(CG_BLKIO, "blockIO/throttleWriteBpsDevice", block_io.write_bps, "io.max",
		 emit_rates),
	  .word = "wbps" },
	{ CG_ROW(CG_BLKIO, "blockIO/throttleReadIOPSDevice", block_io.read_iops, "io.max",
		 emit_rates),
	  .word = "riops" },
	{ CG_ROW(CG_BLKIO, "blockIO/throttleWriteIOPSDevice", block_io.write_iops, "io.max",
		 emit_rates),
	  .word = "wiops" },

	{ CG_ROW(CG_HUGETLB, "hugepageLimits", hugepage_limits, ".max", cgroup_emit_hugepages) },
	{ CG_ROW(CG_RDMA, "rdma", rdma, "rdma.max", cgroup_emit_rdma) },
	{ CG_ROW(CG_NET_CLS, "network/classID", network.class_id, NULL, refuse_uint) },
	{ CG_ROW(CG_NET_PRIO, "network/priorities", network.priorities, NULL, refuse_priorities) },

	/* Lowering memory.max pushes pages into swap: how much of it there is comes first. */
	{ CG_ROW(CG_MEMORY, "memory/swap", memory.swap, "memory.swap.max", emit_swap),
	  .phase = PLAN_CGROUP_LAST },
	{ CG_ROW(CG_MEMORY, "memory/limit", memory.limit, "memory.max", emit_limit),
	  .phase = PLAN_CGROUP_LAST, .usage_file = "memory.current" },
	{ CG_ROW(CG_MEMORY, "memory/reservation", memory.reservation, "memory.low", emit_bytes),
	  .phase = PLAN_CGROUP_LAST },
	{ CG_ROW(CG_MEMORY, "memory/kernel", memory.kernel, NULL, refuse_int) },
	{ CG_ROW(CG_MEMORY, "memory/kernelTCP", memory.kernel_tcp, NULL, refuse_int) },
	{ CG_ROW(CG_MEMORY, "memory/swappiness", memory.swappiness, NULL, refuse_swappiness) },
	{ CG_ROW(CG_MEMORY, "memory/disableOOMKiller", memory.disable_oom_killer, NULL,
		 refuse_bool) },
	/* v2 is always hierarchical. */
	{ CG_ROW(CG_MEMORY, "memory/useHierarchy", memory.use_hierarchy, NULL,
		 cgroup_emit_nothing) },
	/* Part of memory/limit. */
	{ CG_ROW(CG_MEMORY, "memory/checkBeforeUpdate", memory.check_before_update, NULL,
		 cgroup_emit_nothing) },

	{ CG_ROW(CG_PIDS, "pids/limit", pids.limit, "pids.max", cgroup_emit_pids),
	  .phase = PLAN_CGROUP_LAST },
};
const size_t cgroup_v2_n_rows = sizeof(cgroup_v2_rows) / sizeof(cgroup_v2_rows[0]);
