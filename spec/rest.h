/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be read of a document that has errors. What is wrong is left out of it, as small a part
 * as makes sense, until the tables find nothing more to say: the rest is a spec like any other, and
 * what else is wrong can be looked for in it. What is required gets a value that nothing depends
 * on. Of a part that was left out, nobody knows what its author meant: it is said to be unknown.
 */
#ifndef OCIRUN_SPEC_REST_H
#define OCIRUN_SPEC_REST_H

#include "load.h"

struct spec_rest;

/*
 * As spec_load() with @sink, but errors of the document are no failure. The caller frees *@ret_rest.
 */
int spec_rest_load(int dir_fd, const char *path, const struct spec_sink *sink,
		   struct spec_rest **ret_rest, struct err *err);
void spec_rest_free(struct spec_rest *rest);
DEFINE_AUTO(spec_rest, struct spec_rest *, spec_rest_free)

/* NULL when nothing can be read, as where the document is no JSON. It belongs to @rest. */
const struct spec *spec_rest_spec(const struct spec_rest *rest);

/*
 * Leaves out what is at @pointer too, as somebody else has found it wrong. Pointers into the rest
 * stay true, and its spec as it is, until spec_rest_reread().
 */
void spec_rest_leave_out(struct spec_rest *rest, const char *pointer);

/* A new spec, where something was left out since the last one. False: there is no other one. */
bool spec_rest_reread(struct spec_rest *rest);

/* Where in the document what is at @pointer of the rest is: elements before it may be left out. */
void spec_rest_origin(const struct spec_rest *rest, const char *pointer, char *origin, size_t size);

/* Whether @origin, a pointer into the document, is in a part that was left out, or around one. */
bool spec_rest_is_unknown(const struct spec_rest *rest, const char *origin);

#endif
