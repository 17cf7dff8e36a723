/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an option string of a mount means, as mount(8) has it: one row each. Reading a list of
 * options is applying its rows in their order, so that a later option wins over an earlier one.
 */
#ifndef OCIRUN_PLAN_MOUNT_OPTIONS_H
#define OCIRUN_PLAN_MOUNT_OPTIONS_H

#include "arena.h"
#include "plan.h"

#include <stdbool.h>
#include <stddef.h>

struct spec_strings;

/* The sum of a list of options. */
struct mount_options {
	bool is_bind;
	bool is_remount;
	bool recursive; /* rbind */
	bool copy_up;
	bool idmap;
	bool rec_idmap;
	bool has_attributes; /* some option is about the mount itself, as opposed to all below */
	uint64_t attr_set, attr_clear;         /* MOUNT_ATTR_x of the mount */
	uint64_t rec_attr_set, rec_attr_clear; /* of it and all below; before the two above */
	uint64_t propagation;                  /* MS_x, 0: none given */
	bool rec_propagation;
	uint64_t sb_set, sb_clear; /* MS_x of the superblock */
	size_t n_data;             /* options without a row: for the filesystem itself */
	const char **data;
};

/* Applies @options in their order. The data of the result lives in @arena. */
struct mount_options mount_options_read(struct arena *arena, const struct spec_strings *options);

/*
 * Sets what the filesystem of @mount is told, from @mount's sb_flags and sb_clear and the data of
 * @options: params for fsconfig(2), flags of the superblock among them, and data for mount(2).
 */
void mount_options_params(struct arena *arena, const struct mount_options *options,
			  struct plan_mount *mount);

/* The @i-th option by name, in alphabetical order; NULL behind the last. */
const char *mount_option_name(size_t i);

/* ---- for printing: bits by name ---- */

struct mount_flag_name {
	uint64_t value;
	uint64_t mask; /* of the field that the value is in: one bit, or MOUNT_ATTR__ATIME */
	const char *name;
};

/* Terminated by a row without a name. */
extern const struct mount_flag_name mount_attr_names[];
extern const struct mount_flag_name mount_sb_flag_names[];

/* "rprivate", "shared"; NULL when @propagation is 0. */
const char *mount_propagation_name(uint64_t propagation, bool recursive);

/* MS_x of a propagation by name ("rslave"), and whether it is recursive. 0: no such name. */
uint64_t mount_propagation_find(const char *name, bool *ret_recursive);

#endif
