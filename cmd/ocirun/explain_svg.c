/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture: what the container has for itself on the left, what it has together with the host
 * (or with others, whose namespaces it joins) on the right, kind by kind.
 */
#include "explain_view.h"

#include "markup.h"

#include <string.h>

#define WIDTH       1000.0
#define MARGIN      16.0
#define LABEL_WIDTH 130.0
#define BOX_GAP     14.0
#define ROW         20.0
#define PAD         14.0
#define TOP         92.0
#define TEXT_MAX    46

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

/* Facts of @part on one side. */
static size_t count(const struct plan_explanation *explanation, const struct part *part, bool left)
{
	size_t n = 0;

	for (size_t i = 0; i < explanation->n; i++) {
		const struct plan_fact *fact = &explanation->v[i];

		n += fact->section == part->section && fact->sharing != PLAN_SHARING_UNSAID &&
		     is_left(fact) == left;
	}
	return n;
}

static size_t rows_of(const struct plan_explanation *explanation, const struct part *part)
{
	size_t left = count(explanation, part, true), right = count(explanation, part, false);

	return left > right ? left : right;
}

static double box_width(void)
{
	return (WIDTH - 2 * MARGIN - LABEL_WIDTH - BOX_GAP) / 2;
}

static double box_x(bool left)
{
	return MARGIN + LABEL_WIDTH + (left ? 0 : box_width() + BOX_GAP);
}

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* As much of @text as there is room for; returns what is left of that. */
static size_t put_some(const char *text, size_t room, FILE *out)
{
	size_t n = characters(text);

	if (room)
		markup_cut(out, text, room);
	return n < room ? room - n : 0;
}

static void put_fact(const struct part *part, const struct plan_fact *fact, double y, FILE *out)
{
	bool is_other = fact->sharing == PLAN_SHARING_OTHER;
	size_t room = TEXT_MAX;

	fprintf(out, "<text xml:space=\"preserve\" x=\"%.0f\" y=\"%.0f\"><title>",
		box_x(is_left(fact)) + PAD, y);
	markup_text(out, fact->origin[0] ? fact->origin : "not in config.json");
	fprintf(out, "</title><tspan class=\"head%s\">", is_other ? " other-text" : "");
	room = put_some(fact->cells[0], room, out);
	fprintf(out, "</tspan><tspan class=\"dim\">%s", is_other ? " joined" : "");
	for (size_t i = 0; i < PART_CELLS && part->more[i].before; i++) {
		const char *cell = fact->cells[part->more[i].cell];

		if (!cell)
			continue;
		room = put_some(part->more[i].before, room, out);
		room = put_some(cell, room, out);
	}
	fputs("</tspan></text>\n", out);
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

		if (fact->section != part->section || fact->sharing == PLAN_SHARING_UNSAID)
			continue;
		put_fact(part, fact, at[is_left(fact)] + 14, out);
		at[is_left(fact)] += ROW;
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
		if (rows_of(explanation, &parts[i]))
			height += ROW * (double)rows_of(explanation, &parts[i]) + PAD;
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
		size_t rows = rows_of(explanation, &parts[i]);

		if (!rows)
			continue;
		put_part(explanation, &parts[i], y, out);
		y += ROW * (double)rows + PAD;
	}
	fputs("</svg>\n", out);
}
