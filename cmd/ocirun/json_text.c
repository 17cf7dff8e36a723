/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as a JSON string, and documents that are printed whole or not at all. */
#include "json_text.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static bool has_failed;

json_t *json_list(void)
{
	json_t *array = json_array();

	has_failed |= !array;
	return array ? array : json_null();
}

void json_put(json_t *object, const char *key, json_t *take_value)
{
	has_failed |= json_object_set_new(object, key, take_value) < 0;
}

void json_insert(json_t *array, size_t index, json_t *take_value)
{
	has_failed |= json_array_insert_new(array, index, take_value) < 0;
}

void json_push(json_t *array, json_t *take_value)
{
	json_insert(array, json_array_size(array), take_value);
}

bool json_is_incomplete(void)
{
	return has_failed;
}

int json_print(const json_t *json, size_t flags, struct err *err)
{
	AUTO(json_dump) char *text = has_failed ? NULL : json_dump(json, flags);

	if (!text)
		return err_set(err, ENOMEM, "no memory for the JSON of the standard output");
	puts(text); /* main() finds out whether all was written */
	return 0;
}

/* Bytes of the well-formed UTF-8 sequence at @s (RFC 3629); 0 when there is none. */
static size_t sequence_len(const unsigned char *s)
{
	static const struct {
		unsigned char first, last; /* of the first byte */
		unsigned char second_min, second_max;
		unsigned char len;
	} rows[] = {
		{ 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, /* no overlong forms */
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, /* no surrogates */
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 }, /* up to U+10FFFF */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (s[0] < rows[i].first || s[0] > rows[i].last)
			continue;
		if (rows[i].len > 1 && (s[1] < rows[i].second_min || s[1] > rows[i].second_max))
			return 0;
		/* The NUL at the end is no continuation byte: nothing behind it is read. */
		for (size_t k = 2; k < rows[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

json_t *json_text(const char *text)
{
	size_t replaced = sizeof(REPLACEMENT) - 1;
	AUTO(json_dump) char *clean = malloc(strlen(text) * replaced + 1);
	size_t len = 0;

	if (!clean)
		return NULL;
	while (*text) {
		size_t n = sequence_len((const unsigned char *)text);

		memcpy(clean + len, n ? text : REPLACEMENT, n ? n : replaced);
		len += n ? n : replaced;
		text += n ? n : 1;
	}
	return json_stringn_nocheck(clean, len);
}
