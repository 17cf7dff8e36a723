/* SPDX-License-Identifier: Apache-2.0 */
/* list: the containers of a state root. */
#include "commands.h"
#include "state_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS    6
#define COLUMN_MIN 12 /* scripts cut the table at the positions that runc uses */
#define COLUMN_GAP 3

enum list_format {
	LIST_TABLE,
	LIST_JSON,
};

struct list_values {
	enum list_format format;
	bool quiet;
};

static const char *const list_formats[] = {
	[LIST_TABLE] = "table",
	[LIST_JSON] = "json",
	[LIST_JSON + 1] = NULL,
};

static const struct option list_options[] = {
	{ "format", 'f', OPTION(struct list_values, format), .choices = list_formats,
	  .value = "FORMAT", .help = "table (the default) or json" },
	{ "quiet", 'q', OPTION(struct list_values, quiet), .help = "print the names only" },
	{ 0 },
};

struct row {
	const char *cells[COLUMNS];
	char pid[12];
};

static void fill_row(struct row *row, const struct ops_state *state)
{
	snprintf(row->pid, sizeof(row->pid), "%d", (int)state->pid);
	row->cells[0] = state->id;
	row->cells[1] = row->pid;
	row->cells[2] = ops_status_name(state->status);
	row->cells[3] = state->bundle;
	row->cells[4] = state->created;
	row->cells[5] = state->owner;
}

/* Characters, not bytes, of UTF-8. */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void print_row(const struct row *row, const size_t widths[COLUMNS])
{
	for (size_t c = 0; c < COLUMNS - 1; c++)
		printf("%s%*s", row->cells[c], (int)(widths[c] - width(row->cells[c])), "");
	printf("%s\n", row->cells[COLUMNS - 1]);
}

static void print_table(const struct ops_state_list *list)
{
	static const struct row head = {
		.cells = { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" },
	};
	size_t widths[COLUMNS];
	struct row row;

	for (size_t c = 0; c < COLUMNS; c++)
		widths[c] = COLUMN_MIN;
	for (size_t i = 0; i < list->n; i++) {
		fill_row(&row, &list->v[i]);
		for (size_t c = 0; c < COLUMNS; c++)
			if (width(row.cells[c]) + COLUMN_GAP > widths[c])
				widths[c] = width(row.cells[c]) + COLUMN_GAP;
	}
	print_row(&head, widths);
	for (size_t i = 0; i < list->n; i++) {
		fill_row(&row, &list->v[i]);
		print_row(&row, widths);
	}
}

static int print_json(const struct ops_state_list *list, struct err *err)
{
	AUTO(json) json_t *json = list->n > 0 ? json_list() : json_null();

	for (size_t i = 0; i < list->n; i++)
		json_push(json, state_json(&list->v[i]));
	return json_print(json, JSON_COMPACT | JSON_ENCODE_ANY, err);
}

static int print_list(const struct list_values *values, const struct ops_state_list *list,
		      struct err *err)
{
	if (!values->quiet && values->format == LIST_JSON)
		return print_json(list, err);
	if (!values->quiet)
		print_table(list);
	for (size_t i = 0; values->quiet && i < list->n; i++)
		printf("%s\n", list->v[i].id);
	return 0;
}

static int list(struct cli *cli, const void *values, const struct arguments *arguments,
		struct err *err)
{
	struct ops_state_list states;
	int ret;

	(void)arguments;
	/* The default root may not be there yet; one that was named is more likely misspelled. */
	if (cli->options.root && access(cli->ops.root, F_OK) < 0)
		return err_sys(err, "state root '%s'", cli->ops.root);
	TRY(op_list(&cli->ops, &states, err));
	ret = print_list(values, &states, err);
	ops_state_list_done(&states);
	return ret;
}

const struct command command_list = {
	.name = "list",
	.arguments = "",
	.summary = "list the containers of the state root",
	.example = "$0 list\n"
		   "$0 list --format json | jq -r '.[] | select(.status == \"running\").id'\n",
	.options = (const struct option *const[]){ list_options, NULL },
	.values_size = sizeof(struct list_values),
	.run = list,
};
