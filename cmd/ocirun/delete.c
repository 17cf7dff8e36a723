/* SPDX-License-Identifier: Apache-2.0 */
/* delete: removes what is left of a container. */
#include "commands.h"
#include "trace_file.h"

struct delete_values {
	bool force;
	const char *trace;
};

static const struct option delete_options[] = {
	{ "force", 'f', OPTION(struct delete_values, force),
	  .help = "kill a running container first; an unknown one is no error" },
	TRACE_OPTION(struct delete_values, trace),
	{ 0 },
};

static int delete (struct cli *cli, const void *values, const struct arguments *arguments,
		   struct err *err)
{
	const struct delete_values *v = values;

	struct trace_file trace;

	TRY(trace_file_begin(cli, v->trace, "delete", &trace, err));
	return trace_file_end(&trace, op_delete(&cli->ops, arguments->v[0], v->force, err));
}

const struct command command_delete = {
	.name = "delete",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "delete a stopped or created container",
	.description = "Removes the container's cgroup and state, and runs its poststop hooks.\n",
	.example = "$0 kill c1 KILL\n"
		   "$0 delete c1\n",
	.options = (const struct option *const[]){ delete_options, NULL },
	.values_size = sizeof(struct delete_values),
	.run = delete,
};
