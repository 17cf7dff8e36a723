/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which property stands for which file of a cgroup. systemd writes the files of a unit again when
 * it is reloaded, or when somebody sets a property of the same controller; what it knows of the value
 * that counts, it does not change. Files without a row are none that it writes: limits for single
 * block devices and for huge pages, network, RDMA, ... stay as we write them.
 */
#include "bit_list.h"
#include "unit_build.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define INFINITY_TEXT      "18446744073709551615" /* what systemd says for no limit: UINT64_MAX */
#define CPU_PERIOD_USEC    100000ull              /* the kernel's default */
#define CPU_WEIGHT         100ull                 /* the kernel's default */
#define CPU_ROUND_USEC     10000ull               /* systemd counts per cent of a processor */
#define USEC_PER_SEC       1000000ull
#define NUMBERS_MAX        8192
#define BITS_PER_LONG      (sizeof(long) * CHAR_BIT)
#define CPU_PERIOD_FILE_V1 "cpu.cfs_period_us"

struct unit_row;

/* Turns the value of a write into values of a property; one that says nothing to systemd adds none. */
typedef int unit_emit(struct cgroup_build *build, const struct unit_row *row,
		      const struct plan_cgroup_write *write, const char *value);

struct unit_row {
	bool is_v2;
	const char *file;
	struct unit_property_kind kind;
	unit_emit *emit;
};

/* ---- formats ---- */

static int refuse(struct cgroup_build *build, const struct unit_row *row,
		  const struct plan_cgroup_write *write, const char *value)
{
	return err_at(build->err, write->origin, EINVAL,
		      "'%s' is no value that the property %s of systemd could have", value,
		      row->kind.name);
}

static bool read_number(const char *text, unsigned long long *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	return end != text && (*end == '\0' || *end == ' ' || *end == '\n') && text[0] != '-' &&
	       errno == 0;
}

static void add_text(struct cgroup_build *build, const struct unit_property_kind *kind,
		     const struct plan_cgroup_write *write, const char *text)
{
	unit_add(build, kind, 1, &text, write->origin);
}

static void add_number(struct cgroup_build *build, const struct unit_property_kind *kind,
		       const struct plan_cgroup_write *write, unsigned long long number)
{
	add_text(build, kind, write, arena_printf(build->arena, "%llu", number));
}

/* A number; "max" and -1 are no limit. */
static int emit_limit(struct cgroup_build *build, const struct unit_row *row,
		      const struct plan_cgroup_write *write, const char *value)
{
	unsigned long long number;

	if (strcmp(value, "max") == 0 || strcmp(value, "-1") == 0)
		add_text(build, &row->kind, write, INFINITY_TEXT);
	else if (read_number(value, &number))
		add_number(build, &row->kind, write, number);
	else
		return refuse(build, row, write, value);
	return 0;
}

/* io.weight may have "default" in front; a line for one device is no matter of this property. */
static int emit_weight(struct cgroup_build *build, const struct unit_row *row,
		       const struct plan_cgroup_write *write, const char *value)
{
	static const char word[] = "default ";
	unsigned long long number;

	if (strncmp(value, word, strlen(word)) == 0)
		value += strlen(word);
	else if (strchr(value, ':'))
		return 0;
	if (!read_number(value, &number))
		return refuse(build, row, write, value);
	add_number(build, &row->kind, write, number);
	return 0;
}

static const struct plan_cgroup_write *find_write(const struct cgroup_build *build,
						  const char *file)
{
	for (size_t i = 0; i < build->plan->n_writes; i++)
		if (strcmp(build->plan->writes[i].file, file) == 0)
			return &build->plan->writes[i];
	return NULL;
}

/* A group that is idle has the weight 0 for systemd, and one that is not any more the default. */
static int emit_idle(struct cgroup_build *build, const struct unit_row *row,
		     const struct plan_cgroup_write *write, const char *value)
{
	if (strcmp(value, "1") == 0)
		add_number(build, &row->kind, write, 0);
	else if (!find_write(build, "cpu.weight"))
		add_number(build, &row->kind, write, CPU_WEIGHT);
	return 0;
}

/* A quota as time per second, which cgroups that are nested in it must be able to have in full. */
static unsigned long long usec_per_sec(unsigned long long quota, unsigned long long period)
{
	unsigned long long usec;

	/* More than any machine has: a number that cannot overflow below. */
	if (quota > ULLONG_MAX / USEC_PER_SEC)
		return ULLONG_MAX / CPU_ROUND_USEC * CPU_ROUND_USEC;
	usec = quota * USEC_PER_SEC / period;
	return usec > ULLONG_MAX - CPU_ROUND_USEC
		       ? usec
		       : (usec + CPU_ROUND_USEC - 1) / CPU_ROUND_USEC * CPU_ROUND_USEC;
}

static const struct unit_property_kind cpu_period = { "CPUQuotaPeriodUSec", "t", 242, false };

/* @quota: 0 is no limit. */
static void add_quota(struct cgroup_build *build, const struct unit_row *row,
		      const struct plan_cgroup_write *write, unsigned long long quota,
		      unsigned long long period)
{
	if (period)
		add_number(build, &cpu_period, write, period);
	if (quota)
		add_number(build, &row->kind, write,
			   usec_per_sec(quota, period ? period : CPU_PERIOD_USEC));
	else
		add_text(build, &row->kind, write, INFINITY_TEXT);
}

/* "QUOTA PERIOD", "max PERIOD", or without the period, which stays what it is. */
static int emit_cpu_max(struct cgroup_build *build, const struct unit_row *row,
			const struct plan_cgroup_write *write, const char *value)
{
	const char *second = strchr(value, ' ');
	unsigned long long quota = 0, period = 0;
	bool is_max = strncmp(value, "max", 3) == 0;

	if ((!is_max && (!read_number(value, &quota) || quota == 0)) ||
	    (second && (!read_number(second + 1, &period) || period == 0)))
		return refuse(build, row, write, value);
	add_quota(build, row, write, quota, period);
	return 0;
}

/* v1 has a file for each; that of the period is written with the quota's, or by itself. */
static int emit_cfs_quota(struct cgroup_build *build, const struct unit_row *row,
			  const struct plan_cgroup_write *write, const char *value)
{
	const struct plan_cgroup_write *other = find_write(build, CPU_PERIOD_FILE_V1);
	unsigned long long quota = 0, period = 0;

	if (other && !read_number(other->value, &period))
		return refuse(build, row, other, other->value);
	if (value[0] != '-' && !read_number(value, &quota))
		return refuse(build, row, write, value);
	add_quota(build, row, write, quota, period);
	return 0;
}

static int emit_cfs_period(struct cgroup_build *build, const struct unit_row *row,
			   const struct plan_cgroup_write *write, const char *value)
{
	unsigned long long period;

	if (find_write(build, "cpu.cfs_quota_us"))
		return 0;
	if (!read_number(value, &period))
		return refuse(build, row, write, value);
	add_number(build, &row->kind, write, period);
	return 0;
}

/*
 * What an end for lack of memory ends: a process, or all. systemd has it as a policy of the unit, which is
 * not to be changed while it lives.
 */
static int emit_oom_group(struct cgroup_build *build, const struct unit_row *row,
			  const struct plan_cgroup_write *write, const char *value)
{
	bool is_update = build->base[0] == '\0';

	if (!is_update)
		add_text(build, &row->kind, write, strcmp(value, "1") == 0 ? "kill" : "continue");
	return 0;
}

/* A list "0-3,7" as bytes, the first of which has the bits 0 to 7. */
static int emit_set(struct cgroup_build *build, const struct unit_row *row,
		    const struct plan_cgroup_write *write, const char *value)
{
	unsigned long bits[NUMBERS_MAX / BITS_PER_LONG] = { 0 };
	const char *bytes[NUMBERS_MAX / CHAR_BIT];
	size_t n = 0;

	if (!plan_read_bit_list(value, NUMBERS_MAX, bits))
		return refuse(build, row, write, value);
	for (size_t i = 0; i < NUMBERS_MAX / CHAR_BIT; i++) {
		unsigned byte =
			(unsigned)(bits[i / sizeof(long)] >> (i % sizeof(long) * CHAR_BIT)) &
			UCHAR_MAX;

		bytes[i] = byte ? arena_printf(build->arena, "%u", byte) : "0";
		if (byte)
			n = i + 1;
	}
	unit_add(build, &row->kind, n, bytes, write->origin);
	return 0;
}

/* ---- the table ---- */

static const struct unit_row unit_rows[] = {
	/* v2?  file                  property, its type, since which version, when  format */
	{ true, "cpu.weight", { "CPUWeight", "t", 0, false }, emit_limit },
	{ true, "cpu.idle", { "CPUWeight", "t", 252, false }, emit_idle },
	{ true, "cpu.max", { "CPUQuotaPerSecUSec", "t", 0, false }, emit_cpu_max },
	{ true, "cpuset.cpus", { "AllowedCPUs", "ay", 244, false }, emit_set },
	{ true, "cpuset.mems", { "AllowedMemoryNodes", "ay", 244, false }, emit_set },
	{ true, "io.weight", { "IOWeight", "t", 0, false }, emit_weight },
	{ true, "memory.min", { "MemoryMin", "t", 240, true }, emit_limit },
	{ true, "memory.low", { "MemoryLow", "t", 0, true }, emit_limit },
	{ true, "memory.high", { "MemoryHigh", "t", 0, true }, emit_limit },
	{ true, "memory.max", { "MemoryMax", "t", 0, true }, emit_limit },
	{ true, "memory.oom.group", { "OOMPolicy", "s", 253, false }, emit_oom_group },
	{ true, "memory.swap.max", { "MemorySwapMax", "t", 0, true }, emit_limit },
	{ true, "memory.zswap.max", { "MemoryZSwapMax", "t", 253, true }, emit_limit },
	{ true, "pids.max", { "TasksMax", "t", 0, true }, emit_limit },

	{ false, "cpu.shares", { "CPUShares", "t", 0, false }, emit_limit },
	{ false, "cpu.cfs_quota_us", { "CPUQuotaPerSecUSec", "t", 0, false }, emit_cfs_quota },
	{ false, CPU_PERIOD_FILE_V1, { "CPUQuotaPeriodUSec", "t", 242, false }, emit_cfs_period },
	{ false, "blkio.weight", { "BlockIOWeight", "t", 0, false }, emit_limit },
	{ false, "memory.limit_in_bytes", { "MemoryLimit", "t", 0, true }, emit_limit },
	{ false, "pids.max", { "TasksMax", "t", 0, true }, emit_limit },
};

static int add_value(struct cgroup_build *build, const struct plan_cgroup_write *write)
{
	bool is_v2 = build->plan->hierarchies[write->hierarchy].is_v2;

	for (size_t i = 0; i < sizeof(unit_rows) / sizeof(unit_rows[0]); i++) {
		const struct unit_row *row = &unit_rows[i];

		if (row->is_v2 != is_v2)
			continue;
		if (strcmp(row->file, write->file) == 0)
			TRY(row->emit(build, row, write, write->value));
		else if (write->alt_file && strcmp(row->file, write->alt_file) == 0)
			TRY(row->emit(build, row, write, write->alt_value));
	}
	return 0;
}

int unit_add_values(struct cgroup_build *build)
{
	for (size_t i = 0; i < build->plan->n_writes; i++)
		TRY(add_value(build, &build->plan->writes[i]));
	return 0;
}
