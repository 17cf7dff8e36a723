/* SPDX-License-Identifier: Apache-2.0 */
/* From a spec to a plan. Pure: reads its arguments, makes no system call, needs no privilege. */
#ifndef OCIRUN_PLAN_BUILD_H
#define OCIRUN_PLAN_BUILD_H

#include "err.h"
#include "host.h"
#include "log.h"
#include "plan.h"

struct spec;

/* What the caller of the runtime asks for beside config.json. */
struct plan_request {
	const char *id;
	const char *bundle; /* absolute */
	enum cgroup_manager cgroup_manager;
	bool no_pivot;
	const struct log *log; /* warnings; may be NULL */
};

/*
 * Makes a plan that is independent of @spec's memory. The caller frees *@ret_plan. -EINVAL for a
 * spec that contradicts itself or asks for what Linux has not; -ENOTSUP for what this host has
 * not. Errors carry the JSON pointer.
 */
int plan_build(const struct spec *spec, const struct host *host, const struct plan_request *request,
	       struct plan **ret_plan, struct err *err);

/*
 * A plan for one more process of a container: @spec's process with its seccomp flags, in a container
 * that has namespaces of the types @namespaces (CLONE_NEWx). Nothing else of the spec is looked at
 * but what the kernel keeps per process: personality and memory policy.
 */
int plan_build_exec(const struct spec *spec, uint64_t namespaces,
		    const struct plan_request *request, struct plan **ret_plan, struct err *err);

void plan_free(struct plan *plan);
DEFINE_AUTO(plan, struct plan *, plan_free)

#endif
