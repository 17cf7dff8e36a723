/* SPDX-License-Identifier: Apache-2.0 */
/* run: create and start, and in the foreground wait for the end and clean up. */
#include "commands.h"
#include "create_options.h"
#include "fd.h"
#include "foreground.h"
#include "tty.h"

#include <stdlib.h>

struct run_values {
	struct create_values create; /* first: its table has offsets from there */
	bool detach;
	bool keep;
	bool no_subreaper;
};

static const struct option run_options[] = {
	{ "detach", 'd', OPTION(struct run_values, detach),
	  .help = "return once the program runs" },
	{ "keep", OPTION(struct run_values, keep),
	  .help = "do not delete the container when its program has ended" },
	{ "no-subreaper", OPTION(struct run_values, no_subreaper),
	  .help = "do not adopt processes that lost their parent" },
	{ 0 },
};

static int run_detached(struct cli *cli, const struct ops_create_options *options, struct err *err)
{
	struct ops_process process = { .pidfd = -1, .console_fd = -1 };

	TRY(op_run(&cli->ops, options, &process, err));
	fd_close(&process.pidfd);
	fd_close(&process.console_fd);
	return EXIT_SUCCESS;
}

static int run_foreground(struct cli *cli, const struct run_values *values,
			  const struct ops_create_options *options, struct err *err)
{
	AUTO(foreground) struct foreground foreground = FOREGROUND_NONE;
	struct ops_process process = { .pidfd = -1, .console_fd = -1 };
	struct err delete_err = { 0 };
	int status;

	/* Before there is a process: no signal from now on is lost. */
	TRY(foreground_begin(&foreground, !values->no_subreaper, err));
	TRY(op_run(&cli->ops, options, &process, err));
	fd_close(&process.pidfd);
	status = foreground_wait(&foreground, process.pid, process.console_fd, err);

	if ((status < 0 || !values->keep) &&
	    op_delete(&cli->ops, options->id, true, &delete_err) < 0)
		log_warning(cli->ops.log, "delete container '%s': %s", options->id,
			    delete_err.text);
	return status;
}

static int run(struct cli *cli, const void *values, const struct arguments *arguments,
	       struct err *err)
{
	const struct run_values *v = values;
	struct ops_create_options options;

	TRY(create_options_read(&v->create, arguments->v[0], &options, err));
	options.relays_terminal = !v->detach;
	if (v->detach)
		return run_detached(cli, &options, err);
	tty_find_size(&options.rows, &options.columns);
	return run_foreground(cli, v, &options, err);
}

const struct command command_run = {
	.name = "run",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "create a container and run its program",
	.description = "Runs the program that the bundle's config.json names, waits for its end, "
		       "deletes the\n"
		       "container, and exits with the program's exit status: 128+N when signal N "
		       "killed it.\n"
		       "Signals are passed on to the program. With \"terminal\": true the terminal "
		       "is relayed.\n",
	.example = "$0 run --bundle hello c1\n"
		   "$0 run --bundle hello --detach --console-socket /tmp/console c2\n",
	.options = (const struct option *const[]){ create_options, run_options, NULL },
	.values_size = sizeof(struct run_values),
	.stop_after = 1,
	.makes_container = true,
	.run = run,
};
