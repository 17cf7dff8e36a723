/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the generator share: a valid document, and a place in it that gets a value. */
#ifndef OCIRUN_TESTS_BAD_INPUT_MAKER_H
#define OCIRUN_TESTS_BAD_INPUT_MAKER_H

#include "bad_input.h"
#include "tables.h"

#define MAKER_POINTER_MAX 512

struct maker {
	const struct bad_input_sink *sink;
	json_t *root; /* valid; changed and changed back */
	bool is_full; /* full.json: nothing is left out, and edges are tried too */
	unsigned int one_in;
	uint32_t random;
	unsigned int n; /* documents so far */
};

/* A value in the document: a member of an object, or (with a NULL key) an element of an array. */
struct place {
	json_t *parent;
	const char *key;
	size_t index;
	char pointer[MAKER_POINTER_MAX];
};

struct place place_in(json_t *parent, const char *key, const char *parent_pointer);
struct place place_at(json_t *parent, size_t index, const char *parent_pointer);
json_t *place_value(const struct place *place);

/* Whether the next document is to be made, or left to chance. */
bool maker_draws(struct maker *maker);

/*
 * Hands over the document with the bytes @raw instead of the value at @place, which need not exist.
 * @input says the rest; without a pointer it gets that of the place.
 */
void maker_splice(struct maker *maker, const struct place *place, const char *raw, size_t raw_len,
		  struct bad_input input);

/* The same for a text, and an error about something below the place, "/0" for example. */
void maker_wrong(struct maker *maker, const struct place *place, const char *what, const char *raw,
		 const char *below);

/* Hands over bytes as they are. */
void maker_take(struct maker *maker, const char *text, size_t len, struct bad_input input);

/* ---- the parts ---- */

/* A value that is there, and its row: all that the row forbids (value.c). */
void make_values(struct maker *maker, const struct field *field, const struct place *place);

/* What JSON, or this reader of JSON, forbids of the value at a place whose key is in a table. */
void make_encodings(struct maker *maker, const struct place *place);

/* The document as a whole: cut off, with junk in it, too large (text.c). */
void make_texts(struct maker *maker);

/* Config: what no row says, since it is about several keys or about Linux (rule.c). */
void make_rules(struct maker *maker);

#endif
