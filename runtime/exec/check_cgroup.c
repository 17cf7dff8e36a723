/* SPDX-License-Identifier: Apache-2.0 */
/* Values of cgroups that no cgroup of this host can take. */
#include "check.h"

#include "bit_list.h"
#include "cgroupfs.h"
#include "plan_cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define NUMBERS_MAX   8192 /* of processors or nodes: more than kernels are built for */
#define BITS_PER_LONG (sizeof(long) * CHAR_BIT)

static const struct {
	const char *file;
	const char *online; /* what this host has of it */
	const char *what;
} lists[] = {
	{ "cpuset.cpus", "/sys/devices/system/cpu/online", "processors" },
	{ "cpuset.mems", "/sys/devices/system/node/online", "memory nodes" },
};

/* Whether @asked names what is not in @there; false where either cannot be read. */
static bool exceeds(const char *asked, const char *there)
{
	unsigned long asked_bits[NUMBERS_MAX / BITS_PER_LONG] = { 0 };
	unsigned long there_bits[NUMBERS_MAX / BITS_PER_LONG] = { 0 };

	if (!plan_read_bit_list(asked, NUMBERS_MAX, asked_bits) ||
	    !plan_read_bit_list(there, NUMBERS_MAX, there_bits))
		return false;
	for (size_t i = 0; i < NUMBERS_MAX / BITS_PER_LONG; i++)
		if (asked_bits[i] & ~there_bits[i])
			return true;
	return false;
}

/* Version 2 takes a number that is not online, and runs the container on those that are. */
static void check_list(const struct check *check, const struct plan_cgroup_write *write, bool is_v2)
{
	char there[CGROUPFS_VALUE_MAX];

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(write->file, lists[i].file) != 0 ||
		    cgroupfs_read(AT_FDCWD, lists[i].online, there, sizeof(there)) <= 0 ||
		    !exceeds(write->value, there))
			continue;
		if (is_v2)
			problem_warning(check->sink, write->origin, NULL,
					"this host has the %s %s only", lists[i].what, there);
		else
			problem_error(check->sink, write->origin, NULL,
				      "this host has the %s %s only", lists[i].what, there);
	}
}

void check_cgroup(const struct check *check)
{
	const struct plan_cgroup *cgroup = check->plan->cgroup;

	for (size_t i = 0; cgroup && i < cgroup->n_writes; i++)
		check_list(check, &cgroup->writes[i],
			   cgroup->hierarchies[cgroup->writes[i].hierarchy].is_v2);
}
