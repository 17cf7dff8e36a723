/* SPDX-License-Identifier: Apache-2.0 */
/* A trace as a waterfall of text: a line for each span, with its bar on a common scale. */
#include "term.h"
#include "trace_view.h"

#include <string.h>

#define NAME_MAX_COLUMNS 48
#define NAME_MIN_COLUMNS 20
#define DURATION_COLUMNS 9
#define BAR_MIN_COLUMNS  12
#define INDENT           2

/* How the columns of a line are shared out. */
struct layout {
	struct term term;
	size_t name;
	size_t bar;
};

static size_t label_width(const struct trace_view_span *span)
{
	return INDENT * (span->depth + 1) + term_width(span->name) +
	       (span->detail[0] ? 1 + term_width(span->detail) : 0);
}

static struct layout make_layout(const struct trace_view *view)
{
	struct layout layout = { .term = term_of_stdout(), .name = NAME_MIN_COLUMNS };
	size_t fixed = 1 + DURATION_COLUMNS + 1, limit = layout.term.width / 2;

	if (limit > NAME_MAX_COLUMNS)
		limit = NAME_MAX_COLUMNS;
	for (size_t i = 0; i < view->n; i++)
		if (label_width(&view->spans[i]) > layout.name)
			layout.name = label_width(&view->spans[i]);
	if (layout.name > limit)
		layout.name = limit;
	layout.bar = layout.term.width > layout.name + fixed + BAR_MIN_COLUMNS
			     ? layout.term.width - layout.name - fixed
			     : BAR_MIN_COLUMNS;
	return layout;
}

static size_t column(const struct trace_view *view, const struct layout *layout, double at)
{
	/* Other programs write such files too: a time before the first one is theirs to explain. */
	bool is_inside = view->end > 0 && at > 0;
	size_t c = is_inside ? (size_t)(at / view->end * (double)layout->bar) : 0;

	return c < layout->bar ? c : layout->bar - 1;
}

static enum term_style style_of(const struct trace_view_span *span)
{
	return span->failed ? TERM_RED : span->is_wait ? TERM_DIM : TERM_GREEN;
}

static void print_label(const struct layout *layout, const struct trace_view_span *span)
{
	const struct term *term = &layout->term;
	size_t used = INDENT * (span->depth + 1);

	used = used < layout->name ? used : layout->name;
	term_space(used);
	term_style(term, span->failed ? TERM_RED : span->is_wait ? TERM_DIM : TERM_PLAIN);
	used += term_print(term, span->name, layout->name - used);
	if (span->detail[0] && used + 2 < layout->name) {
		putchar(' ');
		term_style(term, TERM_CYAN);
		used += 1 + term_print(term, span->detail, layout->name - used - 1);
	}
	term_style(term, TERM_PLAIN);
	term_space(layout->name - used);
}

static void print_span(const struct trace_view *view, const struct layout *layout,
		       const struct trace_view_span *span)
{
	const char *full = layout->term.has_utf8 ? "█" : "#";
	const char *empty = layout->term.has_utf8 ? "░" : "-";
	size_t from = column(view, layout, span->begin), to = column(view, layout, span->end);

	print_label(layout, span);
	printf(" %*s ", DURATION_COLUMNS, trace_view_duration(span->took).text);
	term_space(from);
	term_style(&layout->term, style_of(span));
	for (size_t i = from; i <= to; i++)
		fputs(span->is_wait ? empty : full, stdout);
	if (span->failed)
		printf(" %s", span->failed);
	term_style(&layout->term, TERM_PLAIN);
	putchar('\n');
}

/* "0 us|     1.00 ms|": a number ends where its mark is. */
static void print_scale(const struct trace_view *view, const struct layout *layout)
{
	double tick = trace_view_tick(view->end, (double)layout->bar / 14);
	size_t used = 0;

	term_style(&layout->term, TERM_DIM);
	term_space(layout->name + DURATION_COLUMNS + 2);
	for (int i = 1; i * tick < view->end; i++) {
		size_t end = column(view, layout, i * tick);
		struct trace_view_duration text = trace_view_duration(i * tick);

		if (end < used + strlen(text.text))
			continue;
		printf("%*s|", (int)(end - used), text.text);
		used = end + 1;
	}
	putchar('\n');
	term_style(&layout->term, TERM_PLAIN);
}

static void print_head(const struct trace_view *view, const struct layout *layout)
{
	term_style(&layout->term, TERM_BOLD);
	term_print(&layout->term, view->title, layout->term.width);
	term_style(&layout->term, TERM_PLAIN);
	printf("  %s, %zu spans", trace_view_duration(view->end).text, view->n);
	if (view->left_out > 0)
		printf("\nwithout the %s in which the program ran",
		       trace_view_duration(view->left_out).text);
	putchar('\n');
}

void trace_view_print(const struct trace_view *view)
{
	struct layout layout = make_layout(view);
	size_t track = (size_t)-1;

	print_head(view, &layout);
	print_scale(view, &layout);
	for (size_t i = 0; i < view->n; i++) {
		if (view->spans[i].track != track) {
			track = view->spans[i].track;
			term_style(&layout.term, TERM_BOLD);
			term_print(&layout.term, view->tracks[track].name, layout.term.width - 12);
			term_style(&layout.term, TERM_PLAIN);
			printf(" %lld\n", view->tracks[track].id);
		}
		print_span(view, &layout, &view->spans[i]);
	}
}
