/* SPDX-License-Identifier: Apache-2.0 */
/* check: all that is wrong with a bundle at once, and what is odd about it; nothing is run. */
#include "commands.h"
#include "json_text.h"
#include "term.h"
#include "wrap.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The name of no container: what depends on one is found where that would be. */
#define NO_NAME "ID"

#define INDENT 4 /* of what follows of a problem that is longer than a line */

enum check_format {
	CHECK_TEXT,
	CHECK_JSON,
};

struct check_values {
	const char *config;
	enum check_format format;
	bool strict;
};

static const char *const formats[] = {
	[CHECK_TEXT] = "text",
	[CHECK_JSON] = "json",
	[CHECK_JSON + 1] = NULL,
};

static const struct option check_options[] = {
	{ "config", OPTION(struct check_values, config), .value = "FILE",
	  .help = "read FILE instead of the bundle's config.json" },
	{ "format", 'f', OPTION(struct check_values, format), .choices = formats, .value = "FORMAT",
	  .help = "text (the default) or json" },
	{ "strict", OPTION(struct check_values, strict), .help = "warnings are errors" },
	{ 0 },
};

/* What was found so far. */
struct tally {
	struct term term;
	json_t *array; /* NULL: problems are printed as they come */
	size_t n_errors, n_warnings;
};

/* As much of a line as there is room for; in a pipe all of it: there each problem is one line. */
static size_t print_part(const struct term *term, enum term_style style, const char *text,
			 size_t column)
{
	term_style(term, style);
	column = wrap_words(text, column, INDENT, term->is_bounded ? term->width : SIZE_MAX);
	term_style(term, TERM_PLAIN);
	return column;
}

static void print_line(const struct term *term, const struct problem *problem)
{
	const char *level = problem->is_warning ? "warning" : "error";
	const char *texts[] = { problem->pointer, problem->text, problem->hint };
	static const enum term_style styles[] = { TERM_BOLD, TERM_PLAIN, TERM_DIM };
	static const char *const before[] = { ":", ":", "; hint:" };
	size_t column = strlen(level);

	term_style(term, problem->is_warning ? TERM_YELLOW : TERM_RED);
	printf("%s", level);
	term_style(term, TERM_PLAIN);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!texts[i][0])
			continue;
		column += strlen(before[i]);
		printf("%s", before[i]);
		column = print_part(term, styles[i], texts[i], column);
	}
	putchar('\n');
}

static void add_json(json_t *array, const struct problem *problem)
{
	json_t *object = json_object();

	json_put(object, "level", json_string(problem->is_warning ? "warning" : "error"));
	json_put(object, "pointer", json_text(problem->pointer));
	json_put(object, "msg", json_text(problem->text));
	if (problem->hint[0])
		json_put(object, "hint", json_text(problem->hint));
	json_push(array, object);
}

static void take(void *context, const struct problem *problem)
{
	struct tally *tally = context;

	tally->n_errors += !problem->is_warning;
	tally->n_warnings += problem->is_warning;
	if (tally->array)
		add_json(tally->array, problem);
	else
		print_line(&tally->term, problem);
}

/* The whole document at the end, also when there is nothing in it. */
static int print_json(struct tally *tally, struct err *err)
{
	AUTO(json) json_t *root = json_object();

	json_put(root, "errors", json_integer((json_int_t)tally->n_errors));
	json_put(root, "warnings", json_integer((json_int_t)tally->n_warnings));
	json_put(root, "problems", json_incref(tally->array));
	return json_print(root, JSON_INDENT(4), err);
}

static int judge(const struct tally *tally, bool is_strict,
		 const struct ops_bundle_options *options, struct err *err)
{
	const char *config = options->config ? options->config : CONFIG_NAME;
	size_t n = tally->n_errors ? tally->n_errors : is_strict ? tally->n_warnings : 0;
	const char *what = tally->n_errors ? "error" : "warning";

	if (n == 0)
		return 0;
	return err_set(err, EINVAL, "%s of bundle '%s' has %zu %s%s", config, options->bundle, n,
		       what, n == 1 ? "" : "s");
}

static int check(struct cli *cli, const void *values, const struct arguments *arguments,
		 struct err *err)
{
	const struct check_values *v = values;
	const struct ops_bundle_options options = {
		.id = NO_NAME,
		.bundle = arguments->n > 0 ? arguments->v[0] : ".",
		.config = v->config,
	};
	AUTO(json) json_t *array = v->format == CHECK_JSON ? json_list() : NULL;
	struct tally tally = { .term = term_of_stdout(), .array = array };
	const struct problem_sink sink = { take, &tally };

	TRY(op_check(&cli->ops, &options, &sink, err));
	if (array)
		TRY(print_json(&tally, err));
	return judge(&tally, v->strict, &options, err);
}

const struct command command_check = {
	.name = "check",
	.arguments = "[BUNDLE]",
	.max_arguments = 1,
	.summary = "say what is wrong with a bundle, on this host",
	.description =
		"Prints a line for each problem of BUNDLE/config.json (default: of the current\n"
		"directory), with the JSON pointer of the value: what the spec does not allow,\n"
		"what this host cannot do or has not, and, as warnings, what is allowed but may\n"
		"not be meant. Nothing is run or changed. The exit status is 1 when there is an\n"
		"error, or with --strict a warning; else 0.\n",
	.example = "$0 check hello\n"
		   "$0 check --strict --format json hello | jq '.problems[].pointer'\n",
	.options = (const struct option *const[]){ check_options, NULL },
	.values_size = sizeof(struct check_values),
	.run = check,
};
