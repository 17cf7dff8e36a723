/* SPDX-License-Identifier: Apache-2.0 */
/* The document of `exec --process`, as far as the plan of that process. */
#include "fuzz.h"

#include "load.h"
#include "plan_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct plan_request request = { .id = "c1", .bundle = "/bundle" };
	AUTO(arena) struct arena *arena = NULL;
	AUTO(plan) struct plan *plan = NULL;
	struct spec spec = { .oci_version = "1.3.0" };
	struct err err = { 0 };
	int ret;

	if (arena_new(spec_arena_bytes(size), &arena, &err) < 0)
		return 0;
	spec.arena = arena;
	ret = spec_parse_process((const char *)data, size, arena, &spec.process, &err);
	fuzz_check_error(ret, &err);
	FUZZ_CHECK(arena_used(arena) <= spec_arena_bytes(size));
	if (ret == 0) {
		spec.process.set = true;
		fuzz_check_error(plan_build_exec(&spec, UINT64_MAX, &request, &plan, &err), &err);
	}
	return 0;
}
