#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.resources.devices: which devices a container can open, by the list of cgroup v1 or the program
# of v2. What holds is seen by opening them.

load setup
load resources

setup() {
	resources_setup
	needs devices
}

teardown() {
	resources_teardown
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

@test "devices: a cgroup that was there before keeps no rules of a container's" {
	local dir
	needs_version 2
	[ -c /dev/fuse ] || skip "no /dev/fuse"
	dir=$(cg_dir devices)
	mkdir "$dir"
	RULES='[]' opens "c 10 229"
	expect_equal "$output" "c 10 229"
	run bash -c 'echo $$ >"$0/cgroup.procs" && : <>/dev/fuse' "$dir"
	rmdir "$dir"
	expect_status 0
}
