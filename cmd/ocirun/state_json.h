/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a container as `state` and `list` print it. */
#ifndef OCIRUN_CMD_STATE_JSON_H
#define OCIRUN_CMD_STATE_JSON_H

#include "err.h"
#include "json_text.h"
#include "ops.h"

/* A new object, keys in the order that callers know. */
json_t *state_json(const struct ops_state *state);

/* Writes @json (NULL: running out of memory while it was made) as one line to stdout. */
int state_json_print(const json_t *json, struct err *err);

#endif
