/* SPDX-License-Identifier: Apache-2.0 */
/* A config.json: spec, plan on several hosts, and everything that is printed of a plan. */
#include "fuzz.h"

#include "load.h"
#include "plan_build.h"
#include "plan_check.h"
#include "plan_explain.h"
#include "plan_print.h"
#include "plan_subject.h"

/* A host with all that one can have, seen by an ordinary user with ids to map, and by one without. */
static const struct host_rdt rdt = { "/sys/fs/resctrl", true, true };
static const struct host_id_range ranges[] = { { 100000, 65536 }, { 300000, 10 } };
static const struct host host_user = {
	.n_hierarchies = 1,
	.hierarchies = subject_v2_hierarchies,
	.euid = 1000,
	.egid = 1000,
	.rdt = &rdt,
	.in_user_ns = true,
	.lacks_admin = true,
	.user = "alice",
	.subuids = { 2, ranges },
	.subgids = { 2, ranges },
	.can_map_ranges = true,
};
static const struct host host_user_alone = {
	.n_hierarchies = sizeof(subject_v1_hierarchies) / sizeof(subject_v1_hierarchies[0]),
	.hierarchies = subject_v1_hierarchies,
	.euid = 1000,
	.egid = 1000,
	.rdt = &rdt,
	.in_user_ns = true,
	.lacks_admin = true,
	.user = "1000",
};

/* A plan is shown on terminals: a line is a line, whatever the document has in it. */
static void check_line(void *context, const char *text)
{
	size_t *n = context;

	for (const char *at = text; *at; at++)
		FUZZ_CHECK((unsigned char)*at >= 0x20 && *at != 0x7f);
	++*n;
}

static void count_problem(void *context, const struct problem *problem)
{
	size_t *n = context;

	FUZZ_CHECK(problem->text[0]);
	*n += !problem->is_warning;
}

static void count_spec_problem(void *context, const struct spec_problem *problem)
{
	size_t *n = context;

	FUZZ_CHECK(problem->text[0] && (!problem->pointer[0] || problem->pointer[0] == '/'));
	*n += !problem->is_warning;
}

/* Some plan is built of every spec, with what is wrong in it left out. */
static size_t check_parts(const struct spec *spec, const struct host *host,
			  const struct plan_request *request)
{
	AUTO(plan) struct plan *plan = NULL;
	size_t n_errors = 0, n_lines = 0;
	const struct problem_sink sink = { .report = count_problem, .context = &n_errors };
	struct err err = { 0 };

	fuzz_check_error(plan_build_parts(spec, host, request, &sink, &plan, &err), &err);
	if (plan) {
		plan_find_surprises(spec, host, plan, &sink);
		plan_print(plan, check_line, &n_lines);
	}
	return n_errors;
}

static void check_plan(const struct spec *spec, const struct host *host,
		       const struct plan_request *request)
{
	AUTO(plan) struct plan *plan = NULL;
	AUTO(plan_explanation) struct plan_explanation *explanation = NULL;
	struct err err = { 0 };
	size_t n_lines = 0, n_errors = check_parts(spec, host, request);
	int ret = plan_build(spec, host, request, &plan, &err);

	fuzz_check_error(ret, &err);
	/* Who checks and who creates are of one mind. */
	FUZZ_CHECK((ret < 0) == (n_errors > 0));
	if (ret < 0)
		return;
	plan_print(plan, check_line, &n_lines);
	FUZZ_CHECK(n_lines > 0);
	fuzz_check_error(plan_explain(plan, &explanation, &err), &err);
	plan_explain_syscall(explanation, plan->seccomp, "openat", &err);
}

static void check_exec(const struct spec *spec, const struct plan_request *request)
{
	AUTO(plan) struct plan *plan = NULL;
	struct err err = { 0 };

	if (spec->process.set)
		fuzz_check_error(plan_build_exec(spec, 0, request, &plan, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct host *const hosts[] = { &subject_host_none, &subject_host_v1,
						    &subject_host_v2, &host_user,
						    &host_user_alone };
	struct plan_request request = { .id = "c1", .bundle = "/bundle" };
	AUTO(spec) struct spec *spec = NULL;
	AUTO(spec) struct spec *again = NULL;
	struct err err = { 0 }, first = { 0 };
	size_t n_problems = 0;
	const struct spec_sink sink = { count_spec_problem, &n_problems };
	int ret = spec_parse((const char *)data, size, NULL, &spec, &err);

	fuzz_check_error(ret, &err);
	/* With all problems wanted there are some exactly when there is a first one. */
	FUZZ_CHECK(spec_parse((const char *)data, size, &sink, &again, &first) == ret);
	FUZZ_CHECK((ret < 0) == (n_problems > 0));
	if (ret < 0)
		return 0;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		check_plan(spec, hosts[i], &request);
	request.cgroup_manager = CGROUP_MANAGER_DISABLED;
	request.no_pivot = true;
	check_plan(spec, &subject_host_v2, &request);
	check_exec(spec, &request);
	return 0;
}
