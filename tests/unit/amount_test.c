/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "amount.h"

#include <errno.h>

TEST(bytes_have_units_of_1024_in_every_spelling)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} rows[] = {
		{ "0", 0 },
		{ "67108864", 67108864 },
		{ "100b", 100 },
		{ "64k", 65536 },
		{ "64K", 65536 },
		{ "64kB", 65536 },
		{ "64KiB", 65536 },
		{ "64M", 67108864 },
		{ "64 MB", 67108864 },
		{ "1.5g", 1610612736 },
		{ ".5k", 512 },
		{ "2T", 2199023255552 },
		{ "1p", 1125899906842624 },
		{ "9223372036854775807", INT64_MAX },
	};
	int64_t bytes;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bytes = -1;
		CHECK_INT(amount_bytes(rows[i].text, &bytes), 0);
		CHECK_INT(bytes, rows[i].bytes);
	}
}

TEST(what_is_no_number_of_bytes_is_refused)
{
	static const char *const rows[] = {
		"",
		"M",
		"-1",
		"+1",
		" 1",
		"1x",
		"1MM",
		"0x10",
		"1e3",
		"1..2",
		".",
		"1  M",
		"9223372036854775808",
		"9000p",
		"nan",
		"inf",
		"1 M ",
		"1.2.3",
	};
	int64_t bytes = 7;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(amount_bytes(rows[i], &bytes), -EINVAL);
	CHECK_INT(bytes, 7);
}

TEST(durations_are_sums_of_numbers_with_units)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{ "0", 0 },
		{ "5s", 5000000000 },
		{ "100ms", 100000000 },
		{ "250us", 250000 },
		{ "250\xc2\xb5s", 250000 },
		{ "9ns", 9 },
		{ "1m30s", 90000000000 },
		{ "1.5h", 5400000000000 },
		{ ".5s", 500000000 },
	};
	int64_t ns;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ns = -1;
		CHECK_INT(amount_duration(rows[i].text, &ns), 0);
		CHECK_INT(ns, rows[i].ns);
	}
}

TEST(what_is_no_duration_is_refused)
{
	static const char *const rows[] = { "",    "5",    "s",   "5x",   "-5s",
					    "5 s", "1m30", "5s ", "1e3s", "9999999999h" };
	int64_t ns = 7;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(amount_duration(rows[i], &ns), -EINVAL);
	CHECK_INT(ns, 7);
}

TEST_MAIN()
