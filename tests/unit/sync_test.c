/* SPDX-License-Identifier: Apache-2.0 */
/* The conversation between parent and child, and what a peer that does not keep to it gets. */
#include "test.h"

#include "fd.h"
#include "scm.h"
#include "sync.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct err err;
static int fds[2];

static void make_pair(void)
{
	CHECK_INT(sync_pair(fds, &err), 0);
}

TEST(a_message_is_its_type_and_value)
{
	struct sync_message message;

	make_pair();
	for (int type = SYNC_PID; type < SYNC_ERROR; type++) {
		CHECK_INT(sync_send(fds[1], (enum sync_type)type, -type, -1, &err), 0);
		CHECK_INT(sync_receive(fds[0], &message, &err), 0);
		CHECK_INT(message.type, type);
		CHECK_INT(message.value, -type);
		CHECK_INT(message.fd, -1);
	}
}

TEST(an_expected_message_is_fine_and_a_wrong_one_names_both)
{
	make_pair();
	CHECK_INT(sync_send(fds[1], SYNC_GO, 0, -1, &err), 0);
	CHECK_INT(sync_expect(fds[0], SYNC_GO, &err), 0);
	CHECK_INT(sync_send(fds[1], SYNC_READY, 0, -1, &err), 0);
	CHECK_INT(sync_expect(fds[0], SYNC_HOOKS_DONE, &err), -EPROTO);
	CHECK_STR(err.text, "got READY while HOOKS_DONE was awaited");
}

TEST(every_type_has_a_name_and_others_have_none)
{
	for (uint32_t type = 0; type <= SYNC_ERROR; type++)
		CHECK(sync_type_name(type) && strcmp(sync_type_name(type), "unknown") != 0);
	CHECK_STR(sync_type_name(SYNC_ERROR + 1), "unknown");
	CHECK_STR(sync_type_name(UINT32_MAX), "unknown");
}

TEST(an_end_is_a_message_and_no_error_until_something_is_expected)
{
	struct sync_message message;

	make_pair();
	close(fds[1]);
	CHECK_INT(sync_receive(fds[0], &message, &err), 0);
	CHECK_INT(message.type, SYNC_EOF);
	CHECK_INT(message.fd, -1);
	CHECK_INT(sync_expect(fds[0], SYNC_START, &err), -ECONNRESET);
	CHECK_STR(err.text, "the other side ended while START was awaited");
	CHECK_INT(sync_send(fds[0], SYNC_START, 0, -1, &err), -EPIPE);
	CHECK_STR(err.text, "send START: Broken pipe");
}

TEST(a_peer_that_died_with_our_message_unread_has_ended)
{
	struct sync_message message;

	make_pair();
	CHECK_INT(sync_send(fds[0], SYNC_GO, 0, -1, &err), 0);
	close(fds[1]);
	CHECK_INT(sync_receive(fds[0], &message, &err), 0);
	CHECK_INT(message.type, SYNC_EOF);
}

TEST(an_error_crosses_whole)
{
	struct err sent = { 0 }, got = { 0 };
	struct sync_message message;

	err_at(&sent, "/mounts/3", EPERM, "%s", text_of('t', ERR_TEXT_MAX - 1));
	err_path(&sent, "/the/path");
	err_hint(&sent, "a hint");
	make_pair();
	sync_send_error(fds[1], &sent);
	CHECK_INT(sync_receive(fds[0], &message, &got), -EPERM);
	CHECK_INT(strlen(got.text), ERR_TEXT_MAX - 1);
	CHECK_STR(got.text, sent.text);
	CHECK_STR(got.pointer, "/mounts/3");
	CHECK_STR(got.path, "/the/path");
	CHECK_STR(got.hint, "a hint");
	CHECK_INT(got.code, EPERM);
	CHECK_INT(message.fd, -1);
}

TEST(an_error_in_the_place_of_what_is_expected_is_that_error)
{
	struct err sent = { 0 };

	err_set(&sent, ENOENT, "no such thing");
	make_pair();
	sync_send_error(fds[1], &sent);
	CHECK_INT(sync_expect(fds[0], SYNC_GO, &err), -ENOENT);
	CHECK_STR(err.text, "no such thing");
}

TEST(an_error_without_end_or_code_is_still_an_error)
{
	struct {
		uint32_t type;
		int32_t value;
		struct err err;
	} raw;
	static const int codes[] = { 0, -1, INT32_MIN };
	struct sync_message message;

	make_pair();
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		memset(&raw, 'x', sizeof(raw));
		raw.type = SYNC_ERROR;
		raw.err.code = codes[i];
		CHECK_INT(scm_send(fds[1], &raw, sizeof(raw), -1), 0);
		CHECK_INT(sync_receive(fds[0], &message, &err), -EPROTO);
		CHECK_INT(err.code, EPROTO);
		CHECK_INT(strlen(err.text), ERR_TEXT_MAX - 1);
		CHECK_INT(strlen(err.pointer), ERR_POINTER_MAX - 1);
		CHECK_INT(strlen(err.path), ERR_PATH_MAX - 1);
		CHECK_INT(strlen(err.hint), ERR_HINT_MAX - 1);
	}
}

static void check_descriptor(enum sync_type type)
{
	AUTO_FD null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct sync_message message;
	int before;

	make_pair();
	before = open_fd_count();
	CHECK_INT(sync_send(fds[1], type, 0, null_fd, &err), 0);
	CHECK_INT(sync_receive(fds[0], &message, &err), 0);
	CHECK(message.fd >= 0 && message.fd != null_fd);
	CHECK_INT(fcntl(message.fd, F_GETFD), FD_CLOEXEC);
	fd_close(&message.fd);
	CHECK_INT(open_fd_count(), before);
}

TEST(the_terminal_comes_with_its_message)
{
	check_descriptor(SYNC_CONSOLE);
}

TEST(memory_for_a_trace_comes_with_start)
{
	check_descriptor(SYNC_START);
}

TEST(a_descriptor_that_nobody_takes_is_closed)
{
	int before;

	make_pair();
	before = open_fd_count();
	CHECK_INT(sync_send(fds[1], SYNC_START, 0, 0, &err), 0);
	CHECK_INT(sync_expect(fds[0], SYNC_START, &err), 0);
	CHECK_INT(open_fd_count(), before);
}

TEST(descriptors_with_any_other_message_are_closed)
{
	struct sync_message message;
	static const char zero[4096];
	int before;

	make_pair();
	before = open_fd_count();
	for (int type = SYNC_EOF; type <= SYNC_ERROR; type++) {
		if (type == SYNC_CONSOLE || type == SYNC_START || type == SYNC_MAP_MOUNT ||
		    type == SYNC_ROOT_MOUNT)
			continue;
		CHECK_INT(sync_send(fds[1], (enum sync_type)type, 0, 0, &err), 0);
		sync_receive(fds[0], &message, &err);
		CHECK_INT(message.fd, -1);
		CHECK_INT(sync_send(fds[1], (enum sync_type)type, 0, 0, &err), 0);
		sync_expect(fds[0], (enum sync_type)type, &err);
		CHECK_INT(open_fd_count(), before);
	}
	for (size_t len = 0; len <= sizeof(zero); len += 64) {
		CHECK_INT(scm_send(fds[1], zero, len, 0), 0);
		sync_receive(fds[0], &message, &err);
		CHECK_INT(message.fd, -1);
		CHECK_INT(open_fd_count(), before);
	}
}

TEST(garbage_is_refused_whatever_its_length)
{
	static char garbage[4096];
	struct sync_message message;

	make_pair();
	srand(1);
	for (size_t len = 1; len < sizeof(garbage); len++) {
		int ret;

		for (size_t i = 0; i < len; i++)
			garbage[i] = (char)rand();
		CHECK_INT(scm_send(fds[1], garbage, len, -1), 0);
		ret = sync_receive(fds[0], &message, &err);
		/* Eight bytes are a message, of a type that nobody knows. */
		CHECK_INT(ret < 0 ? 1 : 0, len == 8 ? 0 : 1);
		if (len == 8)
			CHECK_STR(sync_type_name(message.type), "unknown");
	}
	CHECK_INT(sync_send(fds[1], SYNC_GO, 0, -1, &err), 0);
	CHECK_INT(sync_expect(fds[0], SYNC_GO, &err), 0);
}

TEST(an_error_arrives_from_a_peer_that_ended_with_our_message_unread)
{
	struct err said = { 0 };
	struct sync_message message;

	make_pair();
	err_set(&said, EINVAL, "no such thing");
	CHECK_INT(sync_send(fds[0], SYNC_GO, 0, -1, &err), 0);
	sync_send_error(fds[1], &said);
	CHECK_INT(close(fds[1]), 0);
	CHECK_INT(sync_receive(fds[0], &message, &err), -EINVAL);
	CHECK_STR(err.text, "no such thing");
}

TEST_MAIN()
