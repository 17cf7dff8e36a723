#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load bundles

@test "9-join: it joins the first one's namespaces, has its own mount namespace, shares the others" {
	run -0 "$BUNDLES/run" 9-join
	for name in uts ipc pid net; do
		[[ $(grep "^$name " <<<"$output") == *joined ]]
	done
	for name in user cgroup time; do
		[[ $(grep "^$name " <<<"$output") == *shared ]]
	done
	[[ $(grep "^mnt " <<<"$output") == *own ]]
}

@test "9-join: bundles/run shows it and leaves nothing behind" {
	local queues_before
	queues_before=$(awk 'NR > 1' /proc/sysvipc/msg)
	run -0 "$BUNDLES/run" 9-join
	assert_shown "ok the first one's /proc has the second" "ok is bound in the first one's network"
	nothing_left
}

@test "9-join: bundles/run fails when a namespace is a new one instead" {
	run_changed 9-join 's|, "path": "/mnt/first/ipc"||'
	[ "$status" = 1 ]
	assert_shown 'FAIL own namespaces: mnt; joined: uts ipc pid net'
}
