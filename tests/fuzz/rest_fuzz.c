/* SPDX-License-Identifier: Apache-2.0 */
/* What `check` reads of a document that is wrong, and what it leaves out until a plan can be built. */
#include "fuzz.h"

#include "plan_check.h"
#include "plan_subject.h"
#include "rest.h"

#include <string.h>

#define CONFIG      "config.json"
#define ROUNDS_MAX  100
#define POINTER_MAX 1024

struct look {
	struct spec_rest *rest;
	size_t n_errors, n_left_out;
};

static void count_error(void *context, const struct spec_problem *problem)
{
	struct look *look = context;

	FUZZ_CHECK(problem->text[0] && (!problem->pointer[0] || problem->pointer[0] == '/'));
	look->n_errors += !problem->is_warning;
}

/* What is found in the rest has a place in the document, known or not. */
static void leave_out(void *context, const struct problem *problem)
{
	struct look *look = context;
	char origin[POINTER_MAX];

	spec_rest_origin(look->rest, problem->pointer, origin, sizeof(origin));
	FUZZ_CHECK(memchr(origin, '\0', sizeof(origin)));
	FUZZ_CHECK(!origin[0] || origin[0] == '/');
	spec_rest_leave_out(look->rest, problem->pointer);
	if (problem->pointer[0] == '/')
		FUZZ_CHECK(spec_rest_is_unknown(look->rest, origin));
	look->n_left_out++;
}

static void count_line(void *context, const char *text)
{
	size_t *n = context;

	*n += text[0] != '\0';
}

/* Each round leaves out what one finds, and ends: nothing is left out twice. */
static void plan_what_is_left(struct look *look, const struct host *host)
{
	const struct plan_request request = { .id = "c1", .bundle = "/bundle" };
	const struct problem_sink sink = { leave_out, look };
	struct err err = { 0 };
	size_t n_lines = 0;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		AUTO(plan) struct plan *plan = NULL;
		const struct spec *spec = spec_rest_spec(look->rest);
		int ret = plan_build_parts(spec, host, &request, &sink, &plan, &err);

		fuzz_check_error(ret, &err);
		if (ret < 0)
			return;
		if (spec_rest_reread(look->rest))
			continue;
		FUZZ_CHECK(spec_rest_spec(look->rest) == spec);
		if (plan) {
			plan_find_surprises(spec, host, plan, &sink);
			plan_print(plan, count_line, &n_lines);
		}
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct host *const hosts[] = { &subject_host_none, &subject_host_v1,
						    &subject_host_v2 };
	AUTO(spec) struct spec *spec = NULL;
	struct err err = { 0 };
	bool is_right = spec_parse((const char *)data, size, NULL, &spec, &err) == 0;

	fuzz_file(CONFIG, data, size);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		AUTO(spec_rest) struct spec_rest *rest = NULL;
		struct look look = { 0 };
		const struct spec_sink sink = { count_error, &look };
		int ret = spec_rest_load(fuzz_dir(), CONFIG, &sink, &rest, &err);

		fuzz_check_error(ret, &err);
		if (ret < 0)
			return 0;
		FUZZ_CHECK(is_right == (look.n_errors == 0));
		FUZZ_CHECK(!is_right || spec_rest_spec(rest));
		look.rest = rest;
		if (spec_rest_spec(rest))
			plan_what_is_left(&look, hosts[i]);
	}
	return 0;
}
