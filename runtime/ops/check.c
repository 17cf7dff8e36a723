/* SPDX-License-Identifier: Apache-2.0 */
/* `check`: the spec, then the plan, then this host: what the one before allows to be asked. */
#include "check.h"

#include "bundle.h"
#include "host_gather.h"
#include "load.h"
#include "ops.h"
#include "plan_check.h"

#include <errno.h>
#include <stdlib.h>

DEFINE_AUTO(text, char *, free)

/* The caller's sink, with a count. */
struct tally {
	const struct problem_sink *sink;
	size_t n_errors;
};

static void pass_on(void *context, const struct problem *problem)
{
	struct tally *tally = context;

	tally->n_errors += !problem->is_warning;
	tally->sink->report(tally->sink->context, problem);
}

static void take_spec_problem(void *context, const struct spec_problem *from)
{
	const struct problem problem = { from->is_warning, from->pointer, from->text, "" };

	pass_on(context, &problem);
}

/* What a plan remarks while it is built is about the document too. */
static void take_remark(void *context, enum log_level level, const char *text)
{
	const struct problem problem = { true, "", text, "" };

	if (level >= LOG_LEVEL_WARNING)
		pass_on(context, &problem);
}

static int check_spec(const struct ops_context *ctx, const struct ops_bundle_options *options,
		      const char *path, const struct spec *spec, struct tally *tally,
		      struct err *err)
{
	const struct problem_sink sink = { pass_on, tally };
	const struct log log = { take_remark, tally, LOG_LEVEL_WARNING };
	const struct plan_request request = {
		.id = options->id,
		.bundle = path,
		.cgroup_manager = ctx->cgroup_manager,
		.log = &log,
	};
	AUTO(arena) struct arena *arena = NULL;
	AUTO(plan) struct plan *plan = NULL;
	struct check check = { .sink = &sink };
	struct host *host;

	TRY(arena_new(HOST_ARENA_BYTES, &arena, err));
	TRY(bundle_gather_host(spec, arena, &host, err));
	TRY(plan_build_parts(spec, host, &request, &sink, &plan, err));
	if (!plan)
		return 0;
	check.plan = plan;
	check.host = host;
	check_kernel(&check);
	check_rights(&check);
	check_files(&check);
	check_cgroup(&check);
	check_program(&check);
	plan_find_surprises(spec, host, plan, &sink);
	return 0;
}

int op_check(const struct ops_context *ctx, const struct ops_bundle_options *options,
	     const struct problem_sink *sink, struct err *err)
{
	struct tally tally = { .sink = sink };
	const struct spec_sink spec_sink = { take_spec_problem, &tally };
	AUTO(text) char *path = NULL;
	AUTO(spec) struct spec *spec = NULL;
	int ret =
		bundle_load(options->bundle, options->config, &spec_sink, &path, &spec, NULL, err);

	/* What is wrong with the document was reported; what kept it from being read was not. */
	if (ret < 0 && tally.n_errors == 0)
		return ret;
	err_clear(err);
	return spec ? check_spec(ctx, options, path, spec, &tally, err) : 0;
}
