/* SPDX-License-Identifier: Apache-2.0 */
/* What this host offers to containers, to this caller, and the command that mends what is missing. */
#ifndef OCIRUN_OPS_OPS_DOCTOR_H
#define OCIRUN_OPS_OPS_DOCTOR_H

#include "ops.h"

#pragma GCC visibility push(default) /* what libocirun.a offers: see cmake/library.cmake */

enum ops_health {
	OPS_HEALTH_OK,
	OPS_HEALTH_LIMITED, /* there, but not all of it, or not for this caller */
	OPS_HEALTH_MISSING,
};

/* "ok", "limited", "missing" */
const char *ops_health_name(enum ops_health health);

struct ops_finding {
	const char *section; /* "kernel", "namespaces", "cgroups", "filesystems", "security", ... */
	const char *name;    /* "openat2", "pid", "memory", "overlay" */
	enum ops_health health;
	bool is_essential;   /* without it no container can be made, or not what nearly all need */
	const char *found;   /* "since Linux 5.6", "cgroup v1, /sys/fs/cgroup/memory" */
	const char *purpose; /* what containers have of it: "limits of memory" */
	const char *remedy;  /* a command for root (packages are Debian's) that mends it, or "" */
};

/* The texts are valid during the call. */
typedef int ops_finding_visit(void *context, const struct ops_finding *finding, struct err *err);

/*
 * `doctor`: tells @visit each finding, section by section. Nothing of the host is changed: what has to
 * be tried is tried in processes that end at once, and in mounts that are never attached.
 */
int op_doctor(const struct ops_context *ctx, ops_finding_visit *visit, void *context,
	      struct err *err);

#pragma GCC visibility pop

#endif
