/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle's plan, for those who show it: private to this project, as a plan is. */
#ifndef OCIRUN_OPS_OPS_PLAN_H
#define OCIRUN_OPS_OPS_PLAN_H

#include "ops.h"
#include "plan_build.h"

/* What `create` would do on this host, which is not done. The caller frees *@ret_plan. */
int op_plan(const struct ops_context *ctx, const struct ops_bundle_options *options,
	    struct plan **ret_plan, struct err *err);

#endif
