/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids that a caller without privileges may map beside its own: /etc/subuid and /etc/subgid. What is
 * read here is for defaults and for messages; newuidmap(1) and newgidmap(1) decide.
 */
#ifndef OCIRUN_EXEC_SUBID_H
#define OCIRUN_EXEC_SUBID_H

#include "arena.h"
#include "host.h"
#include "plan.h"

#include <stdbool.h>
#include <stddef.h>

/* The caller's name and ranges, and whether the two programs are there: into @host, from @arena. */
void subid_gather(struct arena *arena, struct host *host);

/* What to do about @map, of ids that the caller may not map: into @hint. */
void subid_advise(const struct host *host, const struct plan_id_map *map, bool is_user, char *hint,
		  size_t size);

#endif
