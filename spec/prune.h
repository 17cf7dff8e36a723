/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking parts out of a document by their JSON pointers. Elements of arrays that are behind one
 * that is gone move up; where they were before can be asked for.
 */
#ifndef OCIRUN_SPEC_PRUNE_H
#define OCIRUN_SPEC_PRUNE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct prune {
	json_t *root;    /* the document, changed in place; borrowed */
	json_t *touched; /* the pointers of arrays in which the next sweep has something to do */
	json_t *removed; /* by the pointer of an array, as it was: the indices that are gone, sorted */
};

/* What is at @pointer, or NULL; where that would be is *@ret_up (NULL: nowhere). Both borrowed. */
json_t *prune_find(const struct prune *prune, const char *pointer, json_t **ret_up);

/*
 * Takes out what is at @pointer; of an array, only the next prune_sweep() does, so that pointers
 * stay true until then. False when nothing is there.
 */
bool prune_remove(struct prune *prune, const char *pointer);

/* Puts @value, which it takes, at the place of a member. False when there is no object to put it in. */
bool prune_set(struct prune *prune, const char *pointer, json_t *take_value);

void prune_sweep(struct prune *prune);

/* Where what is at @pointer now was at first. */
void prune_origin(const struct prune *prune, const char *pointer, char *origin, size_t size);

#endif
