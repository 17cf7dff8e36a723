/* SPDX-License-Identifier: Apache-2.0 */
/* The namespaces of Linux: one row each, for plans, error texts and `features`. */
#ifndef OCIRUN_PLAN_NAMESPACE_NAMES_H
#define OCIRUN_PLAN_NAMESPACE_NAMES_H

#include "plan.h"

struct plan_ns_name {
	uint64_t clone_flag;
	const char *spec_name; /* "network" */
	const char *proc_name; /* as in /proc/PID/ns: "net" */
};

extern const struct plan_ns_name plan_ns_names[PLAN_NS_MAX];

/* The row of a CLONE_NEWx, or NULL when there is none. */
const struct plan_ns_name *plan_ns_find(uint64_t clone_flag);

#endif
