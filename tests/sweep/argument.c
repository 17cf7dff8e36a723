/* SPDX-License-Identifier: Apache-2.0 */
#include "argument.h"

#include "command.h"

#include <getopt.h>
#include <stdlib.h>

#define ARGUMENTS_MAX 16

static void take(const struct argument *argument, char *value)
{
	char *end;

	if (argument->word) {
		*argument->word = value;
		return;
	}
	*argument->number = strtoul(value, &end, 10);
	if (*end || !*value)
		die("--%s: '%s' is no number", argument->name, value);
}

void arguments_read(int argc, char **argv, const struct argument *table)
{
	struct option options[ARGUMENTS_MAX + 1] = { 0 };
	int index;

	for (size_t i = 0; table[i].name && i < ARGUMENTS_MAX; i++)
		options[i] = (struct option){ table[i].name, required_argument, NULL, 1 };
	for (int c; (c = getopt_long(argc, argv, "", options, &index)) != -1;) {
		if (c != 1)
			exit(2);
		take(&table[index], optarg);
	}
	for (; table->name; table++)
		if (table->word && !*table->word)
			die("--%s is missing: the script run beside this program gives it",
			    table->name);
}
