/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table engine's walk: objects, lists of objects, maps of objects. A document's keys are gone
 * through once, in their order; each is looked up in the rows of its object.
 */
#include "field.h"

#include <errno.h>
#include <string.h>

/* What every list in struct spec looks like. */
struct any_list {
	size_t n;
	void *v;
};

bool field_is_given(const json_t *json, const char *key)
{
	const json_t *value = json_object_get(json, key);

	return value && !json_is_null(value);
}

/* One element of a list or a map: an object of its own. */
static int read_element(struct field_reader *r, const struct field_object *object,
			const json_t *json, void *to)
{
	if (!json_is_object(json))
		return field_problem_type(r, json, "an object");
	return field_read_object(r, object, json, to);
}

static int read_list(struct field_reader *r, const struct field *field, const json_t *json,
		     void *to)
{
	struct field_frame frame = { .up = r->frame };
	struct any_list list = { .n = json_array_size(json) };

	if (!json_is_array(json))
		return field_problem_type(r, json, "an array of objects");
	if (list.n == 0)
		return 0;
	list.v = arena_array(r->arena, list.n, field->object->bytes);
	memcpy(to, &list, sizeof(list));
	r->frame = &frame;
	for (frame.index = 0; frame.index < list.n; frame.index++)
		TRY(read_element(r, field->object, json_array_get(json, frame.index),
				 (char *)list.v + frame.index * field->object->bytes));
	r->frame = frame.up;
	return 0;
}

static int read_map(struct field_reader *r, const struct field *field, const json_t *json, void *to)
{
	struct field_frame frame = { .up = r->frame };
	struct any_list list = { .n = json_object_size(json) };
	char *element;
	void *iter;

	if (!json_is_object(json))
		return field_problem_type(r, json, "an object of objects");
	if (list.n == 0)
		return 0;
	list.v = arena_array(r->arena, list.n, field->object->bytes);
	memcpy(to, &list, sizeof(list));
	element = list.v;
	r->frame = &frame;
	for (iter = json_object_iter((json_t *)json); iter;
	     iter = json_object_iter_next((json_t *)json, iter)) {
		const char *key;

		frame.key = json_object_iter_key(iter);
		if (!frame.key[0])
			TRY(field_problem(r, "has an empty name"));
		key = arena_strdup(r->arena, frame.key);
		memcpy(element + field->object->key_offset, &key, sizeof(key));
		TRY(read_element(r, field->object, json_object_iter_value(iter), element));
		element += field->object->bytes;
	}
	r->frame = frame.up;
	return 0;
}

/* Encoders write null, [], {} and "" for what is not set. */
static bool is_empty(const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_NULL:
		return true;
	case JSON_ARRAY:
		return json_array_size(json) == 0;
	case JSON_OBJECT:
		return json_object_size(json) == 0;
	case JSON_STRING:
		return json_string_length(json) == 0;
	default:
		return false;
	}
}

static int read_value(struct field_reader *r, const struct field *field, const json_t *json,
		      char *base)
{
	void *to = base + field->offset;
	size_t before = r->problems;

	switch (field->kind) {
	case FIELD_OBJECT:
		TRY(read_element(r, field->object, json, to));
		break;
	case FIELD_OBJECT_LIST:
		TRY(read_list(r, field, json, to));
		break;
	case FIELD_OBJECT_MAP:
		TRY(read_map(r, field, json, to));
		break;
	default:
		TRY(field_read_scalar(r, field, json, to));
		break;
	}
	return field->check && r->problems == before ? field->check(r, to) : 0;
}

static int read_field(struct field_reader *r, const struct field *field, const json_t *json,
		      char *base)
{
	switch (field->status) {
	case SPEC_KEY_READ:
		return read_value(r, field, json, base);
	case SPEC_KEY_REFUSED:
		return is_empty(json) ? 0 : field_problem(r, "is refused: %s", field->reason);
	case SPEC_KEY_IGNORED:
		break;
	}
	field_warning(r, "is ignored: %s", field->reason);
	return 0;
}

static const struct field *find_field(const struct field_object *object, const char *key)
{
	for (size_t i = 0; i < object->n_fields; i++)
		if (strcmp(object->fields[i].name, key) == 0)
			return &object->fields[i];
	return NULL;
}

static int problem_missing(struct field_reader *r, const struct field *field)
{
	const char *invalid = field->names ? field->names->invalid : NULL;

	return field_problem_in(r, field->name, "is missing, but it is required%s%s",
				invalid ? ": " : "", invalid ? invalid : "");
}

static int check_required(struct field_reader *r, const struct field_object *object, uint64_t seen)
{
	for (size_t i = 0; i < object->n_fields; i++)
		if (object->fields[i].is_required && !(seen & (UINT64_C(1) << i)))
			TRY(problem_missing(r, &object->fields[i]));
	return 0;
}

/* spec: unknown properties are no error. What an unknown value asks for would not be done. */
static int unknown_key(struct field_reader *r, const struct field_object *object)
{
	if (object->expected_key)
		return field_problem(r, "is not %s", object->expected_key);
	field_warning(r, "is unknown and ignored");
	return 0;
}

int field_read_object(struct field_reader *r, const struct field_object *object, const json_t *json,
		      void *to)
{
	struct field_frame frame = { .up = r->frame };
	size_t before = r->problems;
	const bool yes = true;
	uint64_t seen = 0;
	void *iter;

	if (object->set_offset != FIELD_NO_OFFSET)
		memcpy((char *)to + object->set_offset, &yes, sizeof(yes));
	r->frame = &frame;
	for (iter = json_object_iter((json_t *)json); iter;
	     iter = json_object_iter_next((json_t *)json, iter)) {
		const json_t *value = json_object_iter_value(iter);
		const struct field *field;

		frame.key = json_object_iter_key(iter);
		field = find_field(object, frame.key);
		if (!field) {
			TRY(unknown_key(r, object));
			continue;
		}
		/* null is how Go's encoder writes what is not set. */
		if (json_is_null(value))
			continue;
		seen |= UINT64_C(1) << (field - object->fields);
		TRY(read_field(r, field, value, to));
	}
	r->frame = frame.up;
	TRY(check_required(r, object, seen));
	return object->check && r->problems == before ? object->check(r, to, json) : 0;
}
