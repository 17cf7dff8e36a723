/* SPDX-License-Identifier: Apache-2.0 */
/* What a shell can offer, read off the names that help gives to values and arguments. */
#include "pages.h"

#include <string.h>

static const struct {
	const char *name;
	enum word_kind kind;
} names[] = {
	{ "FILE", WORD_FILE },        { "SOCKET", WORD_FILE },     { "DIR", WORD_DIRECTORY },
	{ "BUNDLE", WORD_DIRECTORY }, { "COMMAND", WORD_COMMAND }, { "CONTAINER", WORD_CONTAINER },
};

static enum word_kind kind_of(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len && strncmp(names[i].name, name, len) == 0)
			return names[i].kind;
	return WORD_ANY;
}

enum word_kind word_kind_of_option(const struct option *option)
{
	if (!option->value)
		return WORD_NONE;
	return option->choices ? WORD_CHOICE : kind_of(option->value, strlen(option->value));
}

enum word_kind word_kind_of_arguments(const struct command *command)
{
	const char *first = command->arguments + (command->arguments[0] == '[');

	if (!first[0])
		return WORD_NONE;
	return kind_of(first, strcspn(first, " ]"));
}

void each_option(const struct option *const *tables, const char *command,
		 void (*print)(const char *command, const struct option *option))
{
	static const struct option help = { "help", 'h', .help = "print help" };

	for (; tables && *tables; tables++)
		for (const struct option *option = *tables; option->name; option++)
			print(command, option);
	print(command, &help);
}
