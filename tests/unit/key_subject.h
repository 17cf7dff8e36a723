/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the tables of spec/, for tests that compare them with somebody else's list of keys. */
#ifndef OCIRUN_TESTS_UNIT_KEY_SUBJECT_H
#define OCIRUN_TESTS_UNIT_KEY_SUBJECT_H

#include "catalogue.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_KEYS 512

/* A row of the tables, and what of it the list has not mentioned yet. */
struct row {
	char pointer[160];
	struct spec_key key;
	bool is_listed;
	uint64_t unlisted_names; /* bits of key.names */
};

static struct row rows[MAX_KEYS];
static size_t n_rows;

static inline void add_row(void *context, const struct spec_key *key)
{
	struct row *row = &rows[n_rows++];

	(void)context;
	snprintf(row->pointer, sizeof(row->pointer), "%s", key->pointer);
	row->key = *key;
	row->key.pointer = row->pointer;
	row->unlisted_names = (UINT64_C(1) << key->n_names) - 1;
}

static inline struct row *find_row(const char *pointer)
{
	for (size_t i = 0; i < n_rows; i++)
		if (strcmp(rows[i].pointer, pointer) == 0)
			return &rows[i];
	return NULL;
}

/* ---- where the tables differ on purpose ---- */

struct exception {
	const char *pointer;
	const char *why;
};

#define IS_EXCEPTION(pointer, list) is_exception(pointer, list, sizeof(list) / sizeof((list)[0]))

static inline bool is_exception(const char *pointer, const struct exception *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].pointer, pointer) == 0)
			return true;
	return false;
}

#endif
