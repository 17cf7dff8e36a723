/* SPDX-License-Identifier: Apache-2.0 */
/* What a new cgroup needs: of those above it, and for its owner. Private to this layer. */
#ifndef OCIRUN_EXEC_CGROUP_PREPARE_H
#define OCIRUN_EXEC_CGROUP_PREPARE_H

#include "err.h"
#include "plan_cgroup.h"

#include <stdbool.h>
#include <sys/types.h>

/* Whether a v1 hierarchy has a controller. */
bool cgroup_has_controller(const char *controllers, const char *name);

/* v1: fills the cpusets above the container's where they are empty, or with @leaf that one too. */
int cgroup_fill_cpuset(const struct plan_cgroup_hierarchy *h, bool leaf, struct err *err);

/* v2: enables what the hierarchy has in every cgroup above the container's, @leaf_fd. */
int cgroup_enable_controllers(const struct plan_cgroup_hierarchy *h, int leaf_fd, struct err *err);

/*
 * v2: gives a cgroup to a user, the directory and the files of it that the kernel says may be. Who has not
 * the right to give leaves it as it is, which the runtime-spec allows.
 */
int cgroup_give(const struct plan_cgroup_hierarchy *h, int fd, uid_t owner, struct err *err);

#endif
