/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text form of GVariant, as much of it as properties need: booleans, numbers, strings and
 * arrays of these, with a type in front ("uint64 5", "@t 5", "@as []") or without.
 */
#include "unit_build.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ELEMENTS_MAX 256

struct reader {
	struct arena *arena;
	const char *at;
	char *room; /* for the strings, which are shorter than the text altogether */
	const char *reason;
};

static const struct {
	const char *name;
	char type;
} type_names[] = {
	{ "boolean", 'b' }, { "byte", 'y' },   { "int16", 'n' }, { "uint16", 'q' },
	{ "int32", 'i' },   { "uint32", 'u' }, { "int64", 'x' }, { "uint64", 't' },
	{ "double", 'd' },  { "string", 's' },
};

static int fail(struct reader *r, const char *reason)
{
	r->reason = reason;
	return -EINVAL;
}

static void skip_blanks(struct reader *r)
{
	while (isspace((unsigned char)*r->at))
		r->at++;
}

/* Takes @word when it comes next and ends there. */
static bool take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(r->at, word, len) != 0 || isalnum((unsigned char)r->at[len]))
		return false;
	r->at += len;
	return true;
}

/* "uint64 " or "@t " in front of a value; 0: none. */
static int read_type(struct reader *r, bool *ret_is_array, char *ret_type)
{
	*ret_is_array = false;
	*ret_type = 0;
	skip_blanks(r);
	for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (take_word(r, type_names[i].name)) {
			*ret_type = type_names[i].type;
			return 0;
		}
	if (*r->at != '@')
		return 0;
	r->at++;
	*ret_is_array = *r->at == 'a';
	r->at += *ret_is_array;
	if (!*r->at || !strchr("bynqiuxtds", *r->at) || !isspace((unsigned char)r->at[1]))
		return fail(r, "the type is none of booleans, numbers, strings and lists of them");
	*ret_type = *r->at++;
	return 0;
}

/* @digits hexadecimal digits as UTF-8; NULL: there are none, or they are no character. */
static char *read_code_point(struct reader *r, int digits, char *to)
{
	unsigned long code = 0;

	for (int i = 0; i < digits; i++) {
		char digit[2] = { r->at[0], '\0' };

		if (!isxdigit((unsigned char)digit[0]))
			return NULL;
		code = code * 16 + strtoul(digit, NULL, 16);
		r->at++;
	}
	if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return NULL;
	if (code < 0x80) {
		*to++ = (char)code;
		return to;
	}
	if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*to++ = (char)(0xe0 | code >> 12);
		} else {
			*to++ = (char)(0xf0 | code >> 18);
			*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (code & 0x3f));
	return to;
}

/* What stands behind a backslash; the result is never longer than what it was written as. */
static char *read_escape(struct reader *r, char *to)
{
	static const char names[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
	char c = *r->at;
	const char *name;

	if (!c)
		return NULL;
	r->at++;
	if (c == 'u' || c == 'U')
		return read_code_point(r, c == 'u' ? 4 : 8, to);
	name = strchr(names, c);
	*to++ = name ? values[name - names] : c;
	return to;
}

static int read_string(struct reader *r, const char **ret_text)
{
	char quote = *r->at++;
	char *text = r->room, *to = text;

	while (*r->at && *r->at != quote) {
		if (*r->at != '\\') {
			*to++ = *r->at++;
			continue;
		}
		r->at++;
		to = read_escape(r, to);
		if (!to)
			return fail(r, "a backslash is followed by what has no meaning");
	}
	if (!*r->at)
		return fail(r, "a string does not end");
	r->at++;
	*to++ = '\0';
	r->room = to;
	*ret_text = text;
	return 0;
}

/* As decimal text: 0x10 and 010 are C's. */
static int read_number(struct reader *r, char *ret_type, const char **ret_text)
{
	const char *from = r->at;
	char *end;

	errno = 0;
	if (*from == '-') {
		long long number = strtoll(from, &end, 0);

		*ret_text = arena_printf(r->arena, "%lld", number);
	} else {
		unsigned long long number = strtoull(from, &end, 0);

		*ret_text = arena_printf(r->arena, "%llu", number);
	}
	*ret_type = 'i';
	if (*end == '.' || *end == 'e' || *end == 'E') {
		strtod(from, &end);
		*ret_text = arena_strndup(r->arena, from, (size_t)(end - from));
		*ret_type = 'd';
	}
	if (errno)
		return fail(r, "the number is out of range");
	if (end == from || isalnum((unsigned char)*end))
		return fail(r, "strings are quoted: 'text'");
	r->at = end;
	return 0;
}

static int read_basic(struct reader *r, char *ret_type, const char **ret_text)
{
	skip_blanks(r);
	if (*r->at == '\'' || *r->at == '"') {
		*ret_type = 's';
		return read_string(r, ret_text);
	}
	if (take_word(r, "true") || take_word(r, "false")) {
		*ret_type = 'b';
		*ret_text = r->at[-2] == 'u' ? "true" : "false";
		return 0;
	}
	if (isdigit((unsigned char)*r->at) || strchr("-+.", *r->at ? *r->at : 'x'))
		return read_number(r, ret_type, ret_text);
	return fail(r, "strings are quoted: 'text'");
}

static bool is_number(char type)
{
	return type && strchr("ynqiuxtd", type);
}

/* The type that is named counts where it can be true of the value. */
static int set_type(struct reader *r, struct unit_value *value, char named, char found)
{
	char type = named ? named : found;

	if (named && named != found && !(is_number(named) && is_number(found)))
		return fail(r, "the value is not of the type that it names");
	if (value->type && value->type != type)
		return fail(r, "the values of a list have one type");
	value->type = type;
	return 0;
}

static int read_elements(struct reader *r, char named, struct unit_value *value)
{
	char first_named = named;

	for (r->at++; skip_blanks(r), *r->at != ']'; r->at += *r->at == ',') {
		bool is_array;
		char type, found;

		TRY(read_type(r, &is_array, &type));
		if (is_array || *r->at == '[')
			return fail(r, "lists of lists are no property's");
		if (type)
			first_named = type;
		if (value->n == ELEMENTS_MAX)
			return fail(r, "the list is too long");
		TRY(read_basic(r, &found, &value->v[value->n]));
		TRY(set_type(r, value, first_named, found));
		value->n++;
		skip_blanks(r);
		if (*r->at != ',' && *r->at != ']')
			return fail(r, "a list does not end");
	}
	r->at++;
	if (value->n == 0 && !named)
		return fail(r, "an empty list needs a type in front: @as []");
	if (value->n == 0)
		value->type = named;
	return 0;
}

static int read_value(struct reader *r, struct unit_value *value)
{
	bool is_array;
	char named, found;

	TRY(read_type(r, &is_array, &named));
	skip_blanks(r);
	value->is_array = *r->at == '[';
	if (is_array != value->is_array && named)
		return fail(r, "the value is not of the type that it names");
	value->v = ARENA_ARRAY(r->arena, const char *, value->is_array ? ELEMENTS_MAX : 1);
	if (value->is_array)
		return read_elements(r, named, value);
	TRY(read_basic(r, &found, &value->v[0]));
	value->n = 1;
	return set_type(r, value, named, found);
}

int unit_value_parse(struct arena *arena, const char *text, struct unit_value *ret_value,
		     const char **ret_reason)
{
	struct reader r = {
		.arena = arena,
		.at = text,
		.room = arena_alloc(arena, strlen(text) + 1),
	};
	struct unit_value value = { 0 };
	int ret = read_value(&r, &value);

	skip_blanks(&r);
	if (ret == 0 && *r.at)
		ret = fail(&r, "something follows the value");
	if (ret < 0) {
		*ret_reason = r.reason;
		return ret;
	}
	*ret_value = value;
	return 0;
}
