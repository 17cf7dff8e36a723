/* SPDX-License-Identifier: Apache-2.0 */
/* start: lets the program of a created container run. */
#include "commands.h"

static int start(struct cli *cli, const void *values, const struct arguments *arguments,
		 struct err *err)
{
	(void)values;
	return op_start(&cli->ops, arguments->v[0], err);
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
	.run = start,
};
