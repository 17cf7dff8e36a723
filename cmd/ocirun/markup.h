/* SPDX-License-Identifier: Apache-2.0 */
/* Text inside SVG and HTML. */
#ifndef OCIRUN_CMD_MARKUP_H
#define OCIRUN_CMD_MARKUP_H

#include <stddef.h>
#include <stdio.h>

/* Writes @text so that nothing in it is markup, and what XML has no character for is "?". */
void markup_text(FILE *out, const char *text);

/* The same, of the first @len bytes of a text that is UTF-8. */
void markup_part(FILE *out, const char *text, size_t len);

/* The same, of at most @max characters; cut with an ellipsis. */
void markup_cut(FILE *out, const char *text, size_t max);

#endif
