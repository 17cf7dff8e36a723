/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a test program that a script starts: words and numbers, by name. */
#ifndef OCIRUN_TEST_ARGUMENT_H
#define OCIRUN_TEST_ARGUMENT_H

struct argument {
	const char *name;
	const char **word; /* has to be given, unless it has a value already; or */
	unsigned long *number;
};

/*
 * Reads --NAME VALUE by @table, which ends with a row without a name; getopt(3)'s optind is where the
 * rest begins. Dies of what is unknown, missing or no number.
 */
void arguments_read(int argc, char **argv, const struct argument *table);

#endif
