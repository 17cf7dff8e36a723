/* SPDX-License-Identifier: Apache-2.0 */
/* The document of `update --resources`, as far as the values for the cgroups. */
#include "fuzz.h"

#include "load.h"
#include "plan_cgroup.h"
#include "plan_subject.h"

static void count_line(void *context, const char *text)
{
	size_t *n = context;

	*n += text[0] != '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct host *const hosts[] = { &subject_host_none, &subject_host_v1,
						    &subject_host_v2 };
	AUTO(arena) struct arena *arena = NULL;
	struct spec_resources resources = { .set = false };
	struct err err = { 0 };
	int ret;

	if (arena_new(spec_arena_bytes(size), &arena, &err) < 0)
		return 0;
	ret = spec_parse_resources((const char *)data, size, arena, &resources, &err);
	fuzz_check_error(ret, &err);
	for (size_t i = 0; ret == 0 && i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		AUTO(arena) struct arena *plan_arena = NULL;
		struct plan_cgroup *plan = NULL;
		size_t n = 0, bytes = 65536 + plan_cgroup_values_bytes(&resources);

		if (arena_new(bytes, &plan_arena, &err) < 0)
			return 0;
		fuzz_check_error(plan_build_cgroup_update(plan_arena, &resources, hosts[i], true,
							  NULL, &plan, &err),
				 &err);
		plan_print_cgroup(plan, count_line, &n);
	}
	return 0;
}
