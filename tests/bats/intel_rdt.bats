#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.intelRdt is not carried out yet. It is refused as a whole, since it asks for something even
# when it is empty: a directory of resctrl with the container's id, and the process in its tasks.

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

@test "intelRdt that is not set is no request" {
	config '.linux.intelRdt = null'
	inside 'echo alive' alive
}

@test "intelRdt is refused, also without any member" {
	for value in '{}' '{ "closID": "/" }' '{ "enableMonitoring": false }' '{ "schemata": [] }'; do
		config --argjson value "$value" '.linux.intelRdt = $value'
		refused /linux/intelRdt 'resource director technology is not supported'
	done
}

@test "features say so" {
	run -0 --separate-stderr "$OCIRUN" features
	expect_equal "$(jq .linux.intelRdt.enabled <<<"$output")" false
}
