/* SPDX-License-Identifier: Apache-2.0 */
/* The files of cgroup v1 that the keys of `resources` go to. */
#include "cgroup_rows.h"

#include <errno.h>

/* sched_group_set_shares() clamps silently; a value that does not come out as given is refused. */
#define SHARES_MIN 2u
#define SHARES_MAX (1u << 18)

static int emit_shares(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_uint *v = CG_VALUE(build, row, struct spec_opt_uint);

	if (v->set && v->value > SHARES_MAX)
		return err_at(build->err, cgroup_pointer(build, row->key), EINVAL,
			      "the maximum allowed cpu-shares is %u", SHARES_MAX);
	if (v->set && v->value && v->value < SHARES_MIN)
		return err_at(build->err, cgroup_pointer(build, row->key), EINVAL,
			      "the minimum allowed cpu-shares is %u", SHARES_MIN);
	return cgroup_emit_uint(build, row);
}

/* memory.memsw counts memory and swap together, as the spec does. */
static int emit_memsw(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_int *limit = &build->resources->memory.limit;
	const struct spec_opt_int *swap = CG_VALUE(build, row, struct spec_opt_int);

	TRY(cgroup_check_memory(build));
	/* Unlimited memory below an older limit of memory+swap would not be unlimited. */
	if (limit->set && limit->value == -1 && (!swap->set || swap->value == 0))
		return cgroup_add_row(build, row, PLAN_CGROUP_MAY_MISS, "-1");
	return cgroup_emit_int(build, row);
}

static int emit_oom_control(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_bool *v = CG_VALUE(build, row, struct spec_opt_bool);

	struct plan_cgroup_write write = cgroup_row_write(build, row);

	if (!v->set || !v->value)
		return 0;
	write.value = "1";
	write.undo = "0"; /* the file reads "oom_kill_disable 0" and more */
	return cgroup_add(build, &write);
}

static int emit_swappiness(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_uint *v = CG_VALUE(build, row, struct spec_opt_uint);

	/* Engines write -1 for "as it is". */
	if (!v->set || v->value == UINT64_MAX)
		return 0;
	if (v->value > 100)
		return err_at(build->err, cgroup_pointer(build, row->key), EINVAL,
			      "invalid memory swappiness value: %llu (valid range is 0-100)",
			      (unsigned long long)v->value);
	return cgroup_add_row(build, row, 0,
			      arena_printf(build->arena, "%llu", (unsigned long long)v->value));
}

/* Linux 5.16 took the limit away and refuses every write; engines still send the key. */
static int emit_kernel_memory(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_int *v = CG_VALUE(build, row, struct spec_opt_int);

	if (v->set && v->value > 0)
		log_warning(build->log, "%s: Linux has no limit of kernel memory any more; ignored",
			    cgroup_pointer(build, row->key));
	return 0;
}

static int emit_weight_devices(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_block_weights *list = CG_VALUE(build, row, struct spec_block_weights);

	for (size_t i = 0; i < list->n; i++) {
		const struct spec_block_weight *d = &list->v[i];
		const char *device = cgroup_device(build, d->major, d->minor);
		const struct cgroup_row leaf = {
			.controller = row->controller,
			.key = row->key,
			.file = "blkio.leaf_weight_device",
		};
		const struct {
			const struct cgroup_row *row;
			const struct spec_opt_uint *value;
		} both[] = { { row, &d->weight }, { &leaf, &d->leaf_weight } };

		for (size_t k = 0; k < 2; k++) {
			struct plan_cgroup_write write = cgroup_row_write(build, both[k].row);

			if (!both[k].value->set || both[k].value->value == 0)
				continue;
			write.origin = cgroup_pointer_at(build, row->key, i);
			write.value = arena_printf(build->arena, "%s %llu", device,
						   (unsigned long long)both[k].value->value);
			write.alt_value = write.alt_file ? write.value : NULL;
			write.undo = arena_printf(build->arena, "%s default", device);
			TRY(cgroup_add(build, &write));
		}
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
		write.value = arena_printf(build->arena, "%s %llu", device,
					   (unsigned long long)list->v[i].rate);
		write.undo = arena_printf(build->arena, "%s 0", device);
		TRY(cgroup_add(build, &write));
	}
	return 0;
}

static int emit_priorities(struct cgroup_build *build, const struct cgroup_row *row)
{
	for (size_t i = 0; i < build->resources->network.priorities.n; i++) {
		const struct spec_net_priority *p = &build->resources->network.priorities.v[i];
		struct plan_cgroup_write write = cgroup_row_write(build, row);

		write.origin = cgroup_pointer_at(build, row->key, i);
		write.value = arena_printf(build->arena, "%s %u", p->name, p->priority);
		write.undo = arena_printf(build->arena, "%s 0", p->name);
		TRY(cgroup_add(build, &write));
	}
	return 0;
}

/* The order within a controller is the order of the writes. */
const struct cgroup_row cgroup_v1_rows[] = {
	/* An empty cpuset takes no process: what is not given comes from the parent. */
	{ CG_ROW(CG_CPUSET, "cpu/cpus", cpu.cpus, "cpuset.cpus", cgroup_emit_text),
	  .phase = PLAN_CGROUP_JOIN },
	{ CG_ROW(CG_CPUSET, "cpu/mems", cpu.mems, "cpuset.mems", cgroup_emit_text),
	  .phase = PLAN_CGROUP_JOIN },

	/* A realtime process can join only where there is bandwidth for it. */
	{ CG_ROW(CG_CPU, "cpu/realtimePeriod", cpu.realtime_period, "cpu.rt_period_us",
		 cgroup_emit_uint),
	  .phase = PLAN_CGROUP_JOIN, .flags = PLAN_CGROUP_DEFER },
	{ CG_ROW(CG_CPU, "cpu/realtimeRuntime", cpu.realtime_runtime, "cpu.rt_runtime_us",
		 cgroup_emit_int),
	  .phase = PLAN_CGROUP_JOIN },
	/* Shares are refused while the group is idle; a period or a burst while the old quota
	 * does not fit it. */
	{ CG_ROW(CG_CPU, "cpu/shares", cpu.shares, "cpu.shares", emit_shares),
	  .flags = PLAN_CGROUP_DEFER },
	{ CG_ROW(CG_CPU, "cpu/period", cpu.period, "cpu.cfs_period_us", cgroup_emit_uint),
	  .flags = PLAN_CGROUP_DEFER },
	{ CG_ROW(CG_CPU, "cpu/burst", cpu.burst, "cpu.cfs_burst_us", cgroup_emit_uint_zero),
	  .flags = PLAN_CGROUP_DEFER },
	{ CG_ROW(CG_CPU, "cpu/quota", cpu.quota, "cpu.cfs_quota_us", cgroup_emit_int) },
	{ CG_ROW(CG_CPU, "cpu/idle", cpu.idle, "cpu.idle", cgroup_emit_int_zero) },

	/* Kernels with the BFQ scheduler only have the second name. */
	{ CG_ROW(CG_BLKIO, "blockIO/weight", block_io.weight, "blkio.weight", cgroup_emit_uint),
	  .alt_file = "blkio.bfq.weight" },
	{ CG_ROW(CG_BLKIO, "blockIO/leafWeight", block_io.leaf_weight, "blkio.leaf_weight",
		 cgroup_emit_uint) },
	{ CG_ROW(CG_BLKIO, "blockIO/weightDevice", block_io.weight_device, "blkio.weight_device",
		 emit_weight_devices),
	  .alt_file = "blkio.bfq.weight_device" },
	{ CG_ROW(CG_BLKIO, "blockIO/throttleReadBpsDevice", block_io.read_bps,
		 "blkio.throttle.read_bps_device", emit_rates) },
	{ CG_ROW(CG_BLKIO, "blockIO/throttleWriteBpsDevice", block_io.write_bps,
		 "blkio.throttle.write_bps_device", emit_rates) },
	{ CG_ROW(CG_BLKIO, "blockIO/throttleReadIOPSDevice", block_io.read_iops,
		 "blkio.throttle.read_iops_device", emit_rates) },
	{ CG_ROW(CG_BLKIO, "blockIO/throttleWriteIOPSDevice", block_io.write_iops,
		 "blkio.throttle.write_iops_device", emit_rates) },

	{ CG_ROW(CG_HUGETLB, "hugepageLimits", hugepage_limits, ".limit_in_bytes",
		 cgroup_emit_hugepages) },
	{ CG_ROW(CG_RDMA, "rdma", rdma, "rdma.max", cgroup_emit_rdma) },
	{ CG_ROW(CG_NET_CLS, "network/classID", network.class_id, "net_cls.classid",
		 cgroup_emit_uint) },
	{ CG_ROW(CG_NET_PRIO, "network/priorities", network.priorities, "net_prio.ifpriomap",
		 emit_priorities) },

	/* The limit must stay below memory+swap: raised, it has to wait for that one. */
	{ CG_ROW(CG_MEMORY, "memory/limit", memory.limit, "memory.limit_in_bytes", cgroup_emit_int),
	  .phase = PLAN_CGROUP_LAST, .flags = PLAN_CGROUP_DEFER,
	  .usage_file = "memory.usage_in_bytes" },
	{ CG_ROW(CG_MEMORY, "memory/swap", memory.swap, "memory.memsw.limit_in_bytes", emit_memsw),
	  .phase = PLAN_CGROUP_LAST },
	{ CG_ROW(CG_MEMORY, "memory/reservation", memory.reservation, "memory.soft_limit_in_bytes",
		 cgroup_emit_int),
	  .phase = PLAN_CGROUP_LAST },
	{ CG_ROW(CG_MEMORY, "memory/kernel", memory.kernel, NULL, emit_kernel_memory) },
	{ CG_ROW(CG_MEMORY, "memory/kernelTCP", memory.kernel_tcp, "memory.kmem.tcp.limit_in_bytes",
		 cgroup_emit_int),
	  .phase = PLAN_CGROUP_LAST },
	{ CG_ROW(CG_MEMORY, "memory/disableOOMKiller", memory.disable_oom_killer,
		 "memory.oom_control", emit_oom_control),
	  .phase = PLAN_CGROUP_LAST },
	{ CG_ROW(CG_MEMORY, "memory/swappiness", memory.swappiness, "memory.swappiness",
		 emit_swappiness),
	  .phase = PLAN_CGROUP_LAST },
	/* Since Linux 5.11 the only mode; it cannot be turned off. */
	{ CG_ROW(CG_MEMORY, "memory/useHierarchy", memory.use_hierarchy, NULL,
		 cgroup_emit_nothing) },
	/* The v1 kernel refuses a limit below the usage by itself. */
	{ CG_ROW(CG_MEMORY, "memory/checkBeforeUpdate", memory.check_before_update, NULL,
		 cgroup_emit_nothing) },

	{ CG_ROW(CG_PIDS, "pids/limit", pids.limit, "pids.max", cgroup_emit_pids),
	  .phase = PLAN_CGROUP_LAST },
};
const size_t cgroup_v1_n_rows = sizeof(cgroup_v1_rows) / sizeof(cgroup_v1_rows[0]);
