/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to JSON values: limits, syntax, and integers that JSON's library has no type for. */
#ifndef OCIRUN_SPEC_DOCUMENT_H
#define OCIRUN_SPEC_DOCUMENT_H

#include "field.h"

/*
 * Parses the document of @r, which is left with what is needed to read the result. 0, -EINVAL, or
 * -EFBIG; what is wrong was reported. The caller releases *@ret_root.
 */
int document_parse(struct field_reader *r, json_t **ret_root);

/*
 * The JSON pointer of the key or element that byte @position of a document is in or behind; the
 * text before it must be JSON of at most SPEC_MAX_DEPTH levels.
 */
void document_pointer_at(const char *text, size_t position, char *pointer, size_t size);

/*
 * Reports each key in the first @len bytes that its object has had before; those bytes begin a
 * document of at most SPEC_MAX_DEPTH levels. 0 when reading goes on, as field_problem() has it.
 */
int document_find_duplicates(struct field_reader *r, size_t len);

/* The first byte behind the string whose opening quote is at @at; @len when it has no end. */
size_t document_string_end(const char *text, size_t len, size_t at);

#define DOCUMENT_BLANKS " \t\r\n"

/* The first byte from @at on that is none of @bytes; @len when there is none. */
size_t document_skip(const char *text, size_t len, size_t at, const char *bytes);

/*
 * Where the value of @key is among the members of a document that is JSON, which is not looked at
 * again. False when there is none, or its key is written with escapes. Blanks may follow the value.
 */
bool document_find_member(const char *text, size_t len, const char *key, const char **ret_value,
			  size_t *ret_len);

/* Appends a key, which is JSON with its quotes, to a JSON pointer. */
void document_key_append(const char *key_text, size_t len, char *pointer, size_t size);

#endif
