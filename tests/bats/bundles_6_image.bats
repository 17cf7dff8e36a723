#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load bundles

@test "6-image: own namespaces are ipc mnt pid uts; the others are the host's" {
	run -0 own_namespaces 6-image
	[ "$output" = 'ipc mnt pid uts ' ]
}

@test "6-image: it mounts what an image expects" {
	run -0 in_bundle 6-image 'cut -d " " -f 2,3 /proc/mounts'
	assert_shown '/proc proc' '/sys sysfs' '/tmp tmpfs' '/run tmpfs' '/dev tmpfs' \
		'/dev/pts devpts' '/dev/shm tmpfs' '/etc/hosts ' '/etc/hostname ' \
		'/etc/resolv.conf ' '/mnt '
}

@test "6-image: the root and the files of conf are read-only, the volume and /tmp are not" {
	run -0 in_bundle 6-image 'for f in /a /etc/hosts /mnt/a /tmp/a; do ( : >>$f ) 2>/dev/null && echo rw $f || echo ro $f; done'
	[ "$output" = $'ro /a\nro /etc/hosts\nrw /mnt/a\nrw /tmp/a' ]
}

@test "6-image: the default devices are there and the host's disks are not" {
	run -0 in_bundle 6-image 'echo x >/dev/null && head -c 4 /dev/zero | wc -c; find /dev -type b'
	[ "$output" = 4 ]
}

@test "6-image: bundles/run shows it and leaves nothing behind" {
	local queues_before
	queues_before=$(awk 'NR > 1' /proc/sysvipc/msg)
	run -0 "$BUNDLES/run" 6-image
	assert_shown 'the others shared'
	nothing_left
}

@test "6-image: bundles/run fails when the claim does not hold" {
	run_changed 6-image 's/, "readonly": true//'
	[ "$status" = 1 ]
	assert_shown "FAIL the root is read-only"
}
