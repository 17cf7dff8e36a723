/* SPDX-License-Identifier: Apache-2.0 */
/* What cgroup.c does with a cgroup's parents. Private to this layer. */
#ifndef OCIRUN_EXEC_CGROUP_PREPARE_H
#define OCIRUN_EXEC_CGROUP_PREPARE_H

#include "err.h"
#include "plan_cgroup.h"

#include <stdbool.h>

/* Whether a v1 hierarchy has a controller. */
bool cgroup_has_controller(const char *controllers, const char *name);

/* v1: fills the cpusets above the container's where they are empty, or with @leaf that one too. */
int cgroup_fill_cpuset(const struct plan_cgroup_hierarchy *h, bool leaf, struct err *err);

/* v2: enables what the hierarchy has in every cgroup above the container's, @leaf_fd. */
int cgroup_enable_controllers(const struct plan_cgroup_hierarchy *h, int leaf_fd, struct err *err);

#endif
