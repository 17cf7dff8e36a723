/* SPDX-License-Identifier: Apache-2.0 */
/* pause: stops all processes of a container. */
#include "commands.h"

static int pause_container(struct cli *cli, const void *values, const struct arguments *arguments,
			   struct err *err)
{
	(void)values;
	return op_pause(&cli->ops, arguments->v[0], err);
}

const struct command command_pause = {
	.name = "pause",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "suspend all processes of a container",
	.description = "They get no processor time until 'resume', and do not notice.\n",
	.example = "$0 pause c1\n"
		   "$0 resume c1\n",
	.run = pause_container,
};
