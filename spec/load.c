/* SPDX-License-Identifier: Apache-2.0 */
/* The way in: a file or bytes, through document.c and the tables, to a struct. */
#include "load.h"

#include "document.h"
#include "io.h"
#include "tables.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

/*
 * The JSON of a document from this size on leaves much memory that the C library keeps, in chunks for
 * reuse. To have it give that back changes nothing that a caller could tell, but for its memory.
 */
#define LARGE_BYTES (1 << 20)

/*
 * The memory of a document is strings, arrays, and the struct around them. Strings and elements
 * of arrays are charged to bytes of JSON that nothing else is charged to:
 *
 *  - An element of an array takes the separator before it and the first byte of its value: 2
 *    bytes for at most FIELD_ELEMENT_MAX. A member of a map takes more bytes of JSON for less.
 *  - Each array that is not empty is rounded up once, by less than 16 bytes, for its closing
 *    bracket and the first byte of its name.
 *  - A string takes its two quotes and n bytes, for n + 1 bytes rounded up to 16, and for
 *    a pointer in an array: less than 16 bytes for each byte of JSON.
 *
 * So a byte of JSON never costs more than FIELD_ELEMENT_MAX / 2 + 8, whatever the document holds.
 */
size_t spec_arena_bytes(size_t len)
{
	return sizeof(struct spec) + 4096 + len * (FIELD_ELEMENT_MAX / 2 + 8);
}

/* Reads the document of @r as an object of the given kind. */
static int read_document(struct field_reader *r, const struct field_object *object, void *to)
{
	AUTO(json) json_t *root = NULL;

	TRY(document_parse(r, &root));
	if (!json_is_object(root))
		TRY(field_problem(r, "is %s, expected an object", field_describe(r, root).text));
	else
		TRY(field_read_object(r, object, root, to));
	return r->problems > 0 ? -r->err->code : 0;
}

int spec_parse(const char *text, size_t len, const struct spec_sink *sink, struct spec **ret_spec,
	       struct err *err)
{
	struct field_reader r = { .text = text, .len = len, .sink = sink, .err = err };
	struct spec *spec;
	int ret;

	/* One that is larger is refused before anything is kept. */
	TRY(arena_new(spec_arena_bytes(len < SPEC_MAX_BYTES ? len : 0), &r.arena, err));
	spec = ARENA_NEW(r.arena, struct spec);
	spec->arena = r.arena;
	ret = read_document(&r, &spec_table_root, spec);
	if (ret < 0) {
		spec_free(spec);
		return ret;
	}
	*ret_spec = spec;
	return 0;
}

int spec_load(int dir_fd, const char *path, const struct spec_sink *sink, struct spec **ret_spec,
	      char **ret_text, struct err *err)
{
	char *text;
	size_t len;
	int ret;

	TRY(io_read_file(dir_fd, path, SPEC_MAX_BYTES, &text, &len, err));
	ret = spec_parse(text, len, sink, ret_spec, err);
	if (len >= LARGE_BYTES)
		malloc_trim(0);
	if (ret < 0) {
		err_wrap(err, "%s", path);
		err_path(err, path);
	}
	if (ret == 0 && ret_text)
		*ret_text = text;
	else
		free(text);
	return ret;
}

bool spec_find_process(const char *text, size_t len, const char **ret_process, size_t *ret_len)
{
	return document_find_member(text, len, "process", ret_process, ret_len);
}

int spec_parse_process(const char *text, size_t len, struct arena *arena,
		       struct spec_process *ret_process, struct err *err)
{
	struct field_reader r = { .text = text, .len = len, .arena = arena, .err = err };
	struct spec_process process = { .set = false };

	TRY(read_document(&r, &spec_table_process, &process));
	*ret_process = process;
	return 0;
}

int spec_parse_resources(const char *text, size_t len, struct arena *arena,
			 struct spec_resources *ret_resources, struct err *err)
{
	struct field_reader r = { .text = text, .len = len, .arena = arena, .err = err };
	struct spec_resources resources = { .set = false };

	TRY(read_document(&r, &spec_table_resources, &resources));
	*ret_resources = resources;
	return 0;
}

void spec_free(struct spec *spec)
{
	if (spec)
		arena_free(spec->arena);
}
