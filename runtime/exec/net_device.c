/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sockets do it all: one in the network namespace of our caller's thread, and one that a
 * short-lived process of ours has made in the container's, since a thread that entered another
 * namespace might not come back.
 */
#include "net_device.h"

#include "clone.h"
#include "fd.h"
#include "scm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DUMP_TRIES     16
#define LOOPBACK_INDEX 1 /* of every network namespace: linux/drivers/net/loopback.c */

struct move {
	int host_fd;   /* netlink, where the devices are */
	int inside_fd; /* netlink, in the container's network namespace */
	int netns_fd;  /* that namespace */
};

static void move_done(struct move *move)
{
	fd_close(&move->host_fd);
	fd_close(&move->inside_fd);
	fd_close(&move->netns_fd);
}

/* ---- devices ---- */

static int visit_link(void *context, const struct nlmsghdr *message, struct err *err)
{
	struct net_device_link *link = context;
	const struct ifinfomsg *info = NLMSG_DATA(message);
	const struct rtattr *name;

	if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof(*info)))
		return err_set(err, EPROTO, "the kernel's answer is not about a network device");
	name = netlink_find(message, sizeof(*info), IFLA_IFNAME);
	if (!name || RTA_PAYLOAD(name) > sizeof(link->name))
		return err_set(err, EPROTO, "the kernel's answer has no name of a network device");
	link->index = (uint32_t)info->ifi_index;
	memcpy(link->name, RTA_DATA(name), RTA_PAYLOAD(name));
	return 0;
}

/* By @name, or by @index when that is NULL. -ENODEV when there is none. */
static int find_link(int netlink_fd, const char *name, uint32_t index,
		     struct net_device_link *ret_link, struct err *err)
{
	const struct ifinfomsg info = { .ifi_index = name ? 0 : (int)index };
	struct netlink_request request;

	*ret_link = (struct net_device_link){ .index = 0 };
	netlink_begin(&request, RTM_GETLINK, 0, &info, sizeof(info));
	if (name)
		netlink_put_text(&request, IFLA_IFNAME, name);
	return netlink_talk(netlink_fd, &request, visit_link, ret_link, err);
}

static int set_link(int netlink_fd, uint32_t index, const char *name, int netns_fd, struct err *err)
{
	const struct ifinfomsg info = { .ifi_index = (int)index };
	struct netlink_request request;

	netlink_begin(&request, RTM_SETLINK, 0, &info, sizeof(info));
	if (netns_fd >= 0)
		netlink_put_u32(&request, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	netlink_put_text(&request, IFLA_IFNAME, name);
	return netlink_talk(netlink_fd, &request, NULL, NULL, err);
}

static int set_up(int netlink_fd, uint32_t index, struct err *err)
{
	const struct ifinfomsg info = {
		.ifi_index = (int)index,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct netlink_request request;

	netlink_begin(&request, RTM_SETLINK, 0, &info, sizeof(info));
	return netlink_talk(netlink_fd, &request, NULL, NULL, err);
}

/* ---- addresses ---- */

/* What describes an address; the rest is the kernel's business, or another namespace's. */
static const uint16_t address_attrs[] = {
	IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_CACHEINFO, IFA_RT_PRIORITY, IFA_PROTO,
};

/* The flags that a user sets; others tell what became of an address. */
#define ADDRESS_FLAGS                                                                              \
	(IFA_F_NODAD | IFA_F_OPTIMISTIC | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR |               \
	 IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)

static uint32_t address_flags(const struct nlmsghdr *message)
{
	const struct ifaddrmsg *body = NLMSG_DATA(message);
	const struct rtattr *attr = netlink_find(message, sizeof(*body), IFA_FLAGS);
	uint32_t flags = body->ifa_flags;

	if (attr && RTA_PAYLOAD(attr) >= sizeof(flags))
		memcpy(&flags, RTA_DATA(attr), sizeof(flags));
	return flags;
}

bool net_device_keeps_address(const struct nlmsghdr *message)
{
	const struct ifaddrmsg *body = NLMSG_DATA(message);

	return (address_flags(message) & IFA_F_PERMANENT) && body->ifa_scope == RT_SCOPE_UNIVERSE;
}

/* A label is the device's name, which the kernel knows, or that and ":" and more. */
static void put_label(struct netlink_request *request, const struct rtattr *label,
		      const char *old_name, const char *name)
{
	const char *text = label ? RTA_DATA(label) : "";
	size_t len = strlen(old_name);
	char renamed[IFNAMSIZ];

	if (strncmp(text, old_name, len) != 0 || text[len] != ':')
		return;
	if (snprintf(renamed, sizeof(renamed), "%s%s", name, text + len) < (int)sizeof(renamed))
		netlink_put_text(request, IFA_LABEL, renamed);
}

void net_device_address(const struct nlmsghdr *message, const char *old_name,
			const struct net_device_link *link, struct netlink_request *ret_request)
{
	struct ifaddrmsg body;

	memcpy(&body, NLMSG_DATA(message), sizeof(body));
	body.ifa_flags = 0; /* the attribute has them all */
	body.ifa_index = link->index;
	netlink_begin(ret_request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	for (size_t i = 0; i < sizeof(address_attrs) / sizeof(address_attrs[0]); i++) {
		const struct rtattr *attr = netlink_find(message, sizeof(body), address_attrs[i]);

		if (attr)
			netlink_put(ret_request, address_attrs[i], RTA_DATA(attr),
				    RTA_PAYLOAD(attr));
	}
	netlink_put_u32(ret_request, IFA_FLAGS, address_flags(message) & ADDRESS_FLAGS);
	put_label(ret_request, netlink_find(message, sizeof(body), IFA_LABEL), old_name,
		  link->name);
}

/* A device's addresses as the kernel lists them: messages behind each other, each aligned. */
struct addresses {
	uint32_t index;
	char *at;
	size_t size;
};

static int visit_address(void *context, const struct nlmsghdr *message, struct err *err)
{
	struct addresses *addresses = context;
	const struct ifaddrmsg *body = NLMSG_DATA(message);
	size_t size = NLMSG_ALIGN(message->nlmsg_len);
	char *more;

	if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < NLMSG_LENGTH(sizeof(*body)))
		return err_set(err, EPROTO, "the kernel's answer is not about an address");
	if (body->ifa_index != addresses->index || !net_device_keeps_address(message))
		return 0;
	more = realloc(addresses->at, addresses->size + size);
	if (!more)
		return err_set(err, ENOMEM, "no memory for the addresses of a network device");
	memset(more + addresses->size, 0, size);
	memcpy(more + addresses->size, message, message->nlmsg_len);
	addresses->at = more;
	addresses->size += size;
	return 0;
}

static int list_addresses(int netlink_fd, struct addresses *addresses, struct err *err)
{
	const struct ifaddrmsg body = { .ifa_family = AF_UNSPEC };
	struct netlink_request request;
	int ret = -EINTR;

	netlink_begin(&request, RTM_GETADDR, NLM_F_DUMP, &body, sizeof(body));
	for (int i = 0; i < DUMP_TRIES && ret == -EINTR; i++) {
		addresses->size = 0;
		ret = netlink_talk(netlink_fd, &request, visit_address, addresses, err);
	}
	return ret < 0 ? err_wrap(err, "list addresses") : 0;
}

static int add_addresses(int netlink_fd, const struct addresses *addresses, const char *old_name,
			 const struct net_device_link *link, struct err *err)
{
	for (size_t at = 0; at < addresses->size;) {
		const struct nlmsghdr *message = (const void *)(addresses->at + at);
		struct netlink_request request;

		net_device_address(message, old_name, link, &request);
		if (netlink_talk(netlink_fd, &request, NULL, NULL, err) < 0)
			return err_wrap(err, "add its addresses again");
		at += NLMSG_ALIGN(message->nlmsg_len);
	}
	return 0;
}

/* ---- moving ---- */

static int check_device(const struct move *move, const struct plan_net_device *device,
			struct err *err)
{
	struct net_device_link link;
	int ret = find_link(move->host_fd, device->host_name, 0, &link, err);

	if (ret == -ENODEV) {
		err_at(err, device->origin, ENODEV, "there is no network device \"%s\"",
		       device->host_name);
		return err_hint(err, "`ip link` lists those of the host");
	}
	TRY(ret);
	if (device->is_template)
		return 0;
	ret = find_link(move->inside_fd, device->name, 0, &link, err);
	if (ret == 0)
		return err_set(err, EEXIST,
			       "the container's network namespace already has a device \"%s\"",
			       device->name);
	if (ret != -ENODEV)
		return ret;
	err_clear(err);
	return 0;
}

/*
 * Under its final name at once; for a template under one that nobody else has, by which it is found:
 * the kernel picks the number, and does not say which.
 */
static int enter(const struct move *move, const struct plan_net_device *device, uint32_t index,
		 struct net_device_link *ret_link, struct err *err)
{
	char interim[IFNAMSIZ];
	const char *name = device->is_template ? interim : device->name;

	snprintf(interim, sizeof(interim), "oci-%x", (unsigned int)gettid());
	TRY(set_link(move->host_fd, index, name, move->netns_fd, err));
	TRY(find_link(move->inside_fd, name, 0, ret_link, err));
	if (!device->is_template)
		return 0;
	TRY(set_link(move->inside_fd, ret_link->index, device->name, -1, err));
	return find_link(move->inside_fd, NULL, ret_link->index, ret_link, err);
}

static int move_device(const struct move *move, const struct plan_net_device *device,
		       struct err *err)
{
	struct addresses addresses = { .size = 0 };
	struct net_device_link link;
	int ret = find_link(move->host_fd, device->host_name, 0, &link, err);

	addresses.index = link.index;
	if (ret == 0)
		ret = list_addresses(move->host_fd, &addresses, err);
	if (ret == 0)
		ret = enter(move, device, addresses.index, &link, err);
	if (ret == 0)
		ret = add_addresses(move->inside_fd, &addresses, device->host_name, &link, err);
	if (ret == 0)
		ret = set_up(move->inside_fd, link.index, err);
	free(addresses.at);
	return ret;
}

/* ---- the container's namespace ---- */

__attribute__((noreturn)) static void inside_main(int netns_fd, int socket_fd)
{
	int fd = setns(netns_fd, CLONE_NEWNET) < 0 ? -errno : netlink_open();
	int ret = fd < 0 ? fd : 0;

	ret = scm_send(socket_fd, &ret, sizeof(ret), fd < 0 ? -1 : fd);
	_exit(ret < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* A netlink socket in the namespace @netns_fd. */
static int open_inside(int netns_fd, struct err *err)
{
	const struct clone_request request = { .exit_signal = 0 }; /* no news to our caller */
	int fds[2], ret, fd = -1;
	ssize_t n;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_sys(err, "socketpair");
	AUTO_FD here = fds[0];
	AUTO_FD there = fds[1];
	pid = clone_process(&request);
	if (pid < 0)
		return err_sys(err, "clone");
	if (pid == 0)
		inside_main(netns_fd, there);
	fd_close(&there);
	n = scm_recv(here, &ret, sizeof(ret), &fd);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	if (n != sizeof(ret))
		ret = n < 0 ? (int)n : -ECHILD;
	if (ret < 0)
		err_errno(err, ret, "enter the container's network namespace");
	if (ret == -EPERM)
		err_hint(err, "a device of the host is for root to give away");
	return ret < 0 ? ret : fd;
}

static int open_netns_of(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int open_netns(const struct plan *plan, const struct join_fds *join_fds, pid_t pid,
		      struct err *err)
{
	int fd = -1;

	for (size_t i = 0; i < plan->ns.n; i++)
		if (plan->ns.v[i].clone_flag == CLONE_NEWNET)
			fd = join_fds->v[i];
	fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : open_netns_of(pid);
	return fd < 0 ? err_sys(err, "open the container's network namespace") : fd;
}

static int open_move(const struct plan *plan, const struct join_fds *join_fds, pid_t pid,
		     struct move *move, struct err *err)
{
	struct stat ours, theirs;

	move->netns_fd = open_netns(plan, join_fds, pid, err);
	TRY(move->netns_fd);
	if (stat("/proc/thread-self/ns/net", &ours) < 0 || fstat(move->netns_fd, &theirs) < 0)
		return err_sys(err, "stat a network namespace");
	if (ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)
		return err_set(err, EINVAL,
			       "unable to move network devices without a NET namespace: "
			       "the container joins the runtime's own");
	move->host_fd = netlink_open();
	if (move->host_fd < 0)
		return err_errno(err, move->host_fd, "open a netlink socket");
	move->inside_fd = open_inside(move->netns_fd, err);
	return move->inside_fd < 0 ? move->inside_fd : 0;
}

static int move_all(const struct plan *plan, const struct move *move, struct err *err)
{
	for (size_t i = 0; i < plan->n_net_devices; i++)
		if (check_device(move, &plan->net_devices[i], err) < 0)
			return err_pointer(err, plan->net_devices[i].origin);
	for (size_t i = 0; i < plan->n_net_devices; i++) {
		const struct plan_net_device *device = &plan->net_devices[i];

		if (move_device(move, device, err) < 0) {
			err_wrap(err, "move network device \"%s\"", device->host_name);
			return err_pointer(err, device->origin);
		}
	}
	return 0;
}

int net_devices_move(const struct plan *plan, const struct join_fds *join_fds, pid_t pid,
		     struct err *err)
{
	struct move move = { -1, -1, -1 };
	int ret;

	if (plan->n_net_devices == 0)
		return 0;
	ret = open_move(plan, join_fds, pid, &move, err);
	if (ret < 0)
		err_pointer(err, "/linux/netDevices");
	else
		ret = move_all(plan, &move, err);
	move_done(&move);
	return ret;
}

int net_device_raise_loopback(pid_t pid, struct err *err)
{
	AUTO_FD netns_fd = open_netns_of(pid);
	AUTO_FD inside_fd = -1;

	if (netns_fd < 0)
		return err_sys(err, "open the container's network namespace");
	inside_fd = open_inside(netns_fd, err);
	TRY(inside_fd);
	if (set_up(inside_fd, LOOPBACK_INDEX, err) < 0)
		return err_wrap(err, "bring up the loopback interface");
	return 0;
}
