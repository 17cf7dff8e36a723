/* SPDX-License-Identifier: Apache-2.0 */
/* Files of cgroups. The first byte says which form. */
#include "fuzz.h"

#include "stats_format.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static stats_format *const formats[] = {
		stats_number, stats_signed, stats_limit,    stats_keyed, stats_words, stats_ranges,
		stats_column, stats_pairs,  stats_pressure, stats_io,    stats_io_v2,
	};
	static const char *const keys[] = { "total", "key", "some", "rbytes Read wbytes Write" };
	union {
		uint64_t number;
		int64_t with_sign;
		struct ops_numbers numbers;
		struct ops_named_numbers named;
		struct ops_pressure pressure;
		struct ops_io_entries io;
	} to;
	AUTO(arena) struct arena *arena = NULL;
	struct err err = { 0 };
	char *text;

	if (size < 1 || data[0] < 'a' || data[0] >= 'a' + sizeof(formats) / sizeof(formats[0]) ||
	    size > STATS_FILE_MAX || arena_new(64u << 20, &arena, &err) < 0)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct stats_source source = {
			.text = text, .key = keys[i], .factor = 1, .arena = arena
		};

		to = (typeof(to)){ .io = { 0 } };
		/* The last form takes keys in pairs, and only those. */
		if ((formats[data[0] - 'a'] == stats_io_v2) == (i == 3))
			formats[data[0] - 'a'](&source, &to);
	}
	free(text);
	return 0;
}
