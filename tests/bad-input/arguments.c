/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wrong command lines, from the tables that parse them: options that are not there, values that are
 * none, too few and too many arguments, and ids that could become paths.
 */
#include "through.h"

#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS_MAX 16

/* A command line that grows: the program and its global options first. */
struct line {
	char *v[ARGUMENTS_MAX + 1];
	int n;
};

static struct line line_of(const struct through *through, const char *command)
{
	struct line line = { .n = 0 };

	for (; through->command[line.n]; line.n++)
		line.v[line.n] = through->command[line.n];
	line.v[line.n++] = (char *)command;
	return line;
}

static void refused(struct through *through, struct line line, const char *argument,
		    const char *part)
{
	char what[512] = "";

	if (argument)
		line.v[line.n++] = (char *)argument;
	if (through->seen++ % through->step)
		return;
	for (int i = 1; i < line.n; i++)
		snprintf(what + strlen(what), sizeof(what) - strlen(what), " %.60s", line.v[i]);
	through_refuses(through, line.v, part, what);
}

/* ---- options ---- */

/* NULL-terminated. */
static const char *const no_bools[] = { "", "maybe", "yes", "2", "TRUE ", NULL };
static const char *const no_ints[] = {
	"",
	"x",
	"1.5",
	"0x10",
	" 1",
	"1 ",
	"99999999999999999999",
	"-99999999999999999999",
	"--1",
	"1e3",
	"1,2",
	"١",
	"+",
	"-",
	NULL,
};
static const char *const no_choices[] = { "", "nothing", "TEXT", "0", NULL };

static void wrong_value(struct through *through, const struct line *line,
			const struct option *option, const char *value)
{
	char argument[128], part[128];

	snprintf(argument, sizeof(argument), "--%s=%s", option->name, value);
	snprintf(part, sizeof(part), "for flag -%s: expected", option->name);
	refused(through, *line, argument, part);
}

static void wrong_values(struct through *through, const struct line *line,
			 const struct option *option)
{
	const char *const *values = option->kind == OPTION_BOOL     ? no_bools
				    : option->kind == OPTION_INT    ? no_ints
				    : option->kind == OPTION_CHOICE ? no_choices
								    : NULL;
	char number[32];

	for (; values && *values; values++)
		wrong_value(through, line, option, *values);
	if (option->kind == OPTION_INT && (option->min || option->max)) {
		snprintf(number, sizeof(number), "%lld", (long long)option->min - 1);
		wrong_value(through, line, option, number);
		snprintf(number, sizeof(number), "%lld", (long long)option->max + 1);
		wrong_value(through, line, option, number);
	}
}

static void wrong_option(struct through *through, const struct line *line,
			 const struct option *option)
{
	char argument[128], part[128];

	if (option->kind != OPTION_BOOL) {
		snprintf(argument, sizeof(argument), "--%s", option->name);
		snprintf(part, sizeof(part), "flag needs an argument: -%s", option->name);
		refused(through, *line, argument, part);
	}
	wrong_values(through, line, option);
	snprintf(argument, sizeof(argument), "--%s-x=1", option->name);
	snprintf(part, sizeof(part), "flag provided but not defined: -%s-x", option->name);
	refused(through, *line, argument, part);
	snprintf(argument, sizeof(argument), "---%s", option->name);
	refused(through, *line, argument, "flag provided but not defined: --");
}

static void wrong_options(struct through *through, const struct line *line,
			  const struct option *const *tables)
{
	static const char *const unknown[] = { "--no-such", "-Z", "-=", "--=x", "---", "--\n" };

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		refused(through, *line, unknown[i], "flag provided but not defined: -");
	for (; tables && *tables; tables++)
		for (const struct option *option = *tables; option->name; option++)
			wrong_option(through, line, option);
}

/* ---- arguments and ids ---- */

static void wrong_counts(struct through *through, const struct line *line,
			 const struct command *command)
{
	struct line many = *line;

	if (command->min_arguments > 0)
		refused(through, *line, NULL, "too few arguments");
	if (command->max_arguments > ARGUMENTS_MAX / 2) /* as many as one likes */
		return;
	for (int i = 0; i < command->max_arguments; i++)
		many.v[many.n++] = (char *)"a";
	refused(through, many, "a", "too many arguments");
}

static void wrong_ids(struct through *through, const struct line *line,
		      const struct command *command)
{
	static const char *const ids[] = {
		".",      "..",         "../a",
		"a/b",    "/a",         "a/",
		".a",     "a b",        " a",
		"a ",     "a\n",        "\n",
		"a\tb",   "a\x01",      "a\x7f",
		"a\xff",  "\xc3\xa4",   "\xe2\x80\xae.a",
		"a:b",    "a@b",        "a,b",
		"a;b",    "a&b",        "a|b",
		"a$b",    "$(a)",       "`a`",
		"a*",     "a?",         "[a]",
		"{a}",    "a~",         "~",
		"#",      "%s%n",       "%00",
		"a\\b",   "a\"b",       "a'b",
		"a=b",    "<a>",        "a!",
		"(a)",    "^",          "\xef\xbc\x8f",
		"a/../b", "/proc/self", "..\\a",
		"a\r",    "\x1b[2J",
	};
	char longest[4097];
	struct line with_id;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]) + 3; i++) {
		const char *id = longest, *part = "invalid container ID format";

		with_id = *line;
		memset(longest, 'a', sizeof(longest));
		if (i < sizeof(ids) / sizeof(ids[0]))
			id = ids[i];
		else if (i == sizeof(ids) / sizeof(ids[0])) {
			id = "";
			part = "container id cannot be empty";
		} else {
			longest[i == sizeof(ids) / sizeof(ids[0]) + 1 ? 256 : 4096] = '\0';
		}
		with_id.v[with_id.n++] = (char *)id;
		/* A signal, or a program. */
		if (strchr(command->arguments, ' '))
			with_id.v[with_id.n++] = (char *)"KILL";
		refused(through, with_id, NULL, part);
	}
}

/* ---- amounts, which are texts to the tables ---- */

static void wrong_amounts(struct through *through)
{
	static const char *const names[] = {
		"blkio-weight", "cpu-period",         "cpu-quota",      "cpu-burst",
		"cpu-share",    "cpu-rt-period",      "cpu-rt-runtime", "cpu-idle",
		"memory",       "memory-reservation", "memory-swap",    "pids-limit",
	};
	static const char *const values[] = {
		"x",
		"-",
		"1x",
		"1.2.3",
		" 1",
		"1 x",
		"0x10",
		"--1",
		"+1",
		"1e5",
		"NaN",
		"inf",
		"99999999999999999999",
		"-99999999999999999999",
		"1,5",
		"\n",
		"1\n",
		".",
	};
	struct line line = line_of(through, "update");
	char argument[128], part[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
			struct line with_id = line;

			snprintf(argument, sizeof(argument), "--%s=%s", names[i], values[k]);
			snprintf(part, sizeof(part), "invalid value for %s:", names[i]);
			with_id.v[with_id.n++] = argument;
			refused(through, with_id, "a", part);
		}
	}
}

void through_arguments(struct through *through)
{
	const struct option *const global[] = { global_options, NULL };
	struct line line;

	line = line_of(through, NULL);
	line.n--;
	wrong_options(through, &line, global);
	for (const struct command *const *command = commands; *command; command++) {
		line = line_of(through, (*command)->name);
		wrong_options(through, &line, (*command)->options);
		wrong_counts(through, &line, *command);
		if (strncmp((*command)->arguments, "CONTAINER", 9) == 0)
			wrong_ids(through, &line, *command);
	}
	wrong_amounts(through);
}
