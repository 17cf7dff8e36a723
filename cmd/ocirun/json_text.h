/* SPDX-License-Identifier: Apache-2.0 */
/* JSON on the way out: any bytes as a string, and ownership of what jansson makes. */
#ifndef OCIRUN_CMD_JSON_TEXT_H
#define OCIRUN_CMD_JSON_TEXT_H

#include "auto.h"

#include <jansson.h>
#include <stdlib.h>

DEFINE_AUTO(json, json_t *, json_decref)
DEFINE_AUTO(json_dump, char *, free)

/*
 * A string with @text, in which bytes that are no UTF-8 become U+FFFD: paths of Linux may be any
 * bytes, JSON may not. NULL only when memory runs out.
 */
json_t *json_text(const char *text);

#endif
