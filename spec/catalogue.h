/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of config.json is known, as data: the rows of the tables that loading uses, for `check`,
 * `features`, and the test that compares them with the published schema.
 */
#ifndef OCIRUN_SPEC_CATALOGUE_H
#define OCIRUN_SPEC_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spec_key_status {
	SPEC_KEY_READ,
	SPEC_KEY_IGNORED, /* valid, but not for this kind of container */
	SPEC_KEY_REFUSED, /* an error unless it is empty */
};

/* A word of the spec and the number that stands for it in struct spec. */
struct spec_name {
	const char *name;
	uint64_t value;
};

struct spec_key {
	const char *pointer; /* as "/mounts/N/options": N is any index or key */
	enum spec_key_status status;
	const char *reason; /* why it is not read; NULL for SPEC_KEY_READ */
	bool is_required;
	size_t n_names; /* the words that are allowed, when they are few enough to list */
	const struct spec_name *names;
};

/*
 * Calls @visit for every key of config.json, parents before children. What @key points to stays
 * valid during the call only, except the names and the reason, which are static.
 */
void spec_catalogue(void (*visit)(void *context, const struct spec_key *key), void *context);

#endif
