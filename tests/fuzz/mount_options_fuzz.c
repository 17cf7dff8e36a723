/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a mount, a line each behind a first line with the type of its filesystem. */
#include "fuzz.h"

#include "mount_options.h"
#include "spec.h"

#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *type = fuzz_line(&rest), *line;
	const char *v[OPTIONS_MAX];
	struct spec_strings options = { .n = 0, .v = v };
	AUTO(arena) struct arena *arena = NULL;
	struct mount_options sum;
	struct plan_mount mount = { .type = type };
	struct err err = { 0 };

	while (options.n < OPTIONS_MAX && (line = fuzz_line(&rest)))
		v[options.n++] = line;
	if (arena_new(65536 + 64 * size, &arena, &err) < 0)
		abort();
	sum = mount_options_read(arena, &options);
	/* No bit is set and cleared, and what is data has no row. */
	FUZZ_CHECK(!(sum.sb_set & sum.sb_clear));
	FUZZ_CHECK(sum.n_data <= options.n);
	mount.sb_flags = sum.sb_set;
	mount.sb_clear = sum.sb_clear;
	mount_options_params(arena, &sum, &mount);
	for (size_t i = 0; i < mount.n_params; i++)
		FUZZ_CHECK(mount.params[i].key);
	FUZZ_CHECK(strlen(mount.data) <= size);
	free(text);
	return 0;
}
