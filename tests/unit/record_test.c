/* SPDX-License-Identifier: Apache-2.0 */
/* The intent record: what is written is read, and what is damaged is refused. */
#include "test.h"

#include "record.h"
#include "temp_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

DEFINE_AUTO(text, char *, free)

static struct err err;

static struct record_annotation annotations[] = {
	{ "org.example/key", "value" },
	{ "quote\"d", "line\nbreak \xe2\x82\xac" },
	{ "", "" },
};
static struct cgroup_path cgroups[] = {
	{ true, "cpu memory", "/sys/fs/cgroup/c1", 3 },
	{ false, "cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct/c1", 0 },
};
static const struct record full = {
	.oci_version = "1.3.0",
	.id = "c1",
	.bundle = "/bundle",
	.rootfs = "/bundle/rootfs",
	.created = "2026-01-02T03:04:05.000000006Z",
	.n_annotations = 3,
	.annotations = annotations,
	.cgroups = { 2, cgroups },
	.rdt = { "/sys/fs/resctrl/c1", "/sys/fs/resctrl/c1/mon_groups/c1", true },
	.unit = { "p-c1.scope", "unix:path=/run/systemd/private" },
	.root_mount = { .mount = { .id = 67, .unique = 2155410233, .inode = UINT64_MAX },
			.ns_inode = 4026532177,
			.ns_path = "/proc/7/ns/mnt",
			.boot = "08073986-f2ed-4d12-833e-655272aa266f" },
	.namespaces = 0x7e020080,
	.has_own_pid_ns = true,
	.has_late_hooks = true,
};

static char *print(const struct record *record, size_t *ret_len)
{
	static char *text;

	CHECK_INT(record_print(record, &text, ret_len, &err), 0);
	return text;
}

/* Parses @text and forgets what came of it. */
static int parse(const char *text, size_t len)
{
	AUTO(arena) struct arena *arena = NULL;
	struct record record;

	CHECK_INT(arena_new(record_arena_bytes(len), &arena, &err), 0);
	return record_parse(text, len, arena, &record, &err);
}

TEST(a_record_makes_the_round_trip)
{
	size_t len, again_len;
	AUTO(text) char *text = print(&full, &len);
	AUTO(text) char *again = NULL;
	AUTO(arena) struct arena *arena = NULL;
	struct record got;

	CHECK_INT(strlen(text), len);
	CHECK_INT(arena_new(record_arena_bytes(len), &arena, &err), 0);
	CHECK_INT(record_parse(text, len, arena, &got, &err), 0);
	CHECK_STR(got.id, "c1");
	CHECK_STR(got.bundle, "/bundle");
	CHECK_INT(got.n_annotations, 3);
	CHECK_STR(got.annotations[1].value, annotations[1].value);
	CHECK_INT(got.cgroups.n, 2);
	CHECK_INT(got.cgroups.v[0].created_levels, 3);
	CHECK_STR(got.cgroups.v[1].dir, cgroups[1].dir);
	CHECK_STR(got.rdt.clos, full.rdt.clos);
	CHECK_STR(got.rdt.mon, full.rdt.mon);
	CHECK_STR(got.unit.name, full.unit.name);
	CHECK_STR(got.unit.bus, full.unit.bus);
	CHECK(got.rdt.is_created);
	CHECK_INT(got.root_mount.mount.id, 67);
	CHECK_INT(got.root_mount.mount.unique, 2155410233);
	CHECK(got.root_mount.mount.inode == UINT64_MAX);
	CHECK_INT(got.root_mount.ns_inode, 4026532177);
	CHECK_STR(got.root_mount.ns_path, "/proc/7/ns/mnt");
	CHECK_STR(got.root_mount.boot, full.root_mount.boot);
	CHECK(got.has_own_pid_ns && got.has_late_hooks && !got.has_chroot);
	again = print(&got, &again_len);
	CHECK_STR(again, text);
}

TEST(what_a_container_does_not_have_is_not_in_its_record)
{
	struct record bare = full;
	size_t len;

	bare.rdt.clos = NULL;
	bare.root_mount.mount.id = 0;
	AUTO(text) char *text = print(&bare, &len);
	CHECK(!strstr(text, "rdt") && !strstr(text, "rootMount"));
	CHECK_INT(parse(text, len), 0);
	bare.root_mount = full.root_mount;
	bare.root_mount.ns_path = NULL;
	AUTO(text) char *inherited = print(&bare, &len);
	CHECK(strstr(inherited, "rootMount") && !strstr(inherited, "namespacePath"));
	CHECK_INT(parse(inherited, len), 0);
}

TEST(a_record_that_was_cut_off_anywhere_is_refused)
{
	size_t len;
	AUTO(text) char *text = print(&full, &len);

	for (size_t cut = 0; cut < len; cut++)
		CHECK_INT(parse(text, cut), -EINVAL);
	CHECK_INT(parse(text, len), 0);
	CHECK_CONTAINS(err.text, "the state record is damaged");
}

TEST(any_byte_may_be_any_other_without_harm)
{
	static const char others[] = {
		0, '"', '{', '}', '[', ']', ',', ':', '0', '-', '\\', '\x80'
	};
	size_t len;
	AUTO(text) char *text = print(&full, &len);

	for (size_t i = 0; i < len; i++) {
		char was = text[i];

		for (size_t k = 0; k < sizeof(others); k++) {
			int ret;

			text[i] = others[k];
			ret = parse(text, len);
			CHECK(ret == 0 || ret == -EINVAL);
		}
		text[i] = was;
	}
}

/* @text with the first @old replaced; the caller frees it. */
static char *replaced(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);
	char *result = NULL;

	CHECK(at != NULL);
	if (at && asprintf(&result, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old)) < 0)
		abort();
	return result;
}

TEST(records_of_another_shape_are_refused)
{
	static const struct {
		const char *old, *new;
	} rows[] = {
		{ "\"version\":", "\"revision\":" },
		{ "\"version\":2", "\"version\":999" },
		{ "\"version\":2", "\"version\":\"2\"" },
		{ "\"id\":\"c1\"", "\"id\":7" },
		{ "\"id\":\"c1\"", "\"id\":\"c1\",\"id\":\"c2\"" },
		{ "\"id\":\"c1\"", "\"id\":\"c\\u00001\"" },
		{ "\"bundle\":\"/bundle\"", "\"bundle\":null" },
		{ "\"value\"", "[\"value\"]" },
		{ "\"annotations\":{", "\"annotations\":null,\"x\":{" },
		{ "\"cgroups\":[", "\"cgroups\":{},\"x\":[" },
		{ "\"cgroups\":[", "\"cgroups\":[7," },
		{ "\"/sys", "\"sys" },
		{ ",3]", ",-3]" },
		{ ",3]", ",3.5]" },
		{ ",3]", ",3,4]" },
		{ "\"id\":67", "\"id\":0" },
		{ "\"id\":67", "\"id\":\"67\"" },
		{ "\"namespacePath\":\"/", "\"namespacePath\":\"" },
		{ "\"boot\":\"", "\"boot\":\"0123456789" },
		{ "\"rootMount\":{", "\"rootMount\":7,\"x\":{" },
		{ "\"ownPidNamespace\":true", "\"ownPidNamespace\":1" },
		{ "\"namespaces\":", "\"namespaces\":\"x\",\"x\":" },
	};
	size_t len;
	AUTO(text) char *text = print(&full, &len);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(text) char *damaged = replaced(text, rows[i].old, rows[i].new);
		int ret = parse(damaged, strlen(damaged));

		if (ret != -EINVAL)
			test_fail(__FILE__, __LINE__, "%s is accepted", rows[i].new);
	}
}

TEST(hooks_get_the_state_around_what_is_known_last)
{
	AUTO(text) char *head = NULL;
	AUTO(text) char *tail = NULL;
	AUTO(text) char *bare_tail = NULL;
	AUTO(text) char *bare_head = NULL;
	struct record bare = full;

	CHECK_INT(record_print_hook_state(&full, &head, &tail, &err), 0);
	CHECK_STR(head, "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\"");
	CHECK_CONTAINS(tail, ",\"bundle\":\"/bundle\",\"annotations\":{");
	CHECK_INT(tail[strlen(tail) - 1], '}');
	bare.n_annotations = 0;
	CHECK_INT(record_print_hook_state(&bare, &bare_head, &bare_tail, &err), 0);
	CHECK_STR(bare_tail, ",\"bundle\":\"/bundle\"}");
}

TEST(many_annotations_fit_into_the_arena_that_is_promised)
{
	const size_t n = 200000;
	struct record many = full;
	AUTO(text) char *text = NULL;
	size_t len;

	many.n_annotations = n;
	many.annotations = calloc(n, sizeof(*many.annotations));
	for (size_t i = 0; i < n; i++) {
		char key[32];

		snprintf(key, sizeof(key), "%zu", i);
		many.annotations[i] = (struct record_annotation){ strdup(key), "" };
	}
	text = print(&many, &len);
	CHECK_INT(parse(text, len), 0);
	for (size_t i = 0; i < n; i++)
		free((char *)many.annotations[i].key);
	free(many.annotations);
}

TEST(the_time_of_creation_is_rfc_3339_with_nanoseconds)
{
	AUTO(arena) struct arena *arena = NULL;
	const char *text;
	int year, part;

	CHECK_INT(arena_new(4096, &arena, &err), 0);
	text = record_timestamp(arena);
	CHECK_INT(strlen(text), strlen("2026-01-02T03:04:05.000000006Z"));
	CHECK_INT(sscanf(text, "%d-%d-%dT%d:%d:%d.%dZ", &year, &part, &part, &part, &part, &part,
			 &part),
		  7);
	CHECK(year >= 2024);
	CHECK_INT(text[strlen(text) - 1], 'Z');
}

TEST_MAIN()
