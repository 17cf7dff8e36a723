/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding one member of a document that was accepted before: who needs that alone need not pay for
 * the rest, which in the configuration of an engine is nearly all.
 */
#include "document.h"

#include <string.h>

struct walk {
	const char *text;
	size_t len, at;
};

static char skip_blanks(struct walk *w)
{
	w->at = document_skip(w->text, w->len, w->at, DOCUMENT_BLANKS);
	return w->at < w->len ? w->text[w->at] : '\0';
}

/* To the byte behind the value that begins here. */
static void skip_value(struct walk *w)
{
	size_t depth = 0;

	while (w->at < w->len) {
		char c = w->text[w->at];

		if (depth == 0 && (c == ',' || c == '}'))
			return;
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		w->at = c == '"' ? document_string_end(w->text, w->len, w->at) : w->at + 1;
	}
}

static bool is_key(const struct walk *w, size_t end, const char *key)
{
	size_t len = strlen(key);

	return end - w->at == len + 2 && memcmp(w->text + w->at + 1, key, len) == 0;
}

bool document_find_member(const char *text, size_t len, const char *key, const char **ret_value,
			  size_t *ret_len)
{
	struct walk w = { text, len, 0 };
	bool is_it = false;

	if (skip_blanks(&w) != '{')
		return false;
	do {
		size_t end;

		w.at++; /* the brace, or a comma */
		if (skip_blanks(&w) != '"')
			return false;
		end = document_string_end(text, len, w.at);
		is_it = is_key(&w, end, key);
		w.at = end;
		if (skip_blanks(&w) != ':')
			return false;
		w.at++;
		skip_blanks(&w);
		end = w.at;
		skip_value(&w);
		*ret_value = text + end;
		*ret_len = w.at - end;
	} while (!is_it && skip_blanks(&w) == ',');
	return is_it;
}
