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

void wrap_print(const char *text, const char *name, size_t used, size_t indent, size_t width)
{
	char word[WORD_MAX];
	bool is_first = true;

	while ((text = next_word(text, name, word))) {
		size_t len = strlen(word);

		if (!is_first && used + 1 + len > width) {
			putchar('\n');
			term_space(indent);
			used = indent;
		} else if (!is_first) {
			putchar(' ');
			used++;
		}
		fputs(word, stdout);
		used += len;
		is_first = false;
	}
	putchar('\n');
}
