/* SPDX-License-Identifier: Apache-2.0 */
/* Completions for zsh: the specifications that its _arguments function takes. */
#include "pages.h"

#include <stdio.h>

static const char *const actions[] = {
	[WORD_ANY] = " ",
	[WORD_FILE] = "_files",
	[WORD_DIRECTORY] = "_files -/",
	[WORD_CONTAINER] = "_ocirun_containers",
	[WORD_COMMAND] = "_ocirun_commands",
};

/* Inside single quotes, and between the brackets or colons of a specification. */
static void put_escaped(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", stdout);
		else if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
}

static void put_spelling(const struct option *option, const char *dashes, const char *name)
{
	printf("\t\t'*%s%s%s[", dashes, name, option->value ? "=" : "");
	put_escaped(option->help);
	printf("]");
	if (option->value) {
		printf(":%s:", option->value);
		if (option->choices) {
			printf("(");
			for (const char *const *choice = option->choices; *choice; choice++)
				printf("%s%s", choice == option->choices ? "" : " ", *choice);
			printf(")");
		} else {
			fputs(actions[word_kind_of_option(option)], stdout);
		}
	}
	printf("' \\\n");
}

static void put_option(const char *command, const struct option *option)
{
	(void)command;
	put_spelling(option, "--", option->name);
	if (option->letter)
		put_spelling(option, "-", (char[]){ option->letter, '\0' });
}

static void put_command(const struct command *command)
{
	enum word_kind kind = word_kind_of_arguments(command);

	printf("\t%s)\n\t\t_arguments \\\n", command->name);
	each_option(command->options, command->name, put_option);
	if (kind != WORD_NONE)
		printf("\t\t':%s:%s' \\\n", "argument", actions[kind]);
	printf("\t\t'*::arguments:_normal'\n\t\t;;\n");
}

static void put_lists(void)
{
	printf("# In the state root that was typed.\n"
	       "_ocirun_containers() {\n"
	       "\tlocal -a ids=(${(f)\"$(ocirun $root list --quiet 2>/dev/null)\"})\n"
	       "\tcompadd -a ids\n}\n\n"
	       "_ocirun_commands() {\n\tlocal -a names=(\n\t\t'help:print the help of a "
	       "command'\n");
	for (const struct command *const *c = commands; *c; c++) {
		printf("\t\t'%s:", (*c)->name);
		put_escaped((*c)->summary);
		printf("'\n");
	}
	printf("\t)\n\t_describe command names\n}\n\n");
}

void print_zsh(void)
{
	static const struct option *const globals[] = { global_options, NULL };

	printf("#compdef ocirun\n# zsh completion for ocirun, made from its tables of "
	       "options.\n\n");
	put_lists();
	printf("_ocirun() {\n\tlocal curcontext=$curcontext state line\n"
	       "\tlocal -A opt_args\n\tlocal -a root\n\n\t_arguments -C \\\n");
	each_option(globals, NULL, put_option);
	printf("\t\t'1:command:_ocirun_commands' \\\n\t\t'*::arguments:->arguments'\n"
	       "\t[[ $state == arguments ]] || return\n"
	       "\t[[ -z ${opt_args[--root]-} ]] || root=(--root ${opt_args[--root]})\n\n"
	       "\tcase $line[1] in\n"
	       "\thelp)\n\t\t_arguments '1:command:_ocirun_commands'\n\t\t;;\n");
	for (const struct command *const *c = commands; *c; c++)
		put_command(*c);
	printf("\tesac\n}\n\n_ocirun \"$@\"\n");
}
