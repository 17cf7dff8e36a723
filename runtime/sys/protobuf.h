/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire format of protocol buffers, as much of it as a table of fields needs: varints and
 * length-delimited values. Written values go to a buffer that grows; read ones are borrowed from the
 * message, of which nothing is believed: every length is checked.
 */
#ifndef OCIRUN_SYS_PROTOBUF_H
#define OCIRUN_SYS_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct protobuf_buffer {
	uint8_t *data; /* malloc()ed */
	size_t len, size;
	bool has_failed; /* there was no memory: what was put since is missing */
};

void protobuf_buffer_done(struct protobuf_buffer *buffer);

/* Each appends one field. */
void protobuf_put_int(struct protobuf_buffer *buffer, uint32_t number, int64_t value);
void protobuf_put_bytes(struct protobuf_buffer *buffer, uint32_t number, const void *data,
			size_t len);
void protobuf_put_text(struct protobuf_buffer *buffer, uint32_t number, const char *text);

/* What is left to read of a message, or of a message in it. */
struct protobuf_cursor {
	const uint8_t *at, *end;
};

struct protobuf_value {
	uint32_t number;
	bool is_bytes;
	uint64_t varint;     /* of a fixed-size value nothing is kept */
	const uint8_t *data; /* bytes: not terminated */
	size_t len;
};

/* 1 with the next field, 0 at the end, -EBADMSG for what is no such message. */
int protobuf_next(struct protobuf_cursor *cursor, struct protobuf_value *ret_value);

#endif
