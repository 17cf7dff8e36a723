/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be said about the command line besides its help, each from the same tables. Everything is
 * printed to the standard output.
 */
#ifndef OCIRUN_PAGES_H
#define OCIRUN_PAGES_H

#include "commands.h"

#define PROGRAM "ocirun"

/* What a shell offers where a value or an argument is expected. */
enum word_kind {
	WORD_NONE, /* no value is taken */
	WORD_ANY,  /* one, of which nothing is known */
	WORD_CHOICE,
	WORD_FILE,
	WORD_DIRECTORY,
	WORD_CONTAINER,
	WORD_COMMAND,
};

/* The kind of an option's value, from what help calls it. */
enum word_kind word_kind_of_option(const struct option *option);

/* The kind of a command's first argument, likewise. */
enum word_kind word_kind_of_arguments(const struct command *command);

/* Calls @print with each row of a list of tables, which may be NULL, and with that of --help. */
void each_option(const struct option *const *tables, const char *command,
		 void (*print)(const char *command, const struct option *option));

/* @command is NULL for the page of the program. */
void print_man(const struct command *command);
void print_bash(void);
void print_fish(void);
void print_zsh(void);

#endif
