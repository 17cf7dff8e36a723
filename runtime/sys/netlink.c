/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request at a time, whose answer is read to its end: an acknowledgement, or NLMSG_DONE behind a
 * list. So nothing is left in a socket that a later answer could be mixed up with.
 */
#include "netlink.h"

#include "fd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define RECEIVE_MAX 32768 /* what the kernel puts into one datagram at most */
#define ERRNO_MAX   4095  /* the kernel's own MAX_ERRNO */

/* ---- requests ---- */

void netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags, const void *body,
		   size_t size)
{
	memset(request, 0, sizeof(*request));
	request->header = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)NLMSG_LENGTH(size),
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags),
	};
	memcpy(NLMSG_DATA(&request->header), body, size);
}

void netlink_put(struct netlink_request *request, uint16_t type, const void *data, size_t size)
{
	size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
	unsigned char *to = (unsigned char *)request + at;
	const struct rtattr attr = {
		.rta_len = (unsigned short)RTA_LENGTH(size),
		.rta_type = type,
	};

	if (size > sizeof(request->bytes) || at + RTA_SPACE(size) > sizeof(request->bytes))
		__builtin_trap();
	memcpy(to, &attr, sizeof(attr));
	memcpy(to + RTA_LENGTH(0), data, size);
	request->header.nlmsg_len = (uint32_t)(at + RTA_LENGTH(size));
}

void netlink_put_u32(struct netlink_request *request, uint16_t type, uint32_t value)
{
	netlink_put(request, type, &value, sizeof(value));
}

void netlink_put_text(struct netlink_request *request, uint16_t type, const char *text)
{
	netlink_put(request, type, text, strlen(text) + 1);
}

/* ---- answers ---- */

/* Of the attributes between @attr and the end, @left bytes further on. */
static const struct rtattr *find_attr(const struct rtattr *attr, size_t left, uint16_t type)
{
	while (left >= sizeof(*attr) && attr->rta_len >= sizeof(*attr) && attr->rta_len <= left) {
		size_t step = RTA_ALIGN(attr->rta_len);

		if ((attr->rta_type & NLA_TYPE_MASK) == type)
			return attr;
		if (step >= left)
			break;
		left -= step;
		attr = (const struct rtattr *)((const char *)attr + step);
	}
	return NULL;
}

const struct rtattr *netlink_find(const struct nlmsghdr *message, size_t body_size, uint16_t type)
{
	size_t at = NLMSG_SPACE(body_size);

	if (message->nlmsg_len <= at)
		return NULL;
	return find_attr((const struct rtattr *)((const char *)message + at),
			 message->nlmsg_len - at, type);
}

int netlink_open(void)
{
	AUTO_FD fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int on = 1;

	if (fd < 0)
		return -errno;
	/* Linux 4.12: errors in words, and without a copy of the request. They are not needed. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return fd_take(&fd);
}

/* The kernel's words behind a struct nlmsgerr without a copy of the request, or NULL. */
static const char *words_of(const struct nlmsghdr *message)
{
	const struct rtattr *attr;

	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS) || !(message->nlmsg_flags & NLM_F_CAPPED))
		return NULL;
	attr = netlink_find(message, sizeof(struct nlmsgerr), NLMSGERR_ATTR_MSG);
	if (!attr || RTA_PAYLOAD(attr) == 0 ||
	    ((const char *)RTA_DATA(attr))[RTA_PAYLOAD(attr) - 1] != '\0')
		return NULL;
	return RTA_DATA(attr);
}

/* NLMSG_ERROR and NLMSG_DONE both begin with the result. */
static int result_of(const struct nlmsghdr *message, struct err *err)
{
	const char *words = message->nlmsg_type == NLMSG_ERROR ? words_of(message) : NULL;
	int result;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(result)))
		return err_set(err, EPROTO, "the kernel's answer is too short");
	memcpy(&result, NLMSG_DATA(message), sizeof(result));
	if (result >= 0)
		return 0;
	if (result < -ERRNO_MAX)
		return err_set(err, EPROTO, "the kernel's answer is no error of its own: %d",
			       result);
	return words ? err_set(err, -result, "%s (%s)", strerror(-result), words)
		     : err_set(err, -result, "%s", strerror(-result));
}

/* What an answer has come to. */
struct talk {
	int (*visit)(void *context, const struct nlmsghdr *message, struct err *err);
	void *context;
	bool has_ended;
	int ret; /* the first failure; the rest of the answer is read all the same */
};

static int take_message(struct talk *talk, const struct nlmsghdr *message, struct err *err)
{
	talk->has_ended = message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE;
	if (talk->ret < 0)
		return talk->ret;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		return err_set(err, EINTR, "the kernel's list changed while it was read");
	if (talk->has_ended)
		return result_of(message, err);
	return talk->visit ? talk->visit(talk->context, message, err) : 0;
}

/* One datagram. Its length, or -errno. */
static int receive(int netlink_fd, void *data, size_t size, struct err *err)
{
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	socklen_t from_size = sizeof(from);
	ssize_t n;

	/* Anybody may send to a netlink socket; the kernel's port is 0. */
	do {
		n = recvfrom(netlink_fd, data, size, MSG_TRUNC, (struct sockaddr *)&from,
			     &from_size);
	} while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid != 0));
	if (n < 0)
		return err_sys(err, "receive from the kernel");
	if ((size_t)n > size)
		return err_set(err, EMSGSIZE, "an answer of the kernel has %zd bytes", n);
	return (int)n;
}

static int send_request(int netlink_fd, const struct netlink_request *request, struct err *err)
{
	ssize_t n;

	do {
		n = send(netlink_fd, request->bytes, request->header.nlmsg_len, 0);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys(err, "send to the kernel") : 0;
}

int netlink_talk(int netlink_fd, const struct netlink_request *request,
		 int (*visit)(void *context, const struct nlmsghdr *message, struct err *err),
		 void *context, struct err *err)
{
	struct talk talk = { .visit = visit, .context = context };
	union {
		struct nlmsghdr header;
		char bytes[RECEIVE_MAX];
	} answer;

	TRY(send_request(netlink_fd, request, err));
	while (!talk.has_ended) {
		const struct nlmsghdr *message = &answer.header;
		int n = receive(netlink_fd, answer.bytes, sizeof(answer.bytes), err);
		size_t left = (size_t)n;

		TRY(n);
		while (!talk.has_ended && left >= sizeof(*message) &&
		       message->nlmsg_len >= sizeof(*message) && message->nlmsg_len <= left) {
			size_t step = NLMSG_ALIGN(message->nlmsg_len);

			talk.ret = take_message(&talk, message, err);
			left -= step < left ? step : left;
			message = (const struct nlmsghdr *)((const char *)message + step);
		}
	}
	return talk.ret;
}
