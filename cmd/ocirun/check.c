/* SPDX-License-Identifier: Apache-2.0 */
/* check: all that is wrong with a config.json at once, and nothing is run. */
#include "commands.h"
#include "fd.h"
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct tally {
	size_t errors;
};

static void print_problem(void *context, const struct spec_problem *problem)
{
	struct tally *tally = context;

	tally->errors += !problem->is_warning;
	printf("%s: %s%s%s\n", problem->is_warning ? "warning" : "error", problem->pointer,
	       problem->pointer[0] ? ": " : "", problem->text);
}

static int check(struct cli *cli, const void *values, const struct arguments *arguments,
		 struct err *err)
{
	const char *bundle = arguments->n > 0 ? arguments->v[0] : ".";
	AUTO_FD dir_fd = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(spec) struct spec *spec = NULL;
	struct tally tally = { 0 };
	const struct spec_sink sink = { print_problem, &tally };
	int ret;

	(void)cli;
	(void)values;
	if (dir_fd < 0)
		return err_sys(err, "open bundle '%s'", bundle);
	ret = spec_load(dir_fd, CONFIG_NAME, &sink, &spec, NULL, err);
	if (tally.errors > 0)
		return err_set(err, EINVAL, "%s of bundle '%s' has %zu error%s", CONFIG_NAME,
			       bundle, tally.errors, tally.errors == 1 ? "" : "s");
	return ret;
}

const struct command command_check = {
	.name = "check",
	.arguments = "[BUNDLE]",
	.max_arguments = 1,
	.summary = "say what is wrong with a config.json",
	.description =
		"Prints a line for each problem of BUNDLE/config.json (default: of the current\n"
		"directory), with the JSON pointer of the value. Nothing is run or changed. The\n"
		"exit status is 1 when there is an error, 0 without one.\n",
	.example = "$0 check hello\n",
	.run = check,
};
