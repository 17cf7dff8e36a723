/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtnetlink(7): requests to the kernel about network devices, and its answers. A socket belongs to
 * the network namespace that it was made in, wherever it is used.
 */
#ifndef OCIRUN_SYS_NETLINK_H
#define OCIRUN_SYS_NETLINK_H

#include "err.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETLINK_REQUEST_MAX 1024

/* A request while it is put together; all of it lies in @bytes. */
struct netlink_request {
	union {
		struct nlmsghdr header;
		unsigned char bytes[NETLINK_REQUEST_MAX];
	};
};

/*
 * Begins a request of @type (RTM_x) with @flags beside NLM_F_REQUEST and NLM_F_ACK, and copies the
 * message's fixed part of @size bytes, a struct ifinfomsg or ifaddrmsg.
 */
void netlink_begin(struct netlink_request *request, uint16_t type, uint16_t flags, const void *body,
		   size_t size);

/* Adds an attribute. What a device's name or an address needs always fits. */
void netlink_put(struct netlink_request *request, uint16_t type, const void *data, size_t size);
void netlink_put_u32(struct netlink_request *request, uint16_t type, uint32_t value);
void netlink_put_text(struct netlink_request *request, uint16_t type, const char *text);

/* An attribute of a message whose fixed part has @body_size bytes, or NULL. */
const struct rtattr *netlink_find(const struct nlmsghdr *message, size_t body_size, uint16_t type);

/* A socket in the calling thread's network namespace. fd or -errno. */
int netlink_open(void);

/*
 * Sends the request and gives each message of the answer, up to the first that it fails for, to
 * @visit, which may be NULL. 0, or -errno as the kernel says it, its words in *@err; -EINTR for a
 * list that changed meanwhile.
 */
int netlink_talk(int netlink_fd, const struct netlink_request *request,
		 int (*visit)(void *context, const struct nlmsghdr *message, struct err *err),
		 void *context, struct err *err);

#endif
