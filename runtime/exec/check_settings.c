/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of the container that name what this kernel has not: sysctls, interfaces, nodes, clocks. */
#include "check.h"

#include "cgroupfs.h"
#include "bit_list.h"
#include "host_facts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/sched.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NET           "sys/net/"
#define BITS_PER_LONG (sizeof(long) * CHAR_BIT)

static void check_sysctls(const struct check *check)
{
	const struct plan_writes *sysctls = &check->plan->sysctls;
	char path[PATH_MAX];

	for (size_t i = 0; i < sysctls->n; i++) {
		const struct plan_write *one = &sysctls->v[i];

		snprintf(path, sizeof(path), "/proc/%s", one->path);
		/* A network namespace that is joined has interfaces of its own. */
		if (access(path, F_OK) == 0 || (check->plan->ns.join & CLONE_NEWNET &&
						strncmp(one->path, NET, strlen(NET)) == 0))
			continue;
		if (host_has_modules())
			problem_warning(check->sink, one->origin, "a module may bring it",
					"this kernel has no '%s' now", path);
		else
			problem_error(check->sink, one->origin, NULL, "this kernel has no '%s'",
				      path);
	}
}

static void check_net_devices(const struct check *check)
{
	for (size_t i = 0; i < check->plan->n_net_devices; i++) {
		const struct plan_net_device *device = &check->plan->net_devices[i];

		if (if_nametoindex(device->host_name) == 0)
			problem_error(check->sink, device->origin,
				      "`ip link` lists those of the host",
				      "there is no network device \"%s\"", device->host_name);
	}
}

/* Whoever mounts something on /dev/pts, or all of /dev, may bring terminals; nobody else does. */
static void check_terminal(const struct check *check)
{
	const struct plan_rootfs *rootfs = &check->plan->rootfs;

	if (!check->plan->has_process || !check->plan->process.terminal || !rootfs->has_mount_ns)
		return;
	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];

		if (strcmp(mount->target, "/dev/pts") == 0 ||
		    (strcmp(mount->target, "/dev") == 0 && mount->kind == PLAN_MOUNT_BIND))
			return;
	}
	problem_error(check->sink, "/process/terminal",
		      "add {\"destination\": \"/dev/pts\", \"type\": \"devpts\", \"options\": "
		      "[\"newinstance\", \"ptmxmode=0666\"]} to /mounts",
		      "a terminal needs a mount of type devpts at /dev/pts");
}

static void check_memory_policy(const struct check *check)
{
	const struct plan_process *process = &check->plan->process;
	unsigned long online[4096 / BITS_PER_LONG] = { 0 };
	size_t n = (process->memory_policy.max_node + BITS_PER_LONG - 1) / BITS_PER_LONG;
	char text[CGROUPFS_VALUE_MAX];

	if (!process->has_memory_policy || !process->memory_policy.max_node ||
	    cgroupfs_read(AT_FDCWD, "/sys/devices/system/node/online", text, sizeof(text)) <= 0 ||
	    !plan_read_bit_list(text, sizeof(online) * CHAR_BIT, online))
		return;
	for (size_t i = 0; i < n && i < sizeof(online) / sizeof(online[0]); i++)
		if (process->memory_policy.nodes[i] & online[i])
			return;
	problem_error(check->sink, "/linux/memoryPolicy/nodes", NULL,
		      "this host has the memory nodes %s only", text);
}

/* A clock of a time namespace does not begin before its zero. */
static void check_clocks(const struct check *check)
{
	static const struct {
		const char *name;
		clockid_t id;
	} clocks[] = { { "boottime", CLOCK_BOOTTIME }, { "monotonic", CLOCK_MONOTONIC } };
	const char *offsets = check->plan->ns.time_offsets;

	for (size_t i = 0; offsets && i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		const char *line = strstr(offsets, clocks[i].name);
		struct timespec now;
		int64_t seconds;
		char at[64];

		if (!line || sscanf(line + strlen(clocks[i].name), "%" SCNd64, &seconds) != 1 ||
		    clock_gettime(clocks[i].id, &now) < 0 || seconds >= -now.tv_sec)
			continue;
		snprintf(at, sizeof(at), "/linux/timeOffsets/%s", clocks[i].name);
		problem_error(check->sink, at, NULL,
			      "the clock would be before 0: it is at %" PRId64 " s now",
			      (int64_t)now.tv_sec);
	}
}

void check_settings(const struct check *check)
{
	check_sysctls(check);
	check_net_devices(check);
	check_terminal(check);
	check_memory_policy(check);
	check_clocks(check);
}
