#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.intelRdt on a host without resctrl: an error that names it, never silence. What becomes of it
# where there is a resctrl is held by unit tests against a tree that looks like one.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
}

teardown() {
	remove_containers
}

needs_no_resctrl() {
	! grep -q ' resctrl ' /proc/mounts || skip "this host has a resctrl"
}

@test "intelRdt that is not set is no request" {
	config '.linux.intelRdt = null'
	inside 'echo alive' alive
}

@test "without resctrl intelRdt is refused, also without any member" {
	needs_no_resctrl
	for value in '{}' '{ "closID": "/" }' '{ "enableMonitoring": false }' '{ "schemata": [] }'; do
		config --argjson value "$value" '.linux.intelRdt = $value'
		refused /linux/intelRdt 'no resctrl file system is mounted on this host'
	done
}

@test "check says so too" {
	needs_no_resctrl
	config '.linux.intelRdt = {}'
	run ocirun check "$BUNDLE"
	expect_status 1
	expect_part "$output" '/linux/intelRdt: intelRdt is specified in config, but Intel RDT is not enabled'
}

@test "without resctrl update refuses schemata, and leaves the other limits" {
	local pids=/sys/fs/cgroup/pids/$ID/pids.max

	needs_no_resctrl
	[ -e /sys/fs/cgroup/pids ] || pids=/sys/fs/cgroup/$ID/pids.max
	config --arg cgroup "/$ID" '.linux.cgroupsPath = $cgroup | .linux.resources.pids.limit = 50'
	script 'sleep 30'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	run ocirun update --pids-limit 60 --l3-cache-schema 'L3:0=f' "$ID"
	expect_status 1
	expect_part "$output" 'Intel RDT/CAT: l3 cache schema is not enabled'
	run ocirun update --pids-limit 60 --mem-bw-schema 'MB:0=20' "$ID"
	expect_status 1
	expect_part "$output" 'Intel RDT/MBA: memory bandwidth schema is not enabled'
	expect_equal "$(cat "$pids")" 50
}

@test "features say what is understood" {
	run -0 --separate-stderr "$OCIRUN" features
	expect_equal "$(jq -c .linux.intelRdt <<<"$output")" \
		'{"enabled":true,"schemata":true,"monitoring":true}'
}
