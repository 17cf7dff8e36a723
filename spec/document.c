/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document is looked through once before JSON's library sees it. That loop enforces the depth,
 * and finds integers outside int64, which the library refuses though uint64 keys of the spec may
 * have them. Only if there are some, a copy is parsed in which each is replaced by a mark: a
 * string of the same length or less, padded with spaces, so that positions stay true. A mark says
 * where in the document the integer is, so that every reader sees it as what was written.
 */
#include "document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shortest integer outside int64 has 19 digits; the mark has as many bytes. */
#define MARK_TEXT  "\x7fnumber @"
#define MARK_LEN   9u
#define MARK_HEX   8u
#define MARK_BYTES (1 + MARK_LEN + MARK_HEX + 1)
#define BIG_DIGITS 19u
_Static_assert(MARK_BYTES == BIG_DIGITS, "a mark takes the place of an integer");
_Static_assert(SPEC_MAX_BYTES <= UINT32_MAX, "a position fits the digits of a mark");

struct look {
	const char *text;
	size_t len;
	char *copy; /* with marks; NULL while there are none */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether these digits (with the sign before them) are outside int64. */
static bool is_outside_int64(const char *digits, size_t n, bool is_negative)
{
	const char *limit = is_negative ? "9223372036854775808" : "9223372036854775807";

	if (n < BIG_DIGITS || digits[0] == '0')
		return false;
	return n > BIG_DIGITS || memcmp(digits, limit, BIG_DIGITS) > 0;
}

/* Handles the number at @at; returns the byte behind its digits, or -ENOMEM. */
static ssize_t look_at_number(struct look *look, size_t at)
{
	const char *text = look->text;
	size_t digits = at + (text[at] == '-'), end = digits, after;
	char mark[MARK_BYTES + 1];

	while (end < look->len && is_digit(text[end]))
		end++;
	if (!is_outside_int64(text + digits, end - digits, digits > at))
		return (ssize_t)end;
	/* Readers of a mark look at the digits: something else must end them. */
	if (end == look->len || text[end] == '.' || text[end] == 'e' || text[end] == 'E')
		return (ssize_t)end;
	/* A number in the place of a key is a mistake that must not become a string. */
	after = document_skip(text, look->len, end, DOCUMENT_BLANKS);
	if (after < look->len && text[after] == ':')
		return (ssize_t)end;

	if (!look->copy) {
		look->copy = malloc(look->len);
		if (!look->copy)
			return -ENOMEM;
		memcpy(look->copy, text, look->len);
	}
	snprintf(mark, sizeof(mark), "\"" MARK_TEXT "%08x\"", (unsigned)at);
	memset(look->copy + at, ' ', end - at);
	memcpy(look->copy + at, mark, MARK_BYTES);
	return (ssize_t)end;
}

static int problem_depth(struct field_reader *r, size_t at)
{
	char pointer[ERR_POINTER_MAX] = "";

	document_pointer_at(r->text, at, pointer, sizeof(pointer));
	field_problem_pointer(r, pointer, EINVAL, "is nested more than %u levels deep",
			      SPEC_MAX_DEPTH);
	return -EINVAL;
}

static int look_through(struct field_reader *r, struct look *look)
{
	size_t at = 0, depth = 0;
	ssize_t next;

	while (at < look->len) {
		switch (look->text[at]) {
		case '"':
			at = document_string_end(look->text, look->len, at);
			continue;
		case '{':
		case '[':
			if (++depth > SPEC_MAX_DEPTH)
				return problem_depth(r, at);
			break;
		case '}':
		case ']':
			depth -= depth > 0;
			break;
		case '-':
		case '0' ... '9':
			next = look_at_number(look, at);
			if (next < 0)
				return err_set(r->err, ENOMEM, "no memory for the document");
			/* A lone "-" is JSON's library's to refuse. */
			at = (size_t)next > at ? (size_t)next : at + 1;
			continue;
		default:
			break;
		}
		at++;
	}
	return 0;
}

const char *field_big_integer(const struct field_reader *r, const json_t *value)
{
	const char *text;
	unsigned long at;

	if (!r->has_marks || !json_is_string(value) ||
	    json_string_length(value) != MARK_LEN + MARK_HEX)
		return NULL;
	text = json_string_value(value);
	if (memcmp(text, MARK_TEXT, MARK_LEN) != 0)
		return NULL;
	/* A document can have such a string of its own: believe it only if the integer is there. */
	at = strtoul(text + MARK_LEN, NULL, 16);
	if (at >= r->len || (r->text[at] != '-' && !is_digit(r->text[at])))
		return NULL;
	return r->text + at;
}

/* The message for a document that is not JSON, or not JSON as we want it. */
static int problem_syntax(struct field_reader *r, const json_error_t *error)
{
	size_t position = error->position > 0 ? (size_t)error->position : 0;
	enum json_error_code code = json_error_code(error);
	char pointer[ERR_POINTER_MAX] = "";

	document_pointer_at(r->text, position < r->len ? position : r->len, pointer,
			    sizeof(pointer));
	if (code == json_error_out_of_memory)
		return err_set(r->err, ENOMEM, "no memory for the document");
	switch (pointer[0] ? code : json_error_invalid_syntax) {
	case json_error_null_character:
		field_problem_pointer(r, pointer, EINVAL, "has a NUL character (line %d)",
				      error->line);
		break;
	case json_error_invalid_utf8:
		field_problem_pointer(r, pointer, EINVAL, "is not UTF-8 (line %d, column %d)",
				      error->line, error->column);
		break;
	case json_error_numeric_overflow:
		field_problem_pointer(r, pointer, EINVAL, "is a number that is too large (line %d)",
				      error->line);
		break;
	default:
		field_problem_pointer(r, "", EINVAL, "is not valid JSON: line %d, column %d: %s",
				      error->line, error->column,
				      field_printable(error->text).text);
		break;
	}
	return -EINVAL;
}

static bool is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\n' && text[i] != '\r')
			return false;
	return true;
}

/*
 * A key that is there twice is all that is wrong, so far: NULL, unless all problems are wanted.
 * Those are the other such keys, and those of the document in which the last of each counts.
 */
static json_t *parse_with_duplicates(struct field_reader *r, const char *text, size_t len,
				     const json_error_t *duplicate)
{
	json_error_t error = *duplicate;
	json_t *root = r->sink ? json_loadb(text, len, JSON_DECODE_ANY, &error) : NULL;

	if (document_find_duplicates(r, root ? len : (size_t)duplicate->position) < 0) {
		json_decref(root);
		return NULL;
	}
	if (!root)
		problem_syntax(r, &error);
	return root;
}

/* NULL when a problem was reported and there is nothing to read. */
static json_t *parse(struct field_reader *r, const struct look *look)
{
	const char *text = look->copy ? look->copy : look->text;
	json_error_t error;
	/* Any value, so that one that is no object is named like every other wrong type. */
	json_t *root =
		json_loadb(text, look->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	r->has_marks = look->copy != NULL;
	if (root)
		return root;
	if (json_error_code(&error) == json_error_duplicate_key)
		return parse_with_duplicates(r, text, look->len, &error);
	problem_syntax(r, &error);
	return NULL;
}

/*
 * jansson 2.14 passes over a NUL byte behind a number, and then counts bytes wrongly: the positions of
 * its errors, from which ours take where valid JSON ends, are too small.
 */
static int check_nul(struct field_reader *r)
{
	const char *nul = memchr(r->text, '\0', r->len);
	size_t line = 1;

	if (!nul)
		return 0;
	for (const char *at = r->text; at < nul; at++)
		line += *at == '\n';
	field_problem_pointer(r, "", EINVAL, "is not valid JSON: line %zu: a NUL byte", line);
	return -EINVAL;
}

int document_parse(struct field_reader *r, json_t **ret_root)
{
	struct look look = { .text = r->text, .len = r->len };
	json_t *root;
	int ret;

	if (r->len > SPEC_MAX_BYTES) {
		field_problem_pointer(r, "", EFBIG, "has %zu bytes; at most %u are accepted",
				      r->len, SPEC_MAX_BYTES);
		return -EFBIG;
	}
	if (is_blank(r->text, r->len)) {
		field_problem_pointer(r, "", EINVAL, "is empty");
		return -EINVAL;
	}
	TRY(check_nul(r));
	ret = look_through(r, &look);
	if (ret < 0) {
		free(look.copy);
		return ret;
	}
	root = parse(r, &look);
	free(look.copy);
	if (!root)
		return -r->err->code;
	*ret_root = root;
	return 0;
}
