#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# update on a host of cgroup v2. What came of it is read from the kernel's files; the other version's,
# with what concerns no files, is update.bats.

load setup
load resources

CPUS=0

setup() {
	resources_setup
	needs_version 2
	needs memory cpu cpuset pids io
}

teardown() {
	resources_teardown
}

# snapshot: every value that update can change here
snapshot() {
	(cd "/sys/fs/cgroup/$CG" && grep -H . memory.{max,low,swap.max} cpu.{weight,max,max.burst,idle} \
		cpuset.{cpus,mems} pids.max io.max io.*weight hugetlb.*max 2>/dev/null) || true
}

@test "each option changes its file" {
	limited
	file cpu.weight 17
	rt update --memory 64M --memory-swap 96M --memory-reservation 32M c1
	file memory.max 67108864
	file memory.swap.max 33554432
	file memory.low 33554432
	rt update --cpu-share 200 --cpu-period 900000 --cpu-quota 600000 --cpu-burst 1000 c1
	file cpu.weight 29
	file cpu.max "600000 900000"
	file cpu.max.burst 1000
	rt update --cpuset-cpus 0 --cpuset-mems 0 c1
	file cpuset.cpus 0
	rt update --pids-limit 10 c1
	file pids.max 10
	rt update --cpu-idle 1 c1
	file cpu.idle 1
	rt update --cpu-idle 0 c1
	file cpu.idle 0
}

@test "a quota or a period alone keeps the other" {
	limited
	rt update --cpu-quota 400000 c1
	file cpu.max "400000 1000000"
	rt update --cpu-period 800000 c1
	file cpu.max "400000 800000"
	rt update --cpu-quota -1 c1
	file cpu.max "max 800000"
}

@test "an option that is not given changes nothing" {
	local before
	limited
	before=$(snapshot)
	rt update c1
	expect_equal "$(snapshot)" "$before"
	rt update --pids-limit 21 c1
	expect_equal "$(snapshot | sed 's/pids.max:21/pids.max:20/')" "$before"
}

@test "zero and empty members mean unset, as dockerd writes them" {
	local before
	limited
	before=$(snapshot)
	rt update -r - c1 <<-END
		{"memory":{"limit":0,"reservation":0,"swap":0,"kernel":0,"kernelTCP":0},
		 "cpu":{"shares":0,"quota":0,"period":0,"realtimeRuntime":0,"realtimePeriod":0,"cpus":"","mems":""},
		 "blockIO":{"weight":0},"pids":{"limit":0}}
	END
	expect_equal "$(snapshot)" "$before"
}

@test "a document changes what is in it, unified too" {
	limited
	rt update -r - c1 <<<'{"memory":{"limit":67108864},"pids":{"limit":11},"unified":{"memory.high":"40001536"}}'
	file memory.max 67108864
	file pids.max 11
	file memory.high 40001536
	file memory.low 25165824
}

@test "rules of devices in a document are ignored, as CRI-O sends deny-all" {
	sh_config 'while :; do (: <>/dev/null) && echo opened >/out/n; sleep 0.05; done' \
		'.mounts += [{ destination: "/out", type: "bind", source: "'"$PWD"'/out", options: ["bind"] }]'
	mkdir out
	start
	wait_for test -s out/n
	rt update -r - c1 <<<'{"devices":[{"allow":false,"access":"rwm"}],"pids":{"limit":12}}'
	file pids.max 12
	rm out/n
	wait_for test -s out/n
}

@test "memory and swap can be raised and lowered together, above and below the old ones" {
	local memory swap
	limited
	while read -r memory swap; do
		rt update --memory "$memory"M --memory-swap "$swap"M c1
		file memory.max $((memory << 20))
		file memory.swap.max $(((swap - memory) << 20))
	done <<-END
		30 50
		60 80
		100 100
		20 20
		40 400
	END
}

@test "-1 lifts memory, swap, tasks and quota" {
	limited
	rt update --memory 64M --memory-swap 64M c1
	rt update --memory -1 c1
	file memory.max max
	file memory.swap.max max
	rt update --memory 64M --memory-swap -1 c1
	file memory.swap.max max
	rt update --pids-limit -1 --cpu-quota -1 c1
	file pids.max max
	file cpu.max "max 1000000"
}

@test "a weight and a burst are set also where an old idle or quota is in their way" {
	limited
	rt update --cpu-idle 1 c1
	rt update --cpu-idle 0 --cpu-share 300 c1
	file cpu.idle 0
	file cpu.weight 39
	rt update --cpu-period 100000 --cpu-quota 20000 c1
	rt update --cpu-quota 50000 --cpu-burst 50000 c1
	file cpu.max "50000 100000"
	file cpu.max.burst 50000
}

@test "a failed update leaves every value as it was" {
	local before
	limited
	before=$(snapshot)
	while read -r document; do
		run -1 --separate-stderr rt update -r - c1 <<<"$document"
		[ -n "$stderr" ]
		expect_equal "$(snapshot)" "$before"
	done <<-END
		{"cpu":{"cpus":"0","shares":300,"quota":7000,"period":20000},"memory":{"limit":67108864,"swap":134217728,"reservation":1048576},"pids":{"limit":99999999999}}
		{"cpu":{"shares":300,"quota":5}}
		{"cpu":{"idle":1,"cpus":"99"}}
		{"cpu":{"shares":300},"memory":{"limit":67108864,"swap":134217728,"swappiness":500}}
		{"cpu":{"cpus":"0","mems":"7"},"memory":{"limit":67108864}}
		{"pids":{"limit":5},"unified":{"memory.nothing":"1"}}
	END
}

@test "a failed update takes limits of devices back, old ones and new ones" {
	local before rate number
	truncate -s 4M disk
	LOOP=$(losetup --show --find disk)
	number=$(lsblk -dno MAJ:MIN "$LOOP" | tr -d ' ')
	rate="\"major\":${number%:*},\"minor\":${number#*:}"
	config
	start
	before=$(snapshot)
	run -1 rt update -r - c1 <<<'{"blockIO":{"throttleReadBpsDevice":[{'"$rate"',"rate":3000000}]},"pids":{"limit":99999999999}}'
	expect_equal "$(snapshot)" "$before"
	rt update -r - c1 <<<'{"blockIO":{"throttleReadBpsDevice":[{'"$rate"',"rate":2000000}]}}'
	file io.max "$number rbps=2000000 wbps=max riops=max wiops=max"
	before=$(snapshot)
	run -1 rt update -r - c1 <<-END
		{"blockIO":{"throttleReadBpsDevice":[{$rate,"rate":3000000}],
		 "throttleWriteBpsDevice":[{$rate,"rate":4000000}]},"pids":{"limit":99999999999}}
	END
	expect_equal "$(snapshot)" "$before"
	rt update -r - c1 <<<'{"blockIO":{"throttleReadBpsDevice":[{'"$rate"',"rate":0}]}}'
	file io.max ""
}

@test "a limit below the usage is refused when that is asked for, before anybody is killed" {
	sh_config 'mkdir /tmp/x; dd if=/dev/zero of=/tmp/x/f bs=1M count=8; exec sleep 1000' \
		'.mounts += [{ destination: "/tmp", type: "tmpfs", source: "tmpfs" }]'
	start
	filled() { [ "$(cat "/sys/fs/cgroup/$CG/memory.current")" -gt 8388608 ]; }
	wait_for filled
	run -1 --separate-stderr rt update -r - c1 <<<'{"memory":{"limit":1048576,"swap":1048576,"checkBeforeUpdate":true}}'
	expect_part "$stderr" "rejecting memory limit 1048576"
	file memory.max max
	expect_equal "$(status_of)" running
	# The kernel itself does not refuse it.
	rt update --memory 1M --memory-swap 1M c1
	file memory.max 1048576
	killed() { [ "$(awk '$1 == "oom_kill" { print $2 }' "/sys/fs/cgroup/$CG/memory.events")" -gt 0 ]; }
	wait_for killed
}

@test "what only v1 has is refused by name" {
	limited
	run -1 --separate-stderr rt update -r - c1 <<<'{"memory":{"swappiness":10}}'
	expect_part "$stderr" "/memory/swappiness"
	expect_part "$stderr" "cgroup v1 only"
}

@test "a created, a running and a paused container are updated" {
	config
	rt create c1 </dev/null >output 2>&1 3>&-
	rt update --pids-limit 7 c1
	file pids.max 7
	rt start c1
	rt pause c1
	rt update --pids-limit 8 --memory 64M --cpuset-cpus 0 c1
	file pids.max 8
	expect_equal "$(status_of)" paused
}
