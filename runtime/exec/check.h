/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a plan this host cannot do, found out without doing it: nothing is made or changed, and
 * what hooks would prepare cannot be known. Each check reports all that it finds.
 */
#ifndef OCIRUN_EXEC_CHECK_H
#define OCIRUN_EXEC_CHECK_H

#include "host.h"
#include "plan.h"
#include "problem.h"

#include <stdbool.h>

struct check {
	const struct plan *plan; /* parts may be missing */
	const struct host *host;
	const struct problem_sink *sink;
};

/* The kernel: version, namespaces and their limits, security modules. */
void check_kernel(const struct check *check);

/* Mounts: types of filesystems, their options and devices, ids that are mapped. */
void check_mounts(const struct check *check);

/* Mount points, devices, the working directory: what is in their way. */
void check_places(const struct check *check);

/* Whether a bind mount covers the place @path in the container, and has something there. */
bool check_is_brought(const struct plan_rootfs *rootfs, const char *path);

/* Sysctls, network devices, the terminal, memory nodes, clocks. */
void check_settings(const struct check *check);

/* What the caller has no right to: ids, limits, priorities. */
void check_rights(const struct check *check);

/* Files: the root, sources of mounts, namespaces that are joined, hooks, cgroups in use. */
void check_files(const struct check *check);

/* Cgroups: values that are not those of this host. */
void check_cgroup(const struct check *check);

/* A seccomp profile that keeps every program from being started. */
void check_seccomp(const struct check *check);

/* The program, looked for in the root file system as the container's user. */
void check_program(const struct check *check);

#endif
