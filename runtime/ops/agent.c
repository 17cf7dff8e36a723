/* SPDX-License-Identifier: Apache-2.0 */
/* The state is put together before START, while the process still waits. */
#include "agent.h"

#include <errno.h>
#include <stdlib.h>

void agent_free(struct seccomp_agent *agent)
{
	if (agent)
		free((char *)agent->state);
	free(agent);
}

int agent_new(const struct plan_seccomp *plan, const struct record *record,
	      const struct record_process *process, struct seccomp_agent **ret_agent,
	      struct err *err)
{
	struct record_process with_metadata = *process;
	AUTO(agent) struct seccomp_agent *agent = NULL;
	char *state;

	*ret_agent = NULL;
	if (!plan || !plan->listener_path)
		return 0;
	agent = calloc(1, sizeof(*agent));
	if (!agent)
		return err_set(err, ENOMEM, "no memory for the seccomp agent's state");
	with_metadata.metadata = plan->listener_metadata;
	TRY(record_print_process_state(record, &with_metadata, &state, err));
	agent->state = state;
	agent->path = plan->listener_path;
	*ret_agent = TAKE(agent);
	return 0;
}
