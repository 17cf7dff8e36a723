/* SPDX-License-Identifier: Apache-2.0 */
/* A message is a table of fields, each with its place in a struct. */
#include "criu_rpc.h"

#include <errno.h>
#include <string.h>

enum field_kind {
	FIELD_INT, /* int32_t or an enum; in opts -1 is none */
	FIELD_UINT,
	FIELD_BOOL,
	FIELD_TEXT,
	FIELD_TEXTS,
	FIELD_PAIRS,
	FIELD_FDS,
	FIELD_BUFFER, /* text into an array of the struct */
	FIELD_MESSAGE,
};

struct field {
	uint32_t number; /* 0: the end of a table */
	enum field_kind kind;
	size_t offset;
	size_t size;                 /* of a FIELD_BUFFER */
	const struct field *message; /* of a FIELD_MESSAGE: its fields, in the same struct */
	bool is_required;
	size_t has_offset; /* of a required one: the bool that says that it was there */
};

#define OPT(number_, kind_, member)                                                                \
	{                                                                                          \
		(number_), (kind_), .offset = offsetof(struct criu_opts, member)                   \
	}

/* clang-format off */
static const struct field page_server_fields[] = {
	OPT(1, FIELD_TEXT, page_server_address),
	OPT(2, FIELD_INT, page_server_port),
	{ 0 },
};

static const struct field opts_fields[] = {
	OPT(1, FIELD_INT, images_dir_fd),
	OPT(2, FIELD_INT, pid),
	OPT(3, FIELD_BOOL, leave_running),
	OPT(4, FIELD_BOOL, ext_unix_sk),
	OPT(5, FIELD_BOOL, tcp_established),
	OPT(6, FIELD_BOOL, evasive_devices),
	OPT(7, FIELD_BOOL, shell_job),
	OPT(8, FIELD_BOOL, file_locks),
	OPT(9, FIELD_INT, log_level),
	OPT(10, FIELD_TEXT, log_file),
	{ 11, FIELD_MESSAGE, .message = page_server_fields },
	OPT(12, FIELD_BOOL, notify_scripts),
	OPT(13, FIELD_TEXT, root),
	OPT(14, FIELD_TEXT, parent_img),
	OPT(15, FIELD_BOOL, track_mem),
	OPT(16, FIELD_BOOL, auto_dedup),
	OPT(17, FIELD_INT, work_dir_fd),
	OPT(18, FIELD_BOOL, link_remap),
	OPT(23, FIELD_PAIRS, ext_mounts),
	OPT(24, FIELD_BOOL, manage_cgroups),
	OPT(25, FIELD_PAIRS, cgroup_roots),
	OPT(26, FIELD_BOOL, rst_sibling),
	OPT(27, FIELD_FDS, inherit_fds),
	OPT(34, FIELD_INT, cgroup_mode),
	OPT(37, FIELD_TEXTS, external),
	OPT(38, FIELD_UINT, empty_ns),
	OPT(39, FIELD_PAIRS, join_ns),
	OPT(44, FIELD_TEXT, freeze_cgroup),
	OPT(46, FIELD_BOOL, tcp_skip_in_flight),
	OPT(48, FIELD_BOOL, lazy_pages),
	OPT(50, FIELD_BOOL, orphan_pts_master),
	OPT(51, FIELD_TEXT, config_file),
	OPT(53, FIELD_TEXT, lsm_profile),
	OPT(63, FIELD_TEXT, lsm_mount_context),
	{ 0 },
};

#define FEATURE(number_, member) \
	{ (number_), FIELD_BOOL, .offset = offsetof(struct criu_features, member) }
static const struct field features_fields[] = {
	FEATURE(1, mem_track),
	FEATURE(2, lazy_pages),
	{ 0 },
};

#define RESPONSE(number_, kind_, member) \
	{ (number_), (kind_), .offset = offsetof(struct criu_response, member), \
	  .size = sizeof(((struct criu_response *)0)->member) }
#define RESPONSE_REQUIRED(number_, kind_, member) \
	{ (number_), (kind_), .offset = offsetof(struct criu_response, member), \
	  .is_required = true, .has_offset = offsetof(struct criu_response, has_##member) }
static const struct field restore_fields[] = {
	RESPONSE(1, FIELD_INT, restored_pid),
	{ 0 },
};
static const struct field notify_fields[] = {
	RESPONSE(1, FIELD_BUFFER, script),
	RESPONSE(2, FIELD_INT, script_pid),
	{ 0 },
};
static const struct field response_features_fields[] = {
	RESPONSE(1, FIELD_BOOL, features.mem_track),
	RESPONSE(2, FIELD_BOOL, features.lazy_pages),
	{ 0 },
};
static const struct field version_fields[] = {
	RESPONSE(1, FIELD_INT, major),
	RESPONSE(2, FIELD_INT, minor),
	RESPONSE(4, FIELD_INT, sublevel),
	{ 0 },
};
static const struct field response_fields[] = {
	RESPONSE_REQUIRED(1, FIELD_INT, type),
	RESPONSE_REQUIRED(2, FIELD_BOOL, success),
	{ 4, FIELD_MESSAGE, .message = restore_fields },
	{ 5, FIELD_MESSAGE, .message = notify_fields },
	RESPONSE(7, FIELD_INT, cr_errno),
	{ 8, FIELD_MESSAGE, .message = response_features_fields },
	RESPONSE(9, FIELD_BUFFER, errmsg),
	{ 10, FIELD_MESSAGE, .message = version_fields },
	{ 0 },
};
/* clang-format on */

/* ---- writing ---- */

static void put_fields(struct protobuf_buffer *buffer, const struct field *fields,
		       const void *from);

/* @take_inner, complete, as one field. */
static void put_inner(struct protobuf_buffer *buffer, uint32_t number,
		      struct protobuf_buffer *take_inner)
{
	buffer->has_failed |= take_inner->has_failed;
	protobuf_put_bytes(buffer, number, take_inner->data, take_inner->len);
	protobuf_buffer_done(take_inner);
}

static void put_message(struct protobuf_buffer *buffer, uint32_t number, const struct field *fields,
			const void *from)
{
	struct protobuf_buffer inner = { 0 };

	put_fields(&inner, fields, from);
	if (inner.len || inner.has_failed)
		put_inner(buffer, number, &inner);
}

static void put_pairs(struct protobuf_buffer *buffer, uint32_t number,
		      const struct criu_pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++) {
		struct protobuf_buffer inner = { 0 };

		protobuf_put_text(&inner, 1, pairs->v[i].first);
		protobuf_put_text(&inner, 2, pairs->v[i].second);
		put_inner(buffer, number, &inner);
	}
}

static void put_fds(struct protobuf_buffer *buffer, uint32_t number,
		    const struct criu_inherit_fds *fds)
{
	for (size_t i = 0; i < fds->n; i++) {
		struct protobuf_buffer inner = { 0 };

		protobuf_put_text(&inner, 1, fds->v[i].key);
		protobuf_put_int(&inner, 2, fds->v[i].fd);
		put_inner(buffer, number, &inner);
	}
}

static void put_texts(struct protobuf_buffer *buffer, uint32_t number,
		      const struct criu_texts *texts)
{
	for (size_t i = 0; i < texts->n; i++)
		protobuf_put_text(buffer, number, texts->v[i]);
}

static void put_field(struct protobuf_buffer *buffer, const struct field *field, const void *base)
{
	const void *from = (const char *)base + field->offset;

	switch (field->kind) {
	case FIELD_INT:
		if (*(const int32_t *)from >= 0)
			protobuf_put_int(buffer, field->number, *(const int32_t *)from);
		break;
	case FIELD_UINT:
		if (*(const uint32_t *)from)
			protobuf_put_int(buffer, field->number, *(const uint32_t *)from);
		break;
	case FIELD_BOOL:
		if (*(const bool *)from)
			protobuf_put_int(buffer, field->number, 1);
		break;
	case FIELD_TEXT:
		if (*(const char *const *)from)
			protobuf_put_text(buffer, field->number, *(const char *const *)from);
		break;
	case FIELD_TEXTS:
		put_texts(buffer, field->number, from);
		break;
	case FIELD_PAIRS:
		put_pairs(buffer, field->number, from);
		break;
	case FIELD_FDS:
		put_fds(buffer, field->number, from);
		break;
	case FIELD_MESSAGE:
		put_message(buffer, field->number, field->message, base);
		break;
	case FIELD_BUFFER: /* of responses only */
		break;
	}
}

static void put_fields(struct protobuf_buffer *buffer, const struct field *fields, const void *from)
{
	for (; fields->number; fields++)
		put_field(buffer, fields, from);
}

int criu_request_encode(const struct criu_request *request, struct protobuf_buffer *ret_message,
			struct err *err)
{
	struct protobuf_buffer message = { 0 };

	protobuf_put_int(&message, 1, request->type);
	if (request->opts)
		put_message(&message, 2, opts_fields, request->opts);
	if (request->notify_success)
		protobuf_put_int(&message, 3, 1);
	put_message(&message, 5, features_fields, &request->features);
	*ret_message = message;
	return message.has_failed ? err_set(err, ENOMEM, "no memory for a request to criu") : 0;
}

/* ---- reading ---- */

static int get_fields(struct protobuf_cursor cursor, const struct field *fields, void *base);

static void get_buffer(const struct protobuf_value *value, char *to, size_t size)
{
	size_t len = value->len < size ? value->len : size - 1;

	memcpy(to, value->data, len);
	to[len] = '\0';
}

static int get_field(const struct protobuf_value *value, const struct field *field, void *base)
{
	bool is_bytes = field->kind == FIELD_BUFFER || field->kind == FIELD_MESSAGE;
	void *to = (char *)base + field->offset;

	if (value->is_bytes != is_bytes)
		return -EBADMSG;
	if (field->is_required)
		*((bool *)base + field->has_offset) = true;
	switch (field->kind) {
	case FIELD_INT:
		*(int32_t *)to = (int32_t)value->varint;
		return 0;
	case FIELD_BOOL:
		*(bool *)to = value->varint;
		return 0;
	case FIELD_BUFFER:
		get_buffer(value, to, field->size);
		return 0;
	case FIELD_MESSAGE:
		return get_fields((struct protobuf_cursor){ value->data, value->data + value->len },
				  field->message, base);
	default: /* of requests only */
		return -EBADMSG;
	}
}

/* What a newer CRIU says beside is passed over. */
static int get_fields(struct protobuf_cursor cursor, const struct field *fields, void *base)
{
	struct protobuf_value value;
	int ret;

	while ((ret = protobuf_next(&cursor, &value)) > 0) {
		const struct field *field = fields;

		while (field->number && field->number != value.number)
			field++;
		if (field->number)
			TRY(get_field(&value, field, base));
	}
	return ret;
}

int criu_response_decode(const void *message, size_t len, struct criu_response *ret_response,
			 struct err *err)
{
	const struct protobuf_cursor cursor = { message, (const uint8_t *)message + len };
	struct criu_response response = { 0 };

	if (get_fields(cursor, response_fields, &response) < 0 || !response.has_type ||
	    !response.has_success)
		return err_set(err, EPROTO, "criu sent %zu bytes that are no response", len);
	*ret_response = response;
	return 0;
}
