/* SPDX-License-Identifier: Apache-2.0 */
/* trace: shows what --trace wrote, in the terminal or as a picture. */
#include "commands.h"
#include "json_text.h"
#include "trace_view.h"

#include <errno.h>
#include <stdio.h>

struct trace_values {
	const char *svg;
};

static const struct option trace_options[] = {
	{ "svg", OPTION(struct trace_values, svg), .value = "FILE",
	  .help = "write a picture to FILE (SVG) instead of printing" },
	{ 0 },
};

DEFINE_AUTO(file, FILE *, fclose)

static int write_svg(const struct trace_view *view, const char *path, struct err *err)
{
	AUTO(file) FILE *out = fopen(path, "we");

	if (!out)
		return err_sys(err, "open '%s'", path);
	trace_view_svg(view, out);
	return fflush(out) != 0 ? err_sys(err, "write '%s'", path) : 0;
}

static int show(struct cli *cli, const void *values, const struct arguments *arguments,
		struct err *err)
{
	const struct trace_values *v = values;
	const char *path = arguments->v[0];
	AUTO(file) FILE *in = fopen(path, "re");
	AUTO(json) json_t *json = NULL;
	AUTO(trace_view) struct trace_view view = { .n = 0 };
	json_error_t json_err;

	(void)cli;
	if (!in)
		return err_sys(err, "open '%s'", path);
	json = json_loadf(in, JSON_REJECT_DUPLICATES, &json_err);
	if (!json)
		return err_set(err, EINVAL, "'%s' is no JSON: %s, line %d", path, json_err.text,
			       json_err.line);
	if (trace_view_make(json, &view, err) < 0) {
		err_wrap(err, "'%s' is no trace", path);
		return err_hint(err, "'run --trace FILE' writes one");
	}
	if (v->svg)
		return write_svg(&view, v->svg, err);
	trace_view_print(&view);
	return 0;
}

const struct command command_trace = {
	.name = "trace",
	.arguments = "FILE",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "show what --trace of another command wrote",
	.description =
		"Prints a line for each span of FILE, which run, create, start, exec or delete\n"
		"wrote with --trace: its name, how long it took, and when, as a bar on a common\n"
		"scale. What waits for another process is dimmed. FILE is in the trace event\n"
		"format, which ui.perfetto.dev opens too.\n",
	.example = "$0 run --trace run.json --bundle hello c1\n"
		   "$0 trace run.json\n"
		   "$0 trace --svg run.svg run.json\n",
	.options = (const struct option *const[]){ trace_options, NULL },
	.values_size = sizeof(struct trace_values),
	.run = show,
};
