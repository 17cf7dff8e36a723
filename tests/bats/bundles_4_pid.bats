#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load bundles

@test "4-pid: own namespaces are ipc pid uts; the others are the host's" {
	run -0 own_namespaces 4-pid
	[ "$output" = 'ipc pid uts ' ]
}

@test "4-pid: the first process is pid 1, and ps shows the host" {
	run -0 in_bundle 4-pid 'echo $$; ps | wc -l; kill -0 2 || echo no process 2'
	[ "${lines[0]}" = 1 ]
	[ "${lines[1]}" -gt 4 ]
	assert_shown 'no process 2'
}

@test "4-pid: bundles/run shows it and leaves nothing behind" {
	local queues_before
	queues_before=$(awk 'NR > 1' /proc/sysvipc/msg)
	run -0 "$BUNDLES/run" 4-pid
	assert_shown 'the others shared'
	nothing_left
}

@test "4-pid: bundles/run fails when the claim does not hold" {
	run_changed 4-pid 's/{ "type": "ipc" },/{ "type": "ipc" }/; /"pid"/d'
	[ "$status" = 1 ]
	assert_shown "FAIL own namespaces: uts ipc pid"
}
