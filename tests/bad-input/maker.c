/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over the rows of the tables and the values of a document, and the change of one place. */
#include "maker.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN "@splice@"

static void die(const char *what, const char *name)
{
	fprintf(stderr, "bad input: %s: %s\n", what, name);
	abort();
}

/* ---- places ---- */

struct place place_in(json_t *parent, const char *key, const char *parent_pointer)
{
	struct place place = { .parent = parent, .key = key };

	snprintf(place.pointer, sizeof(place.pointer), "%s", parent_pointer);
	field_pointer_append(place.pointer, sizeof(place.pointer), key);
	return place;
}

struct place place_at(json_t *parent, size_t index, const char *parent_pointer)
{
	struct place place = { .parent = parent, .index = index };

	if (snprintf(place.pointer, sizeof(place.pointer), "%s/%zu", parent_pointer, index) >=
	    MAKER_POINTER_MAX)
		die("pointer too long", parent_pointer);
	return place;
}

json_t *place_value(const struct place *place)
{
	return place->key ? json_object_get(place->parent, place->key)
			  : json_array_get(place->parent, place->index);
}

static void place_set(const struct place *place, json_t *take_value)
{
	int ret = place->key ? json_object_set_new(place->parent, place->key, take_value)
			     : json_array_set_new(place->parent, place->index, take_value);

	if (ret < 0)
		die("cannot change", place->pointer);
}

/* ---- documents ---- */

bool maker_draws(struct maker *maker)
{
	maker->random = maker->random * 1664525u + 1013904223u;
	return maker->is_full || (maker->random >> 8) % maker->one_in == 0;
}

void maker_take(struct maker *maker, const char *text, size_t len, struct bad_input input)
{
	input.text = text;
	input.len = len;
	maker->n++;
	maker->sink->take(maker->sink->context, &input);
}

void maker_splice(struct maker *maker, const struct place *place, const char *raw, size_t raw_len,
		  struct bad_input input)
{
	/* In one line and in many: positions are told in both. */
	size_t flags = maker->n % 2 ? JSON_COMPACT : JSON_INDENT(2);
	json_t *old = json_incref(place_value(place));
	size_t before, after;
	char *text, *spliced;
	const char *token;

	place_set(place, json_string(TOKEN));
	text = json_dumps(maker->root, flags);
	if (old)
		place_set(place, old);
	else
		json_object_del(place->parent, place->key);
	token = text ? strstr(text, "\"" TOKEN "\"") : NULL;
	if (!token)
		die("no such place", place->pointer);
	before = (size_t)(token - text);
	token += strlen("\"" TOKEN "\"");
	after = strlen(token);
	spliced = malloc(before + raw_len + after);
	if (!spliced)
		die("no memory", place->pointer);
	memcpy(mempcpy(mempcpy(spliced, text, before), raw, raw_len), token, after);
	if (!input.pointer)
		input.pointer = place->pointer;
	maker_take(maker, spliced, before + raw_len + after, input);
	free(spliced);
	free(text);
}

void maker_wrong(struct maker *maker, const struct place *place, const char *what, const char *raw,
		 const char *below)
{
	char pointer[MAKER_POINTER_MAX + 16];

	if (!maker_draws(maker))
		return;
	snprintf(pointer, sizeof(pointer), "%s%s", place->pointer, below);
	maker_splice(maker, place, raw, strlen(raw),
		     (struct bad_input){ .what = what, .pointer = pointer });
}

/* ---- the walk ---- */

static void walk_object(struct maker *maker, const struct field_object *object, json_t *json,
			const char *pointer);

static void drop_key(struct maker *maker, const struct place *place)
{
	json_t *value = json_incref(place_value(place));
	char *text;

	json_object_del(place->parent, place->key);
	text = json_dumps(maker->root, JSON_COMPACT);
	if (!text)
		die("no memory", place->pointer);
	maker_take(maker, text, strlen(text),
		   (struct bad_input){ .what = "dropped", .pointer = place->pointer });
	free(text);
	json_object_set_new(place->parent, place->key, value);
	maker_splice(maker, place, "null", 4, (struct bad_input){ .what = "dropped" });
}

/* Whichever of the two comes second is one too many. */
static void double_key(struct maker *maker, const struct place *place)
{
	char *value = json_dumps(place_value(place), JSON_ENCODE_ANY | JSON_COMPACT), *raw = NULL;

	if (!value || asprintf(&raw, "%s,\"%s\":%s", value, place->key, value) < 0)
		die("no memory", place->pointer);
	maker_splice(maker, place, raw, strlen(raw), (struct bad_input){ .what = "duplicate key" });
	free(raw);
	free(value);
}

static void walk_list(struct maker *maker, const struct field *field, json_t *list,
		      const char *pointer)
{
	json_t *element;
	size_t i;

	json_array_foreach(list, i, element) {
		const struct place place = place_at(list, i, pointer);

		walk_object(maker, field->object, element, place.pointer);
	}
}

static void walk_map(struct maker *maker, const struct field *field, json_t *map,
		     const char *pointer)
{
	void *iter;

	for (iter = json_object_iter(map); iter; iter = json_object_iter_next(map, iter)) {
		const struct place place = place_in(map, json_object_iter_key(iter), pointer);

		walk_object(maker, field->object, json_object_iter_value(iter), place.pointer);
	}
}

static void walk_field(struct maker *maker, const struct field *field, const struct place *place)
{
	json_t *value = place_value(place);

	if (field->is_required && maker_draws(maker))
		drop_key(maker, place);
	if (maker_draws(maker))
		double_key(maker, place);
	make_encodings(maker, place);
	make_values(maker, field, place);
	if (field->kind == FIELD_OBJECT)
		walk_object(maker, field->object, value, place->pointer);
	else if (field->kind == FIELD_OBJECT_LIST)
		walk_list(maker, field, value, place->pointer);
	else if (field->kind == FIELD_OBJECT_MAP)
		walk_map(maker, field, value, place->pointer);
}

static void walk_object(struct maker *maker, const struct field_object *object, json_t *json,
			const char *pointer)
{
	for (size_t i = 0; i < object->n_fields; i++) {
		const struct field *field = &object->fields[i];
		const struct place place = place_in(json, field->name, pointer);
		const json_t *value = place_value(&place);

		if (value && !json_is_null(value))
			walk_field(maker, field, &place);
	}
}

/* ---- the documents that everything is made of ---- */

static const struct {
	const char *name; /* of the file among the recorded ones */
	const char *key;  /* of the object in full.json; NULL: all of it */
	const char *in;
	const struct field_object *object;
} kinds[] = {
	[BAD_INPUT_CONFIG] = { "config.json", NULL, NULL, &spec_table_root },
	[BAD_INPUT_PROCESS] = { "process*.json", "process", NULL, &spec_table_process },
	[BAD_INPUT_RESOURCES] = { "resources*.json", "resources", "linux", &spec_table_resources },
};

static json_t *load(const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);

	if (!root)
		die(error.text, path);
	return root;
}

/* The recorded ones have places for what belongs to one host: "@NS_NET@", "@HOOK@". */
static void fill_in(json_t *value, const char *key, json_t *parent)
{
	const char *text = json_string_value(value);
	char filled[MAKER_POINTER_MAX];
	const char *name;
	json_t *element;
	size_t i;

	if (text && text[0] == '@' && parent) {
		snprintf(filled, sizeof(filled), "/%s", text + 1);
		json_object_set_new(parent, key, json_string(filled));
		return; /* the value is gone */
	}
	json_array_foreach(value, i, element)
		fill_in(element, NULL, NULL);
	if (json_is_object(value)) {
		void *next;

		json_object_foreach_safe(value, next, name, element) fill_in(element, name, value);
	}
}

static void make_all(struct maker *maker, enum bad_input_kind kind)
{
	walk_object(maker, kinds[kind].object, maker->root, "");
	make_texts(maker);
	if (kind == BAD_INPUT_CONFIG && maker->is_full)
		make_rules(maker);
}

void bad_input_make(enum bad_input_kind kind, uint32_t seed, unsigned int one_in,
		    const struct bad_input_sink *sink)
{
	struct maker maker = { .sink = sink, .is_full = true, .one_in = one_in, .random = seed };
	json_t *full = load(SOURCE_DIR "/tests/bad-input/full.json"), *root = full;
	char pattern[256];
	glob_t found;

	if (kinds[kind].in)
		root = json_object_get(root, kinds[kind].in);
	if (kinds[kind].key)
		root = json_object_get(root, kinds[kind].key);
	maker.root = root;
	make_all(&maker, kind);
	json_decref(full);

	maker.is_full = false;
	snprintf(pattern, sizeof(pattern), SOURCE_DIR "/tests/real-configs/*/%s", kinds[kind].name);
	if (glob(pattern, 0, NULL, &found) != 0)
		die("no recorded documents", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		maker.root = load(found.gl_pathv[i]);
		fill_in(maker.root, NULL, NULL);
		make_all(&maker, kind);
		json_decref(maker.root);
	}
	globfree(&found);
}
