/* SPDX-License-Identifier: Apache-2.0 */
/* mounts, and id mappings, which mounts share with linux. */
#include "tables.h"

static const struct field id_map_fields[] = {
	{ "containerID", FIELD_MEMBER(struct spec_id_map, container_id), .is_required = true },
	{ "hostID", FIELD_MEMBER(struct spec_id_map, host_id), .is_required = true },
	{ "size", FIELD_MEMBER(struct spec_id_map, size), .is_required = true },
};
FIELD_ASSERT_ELEMENT(struct spec_id_map);

const struct field_object spec_table_id_map = {
	FIELD_ROWS(struct spec_id_map, id_map_fields),
};

/* spec: each of the mappings must be given along with the other one. */
static int check_mount(struct field_reader *r, void *object, const json_t *json)
{
	const struct spec_mount *mount = object;

	(void)json;
	if (mount->uid_mappings.n > 0 && mount->gid_mappings.n == 0)
		return field_problem_in(r, "gidMappings",
					"is missing, but required along with uidMappings");
	if (mount->gid_mappings.n > 0 && mount->uid_mappings.n == 0)
		return field_problem_in(r, "uidMappings",
					"is missing, but required along with gidMappings");
	return 0;
}

static const struct field mount_fields[] = {
	{ "destination", FIELD_MEMBER(struct spec_mount, destination), .is_required = true,
	  .check_text = field_text_path },
	{ "type", FIELD_MEMBER(struct spec_mount, type) },
	{ "source", FIELD_MEMBER(struct spec_mount, source) },
	{ "options", FIELD_MEMBER(struct spec_mount, options) },
	{ "uidMappings", FIELD_STRUCT_LIST(struct spec_mount, uid_mappings, &spec_table_id_map) },
	{ "gidMappings", FIELD_STRUCT_LIST(struct spec_mount, gid_mappings, &spec_table_id_map) },
};
FIELD_ASSERT_ELEMENT(struct spec_mount);

const struct field_object spec_table_mount = {
	FIELD_ROWS(struct spec_mount, mount_fields),
	.check = check_mount,
};
