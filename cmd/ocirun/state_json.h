/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a container as `state` and `list` print it. */
#ifndef OCIRUN_CMD_STATE_JSON_H
#define OCIRUN_CMD_STATE_JSON_H

#include "json_text.h"
#include "ops.h"

/* A new object, keys in the order that callers know. */
json_t *state_json(const struct ops_state *state);

#endif
