/* SPDX-License-Identifier: Apache-2.0 */
/*
 * newuidmap(1) and newgidmap(1) of shadow-utils: they have the privilege to write an id map, and
 * write what /etc/subuid and /etc/subgid give to who asks.
 */
#ifndef OCIRUN_EXEC_IDMAP_PROGRAM_H
#define OCIRUN_EXEC_IDMAP_PROGRAM_H

#include "err.h"
#include "plan.h"

#include <sys/types.h>

#define IDMAP_PROGRAM_PATH_MAX 64

/*
 * Where @name is: in one of a few directories of root's, never where the caller's PATH leads. What
 * is there has to be root's, and to have the right that it is run for. 0 or -errno.
 */
int idmap_program_find(const char *name, char ret_path[IDMAP_PROGRAM_PATH_MAX], struct err *err);

/* Has it write @maps for the process @pid. */
int idmap_program_run(const char *name, pid_t pid, const struct plan_id_maps *maps,
		      struct err *err);

#endif
