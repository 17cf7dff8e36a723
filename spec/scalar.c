/* SPDX-License-Identifier: Apache-2.0 */
/* The table engine's values: booleans, integers, strings, words, and lists and maps of them. */
#include "field.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to this many words, a message lists the ones that are allowed. */
#define NAMES_LISTED 9u

/* ---- integers ---- */

struct range {
	int64_t min;
	uint64_t max;
	const char *what; /* for a message; NULL: "an integer from min to max" */
};

static struct range range_of(const struct field *field)
{
	if (field->min || field->max)
		return (struct range){ field->min, field->max, NULL };
	switch (field->kind) {
	case FIELD_INT32:
		return (struct range){ INT32_MIN, INT32_MAX, "a 32-bit integer" };
	case FIELD_UINT32:
	case FIELD_UINT_LIST:
		return (struct range){ 0, UINT32_MAX, "an unsigned 32-bit integer" };
	case FIELD_UINT64:
	case FIELD_OPT_UINT:
		return (struct range){ 0, UINT64_MAX, "an unsigned 64-bit integer" };
	default:
		return (struct range){ INT64_MIN, INT64_MAX, "a 64-bit integer" };
	}
}

static int problem_range(struct field_reader *r, const struct range *range, const json_t *json)
{
	char what[96];

	if (range->what)
		snprintf(what, sizeof(what), "%s", range->what);
	else if (range->min == 0 && range->max == UINT16_MAX)
		snprintf(what, sizeof(what), "an unsigned 16-bit integer");
	else if (range->min == 0 && range->max == UINT32_MAX)
		snprintf(what, sizeof(what), "an unsigned 32-bit integer");
	else if (range->min == 1 && range->max == INT64_MAX)
		snprintf(what, sizeof(what), "an integer greater than 0");
	else
		snprintf(what, sizeof(what), "an integer from %" PRId64 " to %" PRIu64, range->min,
			 range->max);
	return field_problem_type(r, json, what);
}

/*
 * The value as 64 bits, which the caller reads as signed or unsigned according to its range.
 * Returns 1 when it was read, 0 when it was reported and reading goes on.
 */
static int read_integer(struct field_reader *r, const struct field *field, const json_t *json,
			uint64_t *ret_bits)
{
	const struct range range = range_of(field);
	const char *digits = field_big_integer(r, json);
	uint64_t bits;

	if (digits) {
		errno = 0;
		bits = strtoull(digits, NULL, 10);
		if (digits[0] == '-' || errno == ERANGE || bits > range.max)
			return problem_range(r, &range, json);
		*ret_bits = bits;
		return 1;
	}
	if (!json_is_integer(json))
		return problem_range(r, &range, json);
	bits = (uint64_t)json_integer_value(json);
	if (json_integer_value(json) < range.min ||
	    (json_integer_value(json) >= 0 && bits > range.max))
		return problem_range(r, &range, json);
	*ret_bits = bits;
	return 1;
}

static void store_integer(const struct field *field, uint64_t bits, void *to)
{
	switch (field->kind) {
	case FIELD_INT32:
	case FIELD_UINT32:
		*(uint32_t *)to = (uint32_t)bits;
		break;
	case FIELD_OPT_INT:
		*(struct spec_opt_int *)to = (struct spec_opt_int){ true, (int64_t)bits };
		break;
	case FIELD_OPT_UINT:
		*(struct spec_opt_uint *)to = (struct spec_opt_uint){ true, bits };
		break;
	default:
		*(uint64_t *)to = bits;
		break;
	}
}

/* ---- strings ---- */

static bool is_text(const struct field_reader *r, const json_t *json)
{
	return json_is_string(json) && !field_big_integer(r, json);
}

static int problem_name(struct field_reader *r, const struct field_names *names, const char *text)
{
	char list[512] = "";
	size_t len = 0;

	if (names->lookup || names->n > NAMES_LISTED)
		return field_problem(r, "is %s, which is not %s", field_quote(text).text,
				     names->what);
	for (size_t i = 0; i < names->n && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s\"%s\"",
					i == 0              ? ""
					: i + 1 == names->n ? " or "
							    : ", ",
					names->v[i].name);
	return field_problem(r, "is %s, %s%sexpected %s%s", field_quote(text).text,
			     names->invalid ? names->invalid : "", names->invalid ? ": " : "",
			     names->n > 2 ? "one of " : "", list);
}

/* Returns 1 and the number of the word, or 0 when it was reported and reading goes on. */
static int read_name(struct field_reader *r, const struct field_names *names, const char *text,
		     uint64_t *ret_value)
{
	if (names->lookup && names->lookup(text, ret_value))
		return 1;
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->v[i].name, text) == 0) {
			*ret_value = names->v[i].value;
			return 1;
		}
	return problem_name(r, names, text);
}

const char *field_name_of(const struct field_names *names, uint64_t value)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].value == value)
			return names->v[i].name;
	return "";
}

/* A string that stays a string: looked over and copied. */
static int read_text(struct field_reader *r, const struct field *field, const json_t *json,
		     const char **ret_text)
{
	const char *text = json_string_value(json);
	uint64_t value;

	if (!is_text(r, json))
		return field_problem_type(r, json, "a string");
	if (field->check_text)
		TRY(field->check_text(r, text));
	if (field->names)
		TRY(read_name(r, field->names, text, &value));
	*ret_text = arena_strndup(r->arena, text, json_string_length(json));
	return 0;
}

static bool is_empty_text(const struct field *field, const json_t *json)
{
	return !field->is_required && json_is_string(json) && json_string_length(json) == 0;
}

static void store_name(const struct field *field, uint64_t value, void *to)
{
	if (field->size == sizeof(char))
		*(char *)to = (char)value;
	else if (field->size == sizeof(uint32_t))
		*(uint32_t *)to = (uint32_t)value;
	else
		*(uint64_t *)to = value;
}

static int read_word(struct field_reader *r, const struct field *field, const json_t *json,
		     void *to)
{
	uint64_t value;
	int ret;

	if (!is_text(r, json))
		return field_problem_type(r, json, "a string");
	ret = read_name(r, field->names, json_string_value(json), &value);
	if (ret > 0)
		store_name(field, value, to);
	return ret < 0 ? ret : 0;
}

/* ---- lists and maps ---- */

static int read_list_element(struct field_reader *r, const struct field *field, const json_t *json,
			     size_t index, void *to)
{
	uint64_t value = 0;
	int ret;

	switch (field->kind) {
	case FIELD_TEXT_LIST:
		return read_text(r, field, json, &((struct spec_strings *)to)->v[index]);
	case FIELD_UINT_LIST:
		ret = read_integer(r, field, json, &value);
		((struct spec_uints *)to)->v[index] = (uint32_t)value;
		return ret;
	default:
		if (!is_text(r, json))
			return field_problem_type(r, json, "a string");
		ret = read_name(r, field->names, json_string_value(json), &value);
		*(uint64_t *)to |= value;
		return ret;
	}
}

/* An empty list is not the same as none: see struct spec_strings. */
static const char *no_texts[1];

static int read_list(struct field_reader *r, const struct field *field, const json_t *json,
		     void *to)
{
	struct field_frame frame = { .up = r->frame };
	const char *of = field->kind == FIELD_UINT_LIST ? "an array of unsigned 32-bit integers"
							: "an array of strings";
	size_t n = json_array_size(json);

	if (!json_is_array(json))
		return field_problem_type(r, json, of);
	if (n == 0 && field->has_one)
		return field_problem(r, "is empty, expected at least one element");
	if (field->kind == FIELD_TEXT_LIST)
		*(struct spec_strings *)to =
			(struct spec_strings){ n, n ? ARENA_ARRAY(r->arena, const char *, n)
						    : no_texts };
	else if (field->kind == FIELD_UINT_LIST && n > 0)
		*(struct spec_uints *)to =
			(struct spec_uints){ n, ARENA_ARRAY(r->arena, uint32_t, n) };
	r->frame = &frame;
	for (frame.index = 0; frame.index < n; frame.index++)
		TRY(read_list_element(r, field, json_array_get(json, frame.index), frame.index,
				      to));
	r->frame = frame.up;
	return 0;
}

static int read_text_map(struct field_reader *r, const json_t *json, struct spec_pairs *to)
{
	struct field_frame frame = { .up = r->frame };
	struct spec_pair *pair;
	void *iter;

	if (!json_is_object(json))
		return field_problem_type(r, json, "an object of strings");
	if (json_object_size(json) == 0)
		return 0;
	to->n = json_object_size(json);
	to->v = pair = ARENA_ARRAY(r->arena, struct spec_pair, to->n);
	r->frame = &frame;
	for (iter = json_object_iter((json_t *)json); iter;
	     iter = json_object_iter_next((json_t *)json, iter), pair++) {
		const json_t *value = json_object_iter_value(iter);

		frame.key = json_object_iter_key(iter);
		if (!frame.key[0])
			TRY(field_problem(r, "has an empty name"));
		pair->key = arena_strdup(r->arena, frame.key);
		pair->value = "";
		if (is_text(r, value))
			pair->value = arena_strdup(r->arena, json_string_value(value));
		else
			TRY(field_problem_type(r, value, "a string"));
	}
	r->frame = frame.up;
	return 0;
}

/* ---- all of them ---- */

int field_read_scalar(struct field_reader *r, const struct field *field, const json_t *json,
		      void *to)
{
	uint64_t bits;
	int ret;

	switch (field->kind) {
	case FIELD_BOOL:
	case FIELD_OPT_BOOL:
		if (!json_is_boolean(json))
			return field_problem_type(r, json, "true or false");
		if (field->kind == FIELD_BOOL)
			*(bool *)to = json_is_true(json);
		else
			*(struct spec_opt_bool *)to =
				(struct spec_opt_bool){ true, json_is_true(json) };
		return 0;
	case FIELD_TEXT:
		return is_empty_text(field, json) ? 0 : read_text(r, field, json, to);
	case FIELD_NAME:
		return is_empty_text(field, json) ? 0 : read_word(r, field, json, to);
	case FIELD_TEXT_LIST:
	case FIELD_UINT_LIST:
	case FIELD_NAME_LIST:
		return read_list(r, field, json, to);
	case FIELD_TEXT_MAP:
		return read_text_map(r, json, to);
	default:
		ret = read_integer(r, field, json, &bits);
		if (ret > 0)
			store_integer(field, bits, to);
		return ret < 0 ? ret : 0;
	}
}

/* ---- checks for rows ---- */

int field_text_nonempty(struct field_reader *r, const char *text)
{
	return text[0] ? 0 : field_problem(r, "is an empty string");
}

int field_text_path(struct field_reader *r, const char *text)
{
	size_t len = strlen(text);

	if (len == 0)
		return field_problem(r, "is an empty string");
	if (len >= PATH_MAX)
		return field_problem(r, "is %zu bytes long, but Linux takes paths of %d at most",
				     len, PATH_MAX - 1);
	return 0;
}

int field_text_absolute(struct field_reader *r, const char *text)
{
	if (text[0] == '/')
		return field_text_path(r, text);
	return field_problem(r, "is %s, expected an absolute path", field_quote(text).text);
}

int field_text_one_line(struct field_reader *r, const char *text)
{
	if (!strchr(text, '\n'))
		return 0;
	return field_problem(r, "is %s, expected a single line", field_quote(text).text);
}

int field_text_env(struct field_reader *r, const char *text)
{
	TRY(field_text_nonempty(r, text));
	if (!strchr(text, '='))
		field_warning(r, "is %s, which has no \"=\" and is passed on as it is",
			      field_quote(text).text);
	return 0;
}
