/* SPDX-License-Identifier: Apache-2.0 */
/* hooks: six lists of the same kind of object. */
#include "tables.h"

static const struct field hook_fields[] = {
	{ "path", FIELD_MEMBER(struct spec_hook, path), .is_required = true,
	  .check_text = field_text_absolute },
	{ "args", FIELD_MEMBER(struct spec_hook, args) },
	{ "env", FIELD_MEMBER(struct spec_hook, env), .check_text = field_text_env },
	{ "timeout", FIELD_MEMBER(struct spec_hook, timeout), .min = 1, .max = INT64_MAX },
};
FIELD_ASSERT_ELEMENT(struct spec_hook);

static const struct field_object hook_object = {
	FIELD_ROWS(struct spec_hook, hook_fields),
};

static const struct field hooks_fields[] = {
	{ "prestart", FIELD_STRUCT_LIST(struct spec, hooks.prestart, &hook_object) },
	{ "createRuntime", FIELD_STRUCT_LIST(struct spec, hooks.create_runtime, &hook_object) },
	{ "createContainer", FIELD_STRUCT_LIST(struct spec, hooks.create_container, &hook_object) },
	{ "startContainer", FIELD_STRUCT_LIST(struct spec, hooks.start_container, &hook_object) },
	{ "poststart", FIELD_STRUCT_LIST(struct spec, hooks.poststart, &hook_object) },
	{ "poststop", FIELD_STRUCT_LIST(struct spec, hooks.poststop, &hook_object) },
};

const struct field_object spec_table_hooks = {
	FIELD_ROWS(struct spec, hooks_fields),
};
