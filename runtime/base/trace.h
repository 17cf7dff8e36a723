/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was done when, for callers who ask. Spans are records of a fixed size in a piece of memory
 * that the runtime shares with the container's process, so that both write to one trace without a
 * system call and without allocating. Without a trace every call here is a test for NULL.
 *
 * Times are of CLOCK_REALTIME: it alone reads the same in a container with a time namespace. Where
 * the kernel's clock source is none for the vDSO, reading it is a system call.
 * A span whose name begins with "wait for" is one in which another process works.
 */
#ifndef OCIRUN_BASE_TRACE_H
#define OCIRUN_BASE_TRACE_H

#include "auto.h"
#include "err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma GCC visibility push(default) /* what libocirun.a offers: see cmake/library.cmake */

#define TRACE_NAME_MAX   64
#define TRACE_DETAIL_MAX 128
#define TRACE_SPANS_MAX  4096u

/* Whose span it is. */
enum trace_track {
	TRACE_RUNTIME,
	TRACE_JOINER, /* the process that enters namespaces on init's behalf */
	TRACE_CONTAINER,
	TRACE_TRACKS,
};

struct trace_span {
	int64_t begin_ns;
	int64_t end_ns; /* 0: it has not ended */
	uint32_t track;
	int32_t result; /* 0 or -errno */
	char name[TRACE_NAME_MAX];
	char detail[TRACE_DETAIL_MAX]; /* which mount, which hook; "" */
};

/* The shared memory. What does not fit any more is counted. */
struct trace_memory {
	uint32_t n;                 /* of spans that were begun; may exceed TRACE_SPANS_MAX */
	int32_t pids[TRACE_TRACKS]; /* as the host sees them; 0: no such process */
	struct trace_span spans[TRACE_SPANS_MAX];
};

struct trace {
	int fd;                 /* of the memory; -1 in a process that was given it */
	enum trace_track track; /* of the calling process */
	struct trace_memory *memory;
};

#define TRACE_NO_SPAN UINT32_MAX

/* An empty trace, of the calling process. The caller frees *@ret_trace. */
int trace_new(struct trace **ret_trace, struct err *err);
void trace_free(struct trace *trace);
DEFINE_AUTO(trace, struct trace *, trace_free)

/* Uses the memory behind @fd, of another process' trace, from now on. 0 or -errno. */
int trace_attach(struct trace *trace, int fd, enum trace_track track);

/* The spans, in the order in which they began; *@ret_lost are those that found no room. */
const struct trace_span *trace_spans(const struct trace *trace, size_t *ret_n, size_t *ret_lost);

/* ---- recording; @trace may be NULL; async-signal-safe ---- */

/* What the inline functions below call, where there is a trace. */
uint32_t trace_begin_span(struct trace *trace, const char *name, const char *detail);
void trace_end_span(struct trace *trace, uint32_t span, int result);
void trace_end_all_of(struct trace *trace, enum trace_track track);

/* @detail may be NULL. */
static inline uint32_t trace_begin(struct trace *trace, const char *name, const char *detail)
{
	return trace ? trace_begin_span(trace, name, detail) : TRACE_NO_SPAN;
}

/* @result: 0 (or what a function returned that did not fail), or -errno. */
static inline void trace_end(struct trace *trace, uint32_t span, int result)
{
	if (trace)
		trace_end_span(trace, span, result);
}

/* Ends what a process could not end by itself: it became another program. */
static inline void trace_end_track(struct trace *trace, enum trace_track track)
{
	if (trace)
		trace_end_all_of(trace, track);
}

static inline void trace_set_track(struct trace *trace, enum trace_track track)
{
	if (trace)
		trace->track = track;
}

static inline void trace_set_pid(struct trace *trace, enum trace_track track, pid_t pid)
{
	if (trace)
		trace->memory->pids[track] = pid;
}

/* The value of @expr, an int, whose evaluation is a span. */
#define TRACED(trace_, name_, detail_, expr)                                                       \
	__extension__({                                                                            \
		struct trace *traced_ = (trace_);                                                  \
		uint32_t span_ = trace_begin(traced_, (name_), (detail_));                         \
		int result_ = (expr);                                                              \
		trace_end(traced_, span_, result_);                                                \
		result_;                                                                           \
	})

#pragma GCC visibility pop

#endif
