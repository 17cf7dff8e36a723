/* SPDX-License-Identifier: Apache-2.0 */
/* From the events of a trace file to what is shown of them. */
#include "json_text.h"
#include "test.h"
#include "trace_view.h"

#include <string.h>

#define SPAN(tid, ts, dur, name)                                                                   \
	"{\"ph\":\"X\",\"pid\":1,\"tid\":" tid ",\"ts\":" ts ",\"dur\":" dur ",\"name\":\"" name   \
	"\",\"args\":{}}"

static json_t *parse(const char *events)
{
	json_t *json = json_object();

	json_object_set_new(json, "traceEvents", json_loads(events, 0, NULL));
	return json;
}

TEST(a_span_lies_below_the_innermost_one_around_it)
{
	AUTO(json)
	json_t *json =
		parse("[" SPAN("1", "0", "100", "run") "," SPAN("1", "10", "50", "mounts") "," SPAN(
			"1", "20", "5", "mount") "," SPAN("1", "70", "5",
							  "exec") "," SPAN("2", "30", "5",
									   "of another") "]");
	AUTO(trace_view) struct trace_view view = { .n = 0 };
	struct err err = { 0 };

	CHECK_INT(trace_view_make(json, &view, &err), 0);
	CHECK_INT(view.n, 5);
	CHECK_INT(view.spans[0].depth, 0);
	CHECK_INT(view.spans[1].depth, 1);
	CHECK_INT(view.spans[2].depth, 2);
	CHECK_INT(view.spans[3].depth, 1);
	CHECK_INT(view.spans[4].depth, 0);
	CHECK_STR(view.spans[4].name, "of another");
	CHECK_INT(view.end, 100);
}

TEST(the_time_of_a_program_in_the_foreground_is_left_out)
{
	AUTO(json)
	json_t *json = parse("[" SPAN("1", "0", "1000000100", "run") "," SPAN(
		"1", "40", "1000000000",
		"wait for the program's end") "," SPAN("1", "1000000050", "30",
						       "forget the container") "]");
	AUTO(trace_view) struct trace_view view = { .n = 0 };
	struct err err = { 0 };

	CHECK_INT(trace_view_make(json, &view, &err), 0);
	CHECK_INT(view.left_out, 1000000000);
	CHECK_INT(view.end, 100);
	CHECK_INT(view.spans[2].begin, 50);
	CHECK_INT(view.spans[1].took, 1000000000);
	CHECK(view.spans[1].is_wait);
}

TEST(what_has_no_events_is_no_trace)
{
	AUTO(json) json_t *json = json_object();
	struct trace_view view;
	struct err err = { 0 };

	CHECK(trace_view_make(json, &view, &err) < 0);
	CHECK_STR(err.text, "there are no traceEvents in it");
}

TEST(durations_are_shown_with_three_digits_or_so)
{
	static const struct {
		double us;
		const char *text;
	} rows[] = {
		{ 0, "0.0 us" },       { 12.34, "12.3 us" },     { 99.97, "100 us" },
		{ 654, "654 us" },     { 1234, "1.23 ms" },      { 123456, "123 ms" },
		{ 2500000, "2.50 s" }, { 3600000000, "60 min" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_STR(trace_view_duration(rows[i].us).text, rows[i].text);
}

TEST(the_scale_has_round_numbers)
{
	CHECK_INT(trace_view_tick(34840, 5), 10000);
	CHECK_INT(trace_view_tick(9000, 10), 1000);
	CHECK_INT(trace_view_tick(100, 5), 20);
}

TEST_MAIN()
