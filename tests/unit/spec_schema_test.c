/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables against the published JSON schema: every key of it has a row, the rows allow the same
 * words, and what is stricter or laxer than the schema is listed here with the reason.
 */
#include "key_subject.h"
#include "test.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- where the tables differ on purpose ---- */

static const struct exception required_here[] = {
	{ "/root", "config.md: required on all platforms but Windows" },
	{ "/linux/memoryPolicy/mode", "config-linux.md: required" },
	{ "/linux/personality/domain", "config-linux.md: required" },
	{ "/linux/resources/blockIO/throttleReadBpsDevice/N/rate", "config-linux.md: required" },
	{ "/linux/resources/blockIO/throttleWriteBpsDevice/N/rate", "config-linux.md: required" },
	{ "/linux/resources/blockIO/throttleReadIOPSDevice/N/rate", "config-linux.md: required" },
	{ "/linux/resources/blockIO/throttleWriteIOPSDevice/N/rate", "config-linux.md: required" },
};

static const struct exception optional_here[] = {
	{ "/linux/resources/pids/limit", "engines leave it out for no limit" },
};

static const struct exception more_words_here[] = {
	{ "/linux/rootfsPropagation", "the recursive forms are what engines write" },
};

static const struct exception words_only_here[] = {
	{ "/process/rlimits/N/type", "config.md: an error unless the kernel has it" },
	{ "/linux/resources/devices/N/type", "config-linux.md: a, b or c" },
	{ "/linux/devices/N/type", "the schema has a pattern of single letters" },
};

/* ---- the schema ---- */

struct file {
	char name[64];
	json_t *root;
};

static struct file files[16];
static size_t n_files;

static const json_t *schema_file(const char *name)
{
	const char *dir = getenv("OCIRUN_SHARED_DIR");
	char path[512];

	for (size_t i = 0; i < n_files; i++)
		if (strcmp(files[i].name, name) == 0)
			return files[i].root;
	snprintf(path, sizeof(path), "%s/runtime-spec/%s", dir ? dir : SHARED_DIR, name);
	snprintf(files[n_files].name, sizeof(files[0].name), "%s", name);
	/* The schema has the largest uint64 as a maximum. */
	files[n_files].root = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL);
	return files[n_files++].root;
}

/* A node of the schema and the file that its relative references are in. */
struct node {
	const json_t *json;
	char file[64];
};

/* "file.json#/a/b" or "#/a/b" */
static struct node follow(const struct node *from, const char *ref)
{
	struct node to;
	char *path, *part, *rest = NULL;
	const char *hash = strchr(ref, '#');

	snprintf(to.file, sizeof(to.file), "%s", from->file);
	if (hash > ref)
		snprintf(to.file, sizeof(to.file), "%.*s", (int)(hash - ref), ref);
	to.json = schema_file(to.file);
	path = strdup(hash + 1);
	for (part = strtok_r(path, "/", &rest); part; part = strtok_r(NULL, "/", &rest))
		to.json = json_object_get(to.json, part);
	free(path);
	if (!to.json)
		test_fail(__FILE__, __LINE__, "no schema for %s", ref);
	return to;
}

static void check_node(struct node node, const char *pointer);

static struct node child(const struct node *node, const json_t *json)
{
	struct node to = *node;

	to.json = json;
	return to;
}

static bool has_word(const json_t *words, const char *name)
{
	const json_t *word;
	size_t i;

	json_array_foreach(words, i, word)
		if (strcmp(json_string_value(word), name) == 0)
			return true;
	return false;
}

/* @pointer is that of a value; an element of a list has the words of the list's row. */
static void check_words(const json_t *words, const char *pointer)
{
	char key[160];
	size_t len = strlen(pointer);
	struct row *row;
	const json_t *word;
	size_t i;

	snprintf(key, sizeof(key), "%s", pointer);
	if (len > 2 && strcmp(key + len - 2, "/N") == 0)
		key[len - 2] = '\0';
	row = find_row(key);
	if (!row || row->key.n_names == 0) {
		test_fail(__FILE__, __LINE__, "%s has no list of words", key);
		return;
	}
	json_array_foreach(words, i, word) {
		bool is_here = false;

		for (size_t k = 0; k < row->key.n_names; k++)
			is_here |= strcmp(row->key.names[k].name, json_string_value(word)) == 0;
		if (!is_here)
			test_fail(__FILE__, __LINE__, "%s does not allow \"%s\"", key,
				  json_string_value(word));
	}
	for (size_t k = 0; k < row->key.n_names; k++)
		if (!has_word(words, row->key.names[k].name) && !IS_EXCEPTION(key, more_words_here))
			test_fail(__FILE__, __LINE__, "%s allows \"%s\", the schema does not", key,
				  row->key.names[k].name);
	row->key.n_names = 0;
}

static void check_required(const json_t *required, const char *pointer)
{
	const json_t *name;
	char key[160];
	size_t i;

	json_array_foreach(required, i, name) {
		struct row *row;

		snprintf(key, sizeof(key), "%s/%s", pointer, json_string_value(name));
		row = find_row(key);
		if (!row || (!row->key.is_required && !IS_EXCEPTION(key, optional_here)))
			test_fail(__FILE__, __LINE__, "%s is not required here", key);
		else
			row->key.is_required = false;
	}
}

static void check_properties(const struct node *node, const json_t *properties, const char *pointer)
{
	const json_t *property;
	const char *name;

	json_object_foreach((json_t *)properties, name, property) {
		char key[160];
		struct row *row;

		snprintf(key, sizeof(key), "%s/%s", pointer, name);
		row = find_row(key);
		if (!row) {
			test_fail(__FILE__, __LINE__, "%s has no row", key);
			continue;
		}
		row->is_listed = true;
		if (row->key.status == SPEC_KEY_READ)
			check_node(child(node, property), key);
	}
}

static void check_node(struct node node, const char *pointer)
{
	static const char *const combined[] = { "allOf", "anyOf" };
	const json_t *ref = json_object_get(node.json, "$ref"), *part;
	char below[160];
	size_t i;

	if (ref) {
		check_node(follow(&node, json_string_value(ref)), pointer);
		return;
	}
	for (size_t k = 0; k < 2; k++)
		json_array_foreach(json_object_get(node.json, combined[k]), i, part)
			check_node(child(&node, part), pointer);

	/* Lists and maps: all elements alike. */
	snprintf(below, sizeof(below), "%s/N", pointer);
	if (json_object_get(node.json, "items"))
		check_node(child(&node, json_object_get(node.json, "items")), below);
	if (json_is_object(json_object_get(node.json, "additionalProperties")))
		check_node(child(&node, json_object_get(node.json, "additionalProperties")), below);

	if (json_object_get(node.json, "enum"))
		check_words(json_object_get(node.json, "enum"), pointer);
	check_required(json_object_get(node.json, "required"), pointer);
	check_properties(&node, json_object_get(node.json, "properties"), pointer);
}

/* What is still marked after the schema was gone through is only in the tables. */
static void check_rest(void)
{
	for (size_t i = 0; i < n_rows; i++) {
		const struct row *row = &rows[i];

		if (!row->is_listed)
			test_fail(__FILE__, __LINE__, "%s is not in the schema", row->pointer);
		if (row->key.is_required && !IS_EXCEPTION(row->pointer, required_here))
			test_fail(__FILE__, __LINE__, "%s is required only here", row->pointer);
		if (row->key.n_names > 0 && !IS_EXCEPTION(row->pointer, words_only_here))
			test_fail(__FILE__, __LINE__, "%s has words only here", row->pointer);
	}
}

TEST(tables_and_schema_know_the_same_keys)
{
	struct node root = { .file = "config-schema.json" };

	root.json = schema_file(root.file);
	if (!root.json)
		test_skip("no published schema here (OCIRUN_SHARED_DIR)");
	spec_catalogue(add_row, NULL);
	check_node(root, "");
	check_rest();
}

TEST_MAIN()
