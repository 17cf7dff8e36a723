/* SPDX-License-Identifier: Apache-2.0 */
/* Plans for the cgroups of hosts that this machine need not be. */
#include "test.h"

#include "host.h"
#include "plan_build.h"
#include "plan_cgroup.h"
#include "spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct host_hierarchy v1_list[] = {
	{ false, "/sys/fs/cgroup/memory", "memory", "/own" },
	{ false, "/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct", "/" },
	{ false, "/sys/fs/cgroup/cpuset", "cpuset", "/" },
	{ false, "/sys/fs/cgroup/devices", "devices", "/own" },
	{ false, "/sys/fs/cgroup/blkio", "blkio", "/" },
	{ false, "/sys/fs/cgroup/pids", "pids", "/" },
	{ false, "/sys/fs/cgroup/hugetlb", "hugetlb", "/" },
	{ false, "/sys/fs/cgroup/rdma", "rdma", "/" },
	{ false, "/sys/fs/cgroup/net_cls,net_prio", "net_cls,net_prio", "/" },
	{ false, "/sys/fs/cgroup/freezer", "freezer", "/" },
	{ false, "/sys/fs/cgroup/systemd", "name=systemd", "/user.slice" },
};
static const struct host_hierarchy hybrid_list[] = {
	{ false, "/sys/fs/cgroup/memory", "memory", "/" },
	{ false, "/sys/fs/cgroup/cpu", "cpu", "/" },
	{ false, "/sys/fs/cgroup/devices", "devices", "/" },
	{ true, "/sys/fs/cgroup/unified", "hugetlb", "/own" },
};
static const struct host_hierarchy v2_list[] = {
	{ true, "/sys/fs/cgroup", "cpuset cpu io memory hugetlb pids rdma misc",
	  "/user.slice/session.scope" },
};
static const struct host_hierarchy v2_bare_list[] = {
	{ true, "/sys/fs/cgroup", "cpu pids", "/" },
};
#define HOST(list)                                                                                 \
	{                                                                                          \
		.n_hierarchies = sizeof(list) / sizeof((list)[0]), .hierarchies = (list)           \
	}
static const struct host v1 = HOST(v1_list);
static const struct host hybrid = HOST(hybrid_list);
static const struct host v2 = HOST(v2_list);
static const struct host v2_bare = HOST(v2_bare_list);
static const struct host none = { .n_hierarchies = 0 };

/* ---- what each test works with ---- */

static struct arena *arena;
static struct spec spec;
static struct err err;
static struct plan_cgroup *plan;
static char text[65536];
static enum cgroup_manager manager = CGROUP_MANAGER_CGROUPFS;

#define RES     spec.linux_.resources
#define INT(x)  ((struct spec_opt_int){ true, (x) })
#define UINT(x) ((struct spec_opt_uint){ true, (x) })
#define BOOL(x) ((struct spec_opt_bool){ true, (x) })

static void append(void *context, const char *line)
{
	size_t len = strlen(text);

	(void)context;
	snprintf(text + len, sizeof(text) - len, "%s\n", line);
}

static int build(const struct host *host)
{
	struct plan_request request = { .id = "c1", .bundle = "/b", .cgroup_manager = manager };
	int ret;

	if (!arena && arena_new(64u << 20, &arena, &err) < 0)
		return -ENOMEM;
	plan = NULL;
	text[0] = '\0';
	ret = plan_build_cgroup(arena, &spec, host, &request, &plan, &err);
	if (ret == 0)
		plan_print_cgroup(plan, append, NULL);
	return ret;
}

/* The lines of the text that have a part, without the device rules of every container. */
static const char *lines_with(const char *part)
{
	static char out[16384];
	char copy[sizeof(text)], *save = NULL;

	out[0] = '\0';
	memcpy(copy, text, sizeof(text));
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strstr(line, part)) {
			strncat(out, line, sizeof(out) - strlen(out) - 1);
			strncat(out, "\n", sizeof(out) - strlen(out) - 1);
		}
	return out;
}

static const char *dir_of(const char *controllers)
{
	for (size_t i = 0; i < plan->n_hierarchies; i++)
		if (strcmp(plan->hierarchies[i].controllers, controllers) == 0)
			return plan->hierarchies[i].dir;
	return NULL;
}

/* ---- placement ---- */

TEST(an_absolute_path_lies_below_each_mount)
{
	spec.linux_.cgroups_path = "/a/b";
	CHECK_INT(build(&v1), 0);
	CHECK_STR(dir_of("memory"), "/sys/fs/cgroup/memory/a/b");
	CHECK_STR(dir_of("cpu,cpuacct"), "/sys/fs/cgroup/cpu,cpuacct/a/b");
	CHECK_STR(dir_of("name=systemd"), "/sys/fs/cgroup/systemd/a/b");
	CHECK_INT(build(&v2), 0);
	CHECK_STR(plan->hierarchies[0].dir, "/sys/fs/cgroup/a/b");
	CHECK_STR(plan->hierarchies[0].path, "/a/b");
}

TEST(without_a_path_the_id_lies_below_the_own_cgroup_of_each_v1_hierarchy)
{
	CHECK_INT(build(&v1), 0);
	CHECK_STR(dir_of("memory"), "/sys/fs/cgroup/memory/own/c1");
	CHECK_STR(dir_of("cpuset"), "/sys/fs/cgroup/cpuset/c1");
	CHECK_STR(dir_of("name=systemd"), "/sys/fs/cgroup/systemd/user.slice/c1");
}

TEST(on_v2_a_relative_path_lies_beside_the_own_cgroup)
{
	spec.linux_.cgroups_path = "x/y";
	CHECK_INT(build(&v2), 0);
	CHECK_STR(plan->hierarchies[0].dir, "/sys/fs/cgroup/user.slice/x/y");
	CHECK_INT(build(&v2_bare), 0);
	CHECK_STR(plan->hierarchies[0].dir, "/sys/fs/cgroup/x/y");
	CHECK_INT(build(&hybrid), 0);
	CHECK_STR(plan->hierarchies[3].dir, "/sys/fs/cgroup/unified/own/x/y");
}

TEST(dots_never_leave_the_hierarchy)
{
	static const struct {
		const char *path, *dir;
	} rows[] = {
		{ "/../../etc", "/sys/fs/cgroup/memory/etc" },
		{ "../../../c", "/sys/fs/cgroup/memory/own/c" },
		{ "/a/../../../b", "/sys/fs/cgroup/memory/b" },
		{ "a/./..//b/", "/sys/fs/cgroup/memory/own/b" },
		{ "system.slice:docker:c1", "/sys/fs/cgroup/memory/own/system.slice:docker:c1" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		spec.linux_.cgroups_path = rows[i].path;
		CHECK_INT(build(&v1), 0);
		CHECK_STR(dir_of("memory"), rows[i].dir);
	}
}

TEST(a_path_that_is_the_root_or_the_own_cgroup_is_refused)
{
	static const char *const paths[] = { "/", ".", "..", "/../", "a/.." };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		spec.linux_.cgroups_path = paths[i];
		CHECK_INT(build(&v1), -EINVAL);
		CHECK_STR(err.pointer, "/linux/cgroupsPath");
	}
}

TEST(a_disabled_manager_makes_no_cgroup)
{
	manager = CGROUP_MANAGER_DISABLED;
	RES.memory.limit = INT(1);
	CHECK_INT(build(&v1), 0);
	CHECK(plan == NULL);
}

TEST(what_the_caller_is_in_can_be_shown)
{
	const struct plan_cgroup *callers;

	CHECK_INT(build(&none), 0);
	CHECK(plan_build_callers_cgroup(arena, &none) == NULL);
	callers = plan_build_callers_cgroup(arena, &hybrid);
	CHECK_INT(callers->n_hierarchies, 4);
	CHECK_STR(callers->hierarchies[0].dir, "/sys/fs/cgroup/memory/");
	CHECK_STR(callers->hierarchies[3].dir, "/sys/fs/cgroup/unified/own");
	CHECK(callers->hierarchies[3].is_v2);
	CHECK_STR(callers->hierarchies[3].controllers, "hugetlb");
	CHECK_INT(callers->n_writes, 0);
}

TEST(a_host_without_cgroups_runs_what_asks_for_none)
{
	CHECK_INT(build(&none), 0);
	CHECK(plan == NULL);
	spec.linux_.cgroups_path = "/x";
	CHECK_INT(build(&none), -ENOTSUP);
	CHECK_STR(err.pointer, "/linux/cgroupsPath");
	spec.linux_.cgroups_path = NULL;
	RES.pids.limit = INT(5);
	CHECK_INT(build(&none), -ENOTSUP);
	CHECK_STR(err.pointer, "/linux/resources/pids/limit");
	CHECK_CONTAINS(err.text, "no cgroup controller 'pids'");
}

TEST(an_unprivileged_user_may_do_without_what_nothing_is_asked_of)
{
	struct host user = v1;

	user.in_user_ns = true;
	user.euid = 1000;
	RES.memory.limit = INT(4096);
	CHECK_INT(build(&user), 0);
	for (size_t i = 0; i < plan->n_hierarchies; i++)
		CHECK_INT(plan->hierarchies[i].is_optional,
			  strcmp(plan->hierarchies[i].controllers, "memory") != 0);
	CHECK_STR(lines_with("devices.deny"), "");
	CHECK_INT(plan->hierarchies[0].is_optional, false);
	CHECK(!plan->hierarchies[0].own_dir);
	CHECK_STR(plan->hierarchies[3].own_dir, "/sys/fs/cgroup/devices/own");

	spec.linux_.cgroups_path = "/x";
	CHECK_INT(build(&user), 0);
	CHECK(!plan->hierarchies[1].is_optional);

	/* Who delegates a path on a hybrid host may have thought of v1 alone. */
	user = hybrid;
	user.in_user_ns = true;
	user.euid = 1000;
	CHECK_INT(build(&user), 0);
	for (size_t i = 0; i < plan->n_hierarchies; i++)
		CHECK_INT(plan->hierarchies[i].is_optional, plan->hierarchies[i].is_v2);
}

/* ---- every row ---- */

static void ask_for_what_both_have(void)
{
	static struct spec_block_weight weights[] = { { 8, 0, { true, 500 }, { false, 0 } } };
	static struct spec_block_rate rates[4][1] = {
		{ { 8, 0, 100 } }, { { 8, 1, 200 } }, { { 8, 2, 300 } }, { { 8, 3, 0 } }
	};
	static struct spec_hugepage pages[] = { { "2MB", 4194304 }, { "1GB", 0 } };
	static struct spec_rdma rdma[] = { { "mlx5/1", { true, 3 }, { true, 10000 } },
					   { "rxe3", { false, 0 }, { true, 5 } } };

	spec.linux_.cgroups_path = "/c";
	RES.memory.limit = INT(1000000);
	RES.memory.swap = INT(3000000);
	RES.memory.reservation = INT(500000);
	RES.memory.use_hierarchy = BOOL(true);
	RES.memory.check_before_update = BOOL(true);
	RES.cpu.shares = UINT(1024);
	RES.cpu.quota = INT(50000);
	RES.cpu.period = UINT(100000);
	RES.cpu.burst = UINT(1000);
	RES.cpu.idle = INT(1);
	RES.cpu.cpus = "0-1";
	RES.cpu.mems = "0";
	RES.pids.limit = INT(10);
	RES.block_io.weight = UINT(1000);
	RES.block_io.weight_device.n = 1;
	RES.block_io.weight_device.v = weights;
	RES.block_io.read_bps = (struct spec_block_rates){ 1, rates[0] };
	RES.block_io.write_bps = (struct spec_block_rates){ 1, rates[1] };
	RES.block_io.read_iops = (struct spec_block_rates){ 1, rates[2] };
	RES.block_io.write_iops = (struct spec_block_rates){ 1, rates[3] };
	RES.hugepage_limits.n = 2;
	RES.hugepage_limits.v = pages;
	RES.rdma.n = 2;
	RES.rdma.v = rdma;
}

TEST(every_key_has_its_file_on_v1)
{
	static struct spec_net_priority priorities[] = { { "eth0", 5 } };

	ask_for_what_both_have();
	RES.memory.kernel = INT(1);
	RES.memory.kernel_tcp = INT(7);
	RES.memory.disable_oom_killer = BOOL(true);
	RES.memory.swappiness = UINT(0);
	RES.cpu.realtime_period = UINT(1000000);
	RES.cpu.realtime_runtime = INT(950000);
	RES.block_io.leaf_weight = UINT(300);
	RES.block_io.weight_device.v[0].leaf_weight = UINT(20);
	RES.network.class_id = UINT(1048577);
	RES.network.priorities.n = 1;
	RES.network.priorities.v = priorities;
	CHECK_INT(build(&v1), 0);
	CHECK_STR(lines_with(" = "),
		  "join: /sys/fs/cgroup/cpuset/c/cpuset.cpus = 0-1  [/linux/resources/cpu/cpus]\n"
		  "join: /sys/fs/cgroup/cpuset/c/cpuset.mems = 0  [/linux/resources/cpu/mems]\n"
		  "join: /sys/fs/cgroup/cpu,cpuacct/c/cpu.rt_period_us = 1000000 (or later)  "
		  "[/linux/resources/cpu/realtimePeriod]\n"
		  "join: /sys/fs/cgroup/cpu,cpuacct/c/cpu.rt_runtime_us = 950000  "
		  "[/linux/resources/cpu/realtimeRuntime]\n"
		  "setup: /sys/fs/cgroup/cpu,cpuacct/c/cpu.shares = 1024 (or later)  "
		  "[/linux/resources/cpu/shares]\n"
		  "setup: /sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us = 100000 (or later)  "
		  "[/linux/resources/cpu/period]\n"
		  "setup: /sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_burst_us = 1000 (or later)  "
		  "[/linux/resources/cpu/burst]\n"
		  "setup: /sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us = 50000  "
		  "[/linux/resources/cpu/quota]\n"
		  "setup: /sys/fs/cgroup/cpu,cpuacct/c/cpu.idle = 1  [/linux/resources/cpu/idle]\n"
		  "setup: /sys/fs/cgroup/blkio/c/blkio.weight = 1000 or blkio.bfq.weight = 1000  "
		  "[/linux/resources/blockIO/weight]\n"
		  "setup: /sys/fs/cgroup/blkio/c/blkio.leaf_weight = 300  "
		  "[/linux/resources/blockIO/leafWeight]\n"
		  "setup: /sys/fs/cgroup/blkio/c/blkio.weight_device = 8:0 500 or "
		  "blkio.bfq.weight_device = 8:0 500  [/linux/resources/blockIO/weightDevice/0]\n"
		  "setup: /sys/fs/cgroup/blkio/c/blkio.leaf_weight_device = 8:0 20  "
		  "[/linux/resources/blockIO/weightDevice/0]\n"
		  "setup: /sys/fs/cgroup/blkio/c/blkio.throttle.read_bps_device = 8:0 100  "
		  "[/linux/resources/blockIO/throttleReadBpsDevice/0]\n"
		  "setup: /sys/fs/cgroup/blkio/c/blkio.throttle.write_bps_device = 8:1 200  "
		  "[/linux/resources/blockIO/throttleWriteBpsDevice/0]\n"
		  "setup: /sys/fs/cgroup/blkio/c/blkio.throttle.read_iops_device = 8:2 300  "
		  "[/linux/resources/blockIO/throttleReadIOPSDevice/0]\n"
		  "setup: /sys/fs/cgroup/blkio/c/blkio.throttle.write_iops_device = 8:3 0  "
		  "[/linux/resources/blockIO/throttleWriteIOPSDevice/0]\n"
		  "setup: /sys/fs/cgroup/hugetlb/c/hugetlb.2MB.limit_in_bytes = 4194304  "
		  "[/linux/resources/hugepageLimits/0]\n"
		  "setup: /sys/fs/cgroup/hugetlb/c/hugetlb.2MB.rsvd.limit_in_bytes = 4194304 (if "
		  "there)  [/linux/resources/hugepageLimits/0]\n"
		  "setup: /sys/fs/cgroup/hugetlb/c/hugetlb.1GB.limit_in_bytes = 0  "
		  "[/linux/resources/hugepageLimits/1]\n"
		  "setup: /sys/fs/cgroup/hugetlb/c/hugetlb.1GB.rsvd.limit_in_bytes = 0 (if there)  "
		  "[/linux/resources/hugepageLimits/1]\n"
		  "setup: /sys/fs/cgroup/rdma/c/rdma.max = mlx5/1 hca_handle=3 hca_object=10000  "
		  "[/linux/resources/rdma/mlx5~11]\n"
		  "setup: /sys/fs/cgroup/rdma/c/rdma.max = rxe3 hca_object=5  "
		  "[/linux/resources/rdma/rxe3]\n"
		  "setup: /sys/fs/cgroup/net_cls,net_prio/c/net_cls.classid = 1048577  "
		  "[/linux/resources/network/classID]\n"
		  "setup: /sys/fs/cgroup/net_cls,net_prio/c/net_prio.ifpriomap = eth0 5  "
		  "[/linux/resources/network/priorities/0]\n"
		  "last: /sys/fs/cgroup/memory/c/memory.limit_in_bytes = 1000000 (or later)  "
		  "[/linux/resources/memory/limit]\n"
		  "last: /sys/fs/cgroup/memory/c/memory.memsw.limit_in_bytes = 3000000  "
		  "[/linux/resources/memory/swap]\n"
		  "last: /sys/fs/cgroup/memory/c/memory.soft_limit_in_bytes = 500000  "
		  "[/linux/resources/memory/reservation]\n"
		  "last: /sys/fs/cgroup/memory/c/memory.kmem.tcp.limit_in_bytes = 7  "
		  "[/linux/resources/memory/kernelTCP]\n"
		  "last: /sys/fs/cgroup/memory/c/memory.oom_control = 1  "
		  "[/linux/resources/memory/disableOOMKiller]\n"
		  "last: /sys/fs/cgroup/memory/c/memory.swappiness = 0  "
		  "[/linux/resources/memory/swappiness]\n"
		  "last: /sys/fs/cgroup/pids/c/pids.max = 10  [/linux/resources/pids/limit]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.deny = a  [/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = c *:* m  "
		  "[/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = b *:* m  "
		  "[/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = c 1:3 rwm  "
		  "[/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = c 1:8 rwm  "
		  "[/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = c 1:7 rwm  "
		  "[/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = c 5:0 rwm  "
		  "[/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = c 1:5 rwm  "
		  "[/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = c 1:9 rwm  "
		  "[/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = c 136:* rwm  "
		  "[/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = c 5:2 rwm  "
		  "[/linux/resources/devices]\n"
		  "setup: /sys/fs/cgroup/devices/c/devices.allow = c 10:200 rwm  "
		  "[/linux/resources/devices]\n");
}

TEST(every_key_has_its_file_on_v2)
{
	static struct spec_pair unified[] = { { "memory.high", "900000" },
					      { "io.max", "8:0 rbps=5\n8:1 rbps=6\n" },
					      { "cgroup.max.depth", "3" } };

	ask_for_what_both_have();
	RES.unified.n = 3;
	RES.unified.v = unified;
	CHECK_INT(build(&v2), 0);
	CHECK_STR(
		text,
		"cgroup v2 /sys/fs/cgroup/c (cpuset cpu io memory hugetlb pids rdma misc) needs "
		"cpuset cpu io hugetlb rdma memory pids\n"
		"setup: /sys/fs/cgroup/c/cpuset.cpus = 0-1  [/linux/resources/cpu/cpus]\n"
		"setup: /sys/fs/cgroup/c/cpuset.mems = 0  [/linux/resources/cpu/mems]\n"
		"setup: /sys/fs/cgroup/c/cpu.weight = 100 (or later)  "
		"[/linux/resources/cpu/shares]\n"
		"setup: /sys/fs/cgroup/c/cpu.max.burst = 1000 (or later)  "
		"[/linux/resources/cpu/burst]\n"
		"setup: /sys/fs/cgroup/c/cpu.max = 50000 100000  [/linux/resources/cpu/quota]\n"
		"setup: /sys/fs/cgroup/c/cpu.idle = 1  [/linux/resources/cpu/idle]\n"
		"setup: /sys/fs/cgroup/c/io.bfq.weight = 1000 or io.weight = 10000  "
		"[/linux/resources/blockIO/weight]\n"
		"setup: /sys/fs/cgroup/c/io.bfq.weight = 8:0 500 or io.weight = 8:0 4950  "
		"[/linux/resources/blockIO/weightDevice/0]\n"
		"setup: /sys/fs/cgroup/c/io.max = 8:0 rbps=100  "
		"[/linux/resources/blockIO/throttleReadBpsDevice/0]\n"
		"setup: /sys/fs/cgroup/c/io.max = 8:1 wbps=200  "
		"[/linux/resources/blockIO/throttleWriteBpsDevice/0]\n"
		"setup: /sys/fs/cgroup/c/io.max = 8:2 riops=300  "
		"[/linux/resources/blockIO/throttleReadIOPSDevice/0]\n"
		"setup: /sys/fs/cgroup/c/io.max = 8:3 wiops=max  "
		"[/linux/resources/blockIO/throttleWriteIOPSDevice/0]\n"
		"setup: /sys/fs/cgroup/c/hugetlb.2MB.max = 4194304  "
		"[/linux/resources/hugepageLimits/0]\n"
		"setup: /sys/fs/cgroup/c/hugetlb.2MB.rsvd.max = 4194304 (if there)  "
		"[/linux/resources/hugepageLimits/0]\n"
		"setup: /sys/fs/cgroup/c/hugetlb.1GB.max = 0  [/linux/resources/hugepageLimits/1]\n"
		"setup: /sys/fs/cgroup/c/hugetlb.1GB.rsvd.max = 0 (if there)  "
		"[/linux/resources/hugepageLimits/1]\n"
		"setup: /sys/fs/cgroup/c/rdma.max = mlx5/1 hca_handle=3 hca_object=10000  "
		"[/linux/resources/rdma/mlx5~11]\n"
		"setup: /sys/fs/cgroup/c/rdma.max = rxe3 hca_object=5  "
		"[/linux/resources/rdma/rxe3]\n"
		"last: /sys/fs/cgroup/c/memory.swap.max = 2000000  [/linux/resources/memory/swap]\n"
		"last: /sys/fs/cgroup/c/memory.max = 1000000 (if not in use)  "
		"[/linux/resources/memory/limit]\n"
		"last: /sys/fs/cgroup/c/memory.low = 500000  "
		"[/linux/resources/memory/reservation]\n"
		"last: /sys/fs/cgroup/c/pids.max = 10  [/linux/resources/pids/limit]\n"
		"last: /sys/fs/cgroup/c/memory.high = 900000  "
		"[/linux/resources/unified/memory.high]\n"
		"last: /sys/fs/cgroup/c/io.max = 8:0 rbps=5  [/linux/resources/unified/io.max]\n"
		"last: /sys/fs/cgroup/c/io.max = 8:1 rbps=6  [/linux/resources/unified/io.max]\n"
		"last: /sys/fs/cgroup/c/cgroup.max.depth = 3  "
		"[/linux/resources/unified/cgroup.max.depth]\n"
		"device allow c *:* m  [/linux/resources/devices]\n"
		"device allow b *:* m  [/linux/resources/devices]\n"
		"device allow c 1:3 rwm  [/linux/resources/devices]\n"
		"device allow c 1:8 rwm  [/linux/resources/devices]\n"
		"device allow c 1:7 rwm  [/linux/resources/devices]\n"
		"device allow c 5:0 rwm  [/linux/resources/devices]\n"
		"device allow c 1:5 rwm  [/linux/resources/devices]\n"
		"device allow c 1:9 rwm  [/linux/resources/devices]\n"
		"device allow c 136:* rwm  [/linux/resources/devices]\n"
		"device allow c 5:2 rwm  [/linux/resources/devices]\n"
		"device allow c 10:200 rwm  [/linux/resources/devices]\n");
}

TEST(on_a_hybrid_host_each_controller_is_set_where_it_is_mounted)
{
	static struct spec_hugepage pages[] = { { "2MB", 7 } };
	static struct spec_pair unified[] = { { "hugetlb.1GB.max", "8" } };

	spec.linux_.cgroups_path = "/c";
	RES.memory.limit = INT(4096);
	RES.hugepage_limits.n = 1;
	RES.hugepage_limits.v = pages;
	RES.unified.n = 1;
	RES.unified.v = unified;
	CHECK_INT(build(&hybrid), 0);
	CHECK_STR(lines_with("memory.limit_in_bytes = 4096") ? lines_with("/memory/c/") : "",
		  "last: /sys/fs/cgroup/memory/c/memory.limit_in_bytes = 4096 (or later)  "
		  "[/linux/resources/memory/limit]\n");
	CHECK_CONTAINS(text, "/sys/fs/cgroup/unified/c/hugetlb.2MB.max = 7");
	CHECK_CONTAINS(text, "/sys/fs/cgroup/unified/c/hugetlb.1GB.max = 8");
	CHECK_CONTAINS(text, "/sys/fs/cgroup/devices/c/devices.deny = a");
	CHECK_INT(plan->n_devices, 0);
}

/* ---- values ---- */

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

/* ---- errors ---- */

TEST(settings_of_v1_only_are_refused_on_v2_by_name)
{
	static struct spec_net_priority priorities[] = { { "eth0", 5 } };
	static struct spec_block_weight weights[] = { { 8, 0, { false, 0 }, { true, 9 } } };
	static const char *const pointers[] = {
		"memory/kernel",      "memory/kernelTCP",
		"memory/swappiness",  "memory/disableOOMKiller",
		"cpu/realtimePeriod", "cpu/realtimeRuntime",
		"blockIO/leafWeight", "blockIO/weightDevice/0/leafWeight",
		"network/classID",    "network/priorities",
	};

	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		char pointer[128];

		memset(&spec, 0, sizeof(spec));
		switch (i) {
		case 0:
			RES.memory.kernel = INT(5);
			break;
		case 1:
			RES.memory.kernel_tcp = INT(5);
			break;
		case 2:
			RES.memory.swappiness = UINT(5);
			break;
		case 3:
			RES.memory.disable_oom_killer = BOOL(true);
			break;
		case 4:
			RES.cpu.realtime_period = UINT(5);
			break;
		case 5:
			RES.cpu.realtime_runtime = INT(5);
			break;
		case 6:
			RES.block_io.leaf_weight = UINT(5);
			break;
		case 7:
			RES.block_io.weight_device.n = 1;
			RES.block_io.weight_device.v = weights;
			break;
		case 8:
			RES.network.class_id = UINT(5);
			break;
		case 9:
			RES.network.priorities.n = 1;
			RES.network.priorities.v = priorities;
			break;
		}
		snprintf(pointer, sizeof(pointer), "/linux/resources/%s", pointers[i]);
		CHECK_INT(build(&v2), -ENOTSUP);
		CHECK_STR(err.pointer, pointer);
	}
}

TEST(a_missing_controller_is_named_unless_the_default_is_asked_for)
{
	RES.memory.limit = INT(4096);
	CHECK_INT(build(&v2_bare), -ENOTSUP);
	CHECK_STR(err.pointer, "/linux/resources/memory/limit");
	CHECK_CONTAINS(err.text, "no cgroup controller 'memory'");
	RES.memory.limit = INT(-1);
	CHECK_INT(build(&v2_bare), 0);
	RES.block_io.weight = UINT(100);
	CHECK_INT(build(&v2_bare), -ENOTSUP);
	CHECK_CONTAINS(err.text, "'io'");
	CHECK_INT(build(&hybrid), -ENOTSUP);
	CHECK_CONTAINS(err.text, "'blkio'");
	RES.block_io.weight.set = false;
	RES.network.class_id = UINT(1);
	CHECK_INT(build(&hybrid), -ENOTSUP);
	CHECK_CONTAINS(err.text, "'net_cls'");
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

/* ---- devices ---- */

static struct spec_device_rule rules[8];

static void rule(size_t i, bool allow, char type, int64_t major, int64_t minor, const char *access)
{
	rules[i] = (struct spec_device_rule){
		allow, type, { major >= 0, major }, { minor >= 0, minor }, access
	};
	RES.devices.n = i + 1;
	RES.devices.v = rules;
}

TEST(device_rules_stand_between_deny_all_and_the_defaults)
{
	rule(0, false, 'a', -1, -1, "rwm");
	rule(1, true, 'c', 10, 229, "rw");
	rule(2, true, 'b', 8, -1, "r");
	rule(3, false, 'c', 10, 229, "w");
	CHECK_INT(build(&hybrid), 0);
	CHECK_CONTAINS(text, "devices.deny = a  [/linux/resources/devices/0]");
	CHECK_CONTAINS(text, "devices.allow = c 10:229 r  [/linux/resources/devices/1]");
	CHECK_CONTAINS(text, "devices.allow = b 8:* r  [/linux/resources/devices/2]");
	CHECK_CONTAINS(text, "devices.allow = c 1:3 rwm  [/linux/resources/devices]");
	CHECK_INT(plan->n_writes, 1 + 2 + 11);
	CHECK_INT(build(&v2), 0);
	CHECK_INT(plan->n_devices, 4 + 11);
	CHECK_CONTAINS(text, "device deny c 10:229 w  [/linux/resources/devices/3]");
}

TEST(allow_all_leaves_only_the_exceptions)
{
	rule(0, true, 'a', -1, -1, "rwm");
	rule(1, false, 'b', 8, 0, "w");
	CHECK_INT(build(&hybrid), 0);
	CHECK_STR(lines_with("devices/c1/devices."),
		  "setup: /sys/fs/cgroup/devices/c1/devices.allow = a  "
		  "[/linux/resources/devices/0]\n"
		  "setup: /sys/fs/cgroup/devices/c1/devices.deny = b 8:0 w  "
		  "[/linux/resources/devices/1]\n");
}

TEST(a_rule_for_all_types_with_numbers_is_not_everything)
{
	rule(0, true, 'a', 10, 229, "rw");
	CHECK_INT(build(&hybrid), 0);
	CHECK_CONTAINS(text, "devices.deny = a  [");
	CHECK_CONTAINS(text, "devices.allow = c 10:229 rw");
	CHECK_CONTAINS(text, "devices.allow = b 10:229 rw");
}

TEST(a_denied_range_takes_its_members_with_it)
{
	rule(0, true, 'c', 10, 229, "rwm");
	rule(1, true, 'c', 11, 1, "rwm");
	rule(2, false, 'c', 10, -1, "rwm");
	CHECK_INT(build(&hybrid), 0);
	CHECK_STR(lines_with("10:229"), "");
	CHECK_CONTAINS(text, "c 11:1 rwm");
}

TEST(v1_refuses_an_exception_that_the_kernel_would_ignore)
{
	rule(0, true, 'c', 8, -1, "rwm");
	rule(1, false, 'c', 8, 3, "w");
	CHECK_INT(build(&hybrid), -ENOTSUP);
	CHECK_STR(err.pointer, "/linux/resources/devices/1");
	CHECK_INT(build(&v2), 0);
}

TEST(an_access_is_made_of_r_w_and_m)
{
	rule(0, true, 'c', 1, 3, NULL);
	CHECK_INT(build(&hybrid), -EINVAL);
	CHECK_STR(err.pointer, "/linux/resources/devices/0/access");
	CHECK_STR(err.text, "device access at 0 field cannot be empty");
	rule(0, true, 'c', 1, 3, "x");
	CHECK_INT(build(&hybrid), -EINVAL);
	rule(0, true, 'c', 1, 11, "rxx");
	CHECK_INT(build(&hybrid), 0);
	CHECK_CONTAINS(text, "c 1:11 r  ");
}

TEST_MAIN()
