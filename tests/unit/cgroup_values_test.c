/* SPDX-License-Identifier: Apache-2.0 */
/* What is written for a value: limits, none, weights, ranges. */
#include "test.h"

#include "cgroup_subject.h"

TEST(zero_and_empty_ask_for_nothing)
{
	RES.memory.limit = INT(0);
	RES.memory.swap = INT(0);
	RES.memory.reservation = INT(0);
	RES.memory.kernel = INT(0);
	RES.memory.kernel_tcp = INT(0);
	RES.memory.disable_oom_killer = BOOL(false);
	RES.cpu.shares = UINT(0);
	RES.cpu.quota = INT(0);
	RES.cpu.period = UINT(0);
	RES.cpu.realtime_period = UINT(0);
	RES.cpu.realtime_runtime = INT(0);
	RES.cpu.cpus = "";
	RES.cpu.mems = "";
	RES.block_io.weight = UINT(0);
	RES.block_io.leaf_weight = UINT(0);
	RES.network.class_id = UINT(0);
	CHECK_INT(build(&v2), 0);
	CHECK_INT(plan->n_writes, 0);
	CHECK_INT(build(&v1), 0);
	CHECK_INT(plan->n_writes, 12); /* the device rules */
	CHECK_INT(build(&none), 0);
}

TEST(minus_one_is_unlimited_and_a_zero_of_pids_is_a_limit)
{
	RES.memory.limit = INT(-1);
	RES.pids.limit = INT(-1);
	RES.cpu.quota = INT(-1);
	CHECK_INT(build(&v1), 0);
	CHECK_CONTAINS(text, "memory.limit_in_bytes = -1 (or later)");
	CHECK_CONTAINS(text, "memory.memsw.limit_in_bytes = -1 (if there)");
	CHECK_CONTAINS(text, "pids.max = max (if there)");
	CHECK_CONTAINS(text, "cpu.cfs_quota_us = -1");
	CHECK_INT(build(&v2), 0);
	CHECK_CONTAINS(text, "memory.max = max (if there)");
	CHECK_CONTAINS(text, "memory.swap.max = max (if there)");
	CHECK_CONTAINS(text, "cpu.max = max 100000");
	RES.pids.limit = INT(0);
	CHECK_INT(build(&v2), 0);
	CHECK_CONTAINS(text, "pids.max = 1 ");
}

TEST(swap_on_v2_is_what_is_left_of_memory_and_swap)
{
	RES.memory.limit = INT(100);
	RES.memory.swap = INT(100);
	CHECK_INT(build(&v2), 0);
	CHECK_CONTAINS(text, "memory.swap.max = 0 (if there)");
	RES.memory.swap = INT(-1);
	CHECK_INT(build(&v2), 0);
	CHECK_CONTAINS(text, "memory.swap.max = max (if there)");
	RES.memory.limit = INT(-1);
	RES.memory.swap = INT(70);
	CHECK_INT(build(&v2), 0);
	CHECK_CONTAINS(text, "memory.swap.max = 70");
	RES.memory.limit.set = false;
	CHECK_INT(build(&v2), -EINVAL);
	CHECK_STR(err.pointer, "/linux/resources/memory/swap");
	RES.memory.limit = INT(71);
	CHECK_INT(build(&v2), -EINVAL);
	CHECK_INT(build(&v1), -EINVAL);
	CHECK_STR(err.pointer, "/linux/resources/memory/swap");
	CHECK_CONTAINS(err.text, "should be >= memory limit");
}

TEST(no_memory_limit_is_below_the_word_for_none)
{
	RES.memory.reservation = INT(-2);
	CHECK_INT(build(&v2), -EINVAL);
	CHECK_INT(build(&v1), -EINVAL);
	CHECK_STR(err.pointer, "/linux/resources/memory/reservation");
	CHECK_CONTAINS(err.text, "is -2, expected a number of bytes, or -1");
	RES.memory.reservation = INT(-1);
	RES.memory.limit = INT(-1);
	RES.memory.swap = INT(-1);
	CHECK_INT(build(&v2), 0);
	CHECK_INT(build(&v1), 0);
	RES.memory.swap = INT(-5);
	CHECK_INT(build(&v1), -EINVAL);
	CHECK_STR(err.pointer, "/linux/resources/memory/swap");
	RES.memory.limit = INT(-5);
	CHECK_INT(build(&v2), -EINVAL);
	CHECK_STR(err.pointer, "/linux/resources/memory/limit");
}

TEST(a_period_alone_is_written_with_no_quota)
{
	RES.cpu.period = UINT(20000);
	CHECK_INT(build(&v2), 0);
	CHECK_CONTAINS(text, "cpu.max = max 20000  [/linux/resources/cpu/period]");
}

TEST(shares_become_weights)
{
	static const struct {
		uint64_t shares;
		const char *weight;
	} rows[] = {
		{ 1, "cpu.weight = 1 " },          { 2, "cpu.weight = 1 " },
		{ 3, "cpu.weight = 2 " },          { 256, "cpu.weight = 35 " },
		{ 1023, "cpu.weight = 100 " },     { 1024, "cpu.weight = 100 " },
		{ 1025, "cpu.weight = 101 " },     { 262143, "cpu.weight = 10000 " },
		{ 262144, "cpu.weight = 10000 " }, { UINT64_MAX, "cpu.weight = 10000 " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		RES.cpu.shares = UINT(rows[i].shares);
		CHECK_INT(build(&v2), 0);
		CHECK_CONTAINS(text, rows[i].weight);
	}
}

TEST(shares_that_v1_would_change_are_refused_there)
{
	RES.cpu.shares = UINT(262145);
	CHECK_INT(build(&v1), -EINVAL);
	CHECK_STR(err.text, "the maximum allowed cpu-shares is 262144");
	RES.cpu.shares = UINT(1);
	CHECK_INT(build(&v1), -EINVAL);
	CHECK_STR(err.text, "the minimum allowed cpu-shares is 2");
}

TEST(swappiness_has_a_range_and_a_value_for_unset)
{
	RES.memory.swappiness = UINT(101);
	CHECK_INT(build(&v1), -EINVAL);
	CHECK_STR(err.pointer, "/linux/resources/memory/swappiness");
	RES.memory.swappiness = UINT(UINT64_MAX);
	CHECK_INT(build(&v1), 0);
	CHECK_INT(build(&v2), 0);
	RES.memory.swappiness = UINT(60);
	CHECK_INT(build(&v2), 0);
}

TEST(a_page_size_cannot_name_another_file)
{
	static const char *const sizes[] = { "../x", "2MB/..", "", "MB", "2 MB", "2MBs", "2M" };
	static struct spec_hugepage page;

	RES.hugepage_limits.n = 1;
	RES.hugepage_limits.v = &page;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		page.page_size = sizes[i];
		CHECK_INT(build(&v2), -EINVAL);
		CHECK_STR(err.pointer, "/linux/resources/hugepageLimits/0");
	}
}

TEST(unified_needs_v2_and_a_controller_and_a_plain_file_name)
{
	static struct spec_pair pair = { "memory.min", "1" };

	RES.unified.n = 1;
	RES.unified.v = &pair;
	CHECK_INT(build(&v1), -ENOTSUP);
	CHECK_CONTAINS(err.text, "invalid configuration");
	CHECK_INT(build(&hybrid), -ENOTSUP);
	CHECK_CONTAINS(err.text, "controller \"memory\" not available");
	CHECK_STR(err.pointer, "/linux/resources/unified/memory.min");
	pair.key = "../memory.min";
	CHECK_INT(build(&v2), -EINVAL);
	CHECK_CONTAINS(err.text, "no slashes");
	pair.key = "memory";
	CHECK_INT(build(&v2), -EINVAL);
	pair.key = "..";
	CHECK_INT(build(&v2), -EINVAL);
	pair.key = "misc.max";
	CHECK_INT(build(&v2), 0);
	CHECK_CONTAINS(text, "needs misc\n");
	pair.key = "cpu.pressure";
	CHECK_INT(build(&v2_bare), 0);
}

TEST_MAIN()
