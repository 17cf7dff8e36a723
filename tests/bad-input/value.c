/* SPDX-License-Identifier: Apache-2.0 */
/* The values that a row forbids, by its kind and its range, and those at the edge of it. */
#include "maker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every JSON type, and what it is not legal for. */
enum type {
	TYPE_BOOL = 1,
	TYPE_INTEGER = 2,
	TYPE_TEXT = 4,
	TYPE_ARRAY = 8,
	TYPE_OBJECT = 16,
	TYPE_REAL = 32,
};

static const struct {
	enum type type;
	const char *raw;
} samples[] = {
	{ TYPE_BOOL, "true" },         { TYPE_BOOL, "false" },
	{ TYPE_INTEGER, "7" },         { TYPE_INTEGER, "18446744073709551615" },
	{ TYPE_TEXT, "\"1\"" },        { TYPE_ARRAY, "[[]]" },
	{ TYPE_OBJECT, "{\"a\":[]}" }, { TYPE_REAL, "1.5" },
	{ TYPE_REAL, "1e2" },
};

static unsigned int legal_types(const struct field *field)
{
	switch (field->kind) {
	case FIELD_BOOL:
	case FIELD_OPT_BOOL:
		return TYPE_BOOL;
	case FIELD_INT32:
	case FIELD_INT64:
	case FIELD_UINT32:
	case FIELD_UINT64:
	case FIELD_OPT_INT:
	case FIELD_OPT_UINT:
		return TYPE_INTEGER;
	case FIELD_TEXT:
	case FIELD_NAME:
		return TYPE_TEXT;
	case FIELD_TEXT_LIST:
	case FIELD_UINT_LIST:
	case FIELD_NAME_LIST:
	case FIELD_OBJECT_LIST:
		return TYPE_ARRAY;
	case FIELD_TEXT_MAP:
	case FIELD_OBJECT:
	case FIELD_OBJECT_MAP:
		return TYPE_OBJECT;
	case FIELD_NONE:
		break;
	}
	abort();
}

static void wrong_types(struct maker *maker, const struct field *field, const struct place *place)
{
	const unsigned int legal = legal_types(field);

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (!(samples[i].type & legal))
			maker_wrong(maker, place, "wrong type", samples[i].raw, "");
}

/* ---- integers ---- */

struct edges {
	bool is_signed;
	int64_t min;
	uint64_t max;
};

static struct edges edges_of(const struct field *field)
{
	if (field->min || field->max)
		return (struct edges){ field->min < 0, field->min, field->max };
	switch (field->kind) {
	case FIELD_INT32:
		return (struct edges){ true, INT32_MIN, INT32_MAX };
	case FIELD_UINT32:
		return (struct edges){ false, 0, UINT32_MAX };
	case FIELD_UINT64:
	case FIELD_OPT_UINT:
		return (struct edges){ false, 0, UINT64_MAX };
	default:
		return (struct edges){ true, INT64_MIN, INT64_MAX };
	}
}

/* Where what is legal depends on another key, which full.json has. */
static bool is_bound(const struct place *place)
{
	static const char *const ends[] = {
		"/scheduler/priority",   /* 0 but for other policies */
		"/seccomp/listenerPath", /* there is metadata for it */
	};
	size_t len = strlen(place->pointer);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len >= strlen(ends[i]) &&
		    strcmp(place->pointer + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static void legal(struct maker *maker, const struct place *place, const char *raw)
{
	if (maker->is_full && !is_bound(place))
		maker_splice(maker, place, raw, strlen(raw),
			     (struct bad_input){ .what = "at the edge", .is_legal = true });
}

static void wrong_integers(struct maker *maker, const struct field *field,
			   const struct place *place)
{
	static const char *const huge[] = {
		"18446744073709551616",
		"-9223372036854775809",
		"99999999999999999999999999999999999999999999999999999999999999999999999999",
		"-99999999999999999999999999999999999999999999999999999999999999999999999999",
	};
	const struct edges edges = edges_of(field);
	char below[32], above[32], min[32], max[32];

	snprintf(min, sizeof(min), "%" PRId64, edges.min);
	snprintf(max, sizeof(max), "%" PRIu64, edges.max);
	/* What no 64 bits hold is written by hand. */
	if (edges.min == INT64_MIN)
		snprintf(below, sizeof(below), "-9223372036854775809");
	else
		snprintf(below, sizeof(below), "%" PRId64, edges.min - 1);
	if (edges.max == UINT64_MAX)
		snprintf(above, sizeof(above), "18446744073709551616");
	else
		snprintf(above, sizeof(above), "%" PRIu64, edges.max + 1);
	maker_wrong(maker, place, "out of range", below, "");
	maker_wrong(maker, place, "out of range", above, "");
	for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++)
		maker_wrong(maker, place, "huge number", huge[i], "");
	legal(maker, place, min);
	legal(maker, place, max);
}

/* ---- strings ---- */

static bool has_check(const struct field *field, int (*check)(struct field_reader *, const char *))
{
	return field->check_text == check;
}

#define NO_WORD "\"no such word\""

static void wrong_texts(struct maker *maker, const struct field *field, const struct place *place)
{
	if (field->names)
		maker_wrong(maker, place, "unknown word", NO_WORD, "");
	if (has_check(field, field_text_absolute)) {
		maker_wrong(maker, place, "relative path", "\"tmp/a\"", "");
		maker_wrong(maker, place, "relative path", "\"./tmp\"", "");
	}
	/* A word that is not required may be empty, and so may a text that nobody looks at. */
	if (field->is_required && (field->names || field->check_text))
		maker_wrong(maker, place, "empty", "\"\"", "");
	else if (!field->is_required)
		legal(maker, place, "\"\"");
}

/* ---- lists and maps ---- */

/* The list at @place, whose first element is good, with a bad one behind it. */
static void wrong_second(struct maker *maker, const struct place *place, const char *what,
			 const char *raw)
{
	char *first = json_dumps(json_array_get(place_value(place), 0), JSON_ENCODE_ANY), *list;

	if (!first)
		return;
	if (asprintf(&list, "[%s,%s]", first, raw) < 0)
		abort();
	maker_wrong(maker, place, what, list, "/1");
	free(list);
	free(first);
}

static void wrong_elements(struct maker *maker, const struct field *field,
			   const struct place *place)
{
	const bool is_text = field->kind != FIELD_UINT_LIST;

	maker_wrong(maker, place, "wrong type", "[null]", "/0");
	maker_wrong(maker, place, "wrong type", "[{}]", "/0");
	maker_wrong(maker, place, "wrong type", "[true]", "/0");
	maker_wrong(maker, place, "wrong type", is_text ? "[7]" : "[\"7\"]", "/0");
	wrong_second(maker, place, "wrong type", "[]");
	wrong_second(maker, place, "wrong type", is_text ? "18446744073709551615" : "1.0");
	if (!is_text) {
		wrong_second(maker, place, "out of range", "-1");
		wrong_second(maker, place, "out of range", "4294967296");
		wrong_second(maker, place, "huge number", "18446744073709551616");
	}
	if (field->names) {
		wrong_second(maker, place, "unknown word", NO_WORD);
		wrong_second(maker, place, "unknown word", "\"\"");
	}
	if (has_check(field, field_text_absolute))
		wrong_second(maker, place, "relative path", "\"tmp\"");
	if (has_check(field, field_text_nonempty) || has_check(field, field_text_env))
		wrong_second(maker, place, "empty", "\"\"");
	if (has_check(field, field_text_one_line))
		wrong_second(maker, place, "two lines", "\"a\\nb\"");
	if (field->has_one)
		maker_wrong(maker, place, "empty", "[]", "");
	else
		legal(maker, place, "[]");
}

static void wrong_members(struct maker *maker, const struct place *place)
{
	maker_wrong(maker, place, "wrong type", "{\"a\":1}", "/a");
	maker_wrong(maker, place, "wrong type", "{\"a/b\":[]}", "/a~1b");
	maker_wrong(maker, place, "wrong type", "{\"a\":null}", "/a");
	maker_wrong(maker, place, "huge number", "{\"a\":18446744073709551615}", "/a");
	maker_wrong(maker, place, "empty", "{\"\":7}", "/");
	legal(maker, place, "{}");
}

void make_values(struct maker *maker, const struct field *field, const struct place *place)
{
	if (field->status == SPEC_KEY_REFUSED)
		maker_wrong(maker, place, "refused key", "[\"X\"]", "");
	if (field->status != SPEC_KEY_READ)
		return;
	wrong_types(maker, field, place);
	switch (field->kind) {
	case FIELD_INT32:
	case FIELD_INT64:
	case FIELD_UINT32:
	case FIELD_UINT64:
	case FIELD_OPT_INT:
	case FIELD_OPT_UINT:
		wrong_integers(maker, field, place);
		break;
	case FIELD_TEXT:
	case FIELD_NAME:
		wrong_texts(maker, field, place);
		break;
	case FIELD_TEXT_LIST:
	case FIELD_UINT_LIST:
	case FIELD_NAME_LIST:
		wrong_elements(maker, field, place);
		break;
	case FIELD_OBJECT_LIST:
		maker_wrong(maker, place, "wrong type", "[7]", "/0");
		maker_wrong(maker, place, "wrong type", "[null]", "/0");
		wrong_second(maker, place, "wrong type", "[]");
		break;
	case FIELD_TEXT_MAP:
	case FIELD_OBJECT_MAP:
		wrong_members(maker, place);
		break;
	default:
		break;
	}
}

/* ---- what is not about the row ---- */

/* As many arrays in each other as one too many needs, when they are at @place. */
static void too_deep(struct maker *maker, const struct place *place)
{
	char raw[2 * (SPEC_MAX_DEPTH + 1)], pointer[MAKER_POINTER_MAX + 2 * SPEC_MAX_DEPTH];
	size_t above = 0, n;

	for (const char *at = place->pointer; *at; at++)
		above += *at == '/';
	n = SPEC_MAX_DEPTH + 1 - above;
	memset(raw, '[', n);
	memset(raw + n, ']', n);
	snprintf(pointer, sizeof(pointer), "%s", place->pointer);
	for (size_t i = 1; i < n; i++)
		strcat(pointer, "/0");
	maker_splice(maker, place, raw, 2 * n,
		     (struct bad_input){ .what = "too deep", .pointer = pointer });
}

void make_encodings(struct maker *maker, const struct place *place)
{
	static const struct {
		const char *what, *raw;
		size_t len;
		const char *says; /* NULL: the pointer; else there is no place but a line */
	} rows[] = {
#define RAW(text) (text), sizeof(text) - 1
		{ "not UTF-8", RAW("\"a\xff\""), NULL },
		{ "not UTF-8", RAW("\"\xc0\xaf\""), NULL },
		{ "not UTF-8", RAW("\"\xed\xa0\x80\""), NULL },
		{ "not UTF-8", RAW("\"\xe2\x82\""), NULL },
		{ "NUL", RAW("\"a\\u0000b\""), NULL },
		{ "NUL", RAW("\"a\0b\""), "is not valid JSON: line " },
		{ "NUL", RAW("\0"), "is not valid JSON: line " },
		{ "NUL", RAW("1\0"), "is not valid JSON: line " },
		{ "NUL in a key", RAW("{\"a\\u0000\":1}"), "is not valid JSON: line " },
		{ "huge number", RAW("1e999"), NULL },
		{ "no JSON", RAW("\"a\nb\""), "is not valid JSON: line " },
		{ "no JSON", RAW("NaN"), "is not valid JSON: line " },
		{ "no JSON", RAW("01"), "is not valid JSON: line " },
		{ "no JSON", RAW("'a'"), "is not valid JSON: line " },
		{ "no JSON", RAW("\"\\ud800\""), "is not valid JSON: line " },
#undef RAW
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Each once for a key, on average: they have little to do with which one it is. */
		maker->random = maker->random * 1664525u + 1013904223u;
		if ((maker->random >> 8) % 4 || !maker_draws(maker))
			continue;
		maker_splice(maker, place, rows[i].raw, rows[i].len,
			     (struct bad_input){ .what = rows[i].what,
						 .pointer = rows[i].says ? "" : NULL,
						 .says = rows[i].says });
	}
	if (maker_draws(maker))
		too_deep(maker, place);
}
