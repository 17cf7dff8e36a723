/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in a document a byte is. JSON's library says only the position of what it refuses; users
 * want the JSON pointer. Runs on the way to an error only.
 */
#include "document.h"

#include <stdio.h>
#include <string.h>

struct level {
	bool is_array;
	bool has_key;  /* a key was read */
	bool is_value; /* behind the colon */
	size_t index;  /* of the array */
	size_t key;    /* position and length of the key with its quotes */
	size_t key_len;
};

struct place {
	size_t depth;
	struct level levels[SPEC_MAX_DEPTH];
};

size_t document_string_end(const char *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at < len ? at + 1 : len;
}

size_t document_skip(const char *text, size_t len, size_t at, const char *bytes)
{
	while (at < len && text[at] && strchr(bytes, text[at]))
		at++;
	return at;
}

/* One byte outside of strings. */
static void step(struct place *place, char c)
{
	struct level *top = place->depth > 0 ? &place->levels[place->depth - 1] : NULL;

	switch (c) {
	case '{':
	case '[':
		if (place->depth < SPEC_MAX_DEPTH)
			place->levels[place->depth++] = (struct level){ .is_array = c == '[' };
		break;
	case '}':
	case ']':
		if (top)
			place->depth--;
		break;
	case ':':
		if (top)
			top->is_value = true;
		break;
	case ',':
		if (!top)
			break;
		top->index++;
		top->is_value = false;
		top->has_key = false;
		break;
	default:
		break;
	}
}

/* The key is JSON, with escapes: let JSON's library read it. */
void document_key_append(const char *key_text, size_t len, char *pointer, size_t size)
{
	AUTO(json)
	json_t *key = json_loadb(key_text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	field_pointer_append(pointer, size, key ? json_string_value(key) : "?");
}

void document_pointer_at(const char *text, size_t position, char *pointer, size_t size)
{
	struct place place = { .depth = 0 };
	char index[24];

	for (size_t at = 0; at < position;) {
		struct level *top = place.depth > 0 ? &place.levels[place.depth - 1] : NULL;

		if (text[at] == '"') {
			size_t end = document_string_end(text, position, at);

			if (top && !top->is_array && !top->is_value) {
				top->has_key = true;
				top->key = at;
				top->key_len = end - at;
			}
			at = end;
			continue;
		}
		step(&place, text[at++]);
	}

	for (size_t i = 0; i < place.depth; i++) {
		const struct level *level = &place.levels[i];

		if (level->is_array) {
			snprintf(index, sizeof(index), "%zu", level->index);
			field_pointer_append(pointer, size, index);
		} else if (level->has_key) {
			document_key_append(text + level->key, level->key_len, pointer, size);
		}
	}
}
