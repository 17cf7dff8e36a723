#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load bundles

@test "1-clone: own namespaces are none; the others are the host's" {
	run -0 own_namespaces 1-clone
	[ "$output" = '' ]
}

@test "1-clone: hostname, interfaces and pids are the host's, the root directory is not" {
	run -0 in_bundle 1-clone 'hostname; echo $(ls /); test -e /proc/1/root/usr || echo no way out; test -d /proc/$$ && echo same pids; cat /proc/net/dev'
	[ "${lines[0]}" = "$(hostname)" ]
	[ "${lines[1]}" = 'bin dev etc mnt proc run sys tmp' ]
	assert_shown 'same pids' 'lo:'
}

@test "1-clone: bundles/run shows it and leaves nothing behind" {
	local queues_before
	queues_before=$(awk 'NR > 1' /proc/sysvipc/msg)
	run -0 "$BUNDLES/run" 1-clone
	assert_shown 'the others shared'
	nothing_left
}

@test "1-clone: bundles/run fails when the claim does not hold" {
	run_changed 1-clone 's/"namespaces": \[\]/"namespaces": [{ "type": "uts" }]/'
	[ "$status" = 1 ]
	assert_shown "FAIL own namespaces: none"
}

@test "1-clone: bundles/run takes the name as a shell completes it" {
	run -0 "$BUNDLES/run" bundles/1-clone/
	assert_shown '== 1-clone:'
}
