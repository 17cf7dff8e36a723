/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a spec, as far as that can be said without a system call: all of it at once. */
#ifndef OCIRUN_PLAN_PLAN_CHECK_H
#define OCIRUN_PLAN_PLAN_CHECK_H

#include "plan_build.h"
#include "problem.h"

/*
 * As plan_build(), but a part that cannot be built is reported and left out, and the others are
 * built all the same: they have one error each at most. *@ret_plan lacks what was left out; without
 * the namespaces, on which all else depends, it is NULL. The caller frees it.
 */
int plan_build_parts(const struct spec *spec, const struct host *host,
		     const struct plan_request *request, const struct problem_sink *sink,
		     struct plan **ret_plan, struct err *err);

/* Warns of what is legal, but may not be what the author expects. */
void plan_find_surprises(const struct spec *spec, const struct host *host, const struct plan *plan,
			 const struct problem_sink *sink);

#endif
