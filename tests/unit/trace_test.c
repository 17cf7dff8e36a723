/* SPDX-License-Identifier: Apache-2.0 */
/* Spans in shared memory: what two processes record, and what is done without a trace. */
#include "test.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int fails(void)
{
	return -EPERM;
}

TEST(a_span_has_the_name_the_detail_and_the_result_of_what_it_is_about)
{
	AUTO(trace) struct trace *trace = NULL;
	struct err err = { 0 };
	const struct trace_span *spans;
	size_t n, lost;

	CHECK_INT(trace_new(&trace, &err), 0);
	CHECK_INT(TRACED(trace, "mount", "/proc", fails()), -EPERM);
	CHECK_INT(TRACED(trace, "clone", NULL, 42), 42);
	spans = trace_spans(trace, &n, &lost);
	CHECK_INT(n, 2);
	CHECK_INT(lost, 0);
	CHECK_STR(spans[0].name, "mount");
	CHECK_STR(spans[0].detail, "/proc");
	CHECK_INT(spans[0].result, -EPERM);
	CHECK_STR(spans[1].detail, "");
	CHECK_INT(spans[1].result, 0);
	CHECK(spans[0].begin_ns <= spans[0].end_ns && spans[0].end_ns <= spans[1].begin_ns);
}

TEST(without_a_trace_the_work_is_done_all_the_same)
{
	CHECK_INT(TRACED((struct trace *)NULL, "step", NULL, fails()), -EPERM);
	trace_end_track(NULL, TRACE_CONTAINER);
	trace_set_pid(NULL, TRACE_CONTAINER, 1);
}

TEST(a_child_writes_to_the_same_trace_on_its_own_track)
{
	AUTO(trace) struct trace *trace = NULL;
	struct err err = { 0 };
	const struct trace_span *spans;
	size_t n, lost;
	pid_t pid;

	CHECK_INT(trace_new(&trace, &err), 0);
	pid = fork();
	if (pid == 0) {
		trace_set_track(trace, TRACE_CONTAINER);
		trace_end(trace, trace_begin(trace, "of the child", NULL), 0);
		trace_begin(trace, "exec", NULL);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	trace_begin(trace, "of the parent", NULL);
	trace_end_track(trace, TRACE_CONTAINER);
	spans = trace_spans(trace, &n, &lost);
	CHECK_INT(n, 3);
	CHECK_STR(spans[1].name, "exec");
	CHECK_INT(spans[1].track, TRACE_CONTAINER);
	CHECK(spans[1].end_ns != 0);
	CHECK_INT(spans[2].track, TRACE_RUNTIME);
	CHECK_INT(spans[2].end_ns, 0);
}

TEST(a_trace_that_is_given_as_a_descriptor_is_shared)
{
	AUTO(trace) struct trace *trace = NULL;
	struct trace other = { .fd = -1 };
	struct err err = { 0 };
	const struct trace_span *spans;
	size_t n, lost;

	CHECK_INT(trace_new(&trace, &err), 0);
	CHECK_INT(trace_attach(&other, trace->fd, TRACE_CONTAINER), 0);
	trace_begin(&other, "load the seccomp filter", NULL);
	spans = trace_spans(trace, &n, &lost);
	CHECK_INT(n, 1);
	CHECK_STR(spans[0].name, "load the seccomp filter");
	CHECK_INT(spans[0].track, TRACE_CONTAINER);
	munmap(other.memory, sizeof(*other.memory));
}

TEST(memory_of_another_size_is_refused_before_it_is_touched)
{
	struct trace trace = { .fd = -1 };
	int fd = memfd_create("small", MFD_CLOEXEC);

	CHECK_INT(trace_attach(&trace, fd, TRACE_CONTAINER), -EINVAL);
	CHECK(!trace.memory);
	close(fd);
}

TEST(spans_beyond_the_last_are_counted_and_nothing_is_overwritten)
{
	AUTO(trace) struct trace *trace = NULL;
	struct err err = { 0 };
	size_t n, lost;

	CHECK_INT(trace_new(&trace, &err), 0);
	for (unsigned i = 0; i < TRACE_SPANS_MAX + 5; i++)
		trace_end(trace, trace_begin(trace, i ? "later" : "first", NULL), 0);
	CHECK_STR(trace_spans(trace, &n, &lost)[0].name, "first");
	CHECK_INT(n, TRACE_SPANS_MAX);
	CHECK_INT(lost, 5);
}

TEST(long_texts_are_cut)
{
	AUTO(trace) struct trace *trace = NULL;
	struct err err = { 0 };
	char text[300];
	size_t n, lost;
	const struct trace_span *spans;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CHECK_INT(trace_new(&trace, &err), 0);
	trace_begin(trace, text, text);
	spans = trace_spans(trace, &n, &lost);
	CHECK_INT(strlen(spans[0].name), TRACE_NAME_MAX - 1);
	CHECK_INT(strlen(spans[0].detail), TRACE_DETAIL_MAX - 1);
}

TEST_MAIN()
