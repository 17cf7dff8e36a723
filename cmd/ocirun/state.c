/* SPDX-License-Identifier: Apache-2.0 */
/* state: what the runtime-spec calls the state of a container, and a little more. */
#include "commands.h"
#include "spec.h"
#include "state_json.h"

#include <errno.h>
#include <stdio.h>

static void add_annotations(json_t *object, const struct ops_state *state)
{
	json_t *annotations;

	if (state->n_annotations == 0)
		return;
	annotations = json_object();
	for (size_t i = 0; i < state->n_annotations; i++)
		json_put(annotations, state->annotations[i].key,
			 json_text(state->annotations[i].value));
	json_put(object, "annotations", annotations);
}

json_t *state_json(const struct ops_state *state)
{
	json_t *object = json_object();

	json_put(object, "ociVersion", json_string(SPEC_OCI_VERSION));
	json_put(object, "id", json_text(state->id));
	json_put(object, "pid", json_integer(state->pid));
	json_put(object, "status", json_string(ops_status_name(state->status)));
	json_put(object, "bundle", json_text(state->bundle));
	json_put(object, "rootfs", json_text(state->rootfs));
	json_put(object, "created", json_text(state->created));
	add_annotations(object, state);
	json_put(object, "owner", json_text(state->owner));
	return object;
}

static int state(struct cli *cli, const void *values, const struct arguments *arguments,
		 struct err *err)
{
	AUTO(json) json_t *json = NULL;
	struct ops_state st;

	(void)values;
	TRY(op_state(&cli->ops, arguments->v[0], &st, err));
	json = state_json(&st);
	ops_state_done(&st);
	return json_print(json, JSON_COMPACT, err);
}

const struct command command_state = {
	.name = "state",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "print the state of a container as JSON",
	.example = "$0 state c1 | jq -r .status\n",
	.run = state,
};
