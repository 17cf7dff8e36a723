/* SPDX-License-Identifier: Apache-2.0 */
/* Values of cgroups that no cgroup of this host can take. */
#include "check.h"

#include "bit_list.h"
#include "cgroupfs.h"
#include "host_facts.h"
#include "plan_cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
static void check_list(const struct check *check, const struct plan_cgroup_write *write)
{
	bool is_v2 = check->plan->cgroup->hierarchies[write->hierarchy].is_v2;
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

/* ---- processor time ---- */

#define CPU_QUOTA_MIN     1000 /* microseconds: min_cfs_quota_period, max_cfs_quota_period */
#define CPU_PERIOD_MIN    1000
#define CPU_PERIOD_MAX    1000000
#define CPU_PERIOD_NORMAL 100000

static void check_quota(const struct check *check, const struct plan_cgroup_write *write,
			const char *value)
{
	long long quota = strtoll(value, NULL, 10);

	if (quota > 0 && quota < CPU_QUOTA_MIN)
		problem_error(check->sink, write->origin, "the value is in microseconds",
			      "the kernel takes no quota of %lld: %d at least", quota,
			      CPU_QUOTA_MIN);
}

static void check_period(const struct check *check, const struct plan_cgroup_write *write,
			 const char *value)
{
	long long period = strtoll(value, NULL, 10);

	if (period < CPU_PERIOD_MIN || period > CPU_PERIOD_MAX)
		problem_error(check->sink, write->origin, "the value is in microseconds",
			      "the kernel takes no period of %lld: from %d to %d", period,
			      CPU_PERIOD_MIN, CPU_PERIOD_MAX);
}

/* "QUOTA PERIOD", of which the first may be "max" and the second left out. */
static void check_cpu_max(const struct check *check, const struct plan_cgroup_write *write)
{
	const char *period = strchr(write->value, ' ');

	if (strncmp(write->value, "max", strlen("max")) != 0)
		check_quota(check, write, write->value);
	if (period)
		check_period(check, write, period);
}

static long long planned(const struct plan_cgroup *cgroup, const char *file, long long otherwise)
{
	for (size_t i = 0; i < cgroup->n_writes; i++)
		if (strcmp(cgroup->writes[i].file, file) == 0)
			return strtoll(cgroup->writes[i].value, NULL, 10);
	return otherwise;
}

/* The number in a file of the nearest cgroup at or above @dir that has it, or @otherwise. */
static long long found(const char *dir, const char *file, long long otherwise)
{
	char path[PATH_MAX], value[64];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *end = path + strlen(path); end; end = strrchr(path, '/')) {
		char name[PATH_MAX + 64];

		*end = '\0';
		snprintf(name, sizeof(name), "%s/%s", path, file);
		if (path[0] && cgroupfs_read(AT_FDCWD, name, value, sizeof(value)) > 0)
			return strtoll(value, NULL, 10);
	}
	return otherwise;
}

/* In version 1 a part of the time is no larger than that of the cgroup above. */
static void check_quota_v1(const struct check *check, const struct plan_cgroup_write *write)
{
	const struct plan_cgroup *cgroup = check->plan->cgroup;
	const char *dir = cgroup->hierarchies[write->hierarchy].dir;
	long long quota = strtoll(write->value, NULL, 10), quota_above, period, period_above;

	check_quota(check, write, write->value);
	period = planned(cgroup, "cpu.cfs_period_us", CPU_PERIOD_NORMAL);
	quota_above = found(dir, "cpu.cfs_quota_us", -1);
	period_above = found(dir, "cpu.cfs_period_us", CPU_PERIOD_NORMAL);
	if (quota <= 0 || period <= 0 || quota_above <= 0 || period_above <= 0)
		return;
	if ((double)quota / (double)period > (double)quota_above / (double)period_above)
		problem_error(check->sink, write->origin, NULL,
			      "the cgroup above has %lld of every %lld microseconds, and this is "
			      "more: %lld of %lld",
			      quota_above, period_above, quota, period);
}

static void check_period_v1(const struct check *check, const struct plan_cgroup_write *write)
{
	check_period(check, write, write->value);
}

static bool is_realtime(const struct plan_process *process)
{
	return process->has_scheduler &&
	       (process->scheduler.policy == SCHED_FIFO || process->scheduler.policy == SCHED_RR);
}

/* A cgroup that is made has none; only kernels that group real-time tasks have the file. */
static void check_realtime(const struct check *check)
{
	const struct plan_cgroup *cgroup = check->plan->cgroup;

	if (!is_realtime(&check->plan->process) || host_sysctl("kernel/sched_rt_runtime_us") < 0)
		return;
	for (size_t i = 0; cgroup && i < cgroup->n_hierarchies; i++) {
		const struct plan_cgroup_hierarchy *h = &cgroup->hierarchies[i];
		bool has_budget = found(h->dir, "cpu.rt_runtime_us", -1) < 0 ||
				  planned(cgroup, "cpu.rt_runtime_us", 0) > 0;

		if (h->is_v2 || has_budget)
			continue;
		problem_error(
			check->sink, "/process/scheduler",
			"set /linux/resources/cpu/realtimeRuntime",
			"a real-time policy needs real-time budget, of which a new cgroup has 0");
	}
}

/* ---- devices, huge pages ---- */

#define HUGEPAGES "/sys/kernel/mm/hugepages"

/* "MAJOR:MINOR ..." */
static void check_block_device(const struct check *check, const struct plan_cgroup_write *write)
{
	int len = (int)strcspn(write->value, " ");
	char path[64];

	snprintf(path, sizeof(path), "/sys/dev/block/%.*s", len, write->value);
	if (access("/sys/dev/block", F_OK) == 0 && access(path, F_OK) < 0)
		problem_error(check->sink, write->origin, "`lsblk` lists those that it has",
			      "this host has no block device %.*s", len, write->value);
}

/* "hugetlb.2MB.max" */
static void check_hugepage(const struct check *check, const struct plan_cgroup_write *write)
{
	static const struct {
		const char *unit;
		unsigned long long kib;
	} units[] = { { "KB", 1 }, { "MB", 1 << 10 }, { "GB", 1 << 20 } };
	char path[96], *end;
	unsigned long long size = strtoull(write->file + strlen("hugetlb."), &end, 10);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strncmp(end, units[i].unit, strlen(units[i].unit)) == 0)
			size *= units[i].kib;
	snprintf(path, sizeof(path), HUGEPAGES "/hugepages-%llukB", size);
	/* Of the two limits that a size has, what is said of one is enough. */
	if (!strstr(write->file, "rsvd") && access(HUGEPAGES, F_OK) == 0 && access(path, F_OK) < 0)
		problem_error(check->sink, write->origin, "see " HUGEPAGES,
			      "this kernel has no huge pages of %llu KiB", size);
}

static const struct {
	const char *file; /* or how its name begins, with a dot at its end */
	void (*check)(const struct check *check, const struct plan_cgroup_write *write);
} rows[] = {
	{ "cpuset.cpus", check_list },          { "cpuset.mems", check_list },
	{ "cpu.cfs_quota_us", check_quota_v1 }, { "cpu.cfs_period_us", check_period_v1 },
	{ "cpu.max", check_cpu_max },           { "blkio.throttle.", check_block_device },
	{ "io.max", check_block_device },       { "hugetlb.", check_hugepage },
};

static bool is_file(const char *file, const char *name)
{
	size_t len = strlen(name);

	return name[len - 1] == '.' ? strncmp(file, name, len) == 0 : strcmp(file, name) == 0;
}

void check_cgroup(const struct check *check)
{
	const struct plan_cgroup *cgroup = check->plan->cgroup;

	for (size_t i = 0; cgroup && i < cgroup->n_writes; i++)
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			if (is_file(cgroup->writes[i].file, rows[k].file))
				rows[k].check(check, &cgroup->writes[i]);
	check_realtime(check);
}
