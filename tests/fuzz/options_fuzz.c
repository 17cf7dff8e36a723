/* SPDX-License-Identifier: Apache-2.0 */
/* A command line, an argument per line, for the tables of each command. */
#include "fuzz.h"

#include "commands.h"

#include <stdlib.h>

#define ARGUMENTS_MAX 64

static void parse(const struct option *const *tables, size_t values_size, int stop_after,
		  const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *argv[ARGUMENTS_MAX + 1] = { NULL };
	void *values = calloc(1, values_size + 1);
	struct arguments arguments = { .n = 0 };
	struct err err = { 0 };
	int n = 0;

	while (n < ARGUMENTS_MAX && (argv[n] = fuzz_line(&rest)))
		n++;
	if (options_parse(tables, stop_after, argv, values, &arguments, &err) == 0) {
		FUZZ_CHECK(arguments.n <= n && !arguments.v[arguments.n]);
		for (int i = 0; i < arguments.n; i++)
			FUZZ_CHECK(arguments.v[i]);
	} else {
		FUZZ_CHECK(err.text[0]);
	}
	options_done(tables, values);
	free(values);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct option *const global[] = { global_options, NULL };

	parse(global, sizeof(struct global_options), 1, data, size);
	for (const struct command *const *command = commands; *command; command++)
		if ((*command)->options)
			parse((*command)->options, (*command)->values_size, (*command)->stop_after,
			      data, size);
	return 0;
}
