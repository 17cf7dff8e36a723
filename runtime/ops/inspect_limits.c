/* SPDX-License-Identifier: Apache-2.0 */
/* Resource limits of the first process. */
#include "inspect.h"

#include "process_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

static void limit_text(uint64_t limit, char text[24])
{
	if (limit == RLIM64_INFINITY)
		snprintf(text, 24, "unlimited");
	else
		snprintf(text, 24, "%" PRIu64, limit);
}

static void pair_text(uint64_t soft, uint64_t hard, char text[64])
{
	char soft_text[24], hard_text[24];

	limit_text(soft, soft_text);
	limit_text(hard, hard_text);
	snprintf(text, 64, "soft %s, hard %s", soft_text, hard_text);
}

static int tell_limit(const struct inspection *in, int resource)
{
	const struct plan_process *process = &in->plan->process;
	char asked[64] = "", found[64] = "";
	const char *origin = "";
	struct rlimit64 limit;

	for (size_t i = 0; i < process->n_rlimits; i++) {
		if (process->rlimits[i].resource != resource)
			continue;
		pair_text(process->rlimits[i].soft, process->rlimits[i].hard, asked);
		origin = process->rlimits[i].origin;
	}
	if (prlimit64(in->container->pid.pid, (__rlimit_resource_t)resource, NULL, &limit) == 0)
		pair_text(limit.rlim_cur, limit.rlim_max, found);
	return inspect_tell(in, "limits", plan_rlimit_name(resource), origin, asked, found);
}

int inspect_limits(const struct inspection *in)
{
	for (int resource = 0; resource < RLIM_NLIMITS; resource++)
		TRY(tell_limit(in, resource));
	return 0;
}
