/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: what this host offers to containers, what is missing, and what mends it. */
#include "commands.h"
#include "json_text.h"
#include "ops_doctor.h"
#include "term.h"
#include "wrap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEALTH_WIDTH 9
#define NAME_WIDTH   21
#define INDENT       (HEALTH_WIDTH + NAME_WIDTH)

enum doctor_format {
	DOCTOR_TABLE,
	DOCTOR_JSON,
};

struct doctor_values {
	enum doctor_format format;
	bool quiet;
};

static const char *const doctor_formats[] = {
	[DOCTOR_TABLE] = "table",
	[DOCTOR_JSON] = "json",
	[DOCTOR_JSON + 1] = NULL,
};

static const struct option doctor_options[] = {
	{ "format", 'f', OPTION(struct doctor_values, format), .choices = doctor_formats,
	  .value = "FORMAT", .help = "table (the default) or json" },
	{ "quiet", 'q', OPTION(struct doctor_values, quiet), .help = "only what is not ok" },
	{ 0 },
};

struct view {
	const struct doctor_values *values;
	struct term term;
	char section[32]; /* whose head was printed */
	size_t n[OPS_HEALTH_MISSING + 1];
	char remedy[512];  /* printed last: a command that mends several is told once */
	char lacking[256]; /* what is essential and missing */
	json_t *json;      /* of DOCTOR_JSON */
};

static const enum term_style health_styles[] = {
	[OPS_HEALTH_OK] = TERM_GREEN,
	[OPS_HEALTH_LIMITED] = TERM_YELLOW,
	[OPS_HEALTH_MISSING] = TERM_RED,
};

/* ---- the table ---- */

static void print_head(struct view *view, const char *section)
{
	if (strcmp(view->section, section) == 0)
		return;
	if (view->section[0])
		putchar('\n');
	term_style(&view->term, TERM_BOLD);
	printf("%s\n", section);
	term_style(&view->term, TERM_PLAIN);
	snprintf(view->section, sizeof(view->section), "%s", section);
}

/* A command is one line, however long: it is there to be copied. */
static void print_remedy(struct view *view, const char *remedy)
{
	const struct term *term = &view->term;

	if (!remedy[0] || strcmp(remedy, view->remedy) == 0)
		return;
	snprintf(view->remedy, sizeof(view->remedy), "%s", remedy);
	term_space(HEALTH_WIDTH);
	term_style(term, TERM_CYAN);
	printf("# ");
	term_print_part(remedy, strlen(remedy));
	term_style(term, TERM_PLAIN);
	putchar('\n');
}

static void print_finding(struct view *view, const struct ops_finding *finding)
{
	const struct term *term = &view->term;
	const char *health = ops_health_name(finding->health);
	size_t width;
	char text[1024];

	print_head(view, finding->section);
	term_style(term, health_styles[finding->health]);
	printf("%s", health);
	term_style(term, TERM_PLAIN);
	term_space(HEALTH_WIDTH - strlen(health));
	width = term_print(term, finding->name, 64);
	term_space(width < NAME_WIDTH ? NAME_WIDTH - width : 1);
	snprintf(text, sizeof(text), "%s%s", finding->found, finding->found[0] ? ";" : "");
	width = wrap_words(text, INDENT, INDENT, term->width);
	snprintf(text, sizeof(text), "for %s", finding->purpose);
	term_style(term, finding->health == OPS_HEALTH_OK ? TERM_DIM : TERM_PLAIN);
	wrap_words(text, width, INDENT, term->width);
	term_style(term, TERM_PLAIN);
	putchar('\n');
	print_remedy(view, finding->remedy);
}

/* ---- JSON ---- */

static void add_finding(struct view *view, const struct ops_finding *finding)
{
	const struct {
		const char *key, *value;
	} texts[] = {
		{ "section", finding->section },
		{ "name", finding->name },
		{ "status", ops_health_name(finding->health) },
		{ "found", finding->found },
		{ "purpose", finding->purpose },
		{ "remedy", finding->remedy },
	};
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		json_put(object, texts[i].key, json_text(texts[i].value));
	json_put(object, "essential", json_boolean(finding->is_essential));
	json_push(view->json, object);
}

/* ---- the command ---- */

static void note_lack(struct view *view, const char *name)
{
	size_t len = strlen(view->lacking);

	snprintf(view->lacking + len, sizeof(view->lacking) - len, "%s%s", len ? ", " : "", name);
}

static int visit(void *context, const struct ops_finding *finding, struct err *err)
{
	struct view *view = context;

	(void)err;
	view->n[finding->health]++;
	if (finding->is_essential && finding->health == OPS_HEALTH_MISSING)
		note_lack(view, finding->name);
	if (view->values->quiet && finding->health == OPS_HEALTH_OK)
		return 0;
	if (view->json)
		add_finding(view, finding);
	else
		print_finding(view, finding);
	return 0;
}

static int print_end(const struct view *view, struct err *err)
{
	if (view->json)
		return json_print(view->json, JSON_INDENT(4), err);
	printf("%s%zu ok, %zu limited, %zu missing%s\n", view->section[0] ? "\n" : "",
	       view->n[OPS_HEALTH_OK], view->n[OPS_HEALTH_LIMITED], view->n[OPS_HEALTH_MISSING],
	       view->lacking[0] ? "" : "; all that is essential is there");
	return 0;
}

static int doctor(struct cli *cli, const void *values, const struct arguments *arguments,
		  struct err *err)
{
	const struct doctor_values *v = values;
	AUTO(json) json_t *json = v->format == DOCTOR_JSON ? json_list() : NULL;
	struct view view = { .values = v, .term = term_of_stdout(), .json = json };

	(void)arguments;
	TRY(op_doctor(&cli->ops, visit, &view, err));
	TRY(print_end(&view, err));
	if (view.lacking[0])
		return err_set(err, ENOTSUP, "this host lacks what containers need: %s",
			       view.lacking);
	return 0;
}

const struct command command_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "show what this host offers to containers, and what is missing",
	.description =
		"Prints a line for each thing that containers use of this host, for who asks:\n"
		"root, or a user without privileges. Below what is limited or missing stands the\n"
		"command that mends it, where one does; it is for root, and packages are named as\n"
		"Debian names them. Nothing is changed. The exit status is 0 when all that is\n"
		"essential is there, else 1.\n",
	.example = "$0 doctor\n"
		   "$0 doctor --quiet\n"
		   "$0 doctor --format json | jq '.[] | select(.status != \"ok\")'\n",
	.options = (const struct option *const[]){ doctor_options, NULL },
	.values_size = sizeof(struct doctor_values),
	.run = doctor,
};
