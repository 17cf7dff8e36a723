/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to rtnetlink against the bytes that the kernel reads, and its answers, for which a socket
 * pair stands in, against what is made of them. The bytes are those of a little-endian machine.
 */
#include "test.h"

#include "fd.h"
#include "net_device.h"
#include "netlink.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- requests ---- */

static void check_bytes(const struct netlink_request *request, const unsigned char *want,
			size_t size)
{
	CHECK_INT(request->header.nlmsg_len, size);
	for (size_t i = 0; i < size; i++)
		if (request->bytes[i] != want[i]) {
			test_fail(__FILE__, __LINE__, "byte %zu is %#x, not %#x", i,
				  request->bytes[i], want[i]);
			return;
		}
}

TEST(a_move_is_these_bytes)
{
	/* clang-format off */
	static const unsigned char want[] = {
		49, 0, 0, 0, 19, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* header: RTM_SETLINK, ACK */
		0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,   /* ifinfomsg: index 7 */
		8, 0, 28, 0, 9, 0, 0, 0,                          /* IFLA_NET_NS_FD 9 */
		9, 0, 3, 0, 'e', 't', 'h', '0', 0,                /* IFLA_IFNAME */
	};
	/* clang-format on */
	const struct ifinfomsg info = { .ifi_index = 7 };
	struct netlink_request request;

	netlink_begin(&request, RTM_SETLINK, 0, &info, sizeof(info));
	netlink_put_u32(&request, IFLA_NET_NS_FD, 9);
	netlink_put_text(&request, IFLA_IFNAME, "eth0");
	check_bytes(&request, want, sizeof(want));
}

TEST(attributes_begin_at_multiples_of_four)
{
	const struct ifinfomsg info = { .ifi_index = 1 };
	struct netlink_request request;

	netlink_begin(&request, RTM_SETLINK, 0, &info, sizeof(info));
	netlink_put_text(&request, IFLA_IFNAME, "abcd");
	CHECK_INT(request.header.nlmsg_len, 32 + 9);
	netlink_put_u32(&request, IFLA_MTU, 0x01020304);
	CHECK_INT(request.header.nlmsg_len, 32 + 12 + 8);
	CHECK_INT(request.bytes[32 + 12], 8);
	CHECK_INT(request.bytes[32 + 12 + 2], IFLA_MTU);
}

/* ---- addresses: what the kernel lists, and what it is asked for ---- */

static const unsigned char ip4[4] = { 192, 0, 2, 1 };
static const unsigned char ip4_broadcast[4] = { 192, 0, 2, 255 };

/* As RTM_GETADDR lists it: the attributes of an IPv4 address. */
static void list_address(struct netlink_request *message, uint32_t flags, uint8_t scope,
			 const char *label)
{
	const struct ifaddrmsg body = {
		.ifa_family = AF_INET,
		.ifa_prefixlen = 24,
		.ifa_flags = (unsigned char)flags,
		.ifa_scope = scope,
		.ifa_index = 3,
	};

	netlink_begin(message, RTM_NEWADDR, 0, &body, sizeof(body));
	netlink_put(message, IFA_ADDRESS, ip4, sizeof(ip4));
	netlink_put(message, IFA_LOCAL, ip4, sizeof(ip4));
	netlink_put(message, IFA_BROADCAST, ip4_broadcast, sizeof(ip4_broadcast));
	netlink_put_text(message, IFA_LABEL, label);
	netlink_put_u32(message, IFA_FLAGS, flags);
}

TEST(an_address_is_asked_for_with_these_bytes)
{
	/* clang-format off */
	static const unsigned char want[] = {
		71, 0, 0, 0, 20, 0, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, /* RTM_NEWADDR, CREATE, EXCL */
		2, 24, 0, 0, 5, 0, 0, 0,                          /* AF_INET /24, index 5 */
		8, 0, 1, 0, 192, 0, 2, 1,                         /* IFA_ADDRESS */
		8, 0, 2, 0, 192, 0, 2, 1,                         /* IFA_LOCAL */
		8, 0, 4, 0, 192, 0, 2, 255,                       /* IFA_BROADCAST */
		8, 0, 8, 0, 0, 2, 0, 0,                           /* IFA_FLAGS: NOPREFIXROUTE */
		15, 0, 3, 0, 'i', 'n', 's', 'i', 'd', 'e', '0', ':', 'a', 'b', 0, /* IFA_LABEL */
	};
	/* clang-format on */
	const struct net_device_link link = { .index = 5, .name = "inside0" };
	struct netlink_request listed, request;

	/* What became of the address, permanent and secondary, is not asked for. */
	list_address(&listed, IFA_F_PERMANENT | IFA_F_SECONDARY | IFA_F_NOPREFIXROUTE,
		     RT_SCOPE_UNIVERSE, "dev0:ab");
	net_device_address(&listed.header, "dev0", &link, &request);
	check_bytes(&request, want, sizeof(want));
}

/* The label that is asked for, or NULL. */
static const char *label_of(const char *label, const char *old_name, const char *name)
{
	static struct netlink_request request;
	struct net_device_link link = { .index = 5 };
	struct netlink_request listed;
	const struct rtattr *attr;

	snprintf(link.name, sizeof(link.name), "%s", name);
	list_address(&listed, IFA_F_PERMANENT, RT_SCOPE_UNIVERSE, label);
	net_device_address(&listed.header, old_name, &link, &request);
	attr = netlink_find(&request.header, sizeof(struct ifaddrmsg), IFA_LABEL);
	return attr ? RTA_DATA(attr) : NULL;
}

TEST(a_label_follows_the_name_of_its_device)
{
	CHECK_STR(label_of("dev0", "dev0", "in0"), NULL); /* the kernel's default */
	CHECK_STR(label_of("dev0:1", "dev0", "in0"), "in0:1");
	CHECK_STR(label_of("dev0:1", "dev0", "dev0"), "dev0:1");
	CHECK_STR(label_of("dev01:1", "dev0", "in0"), NULL); /* of a former name */
	CHECK_STR(label_of("d:12345", "d", "ninechars"), "ninechars:12345");
	CHECK_STR(label_of("d:123456", "d", "ninechars"), NULL); /* too long */
}

TEST(permanent_addresses_of_global_scope_are_kept)
{
	static const struct {
		uint32_t flags;
		uint8_t scope;
		bool is_kept;
	} rows[] = {
		{ IFA_F_PERMANENT, RT_SCOPE_UNIVERSE, true },
		{ IFA_F_PERMANENT | IFA_F_DEPRECATED, RT_SCOPE_UNIVERSE, true },
		{ 0, RT_SCOPE_UNIVERSE, false },
		{ IFA_F_MANAGETEMPADDR, RT_SCOPE_UNIVERSE, false },
		{ IFA_F_PERMANENT, RT_SCOPE_SITE, false },
		{ IFA_F_PERMANENT, RT_SCOPE_LINK, false },
		{ IFA_F_PERMANENT, RT_SCOPE_HOST, false },
	};
	struct netlink_request listed;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		list_address(&listed, rows[i].flags, rows[i].scope, "dev0");
		CHECK_INT(net_device_keeps_address(&listed.header), rows[i].is_kept);
	}
}

TEST(the_flags_of_old_families_are_in_the_message_itself)
{
	const struct ifaddrmsg body = { .ifa_family = 45, .ifa_flags = IFA_F_PERMANENT };
	struct netlink_request listed;

	netlink_begin(&listed, RTM_NEWADDR, 0, &body, sizeof(body));
	CHECK(net_device_keeps_address(&listed.header));
}

/* ---- attributes of a message ---- */

TEST(an_attribute_that_lies_about_its_length_is_not_read)
{
	const struct ifinfomsg info = { .ifi_index = 1 };
	struct netlink_request message;
	struct rtattr *first;

	netlink_begin(&message, RTM_NEWLINK, 0, &info, sizeof(info));
	CHECK(!netlink_find(&message.header, sizeof(info), IFLA_MTU));
	netlink_put_u32(&message, IFLA_GROUP, 1);
	netlink_put_u32(&message, IFLA_MTU, 2);
	CHECK(netlink_find(&message.header, sizeof(info), IFLA_MTU));
	first = (struct rtattr *)(message.bytes + 32);
	for (unsigned short len = 0; len < 4; len++) {
		first->rta_len = len;
		CHECK(!netlink_find(&message.header, sizeof(info), IFLA_MTU));
	}
	first->rta_len = 17;
	CHECK(!netlink_find(&message.header, sizeof(info), IFLA_GROUP));
	first->rta_len = 16;
	CHECK(netlink_find(&message.header, sizeof(info), IFLA_GROUP));
	message.header.nlmsg_len = 32 + 3;
	CHECK(!netlink_find(&message.header, sizeof(info), IFLA_GROUP));
}

/* ---- answers ---- */

struct kernel {
	int fds[2]; /* ours, the kernel's */
	struct netlink_request request;
	struct err err;
	int visited[8];
	size_t n_visited;
};

static void kernel_begin(struct kernel *kernel)
{
	const struct ifinfomsg info = { .ifi_index = 1 };

	*kernel = (struct kernel){ .n_visited = 0 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, kernel->fds) < 0)
		abort();
	netlink_begin(&kernel->request, RTM_GETLINK, 0, &info, sizeof(info));
}

/* Adds to the datagram of @len bytes at @at a message with the number @value. */
static size_t add_message(char *at, size_t len, uint16_t type, uint16_t flags, int value)
{
	const struct nlmsghdr header = {
		.nlmsg_len = NLMSG_LENGTH(sizeof(value)),
		.nlmsg_type = type,
		.nlmsg_flags = flags,
	};

	memcpy(at + len, &header, sizeof(header));
	memcpy(at + len + NLMSG_HDRLEN, &value, sizeof(value));
	return len + NLMSG_SPACE(sizeof(value));
}

static void kernel_says(struct kernel *kernel, const char *data, size_t len)
{
	if (send(kernel->fds[1], data, len, 0) != (ssize_t)len)
		abort();
}

static int visit(void *context, const struct nlmsghdr *message, struct err *err)
{
	struct kernel *kernel = context;
	int value;

	memcpy(&value, NLMSG_DATA(message), sizeof(value));
	kernel->visited[kernel->n_visited++] = value;
	return value < 0 ? err_set(err, -value, "visited") : 0;
}

static int talk(struct kernel *kernel)
{
	return netlink_talk(kernel->fds[0], &kernel->request, visit, kernel, &kernel->err);
}

TEST(a_list_may_come_in_several_datagrams)
{
	struct kernel kernel;
	char data[256] = { 0 };
	size_t len;

	kernel_begin(&kernel);
	len = add_message(data, 0, RTM_NEWLINK, NLM_F_MULTI, 1);
	len = add_message(data, len, RTM_NEWLINK, NLM_F_MULTI, 2);
	kernel_says(&kernel, data, len);
	len = add_message(data, 0, RTM_NEWLINK, NLM_F_MULTI, 3);
	kernel_says(&kernel, data, len);
	len = add_message(data, 0, NLMSG_DONE, NLM_F_MULTI, 0);
	kernel_says(&kernel, data, len);
	CHECK_INT(talk(&kernel), 0);
	CHECK_INT(kernel.n_visited, 3);
	CHECK_INT(kernel.visited[2], 3);
}

TEST(a_failure_is_that_of_the_kernel)
{
	struct kernel kernel;
	char data[256] = { 0 };

	kernel_begin(&kernel);
	kernel_says(&kernel, data, add_message(data, 0, NLMSG_ERROR, NLM_F_CAPPED, -ENODEV));
	CHECK_INT(talk(&kernel), -ENODEV);
	CHECK_STR(kernel.err.text, "No such device");
}

TEST(a_failure_has_the_words_of_the_kernel)
{
	static const char words[] = "not today";
	struct kernel kernel;
	struct netlink_request answer;
	const struct nlmsgerr body = { .error = -EINVAL };

	kernel_begin(&kernel);
	netlink_begin(&answer, NLMSG_ERROR, 0, &body, sizeof(body));
	netlink_put(&answer, NLMSGERR_ATTR_MSG, words, sizeof(words));
	answer.header.nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
	kernel_says(&kernel, (const char *)answer.bytes, answer.header.nlmsg_len);
	CHECK_INT(talk(&kernel), -EINVAL);
	CHECK_STR(kernel.err.text, "Invalid argument (not today)");
}

TEST(after_a_failure_the_rest_of_the_answer_is_read)
{
	struct kernel kernel;
	char data[256] = { 0 };
	size_t len;

	kernel_begin(&kernel);
	len = add_message(data, 0, RTM_NEWLINK, NLM_F_MULTI, -EPROTO);
	len = add_message(data, len, RTM_NEWLINK, NLM_F_MULTI, 2);
	kernel_says(&kernel, data, len);
	kernel_says(&kernel, data, add_message(data, 0, NLMSG_DONE, NLM_F_MULTI, 0));
	CHECK_INT(talk(&kernel), -EPROTO);
	CHECK_STR(kernel.err.text, "visited");
	CHECK_INT(kernel.n_visited, 1);
	CHECK_INT(recv(kernel.fds[0], data, sizeof(data), MSG_DONTWAIT), -1);
}

TEST(a_list_that_changed_is_told)
{
	struct kernel kernel;
	char data[256] = { 0 };
	size_t len;

	kernel_begin(&kernel);
	len = add_message(data, 0, RTM_NEWLINK, NLM_F_MULTI, 1);
	len = add_message(data, len, NLMSG_DONE, NLM_F_MULTI | NLM_F_DUMP_INTR, 0);
	kernel_says(&kernel, data, len);
	CHECK_INT(talk(&kernel), -EINTR);
}

/* ---- the kernel itself, which lets everybody look ---- */

static int visit_name(void *context, const struct nlmsghdr *message, struct err *err)
{
	const struct rtattr *name = netlink_find(message, sizeof(struct ifinfomsg), IFLA_IFNAME);

	(void)err;
	snprintf(context, 16, "%s", name ? (const char *)RTA_DATA(name) : "none");
	return 0;
}

TEST(the_kernel_knows_its_loopback_device)
{
	const struct ifinfomsg info = { .ifi_index = 1 };
	AUTO_FD fd = netlink_open();
	struct netlink_request request;
	struct err err = { 0 };
	char name[16] = "";

	CHECK(fd >= 0);
	netlink_begin(&request, RTM_GETLINK, 0, &info, sizeof(info));
	CHECK_INT(netlink_talk(fd, &request, visit_name, name, &err), 0);
	CHECK_STR(name, "lo");

	netlink_begin(&request, RTM_GETLINK, 0, &(struct ifinfomsg){ .ifi_index = 0 },
		      sizeof(info));
	netlink_put_text(&request, IFLA_IFNAME, "no-such-device");
	CHECK_INT(netlink_talk(fd, &request, visit_name, name, &err), -ENODEV);
}

TEST_MAIN()
