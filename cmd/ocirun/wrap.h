/* SPDX-License-Identifier: Apache-2.0 */
/* Text as wide as who reads it has room for. */
#ifndef OCIRUN_CMD_WRAP_H
#define OCIRUN_CMD_WRAP_H

#include <stddef.h>

/*
 * Prints the words of @text, in which "$0" stands for @name, and a newline. The line at hand has
 * @used columns already; it and those that follow end before column @width if their words let them,
 * and those begin at column @indent.
 */
void wrap_print(const char *text, const char *name, size_t used, size_t indent, size_t width);

/*
 * Prints the words of @text, with what would steer a terminal escaped, as more of the line at hand,
 * which has @column columns; a line that begins with one is left at column @indent. The column at the
 * end.
 */
size_t wrap_words(const char *text, size_t column, size_t indent, size_t width);

#endif
