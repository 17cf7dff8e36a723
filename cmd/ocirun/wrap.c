/* SPDX-License-Identifier: Apache-2.0 */
#include "wrap.h"

#include "term.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 256

/* The word at @text with @name in it; returns what follows, or NULL at the end. */
static const char *next_word(const char *text, const char *name, char word[WORD_MAX])
{
	size_t len = 0;

	text += strspn(text, " \n");
	if (!*text)
		return NULL;
	for (; *text && !strchr(" \n", *text); text++) {
		if (strncmp(text, "$0", 2) == 0) {
			len += (size_t)snprintf(word + len, WORD_MAX - len, "%s", name);
			text++;
		} else if (len < WORD_MAX) {
			word[len++] = *text;
		}
		len = len < WORD_MAX ? len : WORD_MAX - 1;
	}
	word[len] = '\0';
	return text;
}

/* A blank before a word of @width columns, or a new line where it has no room on this one. */
static size_t separate(size_t column, size_t word_width, size_t indent, size_t width)
{
	if (column + 1 + word_width <= width) {
		putchar(' ');
		return column + 1;
	}
	putchar('\n');
	term_space(indent);
	return indent;
}

void wrap_print(const char *text, const char *name, size_t used, size_t indent, size_t width)
{
	char word[WORD_MAX];
	bool is_first = true;

	while ((text = next_word(text, name, word))) {
		size_t len = strlen(word);

		if (!is_first)
			used = separate(used, len, indent, width);
		fputs(word, stdout);
		used += len;
		is_first = false;
	}
	putchar('\n');
}

size_t wrap_words(const char *text, size_t column, size_t indent, size_t width)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (column > indent)
			column = separate(column, term_part_width(text, len), indent, width);
		column += term_print_part(text, len);
		text += len + (text[len] == ' ');
	}
	return column;
}
