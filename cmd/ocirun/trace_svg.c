/* SPDX-License-Identifier: Apache-2.0 */
/* A trace as a picture that stands alone; a span under the pointer says what it is. */
#include "markup.h"
#include "trace_view.h"

#define PICTURE_WIDTH 1200.0
#define LABEL_WIDTH   360.0
#define TIME_WIDTH    70.0
#define MARGIN        16.0
#define ROW           18.0
#define HEAD          58.0
#define LABEL_MAX     58
#define TICKS         8

static const char style[] =
	"text{font:12px system-ui,'DejaVu Sans',sans-serif;fill:#24292f}"
	".title{font-size:16px;font-weight:600}.track{font-weight:600}"
	".dim,.wait-text{fill:#6e7781}.detail{fill:#0969da}.failed-text{fill:#cf222e}"
	".page{fill:#ffffff}.grid{stroke:#d8dee4}.band{fill:#f6f8fa}"
	".work{fill:#2da44e}.wait{fill:#c8d1da}.failed{fill:#cf222e}"
	"@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}"
	".grid{stroke:#30363d}.band{fill:#161b22}.dim,.wait-text{fill:#8b949e}"
	".detail{fill:#58a6ff}.wait{fill:#484f58}}";

static double chart_width(void)
{
	return PICTURE_WIDTH - 2 * MARGIN - LABEL_WIDTH - TIME_WIDTH;
}

static double x_of(const struct trace_view *view, double at)
{
	double part = view->end > 0 ? at / view->end : 0;

	return MARGIN + LABEL_WIDTH + TIME_WIDTH + part * chart_width();
}

static void put_head(const struct trace_view *view, FILE *out)
{
	fprintf(out, "<text class=\"title\" x=\"%.0f\" y=\"26\">", MARGIN);
	markup_text(out, view->title);
	fprintf(out, "<tspan class=\"dim\" font-size=\"12\" dx=\"12\">%s, %zu spans",
		trace_view_duration(view->end).text, view->n);
	if (view->left_out > 0)
		fprintf(out, ", without the %s in which the program ran",
			trace_view_duration(view->left_out).text);
	fputs("</tspan></text>\n", out);
}

static void put_grid(const struct trace_view *view, double height, FILE *out)
{
	double tick = trace_view_tick(view->end, TICKS);

	for (int i = 0; i * tick <= view->end; i++) {
		double x = x_of(view, i * tick);

		fprintf(out,
			"<line class=\"grid\" x1=\"%.1f\" y1=\"%.0f\" x2=\"%.1f\" y2=\"%.0f\"/>"
			"<text class=\"dim\" x=\"%.1f\" y=\"%.0f\">%s</text>\n",
			x, HEAD - 14, x, height - MARGIN, x + 3, HEAD - 6,
			trace_view_duration(i * tick).text);
	}
}

static void put_track(const struct trace_view_track *track, double y, FILE *out)
{
	fprintf(out,
		"<rect class=\"band\" x=\"%.0f\" y=\"%.1f\" width=\"%.0f\" height=\"%.0f\"/>"
		"<text class=\"track\" x=\"%.0f\" y=\"%.1f\">",
		MARGIN, y, PICTURE_WIDTH - 2 * MARGIN, ROW, MARGIN + 4, y + 13);
	markup_text(out, track->name);
	fprintf(out, " <tspan class=\"dim\">%lld</tspan></text>\n", track->id);
}

static void put_tooltip(const struct trace_view_span *span, FILE *out)
{
	fputs("<title>", out);
	markup_text(out, span->name);
	fputc(' ', out);
	markup_text(out, span->detail);
	fprintf(out, "\nfrom %s, took %s", trace_view_duration(span->begin).text,
		trace_view_duration(span->took).text);
	if (span->failed) {
		fputs(", failed: ", out);
		markup_text(out, span->failed);
	}
	if (span->is_unfinished)
		fputs(", not finished", out);
	fputs("</title>", out);
}

static void put_span(const struct trace_view *view, const struct trace_view_span *span, double y,
		     FILE *out)
{
	const char *class = span->failed ? "failed" : span->is_wait ? "wait" : "work";
	double from = x_of(view, span->begin), width = x_of(view, span->end) - from;
	double indent = 12.0 * (double)(span->depth + 1);

	fputs("<g>", out);
	put_tooltip(span, out);
	fprintf(out, "<text class=\"%s-text\" x=\"%.0f\" y=\"%.1f\">", class, MARGIN + indent,
		y + 13);
	markup_cut(out, span->name, LABEL_MAX);
	if (span->detail[0]) {
		fputs(" <tspan class=\"detail\">", out);
		markup_cut(out, span->detail, 30);
		fputs("</tspan>", out);
	}
	fprintf(out,
		"</text><text class=\"dim\" text-anchor=\"end\" x=\"%.0f\" y=\"%.1f\">%s</text>"
		"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\" "
		"rx=\"2\"/></g>\n",
		MARGIN + LABEL_WIDTH + TIME_WIDTH - 10, y + 13,
		trace_view_duration(span->took).text, class, from, y + 3, width < 1 ? 1 : width,
		ROW - 6);
}

void trace_view_svg(const struct trace_view *view, FILE *out)
{
	double height = HEAD + ROW * (double)(view->n + view->n_tracks) + MARGIN;
	double y = HEAD;

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\">\n<style>%s</style>\n"
		"<rect class=\"page\" width=\"100%%\" height=\"100%%\"/>\n",
		PICTURE_WIDTH, height, PICTURE_WIDTH, height, style);
	put_head(view, out);
	put_grid(view, height, out);
	for (size_t i = 0; i < view->n; i++) {
		if (i == 0 || view->spans[i].track != view->spans[i - 1].track) {
			put_track(&view->tracks[view->spans[i].track], y, out);
			y += ROW;
		}
		put_span(view, &view->spans[i], y, out);
		y += ROW;
	}
	fputs("</svg>\n", out);
}
