/* SPDX-License-Identifier: Apache-2.0 */
/* create: everything up to the container's program, which waits for `start`. */
#include "commands.h"
#include "create_options.h"
#include "trace_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

const struct option create_options[] = {
	{ "bundle", 'b', OPTION(struct create_values, bundle), .value = "DIR",
	  .help = "the bundle's directory (default: the current one)" },
	{ "config", OPTION(struct create_values, config), .value = "FILE",
	  .help = "read FILE instead of the bundle's config.json" },
	{ "console-socket", OPTION(struct create_values, console_socket), .value = "SOCKET",
	  .help = "send the terminal's master to this unix socket" },
	{ "pidfd-socket", OPTION(struct create_values, pidfd_socket), .value = "SOCKET",
	  .help = "send a pidfd of the container's first process to this unix socket" },
	{ "pid-file", OPTION(struct create_values, pid_file), .value = "FILE",
	  .help = "write the process id to FILE" },
	{ "no-pivot", OPTION(struct create_values, no_pivot),
	  .help = "change the root with MS_MOVE and chroot: for a root filesystem on a ramdisk" },
	{ "no-new-keyring", OPTION(struct create_values, no_new_keyring),
	  .help = "keep the caller's session keyring" },
	{ "preserve-fds", OPTION(struct create_values, preserve_fds), .max = PRESERVE_FDS_MAX,
	  .value = "N", .help = "pass descriptors 3 to 3+N-1 to the container" },
	TRACE_OPTION(struct create_values, trace),
	{ 0 },
};

int listen_fds(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
	int count = n ? atoi(n) : 0;

	/* What was meant for another process stayed in the environment by accident. */
	if (!pid || atoi(pid) != getpid() || count < 0 || count > PRESERVE_FDS_MAX)
		return 0;
	return count;
}

const char *notify_socket(void)
{
	const char *address = getenv("NOTIFY_SOCKET");

	return address && address[0] ? address : NULL;
}

int preserve_fds(struct cli *cli, int n, struct err *err)
{
	int last = STDERR_FILENO + n;

	/* The log was opened before the options were known, and is not the caller's to pass on. */
	TRY(report_leave_fds(&cli->report, last, err));
	if (n > 0 && fcntl(last, F_GETFD) < 0) {
		err_sys(err, "preserve descriptor %d", last);
		return err_hint(err,
				"--preserve-fds N passes 3 to N+2 on, and the last has to be open");
	}
	/* main() made all descriptors close-on-exec. */
	for (int fd = STDERR_FILENO + 1; fd <= last; fd++)
		/* A gap is held, so that nothing of ours gets its number; it ends with the exec. */
		if (fcntl(fd, F_SETFD, 0) < 0 && open("/dev/null", O_PATH | O_CLOEXEC) != fd)
			return err_sys(err, "hold descriptor %d, which is not open", fd);
	return 0;
}

int create_options_read(struct cli *cli, const struct create_values *values, const char *id,
			struct ops_create_options *ret_options, struct err *err)
{
	int n_listen = listen_fds();

	TRY(preserve_fds(cli, n_listen + values->preserve_fds, err));
	*ret_options = (struct ops_create_options){
		.id = id,
		.bundle = values->bundle,
		.config = values->config,
		.console_socket = values->console_socket,
		.pidfd_socket = values->pidfd_socket,
		.pid_file = values->pid_file,
		.no_pivot = values->no_pivot,
		.no_new_keyring = values->no_new_keyring,
		.preserve_fds = n_listen + values->preserve_fds,
		.listen_fds = n_listen,
		.notify_socket = notify_socket(),
	};
	return 0;
}

static int create(struct cli *cli, const void *values, const struct arguments *arguments,
		  struct err *err)
{
	const struct create_values *v = values;
	struct ops_create_options options;
	struct trace_file trace;

	TRY(create_options_read(cli, v, arguments->v[0], &options, err));
	TRY(trace_file_begin(cli, v->trace, "create", &trace, err));
	return trace_file_end(&trace, op_create(&cli->ops, &options, NULL, err));
}

const struct command command_create = {
	.name = "create",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "create a container",
	.description =
		"Sets up the container that the bundle describes, under the name CONTAINER, which\n"
		"no other container may have. Its program does not run before 'start'.\n",
	.example = "$0 create --bundle hello c1\n"
		   "$0 start c1\n"
		   "$0 delete --force c1\n",
	.options = (const struct option *const[]){ create_options, NULL },
	.values_size = sizeof(struct create_values),
	.makes_container = true,
	.run = create,
};
