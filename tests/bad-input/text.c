/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that are no JSON any more, or too much of it. */
#include "maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_JSON "is not valid JSON: line "
#define CUTS    24u

static void take_no_json(struct maker *maker, const char *what, const char *text, size_t len)
{
	maker_take(maker, text, len,
		   (struct bad_input){ .what = what, .pointer = "", .says = NO_JSON });
}

/* What begins with a brace is whole at its last byte only. */
static void cut(struct maker *maker, const char *text, size_t len)
{
	for (unsigned int i = 0; i < CUTS; i++) {
		size_t at = 1 + (len - 2) * i / CUTS;

		if (maker_draws(maker))
			take_no_json(maker, "cut off", text, at);
	}
	if (maker_draws(maker))
		take_no_json(maker, "cut off", text, len - 1);
}

/* Puts @junk behind the brace that the document begins with, or behind its last one. */
static void add_junk(struct maker *maker, const char *text, size_t len, const char *junk,
		     bool is_behind)
{
	size_t at = is_behind ? len : 1, n = strlen(junk);
	char *changed = malloc(len + n);

	if (!changed)
		abort();
	memcpy(mempcpy(mempcpy(changed, text, at), junk, n), text + at, len - at);
	take_no_json(maker, "junk", changed, len + n);
	free(changed);
}

static void make_junk(struct maker *maker, const char *text, size_t len)
{
	static const char *const inside[] = {
		"}",     "]",      ":",       ",",        "'",        "//\n", "/**/",
		"\x01",  "\x7f",   "{",       "[",        "a",        "1",    "-",
		"\"a\"", "\"a\":", "\"a\":,", "\"a\" 1,", "\xc2\xa0", "\\",   "\xef\xbb\xbf",
		"#",
	};
	static const char *const behind[] = { "}", "{}", "]", ",", "null", "\"\"", "x", "\x04" };

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (maker_draws(maker))
			add_junk(maker, text, len, inside[i], false);
	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++)
		if (maker_draws(maker))
			add_junk(maker, text, len, behind[i], true);
}

static void make_other_documents(struct maker *maker)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "", "is empty" },
		{ " \n\t\r\n ", "is empty" },
		{ "[]", "expected an object" },
		{ "null", "expected an object" },
		{ "true", "expected an object" },
		{ "17", "expected an object" },
		{ "\"{}\"", "expected an object" },
		{ "1e5", "expected an object" },
		{ "18446744073709551616 ", "expected an object" },
		{ "\xef\xbb\xbf{}", NO_JSON },
		{ "{,}", NO_JSON },
		{ "{\"a\":1,}", NO_JSON },
		{ "{\"a\" 1}", NO_JSON },
		{ "{a:1}", NO_JSON },
		{ "{1:1}", NO_JSON },
		{ "{null:1}", NO_JSON },
		{ "ociVersion: 1.0.0\n", NO_JSON },
		{ "\x7f"
		  "ELF",
		  NO_JSON },
		{ "\x1f\x8b\x08", NO_JSON },
		{ "{\"a\":tru}", NO_JSON },
		{ "{\"a\":-}", NO_JSON },
		{ "{\"a\":1.}", NO_JSON },
		{ "{\"a\":0x10}", NO_JSON },
		{ "{\"a\":Infinity}", NO_JSON },
		{ "{\"\\x\":1}", NO_JSON },
		{ "{\"\\u00zz\":1}", NO_JSON },
		{ "{\"a\":\"\t\"}", NO_JSON },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		maker_take(maker, rows[i].text, strlen(rows[i].text),
			   (struct bad_input){ .what = "another document",
					       .pointer = "",
					       .says = rows[i].says });
}

/* One byte more than is read; what is in it has no part in that. */
static void make_large(struct maker *maker, const char *text, size_t len)
{
	const size_t large = SPEC_MAX_BYTES + 1;
	char *padded = malloc(large);

	if (!padded)
		abort();
	memset(padded, ' ', large);
	memcpy(padded, text, len);
	maker_take(maker, padded, large,
		   (struct bad_input){ .what = "too large", .pointer = "", .says = "bytes" });
	maker_take(maker, padded, large - 1,
		   (struct bad_input){ .what = "as large as may be", .is_legal = true });
	free(padded);
}

void make_texts(struct maker *maker)
{
	/* In ASCII: what is cut off in the middle of a character is not UTF-8 besides. */
	char *text = json_dumps(maker->root, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	size_t len = text ? strlen(text) : 0;

	if (!text)
		abort();
	cut(maker, text, len);
	make_junk(maker, text, len);
	if (maker->is_full) {
		make_other_documents(maker);
		make_large(maker, text, len);
	}
	free(text);
}
