/* SPDX-License-Identifier: Apache-2.0 */
/* state.json by jansson: the record is small, and a crash must not leave it unreadable. */
#include "record.h"

#include "json_dump.h"
#include "timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECORD_VERSION 2

static int err_memory(struct err *err)
{
	return err_set(err, ENOMEM, "no memory for the state record");
}

static json_t *annotations_to_json(const struct record *record)
{
	AUTO(json) json_t *object = json_object();

	for (size_t i = 0; i < record->n_annotations; i++)
		if (json_object_set_new(object, record->annotations[i].key,
					json_string(record->annotations[i].value)) < 0)
			return NULL;
	return TAKE(object);
}

/* Lists, since there may be ten: objects take twice as long to read, half of all of `state`. */
static json_t *cgroups_to_json(const struct cgroup_paths *paths)
{
	AUTO(json) json_t *array = json_array();

	for (size_t i = 0; i < paths->n; i++) {
		const struct cgroup_path *path = &paths->v[i];
		json_t *one = json_pack("[b, s, s, i]", path->is_v2, path->controllers, path->dir,
					(int)path->created_levels);

		if (json_array_append_new(array, one) < 0)
			return NULL;
	}
	return TAKE(array);
}

/* NULL: no memory. */
static json_t *unit_to_json(const struct unit_ref *unit)
{
	return json_pack("{s:s, s:s}", "name", unit->name, "bus", unit->bus);
}

/* NULL: no memory. */
static json_t *rdt_to_json(const struct rdt_paths *rdt)
{
	return json_pack("{s:s, s:s*, s:b}", "clos", rdt->clos, "mon", rdt->mon, "created",
			 rdt->is_created);
}

/* NULL: no memory. */
static json_t *root_mount_to_json(const struct root_mount *mount)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:s*, s:s}", "id", (json_int_t)mount->mount.id,
			 "uniqueId", (json_int_t)mount->mount.unique, "inode",
			 (json_int_t)mount->mount.inode, "namespace", (json_int_t)mount->ns_inode,
			 "namespacePath", mount->ns_path, "boot", mount->boot);
}

/* What not every container has. 0, or -1 without memory. */
static int add_rare(const struct record *record, json_t *root)
{
	if (record->rdt.clos && json_object_set_new(root, "rdt", rdt_to_json(&record->rdt)) < 0)
		return -1;
	if (record->unit.name && json_object_set_new(root, "unit", unit_to_json(&record->unit)) < 0)
		return -1;
	if (record->root_mount.mount.id &&
	    json_object_set_new(root, "rootMount", root_mount_to_json(&record->root_mount)) < 0)
		return -1;
	return 0;
}

int record_print(const struct record *record, char **ret_text, size_t *ret_len, struct err *err)
{
	json_t *annotations = annotations_to_json(record);
	json_t *cgroups = cgroups_to_json(&record->cgroups);
	/* "o" takes its argument over, also when it is NULL or packing fails. */
	AUTO(json)
	json_t *root = json_pack(
		"{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:b, s:b, s:I, s:b, s:b}", "version",
		RECORD_VERSION, "ociVersion", record->oci_version, "id", record->id, "bundle",
		record->bundle, "rootfs", record->rootfs, "created", record->created, "annotations",
		annotations, "cgroups", cgroups, "namespaces", (json_int_t)record->namespaces,
		"ownPidNamespace", record->has_own_pid_ns, "chroot", record->has_chroot,
		"execSettings", (json_int_t)record->exec_settings, "keyring", record->has_keyring,
		"lateHooks", record->has_late_hooks);
	char *text = root && add_rare(record, root) == 0 ? json_dump(root, JSON_COMPACT) : NULL;

	if (!text)
		return err_memory(err);
	*ret_text = text;
	*ret_len = strlen(text);
	return 0;
}

size_t record_arena_bytes(size_t len)
{
	/* Strings are no longer than their JSON; an array element of 1 byte at least costs most. */
	return 65536 + 64 * len;
}

static int parse_cgroups(json_t *array, struct arena *arena, struct cgroup_paths *ret_paths)
{
	json_t *one;
	size_t i;

	ret_paths->n = json_array_size(array);
	ret_paths->v = ARENA_ARRAY(arena, struct cgroup_path, ret_paths->n);
	json_array_foreach(array, i, one) {
		const char *controllers, *dir;
		int is_v2, created;

		if (json_unpack(one, "[b, s, s, i!]", &is_v2, &controllers, &dir, &created) < 0 ||
		    dir[0] != '/' || created < 0)
			return -EINVAL;
		ret_paths->v[i].is_v2 = is_v2;
		ret_paths->v[i].controllers = arena_strdup(arena, controllers);
		ret_paths->v[i].dir = arena_strdup(arena, dir);
		ret_paths->v[i].created_levels = (unsigned int)created;
	}
	return 0;
}

static int parse_rdt(json_t *object, struct arena *arena, struct rdt_paths *ret_rdt)
{
	const char *clos, *mon = NULL;
	int is_created;

	if (!object)
		return 0;
	if (json_unpack(object, "{s:s, s?s, s:b}", "clos", &clos, "mon", &mon, "created",
			&is_created) < 0 ||
	    clos[0] != '/' || (mon && mon[0] != '/'))
		return -EINVAL;
	ret_rdt->clos = arena_strdup(arena, clos);
	ret_rdt->mon = mon ? arena_strdup(arena, mon) : NULL;
	ret_rdt->is_created = is_created;
	return 0;
}

static int parse_root_mount(json_t *object, struct arena *arena, struct root_mount *ret_mount)
{
	json_int_t id, unique, inode, ns_inode;
	const char *ns_path = NULL, *boot;

	if (!object)
		return 0;
	if (json_unpack(object, "{s:I, s:I, s:I, s:I, s?s, s:s}", "id", &id, "uniqueId", &unique,
			"inode", &inode, "namespace", &ns_inode, "namespacePath", &ns_path, "boot",
			&boot) < 0 ||
	    id == 0 || (ns_path && ns_path[0] != '/') || strlen(boot) >= sizeof(ret_mount->boot))
		return -EINVAL;
	ret_mount->mount.id = (uint64_t)id;
	ret_mount->mount.unique = (uint64_t)unique;
	ret_mount->mount.inode = (uint64_t)inode;
	ret_mount->ns_inode = (uint64_t)ns_inode;
	ret_mount->ns_path = ns_path ? arena_strdup(arena, ns_path) : NULL;
	memcpy(ret_mount->boot, boot, strlen(boot) + 1);
	return 0;
}

static int parse_unit(json_t *object, struct arena *arena, struct unit_ref *ret_unit)
{
	const char *name, *bus;

	if (!object)
		return 0;
	if (json_unpack(object, "{s:s, s:s}", "name", &name, "bus", &bus) < 0 || !name[0])
		return -EINVAL;
	ret_unit->name = arena_strdup(arena, name);
	ret_unit->bus = arena_strdup(arena, bus);
	return 0;
}

static int parse_annotations(json_t *object, struct arena *arena, struct record *record)
{
	const char *key;
	json_t *value;
	size_t i = 0;

	record->n_annotations = json_object_size(object);
	record->annotations = ARENA_ARRAY(arena, struct record_annotation, record->n_annotations);
	json_object_foreach(object, key, value) {
		if (!json_is_string(value))
			return -EINVAL;
		record->annotations[i].key = arena_strdup(arena, key);
		record->annotations[i].value = arena_strdup(arena, json_string_value(value));
		i++;
	}
	return 0;
}

static int parse_root(json_t *root, struct arena *arena, struct record *record)
{
	int version, own_pid_ns, has_chroot, keyring, late_hooks;
	json_t *annotations, *cgroups;
	json_int_t namespaces, exec_settings;

	if (json_unpack(root,
			"{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:b, s:b, s:I, s:b, s:b}",
			"version", &version, "ociVersion", &record->oci_version, "id", &record->id,
			"bundle", &record->bundle, "rootfs", &record->rootfs, "created",
			&record->created, "annotations", &annotations, "cgroups", &cgroups,
			"namespaces", &namespaces, "ownPidNamespace", &own_pid_ns, "chroot",
			&has_chroot, "execSettings", &exec_settings, "keyring", &keyring,
			"lateHooks", &late_hooks) < 0 ||
	    version != RECORD_VERSION || !json_is_object(annotations) || !json_is_array(cgroups))
		return -EINVAL;
	record->oci_version = arena_strdup(arena, record->oci_version);
	record->id = arena_strdup(arena, record->id);
	record->bundle = arena_strdup(arena, record->bundle);
	record->rootfs = arena_strdup(arena, record->rootfs);
	record->created = arena_strdup(arena, record->created);
	record->namespaces = (uint64_t)namespaces;
	record->has_own_pid_ns = own_pid_ns;
	record->has_chroot = has_chroot;
	record->exec_settings = (uint32_t)exec_settings;
	record->has_keyring = keyring;
	record->has_late_hooks = late_hooks;
	TRY(parse_annotations(annotations, arena, record));
	TRY(parse_rdt(json_object_get(root, "rdt"), arena, &record->rdt));
	TRY(parse_root_mount(json_object_get(root, "rootMount"), arena, &record->root_mount));
	TRY(parse_unit(json_object_get(root, "unit"), arena, &record->unit));
	return parse_cgroups(cgroups, arena, &record->cgroups);
}

int record_parse(const char *text, size_t len, struct arena *arena, struct record *ret_record,
		 struct err *err)
{
	struct record record = { 0 };
	json_error_t error;
	AUTO(json) json_t *root = NULL;

	/* Without memory jansson may find fault with a token: what is sound is not to be given up. */
	errno = 0;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!root && errno == ENOMEM)
		return err_memory(err);
	if (!root)
		return err_set(err, EINVAL, "the state record is damaged: line %d: %s", error.line,
			       error.text);
	if (parse_root(root, arena, &record) < 0)
		return err_set(err, EINVAL, "the state record is damaged: not of version %d",
			       RECORD_VERSION);
	*ret_record = record;
	return 0;
}

int record_print_hook_state(const struct record *record, char **ret_head, char **ret_tail,
			    struct err *err)
{
	AUTO(json) json_t *head = NULL;
	AUTO(json) json_t *tail = json_pack("{s:s}", "bundle", record->bundle);
	json_t *annotations = record->n_annotations ? annotations_to_json(record) : NULL;
	char *head_text, *tail_text;

	head = json_pack("{s:s, s:s}", "ociVersion", record->oci_version, "id", record->id);
	if (record->n_annotations && json_object_set_new(tail, "annotations", annotations) < 0)
		return err_memory(err);
	head_text = json_dump(head, JSON_COMPACT);
	tail_text = json_dump(tail, JSON_COMPACT);
	if (!head_text || !tail_text) {
		free(head_text);
		free(tail_text);
		return err_memory(err);
	}
	/* The first part loses its closing brace, the second has a comma for its opening one. */
	head_text[strlen(head_text) - 1] = '\0';
	tail_text[0] = ',';
	*ret_head = head_text;
	*ret_tail = tail_text;
	return 0;
}

int record_print_process_state(const struct record *record, const struct record_process *process,
			       char **ret_text, struct err *err)
{
	json_t *annotations = record->n_annotations ? annotations_to_json(record) : NULL;
	/* What is NULL is left out by "*". */
	AUTO(json)
	json_t *root =
		json_pack("{s:s, s:[s], s:i, s:s*, s:{s:s, s:s, s:s, s:i, s:s, s:o*}}",
			  "ociVersion", record->oci_version, "fds", "seccompFd", "pid",
			  process->pid, "metadata", process->metadata, "state", "ociVersion",
			  record->oci_version, "id", record->id, "status", process->status, "pid",
			  process->init_pid, "bundle", record->bundle, "annotations", annotations);
	char *text = json_dump(root, JSON_COMPACT);

	if (!text)
		return err_memory(err);
	*ret_text = text;
	return 0;
}

char *record_timestamp(struct arena *arena)
{
	struct timespec now;
	char date[TIMESTAMP_MAX];

	clock_gettime(CLOCK_REALTIME, &now);
	timestamp_format(now.tv_sec, date);
	return arena_printf(arena, "%s.%09ldZ", date, now.tv_nsec);
}
