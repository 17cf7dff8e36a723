/* SPDX-License-Identifier: Apache-2.0 */
/* inspect: what a container really has, beside what was asked for. */
#include "commands.h"
#include "json_text.h"
#include "ops_inspect.h"
#include "term.h"
#include "wrap.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define INDENT 24 /* where values begin */

enum inspect_format {
	INSPECT_TABLE,
	INSPECT_JSON,
};

struct inspect_values {
	enum inspect_format format;
	bool differences;
};

static const char *const inspect_formats[] = {
	[INSPECT_TABLE] = "table",
	[INSPECT_JSON] = "json",
	[INSPECT_JSON + 1] = NULL,
};

static const struct option inspect_options[] = {
	{ "format", 'f', OPTION(struct inspect_values, format), .choices = inspect_formats,
	  .value = "FORMAT", .help = "table (the default) or json" },
	{ "differences", 'd', OPTION(struct inspect_values, differences),
	  .help = "only what is not as config.json asked for" },
	{ 0 },
};

struct view {
	const struct inspect_values *values;
	struct term term;
	const char *section; /* whose head was printed */
	size_t n, n_differs;
	json_t *json; /* of INSPECT_JSON */
};

/* ---- the table ---- */

static void print_head(struct view *view, const char *section)
{
	if (view->section && strcmp(view->section, section) == 0)
		return;
	if (view->section)
		putchar('\n');
	term_style(&view->term, TERM_BOLD);
	printf("%s\n", section);
	term_style(&view->term, TERM_PLAIN);
	view->section = section;
}

/* Files of several lines are one text. */
static size_t print_text(const struct view *view, const char *text, const char *behind,
			 size_t column)
{
	char line[512];
	size_t len = 0;

	for (; *text && len + 3 < sizeof(line); text++) {
		if (*text == '\n') {
			line[len++] = ';';
			line[len++] = ' ';
		} else {
			line[len++] = *text;
		}
	}
	snprintf(line + len, sizeof(line) - len, "%s", behind);
	return wrap_words(line, column, INDENT,
			  view->term.is_bounded ? view->term.width : SIZE_MAX);
}

static void print_fact(struct view *view, const struct ops_fact *fact)
{
	char origin[256];
	size_t width;

	print_head(view, fact->section);
	if (fact->differs)
		term_style(&view->term, TERM_RED);
	printf("%c ", fact->differs ? '!' : ' ');
	width = 2 + term_print(&view->term, fact->name, 64);
	term_space(width < INDENT - 2 ? INDENT - width : 2);
	width = width < INDENT - 2 ? INDENT : width + 2;
	width = print_text(view, fact->found[0] ? fact->found : "not there",
			   fact->differs ? ";" : "", width);
	if (fact->differs) {
		width = print_text(view, "asked:", "", width);
		width = print_text(view, fact->asked, "", width);
		snprintf(origin, sizeof(origin), "(config.json: %s)", fact->origin);
		print_text(view, fact->origin[0] ? origin : "", "", width);
	}
	term_style(&view->term, TERM_PLAIN);
	putchar('\n');
}

/* ---- JSON ---- */

static void add_fact(struct view *view, const struct ops_fact *fact)
{
	const struct {
		const char *key, *value;
	} texts[] = {
		{ "section", fact->section }, { "name", fact->name },      { "asked", fact->asked },
		{ "found", fact->found },     { "pointer", fact->origin },
	};
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		json_put(object, texts[i].key, json_text(texts[i].value));
	json_put(object, "differs", json_boolean(fact->differs));
	json_push(view->json, object);
}

/* ---- the command ---- */

static int visit(void *context, const struct ops_fact *fact, struct err *err)
{
	struct view *view = context;

	(void)err;
	view->n++;
	view->n_differs += fact->differs;
	if (view->values->differences && !fact->differs)
		return 0;
	if (view->json)
		add_fact(view, fact);
	else
		print_fact(view, fact);
	return 0;
}

static int print_end(const struct view *view, struct err *err)
{
	if (view->json)
		return json_print(view->json, JSON_COMPACT, err);
	printf("%s%zu facts, %zu not as config.json asked for\n", view->section ? "\n" : "",
	       view->n, view->n_differs);
	return 0;
}

static int inspect(struct cli *cli, const void *values, const struct arguments *arguments,
		   struct err *err)
{
	const struct inspect_values *v = values;
	AUTO(json) json_t *json = v->format == INSPECT_JSON ? json_list() : NULL;
	struct view view = { .values = v, .term = term_of_stdout(), .json = json };

	TRY(op_inspect(&cli->ops, arguments->v[0], visit, &view, err));
	TRY(print_end(&view, err));
	return 0;
}

const struct command command_inspect = {
	.name = "inspect",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "show what a container really has, beside what was asked for",
	.description =
		"Reads from the kernel the namespaces, ids, capabilities, limits, mounts, cgroup\n"
		"values and descriptors of the container's first process. A line that begins with\n"
		"! is not as config.json asked for: the program, an engine or the host changed "
		"it.\n",
	.example = "$0 inspect c1\n"
		   "$0 inspect --differences --format json c1\n",
	.options = (const struct option *const[]){ inspect_options, NULL },
	.values_size = sizeof(struct inspect_values),
	.run = inspect,
};
