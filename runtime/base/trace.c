/* SPDX-License-Identifier: Apache-2.0 */
/* Spans in shared memory. A slot is taken by one atomic addition, and then has one writer. */
#include "trace.h"

#include "fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#define NS_PER_S 1000000000

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static struct trace_memory *map_memory(int fd)
{
	return mmap(NULL, sizeof(struct trace_memory), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

int trace_new(struct trace **ret_trace, struct err *err)
{
	AUTO_FD fd = memfd_create("trace", MFD_CLOEXEC);
	struct trace_memory *memory;
	struct trace *trace;

	if (fd < 0 || ftruncate(fd, sizeof(*memory)) < 0)
		return err_sys(err, "make memory for a trace");
	memory = map_memory(fd);
	if (memory == MAP_FAILED)
		return err_sys(err, "map memory for a trace");
	trace = malloc(sizeof(*trace));
	if (!trace) {
		munmap(memory, sizeof(*memory));
		return err_set(err, ENOMEM, "no memory for a trace");
	}
	memory->pids[TRACE_RUNTIME] = getpid();
	*trace = (struct trace){ .fd = fd_take(&fd), .memory = memory };
	*ret_trace = trace;
	return 0;
}

void trace_free(struct trace *trace)
{
	munmap(trace->memory, sizeof(*trace->memory));
	fd_close(&trace->fd);
	free(trace);
}

int trace_attach(struct trace *trace, int fd, enum trace_track track)
{
	struct trace_memory *memory;
	struct stat st;

	/* Of another version of this program: touching what is not there would be the end of us. */
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size != sizeof(*memory))
		return -EINVAL;
	memory = map_memory(fd);
	if (memory == MAP_FAILED)
		return -errno;
	*trace = (struct trace){ .fd = -1, .track = track, .memory = memory };
	return 0;
}

const struct trace_span *trace_spans(const struct trace *trace, size_t *ret_n, size_t *ret_lost)
{
	uint32_t begun = __atomic_load_n(&trace->memory->n, __ATOMIC_ACQUIRE);

	*ret_n = begun < TRACE_SPANS_MAX ? begun : TRACE_SPANS_MAX;
	*ret_lost = begun - *ret_n;
	return trace->memory->spans;
}

static void copy_text(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

uint32_t trace_begin_span(struct trace *trace, const char *name, const char *detail)
{
	uint32_t index = __atomic_fetch_add(&trace->memory->n, 1, __ATOMIC_ACQ_REL);
	struct trace_span *span;

	if (index >= TRACE_SPANS_MAX)
		return TRACE_NO_SPAN;
	span = &trace->memory->spans[index];
	span->track = trace->track;
	copy_text(span->name, sizeof(span->name), name);
	copy_text(span->detail, sizeof(span->detail), detail ? detail : "");
	span->begin_ns = now_ns();
	return index;
}

void trace_end_span(struct trace *trace, uint32_t span, int result)
{
	if (span == TRACE_NO_SPAN)
		return;
	trace->memory->spans[span].result = result < 0 ? result : 0;
	trace->memory->spans[span].end_ns = now_ns();
}

void trace_end_all_of(struct trace *trace, enum trace_track track)
{
	int64_t end_ns = now_ns();
	size_t n, lost;

	(void)trace_spans(trace, &n, &lost);
	for (size_t i = 0; i < n; i++) {
		struct trace_span *span = &trace->memory->spans[i];

		if (span->track == track && !span->end_ns)
			span->end_ns = end_ns;
	}
}
