/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as single datagrams; see the table in sync.h. */
#include "sync.h"

#include "fd.h"
#include "scm.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct datagram {
	uint32_t type;
	int32_t value;
	struct err err; /* of SYNC_ERROR only */
};

#define DATAGRAM_SHORT offsetof(struct datagram, err)

static const char *const type_names[] = {
	[SYNC_EOF] = "end of file",
	[SYNC_PID] = "PID",
	[SYNC_GO] = "GO",
	[SYNC_ROOT_MOUNT] = "ROOT_MOUNT",
	[SYNC_ROOT_RECORDED] = "ROOT_RECORDED",
	[SYNC_MAP_MOUNT] = "MAP_MOUNT",
	[SYNC_MOUNT_MAPPED] = "MOUNT_MAPPED",
	[SYNC_RUN_HOOKS] = "RUN_HOOKS",
	[SYNC_HOOKS_DONE] = "HOOKS_DONE",
	[SYNC_CONSOLE] = "CONSOLE",
	[SYNC_RLIMITS] = "RLIMITS",
	[SYNC_RLIMITS_SET] = "RLIMITS_SET",
	[SYNC_READY] = "READY",
	[SYNC_START] = "START",
	[SYNC_SECCOMP_FD] = "SECCOMP_FD",
	[SYNC_SECCOMP_TAKEN] = "SECCOMP_TAKEN",
	[SYNC_ERROR] = "ERROR",
};

const char *sync_type_name(uint32_t type)
{
	return type < sizeof(type_names) / sizeof(type_names[0]) ? type_names[type] : "unknown";
}

int sync_pair(int ret_fds[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0)
		return err_sys(err, "socketpair");
	return 0;
}

int sync_send(int sync_fd, enum sync_type type, int32_t value, int fd, struct err *err)
{
	struct datagram datagram = { .type = type, .value = value };
	int ret = scm_send(sync_fd, &datagram, DATAGRAM_SHORT, fd);

	return ret < 0 ? err_errno(err, ret, "send %s", sync_type_name(type)) : 0;
}

static int write_datagram(int sync_fd, const struct datagram *datagram, size_t len)
{
	ssize_t n;

	do {
		n = write(sync_fd, datagram, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

void sync_send_error(int sync_fd, const struct err *err)
{
	struct datagram datagram = { .type = SYNC_ERROR, .err = *err };

	(void)write_datagram(sync_fd, &datagram, sizeof(datagram));
}

int sync_write(int sync_fd, enum sync_type type, int32_t value, struct err *err)
{
	struct datagram datagram = { .type = type, .value = value };
	int ret = write_datagram(sync_fd, &datagram, DATAGRAM_SHORT);

	return ret < 0 ? err_errno(err, ret, "send %s", sync_type_name(type)) : 0;
}

/* What another process says is text only when it ends, and a failure only with a code. */
static int take_error(const struct err *from, struct err *err)
{
	*err = *from;
	err->text[sizeof(err->text) - 1] = '\0';
	err->pointer[sizeof(err->pointer) - 1] = '\0';
	err->path[sizeof(err->path) - 1] = '\0';
	err->hint[sizeof(err->hint) - 1] = '\0';
	if (err->code <= 0)
		err->code = EPROTO;
	return -err->code;
}

/* What @n bytes, or an end of file or an error, mean. */
static int parse(const struct datagram *datagram, ssize_t n, struct sync_message *ret_message,
		 struct err *err)
{
	*ret_message = (struct sync_message){ .type = SYNC_EOF, .fd = -1 };
	/* A peer that died with our message unread is end of file as well. */
	if (n == 0 || n == -ECONNRESET)
		return 0;
	if (n < 0)
		return err_errno(err, (int)n, "receive from the other side");
	if ((size_t)n == sizeof(*datagram) && datagram->type == SYNC_ERROR)
		return take_error(&datagram->err, err);
	if ((size_t)n != DATAGRAM_SHORT)
		return err_set(err, EPROTO, "a message of %zd bytes", n);
	ret_message->type = datagram->type;
	ret_message->value = datagram->value;
	return 0;
}

static bool carries_fd(uint32_t type)
{
	return type == SYNC_CONSOLE || type == SYNC_ROOT_MOUNT || type == SYNC_MAP_MOUNT ||
	       type == SYNC_START;
}

int sync_receive(int sync_fd, struct sync_message *ret_message, struct err *err)
{
	struct datagram datagram;
	AUTO_FD fd = -1;
	ssize_t n = scm_recv(sync_fd, &datagram, sizeof(datagram), &fd);

	int ret;

	/* A peer that ended with our message unread resets the socket; what it said comes behind. */
	if (n == -ECONNRESET)
		n = scm_recv(sync_fd, &datagram, sizeof(datagram), &fd);
	ret = parse(&datagram, n, ret_message, err);
	if (ret == 0 && carries_fd(ret_message->type))
		ret_message->fd = fd_take(&fd);
	return ret;
}

static int check_type(const struct sync_message *message, enum sync_type type, struct err *err)
{
	if (message->type == SYNC_EOF)
		return err_set(err, ECONNRESET, "the other side ended while %s was awaited",
			       sync_type_name(type));
	if (message->type != type)
		return err_set(err, EPROTO, "got %s while %s was awaited",
			       sync_type_name(message->type), sync_type_name(type));
	return 0;
}

int sync_expect(int sync_fd, enum sync_type type, struct err *err)
{
	struct sync_message message;

	TRY(sync_receive(sync_fd, &message, err));
	fd_close(&message.fd);
	return check_type(&message, type, err);
}

int sync_read(int sync_fd, enum sync_type type, struct err *err)
{
	struct sync_message message = { .fd = -1 };
	struct datagram datagram;
	ssize_t n;

	do {
		n = read(sync_fd, &datagram, sizeof(datagram));
	} while (n < 0 && errno == EINTR);
	TRY(parse(&datagram, n < 0 ? -errno : n, &message, err));
	return check_type(&message, type, err);
}
