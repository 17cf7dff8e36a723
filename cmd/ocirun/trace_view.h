/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trace to be looked at: the spans of a file of the trace event format, track by track, each span
 * below the one in which it lies. Private to the command `trace`.
 */
#ifndef OCIRUN_CMD_TRACE_VIEW_H
#define OCIRUN_CMD_TRACE_VIEW_H

#include "auto.h"
#include "err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct trace_view_span {
	const char *name;
	const char *detail; /* "" */
	const char *failed; /* why; NULL: it did not */
	bool is_unfinished;
	bool is_wait;      /* another process works */
	double begin, end; /* in microseconds from the first span on, without the time left out */
	double took;
	size_t track; /* index */
	size_t depth; /* 0: in no other span */
};

struct trace_view_track {
	const char *name;
	long long id;
};

struct trace_view {
	const char *title;
	double end;
	double left_out; /* microseconds in which a program ran in the foreground */
	size_t n_tracks;
	struct trace_view_track *tracks;
	size_t n;
	struct trace_view_span *spans; /* by track, then by begin */
};

/* @json has to live as long as the view. The caller calls trace_view_done(). */
int trace_view_make(const json_t *json, struct trace_view *ret_view, struct err *err);
void trace_view_done(struct trace_view *view);
static inline void trace_view_auto(struct trace_view *view)
{
	trace_view_done(view);
}

/* "12.3 us", "4.56 ms" */
struct trace_view_duration {
	char text[16];
};
struct trace_view_duration trace_view_duration(double us);

/* A round number of microseconds such that @n of it are about @all. */
double trace_view_tick(double all, double n);

/* The whole as a waterfall on the standard output, and as a picture. */
void trace_view_print(const struct trace_view *view);
void trace_view_svg(const struct trace_view *view, FILE *out);

#endif
