/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as JSON: an array for each section, an object for each fact. */
#include "explain_view.h"

#include "json_text.h"

#include <errno.h>

static const char *const sharing_names[] = {
	[PLAN_SHARING_UNSAID] = NULL,
	[PLAN_SHARING_OWN] = "container",
	[PLAN_SHARING_HOST] = "host",
	[PLAN_SHARING_OTHER] = "other",
};

static json_t *fact_json(const struct plan_fact *fact)
{
	json_t *object = json_object();
	size_t n = explain_columns(fact->section);

	for (size_t i = 0; i < n; i++)
		if (fact->cells[i])
			json_put(object, fact->section->columns[i], json_text(fact->cells[i]));
	if (sharing_names[fact->sharing])
		json_put(object, "of", json_string(sharing_names[fact->sharing]));
	if (fact->origin[0])
		json_put(object, "pointer", json_text(fact->origin));
	return object;
}

int explain_json(const struct plan_explanation *explanation, struct err *err)
{
	AUTO(json) json_t *root = json_object();

	for (size_t i = 0; i < explanation->n; i++) {
		const struct plan_fact *fact = &explanation->v[i];
		const char *name = fact->section->name;

		if (!json_object_get(root, name))
			json_put(root, name, json_array());
		json_push(json_object_get(root, name), fact_json(fact));
	}
	return json_print(root, JSON_INDENT(4), err);
}
