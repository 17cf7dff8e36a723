/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ocirun: from a command line to one operation and an exit status. The library does the work and
 * never prints; what is said about a failure is said here, once.
 */
#include "commands.h"
#include "owned.h"
#include "help.h"
#include "self_exe.h"
#include "state_root.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/*
 * What callers leave behind in a process, undone: missing standard descriptors (a file that is
 * opened later must not become one), other descriptors that programs we start would inherit, and
 * an ignored SIGCHLD, which would make waiting for children impossible.
 */
static void clean_process(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	/* Fails before Linux 5.11; what becomes a container closes its descriptors anyway. */
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	signal(SIGCHLD, SIG_DFL);
}

/*
 * Keys of a hostile document must not collide: jansson would read a seed from /dev/urandom. The first
 * of the kernel's 16 random bytes are the stack protector's.
 */
static void seed_json(void)
{
	const char *random = (const char *)getauxval(AT_RANDOM);
	size_t seed;

	if (!random)
		return;
	memcpy(&seed, random + 8, sizeof(seed));
	json_object_seed(seed);
}

/* Only a link named runc gives another name: of /proc/self/fd/N the last component is a number. */
static const char *program_name(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
	const char *base = slash ? slash + 1 : argv0;

	return base && strcmp(base, "runc") == 0 ? "runc" : "ocirun";
}

static int no_such_command(const struct cli *cli, const char *name, struct err *err)
{
	err_set(err, EINVAL, "No help topic for '%s'", name);
	return err_hint(err, "'%s --help' lists the commands", cli->name);
}

/* `help [COMMAND]` */
static int run_help(const struct cli *cli, const struct arguments *arguments, struct err *err)
{
	static const char *const own[] = { "help", "--help", "-h" };
	const char *topic = arguments->n > 0 ? arguments->v[0] : NULL;
	const struct command *command = NULL;

	for (size_t i = 0; topic && i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(topic, own[i]) == 0)
			topic = NULL;
	if (topic)
		command = command_find(topic);
	if (topic && !command)
		return no_such_command(cli, topic, err);
	if (command)
		help_print_command(cli->name, command);
	else
		help_print_program(cli->name);
	return EXIT_SUCCESS;
}

static int check_arguments(const struct command *command, const struct arguments *arguments,
			   struct err *err)
{
	if (arguments->n >= command->min_arguments && arguments->n <= command->max_arguments)
		return 0;
	return err_set(err, EINVAL, "too %s arguments: %d, expected '%s%s%s'",
		       arguments->n < command->min_arguments ? "few" : "many", arguments->n,
		       command->name, command->arguments[0] ? " " : "", command->arguments);
}

static int run_command_with(struct cli *cli, const struct command *command,
			    const struct option *const *options, char **argv, void *values,
			    struct err *err)
{
	struct arguments arguments;
	int ret = options_parse(options, command->stop_after, argv, values, &arguments, err);

	if (ret == 0 && arguments.wants_help) {
		help_print_command(cli->name, command);
		return EXIT_SUCCESS;
	}
	if (ret == 0)
		ret = check_arguments(command, &arguments, err);
	if (ret < 0)
		return err_hint(err, "see '%s %s --help'", cli->name, command->name);

	log_debug(&cli->report.log, "%s %s: state root %s", cli->name, command->name,
		  cli->ops.root);
	cli->failure_status = command->failure_status;
	return command->run(cli, values, &arguments, err);
}

static int run_command(struct cli *cli, const struct command *command, char **argv, struct err *err)
{
	static const struct option *const no_options[] = { NULL };
	const struct option *const *options = command->options ? command->options : no_options;
	AUTO(values) void *values = calloc(1, command->values_size + 1);
	int ret;

	if (!values)
		return err_set(err, ENOMEM, "no memory for the options");
	ret = run_command_with(cli, command, options, argv, values, err);
	options_done(options, values);
	return ret;
}

static int open_context(struct cli *cli, char **ret_root, struct err *err)
{
	const struct global_options *options = &cli->options;

	TRY(report_open(&cli->report, options->log, options->log_format, options->debug, err));
	TRY(state_root_find(options->root, ret_root, err));
	cli->ops = (struct ops_context){
		.root = *ret_root,
		.cgroup_manager =
			options->systemd_cgroup ? CGROUP_MANAGER_SYSTEMD : options->cgroup_manager,
		.log = &cli->report.log,
	};
	return 0;
}

static int run(struct cli *cli, char **argv, struct err *err)
{
	const struct option *const tables[] = { global_options, NULL };
	const struct command *command;
	struct arguments arguments;
	AUTO(text) char *root = NULL;

	/* Behind the command's name nothing is a global option. */
	TRY(options_parse(tables, 1, argv, &cli->options, &arguments, err));
	if (cli->options.wants_version) {
		help_print_version(cli->name);
		return EXIT_SUCCESS;
	}
	if (arguments.wants_help || arguments.n == 0) {
		help_print_program(cli->name);
		return EXIT_SUCCESS;
	}
	TRY(open_context(cli, &root, err));
	argv = arguments.v + 1;
	if (strcmp(arguments.v[0], "help") == 0) {
		arguments = (struct arguments){ .n = arguments.n - 1, .v = argv };
		return run_help(cli, &arguments, err);
	}
	command = command_find(arguments.v[0]);
	if (!command)
		return no_such_command(cli, arguments.v[0], err);
	return run_command(cli, command, argv, err);
}

/*
 * Whether a copy of this process may become a container. Asked before the options are parsed, since
 * to execute this again is to begin anew; an argument that only reads like such a command does no harm.
 */
static bool makes_container(char *const *argv)
{
	for (; *argv; argv++) {
		const struct command *command = command_find(*argv);

		if (command && command->makes_container)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct cli cli = { .name = program_name(argv[0]) };
	struct err err = { 0 };
	int ret = 0;

	if (makes_container(argv))
		ret = self_exe_protect(argv, &err);
	clean_process();
	seed_json();
	report_init(&cli.report, cli.name);
	if (ret == 0)
		ret = run(&cli, argv + (argc > 0), &err);
	if (fflush(stdout) != 0 && ret == EXIT_SUCCESS)
		ret = err_sys(&err, "write to the standard output");
	else if (ferror(stdout) && ret == EXIT_SUCCESS) /* some way back: of what is not known */
		ret = err_set(&err, EIO, "write to the standard output: not all was written");
	if (ret < 0) {
		report_error(&cli.report, &err);
		ret = cli.failure_status ? cli.failure_status : EXIT_FAILURE;
	}
	report_done(&cli.report);
	return ret;
}
