/* SPDX-License-Identifier: Apache-2.0 */
#include "timestamp.h"

#include "test.h"

#include <stdbool.h>
#include <string.h>

TEST(the_epoch_and_the_edges_of_days_months_and_years)
{
	static const struct {
		time_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00" },
		{ 951782399, "2000-02-28T23:59:59" },
		{ 951782400, "2000-02-29T00:00:00" },
		{ 951868800, "2000-03-01T00:00:00" },
		{ 4107542399, "2100-02-28T23:59:59" },
		{ 4107542400, "2100-03-01T00:00:00" },
		{ 1798761599, "2026-12-31T23:59:59" },
		{ -1, "1970-01-01T00:00:00" },
	};
	char text[TIMESTAMP_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		timestamp_format(cases[i].seconds, text);
		CHECK_STR(text, cases[i].text);
	}
}

/* 400 years and a leap year, which is all that the calendar knows, and the hours of a day. */
TEST(each_day_is_the_one_that_the_c_library_says)
{
	char text[TIMESTAMP_MAX], expected[TIMESTAMP_MAX];
	bool is_same = true;

	for (time_t day = 0; day < 405 * 366 && is_same; day++) {
		time_t seconds = day * 86400 + day % 86400;
		struct tm tm;

		gmtime_r(&seconds, &tm);
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S", &tm);
		timestamp_format(seconds, text);
		is_same = strcmp(text, expected) == 0;
	}
	CHECK_STR(text, expected);
}

TEST_MAIN()
