#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.resources at create on a host of cgroup v2: what each key becomes in the kernel's files, that it
# holds, and what is refused by name. The other version's is resources.bats.

load setup
load resources

setup() {
	resources_setup
	needs_version 2
	needs memory cpu cpuset pids io
}

teardown() {
	resources_teardown
}

# word FILE KEY: of a file with a line per key
word() {
	awk -v key="$2" '$1 == key { print $2 }' "/sys/fs/cgroup/$CG/$1"
}

# disk: DEVICE is the number of a block device of the test's own
disk() {
	truncate -s 4M disk
	LOOP=$(losetup --show --find disk)
	DEVICE=$(lsblk -dno MAJ:MIN "$LOOP" | tr -d ' ')
	RATE="major: ${DEVICE%:*}, minor: ${DEVICE#*:}"
}

# ---- memory ----

@test "memory: limit, reservation and swap, which is counted without memory here" {
	resources '{ memory: { limit: 33554432, reservation: 16777216, swap: 67108864 } }'
	file memory.max 33554432
	file memory.low 16777216
	file memory.swap.max 33554432
}

@test "memory: -1 is no limit, 0 and null are none given" {
	resources '{ memory: { limit: -1, reservation: -1, swap: -1 } }'
	file memory.max max
	file memory.low max
	file memory.swap.max max
	rt delete --force c1
	resources '{ memory: { limit: 0, reservation: 0, swap: 0, checkBeforeUpdate: false } }'
	file memory.max max
	file memory.low 0
	file memory.swap.max max
}

@test "memory: swap that equals the limit is none" {
	resources '{ memory: { limit: 33554432, swap: 33554432 } }'
	file memory.swap.max 0
}

@test "memory: 512 KiB are enough to run true, setting up does not count" {
	config '.process.args = ["true"] | .linux.resources.memory.limit = 524288'
	in_container
	expect_status 0
	expect_equal "$stderr" ""
}

@test "memory: who takes more is killed by the kernel, and the exit status says so" {
	sh_config 'cat /sys/fs/cgroup/memory.max; exec dd if=/dev/zero of=/dev/null bs=64M count=1' \
		'.linux.resources.memory = { limit: 20971520, swap: 20971520 }'
	in_container
	expect_status 137
	expect_equal "$output" 20971520
}

@test "memory: values that contradict each other are refused" {
	refused '{ memory: { limit: 33554432, swap: 16777216 } }' \
		"memory+swap limit 16777216 should be >= memory limit 33554432" /linux/resources/memory/swap
	refused '{ memory: { swap: 16777216 } }' "unable to set swap limit without memory limit"
}

# ---- cpu ----

@test "cpu: shares, quota, period, burst, cpus and mems" {
	resources '{ cpu: { shares: 512, quota: 20000, period: 50000, burst: 10000, cpus: "0", mems: "0" } }'
	file cpu.weight 59
	file cpu.max "20000 50000"
	file cpu.max.burst 10000
	file cpuset.cpus 0
	file cpuset.mems 0
	expect_equal "$(awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$(rt state c1 | jq .pid)/status")" 0
}

@test "cpu: the ends and the middle of shares are those of weights" {
	local shares weight
	while read -r shares weight; do
		resources "{ cpu: { shares: $shares } }"
		file cpu.weight "$weight"
		rt delete --force c1
	done <<-END
		2 1
		1024 100
		262144 10000
	END
}

@test "cpu: a period alone, no quota, and idle" {
	resources '{ cpu: { period: 200000 } }'
	file cpu.max "max 200000"
	rt delete --force c1
	resources '{ cpu: { quota: -1, period: 0 } }'
	file cpu.max "max 100000"
	rt delete --force c1
	resources '{ cpu: { idle: 1 } }'
	file cpu.idle 1
}

@test "cpu: a quota holds" {
	sh_config 'while :; do :; done' '.linux.resources.cpu = { quota: 10000, period: 100000 }'
	start
	throttled() { [ "$(word cpu.stat nr_throttled)" -gt 1 ]; }
	wait_for throttled
}

@test "cpu: values that the kernel does not take are refused by name" {
	refused '{ cpu: { period: 100 } }' cpu.max /linux/resources/cpu/period "Invalid argument"
	refused '{ cpu: { cpus: "999" } }' cpuset.cpus /linux/resources/cpu/cpus
	refused '{ cpu: { quota: 20000, burst: 50000 } }' "cpu.max'" "not below the burst"
}

# ---- pids ----

@test "pids: a limit, 0 and -1" {
	resources '{ pids: { limit: 12 } }'
	file pids.max 12
	rt delete --force c1
	resources '{ pids: { limit: 0 } }'
	file pids.max 1
	rt delete --force c1
	resources '{ pids: { limit: -1 } }'
	file pids.max max
}

@test "pids: a fork beyond the limit fails" {
	sh_config 'true & sleep 5 & sleep 5 & wait' '.linux.resources.pids.limit = 2'
	in_container
	[ "$status" -ne 0 ]
	expect_part "$stderr" "can't fork"
}

# ---- block I/O ----

@test "blockIO: limits of devices share a line" {
	disk
	resources "{ blockIO: {
		throttleReadBpsDevice: [{ $RATE, rate: 1000000 }], throttleWriteBpsDevice: [{ $RATE, rate: 2000000 }],
		throttleReadIOPSDevice: [{ $RATE, rate: 300 }], throttleWriteIOPSDevice: [{ $RATE, rate: 400 }] } }"
	file io.max "$DEVICE rbps=1000000 wbps=2000000 riops=300 wiops=400"
}

@test "blockIO: a device that is not there is refused by name" {
	refused '{ blockIO: { throttleReadBpsDevice: [{ major: 4095, minor: 77, rate: 1000 }] } }' io.max \
		/linux/resources/blockIO/throttleReadBpsDevice/0
}

@test "blockIO: a weight goes to io.bfq.weight as it is, else to io.weight scaled" {
	resources '{ blockIO: { weight: 505 } }'
	if [ -e "/sys/fs/cgroup/$CG/io.bfq.weight" ]; then
		file io.bfq.weight "default 505"
	else
		file io.weight "default 5000"
	fi
}

# ---- the rest ----

@test "hugepageLimits: both the limit and that of reservations" {
	needs hugetlb
	resources '{ hugepageLimits: [{ pageSize: "2MB", limit: 4194304 }] }'
	file hugetlb.2MB.max 4194304
	file hugetlb.2MB.rsvd.max 4194304
}

@test "hugepageLimits: a size that the host has not is refused" {
	refused '{ hugepageLimits: [{ pageSize: "3MB", limit: 3145728 }] }' /linux/resources/hugepageLimits/0
	refused '{ hugepageLimits: [{ pageSize: "../x", limit: 3145728 }] }' /linux/resources/hugepageLimits/0
}

@test "rdma: what the host has no device for is refused by name" {
	needs rdma
	[ -z "$(ls /sys/class/infiniband 2>/dev/null)" ] || skip "this host has such devices"
	refused '{ rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 10000 } } }' rdma.max /linux/resources/rdma/mlx5_1
}

@test "unified: the files that it names are written, after the others" {
	resources '{ memory: { limit: 33554432 }, unified: {
		"memory.high": "30000000", "memory.max": "50331648", "cgroup.max.depth": "3", "memory.oom.group": "1",
		"pids.max": "17", "io.pressure": "some 500000 1000000" } }'
	file memory.high 29999104
	file memory.max 50331648
	file memory.oom.group 1
	file cgroup.max.depth 3
	file pids.max 17
}

@test "unified: lines are written one by one" {
	disk
	truncate -s 4M other
	local first=$LOOP second
	second=$(losetup --show --find other)
	local number
	number=$(lsblk -dno MAJ:MIN "$second" | tr -d ' ')
	resources "{ unified: { \"io.max\": \"$DEVICE rbps=1000\\n$number rbps=2000\" } }"
	expect_equal "$(sort "/sys/fs/cgroup/$CG/io.max" | paste -sd,)" \
		"$DEVICE rbps=1000 wbps=max riops=max wiops=max,$number rbps=2000 wbps=max riops=max wiops=max"
	rt delete --force c1
	losetup --detach "$second"
	LOOP=$first
}

@test "unified: what the kernel does not take is refused by name" {
	needs misc
	refused '{ unified: { "misc.max": "nothing 1" } }' misc.max "nothing 1" /linux/resources/unified/misc.max
}

@test "unified: what is no file of a controller here is refused" {
	refused '{ unified: { "nothing.max": "1" } }' 'controller "nothing" not available' /linux/resources/unified/nothing.max
	refused '{ unified: { "memory.nothing": "1" } }' memory.nothing /linux/resources/unified/memory.nothing
	refused '{ unified: { "../x.y": "1" } }' "must be a file name (no slashes)"
	refused '{ unified: { "nodot": "1" } }' "must be in the form CONTROLLER.PARAMETER"
}

@test "what only v1 has is refused by name, unless it asks for nothing" {
	local key value zero
	while read -r key value zero; do
		refused "$(jq -nc --arg key "$key" --argjson value "$value" '{} | setpath($key | split("/"); $value)')" \
			"/linux/resources/$key" "cgroup v1 only"
		config ".linux.resources = $(jq -nc --arg key "$key" --argjson value "$zero" \
			'{} | setpath($key | split("/"); $value)') | .process.args = [\"true\"]"
		in_container
		expect_status 0
	done <<-END
		memory/swappiness 10 60
		memory/disableOOMKiller true false
		memory/kernel 8388608 0
		memory/kernelTCP 8388608 -1
		cpu/realtimeRuntime 1000 0
		cpu/realtimePeriod 500000 0
		network/classID 1048577 0
		blockIO/leafWeight 500 0
	END
	refused '{ network: { priorities: [{ name: "lo", priority: 5 }] } }' /linux/resources/network/priorities "cgroup v1 only"
	config '.linux.resources.memory = { useHierarchy: true } | .process.args = ["true"]'
	in_container
	expect_status 0
}

@test "the container's process is made in its cgroup, and not moved there" {
	config '.process.args = ["true"]'
	run -0 strace -f -qq -s 4096 -e trace=clone3,openat -o calls "$OCIRUN" --root "$ROOT" run c1 </dev/null
	grep -q 'clone3({flags=[^}]*CLONE_INTO_CGROUP' calls
	! grep 'cgroup\.procs.*O_\(WRONLY\|RDWR\)' calls
}

@test "controllers are enabled down the path that is made" {
	config '.linux.cgroupsPath += "/a/b" | .linux.resources.memory.limit = 33554432'
	start
	expect_equal "$(cat "/sys/fs/cgroup/$CG/a/b/memory.max")" 33554432
	expect_part "$(cat "/sys/fs/cgroup/$CG/a/cgroup.subtree_control")" memory
	rt delete --force c1
	no_cgroup
}

@test "a parent that holds processes is refused, and the error says so" {
	mkdir "/sys/fs/cgroup/$CG"
	sleep 1000 3>&- &
	HELPER=$!
	echo "$HELPER" >"/sys/fs/cgroup/$CG/cgroup.procs"
	config '.linux.cgroupsPath += "/c" | .linux.resources.memory.limit = 33554432'
	run -1 --separate-stderr rt create c1 </dev/null
	expect_part "$stderr" "which holds processes"
	expect_part "$stderr" "'/sys/fs/cgroup/$CG'"
	expect_equal "$(find "/sys/fs/cgroup/$CG" -mindepth 1 -type d)" ""
	# It is none of ours, and as it was.
	file cgroup.type domain
	file cgroup.subtree_control ""
	kill -9 "$HELPER"
	wait "$HELPER" || true
	HELPER=
	rmdir "/sys/fs/cgroup/$CG"
}

@test "a threaded parent is refused, and the error says so" {
	mkdir -p "/sys/fs/cgroup/$CG/t"
	echo threaded >"/sys/fs/cgroup/$CG/t/cgroup.type"
	config '.linux.cgroupsPath += "/t/c" | .linux.resources.memory.limit = 33554432'
	run -1 --separate-stderr rt create c1 </dev/null
	expect_part "$stderr" "threaded"
	rmdir "/sys/fs/cgroup/$CG/t" "/sys/fs/cgroup/$CG"
}

@test "a container sees its own cgroup as the root, read-only or read-write as its mount says" {
	sh_config 'cat /proc/self/cgroup; cat /sys/fs/cgroup/memory.max; mkdir /sys/fs/cgroup/below && echo made' \
		'.linux.resources.memory.limit = 33554432'
	in_container
	expect_equal "${lines[*]}" "0::/ 33554432"
	expect_part "$stderr" "Read-only file system"
	sh_config 'mkdir /sys/fs/cgroup/below && echo made' \
		'(.mounts[] | select(.type == "cgroup").options) |= map(select(. != "ro"))'
	in_container
	expect_equal "$output" made
}

@test "a cgroup that can be written is the container's user's, as far as the kernel allows that to be" {
	local file owner
	sh_config 'exec sleep 1000' '
		(.mounts[] | select(.type == "cgroup").options) |= map(select(. != "ro"))
		| .process.user = { uid: 7, gid: 0 }
		| .linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }]
		| .linux.gidMappings = .linux.uidMappings'
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
	start
	expect_equal "$(stat -c %u "/sys/fs/cgroup/$CG")" 100007
	for file in "/sys/fs/cgroup/$CG"/*; do
		grep -qxF "$(basename "$file")" /sys/kernel/cgroup/delegate && owner=100007 || owner=0
		expect_equal "$file $(stat -c %u "$file")" "$file $owner"
	done
}

@test "a cgroup that is shown read-only, or in the caller's cgroup namespace, stays root's" {
	config '.process.user.uid = 7'
	start
	expect_equal "$(stat -c %u "/sys/fs/cgroup/$CG" "/sys/fs/cgroup/$CG/cgroup.procs" | paste -sd,)" 0,0
	rt delete --force c1
	config '.process.user.uid = 7 | (.mounts[] | select(.type == "cgroup").options) |= map(select(. != "ro"))
		| .linux.namespaces |= map(select(.type != "cgroup"))'
	start
	expect_equal "$(stat -c %u "/sys/fs/cgroup/$CG" "/sys/fs/cgroup/$CG/cgroup.procs" | paste -sd,)" 0,0
}
