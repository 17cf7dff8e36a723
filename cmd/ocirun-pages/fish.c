/* SPDX-License-Identifier: Apache-2.0 */
/* Completions for fish: a line for each option and each command. */
#include "pages.h"

#include <stdio.h>

/* Where in the command line a row counts. */
#define BEFORE_COMMAND "not __fish_seen_subcommand_from (__ocirun_commands)"

static const char *const offers[] = {
	[WORD_NONE] = "",
	[WORD_ANY] = " -x",
	[WORD_FILE] = " -r -F",
	[WORD_DIRECTORY] = " -x -a '(__fish_complete_directories)'",
	[WORD_CONTAINER] = " -x -a '(__ocirun_containers)'",
	[WORD_COMMAND] = " -x -a '(__ocirun_commands)'",
};

/* Inside single quotes. */
static void put_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

static void put_condition(const char *command)
{
	if (command)
		printf("complete -c " PROGRAM " -n '__fish_seen_subcommand_from %s'", command);
	else
		printf("complete -c " PROGRAM " -n '" BEFORE_COMMAND "'");
}

static void put_option(const char *command, const struct option *option)
{
	enum word_kind kind = word_kind_of_option(option);

	put_condition(command);
	printf(" -l %s", option->name);
	if (option->letter)
		printf(" -s %c", option->letter);
	if (kind == WORD_CHOICE) {
		printf(" -x -a '");
		for (const char *const *choice = option->choices; *choice; choice++)
			printf("%s%s", choice == option->choices ? "" : " ", *choice);
		printf("'");
	} else {
		fputs(offers[kind], stdout);
	}
	printf(" -d ");
	put_quoted(option->help);
	putchar('\n');
}

static void put_command(const struct command *command)
{
	enum word_kind kind = word_kind_of_arguments(command);

	printf("complete -c " PROGRAM " -n '" BEFORE_COMMAND "' -f -a %s -d ", command->name);
	put_quoted(command->summary);
	putchar('\n');
	if (kind > WORD_FILE) {
		put_condition(command->name);
		printf("%s\n", offers[kind]);
	}
	each_option(command->options, command->name, put_option);
}

void print_fish(void)
{
	static const struct option *const globals[] = { global_options, NULL };

	printf("# fish completion for ocirun, made from its tables of options.\n\n"
	       "function __ocirun_commands\n\tprintf '%%s\\n' help");
	for (const struct command *const *c = commands; *c; c++)
		printf(" %s", (*c)->name);
	printf("\nend\n\n"
	       "# In the state root that was typed.\n"
	       "function __ocirun_containers\n"
	       "\tset -l words (commandline -opc)\n"
	       "\tset -l root (string match -r -g -- '^--root=(.*)' $words)\n"
	       "\tif set -l at (contains -i -- --root $words)\n"
	       "\t\tset root $words[(math $at + 1)]\n"
	       "\tend\n"
	       "\tif set -q root[1]\n"
	       "\t\tset root --root $root[1]\n"
	       "\tend\n"
	       "\tocirun $root list --quiet 2>/dev/null\n"
	       "end\n\ncomplete -c " PROGRAM " -f\n");
	each_option(globals, NULL, put_option);
	for (const struct command *const *c = commands; *c; c++)
		put_command(*c);
}
