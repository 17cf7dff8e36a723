/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel answers about network devices. The input is datagrams, each behind two bytes with its
 * length.
 */
#include "fuzz.h"

#include "netlink.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATAGRAMS_MAX 8

static int visit(void *context, const struct nlmsghdr *message, struct err *err)
{
	size_t *n = context;
	const struct rtattr *attr;

	(void)err;
	for (uint16_t type = 0; type < 64; type++) {
		attr = netlink_find(message, sizeof(struct ifinfomsg), type);
		if (!attr)
			continue;
		FUZZ_CHECK(attr->rta_len >= sizeof(*attr));
		FUZZ_CHECK((const char *)attr + attr->rta_len <=
			   (const char *)message + message->nlmsg_len);
		*n += ((const char *)attr)[attr->rta_len - 1] != 0;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ifinfomsg info = { .ifi_index = 1 };
	struct netlink_request request;
	struct err err = { 0 };
	size_t n = 0;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	for (int i = 0; i < DATAGRAMS_MAX && size >= 2; i++) {
		size_t len = (size_t)data[0] << 8 | data[1];

		data += 2;
		size -= 2;
		len = len < size ? len : size;
		if (len > 0 && send(fds[1], data, len, MSG_DONTWAIT) < 0)
			break;
		data += len;
		size -= len;
	}
	/* Behind what was made up comes an acknowledgement, so that nobody waits for one. */
	struct {
		struct nlmsghdr head;
		int result;
	} done = { .head = { .nlmsg_len = sizeof(done), .nlmsg_type = NLMSG_DONE } };
	if (send(fds[1], &done, sizeof(done), MSG_DONTWAIT) == sizeof(done)) {
		netlink_begin(&request, RTM_GETLINK, NLM_F_DUMP, &info, sizeof(info));
		netlink_put_text(&request, IFLA_IFNAME, "eth0");
		netlink_talk(fds[0], &request, visit, &n, &err);
	}
	close(fds[0]);
	close(fds[1]);
	return 0;
}
