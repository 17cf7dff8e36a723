/* SPDX-License-Identifier: Apache-2.0 */
/* kill: sends a signal to a container. */
#include "commands.h"
#include "signals.h"

struct kill_values {
	bool all;
};

static const struct option kill_options[] = {
	{ "all", 'a', OPTION(struct kill_values, all),
	  .help = "send it to every process of the container" },
	{ 0 },
};

static int kill_container(struct cli *cli, const void *values, const struct arguments *arguments,
			  struct err *err)
{
	const struct kill_values *v = values;
	int signal;

	TRY(signal_parse(arguments->n > 1 ? arguments->v[1] : "TERM", &signal, err));
	return op_kill(&cli->ops, arguments->v[0], signal, v->all, err);
}

const struct command command_kill = {
	.name = "kill",
	.arguments = "CONTAINER [SIGNAL]",
	.min_arguments = 1,
	.max_arguments = 2,
	.summary = "send a signal to the container's first process",
	.description =
		"SIGNAL is a name, with or without SIG in front, or a number; TERM without one.\n",
	.example = "$0 kill c1 KILL\n"
		   "$0 kill c1 RTMIN+3\n",
	.options = (const struct option *const[]){ kill_options, NULL },
	.values_size = sizeof(struct kill_values),
	.run = kill_container,
};
