/* SPDX-License-Identifier: Apache-2.0 */
/* Which CPUs a process of exec uses, before and after it joins the container's cgroup. */
#include "bit_list.h"
#include "plan_parts.h"

#include <errno.h>

static int build_set(const struct plan_input *in, const char *list, const char *pointer,
		     const unsigned long **ret_cpus, struct err *err)
{
	unsigned long *cpus;

	if (!list || !list[0])
		return 0;
	cpus = ARENA_ARRAY(in->arena, unsigned long, PLAN_CPU_SET_BYTES / sizeof(long));
	if (!plan_read_bit_list(list, PLAN_CPU_SET_BYTES * 8, cpus))
		return err_at(err, pointer, EINVAL,
			      "bad CPU affinity \"%s\", expected a list like \"0-3,7\"", list);
	*ret_cpus = cpus;
	return 0;
}

int plan_build_cpu_affinity(const struct plan_input *in, struct plan_process *process,
			    struct err *err)
{
	const struct spec_process *from = &in->spec->process;

	TRY(build_set(in, from->cpu_affinity_initial, "/process/execCPUAffinity/initial",
		      &process->initial_cpus, err));
	return build_set(in, from->cpu_affinity_final, "/process/execCPUAffinity/final",
			 &process->final_cpus, err);
}
