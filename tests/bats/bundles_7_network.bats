#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load bundles

teardown() {
	[ -z "${server-}" ] || kill "$server"
}

@test "7-network: own namespaces are ipc mnt net pid uts; the others are the host's" {
	run -0 own_namespaces 7-network
	[ "$output" = 'ipc mnt net pid uts ' ]
}

@test "7-network: it has a loopback interface alone, and no route" {
	run -0 in_bundle 7-network 'ls /sys/class/net; ip route'
	[ "$output" = lo ]
}

@test "7-network: a port that is bound on the host is free inside" {
	local port=$((30000 + $$ % 10000))
	busybox nc -l -p "$port" 3>&- &
	server=$!
	timeout 20 sh -c "until busybox netstat -ltn | grep -q ':$port '; do sleep 0.05; done"
	run -1 busybox nc -l -p "$port"
	run -0 in_bundle 7-network "nc -l -p $port & until netstat -ltn | grep ':$port '; do sleep 0.1; done | wc -l"
	[ "$output" = 1 ]
}

@test "7-network: bundles/run shows it and leaves nothing behind" {
	local queues_before
	queues_before=$(awk 'NR > 1' /proc/sysvipc/msg)
	run -0 "$BUNDLES/run" 7-network
	assert_shown 'the others shared'
	nothing_left
}

@test "7-network: bundles/run fails when the claim does not hold" {
	run_changed 7-network 's/{ "type": "mount" },/{ "type": "mount" }/; /"network"/d; /sysfs/d; s/"proc" },$/"proc" }/'
	[ "$status" = 1 ]
	assert_shown "FAIL own namespaces: uts ipc pid mnt net"
}

@test "7-network: bundles/run waits for a server that is slow to begin" {
	cp /bin/busybox "$BATS_TEST_TMPDIR/busybox-real"
	cat >"$BATS_TEST_TMPDIR/busybox-slow" <<-END
		#!/bin/sh
		case "\$*" in 'nc -l'*) sleep 1 ;; esac
		exec $BATS_TEST_TMPDIR/busybox-real "\$@"
	END
	chmod 755 "$BATS_TEST_TMPDIR/busybox-slow"
	BUSYBOX=$BATS_TEST_TMPDIR/busybox-real run -0 unshare --mount bash -euc \
		'mount --bind "$1" /bin/busybox; exec "$2" 7-network' - "$BATS_TEST_TMPDIR/busybox-slow" "$BUNDLES/run"
	assert_shown 'ok the one outside answers for the host'
}
