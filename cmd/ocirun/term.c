/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal, or whatever else the standard output is. */
#include "term.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_WIDTH 80
#define MIN_WIDTH     40
#define MAX_WIDTH     1000

static const char *const escapes[TERM_STYLES] = {
	[TERM_PLAIN] = "\033[0m",   [TERM_BOLD] = "\033[0;1m",   [TERM_DIM] = "\033[0;2m",
	[TERM_RED] = "\033[0;31m",  [TERM_GREEN] = "\033[0;32m", [TERM_YELLOW] = "\033[0;33m",
	[TERM_CYAN] = "\033[0;36m",
};

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

static bool find_colour(void)
{
	const char *kind = variable("TERM");

	return isatty(STDOUT_FILENO) && !variable("NO_COLOR") && kind && strcmp(kind, "dumb") != 0;
}

/* As setlocale(3) looks for the locale, whose tables a static program need not have. */
static bool find_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *locale = variable(names[i]);

		if (locale)
			return strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
	}
	return false;
}

static size_t find_width(bool *ret_is_bounded)
{
	const char *columns = variable("COLUMNS");
	struct winsize size;
	long n = columns ? strtol(columns, NULL, 10) : 0;

	if (n <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		n = size.ws_col;
	*ret_is_bounded = n > 0;
	if (n <= 0)
		n = DEFAULT_WIDTH;
	return n < MIN_WIDTH ? MIN_WIDTH : n > MAX_WIDTH ? MAX_WIDTH : (size_t)n;
}

struct term term_of_stdout(void)
{
	struct term term = { .has_colour = find_colour(), .has_utf8 = find_utf8() };

	term.width = find_width(&term.is_bounded);
	return term;
}

void term_style(const struct term *term, enum term_style style)
{
	if (term->has_colour)
		fputs(escapes[style], stdout);
}

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/* Of one byte: 0 inside a character of UTF-8. */
static size_t byte_width(unsigned char c)
{
	return is_control(c) ? sizeof("\\x1b") - 1 : (c & 0xc0) != 0x80;
}

size_t term_part_width(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += byte_width((unsigned char)text[i]);
	return n;
}

size_t term_width(const char *text)
{
	return term_part_width(text, strlen(text));
}

size_t term_print_part(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (is_control(c))
			printf("\\x%02x", c);
		else
			putchar(c);
	}
	return term_part_width(text, len);
}

size_t term_print(const struct term *term, const char *text, size_t max)
{
	const char *dots = term->has_utf8 ? "…" : "...";
	size_t dots_width = term->has_utf8 ? 1 : 3;
	bool is_cut = term_width(text) > max;
	size_t room = is_cut ? (max > dots_width ? max - dots_width : 0) : max;
	size_t used = 0, len = 0;

	for (; text[len] && used + byte_width((unsigned char)text[len]) <= room; len++)
		used += byte_width((unsigned char)text[len]);
	term_print_part(text, len);
	if (is_cut && max >= dots_width) {
		fputs(dots, stdout);
		used += dots_width;
	}
	return used;
}

void term_space(size_t n)
{
	printf("%*s", (int)n, "");
}
