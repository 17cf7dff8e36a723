#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.resources at create: what each key becomes in the kernel, and that it holds. On a host with
# cgroup v1 controllers; hugepages and rdma are wherever the host has them.

load setup
load resources

setup() {
	resources_setup
	needs_version 1
	needs memory cpu cpuset pids devices
}

teardown() {
	resources_teardown
}

@test "memory: limit, reservation, swap and swappiness" {
	resources '{ memory: { limit: 33554432, reservation: 16777216, swap: 67108864, swappiness: 30 } }'
	expect_value memory limit_in_bytes 33554432
	expect_value memory soft_limit_in_bytes 16777216
	expect_value memory memsw.limit_in_bytes 67108864
	expect_value memory swappiness 30
}

@test "memory: -1 is no limit, 0 is none given" {
	local unlimited
	unlimited=$(cat /sys/fs/cgroup/memory/memory.limit_in_bytes)
	resources '{ memory: { limit: -1, reservation: -1, swap: 0 } }'
	expect_value memory limit_in_bytes "$unlimited"
	expect_value memory memsw.limit_in_bytes "$unlimited"
}

@test "memory: without the OOM killer a process waits" {
	resources '{ memory: { limit: 33554432, disableOOMKiller: true } }'
	expect_equal "$(value memory oom_control | head -1)" "oom_kill_disable 1"
}

@test "memory: kernel limits and useHierarchy are accepted" {
	resources '{ memory: { limit: 33554432, kernel: 8388608, kernelTCP: 8388608, useHierarchy: true, checkBeforeUpdate: true } }'
	expect_value memory limit_in_bytes 33554432
	expect_value memory use_hierarchy 1
}

@test "memory: 512 KiB are enough to run true, setting up does not count" {
	config '.process.args = ["true"] | .linux.resources.memory.limit = 524288'
	in_container
	expect_status 0
	expect_equal "$stderr" ""
}

@test "memory: who takes more is killed by the kernel, and the exit status says so" {
	sh_config 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes; exec dd if=/dev/zero of=/dev/null bs=64M count=1' \
		'.linux.resources.memory = { limit: 20971520, swap: 20971520 }'
	in_container
	expect_status 137
	expect_equal "$output" 20971520
}

@test "memory: values that contradict each other or the kernel are refused" {
	refused '{ memory: { limit: 33554432, swap: 16777216 } }' \
		"memory+swap limit 16777216 should be >= memory limit 33554432" /linux/resources/memory/swap
	refused '{ memory: { limit: -5 } }' "is -5, expected a number of bytes, or -1 for no limit" \
		/linux/resources/memory/limit
	refused '{ memory: { swappiness: 101 } }' "invalid memory swappiness value: 101" \
		/linux/resources/memory/swappiness
}

@test "cpu: shares, quota, period, burst, cpus and mems" {
	resources '{ cpu: { shares: 512, quota: 20000, period: 50000, burst: 10000, cpus: "0", mems: "0" } }'
	expect_value cpu shares 512
	expect_value cpu cfs_quota_us 20000
	expect_value cpu cfs_period_us 50000
	expect_value cpu cfs_burst_us 10000
	expect_value cpuset cpus 0
	expect_value cpuset mems 0
	expect_equal "$(awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$(rt state c1 | jq .pid)/status")" 0
}

@test "cpu: idle" {
	resources '{ cpu: { idle: 1 } }'
	expect_value cpu idle 1
}

@test "cpu: an empty cpuset is filled from above, also where parents are made" {
	config '.linux.cgroupsPath += "/a/b" | .linux.resources.memory.limit = 33554432'
	start
	for dir in "$CG" "$CG/a" "$CG/a/b"; do
		expect_equal "$(cat "/sys/fs/cgroup/cpuset/$dir/cpuset.cpus")" "$(cat /sys/fs/cgroup/cpuset/cpuset.cpus)"
		expect_equal "$(cat "/sys/fs/cgroup/cpuset/$dir/cpuset.mems")" "$(cat /sys/fs/cgroup/cpuset/cpuset.mems)"
	done
	rt delete --force c1
	[ ! -e "/sys/fs/cgroup/cpuset/$CG" ]
}

@test "cpu: a quota holds" {
	local start end
	sh_config 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done' '.linux.resources.cpu = { quota: 10000, period: 100000 }'
	start
	throttled() { [ "$(value cpu stat | awk '/^nr_throttled/ { print $2 }')" -gt 1 ]; }
	wait_for throttled
}

@test "cpu: realtime bandwidth comes from that of the parent" {
	[ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ] || skip "no realtime bandwidth of cgroups"
	resources '{ cpu: { realtimePeriod: 500000, realtimeRuntime: 1000 } }'
	expect_value cpu rt_period_us 500000
	expect_value cpu rt_runtime_us 1000
}

@test "cpu: values that the kernel does not take are refused by name" {
	refused '{ cpu: { period: 100 } }' "cpu.cfs_period_us" /linux/resources/cpu/period "Invalid argument"
	refused '{ cpu: { cpus: "999" } }' "cpuset.cpus" /linux/resources/cpu/cpus
	refused '{ cpu: { shares: 1 } }' "the minimum allowed cpu-shares is 2"
	refused '{ cpu: { shares: 262145 } }' "the maximum allowed cpu-shares is 262144"
}

@test "pids: a limit, 0 and -1" {
	resources '{ pids: { limit: 12 } }'
	expect_value pids max 12
	rt delete --force c1
	resources '{ pids: { limit: 0 } }'
	expect_value pids max 1
	rt delete --force c1
	resources '{ pids: { limit: -1 } }'
	expect_value pids max max
}

@test "pids: a fork beyond the limit fails" {
	sh_config 'true & sleep 5 & sleep 5 & wait' '.linux.resources.pids.limit = 2'
	in_container
	[ "$status" -ne 0 ]
	expect_part "$stderr" "can't fork"
}

@test "blockIO: limits of devices" {
	needs blkio
	local device
	device=$(lsblk -dnro MAJ:MIN,TYPE 2>/dev/null | awk '$2 == "disk" { d = $1 } END { print d }')
	[ -n "$device" ] || skip "no disk"
	local rate='major: '${device%:*}', minor: '${device#*:}
	resources "{ blockIO: { throttleReadBpsDevice: [{ $rate, rate: 1000000 }], throttleWriteBpsDevice: [{ $rate, rate: 2000000 }],
		throttleReadIOPSDevice: [{ $rate, rate: 300 }], throttleWriteIOPSDevice: [{ $rate, rate: 400 }] } }"
	expect_value blkio throttle.read_bps_device "$device 1000000"
	expect_value blkio throttle.write_bps_device "$device 2000000"
	expect_value blkio throttle.read_iops_device "$device 300"
	expect_value blkio throttle.write_iops_device "$device 400"
}

@test "blockIO: a weight where no scheduler has one is refused by name" {
	needs blkio
	mkdir "/sys/fs/cgroup/blkio/$CG"
	local has
	has=$(find "/sys/fs/cgroup/blkio/$CG" -name 'blkio.*weight')
	rmdir "/sys/fs/cgroup/blkio/$CG"
	if [ -n "$has" ]; then
		resources '{ blockIO: { weight: 500 } }'
		expect_equal "$(cat "/sys/fs/cgroup/blkio/$CG/$(basename "$has")")" 500
	else
		refused '{ blockIO: { weight: 500 } }' blkio.weight /linux/resources/blockIO/weight
	fi
}

@test "hugepageLimits: both the limit and that of reservations, or a clear error" {
	local dir=/sys/fs/cgroup/unified
	if ! grep -qsw hugetlb $dir/cgroup.controllers; then
		refused '{ hugepageLimits: [{ pageSize: "2MB", limit: 4194304 }] }' \
			"this host has no cgroup controller 'hugetlb'" /linux/resources/hugepageLimits/0
		return
	fi
	resources '{ hugepageLimits: [{ pageSize: "2MB", limit: 4194304 }] }'
	expect_equal "$(cat "$dir/$CG/hugetlb.2MB.max")" 4194304
	expect_equal "$(cat "$dir/$CG/hugetlb.2MB.rsvd.max")" 4194304
}

@test "hugepageLimits: a size that the host has not is refused" {
	refused '{ hugepageLimits: [{ pageSize: "3MB", limit: 3145728 }] }' /linux/resources/hugepageLimits/0
	refused '{ hugepageLimits: [{ pageSize: "../x", limit: 3145728 }] }' /linux/resources/hugepageLimits/0
}

@test "unified: files of v2 are written, where v1 has the controller this is refused" {
	grep -qsw hugetlb /sys/fs/cgroup/unified/cgroup.controllers || skip "no v2 controller beside v1"
	resources '{ unified: { "hugetlb.2MB.max": "2097152", "cgroup.max.depth": "3" } }'
	expect_equal "$(cat "/sys/fs/cgroup/unified/$CG/hugetlb.2MB.max")" 2097152
	expect_equal "$(cat "/sys/fs/cgroup/unified/$CG/cgroup.max.depth")" 3
	rt delete --force c1
	refused '{ unified: { "memory.high": "1000000" } }' 'controller "memory" not available' "in use by cgroup v1"
	refused '{ unified: { "../x.y": "1" } }' "must be a file name (no slashes)"
	refused '{ unified: { "nodot": "1" } }' "must be in the form CONTROLLER.PARAMETER"
}

@test "network and rdma: without the controller a clear error" {
	[ -e /sys/fs/cgroup/net_cls ] ||
		refused '{ network: { classID: 1048577 } }' /linux/resources/network/classID "'net_cls'"
	[ -e /sys/fs/cgroup/net_prio ] ||
		refused '{ network: { priorities: [{ name: "lo", priority: 5 }] } }' /linux/resources/network/priorities/0 "'net_prio'"
	grep -qsw rdma /sys/fs/cgroup/unified/cgroup.controllers || [ -e /sys/fs/cgroup/rdma ] ||
		refused '{ rdma: { mlx5_1: { hcaHandles: 3 } } }' /linux/resources/rdma/mlx5_1 "'rdma'"
}
