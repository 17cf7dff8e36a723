/* SPDX-License-Identifier: Apache-2.0 */
/* restore: a container from an image of checkpoint. */
#include "commands.h"
#include "criu_options.h"
#include "fd.h"
#include "foreground.h"

#include <stdlib.h>

struct restore_values {
	struct criu_values criu; /* first: its table has offsets from there */
	const char *bundle;
	const char *console_socket;
	const char *pid_file;
	const char *lsm_profile;
	const char *lsm_mount_context;
	bool detach;
	bool no_pivot;
	bool no_subreaper;
};

static const struct option restore_options[] = {
	{ "bundle", 'b', OPTION(struct restore_values, bundle), .value = "DIR",
	  .help = "the bundle's directory (default: the current one)" },
	{ "detach", 'd', OPTION(struct restore_values, detach),
	  .help = "return once the processes run" },
	{ "pid-file", OPTION(struct restore_values, pid_file), .value = "FILE",
	  .help = "write the process id to FILE" },
	{ "console-socket", OPTION(struct restore_values, console_socket), .value = "SOCKET",
	  .help = "send the terminal's master to this unix socket" },
	{ "no-subreaper", OPTION(struct restore_values, no_subreaper),
	  .help = "do not adopt processes that lost their parent" },
	{ "no-pivot", OPTION(struct restore_values, no_pivot),
	  .help = "accepted for callers of runc; criu knows one way to change the root" },
	{ "lsm-profile", OPTION(struct restore_values, lsm_profile), .value = "TYPE:NAME",
	  .help = "another profile of apparmor or selinux than the processes had" },
	{ "lsm-mount-context", OPTION(struct restore_values, lsm_mount_context), .value = "CONTEXT",
	  .help = "another SELinux context of mounts than they had" },
	{ 0 },
};

static int restore_detached(struct cli *cli, const struct ops_restore_options *options,
			    struct err *err)
{
	struct ops_process process = { .pidfd = -1, .console_fd = -1 };

	TRY(op_restore(&cli->ops, options, &process, err));
	fd_close(&process.pidfd);
	fd_close(&process.console_fd);
	return EXIT_SUCCESS;
}

static int restore_foreground(struct cli *cli, const struct restore_values *values,
			      const struct ops_restore_options *options, struct err *err)
{
	AUTO(foreground) struct foreground foreground = FOREGROUND_NONE;
	struct ops_process process = { .pidfd = -1, .console_fd = -1 };
	struct ops_context ops = cli->ops;
	const char *id = options->create.id;
	struct err delete_err = { 0 };
	int status;

	/* As run does it: signals first, the container's removal last. */
	TRY(foreground_begin(&foreground, !values->no_subreaper, err));
	ops.cancel_fd = &foreground.cancel_fd;
	TRY(op_restore(&ops, options, &process, err));
	status = foreground_wait(&foreground, &process, err);

	if (op_delete(&cli->ops, id, true, &delete_err) < 0)
		log_warning(cli->ops.log, "delete container '%s': %s", id, delete_err.text);
	return status;
}

static int restore(struct cli *cli, const void *values, const struct arguments *arguments,
		   struct err *err)
{
	const struct restore_values *v = values;
	struct ops_restore_options options = {
		.create = {
			.id = arguments->v[0],
			.bundle = v->bundle,
			.console_socket = v->console_socket,
			.pid_file = v->pid_file,
			.relays_terminal = !v->detach,
		},
		.lsm_profile = v->lsm_profile,
		.lsm_mount_context = v->lsm_mount_context,
	};

	TRY(criu_options_read(&v->criu, &options.criu, err));
	return v->detach ? restore_detached(cli, &options, err)
			 : restore_foreground(cli, v, &options, err);
}

const struct command command_restore = {
	.name = "restore",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "restore a container from a previous checkpoint",
	.description =
		"Makes a container of the bundle with the processes of an image that 'checkpoint'\n"
		"wrote, and goes on like 'run'. The configuration is that of the bundle, whatever\n"
		"lies in the image. This is done by the program criu, which has to be installed.\n",
	.example = "$0 checkpoint --image-path /tmp/image c1\n"
		   "$0 restore --image-path /tmp/image --bundle hello --detach c1\n",
	.options = (const struct option *const[]){ criu_options, restore_options, NULL },
	.values_size = sizeof(struct restore_values),
	.run = restore,
};
