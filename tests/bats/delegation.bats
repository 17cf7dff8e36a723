#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers of a user without privileges to whom cgroups of v2 have been delegated.

load delegation

setup_file() {
	begin_delegation
}

teardown_file() {
	end_delegation
}

setup() {
	make_config
}

@test "limits that were asked for are in the kernel's files" {
	a_container 'cd /sys/fs/cgroup; cat memory.max memory.swap.max pids.max cpu.max' '.linux.resources = {
		memory: { limit: 33554432, swap: 33554432 }, pids: { limit: 21 }, cpu: { quota: 20000, period: 100000 } }'
	delegated 'rt run $ID'
	expect_equal "$stderr" ""
	expect_equal "$(paste -sd, <<<"$output")" "33554432,0,21,20000 100000"
}

@test "without a cgroupsPath its cgroup is beside the caller's, and goes with it" {
	a_container 'exec sleep 1000'
	delegated 'rt run --detach $ID </dev/null >/dev/null 2>&1
		cat "$OWN/$ID/cgroup.procs"; rt state $ID | jq .pid; rt delete --force $ID; ls -d "$OWN"/*/'
	expect_equal "${#lines[@]}" 3
	expect_equal "${lines[0]}" "${lines[1]}"
	expect_part "${lines[2]}" /caller/
}

@test "with a path of its own it is there" {
	a_container 'exec sleep 1000'
	delegated 'jq --arg path "${OWN#/sys/fs/cgroup}/a/b" ".linux.cgroupsPath = \$path" config.json >new && cat new >config.json
		rt run --detach $ID </dev/null >/dev/null 2>&1
		cat "$OWN/a/b/cgroup.procs"; rt state $ID | jq .pid; rt delete --force $ID; ls -d "$OWN"/*/'
	expect_equal "${#lines[@]}" 3
	expect_equal "${lines[0]}" "${lines[1]}"
}

@test "who takes more memory is killed, and the exit status says so" {
	a_container 'exec dd if=/dev/zero of=/dev/null bs=64M count=1' '.linux.resources.memory = { limit: 20971520, swap: 20971520 }'
	delegated 'rt run $ID'
	expect_status 137
}

@test "512 KiB of memory are enough to run true" {
	a_container 'true' '.process.args = ["true"] | .linux.resources.memory.limit = 524288'
	delegated 'rt run $ID'
	expect_equal "$stderr" ""
	expect_status 0
}

@test "update, pause, resume, ps, events and kill --all are the user's too" {
	a_container 'sleep 1001 & sleep 1002 & wait' '.linux.resources.pids.limit = 20'
	delegated 'set -e
		rt run --detach $ID </dev/null >/dev/null 2>&1
		rt update --pids-limit 9 $ID; cat "$OWN/$ID/pids.max"
		rt pause $ID; grep frozen "$OWN/$ID/cgroup.events"; rt state $ID | jq -r .status
		rt resume $ID; grep frozen "$OWN/$ID/cgroup.events"
		rt events --stats $ID | jq .data.pids.limit
		[ "$(rt ps -f json $ID | jq -c sort)" = "$(jq -sc sort "$OWN/$ID/cgroup.procs")" ] && echo same
		rt pause $ID; rt kill --all $ID KILL
		until rt delete $ID 2>/dev/null; do sleep 0.1; done; ls "$OWN"/$ID 2>&1 | grep -o "No such file"'
	expect_equal "$(paste -sd, <<<"$output")" "9,frozen 1,paused,frozen 0,9,same,No such file"
}

@test "a frozen container is deleted at once, and its nested cgroups with it" {
	a_container 'exec sleep 1000'
	delegated 'rt run --detach $ID </dev/null >/dev/null 2>&1
		mkdir -p "$OWN/$ID/n/m"; rt pause $ID; SECONDS=0
		rt delete --force $ID; [ $SECONDS -lt 15 ] && [ ! -e "$OWN/$ID" ] && echo gone'
	expect_equal "$output" gone
}

@test "with a cgroup mount that can be written the container makes cgroups of its own" {
	a_container 'cd /sys/fs/cgroup && mkdir sub && echo $$ >sub/cgroup.procs && cat /proc/self/cgroup; stat -c %u .' \
		'(.mounts[] | select(.destination == "/sys/fs/cgroup")).options = ["rw"]'
	delegated 'rt run $ID'
	expect_equal "$stderr" ""
	expect_equal "$output" $'0::/sub\n0'
}

@test "a controller that was not delegated is refused by name" {
	local have
	delegated 'cat "$OWN/cgroup.controllers"'
	have=" $output "
	[[ $have == *" memory "* ]]
	[[ $have != *" rdma "* ]] || skip "all of them are delegated"
	a_container 'true' '.linux.resources.rdma = { mlx5_1: { hcaHandles: 3 } }'
	delegated 'rt run $ID'
	expect_status 1
	expect_part "$stderr" rdma
	a_container 'true' '.linux.resources.hugepageLimits = [{ pageSize: "2MB", limit: 4194304 }]'
	delegated 'rt run $ID'
	expect_status 1
	expect_part "$stderr" hugetlb
}

@test "without a service that is delegated it runs when no limits are asked for, and says why when they are" {
	a_container 'echo runs'
	prints runs
	a_container 'echo runs' '.linux.resources.memory.limit = 33554432'
	run mortal run "$ID" </dev/null
	expect_status 1
	expect_part "$output" delegated
}
