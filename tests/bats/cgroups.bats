#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The cgroups of a container, from what is refused at create to what delete leaves.

load setup
load resources

setup() {
	resources_setup
	needs freezer pids
}

teardown() {
	resources_teardown
}

@test "a cgroup that holds processes or is frozen is refused" {
	local dir
	dir=$(cg_dir freezer)
	mkdir "$dir"
	freeze "$dir" FROZEN
	config
	run -1 --separate-stderr rt create c1 </dev/null
	expect_part "$stderr" "container's cgroup unexpectedly frozen"
	freeze "$dir" THAWED
	sleep 1000 3>&- &
	HELPER=$!
	echo "$HELPER" >"$dir/cgroup.procs"
	run -1 --separate-stderr rt create c1 </dev/null
	expect_part "$stderr" "container's cgroup is not empty"
	kill -0 "$HELPER" # whose it is does not die of it
	kill -9 "$HELPER"
	wait "$HELPER" || true
	HELPER=
	rmdir "$dir"
}

@test "deleting what a killed create left ends processes in cgroups that it made only" {
	local inside others made
	others=$(cg_dir pids "$CG-others") made=$(cg_dir freezer "$CG-made")
	config ".linux.cgroupsPath = \"/$CG-other\""
	rt create c2 </dev/null >output 2>&1 3>&-
	mkdir "$others" "$made"
	sleep 1000 3>&- &
	HELPER=$!
	sleep 1000 3>&- &
	inside=$!
	echo "$HELPER" >"$others/cgroup.procs"
	echo "$inside" >"$made/cgroup.procs"
	# A record, and no pid.
	mkdir "$ROOT/c1"
	jq --arg others "$others" --arg made "$made" --argjson v2 "$([ "$CG_VERSION" = 2 ] && echo true || echo false)" '
		.id = "c1" | .cgroups = [
			[$v2, "pids", $others, 0],
			[$v2, "freezer", $made, 1]]' \
		"$ROOT/c2/state.json" >"$ROOT/c1/state.json"
	expect_equal "$(status_of)" stopped
	rt delete --force c1
	expect_equal "$(rt list -q)" c2
	[ ! -e "$made" ]
	[[ $(ps -o stat= -p "$inside") =~ ^(Z.*)?$ ]]
	kill -0 "$HELPER"
	kill -9 "$HELPER"
	wait "$HELPER" || true
	HELPER=
	rmdir "$others"
}

@test "kill --all reaches everybody, delete leaves no cgroup, nested ones neither" {
	local dir
	sh_config 'sleep 1001 & sleep 1002 & wait'
	start
	for dir in $(cg_dirs); do
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
	[ -n "$(cat "$(cg_dir pids)/cgroup.procs")" ]
	rt kill --all c1 9
	empty() { [ -z "$(cat "$(cg_dir pids)/cgroup.procs")" ]; }
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
	for dir in $(cg_dirs); do
		echo "$pid" >"$dir/cgroup.procs"
	done
	rt kill c1 KILL
	rt delete --force c1
	no_cgroup
}

@test "a cgroup that was there before stays, those that were made go" {
	mkdir "$(cg_dir pids)"
	config '.linux.cgroupsPath += "/c"'
	start
	rt delete --force c1
	expect_equal "$(cg_dirs)" "$(cg_dir pids)"
	expect_equal "$(find "$(cg_dir pids)" -mindepth 1 -type d)" ""
	rmdir "$(cg_dir pids)"
}
