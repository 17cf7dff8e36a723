#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load bundles

teardown() {
	[ -z "${queue-}" ] || ipcrm --queue-id "$queue"
}

@test "3-ipc: own namespaces are ipc uts; the others are the host's" {
	run -0 own_namespaces 3-ipc
	[ "$output" = 'ipc uts ' ]
}

@test "3-ipc: a message queue of the host is not seen inside" {
	queue=$(ipcmk --queue | tr -cd 0-9)
	run -0 in_bundle 3-ipc 'tail -n +2 /proc/sysvipc/msg | wc -l'
	[ "$output" = 0 ]
	run -0 in_bundle 2-uts 'tail -n +2 /proc/sysvipc/msg | wc -l'
	[ "$output" -ge 1 ]
}

@test "3-ipc: bundles/run shows it and leaves nothing behind" {
	local queues_before
	queues_before=$(awk 'NR > 1' /proc/sysvipc/msg)
	run -0 "$BUNDLES/run" 3-ipc
	assert_shown 'the others shared'
	nothing_left
}

@test "3-ipc: bundles/run fails when the claim does not hold" {
	run_changed 3-ipc 's/, *$/,/; s/{ "type": "uts" },/{ "type": "uts" }/; /"ipc"/d'
	[ "$status" = 1 ]
	assert_shown "FAIL own namespaces: uts ipc"
}
