/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where one container is made again and again: a bundle, a state root, a folder for pid files and a
 * cgroup of its own; and whether anything is left there.
 */
#ifndef OCIRUN_TEST_PLACE_H
#define OCIRUN_TEST_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PLACE_PATH 512

struct place {
	char dir[256];
	char root[PLACE_PATH];   /* --root */
	char bundle[PLACE_PATH]; /* with config.json, whose program stays, and once.json */
	char run[PLACE_PATH];    /* pid files */
	char cgroup[64];         /* the name of the upper of two */
	const char *id;
	uid_t uid;
	char *mounts;          /* /proc/self/mountinfo without a container */
	unsigned long content; /* of the bundle, a hash over names; 0: not known yet */
};

/* A mount namespace of our own for all places: mounts that others make meanwhile are not seen. */
void place_keep_apart(void);

/* A place below @dir for @bundle, one of sweep/bundles/; @uid runs the commands, 0: as we are. */
void place_make(struct place *place, const char *dir, const char *bundles, const char *bundle,
		const char *probe, unsigned number, uid_t uid);

/* Whether nothing of a container is left, waiting a little for processes to end; else says what. */
bool place_is_clean(struct place *place, char *ret_why, size_t size);

/* Ends and removes whatever is left. */
void place_clean(const struct place *place);

void place_remove(struct place *place);

/* The processes in the container's cgroup, of any hierarchy: the greatest number. */
size_t place_processes(const struct place *place);

/* A file of a place as text, cut to @size; "" when there is none. */
void place_read(const struct place *place, const char *name, char *ret_text, size_t size);

#endif
