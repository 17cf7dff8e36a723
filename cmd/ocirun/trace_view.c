/* SPDX-License-Identifier: Apache-2.0 */
/* From events to spans in the order in which they are shown. */
#include "trace_view.h"

#include "trace_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MAX 9007199254740992.0 /* us: 2^53 */

static const char *text_of(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : otherwise;
}

static bool is_event(const json_t *event, const char *phase)
{
	return strcmp(text_of(event, "ph", ""), phase) == 0;
}

/* The index of the track @id, which is made when it is new: there is room for one per event. */
static size_t track_of(struct trace_view *view, long long id)
{
	size_t i;

	for (i = 0; i < view->n_tracks; i++)
		if (view->tracks[i].id == id)
			return i;
	view->tracks[i] = (struct trace_view_track){ .name = "", .id = id };
	view->n_tracks++;
	return i;
}

static void take_name(struct trace_view *view, const json_t *event)
{
	const char *what = text_of(event, "name", "");
	const char *name = text_of(json_object_get(event, "args"), "name", "");
	long long id = json_integer_value(json_object_get(event, "tid"));

	if (strcmp(what, "process_name") == 0)
		view->title = name;
	else if (strcmp(what, "thread_name") == 0)
		view->tracks[track_of(view, id)].name = name;
}

/* Other programs write such files too: a span is of the size that a double counts exactly. */
static bool has_times(const json_t *event)
{
	const json_t *begin = json_object_get(event, "ts"), *took = json_object_get(event, "dur");
	double at = json_number_value(begin), length = json_number_value(took);

	return json_is_number(begin) && json_is_number(took) && at > -TIME_MAX && at < TIME_MAX &&
	       length >= 0 && length < TIME_MAX;
}

static void take_span(struct trace_view *view, const json_t *event)
{
	static const char wait[] = "wait for ";
	const json_t *args = json_object_get(event, "args");
	struct trace_view_span *span = &view->spans[view->n++];

	*span = (struct trace_view_span){
		.name = text_of(event, "name", ""),
		.detail = text_of(args, "of", ""),
		.failed = text_of(args, "failed", NULL),
		.is_unfinished = json_is_true(json_object_get(args, "unfinished")),
		.begin = json_number_value(json_object_get(event, "ts")),
		.took = json_number_value(json_object_get(event, "dur")),
		.track = track_of(view, json_integer_value(json_object_get(event, "tid"))),
	};
	span->is_wait = strncmp(span->name, wait, sizeof(wait) - 1) == 0;
	span->end = span->begin + span->took;
}

/* The longer span first where two begin at once: it is the outer one. */
static int compare(const void *left, const void *right)
{
	const struct trace_view_span *a = left, *b = right;

	if (a->track != b->track)
		return a->track < b->track ? -1 : 1;
	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	return a->end > b->end ? -1 : a->end < b->end;
}

static void find_depths(struct trace_view *view)
{
	for (size_t i = 1; i < view->n; i++) {
		struct trace_view_span *span = &view->spans[i];

		/* The last one that has not ended is the innermost around it. */
		for (size_t k = i; k-- > 0 && view->spans[k].track == span->track;) {
			if (view->spans[k].end >= span->end && view->spans[k].end > span->begin) {
				span->depth = view->spans[k].depth + 1;
				break;
			}
		}
	}
}

/* A program that runs for hours would leave no room for what we did before and afterwards. */
static void leave_out_program(struct trace_view *view)
{
	double from = 0, to = 0;

	for (size_t i = 0; i < view->n; i++) {
		if (strcmp(view->spans[i].name, TRACE_PROGRAM_RUNS) == 0) {
			from = view->spans[i].begin;
			to = view->spans[i].end;
		}
	}
	view->left_out = to - from;
	for (size_t i = 0; i < view->n; i++) {
		double *times[] = { &view->spans[i].begin, &view->spans[i].end };

		for (size_t k = 0; k < 2; k++) {
			if (*times[k] >= to)
				*times[k] -= to - from;
			else if (*times[k] > from)
				*times[k] = from;
		}
	}
}

int trace_view_make(const json_t *json, struct trace_view *ret_view, struct err *err)
{
	const json_t *events = json_is_array(json) ? json : json_object_get(json, "traceEvents");
	size_t n = json_array_size(events);
	struct trace_view view = { .title = "" };
	int ret = 0;

	if (n == 0)
		return err_set(err, EINVAL, "there are no traceEvents in it");
	view.spans = calloc(n, sizeof(*view.spans));
	view.tracks = calloc(n, sizeof(*view.tracks));
	if (!view.spans || !view.tracks) {
		trace_view_done(&view);
		return err_set(err, ENOMEM, "no memory for %zu events", n);
	}
	for (size_t i = 0; i < n && ret == 0; i++) {
		const json_t *event = json_array_get(events, i);

		if (is_event(event, "M"))
			take_name(&view, event);
		else if (is_event(event, "X") && has_times(event))
			take_span(&view, event);
		else if (is_event(event, "X"))
			ret = err_set(err, EINVAL, "event %zu is a span without a ts and dur", i);
	}
	if (ret < 0) {
		trace_view_done(&view);
		return ret;
	}
	qsort(view.spans, view.n, sizeof(*view.spans), compare);
	find_depths(&view);
	leave_out_program(&view);
	for (size_t i = 0; i < view.n; i++)
		if (view.spans[i].end > view.end)
			view.end = view.spans[i].end;
	*ret_view = view;
	return 0;
}

void trace_view_done(struct trace_view *view)
{
	free(view->spans);
	free(view->tracks);
}

struct trace_view_duration trace_view_duration(double us)
{
	static const struct {
		double below, unit;
		int decimals;
		const char *name;
	} rows[] = {
		{ 99.95, 1, 1, "us" },     { 999.5, 1, 0, "us" },      { 99950, 1000, 2, "ms" },
		{ 999500, 1000, 0, "ms" }, { 599500000, 1e6, 2, "s" },
	};
	struct trace_view_duration duration;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (us >= rows[i].below)
			continue;
		snprintf(duration.text, sizeof(duration.text), "%.*f %s", rows[i].decimals,
			 us / rows[i].unit, rows[i].name);
		return duration;
	}
	snprintf(duration.text, sizeof(duration.text), "%.0f min", us / 60e6);
	return duration;
}

double trace_view_tick(double all, double n)
{
	static const double steps[] = { 1, 2, 5 };
	double unit = 0.1;
	size_t i = 0;

	while (unit * steps[i] * n < all && unit < 1e15) {
		i = (i + 1) % (sizeof(steps) / sizeof(steps[0]));
		if (i == 0)
			unit *= 10;
	}
	return unit * steps[i];
}
