/* SPDX-License-Identifier: Apache-2.0 */
/* --user and --additional-gids of `exec`. Private to this layer. */
#ifndef OCIRUN_OPS_EXEC_USER_H
#define OCIRUN_OPS_EXEC_USER_H

#include "container.h"
#include "spec.h"

/* How much of an arena that may take, beside a copy of the groups that there are. */
#define EXEC_USER_BYTES 65536u

/*
 * Changes *@user as @options ask. Digits are an id, whatever the container's files say; everything
 * else is a name there. A user that is named gets the group of its entry and, unless a group is
 * given, those that list it; a number changes no group.
 */
int exec_user_set(const struct container *container, const struct ops_exec_options *options,
		  struct arena *arena, struct spec_user *user, struct err *err);

#endif
