/* SPDX-License-Identifier: Apache-2.0 */
/* JSON on the way out: any bytes as a string, and all of it on the standard output or none. */
#ifndef OCIRUN_CMD_JSON_TEXT_H
#define OCIRUN_CMD_JSON_TEXT_H

#include "err.h"
#include "json_dump.h"

#include <stdbool.h>

/*
 * A string with @text, in which bytes that are no UTF-8 become U+FFFD: paths of Linux may be any
 * bytes, JSON may not. NULL only when memory runs out.
 */
json_t *json_text(const char *text);

/*
 * An array, to be filled and printed. Never NULL: without memory there is none for json_print()
 * either.
 */
json_t *json_list(void);

/*
 * Put @take_value into an object, in the place of an array or at its end. Without memory the one or
 * the other may be NULL: then json_print() does not print what would lack something.
 */
void json_put(json_t *object, const char *key, json_t *take_value);
void json_insert(json_t *array, size_t index, json_t *take_value);
void json_push(json_t *array, json_t *take_value);

/* Whether anything could not be put in its place since the program began. */
bool json_is_incomplete(void);

/*
 * Writes @json and a line feed to stdout; @flags as of json_dumps(3). -ENOMEM when it is
 * incomplete.
 */
int json_print(const json_t *json, size_t flags, struct err *err);

#endif
