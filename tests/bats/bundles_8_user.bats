#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load bundles

@test "8-user: own namespaces are ipc mnt net pid user uts; the others are the host's" {
	run -0 own_namespaces 8-user
	[ "$output" = 'ipc mnt net pid user uts ' ]
}

@test "8-user: root inside is nobody outside" {
	run -0 in_bundle 8-user 'id -u; cat /proc/self/uid_map /proc/self/gid_map'
	[ "$(tr -s ' ' <<<"$output")" = $'0\n 0 65534 1\n 0 65534 1' ]
}

@test "8-user: what the host's root owns cannot be written" {
	run -0 in_bundle 8-user 'stat -c %U /bin/busybox; ( : >>/bin/busybox ) 2>/dev/null || echo refused'
	[ "$output" = $'nobody\nrefused' ]
}

@test "8-user: bundles/run shows it and leaves nothing behind" {
	local queues_before
	queues_before=$(awk 'NR > 1' /proc/sysvipc/msg)
	run -0 "$BUNDLES/run" 8-user
	assert_shown 'the others shared'
	nothing_left
}

@test "8-user: bundles/run fails when the claim does not hold" {
	run_changed 8-user 's/"hostID": 65534/"hostID": 65533/'
	[ "$status" = 1 ]
	assert_shown "FAIL nobody outside"
}
