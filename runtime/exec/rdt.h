/* SPDX-License-Identifier: Apache-2.0 */
/* Classes of service and monitoring groups of resctrl: made, joined, changed, removed. */
#ifndef OCIRUN_EXEC_RDT_H
#define OCIRUN_EXEC_RDT_H

#include "arena.h"
#include "err.h"
#include "host.h"
#include "plan_rdt.h"
#include "rdt_paths.h"

#include <sys/types.h>

/*
 * The facts for struct host; *@ret_rdt is NULL where no resctrl is mounted. Asked only for a spec
 * that needs them: nobody else pays for it.
 */
int rdt_find(struct arena *arena, struct host_rdt **ret_rdt, struct err *err);

/* What will be where, before rdt_create() and so that it can be undone; borrows from @plan. */
struct rdt_paths rdt_plan_paths(const struct plan_rdt *plan);

/* The kernel: a directory of resctrl has files as soon as it exists. mkdirat(2) but in tests. */
struct rdt_ops {
	int (*make_dir)(int dir_fd, const char *name, mode_t mode);
};
extern const struct rdt_ops rdt_kernel;

/*
 * Makes the directories of @plan, whose mount is the directory @mount_fd, and writes the schemata.
 * @paths is what rdt_plan_paths() said, for the caller to undo what was done before a failure.
 */
int rdt_create(const struct rdt_ops *ops, int mount_fd, const struct plan_rdt *plan,
	       const struct rdt_paths *paths, struct err *err);

/* Opens the mount and does that. */
int rdt_make(const struct plan_rdt *plan, const struct rdt_paths *paths, struct err *err);

/* Puts the process into the class and the group. What is not there any more is fine. */
int rdt_join(const struct rdt_paths *paths, pid_t pid, struct err *err);

/* What `update` changes; NULL: stays. */
struct rdt_update {
	const char *l3_cache_schema, *mem_bw_schema;
};

/*
 * What the schemata said before, malloc()ed, goes to *@ret_old; after a failure they say so again.
 * @host may be NULL. -ENOTSUP for what this host has not, or a container that is in no class.
 */
int rdt_write(const struct host_rdt *host, const struct rdt_paths *paths,
	      const struct rdt_update *update, char **ret_old, struct err *err);
void rdt_write_back(const struct rdt_paths *paths, const char *old);

/* Removes the group, and the class when it was made for the container. */
int rdt_remove(const struct rdt_paths *paths, struct err *err);

#endif
