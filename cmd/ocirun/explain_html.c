/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as a page that needs no other file: the picture, and a table for each section. */
#include "explain_view.h"

#include "markup.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n<style>\n"
	"body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}\n"
	"svg{max-width:100%;height:auto}\n"
	"h2{font-size:1.05rem;margin:1.6rem 0 .3rem}\n"
	"table{border-collapse:collapse;width:100%;font-size:.85rem}\n"
	"th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem .4rem;"
	"border-bottom:1px solid #8884;overflow-wrap:anywhere}\n"
	"th{font-weight:600;color:#888}\n"
	"td.pointer{color:#888;font-family:monospace;font-size:.8rem}\n"
	"tr.own td:first-child{border-left:4px solid #2da44e}\n"
	"tr.host td:first-child{border-left:4px solid #bf8700}\n"
	"tr.other td:first-child{border-left:4px solid #0969da}\n"
	"tr.unsaid td:first-child{border-left:4px solid transparent}\n"
	"</style>\n<title>";

static const char *const classes[] = {
	[PLAN_SHARING_UNSAID] = "unsaid",
	[PLAN_SHARING_OWN] = "own",
	[PLAN_SHARING_HOST] = "host",
	[PLAN_SHARING_OTHER] = "other",
};

static void put_row(const struct plan_fact *fact, FILE *out)
{
	size_t n = explain_columns(fact->section);

	fprintf(out, "<tr class=\"%s\">", classes[fact->sharing]);
	for (size_t i = 0; i < n; i++) {
		fputs("<td>", out);
		if (fact->cells[i])
			markup_text(out, fact->cells[i]);
		fputs("</td>", out);
	}
	fputs("<td class=\"pointer\">", out);
	markup_text(out, fact->origin);
	fputs("</td></tr>\n", out);
}

static void put_section(const struct plan_fact *facts, size_t n, FILE *out)
{
	const struct plan_section *section = facts[0].section;
	size_t columns = explain_columns(section);

	fputs("<h2>", out);
	markup_text(out, section->title);
	fputs("</h2>\n<table><tr>", out);
	for (size_t i = 0; i < columns; i++) {
		fputs("<th>", out);
		markup_text(out, section->columns[i]);
		fputs("</th>", out);
	}
	fputs("<th>in config.json</th></tr>\n", out);
	for (size_t i = 0; i < n; i++)
		put_row(&facts[i], out);
	fputs("</table>\n", out);
}

void explain_html(const struct plan_explanation *explanation, const char *title, FILE *out)
{
	size_t next;

	fputs(head, out);
	markup_text(out, title);
	fputs("</title></head><body>\n", out);
	explain_svg(explanation, title, out);
	for (size_t i = 0; i < explanation->n; i = next) {
		next = explain_section_end(explanation, i);
		put_section(&explanation->v[i], next - i, out);
	}
	fputs("</body></html>\n", out);
}
