/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the standard output can show: colours on a terminal only, unless NO_COLOR is set
 * (no-color.org); its width, 80 columns in a pipe, where more does no harm; line drawing and blocks
 * in a UTF-8 locale.
 */
#ifndef OCIRUN_CMD_TERM_H
#define OCIRUN_CMD_TERM_H

#include <stdbool.h>
#include <stddef.h>

enum term_style {
	TERM_PLAIN,
	TERM_BOLD,
	TERM_DIM,
	TERM_RED,
	TERM_GREEN,
	TERM_YELLOW,
	TERM_CYAN,
	TERM_STYLES,
};

struct term {
	bool has_colour;
	bool has_utf8;
	bool is_bounded; /* a terminal, or COLUMNS is set: a longer line would be folded or cut */
	size_t width;
};

struct term term_of_stdout(void);

/* Prints what is printed until the next call in @style; nothing without colours. */
void term_style(const struct term *term, enum term_style style);

/* Prints @text with what would steer a terminal escaped, at most @max columns (cut with "..."). */
size_t term_print(const struct term *term, const char *text, size_t max);

/* Columns that term_print() would need for all of @text. */
size_t term_width(const char *text);

/* The same for @len bytes of it, uncut. */
size_t term_print_part(const char *text, size_t len);
size_t term_part_width(const char *text, size_t len);

/* Prints @n spaces. */
void term_space(size_t n);

#endif
