/* SPDX-License-Identifier: Apache-2.0 */
#include "rest.h"

#include "document.h"
#include "io.h"
#include "prune.h"
#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRONG_MAX 1000u /* whoever wrote more has other things to do first */

/*
 * Without these there is no container, or none that much could be said about. Each row is what to
 * take instead: a namespace of users whose ids are unknown has all.
 */
static const struct substitute {
	const char *pointer, *json;
} substitutes[] = {
	{ "/ociVersion", "\"" SPEC_OCI_VERSION_MIN "\"" },
	{ "/root", "{\"path\": \".\"}" },
	{ "/process/cwd", "\"/\"" },
	{ "/process/args", "[\"true\"]" },
	{ "/linux/uidMappings", "[{\"containerID\": 0, \"hostID\": 0, \"size\": 4294967295}]" },
	{ "/linux/gidMappings", "[{\"containerID\": 0, \"hostID\": 0, \"size\": 4294967295}]" },
};
#define N_SUBSTITUTES (sizeof(substitutes) / sizeof(substitutes[0]))

/* A container of which a namespace is unknown has all that others of its members may need. */
static const struct {
	const char *type, *needed_by;
} namespaces[] = {
	{ "mount", NULL },
	{ "pid", NULL },
	{ "network", NULL },
	{ "uts", NULL },
	{ "ipc", NULL },
	{ "user", "/linux/uidMappings" },
	{ "user", "/linux/gidMappings" },
	{ "time", "/linux/timeOffsets" },
};

struct spec_rest {
	char *text;
	size_t len;
	bool has_marks;
	json_t *root;
	struct prune prune;
	json_t *unknown;       /* the pointers that were left out, as they were, and */
	json_t *above_unknown; /* those of all that they are in */
	json_t *wrong;         /* what is wrong in the document, in its order */
	bool is_substituted[N_SUBSTITUTES];
	bool lacks_namespaces; /* some are unknown */
	bool is_changed, is_hopeless;
	struct spec *spec;
};

static bool is_below(const char *pointer, const char *above)
{
	size_t len = strlen(above);

	return strncmp(pointer, above, len) == 0 && (!pointer[len] || pointer[len] == '/');
}

static void note_unknown(struct spec_rest *rest, const char *pointer)
{
	char origin[FIELD_POINTER_MAX], *end;

	prune_origin(&rest->prune, pointer, origin, sizeof(origin));
	json_object_set_new(rest->unknown, origin, json_true());
	while ((end = strrchr(origin, '/'))) {
		json_object_set_new(rest->above_unknown, origin, json_true());
		*end = '\0';
	}
}

/* False: nothing takes its place, or what does is wrong too. */
static bool take_substitute(struct spec_rest *rest, const char *pointer)
{
	for (size_t i = 0; i < N_SUBSTITUTES; i++) {
		const struct substitute *row = &substitutes[i];

		if (!is_below(pointer, row->pointer) || rest->is_substituted[i] ||
		    !prune_set(&rest->prune, row->pointer,
			       json_loads(row->json, JSON_DECODE_ANY, NULL)))
			continue;
		rest->is_substituted[i] = true;
		note_unknown(rest, row->pointer);
		return true;
	}
	return false;
}

/* Of an element that is an object with a type, the type is known. */
static bool hides_namespace(const struct spec_rest *rest, const char *pointer)
{
	const char *type = strrchr(pointer, '/');
	json_t *up, *at = prune_find(&rest->prune, pointer, &up);

	if (is_below("/linux/namespaces", pointer))
		return true;
	return is_below(pointer, "/linux/namespaces") &&
	       (strcmp(type, "/type") == 0 || (json_is_array(up) && !json_is_object(at)));
}

/* What is required and missing takes what it is in with it; but not all that there is. */
static bool remove_around(struct spec_rest *rest, const char *pointer)
{
	char around[FIELD_POINTER_MAX];
	json_t *up;

	if (prune_find(&rest->prune, pointer, &up) || !json_is_object(up))
		return false;
	snprintf(around, sizeof(around), "%.*s", (int)(strrchr(pointer, '/') - pointer), pointer);
	if (!around[0] || strcmp(around, "/linux") == 0)
		return false;
	note_unknown(rest, around);
	return prune_remove(&rest->prune, around);
}

void spec_rest_leave_out(struct spec_rest *rest, const char *pointer)
{
	if (pointer[0] != '/')
		return;
	note_unknown(rest, pointer);
	rest->lacks_namespaces |= hides_namespace(rest, pointer);
	rest->is_changed |= take_substitute(rest, pointer) || prune_remove(&rest->prune, pointer) ||
			    remove_around(rest, pointer);
}

static bool has_namespace(const json_t *list, const char *type)
{
	size_t i;
	json_t *element;

	json_array_foreach(list, i, element) {
		const char *is = json_string_value(json_object_get(element, "type"));

		if (is && strcmp(is, type) == 0)
			return true;
	}
	return false;
}

static void assume_namespaces(struct spec_rest *rest)
{
	json_t *up, *list = prune_find(&rest->prune, "/linux/namespaces", &up);

	if (!up)
		prune_set(&rest->prune, "/linux", json_object());
	if (!list)
		prune_set(&rest->prune, "/linux/namespaces", json_array());
	list = prune_find(&rest->prune, "/linux/namespaces", &up);
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
		const char *needed_by = namespaces[i].needed_by;

		if (!has_namespace(list, namespaces[i].type) &&
		    (!needed_by || prune_find(&rest->prune, needed_by, &up)))
			json_array_append_new(list, json_pack("{s:s}", "type", namespaces[i].type));
	}
}

/* ---- reading ---- */

static void note_wrong(void *context, const struct spec_problem *problem)
{
	struct spec_rest *rest = context;

	if (problem->is_warning)
		return;
	rest->is_hopeless |= json_array_size(rest->wrong) == WRONG_MAX;
	if (!rest->is_hopeless)
		json_array_append_new(rest->wrong, json_string(problem->pointer));
}

/* Reads what is left once. False when something is wrong in it, which is noted. */
static bool read_once(struct spec_rest *rest)
{
	const struct spec_sink sink = { note_wrong, rest };
	struct err err = { 0 };
	struct field_reader r = {
		.text = rest->text,
		.len = rest->len,
		.has_marks = rest->has_marks,
		.sink = &sink,
		.err = &err,
	};
	struct spec *spec;

	if (!json_is_object(rest->root) ||
	    arena_new(spec_arena_bytes(rest->len), &r.arena, &err) < 0)
		return false;
	spec = ARENA_NEW(r.arena, struct spec);
	spec->arena = r.arena;
	if (field_read_object(&r, &spec_table_root, rest->root, spec) < 0 || r.problems > 0) {
		spec_free(spec);
		return false;
	}
	rest->spec = spec;
	return true;
}

static void leave_out_wrong(struct spec_rest *rest)
{
	size_t i;
	json_t *pointer;

	json_array_foreach(rest->wrong, i, pointer)
		spec_rest_leave_out(rest, json_string_value(pointer));
	json_array_clear(rest->wrong);
}

bool spec_rest_reread(struct spec_rest *rest)
{
	struct spec *old = rest->spec;

	rest->spec = NULL;
	while (rest->is_changed && !rest->is_hopeless && !rest->spec) {
		rest->is_changed = false;
		prune_sweep(&rest->prune);
		if (rest->lacks_namespaces)
			assume_namespaces(rest);
		if (!read_once(rest))
			leave_out_wrong(rest);
	}
	if (!rest->spec) {
		rest->spec = old;
		return false;
	}
	/* It is a place to look in that nobody named. */
	if (spec_rest_is_unknown(rest, "/root/path"))
		rest->spec->root = (struct spec_root){ .set = true };
	spec_free(old);
	return true;
}

struct pair_of_sinks {
	const struct spec_sink *own, *callers;
};

static void report_both(void *context, const struct spec_problem *problem)
{
	const struct pair_of_sinks *sinks = context;

	sinks->callers->report(sinks->callers->context, problem);
	sinks->own->report(sinks->own->context, problem);
}

/* The first look: what is wrong is told to the caller, once. */
static int read_first(struct spec_rest *rest, const struct spec_sink *sink, struct err *err)
{
	const struct spec_sink own = { note_wrong, rest };
	struct pair_of_sinks sinks = { &own, sink };
	const struct spec_sink both = { report_both, &sinks };
	struct field_reader r = { .text = rest->text, .len = rest->len, .sink = &both, .err = err };
	AUTO(spec) struct spec *spec = NULL;
	int ret = document_parse(&r, &rest->root);

	if (ret < 0)
		return r.problems > 0 ? 0 : ret;
	rest->has_marks = r.has_marks;
	rest->prune.root = rest->root;
	TRY(arena_new(spec_arena_bytes(rest->len), &r.arena, err));
	spec = ARENA_NEW(r.arena, struct spec);
	spec->arena = r.arena;
	if (json_is_object(rest->root))
		field_read_object(&r, &spec_table_root, rest->root, spec);
	else
		field_problem(&r, "is %s, expected an object", field_describe(&r, rest->root).text);
	if (r.problems == 0) {
		rest->spec = TAKE(spec);
		return 0;
	}
	leave_out_wrong(rest);
	rest->is_changed = true;
	spec_rest_reread(rest);
	return 0;
}

int spec_rest_load(int dir_fd, const char *path, const struct spec_sink *sink,
		   struct spec_rest **ret_rest, struct err *err)
{
	AUTO(spec_rest) struct spec_rest *rest = calloc(1, sizeof(*rest));

	if (!rest)
		return err_set(err, ENOMEM, "no memory for the document");
	rest->prune.touched = json_object();
	rest->prune.removed = json_object();
	rest->unknown = json_object();
	rest->above_unknown = json_object();
	rest->wrong = json_array();
	TRY(io_read_file(dir_fd, path, SPEC_MAX_BYTES, &rest->text, &rest->len, err));
	TRY(read_first(rest, sink, err));
	*ret_rest = TAKE(rest);
	return 0;
}

void spec_rest_free(struct spec_rest *rest)
{
	spec_free(rest->spec);
	json_decref(rest->root);
	json_decref(rest->prune.touched);
	json_decref(rest->prune.removed);
	json_decref(rest->unknown);
	json_decref(rest->above_unknown);
	json_decref(rest->wrong);
	free(rest->text);
	free(rest);
}

const struct spec *spec_rest_spec(const struct spec_rest *rest)
{
	return rest->spec;
}

void spec_rest_origin(const struct spec_rest *rest, const char *pointer, char *origin, size_t size)
{
	prune_origin(&rest->prune, pointer, origin, size);
}

bool spec_rest_is_unknown(const struct spec_rest *rest, const char *origin)
{
	char part[FIELD_POINTER_MAX], *end;

	if (json_object_get(rest->above_unknown, origin))
		return true;
	snprintf(part, sizeof(part), "%s", origin);
	for (; (end = strrchr(part, '/')); *end = '\0')
		if (json_object_get(rest->unknown, part))
			return true;
	return false;
}
