/* SPDX-License-Identifier: Apache-2.0 */
/* explain: what create would do with a bundle, in words; nothing is done. */
#include "commands.h"
#include "explain_view.h"
#include "ops_plan.h"
#include "plan.h"

/* Where the container's name would be. */
#define NO_NAME "ID"

enum explain_format {
	EXPLAIN_TREE,
	EXPLAIN_JSON,
	EXPLAIN_HTML,
	EXPLAIN_SVG,
};

struct explain_values {
	const char *config;
	const char *id;
	const char *syscall;
	enum explain_format format;
};

static const char *const formats[] = {
	[EXPLAIN_TREE] = "tree", [EXPLAIN_JSON] = "json",  [EXPLAIN_HTML] = "html",
	[EXPLAIN_SVG] = "svg",   [EXPLAIN_SVG + 1] = NULL,
};

static const struct option explain_options[] = {
	{ "config", OPTION(struct explain_values, config), .value = "FILE",
	  .help = "read FILE instead of the bundle's config.json" },
	{ "format", 'f', OPTION(struct explain_values, format), .choices = formats,
	  .value = "FORMAT", .help = "tree (the default), json, html or svg" },
	{ "id", OPTION(struct explain_values, id), .value = "CONTAINER",
	  .help = "the name that the container would have (default: " NO_NAME ")" },
	{ "syscall", OPTION(struct explain_values, syscall), .value = "NAME",
	  .help = "say only what happens to this system call" },
	{ 0 },
};

static int show(const struct plan_explanation *explanation, enum explain_format format,
		const char *title, struct err *err)
{
	switch (format) {
	case EXPLAIN_JSON:
		return explain_json(explanation, err);
	case EXPLAIN_HTML:
		explain_html(explanation, title, stdout);
		return 0;
	case EXPLAIN_SVG:
		explain_svg(explanation, title, stdout);
		return 0;
	case EXPLAIN_TREE:
		break;
	}
	explain_print(explanation, title);
	return 0;
}

static int explain(struct cli *cli, const void *values, const struct arguments *arguments,
		   struct err *err)
{
	const struct explain_values *v = values;
	const struct ops_bundle_options options = {
		.id = v->id ? v->id : NO_NAME,
		.bundle = arguments->n > 0 ? arguments->v[0] : NULL,
		.config = v->config,
	};
	AUTO(plan) struct plan *plan = NULL;
	AUTO(plan_explanation) struct plan_explanation *explanation = NULL;

	TRY(op_plan(&cli->ops, &options, &plan, err));
	TRY(plan_explain(plan, &explanation, err));
	if (v->syscall) {
		explanation->n = 0;
		TRY(plan_explain_syscall(explanation, plan->seccomp, v->syscall, err));
	}
	return show(explanation, v->format, plan->bundle, err);
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "[BUNDLE]",
	.max_arguments = 1,
	.summary = "say what create would do with a bundle",
	.description =
		"Prints the plan for BUNDLE (default: the current directory) on this host: its\n"
		"namespaces and ids, cgroups and the values they get, mounts in their order,\n"
		"devices, the process, its capabilities, what its system calls meet, and hooks.\n"
		"Nothing is run or changed. With --format html or svg it is a picture of what the\n"
		"container shares with the host.\n",
	.example = "$0 explain hello\n"
		   "$0 explain --syscall openat hello\n"
		   "$0 explain --format html hello >hello.html\n"
		   "$0 explain --format json hello | jq '.mounts[].target'\n",
	.options = (const struct option *const[]){ explain_options, NULL },
	.values_size = sizeof(struct explain_values),
	.run = explain,
};
