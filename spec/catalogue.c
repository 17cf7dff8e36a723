/* SPDX-License-Identifier: Apache-2.0 */
/* The tables as a list of keys. */
#include "catalogue.h"

#include "tables.h"

#include <stdio.h>
#include <string.h>

struct walk {
	void (*visit)(void *context, const struct spec_key *key);
	void *context;
};

static void walk_object(const struct walk *walk, const struct field_object *object,
			const char *pointer)
{
	for (size_t i = 0; i < object->n_fields; i++) {
		const struct field *field = &object->fields[i];
		char below[ERR_POINTER_MAX];
		struct spec_key key = {
			.pointer = below,
			.status = field->status,
			.reason = field->reason,
			.is_required = field->is_required,
			.n_names = field->names ? field->names->n : 0,
			.names = field->names ? field->names->v : NULL,
		};

		snprintf(below, sizeof(below), "%s/%s", pointer, field->name);
		walk->visit(walk->context, &key);
		if (field->kind == FIELD_OBJECT_LIST || field->kind == FIELD_OBJECT_MAP)
			strncat(below, "/N", sizeof(below) - strlen(below) - 1);
		if (field->object)
			walk_object(walk, field->object, below);
	}
}

void spec_catalogue(void (*visit)(void *context, const struct spec_key *key), void *context)
{
	const struct walk walk = { .visit = visit, .context = context };

	walk_object(&walk, &spec_table_root, "");
}
