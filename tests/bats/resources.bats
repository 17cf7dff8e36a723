#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.resources at create: what each key becomes in the kernel, and that it holds. On a host with
# cgroup v1 controllers; hugepages and rdma are wherever the host has them.

load setup
load resources

setup() {
	resources_setup
	needs memory cpu cpuset pids devices
}

teardown() {
	resources_teardown
}

# resources JSON: a sleeping container with these
resources() {
	config ".linux.resources = $1"
	start
}

# no_cgroup: none of the test's is there
no_cgroup() {
	run -2 ls -d /sys/fs/cgroup/*/"$CG"
}

# refused JSON PART...: create fails, says each part, and leaves nothing behind
refused() {
	local part
	config ".linux.resources = $1"
	run -1 --separate-stderr rt create c1 </dev/null
	shift
	for part in "$@"; do
		expect_part "$stderr" "$part"
	done
	expect_equal "$(rt list -q)" ""
	no_cgroup
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

# opens DEVICE...: makes each node ("c 1 3") in the container and opens it for reading and writing;
# prints which worked. The nodes are on a file system that allows devices.
opens() {
	local node script='mkdir /tmp/n; cd /tmp/n;'

	for node in "$@"; do
		script+="mknod n $node && { (: <n) 2>/dev/null && printf 'r '; (: >n) 2>/dev/null && printf 'w '; rm n; };"
		script+="echo '$node';"
	done
	sh_config "$script" '
		.process.capabilities |= map_values(. + ["CAP_MKNOD"])
		| .mounts += [{ destination: "/tmp", type: "tmpfs", source: "tmpfs" }]
		| .linux.resources.devices = ('"$RULES"')'
	in_container
}

@test "devices: by default only harmless ones can be opened" {
	RULES='[{ allow: false, access: "rwm" }]' opens "c 1 3" "c 1 5" "c 1 7" "c 1 9" "c 5 0" "c 1 1" "c 1 4" "c 10 229" "b 254 0" "b 7 0"
	expect_status 0
	expect_equal "$(paste -sd, <<<"$output")" \
		"r w c 1 3,r w c 1 5,r w c 1 7,r w c 1 9,c 5 0,c 1 1,c 1 4,c 10 229,b 254 0,b 7 0"
}

@test "devices: no rules at all are as good as deny" {
	RULES='[]' opens "c 1 3" "c 10 229" "b 254 0"
	expect_equal "$(paste -sd, <<<"$output")" "r w c 1 3,c 10 229,b 254 0"
}

@test "devices: what is allowed can be opened, for what it is allowed" {
	RULES='[{ allow: false, access: "rwm" }, { allow: true, type: "c", major: 10, minor: 229, access: "r" }]' opens "c 10 229" "c 1 1"
	expect_equal "$(paste -sd, <<<"$output")" "r c 10 229,c 1 1"
	RULES='[{ allow: false, access: "rwm" }, { allow: true, type: "c", major: 10, minor: 229, access: "rw" }]' opens "c 10 229"
	expect_equal "$(paste -sd, <<<"$output")" "r w c 10 229"
	RULES='[{ allow: false, access: "rwm" }, { allow: true, type: "c", major: 10, access: "rw" }]' opens "c 10 229"
	expect_equal "$(paste -sd, <<<"$output")" "r w c 10 229"
}

@test "devices: the last rule that matches decides" {
	RULES='[{ allow: true, type: "c", major: 10, minor: 229, access: "rw" }, { allow: false, type: "c", major: 10, minor: 229, access: "w" }]' opens "c 10 229"
	expect_equal "$(paste -sd, <<<"$output")" "r c 10 229"
	RULES='[{ allow: true, type: "c", major: 10, minor: 229, access: "rw" }, { allow: false, access: "rwm" }]' opens "c 10 229"
	expect_equal "$(paste -sd, <<<"$output")" "c 10 229"
}

@test "devices: everything, for a privileged container" {
	RULES='[{ allow: true, access: "rwm" }]' opens "c 10 229" "c 1 3"
	expect_equal "$(paste -sd, <<<"$output")" "r w c 10 229,r w c 1 3"
}

@test "devices: letters of an access that mean nothing are a remark, and grant nothing" {
	RULES='[{ allow: false, access: "rwm" }, { allow: true, type: "c", major: 10, minor: 229, access: "rx" }]' opens "c 10 229"
	expect_equal "$(paste -sd, <<<"$output")" "r c 10 229"
	run "$OCIRUN" check .
	expect_part "$output" /linux/resources/devices/1/access
}

@test "a cgroup that holds processes or is frozen is refused" {
	needs freezer
	mkdir "/sys/fs/cgroup/freezer/$CG"
	echo FROZEN >"/sys/fs/cgroup/freezer/$CG/freezer.state"
	config
	run -1 --separate-stderr rt create c1 </dev/null
	expect_part "$stderr" "container's cgroup unexpectedly frozen"
	echo THAWED >"/sys/fs/cgroup/freezer/$CG/freezer.state"
	sleep 1000 3>&- &
	HELPER=$!
	echo "$HELPER" >"/sys/fs/cgroup/freezer/$CG/cgroup.procs"
	run -1 --separate-stderr rt create c1 </dev/null
	expect_part "$stderr" "container's cgroup is not empty"
	kill -0 "$HELPER" # whose it is does not die of it
	kill -9 "$HELPER"
	wait "$HELPER" || true
	HELPER=
	rmdir "/sys/fs/cgroup/freezer/$CG"
}

# ---- the end of containers ----

@test "deleting what a killed create left ends processes in cgroups that it made only" {
	local inside
	needs freezer
	config ".linux.cgroupsPath = \"/$CG-other\""
	rt create c2 </dev/null >output 2>&1 3>&-
	mkdir "/sys/fs/cgroup/pids/$CG" "/sys/fs/cgroup/freezer/$CG"
	sleep 1000 3>&- &
	HELPER=$!
	sleep 1000 3>&- &
	inside=$!
	echo "$HELPER" >"/sys/fs/cgroup/pids/$CG/cgroup.procs"
	echo "$inside" >"/sys/fs/cgroup/freezer/$CG/cgroup.procs"
	# A record, and no pid.
	mkdir "$ROOT/c1"
	jq --arg cg "$CG" '.id = "c1" | .cgroups = [
		{ v2: false, controllers: "pids", dir: ("/sys/fs/cgroup/pids/" + $cg), created: 0 },
		{ v2: false, controllers: "freezer", dir: ("/sys/fs/cgroup/freezer/" + $cg), created: 1 }]' \
		"$ROOT/c2/state.json" >"$ROOT/c1/state.json"
	expect_equal "$(status_of)" stopped
	rt delete --force c1
	expect_equal "$(rt list -q)" c2
	[ ! -e "/sys/fs/cgroup/freezer/$CG" ]
	[[ $(ps -o stat= -p "$inside") =~ ^(Z.*)?$ ]]
	kill -0 "$HELPER"
	kill -9 "$HELPER"
	wait "$HELPER" || true
	HELPER=
	rmdir "/sys/fs/cgroup/pids/$CG"
}

@test "kill --all reaches everybody, delete leaves no cgroup, nested ones neither" {
	local dir
	sh_config 'sleep 1001 & sleep 1002 & wait'
	start
	for dir in /sys/fs/cgroup/*/"$CG"; do
		mkdir -p "$dir/a/b"
	done
	rt kill --all c1 KILL
	stopped() { [ "$(status_of)" = stopped ]; }
	wait_for stopped
	rt delete c1
	no_cgroup
}

@test "kill --all sends other signals to everybody too" {
	mkdir out
	sh_config '(trap "echo child >>/out/got; exit" USR1; echo >>/out/ready; while :; do sleep 0.05; done) &
		trap "echo init >>/out/got" USR1; echo >>/out/ready; while :; do wait; sleep 0.05; done' \
		'.mounts += [{ destination: "/out", type: "bind", source: "'"$PWD"'/out", options: ["bind"] }]'
	start
	ready() { [ "$(cat out/ready 2>/dev/null | wc -l)" = 2 ]; }
	wait_for ready
	rt kill -a c1 USR1
	got() { [ "$(sort out/got 2>/dev/null | paste -sd,)" = child,init ]; }
	wait_for got
}

@test "what init left behind in a shared pid namespace is killed, again and again, and deleted" {
	sh_config 'sleep 1003 & exit 0' 'del(.linux.namespaces[] | select(.type == "pid")) | del(.mounts[] | select(.type == "proc"))'
	start
	stopped() { [ "$(status_of)" = stopped ]; }
	wait_for stopped
	[ -n "$(cat "/sys/fs/cgroup/pids/$CG/cgroup.procs")" ]
	rt kill --all c1 9
	empty() { [ -z "$(cat "/sys/fs/cgroup/pids/$CG/cgroup.procs")" ]; }
	wait_for empty
	rt kill --all c1 9
	rt delete c1
	rt delete --force c1
}

@test "a process of another pid namespace keeps no cgroup busy" {
	local pid
	config
	start
	unshare --pid --fork sleep 1000 2>/dev/null 3>&- &
	HELPER=$!
	inner() { pid=$(pgrep -P "$HELPER"); [ -n "$pid" ]; }
	wait_for inner
	for dir in /sys/fs/cgroup/*/"$CG"; do
		echo "$pid" >"$dir/cgroup.procs"
	done
	rt kill c1 KILL
	rt delete --force c1
	no_cgroup
}

@test "a cgroup that was there before stays, those that were made go" {
	mkdir "/sys/fs/cgroup/pids/$CG"
	config '.linux.cgroupsPath += "/c"'
	start
	rt delete --force c1
	[ -d "/sys/fs/cgroup/pids/$CG" ]
	[ ! -e "/sys/fs/cgroup/pids/$CG/c" ]
	[ ! -e "/sys/fs/cgroup/memory/$CG" ]
	rmdir "/sys/fs/cgroup/pids/$CG"
}
