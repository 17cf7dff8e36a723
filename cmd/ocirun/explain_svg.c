/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture: what the container has for itself on the left, what it has together with the host
 * (or with others, whose namespaces it joins) on the right, kind by kind.
 */
#include "explain_view.h"

#include "json_text.h"
#include "markup.h"

#include <stdlib.h>
#include <string.h>

DEFINE_AUTO(text, char *, free)

#define WIDTH       1000.0
#define MARGIN      16.0
#define LABEL_WIDTH 130.0
#define BOX_GAP     14.0
#define ROW         20.0
#define LINE        16.0 /* of a row that has several, each but the first */
#define PAD         14.0
#define TOP         92.0
#define CONTINUED   14.0 /* how far such lines are indented */
#define TEXT_MAX    46   /* characters of a line */

static const char style[] =
	"text{font:13px system-ui,'DejaVu Sans',sans-serif;fill:#24292f}"
	".title{font-size:18px;font-weight:600}.head{font-weight:600}"
	".dim{fill:#57606a}.label{fill:#57606a;font-weight:600}.page{fill:#ffffff}"
	".own{fill:#dafbe1;stroke:#2da44e}.host{fill:#fff8c5;stroke:#bf8700}"
	".rule{stroke:#d0d7de}.other-text{fill:#0969da}"
	"@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}"
	".dim,.label{fill:#8b949e}.own{fill:#12261e}.host{fill:#272115}.rule{stroke:#30363d}"
	".other-text{fill:#58a6ff}}";

#define PART_CELLS 3

/* The sections of the picture, and behind a fact's first cell those that say enough there. */
static const struct part {
	const struct plan_section *section;
	const char *label;
	struct {
		const char *before; /* NULL: there is no more */
		size_t cell;
	} more[PART_CELLS];
} parts[] = {
	{ &plan_section_namespaces, "Namespaces", { { "  ", 3 } } },
	{ &plan_section_ids, "Ids", { { " ", 1 }, { " is the host's ", 2 }, { ", ids: ", 3 } } },
	{ &plan_section_root, "Root", { { "  ", 1 } } },
	{ &plan_section_mounts, "Mounts", { { " from ", 2 }, { "  ", 1 } } },
	{ &plan_section_devices, "Devices", { { "  ", 1 }, { " ", 2 } } },
	{ &plan_section_net_devices, "Interfaces", { { " as ", 1 } } },
	{ &plan_section_cgroups, "Cgroups", { { NULL, 0 } } },
	{ &plan_section_seccomp, "System calls", { { "  ", 1 } } },
	{ &plan_section_hooks, "Hooks", { { "  ", 1 } } },
};

static bool is_left(const struct plan_fact *fact)
{
	return fact->sharing == PLAN_SHARING_OWN;
}

static double box_width(void)
{
	return (WIDTH - 2 * MARGIN - LABEL_WIDTH - BOX_GAP) / 2;
}

static double box_x(bool left)
{
	return MARGIN + LABEL_WIDTH + (left ? 0 : box_width() + BOX_GAP);
}

/* ---- one fact: a row of one line or more ---- */

/* What it says, or NULL; *@ret_head bytes of it are its name. */
static json_t *fact_text(const struct part *part, const struct plan_fact *fact, size_t *ret_head)
{
	AUTO(json) json_t *head = json_text(fact->cells[0]);
	AUTO(text) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs(fact->cells[0], out);
	if (fact->sharing == PLAN_SHARING_OTHER)
		fputs(" joined", out);
	for (size_t i = 0; i < PART_CELLS && part->more[i].before; i++) {
		const char *cell = fact->cells[part->more[i].cell];

		if (cell)
			fprintf(out, "%s%s", part->more[i].before, cell);
	}
	fclose(out);
	*ret_head = json_string_length(head);
	return text ? json_text(text) : NULL;
}

/* Bytes of the first line of @text: up to the last place where a reader would part it. */
static size_t line_of(const char *text)
{
	size_t n = 0, at, end = 0;

	for (at = 0; text[at]; at++) {
		n += ((unsigned char)text[at] & 0xc0) != 0x80;
		if (n > TEXT_MAX)
			return end > TEXT_MAX / 3 ? end : at;
		if (strchr(" /,:-", text[at]))
			end = at + 1;
	}
	return at;
}

static double fact_height(const struct part *part, const struct plan_fact *fact)
{
	size_t head;
	AUTO(json) json_t *text = fact_text(part, fact, &head);
	const char *rest = text ? json_string_value(text) : "";
	double height = ROW;

	for (rest += line_of(rest); *rest; rest += line_of(rest))
		height += LINE;
	return height;
}

/* The bytes from @from to @to, of which those before @head are the name. */
static void put_line(const char *text, size_t from, size_t to, size_t head, bool is_other,
		     FILE *out)
{
	size_t middle = head < from ? from : head > to ? to : head;

	if (middle > from) {
		fprintf(out, "<tspan class=\"head%s\">", is_other ? " other-text" : "");
		markup_part(out, text + from, middle - from);
		fputs("</tspan>", out);
	}
	if (to > middle) {
		fputs("<tspan class=\"dim\">", out);
		markup_part(out, text + middle, to - middle);
		fputs("</tspan>", out);
	}
}

/* Returns the height that it takes. */
static double put_fact(const struct part *part, const struct plan_fact *fact, double y, FILE *out)
{
	double x = box_x(is_left(fact)) + PAD, height = ROW;
	size_t head = 0, from, to;
	AUTO(json) json_t *json = fact_text(part, fact, &head);
	const char *text = json ? json_string_value(json) : "";

	fputs("<g><title>", out);
	markup_text(out, fact->origin[0] ? fact->origin : "not in config.json");
	fputs("</title>", out);
	for (from = 0; text[from]; from = to) {
		to = from + line_of(text + from);
		fprintf(out, "<text xml:space=\"preserve\" x=\"%.0f\" y=\"%.0f\">",
			from ? x + CONTINUED : x, y);
		put_line(text, from, to, head, fact->sharing == PLAN_SHARING_OTHER, out);
		fputs("</text>", out);
		y += LINE;
		height += from ? LINE : 0;
	}
	fputs("</g>\n", out);
	return height;
}

/* ---- the parts ---- */

static bool is_shown(const struct part *part, const struct plan_fact *fact)
{
	return fact->section == part->section && fact->sharing != PLAN_SHARING_UNSAID;
}

/* Of the higher side; 0: there is nothing in it. */
static double part_height(const struct plan_explanation *explanation, const struct part *part)
{
	double side[2] = { 0, 0 };

	for (size_t i = 0; i < explanation->n; i++)
		if (is_shown(part, &explanation->v[i]))
			side[is_left(&explanation->v[i])] += fact_height(part, &explanation->v[i]);
	return side[0] > side[1] ? side[0] : side[1];
}

static void put_part(const struct plan_explanation *explanation, const struct part *part, double y,
		     FILE *out)
{
	double at[2] = { y, y };

	fprintf(out,
		"<line class=\"rule\" x1=\"%.0f\" y1=\"%.0f\" x2=\"%.0f\" y2=\"%.0f\"/>"
		"<text class=\"label\" x=\"%.0f\" y=\"%.0f\">%s</text>\n",
		MARGIN, y - 4, WIDTH - MARGIN, y - 4, MARGIN, y + 14, part->label);
	for (size_t i = 0; i < explanation->n; i++) {
		const struct plan_fact *fact = &explanation->v[i];

		if (is_shown(part, fact))
			at[is_left(fact)] += put_fact(part, fact, at[is_left(fact)] + 14, out);
	}
}

static void put_box(bool left, double height, const char *title, FILE *out)
{
	fprintf(out,
		"<rect class=\"%s\" x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" "
		"rx=\"8\"/><text class=\"head\" x=\"%.0f\" y=\"%.0f\">%s</text>\n",
		left ? "own" : "host", box_x(left), TOP - 40, box_width(),
		height - TOP + 40 - MARGIN, box_x(left) + PAD, TOP - 18, title);
}

void explain_svg(const struct plan_explanation *explanation, const char *title, FILE *out)
{
	double height = TOP + MARGIN, y = TOP;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (part_height(explanation, &parts[i]) > 0)
			height += part_height(explanation, &parts[i]) + PAD;
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\">\n<style>%s</style>\n"
		"<rect class=\"page\" width=\"100%%\" height=\"100%%\"/>\n"
		"<text class=\"title\" x=\"%.0f\" y=\"32\">",
		WIDTH, height, WIDTH, height, style, MARGIN);
	markup_text(out, title);
	fputs("</text>\n", out);
	put_box(true, height, "The container's own", out);
	put_box(false, height, "Shared with the host, or joined", out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		double part = part_height(explanation, &parts[i]);

		if (part == 0)
			continue;
		put_part(explanation, &parts[i], y, out);
		y += part + PAD;
	}
	fputs("</svg>\n", out);
}
