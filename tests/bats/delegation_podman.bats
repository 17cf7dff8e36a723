#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman of a user without privileges to whom cgroups of v2 have been delegated.

load delegation

setup_file() {
	begin_delegation
}

teardown_file() {
	end_delegation
}

setup() {
	make_config
}

@test "podman has limits for its containers, without root" {
	command -v podman >/dev/null || skip "no podman"
	give u 1700000000 65536
	give g 1700000000 65536
	delegated 'podman() {
			command podman --runtime '"$BATS_FILE_TMPDIR"'/ocirun --cgroup-manager cgroupfs "$@"
		}
		tar -C rootfs -c . | podman import --quiet - busybox >/dev/null
		podman run --rm --network none --memory 64m --pids-limit 30 busybox cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max
		podman run --detach --name c1 --network none --cgroups split busybox sleep 1000 >/dev/null
		podman pause c1; podman inspect --format "{{.State.Status}}" c1; podman unpause c1
		podman exec c1 cat /proc/self/cgroup; podman rm --force --time 0 c1; podman ps --all --quiet'
	echo "$stderr"
	expect_equal "$(paste -sd, <<<"$output")" "67108864,30,c1,paused,c1,0::/,c1"
}
