/* SPDX-License-Identifier: Apache-2.0 */
/* Completions for bash: two functions of rows from the tables, and one that looks things up there. */
#include "pages.h"

#include <stdio.h>

/* What compgen(1) is asked for. Of containers only the program knows, in the state root that was typed. */
static const char *const offers[] = {
	[WORD_FILE] = "-f",
	[WORD_DIRECTORY] = "-d",
	[WORD_CONTAINER] = "-W \"$(ocirun \"${root[@]}\" list --quiet 2>/dev/null)\"",
	[WORD_COMMAND] = "-W \"$(_ocirun_options commands)\"",
};

static void put_spellings(const char *command, const struct option *option)
{
	(void)command;
	printf(" --%s", option->name);
	if (option->letter)
		printf(" -%c", option->letter);
}

static void put_value(const char *command, const struct option *option)
{
	enum word_kind kind = word_kind_of_option(option);

	if (kind == WORD_NONE)
		return;
	printf("\t'%s --%s'", command ? command : "", option->name);
	if (option->letter)
		printf(" | '%s -%c'", command ? command : "", option->letter);
	if (kind == WORD_CHOICE) {
		printf(") offer -W '");
		for (const char *const *choice = option->choices; *choice; choice++)
			printf("%s%s", choice == option->choices ? "" : " ", *choice);
		printf("' ;;\n");
	} else {
		printf(") %s%s ;;\n", offers[kind] ? "offer " : "",
		       offers[kind] ? offers[kind] : ":");
	}
}

static void put_row(const char *name, const struct option *const *tables)
{
	printf("\t'%s') echo '", name);
	each_option(tables, NULL, put_spellings);
	printf("' ;;\n");
}

static void put_options(void)
{
	static const struct option *const globals[] = { global_options, NULL };

	printf("_ocirun_options() {\n\tcase $1 in\n\tcommands) echo 'help");
	for (const struct command *const *c = commands; *c; c++)
		printf(" %s", (*c)->name);
	printf("' ;;\n");
	put_row("", globals);
	for (const struct command *const *c = commands; *c; c++)
		put_row((*c)->name, (*c)->options);
	printf("\tesac\n}\n\n");
}

static void put_values(void)
{
	static const struct option *const globals[] = { global_options, NULL };

	printf("# The option's value when it takes one; fails otherwise.\n"
	       "_ocirun_value() {\n\tcase \"$1 $2\" in\n");
	each_option(globals, NULL, put_value);
	for (const struct command *const *c = commands; *c; c++)
		each_option((*c)->options, (*c)->name, put_value);
	printf("\t*) return 1 ;;\n\tesac\n}\n\n");
}

static void put_arguments(void)
{
	printf("_ocirun_argument() {\n\tcase $1 in\n\t'') offer -W \"$(_ocirun_options commands)\" "
	       ";;\n"
	       "\thelp) offer -W \"$(_ocirun_options commands)\" ;;\n");
	for (const struct command *const *c = commands; *c; c++) {
		const char *words = offers[word_kind_of_arguments(*c)];

		if (words)
			printf("\t%s) offer %s ;;\n", (*c)->name, words);
	}
	printf("\tesac\n}\n\n");
}

void print_bash(void)
{
	printf("# bash completion for ocirun, made from its tables of options.\n\n");
	put_options();
	put_values();
	put_arguments();
	printf("_ocirun() {\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
	       "\tlocal command='' root=() i name\n\n"
	       "\toffer() {\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen \"$@\" -- \"$word\")\n"
	       "\t}\n"
	       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tif [[ ${COMP_WORDS[i]} != -* ]]; then\n"
	       "\t\t\tcommand=${COMP_WORDS[i]}\n"
	       "\t\t\tbreak\n"
	       "\t\tfi\n"
	       "\t\tname=${COMP_WORDS[i]}\n"
	       "\t\t_ocirun_value '' \"$name\" || continue\n"
	       "\t\t((++i))\n"
	       "\t\t# --name=value is three words here.\n"
	       "\t\t[[ ${COMP_WORDS[i]} != = ]] || ((++i))\n"
	       "\t\t[[ $name != --root ]] || root=(--root \"${COMP_WORDS[i]}\")\n"
	       "\tdone\n"
	       "\tCOMPREPLY=()\n"
	       "\tif [[ $word == = ]]; then\n"
	       "\t\tword=''\n"
	       "\telif [[ $option == = ]]; then\n"
	       "\t\toption=${COMP_WORDS[COMP_CWORD - 2]}\n"
	       "\tfi\n"
	       "\tif ((COMP_CWORD > 1)) && _ocirun_value \"$command\" \"$option\"; then\n"
	       "\t\treturn\n"
	       "\telif [[ $word == -* ]]; then\n"
	       "\t\toffer -W \"$(_ocirun_options \"$command\")\"\n"
	       "\telse\n"
	       "\t\t_ocirun_argument \"$command\"\n"
	       "\tfi\n"
	       "}\n"
	       "complete -o filenames -F _ocirun ocirun\n");
}
