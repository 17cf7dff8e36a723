/* SPDX-License-Identifier: Apache-2.0 */
#include "prune.h"

#include "field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 1024u

/* The next key of a JSON pointer, as it is in the document; returns what follows it. */
static const char *next_key(const char *pointer, char key[KEY_MAX])
{
	size_t len = 0;

	for (pointer++; *pointer && *pointer != '/'; pointer++) {
		char c = *pointer;

		if (c == '~' && (pointer[1] == '0' || pointer[1] == '1'))
			c = *++pointer == '0' ? '~' : '/';
		if (len < KEY_MAX - 1)
			key[len++] = c;
	}
	key[len] = '\0';
	return pointer;
}

static bool read_index(const char *key, size_t *ret_index)
{
	char *end;

	*ret_index = strtoul(key, &end, 10);
	return key[0] >= '0' && key[0] <= '9' && !*end;
}

static json_t *member(const json_t *up, const char *key)
{
	size_t index;

	if (json_is_object(up))
		return json_object_get(up, key);
	return json_is_array(up) && read_index(key, &index) ? json_array_get(up, index) : NULL;
}

/* The last key goes to @key. */
static json_t *find(const struct prune *prune, const char *pointer, json_t **ret_up,
		    char key[KEY_MAX])
{
	json_t *at = prune->root, *up = NULL;

	while (at && *pointer) {
		pointer = next_key(pointer, key);
		up = at;
		at = member(up, key);
	}
	*ret_up = *pointer ? NULL : up;
	return at;
}

json_t *prune_find(const struct prune *prune, const char *pointer, json_t **ret_up)
{
	char key[KEY_MAX];

	return find(prune, pointer, ret_up, key);
}

bool prune_remove(struct prune *prune, const char *pointer)
{
	char key[KEY_MAX];
	json_t *up, *at = find(prune, pointer, &up, key);
	char array[FIELD_POINTER_MAX];
	size_t index;

	if (!at || !up)
		return false;
	if (json_is_object(up))
		return json_object_del(up, key) == 0;
	/* No reader takes a null in an array: there is none but these. */
	snprintf(array, sizeof(array), "%.*s", (int)(strrchr(pointer, '/') - pointer), pointer);
	return read_index(key, &index) && json_array_set_new(up, index, json_null()) == 0 &&
	       json_object_set_new(prune->touched, array, json_true()) == 0;
}

bool prune_set(struct prune *prune, const char *pointer, json_t *take_value)
{
	char key[KEY_MAX];
	json_t *up;

	find(prune, pointer, &up, key);
	/* Also releases the value where there is no object. */
	return json_object_set_new(up, key, take_value) == 0;
}

/* ---- arrays ---- */

/* Where element @index of the array that was at @origin was at first. */
static size_t index_before(const struct prune *prune, const char *origin, size_t index)
{
	const json_t *removed = json_object_get(prune->removed, origin);

	for (size_t i = 0; i < json_array_size(removed); i++)
		index += (size_t)json_integer_value(json_array_get(removed, i)) <= index;
	return index;
}

static void note_removed(struct prune *prune, const char *origin, size_t index)
{
	json_t *removed = json_object_get(prune->removed, origin);
	json_int_t before = (json_int_t)index_before(prune, origin, index);
	size_t at = 0;

	if (!removed) {
		removed = json_array();
		json_object_set_new(prune->removed, origin, removed);
	}
	while (at < json_array_size(removed) &&
	       json_integer_value(json_array_get(removed, at)) < before)
		at++;
	json_array_insert_new(removed, at, json_integer(before));
}

static void sweep(struct prune *prune, const char *pointer)
{
	json_t *up, *array = prune_find(prune, pointer, &up);
	char origin[FIELD_POINTER_MAX];

	prune_origin(prune, pointer, origin, sizeof(origin));
	for (size_t i = 0; i < json_array_size(array);) {
		if (!json_is_null(json_array_get(array, i))) {
			i++;
			continue;
		}
		note_removed(prune, origin, i);
		json_array_remove(array, i);
	}
}

void prune_sweep(struct prune *prune)
{
	/* Those that are in others first: their pointers change when those are swept. */
	while (json_object_size(prune->touched) > 0) {
		const char *key, *longest = "";
		json_t *value;

		json_object_foreach(prune->touched, key, value)
			longest = strlen(key) >= strlen(longest) ? key : longest;
		sweep(prune, longest);
		json_object_del(prune->touched, longest);
	}
}

void prune_origin(const struct prune *prune, const char *pointer, char *origin, size_t size)
{
	char key[KEY_MAX], index_text[24];
	size_t index;

	origin[0] = '\0';
	while (*pointer) {
		const char *name = key;

		pointer = next_key(pointer, key);
		if (read_index(key, &index) && json_object_get(prune->removed, origin)) {
			snprintf(index_text, sizeof(index_text), "%zu",
				 index_before(prune, origin, index));
			name = index_text;
		}
		field_pointer_append(origin, size, name);
	}
}
