#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load bundles

@test "5-mount: own namespaces are ipc mnt pid uts; the others are the host's" {
	run -0 own_namespaces 5-mount
	[ "$output" = 'ipc mnt pid uts ' ]
}

@test "5-mount: ps shows two processes" {
	run -0 in_bundle 5-mount 'ps; true'
	[ "${#lines[@]}" = 3 ]
	assert_shown '1 root sh'
}

@test "5-mount: what it mounts is not mounted outside" {
	run -0 in_bundle 5-mount 'cut -d " " -f 2,3 /proc/mounts'
	[ "$output" = $'/ tmpfs\n/proc proc' ]
}

@test "5-mount: bundles/run shows it and leaves nothing behind" {
	local queues_before
	queues_before=$(awk 'NR > 1' /proc/sysvipc/msg)
	run -0 "$BUNDLES/run" 5-mount
	assert_shown 'the others shared'
	nothing_left
}

@test "5-mount: bundles/run fails when the claim does not hold" {
	run_changed 5-mount 's|"type": "proc", "source": "proc"|"type": "bind", "source": "/proc", "options": ["rbind"]|'
	[ "$status" = 1 ]
	assert_shown "FAIL ps shows two processes, sh and itself"
}
