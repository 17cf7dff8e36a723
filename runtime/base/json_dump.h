/* SPDX-License-Identifier: Apache-2.0 */
/* What jansson makes: who releases it, and all of its text or none. */
#ifndef OCIRUN_BASE_JSON_DUMP_H
#define OCIRUN_BASE_JSON_DUMP_H

#include "auto.h"

#include <jansson.h>
#include <stdlib.h>

DEFINE_AUTO(json, json_t *, json_decref)
DEFINE_AUTO(json_dump, char *, free)

/*
 * @json as text, @flags as of json_dumps(3); to be freed. NULL without memory, and for NULL. In the
 * place of json_dumps(3), which in jansson 2.14 does not notice that its buffer could not grow, and
 * leaves out what had no room.
 */
char *json_dump(const json_t *json, size_t flags);

#endif
