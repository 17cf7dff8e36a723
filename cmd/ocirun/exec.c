/* SPDX-License-Identifier: Apache-2.0 */
/* exec: one more process in a container, in the foreground or detached. */
#include "commands.h"
#include "create_options.h"
#include "fd.h"
#include "foreground.h"
#include "trace_file.h"
#include "tty.h"

#include <errno.h>
#include <stdlib.h>

#define EXEC_EXIT_FAILED 255 /* the process did not run: nobody else's status */

struct exec_values {
	const char *console_socket;
	const char *pidfd_socket;
	const char *pid_file;
	const char *process;
	const char *cwd;
	struct option_list env;
	const char *user;
	struct option_list groups;
	struct option_list caps;
	struct option_list cgroups;
	const char *process_label;
	const char *apparmor;
	bool tty;
	bool detach;
	bool no_new_privs;
	bool ignore_paused;
	int preserve_fds;
	const char *trace;
};

static const struct option exec_options[] = {
	{ "process", 'p', OPTION(struct exec_values, process), .value = "FILE",
	  .help = "run the process object in FILE instead of a PROGRAM" },
	{ "cwd", OPTION(struct exec_values, cwd), .value = "DIR",
	  .help = "the working directory inside the container" },
	{ "env", 'e', OPTION(struct exec_values, env), .value = "KEY=VALUE",
	  .help = "add to the environment; may be repeated" },
	{ "tty", 't', OPTION(struct exec_values, tty), .help = "allocate a terminal" },
	{ "user", 'u', OPTION(struct exec_values, user), .value = "USER[:GROUP]",
	  .help = "run as this user, by id or by its name in the container" },
	{ "additional-gids", 'g', OPTION(struct exec_values, groups), .value = "GROUP",
	  .help = "add a supplementary group, by id or name; may be repeated" },
	{ "cap", 'c', OPTION(struct exec_values, caps), .value = "CAP_NAME",
	  .help = "add a capability; may be repeated" },
	{ "no-new-privs", OPTION(struct exec_values, no_new_privs), .help = "set no_new_privs" },
	{ "process-label", OPTION(struct exec_values, process_label), .value = "LABEL",
	  .help = "run with this SELinux label" },
	{ "apparmor", OPTION(struct exec_values, apparmor), .value = "PROFILE",
	  .help = "run with this AppArmor profile" },
	{ "cgroup", OPTION(struct exec_values, cgroups), .value = "[CONTROLLER,...:]PATH",
	  .help = "run in this cgroup below the container's, which exists; v1: may be repeated" },
	{ "detach", 'd', OPTION(struct exec_values, detach),
	  .help = "return once the program runs" },
	{ "pid-file", OPTION(struct exec_values, pid_file), .value = "FILE",
	  .help = "write the process id to FILE" },
	{ "console-socket", OPTION(struct exec_values, console_socket), .value = "SOCKET",
	  .help = "send the terminal's master to this unix socket" },
	{ "pidfd-socket", OPTION(struct exec_values, pidfd_socket), .value = "SOCKET",
	  .help = "send a pidfd of the process to this unix socket" },
	{ "preserve-fds", OPTION(struct exec_values, preserve_fds), .max = PRESERVE_FDS_MAX,
	  .value = "N", .help = "pass descriptors 3 to 3+N-1 to the process" },
	{ "ignore-paused", OPTION(struct exec_values, ignore_paused),
	  .help = "in a paused container, wait until it is resumed" },
	TRACE_OPTION(struct exec_values, trace),
	{ 0 },
};

static int exec_detached(struct cli *cli, const struct ops_exec_options *options, struct err *err)
{
	struct ops_process process = { .pidfd = -1, .console_fd = -1 };

	TRY(op_exec(&cli->ops, options, &process, err));
	fd_close(&process.pidfd);
	fd_close(&process.console_fd);
	return EXIT_SUCCESS;
}

static int exec_foreground(struct cli *cli, const struct ops_exec_options *options,
			   struct trace_file *trace, struct err *err)
{
	AUTO(foreground) struct foreground foreground = FOREGROUND_NONE;
	struct ops_process process = { .pidfd = -1, .console_fd = -1 };
	struct ops_context ops = cli->ops;

	TRY(foreground_begin(&foreground, false, err));
	ops.cancel_fd = &foreground.cancel_fd;
	TRY(op_exec(&ops, options, &process, err));
	trace_file_write(trace);
	return TRACED(cli->ops.trace, TRACE_PROGRAM_RUNS, NULL,
		      foreground_wait(&foreground, &process, err));
}

static int run(struct cli *cli, const void *values, const struct arguments *arguments,
	       struct err *err)
{
	const struct exec_values *v = values;
	int n_listen = listen_fds();
	struct trace_file trace;
	struct ops_exec_options options = {
		.id = arguments->v[0],
		.process_file = v->process,
		.argv = arguments->v + 1,
		.cwd = v->cwd,
		.env = v->env.v,
		.user = v->user,
		.groups = v->groups.v,
		.caps = v->caps.v,
		.cgroups = v->cgroups.v,
		.apparmor_profile = v->apparmor,
		.selinux_label = v->process_label,
		.has_terminal = v->tty,
		.no_new_privileges = v->no_new_privs,
		.console_socket = v->console_socket,
		.pidfd_socket = v->pidfd_socket,
		.pid_file = v->pid_file,
		.preserve_fds = n_listen + v->preserve_fds,
		.listen_fds = n_listen,
		.relays_terminal = !v->detach && !v->console_socket,
		.ignores_paused = v->ignore_paused,
	};

	if (!v->process && arguments->n < 2)
		return err_set(err, EINVAL, "process args cannot be empty");
	if (options.relays_terminal)
		tty_find_size(&options.rows, &options.columns);
	TRY(preserve_fds(cli, options.preserve_fds, err));
	TRY(trace_file_begin(cli, v->trace, "exec", &trace, err));
	return trace_file_end(&trace, v->detach ? exec_detached(cli, &options, err)
						: exec_foreground(cli, &options, &trace, err));
}

const struct command command_exec = {
	.name = "exec",
	.arguments = "CONTAINER [PROGRAM [ARGUMENT...]]",
	.min_arguments = 1,
	.max_arguments = ARGUMENTS_ANY,
	.summary = "run one more process in a container",
	.description =
		"Runs PROGRAM, or the process object of --process, in the namespaces and cgroups "
		"of "
		"a created\n"
		"or running container, with the user, environment, rights and limits of the "
		"container's own\n"
		"process unless options say otherwise. Exits with the program's exit status: 128+N "
		"when\n"
		"signal N killed it, 255 when it could not be run.\n",
	.example = "$0 exec c1 ps\n"
		   "$0 exec --tty --env TERM=xterm c1 sh\n"
		   "$0 exec --detach --process process.json --pid-file pid c1\n",
	.options = (const struct option *const[]){ exec_options, NULL },
	.values_size = sizeof(struct exec_values),
	.stop_after = 1,
	.makes_container = true,
	.failure_status = EXEC_EXIT_FAILED,
	.run = run,
};
