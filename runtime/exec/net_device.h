/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves network devices of the host into the container's network namespace: by the parent, while
 * the child waits for GO, since the child has no rights over the host's network (and in a user
 * namespace perhaps none over the one it joins). What is set up afterwards is the container's own:
 * nothing is ever moved back, as the runtime-spec says.
 */
#ifndef OCIRUN_EXEC_NET_DEVICE_H
#define OCIRUN_EXEC_NET_DEVICE_H

#include "err.h"
#include "join.h"
#include "netlink.h"
#include "plan.h"

/*
 * Moves all devices of the plan, names them, gives them back the addresses that a move costs, and
 * sets them up. @pid is the container's process; @join_fds its joined namespaces, in which it need
 * not be yet. What can be known to fail fails before the first device is moved.
 */
int net_devices_move(const struct plan *plan, const struct join_fds *join_fds, pid_t pid,
		     struct err *err);

/* Brings up the loopback interface where process @pid is: what an init of ours does by itself. */
int net_device_raise_loopback(pid_t pid, struct err *err);

/* ---- addresses ---- */

/* How a device is found where it has arrived. */
struct net_device_link {
	uint32_t index;
	char name[16]; /* IFNAMSIZ */
};

/*
 * Whether @message, an RTM_NEWADDR of a dump, is an address that moves with its device: permanent
 * and of global scope, of whatever family.
 */
bool net_device_keeps_address(const struct nlmsghdr *message);

/*
 * The request that adds the address of @message, of a device that was called @old_name, to @link.
 */
void net_device_address(const struct nlmsghdr *message, const char *old_name,
			const struct net_device_link *link, struct netlink_request *ret_request);

#endif
