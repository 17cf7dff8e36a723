/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids that a caller without privileges may map beside its own: /etc/subuid and /etc/subgid. What is
 * read here is for defaults and for messages; newuidmap(1) and newgidmap(1) decide.
 */
#ifndef OCIRUN_EXEC_SUBID_H
#define OCIRUN_EXEC_SUBID_H

#include "arena.h"
#include "host.h"

/* The caller's name and ranges, and whether the two programs are there: into @host, from @arena. */
void subid_gather(struct arena *arena, struct host *host);

#endif
