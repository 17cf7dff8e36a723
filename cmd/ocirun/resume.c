/* SPDX-License-Identifier: Apache-2.0 */
/* resume: continues the processes of a paused container. */
#include "commands.h"

static int resume(struct cli *cli, const void *values, const struct arguments *arguments,
		  struct err *err)
{
	(void)values;
	return op_resume(&cli->ops, arguments->v[0], err);
}

const struct command command_resume = {
	.name = "resume",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "continue all processes of a paused container",
	.example = "$0 pause c1\n"
		   "$0 resume c1\n",
	.run = resume,
};
