/* SPDX-License-Identifier: Apache-2.0 */
/* Fields, one after the other: a key (number and type), then a value. */
#include "protobuf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VARINT_BYTES_MAX 10
#define NUMBER_MAX       ((UINT32_C(1) << 29) - 1)
#define BUFFER_BYTES     512

/* Types 3 and 4, groups, are of a former age. */
enum wire_type {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_BYTES = 2,
	WIRE_FIXED32 = 5,
};

void protobuf_buffer_done(struct protobuf_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct protobuf_buffer){ 0 };
}

static void put(struct protobuf_buffer *buffer, const void *data, size_t len)
{
	if (buffer->has_failed)
		return;
	if (buffer->size - buffer->len < len) {
		size_t size = 2 * buffer->size + len + BUFFER_BYTES;
		uint8_t *grown = realloc(buffer->data, size);

		if (!grown) {
			buffer->has_failed = true;
			return;
		}
		buffer->data = grown;
		buffer->size = size;
	}
	if (len)
		memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
}

static void put_varint(struct protobuf_buffer *buffer, uint64_t value)
{
	uint8_t bytes[VARINT_BYTES_MAX];
	size_t n = 0;

	for (; value > 0x7f; value >>= 7)
		bytes[n++] = (uint8_t)(value | 0x80);
	bytes[n++] = (uint8_t)value;
	put(buffer, bytes, n);
}

static void put_key(struct protobuf_buffer *buffer, uint32_t number, enum wire_type type)
{
	put_varint(buffer, (uint64_t)number << 3 | type);
}

void protobuf_put_int(struct protobuf_buffer *buffer, uint32_t number, int64_t value)
{
	put_key(buffer, number, WIRE_VARINT);
	put_varint(buffer, (uint64_t)value);
}

void protobuf_put_bytes(struct protobuf_buffer *buffer, uint32_t number, const void *data,
			size_t len)
{
	put_key(buffer, number, WIRE_BYTES);
	put_varint(buffer, len);
	put(buffer, data, len);
}

void protobuf_put_text(struct protobuf_buffer *buffer, uint32_t number, const char *text)
{
	protobuf_put_bytes(buffer, number, text, strlen(text));
}

/* The tenth byte has the last bit of 64: more of it, or an eleventh, is no number. */
static int get_varint(struct protobuf_cursor *cursor, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < VARINT_BYTES_MAX; i++) {
		uint8_t byte;

		if (cursor->at == cursor->end)
			return -EBADMSG;
		byte = *cursor->at++;
		if (i == VARINT_BYTES_MAX - 1 && byte > 1)
			return -EBADMSG;
		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80)) {
			*ret_value = value;
			return 0;
		}
	}
	return -EBADMSG;
}

static int get_bytes(struct protobuf_cursor *cursor, uint64_t len, struct protobuf_value *value)
{
	if (len > (size_t)(cursor->end - cursor->at))
		return -EBADMSG;
	value->data = cursor->at;
	value->len = (size_t)len;
	cursor->at += len;
	return 0;
}

static int get_value(struct protobuf_cursor *cursor, unsigned int type,
		     struct protobuf_value *value)
{
	uint64_t len;

	switch (type) {
	case WIRE_VARINT:
		return get_varint(cursor, &value->varint);
	case WIRE_BYTES:
		value->is_bytes = true;
		if (get_varint(cursor, &len) < 0)
			return -EBADMSG;
		return get_bytes(cursor, len, value);
	case WIRE_FIXED64:
		return get_bytes(cursor, 8, value);
	case WIRE_FIXED32:
		return get_bytes(cursor, 4, value);
	default:
		return -EBADMSG;
	}
}

int protobuf_next(struct protobuf_cursor *cursor, struct protobuf_value *ret_value)
{
	struct protobuf_value value = { 0 };
	uint64_t key;

	if (cursor->at == cursor->end)
		return 0;
	if (get_varint(cursor, &key) < 0 || key >> 3 == 0 || key >> 3 > NUMBER_MAX)
		return -EBADMSG;
	value.number = (uint32_t)(key >> 3);
	if (get_value(cursor, key & 7, &value) < 0)
		return -EBADMSG;
	*ret_value = value;
	return 1;
}
