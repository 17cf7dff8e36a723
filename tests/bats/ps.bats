#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ps: which processes a container has. /proc says what is true.

load setup
load resources

setup() {
	resources_setup
	needs pids
}

teardown() {
	resources_teardown
}

# pids_of_cgroup: what the kernel lists
pids_of_cgroup() {
	sort -n "$(cg_dir pids)/cgroup.procs" | paste -sd,
}

three() {
	sh_config 'sleep 1001 & sleep 1002 & wait'
	start
	has_three() { [ "$(wc -l <"$(cg_dir pids)/cgroup.procs")" = 3 ]; }
	wait_for has_three
}

@test "json is the array of the container's pids, compact" {
	three
	for args in "--format json c1" "-f json c1" "--format=json c1"; do
		run -0 rt ps $args
		expect_equal "$output" "[$(pids_of_cgroup)]"
	done
}

@test "the table has the head and the lines of these pids only" {
	three
	run -0 rt ps c1
	expect_equal "${#lines[@]}" 4
	[[ ${lines[0]} =~ ^UID\ +PID\ +PPID\ +C\ +STIME\ +TTY\ +TIME\ +CMD ]]
	expect_equal "$(awk 'NR > 1 { print $2 }' <<<"$output" | sort -n | paste -sd,)" "$(pids_of_cgroup)"
	expect_part "$output" "sleep 1001"
	expect_part "$output" "sleep 1002"
}

@test "what follows the container goes to ps, options too" {
	three
	run -0 rt ps c1 -e -x
	[[ ${lines[0]} =~ ^\ +PID\ +TTY\ +STAT\ +TIME\ +COMMAND ]]
	run -0 rt ps c1 -e -o pid,args
	expect_equal "$(awk 'NR > 1 { print $1 }' <<<"$output" | sort -n | paste -sd,)" "$(pids_of_cgroup)"
	run -0 rt ps c1 -e -o pid --format tid
	expect_equal "${#lines[@]}" 4
}

@test "without a column PID it fails and says what to do" {
	three
	run -1 --separate-stderr rt ps c1 -e -o args
	expect_part "$stderr" "couldn't find PID field in ps output"
	expect_part "$stderr" "hint:"
}

@test "an error of ps is an error" {
	three
	run -1 --separate-stderr rt ps c1 --no-such-option
	expect_part "$stderr" "ps failed: "
	expect_equal "$output" ""
}

@test "without a ps on the host json still works" {
	config
	start
	run -1 --separate-stderr env PATH=/nowhere "$OCIRUN" --root "$ROOT" ps c1
	expect_part "$stderr" "run ps: No such file or directory"
	run -0 env PATH=/nowhere "$OCIRUN" --root "$ROOT" ps -f json c1
	expect_equal "$output" "[$(pids_of_cgroup)]"
}

@test "processes in nested cgroups and in other pid namespaces belong to it" {
	config
	start
	mkdir "$(cg_dir pids)/below"
	sleep 1000 3>&- &
	HELPER=$!
	echo "$HELPER" >"$(cg_dir pids)/below/cgroup.procs"
	run -0 rt ps -f json c1
	expect_equal "$(jq -c . <<<"$output")" "$(jq -c ". + [$HELPER] | sort" <<<"[$(pids_of_cgroup)]")"
	expect_part "$(rt ps c1)" " $HELPER "
}

@test "a stopped container has none" {
	config
	start
	rt kill c1 KILL
	stopped() { [ "$(status_of)" = stopped ]; }
	wait_for stopped
	run -0 rt ps c1
	expect_equal "${#lines[@]}" 1
	run -0 rt ps -f json c1
	expect_equal "$output" null
}

@test "a paused container can be looked at" {
	three
	rt pause c1
	run -0 rt ps -f json c1
	expect_equal "$output" "[$(pids_of_cgroup)]"
}

@test "without a cgroup it is init alone" {
	config 'del(.linux.cgroupsPath) | del(.mounts[] | select(.type == "cgroup"))'
	rt --cgroup-manager disabled run --detach c1 </dev/null >output 2>&1 3>&-
	run -0 rt ps -f json c1
	expect_equal "$output" "[$(rt state c1 | jq .pid)]"
}

@test "an unknown container and an unknown format fail" {
	run -1 --separate-stderr rt ps nobody
	expect_part "$stderr" "container does not exist"
	config
	start
	run -1 --separate-stderr rt ps --format xml c1
	expect_part "$stderr" "expected table or json"
}
