/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command-line options as tables. An option is a row that says where in a struct its value goes;
 * help texts print the same rows. What is accepted is what callers of runc write:
 *
 *	--bundle DIR   --bundle=DIR   -bundle DIR   -b DIR   -b=DIR   --detach   --detach=false
 *
 * Single letters are not combined (-df is an unknown option), a repeated option counts the last
 * time unless it makes a list, an empty value is as good as none, "--" ends the options, and "-" alone is an argument.
 */
#ifndef OCIRUN_CMD_OPTIONS_H
#define OCIRUN_CMD_OPTIONS_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

enum option_kind {
	OPTION_ACCEPTED, /* takes a value that has no meaning here */
	OPTION_BOOL,
	OPTION_TEXT,
	OPTION_INT,
	OPTION_CHOICE,
	OPTION_LIST,
};

/* The values of an option that may be repeated, in their order; v ends with NULL once n > 0. */
struct option_list {
	size_t n;
	const char **v; /* malloc()ed: see options_done() */
};

struct option {
	const char *name; /* NULL: the end of the table */
	char letter;      /* 0: none */
	enum option_kind kind;
	size_t offset; /* of the member that gets the value */
	int min, max;  /* of an OPTION_INT; both 0: all that int holds */
	const char *const
		*choices;  /* of an OPTION_CHOICE: NULL-terminated; the value is the index */
	const char *value; /* what help calls the value */
	const char *help;
};

/* The member for the value: the kind follows from its type, other types do not compile. */
#define OPTION(type, member)                                                                       \
	.kind = _Generic(((type *)0)->member,                                                      \
		 bool: OPTION_BOOL,                                                                \
		 const char *: OPTION_TEXT,                                                        \
		 int: OPTION_INT,                                                                  \
		 struct option_list: OPTION_LIST,                                                  \
		 unsigned int: OPTION_CHOICE), /* an enum */                                       \
	.offset = offsetof(type, member)

/* What is left when the options are taken out. */
struct arguments {
	int n;
	char **v;        /* NULL-terminated; inside the argv that was parsed */
	bool wants_help; /* --help or -h was met; nothing behind it was looked at */
};

#define OPTIONS_EVERYWHERE 0

/*
 * Parses the NULL-terminated @argv (without a program name), which is reordered. @tables is a
 * NULL-terminated list of tables; values go into @values, whose unnamed members stay as they are.
 * Behind argument number @stop_after nothing is an option any more (OPTIONS_EVERYWHERE: options
 * may follow arguments). -EINVAL for what is not in the tables.
 */
int options_parse(const struct option *const *tables, int stop_after, char **argv, void *values,
		  struct arguments *ret_arguments, struct err *err);

/* Frees the lists among @values. */
void options_done(const struct option *const *tables, void *values);

#endif
