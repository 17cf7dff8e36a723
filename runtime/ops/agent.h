/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent of a seccomp filter is told of a container's process. Private to this layer. */
#ifndef OCIRUN_OPS_AGENT_H
#define OCIRUN_OPS_AGENT_H

#include "plan_seccomp.h"
#include "record.h"
#include "seccomp_agent.h"

/*
 * *@ret_agent is NULL when nobody listens: @plan, NULL for no filter, is without a listener. @plan is
 * borrowed as long as the agent is used. The caller frees *@ret_agent.
 */
int agent_new(const struct plan_seccomp *plan, const struct record *record,
	      const struct record_process *process, struct seccomp_agent **ret_agent,
	      struct err *err);
void agent_free(struct seccomp_agent *agent);
DEFINE_AUTO(agent, struct seccomp_agent *, agent_free)

#endif
