/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "options.h"

#include <errno.h>
#include <string.h>

enum colour {
	COLOUR_RED,
	COLOUR_BLUE,
};

struct values {
	const char *bundle;
	bool detach;
	int fds;
	enum colour colour;
	bool keep;
};

static const char *const colours[] = { "red", "blue", NULL };

static const struct option base_options[] = {
	{ "bundle", 'b', OPTION(struct values, bundle), .value = "DIR" },
	{ "fds", OPTION(struct values, fds), .max = 100, .value = "N" },
	{ "colour", OPTION(struct values, colour), .choices = colours, .value = "COLOUR" },
	{ "criu", .kind = OPTION_ACCEPTED, .value = "FILE" },
	{ 0 },
};
static const struct option more_options[] = {
	{ "detach", 'd', OPTION(struct values, detach) },
	{ "keep", OPTION(struct values, keep) },
	{ 0 },
};
static const struct option *const tables[] = { base_options, more_options, NULL };

#define ARGV_MAX 16

struct parsed {
	int ret;
	struct values values;
	struct arguments arguments;
	char arguments_text[128]; /* joined by "|" */
	struct err err;
	char line[256];
	char *argv[ARGV_MAX];
};

/* Parses the words of @line; "''" is an empty word. */
static void parse(struct parsed *p, int stop_after, const char *line)
{
	int n = 0;

	memset(p, 0, sizeof(*p));
	strncpy(p->line, line, sizeof(p->line) - 1);
	for (char *word = strtok(p->line, " "); word; word = strtok(NULL, " "))
		p->argv[n++] = strcmp(word, "''") == 0 ? word + 2 : word;
	p->ret = options_parse(tables, stop_after, p->argv, &p->values, &p->arguments, &p->err);
	for (int i = 0; p->ret == 0 && i < p->arguments.n; i++) {
		if (i > 0)
			strcat(p->arguments_text, "|");
		strcat(p->arguments_text, p->arguments.v[i]);
	}
}

TEST(every_spelling_of_a_value_is_the_same)
{
	static const char *const lines[] = {
		"--bundle /b c1",
		"--bundle=/b c1",
		"-bundle /b c1",
		"-bundle=/b c1",
		"-b /b c1",
		"-b=/b c1",
		"c1 --bundle /b",
		"c1 -b /b",
		"--b /b c1",
		"--b=/b c1",
		"--bundle /a --bundle /b c1",
		"-b /b -- c1",
	};
	struct parsed p;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		parse(&p, OPTIONS_EVERYWHERE, lines[i]);
		CHECK_INT(p.ret, 0);
		CHECK_STR(p.values.bundle, "/b");
		CHECK_STR(p.arguments_text, "c1");
	}
}

TEST(every_spelling_of_a_boolean_is_understood)
{
	static const struct {
		const char *line;
		bool value;
	} rows[] = {
		{ "c1", false },
		{ "--detach c1", true },
		{ "-detach c1", true },
		{ "-d c1", true },
		{ "c1 -d", true },
		{ "--detach=true c1", true },
		{ "--detach=1 c1", true },
		{ "-d=T c1", true },
		{ "--detach=false c1", false },
		{ "-d=0 c1", false },
		{ "-d -d=F c1", false },
		{ "--detach=false --detach c1", true },
	};
	struct parsed p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(&p, OPTIONS_EVERYWHERE, rows[i].line);
		CHECK_INT(p.ret, 0);
		CHECK_INT(p.values.detach, rows[i].value);
		CHECK_STR(p.arguments_text, "c1");
	}
}

TEST(what_is_no_option_of_the_tables_is_refused_by_name)
{
	static const struct {
		const char *line, *text;
	} rows[] = {
		{ "--bundel x", "flag provided but not defined: -bundel" },
		{ "--bundel=x", "flag provided but not defined: -bundel" },
		{ "-x", "flag provided but not defined: -x" },
		{ "-db x", "flag provided but not defined: -db" },
		{ "-bdir", "flag provided but not defined: -bdir" },
		{ "c1 --nope", "flag provided but not defined: -nope" },
		{ "---bundle x", "flag provided but not defined: --bundle" },
		{ "--=x", "flag provided but not defined: -" },
		{ "--Bundle x", "flag provided but not defined: -Bundle" },
		{ "--bundl x", "flag provided but not defined: -bundl" },
		{ "--bundle", "flag needs an argument: -bundle" },
		{ "c1 -b", "flag needs an argument: -b" },
		{ "--criu", "flag needs an argument: -criu" },
		{ "--detach=maybe",
		  "invalid value \"maybe\" for flag -detach: expected true or false" },
		{ "-d=", "invalid value \"\" for flag -detach: expected true or false" },
		{ "--colour green",
		  "invalid value \"green\" for flag -colour: expected red or blue" },
		{ "--colour ''", "invalid value \"\" for flag -colour: expected red or blue" },
		{ "--fds x", "invalid value \"x\" for flag -fds: expected an integer" },
		{ "--fds 1x", "invalid value \"1x\" for flag -fds: expected an integer" },
		{ "--fds ''", "invalid value \"\" for flag -fds: expected an integer" },
		{ "--fds +", "invalid value \"+\" for flag -fds: expected an integer" },
		{ "--fds 101",
		  "invalid value \"101\" for flag -fds: expected an integer from 0 to 100" },
		{ "--fds -1",
		  "invalid value \"-1\" for flag -fds: expected an integer from 0 to 100" },
		{ "--fds 99999999999999999999", "invalid value \"99999999999999999999\" for flag "
						"-fds: expected an integer from 0 "
						"to 100" },
	};
	struct parsed p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(&p, OPTIONS_EVERYWHERE, rows[i].line);
		CHECK_INT(p.ret, -EINVAL);
		CHECK_STR(p.err.text, rows[i].text);
	}
}

TEST(options_end_where_the_command_says)
{
	static const struct {
		int stop_after;
		const char *line, *arguments;
	} rows[] = {
		{ OPTIONS_EVERYWHERE, "a -d b --fds 3 c", "a|b|c" },
		{ OPTIONS_EVERYWHERE, "a -- -d b", "a|-d|b" },
		{ OPTIONS_EVERYWHERE, "-- -- a", "--|a" },
		{ OPTIONS_EVERYWHERE, "a - b", "a|-|b" },
		{ OPTIONS_EVERYWHERE, "'' a", "|a" },
		{ OPTIONS_EVERYWHERE, "-- -h", "-h" },
		{ 1, "-d a -d b --nope -- c", "a|-d|b|--nope|--|c" },
		{ 1, "-- -d a -d", "-d|a|-d" },
		{ 1, "a -h", "a|-h" },
		{ 1, "a", "a" },
		{ 1, "--", "" },
		{ 2, "a -d b -d", "a|b|-d" },
	};
	struct parsed p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(&p, rows[i].stop_after, rows[i].line);
		CHECK_INT(p.ret, 0);
		CHECK_STR(p.arguments_text, rows[i].arguments);
		CHECK(!p.arguments.wants_help);
		CHECK(p.ret < 0 || p.arguments.v[p.arguments.n] == NULL);
	}
}

TEST(values_may_look_like_options)
{
	struct parsed p;

	parse(&p, OPTIONS_EVERYWHERE, "--bundle -d c1");
	CHECK_INT(p.ret, 0);
	CHECK_STR(p.values.bundle, "-d");
	CHECK(!p.values.detach);
	parse(&p, OPTIONS_EVERYWHERE, "-b=a=b --fds=+5 --colour blue --criu --keep c1");
	CHECK_INT(p.ret, 0);
	CHECK_STR(p.values.bundle, "a=b");
	CHECK_INT(p.values.fds, 5);
	CHECK_INT(p.values.colour, COLOUR_BLUE);
	CHECK(!p.values.keep);
}

TEST(an_empty_text_is_as_good_as_none)
{
	struct parsed p;

	parse(&p, OPTIONS_EVERYWHERE, "-b x --bundle= c1");
	CHECK_INT(p.ret, 0);
	CHECK(p.values.bundle == NULL);
	parse(&p, OPTIONS_EVERYWHERE, "--bundle '' c1");
	CHECK_INT(p.ret, 0);
	CHECK(p.values.bundle == NULL);
	CHECK_STR(p.arguments_text, "c1");
}

TEST(help_wins_over_what_follows)
{
	static const char *const lines[] = { "-h", "--help", "-help", "c1 --help", "-d -h --nope" };
	struct parsed p;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		parse(&p, OPTIONS_EVERYWHERE, lines[i]);
		CHECK_INT(p.ret, 0);
		CHECK(p.arguments.wants_help);
	}
}

TEST_MAIN()
