/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents that are wrong, in every way that a row of the tables of spec/ can be violated and in the
 * ways that JSON can. Each is known to be wrong, and where, by how it was made: nobody who checks one
 * has to ask the program first. Some are legal, just about, by the same right.
 *
 * The tables are trusted for what is legal: unit tests compare them with the specification.
 */
#ifndef OCIRUN_TESTS_BAD_INPUT_H
#define OCIRUN_TESTS_BAD_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bad_input_kind {
	BAD_INPUT_CONFIG,
	BAD_INPUT_PROCESS,   /* of `exec --process` */
	BAD_INPUT_RESOURCES, /* of `update --resources` */
};

struct bad_input {
	const char *text;
	size_t len;
	const char *what;    /* what was done to it: "wrong type" */
	const char *pointer; /* what the error has to name; "": the whole document */
	const char *says;    /* a part of the error's text, NULL: any will do */
	bool is_legal;       /* it has to be accepted, by the reader of the document */
	bool is_rule;        /* the reader accepts it; the plan does not */
};

struct bad_input_sink {
	void (*take)(void *context, const struct bad_input *input);
	void *context;
};

/*
 * Makes documents of @kind: all of those that come of full.json, and of those that come of the
 * recorded configs of container engines one in @one_in, drawn with @seed.
 */
void bad_input_make(enum bad_input_kind kind, uint32_t seed, unsigned int one_in,
		    const struct bad_input_sink *sink);

/* What the tests draw. */
#define BAD_INPUT_SEED   20261128u
#define BAD_INPUT_ONE_IN 96u

#endif
