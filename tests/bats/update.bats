#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# update: other limits for a container. What came of it is read from the kernel's files.

load setup
load resources

CPUS=0-1

setup() {
	resources_setup
	needs_version 1
	needs memory cpu cpuset pids
}

teardown() {
	resources_teardown
}

# snapshot: every value that update can change here
snapshot() {
	grep -H . /sys/fs/cgroup/{memory/$CG/memory.{,memsw.,soft_}limit_in_bytes,cpu/$CG/cpu.{shares,cfs_*_us,idle,rt_*_us},cpuset/$CG/cpuset.{cpus,mems},pids/$CG/pids.max,blkio/$CG/blkio.throttle.*_device} 2>/dev/null || true
}

@test "each option changes its file" {
	limited
	rt update --memory 64M --memory-swap 96M --memory-reservation 32M c1
	expect_value memory limit_in_bytes 67108864
	expect_value memory memsw.limit_in_bytes 100663296
	expect_value memory soft_limit_in_bytes 33554432
	rt update --cpu-share 200 --cpu-period 900000 --cpu-quota 600000 --cpu-burst 1000 c1
	expect_value cpu shares 200
	expect_value cpu cfs_period_us 900000
	expect_value cpu cfs_quota_us 600000
	expect_value cpu cfs_burst_us 1000
	rt update --cpuset-cpus 1 --cpuset-mems 0 c1
	expect_value cpuset cpus 1
	rt update --pids-limit 10 c1
	expect_value pids max 10
	rt update --cpu-idle 1 c1
	expect_value cpu idle 1
	rt update --cpu-idle 0 c1
	expect_value cpu idle 0
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

@test "options may follow the container, and have units" {
	local text bytes
	limited
	while read -r text bytes; do
		rt update c1 --memory "$text"
		expect_value memory limit_in_bytes "$bytes"
	done <<-END
		67108864 67108864
		50M 52428800
		50m 52428800
		50MB 52428800
		50MiB 52428800
		51200k 52428800
		0.0625g 67108864
		1G 1073741824
	END
}

@test "an option with a wrong value fails and names it" {
	local before
	limited
	before=$(snapshot)
	for args in "--memory 5X" "--memory x" "--memory -2" "--cpu-share -5" "--pids-limit many" \
		"--cpu-quota 1.5" "--cpu-idle 0x1" "--blkio-weight 1e2" "--memory 9223372036854775808"; do
		run -1 --separate-stderr rt update $args c1
		expect_part "$stderr" "invalid value for "
		expect_part "$stderr" "${args#* }"
	done
	expect_equal "$(snapshot)" "$before"
}

@test "a document changes what is in it, from a file and from the standard input" {
	limited
	echo '{"memory":{"limit":67108864},"pids":{"limit":11},"cpu":{"quota":400000,"cpus":"1"}}' >doc
	rt update --resources doc c1
	expect_value memory limit_in_bytes 67108864
	expect_value pids max 11
	expect_value cpu cfs_quota_us 400000
	expect_value cpu cfs_period_us 1000000
	expect_value cpuset cpus 1
	expect_value cpu shares 100
	echo '{"pids":{"limit":12}}' | rt update -r - c1
	expect_value pids max 12
	rt update --resources=- c1 <<<'{"pids":{"limit":13}}'
	expect_value pids max 13
	rt update -r <(echo '{"pids":{"limit":14}}') c1 3>&-
	expect_value pids max 14
}

@test "with a document options are ignored" {
	limited
	rt update --pids-limit 99 --memory nonsense -r - c1 <<<'{"pids":{"limit":12}}'
	expect_value pids max 12
	expect_value memory limit_in_bytes 33554432
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
	rt update -r - c1 <<<'{}'
	expect_equal "$(snapshot)" "$before"
}

@test "rules of devices in a document are ignored, as CRI-O sends deny-all" {
	local before
	limited
	before=$(cat "/sys/fs/cgroup/devices/$CG/devices.list")
	rt update -r - c1 <<<'{"devices":[{"allow":false,"access":"rwm"}],"pids":{"limit":12}}'
	expect_value pids max 12
	expect_equal "$(cat "/sys/fs/cgroup/devices/$CG/devices.list")" "$before"
}

@test "limits of kernel memory are accepted and do nothing" {
	limited
	run -0 --separate-stderr rt update -r - c1 <<<'{"memory":{"kernel":5000000,"kernelTCP":5000000}}'
	expect_part "$stderr" "kernel memory are ignored"
	rt update --kernel-memory 5000000 --kernel-memory-tcp 5000000 --pids-limit 12 c1
	expect_value pids max 12
}

@test "memory and swap can be raised and lowered together, above and below the old ones" {
	local memory swap
	limited
	while read -r memory swap; do
		rt update --memory "$memory"M --memory-swap "$swap"M c1
		expect_value memory limit_in_bytes $((memory << 20))
		expect_value memory memsw.limit_in_bytes $((swap << 20))
	done <<-END
		30 50
		60 80
		100 100
		20 20
		40 400
		10 30
	END
}

@test "-1 lifts memory, swap, tasks and quota" {
	local unlimited
	limited
	unlimited=$(cat /sys/fs/cgroup/memory/memory.limit_in_bytes)
	rt update --memory 64M --memory-swap 64M c1
	rt update --memory -1 c1
	expect_value memory limit_in_bytes "$unlimited"
	expect_value memory memsw.limit_in_bytes "$unlimited"
	rt update --memory 64M --memory-swap -1 c1
	expect_value memory memsw.limit_in_bytes "$unlimited"
	rt update --pids-limit -1 --cpu-quota -1 c1
	expect_value pids max max
	expect_value cpu cfs_quota_us -1
	rt update --pids-limit=-1 c1
}

@test "a limit of 0 tasks is one that no further task meets" {
	limited
	rt update --pids-limit 0 c1
	expect_value pids max 1
}

@test "period and quota are set in the order that the kernel takes" {
	local period quota
	config
	start
	while read -r period quota; do
		rt update --cpu-period "$period" --cpu-quota "$quota" c1
		expect_value cpu cfs_period_us "$period"
		expect_value cpu cfs_quota_us "$quota"
	done <<-END
		1000000 5000
		1000 1000
		1000000 1000000
		5000 10000
		100000 -1
	END
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
		{"cpu":{"cpus":"1","quota":5}}
		{"cpu":{"cpus":"1","shares":300},"memory":{"limit":67108864,"swap":134217728,"swappiness":500}}
		{"cpu":{"cpus":"0"},"memory":{"limit":4096}}
		{"cpu":{"cpus":"0-1","mems":"7"}}
	END
}

@test "a failed update takes limits of devices back, old ones and new ones" {
	local before
	needs blkio
	[ -b /dev/vda ] || skip "no block device vda"
	config '.linux.resources.blockIO.throttleReadBpsDevice = [{ major: 254, minor: 0, rate: 1000000 }]'
	start
	before=$(snapshot)
	expect_part "$before" "254:0 1000000"
	rt update -r - c1 <<<'{"blockIO":{"throttleReadBpsDevice":[{"major":254,"minor":0,"rate":2000000}]}}'
	expect_value blkio throttle.read_bps_device "254:0 2000000"
	before=$(snapshot)
	run -1 rt update -r - c1 <<-END
		{"blockIO":{"throttleReadBpsDevice":[{"major":254,"minor":0,"rate":3000000}],
		 "throttleWriteBpsDevice":[{"major":254,"minor":0,"rate":4000000}]},"memory":{"limit":4096}}
	END
	expect_equal "$(snapshot)" "$before"
	rt update -r - c1 <<<'{"blockIO":{"throttleReadBpsDevice":[{"major":254,"minor":0,"rate":0}]}}'
	expect_value blkio throttle.read_bps_device ""
}

@test "a limit below the usage is refused, and the error says what is used" {
	sh_config 'mkdir /tmp/x; dd if=/dev/zero of=/tmp/x/f bs=1M count=8; exec sleep 1000' \
		'.mounts += [{ destination: "/tmp", type: "tmpfs", source: "tmpfs" }]'
	start
	filled() { [ "$(value memory usage_in_bytes)" -gt 8388608 ]; }
	wait_for filled
	run -1 --separate-stderr rt update --memory 1M --memory-swap 1M c1
	expect_part "$stderr" "unable to set memory limit to 1048576 (current usage: "
	run -1 --separate-stderr rt update -r - c1 <<<'{"memory":{"limit":1048576,"swap":1048576,"checkBeforeUpdate":true}}'
	expect_part "$stderr" "memory limit"
}

@test "swap below memory is refused by name" {
	limited
	run -1 --separate-stderr rt update --memory 64M --memory-swap 32M c1
	expect_part "$stderr" "/memory/swap: memory+swap limit 33554432 should be >= memory limit 67108864"
	rt update --memory 32M --memory-swap 48M c1
	run -1 --separate-stderr rt update --memory 64M c1
	expect_part "$stderr" "/memory/limit: write '67108864'"
	expect_part "$stderr" "memory+swap"
	[[ $stderr != *config.json* ]]
}

@test "a broken document is refused and names the place" {
	limited
	while read -r document part; do
		run -1 --separate-stderr rt update -r - c1 <<<"$document"
		expect_part "$stderr" "$part"
	done <<-END
		{"memory":{"limit":"5"}} /memory/limit
		{"pids":{"limit":5.5}} /pids/limit
		[] object
		{ resources
		{"unified":{"memory.high":"1"}} unified
	END
	run -1 --separate-stderr rt update -r /nonexistent c1
	expect_part "$stderr" "/nonexistent: No such file or directory"
}

@test "controllers that the host has not are refused by name" {
	limited
	[ ! -e /sys/fs/cgroup/net_cls ] || skip "this host has net_cls"
	run -1 --separate-stderr rt update -r - c1 <<<'{"network":{"classID":5}}'
	expect_part "$stderr" "/network/classID: cannot set it: this host has no cgroup controller 'net_cls'"
}

@test "schemata of resource control need a processor that has it" {
	limited
	run -1 --separate-stderr rt update --l3-cache-schema 'L3:0=f' c1
	expect_part "$stderr" "l3 cache schema is not enabled"
	run -1 --separate-stderr rt update --mem-bw-schema 'MB:0=20' c1
	expect_part "$stderr" "memory bandwidth schema is not enabled"
}

@test "created and paused containers are updated, stopped and unknown ones are not" {
	config
	rt create c1 </dev/null >output 2>&1 3>&-
	rt update --pids-limit 7 c1
	expect_value pids max 7
	rt start c1
	rt pause c1
	rt update --pids-limit 8 --memory 64M --cpuset-cpus 0 c1
	expect_value pids max 8
	expect_equal "$(status_of)" paused
	rt kill c1 KILL
	stopped() { [ "$(status_of)" = stopped ]; }
	wait_for stopped
	run -1 --separate-stderr rt update --pids-limit 9 c1
	expect_part "$stderr" "container not running"
	run -1 --separate-stderr rt update --pids-limit 9 nobody
	expect_part "$stderr" "container does not exist"
}

@test "the new limit holds: a fork that was possible before fails" {
	mkdir out
	sh_config 'while :; do (sleep 0.01 & sleep 0.01 & sleep 0.01 & wait) 2>/dev/null && echo yes >/out/forked; sleep 0.05; done' \
		'.mounts += [{ destination: "/out", type: "bind", source: "'"$PWD"'/out", options: ["bind"] }]'
	start
	wait_for test -s out/forked
	rt update --pids-limit 2 c1
	sleep 0.3
	rm out/forked
	sleep 0.5
	[ ! -e out/forked ]
	[ "$(value pids events | awk '{ print $2 }')" -gt 0 ]
}
