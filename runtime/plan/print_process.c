/* SPDX-License-Identifier: Apache-2.0 */
/* The container's process as lines of text. */
#include "plan.h"
#include "printer.h"
#include "process_names.h"

#include <inttypes.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/personality.h>

static void print_program(struct printer *p, const struct plan_process *process)
{
	printer_put(p, "process");
	for (char **arg = process->argv; *arg; arg++)
		printer_text(p, " ", *arg);
	printer_end(p, "/process/args");
	printer_text(p, "cwd ", process->cwd);
	printer_end(p, "/process/cwd");
	for (char **entry = process->envp; *entry; entry++) {
		printer_text(p, "env ", *entry);
		printer_end(p, NULL);
	}
	if (!process->env_has_home) {
		printer_put(p, "env HOME from the container's passwd");
		printer_end(p, NULL);
	}
	if (process->terminal) {
		printer_put(p, "terminal");
		if (process->rows || process->columns)
			printer_put(p, " %u lines %u columns", process->rows, process->columns);
		printer_end(p, "/process/terminal");
	}
}

static void print_user(struct printer *p, const struct plan_process *process)
{
	printer_put(p, "user uid %u gid %u groups", process->uid, process->gid);
	if (process->keeps_groups)
		printer_put(p, " of-the-caller");
	for (size_t i = 0; i < process->n_gids; i++)
		printer_put(p, " %u", process->gids[i]);
	if (process->has_umask)
		printer_put(p, " umask %04o", process->umask);
	printer_end(p, "/process/user");
}

static void print_capabilities(struct printer *p, const struct plan_capabilities *caps)
{
	const struct {
		const char *name;
		uint64_t mask;
	} sets[] = {
		{ "bounding", caps->bounding },       { "effective", caps->effective },
		{ "inheritable", caps->inheritable }, { "permitted", caps->permitted },
		{ "ambient", caps->ambient },
	};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		printer_put(p, "capabilities %s", sets[i].name);
		for (unsigned bit = 0; bit < 64; bit++)
			if (sets[i].mask & (UINT64_C(1) << bit))
				printer_put(p, " %s", plan_capability_name(bit).text);
		printer_end(p, NULL);
	}
}

static void print_rlimits(struct printer *p, const struct plan_process *process)
{
	for (size_t i = 0; i < process->n_rlimits; i++) {
		const struct plan_rlimit *rlimit = &process->rlimits[i];

		printer_put(p, "rlimit %s soft %" PRIu64 " hard %" PRIu64, rlimit->name,
			    rlimit->soft, rlimit->hard);
		printer_end(p, rlimit->origin);
	}
}

void plan_print_memory_policy(struct printer *p, const struct plan_process *process)
{
	static const struct {
		int flag;
		const char *name;
	} flags[] = {
		{ MPOL_F_STATIC_NODES, "MPOL_F_STATIC_NODES" },
		{ MPOL_F_RELATIVE_NODES, "MPOL_F_RELATIVE_NODES" },
		{ 1 << 13, "MPOL_F_NUMA_BALANCING" }, /* Linux 5.12 */
	};
	const size_t long_bits = 8 * sizeof(unsigned long);
	int mode = process->memory_policy.mode, all = 0;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		all |= flags[i].flag;
	printer_put(p, "%s", plan_memory_policy_name(mode & ~all));
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (mode & flags[i].flag)
			printer_put(p, " %s", flags[i].name);
	printer_put(p, " nodes");
	for (size_t node = 0; node + 1 < process->memory_policy.max_node; node++)
		if (process->memory_policy.nodes[node / long_bits] & (1ul << node % long_bits))
			printer_put(p, " %zu", node);
}

static void print_cpus(struct printer *p, const char *when, const unsigned long *cpus,
		       const char *origin)
{
	const size_t long_bits = 8 * sizeof(unsigned long);

	if (!cpus)
		return;
	printer_put(p, "exec affinity %s cpus", when);
	for (size_t cpu = 0; cpu < PLAN_CPU_SET_BYTES * 8; cpu++)
		if (cpus[cpu / long_bits] & (1ul << cpu % long_bits))
			printer_put(p, " %zu", cpu);
	printer_end(p, origin);
}

static void print_scheduling(struct printer *p, const struct plan_process *process)
{
	if (process->has_scheduler) {
		printer_put(p,
			    "scheduler %s nice %" PRId32 " priority %" PRIu32 " flags 0x%" PRIx64
			    " runtime %" PRIu64 " deadline %" PRIu64 " period %" PRIu64,
			    plan_scheduler_name(process->scheduler.policy), process->scheduler.nice,
			    process->scheduler.priority, process->scheduler.flags,
			    process->scheduler.runtime, process->scheduler.deadline,
			    process->scheduler.period);
		printer_end(p, "/process/scheduler");
	}
	if (process->has_io_priority) {
		printer_put(p, "io priority class %d level %d",
			    (int)IOPRIO_PRIO_CLASS(process->io_priority),
			    (int)IOPRIO_PRIO_DATA(process->io_priority));
		printer_end(p, "/process/ioPriority");
	}
	if (process->has_oom_score_adj) {
		printer_put(p, "oom_score_adj %d", process->oom_score_adj);
		printer_end(p, "/process/oomScoreAdj");
	}
	if (process->has_personality) {
		printer_put(p, "personality %s",
			    process->personality == PER_LINUX32 ? "LINUX32" : "LINUX");
		printer_end(p, "/linux/personality");
	}
	if (process->has_memory_policy) {
		printer_put(p, "memory policy ");
		plan_print_memory_policy(p, process);
		printer_end(p, "/linux/memoryPolicy");
	}
	print_cpus(p, "initial", process->initial_cpus, "/process/execCPUAffinity/initial");
	print_cpus(p, "final", process->final_cpus, "/process/execCPUAffinity/final");
}

static void print_labels(struct printer *p, const struct plan_process *process)
{
	if (process->apparmor_profile) {
		printer_text(p, "apparmor ", process->apparmor_profile);
		printer_end(p, "/process/apparmorProfile");
	}
	if (process->selinux_label) {
		printer_text(p, "selinux ", process->selinux_label);
		printer_end(p, "/process/selinuxLabel");
	}
	if (process->no_new_privs) {
		printer_put(p, "no_new_privs");
		printer_end(p, "/process/noNewPrivileges");
	}
}

void plan_print_process(struct printer *p, const struct plan_process *process)
{
	print_program(p, process);
	print_user(p, process);
	print_rlimits(p, process);
	print_scheduling(p, process);
	print_labels(p, process);
	print_capabilities(p, &process->caps);
}
