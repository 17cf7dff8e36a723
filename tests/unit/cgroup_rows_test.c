/* SPDX-License-Identifier: Apache-2.0 */
/* Each key of /linux/resources has its file in each version of cgroups, or is refused there. */
#include "test.h"

#include "cgroup_subject.h"

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

TEST(settings_of_v1_only_are_refused_on_v2_by_name)
{
	static struct spec_net_priority priorities[] = { { "eth0", 5 } };
	static struct spec_block_weight weights[] = { { 8, 0, { false, 0 }, { true, 9 } } };
	const struct {
		const char *pointer;
		struct spec_resources asked;
	} rows[] = {
		{ "memory/kernel", { .memory.kernel = INT(5) } },
		{ "memory/kernelTCP", { .memory.kernel_tcp = INT(5) } },
		{ "memory/swappiness", { .memory.swappiness = UINT(5) } },
		{ "memory/disableOOMKiller", { .memory.disable_oom_killer = BOOL(true) } },
		{ "cpu/realtimePeriod", { .cpu.realtime_period = UINT(5) } },
		{ "cpu/realtimeRuntime", { .cpu.realtime_runtime = INT(5) } },
		{ "blockIO/leafWeight", { .block_io.leaf_weight = UINT(5) } },
		{ "blockIO/weightDevice/0/leafWeight",
		  { .block_io.weight_device = { 1, weights } } },
		{ "network/classID", { .network.class_id = UINT(5) } },
		{ "network/priorities", { .network.priorities = { 1, priorities } } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char pointer[128];

		RES = rows[i].asked;
		snprintf(pointer, sizeof(pointer), "/linux/resources/%s", rows[i].pointer);
		CHECK_INT(build(&v2), -ENOTSUP);
		CHECK_STR(err.pointer, pointer);
	}
}

TEST_MAIN()
