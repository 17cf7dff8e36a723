/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a tree of text. The cells of a section are columns; the last one takes what is left of
 * the line and goes on below itself. In a pipe nothing is cut: who reads it may look for any part.
 */
#include "explain_view.h"

#include "term.h"

#include <stdbool.h>
#include <string.h>

#define STEM_COLUMNS 6 /* of a fact: its two branches */
#define GAP          2

/* What a tree is drawn with. */
struct stems {
	const char *branch, *last, *line, *none;
};
static const struct stems stems_utf8 = { "├─ ", "└─ ", "│  ", "   " };
static const struct stems stems_ascii = { "|- ", "`- ", "|  ", "   " };

struct tree {
	struct term term;
	const struct stems *stems;
};

/* The columns of one section that have something in them. */
struct table {
	const char *section_stem; /* in front of each of its lines */
	const char *rest_stem;    /* in front of what goes on below a fact */
	bool is_brief;
	size_t line; /* columns of a whole line, with the pointer at its end */
	size_t n;
	size_t index[PLAN_FACT_CELLS];
	size_t width[PLAN_FACT_CELLS];
};

static const char *cell(const struct plan_fact *fact, size_t i)
{
	return fact->cells[i] ? fact->cells[i] : "";
}

/* Whether the beginning of the last cell says enough: it is a list, or was said before. */
static bool is_brief(const struct plan_section *section)
{
	return section == &plan_section_seccomp || section == &plan_section_cgroup_values;
}

/* A terminal's width: each column before the last may have half of what those before it leave. */
static void share_line(struct table *table, size_t width)
{
	size_t left = width - STEM_COLUMNS;

	for (size_t i = 0; i + 1 < table->n; i++) {
		size_t most = left / 2 > GAP ? left / 2 - GAP : 1;

		if (table->width[i] > most)
			table->width[i] = most;
		left -= table->width[i] + GAP;
	}
	if (table->n > 0)
		table->width[table->n - 1] = left;
	table->line = width;
}

/* What all columns and pointers need; the last column is often a list, and goes on below itself. */
static void widen_line(struct table *table, size_t width, const struct plan_fact *facts, size_t n)
{
	size_t pointer = 0;

	if (table->n > 0 && table->width[table->n - 1] > width)
		table->width[table->n - 1] = width;
	for (size_t i = 0; i < n; i++)
		if (term_width(facts[i].origin) > pointer)
			pointer = term_width(facts[i].origin);
	table->line = STEM_COLUMNS + pointer;
	for (size_t i = 0; i < table->n; i++)
		table->line += table->width[i] + GAP;
	if (table->line < width)
		table->line = width;
}

static struct table make_table(const struct tree *tree, const struct plan_fact *facts, size_t n)
{
	size_t columns = explain_columns(facts[0].section);
	struct table table = {
		.is_brief = tree->term.is_bounded && is_brief(facts[0].section),
	};

	for (size_t c = 0; c < columns; c++) {
		size_t widest = 0;

		for (size_t i = 0; i < n; i++) {
			size_t width = term_width(cell(&facts[i], c));

			widest = width > widest ? width : widest;
		}
		if (widest == 0)
			continue;
		table.index[table.n] = c;
		table.width[table.n++] = widest;
	}
	if (tree->term.is_bounded)
		share_line(&table, tree->term.width);
	else
		widen_line(&table, tree->term.width, facts, n);
	return table;
}

static void print_stem(const struct tree *tree, const char *first, const char *second)
{
	term_style(&tree->term, TERM_DIM);
	printf("%s%s", first, second);
	term_style(&tree->term, TERM_PLAIN);
}

/* Bytes of @text that fit into @width columns, to the end of a word where there is one. */
static size_t line_bytes(const char *text, size_t width)
{
	size_t used = 0, space = 0, i;

	for (i = 0; text[i]; i++) {
		unsigned char c = (unsigned char)text[i];
		size_t w = c < 0x20 || c == 0x7f ? sizeof("\\x1b") - 1 : (c & 0xc0) != 0x80;

		if (used + w > width)
			break;
		used += w;
		if (c == ' ' || c == ',')
			space = i + 1;
	}
	return !text[i] ? i : space ? space : i ? i : strlen(text);
}

static enum term_style style_of(const struct plan_fact *fact, size_t column)
{
	if (column == 0)
		return fact->sharing == PLAN_SHARING_HOST    ? TERM_YELLOW
		       : fact->sharing == PLAN_SHARING_OTHER ? TERM_CYAN
		       : fact->sharing == PLAN_SHARING_OWN   ? TERM_GREEN
							     : TERM_BOLD;
	return TERM_PLAIN;
}

/* The last cell, over as many lines as it takes. Returns the columns used in the last of them. */
static size_t print_long(const struct tree *tree, const struct table *table, const char *text,
			 size_t indent)
{
	size_t width = table->width[table->n - 1], used = 0;

	if (table->is_brief)
		return term_print(&tree->term, text, width);
	while (*text) {
		size_t n = line_bytes(text, width);
		char line[2048];

		if (n >= sizeof(line))
			n = sizeof(line) - 1;
		memcpy(line, text, n);
		/* What a line was broken at is not seen. */
		line[text[n] && line[n - 1] == ' ' ? n - 1 : n] = '\0';
		used = term_print(&tree->term, line, width);
		text += n;
		if (*text) {
			putchar('\n');
			print_stem(tree, table->section_stem, table->rest_stem);
			term_space(indent);
		}
	}
	return used;
}

static void print_origin(const struct tree *tree, const struct plan_fact *fact, size_t room)
{
	size_t width = term_width(fact->origin);

	if (!width || width + GAP > room)
		return;
	term_space(room - width);
	term_style(&tree->term, TERM_DIM);
	term_print(&tree->term, fact->origin, width);
	term_style(&tree->term, TERM_PLAIN);
}

static void print_fact(const struct tree *tree, const struct table *table,
		       const struct plan_fact *fact)
{
	size_t indent = 0, used = 0, last = 0;

	/* Behind the last cell that says something no blanks are printed. */
	for (size_t i = 0; i < table->n; i++)
		if (fact->cells[table->index[i]])
			last = i;
	for (size_t i = 0; i <= last && table->n; i++) {
		const char *text = cell(fact, table->index[i]);

		term_style(&tree->term, style_of(fact, i));
		if (i + 1 == table->n) {
			used = print_long(tree, table, text, indent);
		} else {
			used = term_print(&tree->term, text, table->width[i]);
			if (i < last) {
				term_space(table->width[i] - used + GAP);
				indent += table->width[i] + GAP;
				used = 0;
			}
		}
		term_style(&tree->term, TERM_PLAIN);
	}
	used += STEM_COLUMNS + indent;
	print_origin(tree, fact, used < table->line ? table->line - used : 0);
	putchar('\n');
}

/* The title, with the names of columns where what is in them does not tell. */
static void print_title(const struct tree *tree, const struct plan_section *section,
			const struct table *table)
{
	size_t room = table->line - STEM_COLUMNS / 2;

	term_style(&tree->term, TERM_BOLD);
	room -= term_print(&tree->term, section->title, room);
	term_style(&tree->term, TERM_DIM);
	for (size_t i = 0; i < table->n && table->n > 2; i++) {
		room -= term_print(&tree->term, i ? ", " : ": ", room);
		room -= term_print(&tree->term, section->columns[table->index[i]], room);
	}
	term_style(&tree->term, TERM_PLAIN);
	putchar('\n');
}

static void print_section(const struct tree *tree, const struct plan_fact *facts, size_t n,
			  bool is_last)
{
	const struct stems *stems = tree->stems;
	struct table table = make_table(tree, facts, n);

	print_stem(tree, is_last ? stems->last : stems->branch, "");
	print_title(tree, facts[0].section, &table);
	table.section_stem = is_last ? stems->none : stems->line;
	for (size_t i = 0; i < n; i++) {
		bool is_last_fact = i + 1 == n;

		print_stem(tree, table.section_stem, is_last_fact ? stems->last : stems->branch);
		table.rest_stem = is_last_fact ? stems->none : stems->line;
		print_fact(tree, &table, &facts[i]);
	}
}

/* What the colours mean; of use only where there are some. */
static void print_legend(const struct tree *tree)
{
	static const struct {
		enum term_style style;
		const char *text;
	} rows[] = {
		{ TERM_GREEN, "the container's own" },
		{ TERM_YELLOW, "the host's" },
		{ TERM_CYAN, "joined" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && tree->term.has_colour; i++) {
		term_style(&tree->term, rows[i].style);
		printf("  %s", rows[i].text);
	}
	term_style(&tree->term, TERM_PLAIN);
	putchar('\n');
}

void explain_print(const struct plan_explanation *explanation, const char *title)
{
	struct tree tree = { .term = term_of_stdout() };
	size_t next;

	tree.stems = tree.term.has_utf8 ? &stems_utf8 : &stems_ascii;
	term_style(&tree.term, TERM_BOLD);
	term_print(&tree.term, title, tree.term.width);
	print_legend(&tree);
	for (size_t i = 0; i < explanation->n; i = next) {
		next = explain_section_end(explanation, i);
		print_section(&tree, &explanation->v[i], next - i, next == explanation->n);
	}
}
