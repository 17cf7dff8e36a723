#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load bundles

@test "2-uts: own namespaces are uts; the others are the host's" {
	run -0 own_namespaces 2-uts
	[ "$output" = 'uts ' ]
}

@test "2-uts: the container has its own hostname, the host keeps its own" {
	local before
	before=$(hostname)
	run -0 in_bundle 2-uts 'hostname'
	[ "$output" = container ]
	[ "$(hostname)" = "$before" ]
	[ "$before" != container ]
}

@test "2-uts: bundles/run shows it and leaves nothing behind" {
	local queues_before
	queues_before=$(awk 'NR > 1' /proc/sysvipc/msg)
	run -0 "$BUNDLES/run" 2-uts
	assert_shown 'the others shared'
	nothing_left
}

@test "2-uts: bundles/run fails when the claim does not hold" {
	run_changed 2-uts '/hostname/d; s/{ "type": "uts" }//'
	[ "$status" = 1 ]
	assert_shown "FAIL own namespaces: uts"
}
