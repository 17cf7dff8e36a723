/* SPDX-License-Identifier: Apache-2.0 */
/* start: lets the program of a created container run. */
#include "commands.h"
#include "create_options.h"
#include "trace_file.h"

struct start_values {
	const char *trace;
};

static const struct option start_options[] = {
	TRACE_OPTION(struct start_values, trace),
	{ 0 },
};

static int start(struct cli *cli, const void *values, const struct arguments *arguments,
		 struct err *err)
{
	const struct start_values *v = values;
	struct trace_file trace;

	TRY(trace_file_begin(cli, v->trace, "start", &trace, err));
	return trace_file_end(&trace, op_start(&cli->ops, arguments->v[0], notify_socket(), err));
}

const struct command command_start = {
	.name = "start",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "run the program of a created container",
	.description = "Runs the program that config.json names. It is not waited for.\n",
	.example = "$0 create --bundle hello c1\n"
		   "$0 start c1\n",
	.options = (const struct option *const[]){ start_options, NULL },
	.values_size = sizeof(struct start_values),
	.run = start,
};
