#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# pause and resume, and what else can be done with a container that stands still.

load setup
load resources

setup() {
	resources_setup
	needs freezer
}

teardown() {
	resources_teardown
}

# The container counts into a file of its own; that it stands still is seen there.
counting() {
	mkdir -p out
	sh_config 'i=0; while :; do i=$((i + 1)); echo $i >/out/n; done' \
		'.mounts += [{ destination: "/out", type: "bind", source: "'"$PWD"'/out", options: ["bind"] }]'
	start
	wait_for test -s out/n
}

@test "a paused container stands still, says so, and goes on when it is resumed" {
	local before
	counting
	rt pause c1
	expect_equal "$(status_of)" paused
	expect_equal "$(freezer_of "$(cg_dir freezer)")" FROZEN
	before=$(stat -c %y out/n)
	sleep 0.2
	expect_equal "$(stat -c %y out/n)" "$before"
	rt resume c1
	expect_equal "$(status_of)" running
	expect_equal "$(freezer_of "$(cg_dir freezer)")" THAWED
	changed() { [ "$(stat -c %y out/n)" != "$before" ]; }
	wait_for changed
}

@test "a created container can be paused too, and start waits for resume" {
	config
	rt create c1 </dev/null >output 2>&1 3>&-
	rt pause c1
	expect_equal "$(status_of)" paused
	run -1 --separate-stderr rt start c1
	expect_part "$stderr" "cannot start"
	rt resume c1
	expect_equal "$(status_of)" created
	rt start c1
	expect_equal "$(status_of)" running
}

@test "processes in nested cgroups stand still too" {
	local dir
	config
	start
	dir=$(cg_dir freezer)/below
	mkdir "$dir"
	sleep 1000 3>&- &
	HELPER=$!
	echo "$HELPER" >"$dir/cgroup.procs"
	rt pause c1
	expect_equal "$(freezer_of "$dir")" FROZEN
	# v2 stops them where a signal would, and they look like sleepers.
	expect_equal "$(awk '/^State/ { print $2 }' "/proc/$HELPER/status")" "$([ "$CG_VERSION" = 1 ] && echo D || echo S)"
	rt resume c1
	expect_equal "$(freezer_of "$dir")" THAWED
	rt kill --all c1 KILL
}

@test "pausing what is paused and resuming what runs fails and changes nothing" {
	config
	start
	run -1 --separate-stderr rt resume c1
	expect_part "$stderr" "container not paused"
	rt pause c1
	run -1 --separate-stderr rt pause c1
	expect_part "$stderr" "container not running"
	expect_equal "$(status_of)" paused
}

@test "a stopped container and one that is not there can be neither paused nor resumed" {
	config
	start
	rt kill c1 KILL
	stopped() { [ "$(status_of)" = stopped ]; }
	wait_for stopped
	run -1 --separate-stderr rt pause c1
	expect_part "$stderr" "container not running"
	run -1 --separate-stderr rt resume c1
	expect_part "$stderr" "container not paused"
	for command in pause resume; do
		run -1 --separate-stderr rt "$command" nobody
		expect_part "$stderr" "container does not exist"
	done
}

@test "a paused container is deleted only with --force, and then at once" {
	local pid start=$SECONDS
	config
	start
	pid=$(rt state c1 | jq .pid)
	rt pause c1
	run -1 --separate-stderr rt delete c1
	expect_part "$stderr" "paused"
	rt delete --force c1
	# Whoever it was left to may not have reaped it yet.
	[[ $(ps -o stat= -p "$pid") =~ ^(Z.*)?$ ]]
	no_cgroup
	[ $((SECONDS - start)) -lt 5 ]
}

@test "kill ends a paused container at once, other signals wait for resume" {
	sh_config 'trap "exit 7" TERM; while :; do sleep 0.05; done'
	start
	rt pause c1
	rt kill c1 TERM
	sleep 0.2
	expect_equal "$(status_of)" paused
	rt resume c1
	stopped() { [ "$(status_of)" = stopped ]; }
	wait_for stopped
	rt delete c1

	config
	start
	rt pause c1
	rt kill c1 KILL
	wait_for stopped
}

@test "what the container itself has frozen below is deleted at once" {
	local dir begun
	config
	start
	dir=$(cg_dir freezer)/a/b
	mkdir -p "$dir"
	sleep 1000 3>&- &
	HELPER=$!
	echo "$HELPER" >"$dir/cgroup.procs"
	freeze "$dir/.." FROZEN
	expect_equal "$(status_of)" running
	begun=$SECONDS
	rt delete --force c1
	no_cgroup
	[ $((SECONDS - begun)) -lt $((5 * ${SLOWNESS:-1})) ]
}

@test "without a cgroup nothing can be paused" {
	config 'del(.linux.cgroupsPath) | del(.mounts[] | select(.type == "cgroup"))'
	rt --cgroup-manager disabled run --detach c1 </dev/null >output 2>&1 3>&-
	run -1 --separate-stderr rt pause c1
	expect_part "$stderr" "no cgroup that can freeze it"
	expect_equal "$(status_of)" running
}
