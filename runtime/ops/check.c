/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `check`: the document, then the plan, then this host. What one finds wrong is left out for the
 * next, so that all is said at once, and nothing that follows from something else.
 */
#include "check.h"

#include "bundle.h"
#include "host_gather.h"
#include "ops.h"
#include "plan_check.h"
#include "rest.h"

#include <stdlib.h>
#include <string.h>

#define POINTER_MAX 1024
#define ROUNDS_MAX  100 /* of planning; each leaves out a mistake of every part that has one */

DEFINE_AUTO(text, char *, free)

struct finder {
	const struct problem_sink *sink; /* the caller's */
	struct spec_rest *rest;
	const char *bundle;
	struct host *host;
	bool is_first_round;
	char *remarks; /* a line each, of the round at hand */
	size_t remarks_len;
};

/* Of a part that was left out nothing is said that was not said of the document. */
static void pass_on(const struct finder *finder, const struct problem *found)
{
	char origin[POINTER_MAX];
	struct problem problem = *found;

	spec_rest_origin(finder->rest, found->pointer, origin, sizeof(origin));
	problem.pointer = origin;
	if (!origin[0] || !spec_rest_is_unknown(finder->rest, origin))
		finder->sink->report(finder->sink->context, &problem);
}

static void take_host_problem(void *context, const struct problem *problem)
{
	pass_on(context, problem);
}

static void take_spec_problem(void *context, const struct spec_problem *from)
{
	const struct problem_sink *sink = context;
	const struct problem problem = { from->is_warning, from->pointer, from->text, "" };

	sink->report(sink->context, &problem);
}

static void take_plan_problem(void *context, const struct problem *problem)
{
	struct finder *finder = context;

	if (problem->pointer[0] || finder->is_first_round)
		pass_on(finder, problem);
	spec_rest_leave_out(finder->rest, problem->pointer);
}

/* What a plan remarks while it is built is about the document too. */
static void take_remark(void *context, enum log_level level, const char *text)
{
	struct finder *finder = context;
	size_t len = strlen(text) + 1;
	char *remarks;

	if (level < LOG_LEVEL_WARNING)
		return;
	remarks = realloc(finder->remarks, finder->remarks_len + len);
	if (!remarks)
		return;
	memcpy(remarks + finder->remarks_len, text, len);
	finder->remarks = remarks;
	finder->remarks_len += len;
}

/* "/mounts/1: option ..." */
static void pass_on_remark(const struct finder *finder, const char *text)
{
	size_t len = text[0] == '/' ? strcspn(text, ":") : 0;
	char pointer[POINTER_MAX] = "";
	struct problem problem = { true, pointer, text, "" };

	if (len < sizeof(pointer) && text[len] == ':') {
		memcpy(pointer, text, len);
		problem.text = text + len + strspn(text + len, ": ");
	}
	pass_on(finder, &problem);
}

/* The plan of what is left when nothing more is found wrong in it. */
static int plan_rest(struct finder *finder, const struct plan_request *request,
		     struct plan **ret_plan, struct err *err)
{
	const struct problem_sink sink = { take_plan_problem, finder };

	for (int round = 0;; round++) {
		AUTO(plan) struct plan *plan = NULL;

		finder->is_first_round = round == 0;
		finder->remarks_len = 0;
		TRY(plan_build_parts(spec_rest_spec(finder->rest), finder->host, request, &sink,
				     &plan, err));
		if (round < ROUNDS_MAX && spec_rest_reread(finder->rest))
			continue;
		*ret_plan = TAKE(plan);
		return 0;
	}
}

static void check_plan(struct finder *finder, const struct plan *plan)
{
	const struct problem_sink sink = { take_host_problem, finder };
	const struct check check = { .plan = plan, .host = finder->host, .sink = &sink };

	for (size_t at = 0; at < finder->remarks_len; at += strlen(finder->remarks + at) + 1)
		pass_on_remark(finder, finder->remarks + at);
	if (!plan)
		return;
	check_kernel(&check);
	check_mounts(&check);
	check_rights(&check);
	check_files(&check);
	check_places(&check);
	check_settings(&check);
	check_cgroup(&check);
	check_program(&check);
	check_seccomp(&check);
	plan_find_surprises(spec_rest_spec(finder->rest), finder->host, plan, &sink);
}

static int check_rest(const struct ops_context *ctx, const struct ops_bundle_options *options,
		      struct finder *finder, struct err *err)
{
	const struct log log = { take_remark, finder, LOG_LEVEL_WARNING };
	const struct plan_request request = {
		.id = options->id,
		.bundle = finder->bundle,
		.cgroup_manager = ctx->cgroup_manager,
		.log = &log,
	};
	AUTO(arena) struct arena *arena = NULL;
	AUTO(plan) struct plan *plan = NULL;

	TRY(arena_new(HOST_ARENA_BYTES, &arena, err));
	TRY(bundle_gather_host(spec_rest_spec(finder->rest), arena, &finder->host, err));
	TRY(plan_rest(finder, &request, &plan, err));
	check_plan(finder, plan);
	return 0;
}

int op_check(const struct ops_context *ctx, const struct ops_bundle_options *options,
	     const struct problem_sink *sink, struct err *err)
{
	const struct spec_sink spec_sink = { take_spec_problem, (void *)sink };
	AUTO(text) char *path = NULL;
	AUTO(spec_rest) struct spec_rest *rest = NULL;
	struct finder finder = { .sink = sink };
	int ret;

	TRY(bundle_load_rest(options->bundle, options->config, &spec_sink, &path, &rest, err));
	if (!spec_rest_spec(rest))
		return 0;
	finder.rest = rest;
	finder.bundle = path;
	ret = check_rest(ctx, options, &finder, err);
	free(finder.remarks);
	return ret;
}
