/* SPDX-License-Identifier: Apache-2.0 */
/* run: create and start, and in the foreground wait for the end and clean up. */
#include "commands.h"
#include "create_options.h"
#include "fd.h"
#include "foreground.h"
#include "seccomp_learn.h"
#include "trace_file.h"
#include "tty.h"

#include <errno.h>
#include <stdlib.h>

struct run_values {
	struct create_values create; /* first: its table has offsets from there */
	bool detach;
	bool keep;
	bool no_subreaper;
	const char *seccomp_learn;
	bool seccomp_explain;
};

static const struct option run_options[] = {
	{ "detach", 'd', OPTION(struct run_values, detach),
	  .help = "return once the program runs" },
	{ "keep", OPTION(struct run_values, keep),
	  .help = "do not delete the container when its program has ended" },
	{ "no-subreaper", OPTION(struct run_values, no_subreaper),
	  .help = "do not adopt processes that lost their parent" },
	{ "seccomp-learn", OPTION(struct run_values, seccomp_learn), .value = "FILE",
	  .help = "deny no system call, and write a profile that allows those that were made" },
	{ "seccomp-explain", OPTION(struct run_values, seccomp_explain),
	  .help = "tell of each system call that the seccomp profile denies, on stderr or in the "
		  "log" },
	{ 0 },
};

static int run_detached(struct cli *cli, const struct ops_create_options *options, struct err *err)
{
	struct ops_process process = { .pidfd = -1, .console_fd = -1 };

	TRY(op_run(&cli->ops, options, &process, err));
	if (process.notify)
		op_notify_wait(process.notify, process.pid, process.pidfd);
	op_notify_free(process.notify);
	fd_close(&process.pidfd);
	fd_close(&process.console_fd);
	return EXIT_SUCCESS;
}

static int run_foreground(struct cli *cli, const struct run_values *values,
			  const struct ops_create_options *options, struct trace_file *trace,
			  struct err *err)
{
	AUTO(foreground) struct foreground foreground = FOREGROUND_NONE;
	struct ops_process process = { .pidfd = -1, .console_fd = -1 };
	struct ops_context ops = cli->ops;
	struct err delete_err = { 0 };
	int status;

	/* Before there is a process: no signal from now on is lost. */
	TRY(foreground_begin(&foreground, !values->no_subreaper, err));
	ops.cancel_fd = &foreground.cancel_fd;
	TRY(op_run(&ops, options, &process, err));
	trace_file_write(trace);
	status = TRACED(cli->ops.trace, TRACE_PROGRAM_RUNS, NULL,
			foreground_wait(&foreground, &process, err));

	if ((status < 0 || !values->keep) &&
	    op_delete(&cli->ops, options->id, true, &delete_err) < 0)
		log_warning(cli->ops.log, "delete container '%s': %s", options->id,
			    delete_err.text);
	return status;
}

/* Runs with somebody who is told of system calls; what was learned counts whatever the status is. */
static int run_watched(struct cli *cli, const struct run_values *values,
		       const struct ops_create_options *options, struct trace_file *trace,
		       struct err *err)
{
	struct ops_create_options watched = *options;
	AUTO(seccomp_lesson) struct seccomp_lesson lesson = SECCOMP_LESSON_NONE;
	const struct seccomp_watch_request learn = {
		.kind = SECCOMP_WATCH_ALL,
		.visit = seccomp_lesson_add,
		.context = &lesson,
	};
	const struct seccomp_watch_request explain = {
		.kind = SECCOMP_WATCH_DENIED,
		.visit = seccomp_explain_call,
		.context = &cli->report.log,
	};
	int status;

	if (values->seccomp_learn && values->seccomp_explain)
		return err_set(err, EINVAL,
			       "--seccomp-learn denies nothing that --seccomp-explain "
			       "could tell of: use one of them");
	watched.watch = values->seccomp_explain ? &explain : &learn;
	if (values->seccomp_learn)
		TRY(seccomp_lesson_begin(&lesson, values->seccomp_learn, err));
	status = run_foreground(cli, values, &watched, trace, err);
	if (status >= 0 && values->seccomp_learn)
		TRY(seccomp_lesson_write(&lesson, &cli->report.log, err));
	return status;
}

static int run_in_its_way(struct cli *cli, const struct run_values *values,
			  const struct ops_create_options *options, struct trace_file *trace,
			  struct err *err)
{
	if (values->detach)
		return run_detached(cli, options, err);
	if (values->seccomp_learn || values->seccomp_explain)
		return run_watched(cli, values, options, trace, err);
	return run_foreground(cli, values, options, trace, err);
}

static int run(struct cli *cli, const void *values, const struct arguments *arguments,
	       struct err *err)
{
	const struct run_values *v = values;
	struct ops_create_options options;
	struct trace_file trace;

	TRY(create_options_read(cli, &v->create, arguments->v[0], &options, err));
	options.relays_terminal = !v->detach;
	if (v->detach && (v->seccomp_learn || v->seccomp_explain))
		return err_set(err, EINVAL,
			       "system calls are watched in the foreground: --detach "
			       "leaves nobody to do it");
	if (!v->detach)
		tty_find_size(&options.rows, &options.columns);
	TRY(trace_file_begin(cli, v->create.trace, "run", &trace, err));
	return trace_file_end(&trace, run_in_its_way(cli, v, &options, &trace, err));
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
		   "$0 run --bundle hello --detach --console-socket /tmp/console c2\n"
		   "$0 run --bundle hello --seccomp-learn profile.json c3\n",
	.options = (const struct option *const[]){ create_options, run_options, NULL },
	.values_size = sizeof(struct run_values),
	.stop_after = 1,
	.makes_container = true,
	.run = run,
};
