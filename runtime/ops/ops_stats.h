/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel counts of a container's cgroups. Values that a host does not count are zero, lists
 * empty. Of cgroup v2 what v1 counts differently is converted: microseconds, and memory+swap. Sizes and
 * limits of memory, huge pages and transfers are bytes; failcnt is how often a limit was hit.
 */
#ifndef OCIRUN_OPS_OPS_STATS_H
#define OCIRUN_OPS_OPS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ops_numbers {
	size_t n;
	uint64_t *v;
};

/* Pressure stall information: shares of time in percent, and microseconds. */
struct ops_pressure {
	bool set;
	struct ops_pressure_line {
		double avg10, avg60, avg300;
		uint64_t total;
	} some, full;
};

struct ops_memory_usage {
	uint64_t limit; /* UINT64_MAX: v2's "max" */
	uint64_t usage, max, failcnt;
};

struct ops_named_numbers {
	size_t n;
	struct ops_named_number {
		const char *name;
		uint64_t value;
	} * v;
};

struct ops_io_entries {
	size_t n;
	struct ops_io_entry {
		uint64_t major, minor;
		const char *op; /* "Read", "Write", ...; "" for a number without one */
		uint64_t value;
	} * v;
};

struct ops_hugetlb {
	const char *page_size; /* "2MB" */
	uint64_t usage, max, failcnt;
};

struct ops_lines {
	size_t n;
	const char **v;
};

/* resctrl, for a container that is in a class of service. What the host has not is NULL or 0. */
struct ops_rdt {
	bool has_l3, has_mb, has_mbm, has_cmt;
	const char *cbm_mask;
	uint64_t min_cbm_bits, l3_closids;
	uint64_t bandwidth_gran, delay_linear, min_bandwidth, mb_closids;
	const char *l3_root, *mb_root; /* lines of the host's schemata, and of the class's: */
	const char *l3, *mb;
	struct ops_lines schemata;
	size_t n_nodes;
	struct ops_rdt_node {
		uint64_t mbm_total_bytes, mbm_local_bytes, llc_occupancy; /* bytes */
	} * nodes;
};

struct ops_stats {
	struct {
		uint64_t total, kernel, user; /* nanoseconds, and so are the next two lines */
		struct ops_numbers percpu, percpu_kernel, percpu_user;
		uint64_t throttled_time;
		uint64_t periods, throttled_periods; /* counts */
		struct ops_pressure pressure;
	} cpu;
	struct {
		struct ops_numbers cpus, mems;
		uint64_t cpu_exclusive, mem_hardwall, mem_exclusive, memory_migrate;
		uint64_t memory_spread_page, memory_spread_slab, memory_pressure;
		uint64_t sched_load_balance;
		int64_t sched_relax_domain_level;
	} cpuset;
	struct {
		uint64_t cache;
		struct ops_memory_usage usage;
		struct ops_memory_usage swap; /* memory and swap together */
		struct ops_memory_usage kernel, kernel_tcp;
		struct ops_named_numbers raw; /* memory.stat */
		struct ops_pressure pressure;
	} memory;
	struct {
		uint64_t current, limit; /* limit 0: none */
	} pids;
	struct {
		struct ops_io_entries service_bytes, serviced, queued, service_time, wait_time;
		struct ops_io_entries merged, time, sectors;
		struct ops_pressure pressure;
	} io;
	size_t n_hugetlb;
	struct ops_hugetlb *hugetlb;
	struct ops_rdt rdt;
};

#endif
