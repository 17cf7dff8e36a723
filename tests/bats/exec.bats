#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# exec: one more process in a container.

load exec

setup() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	bundle
}

teardown() {
	remove_containers
}

# namespaces_of PID
namespaces_of() {
	local name

	for name in cgroup ipc mnt net pid time user uts; do
		readlink "/proc/$1/ns/$name"
	done
}

# own_and_init: the namespaces of an exec'd process are those of init
exec_is_with_init() {
	local pid

	in_c1 --detach --pid-file "$BATS_TEST_TMPDIR/pid" c1 sleep 1000 >/dev/null 2>&1
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	expect_equal "$(namespaces_of "$pid")" "$(namespaces_of "$(init_pid)")"
	expect_equal "$(readlink "/proc/$pid/root")" "$(readlink "/proc/$(init_pid)/root")"
	expect_equal "$(cat "/proc/$pid/cgroup")" "$(cat "/proc/$(init_pid)/cgroup")"
	in_c1 c1 cat /etc/passwd | grep -q alice
}

# ---- where it runs ----

@test "exec is in every namespace, cgroup and root of the container" {
	config '.linux.namespaces = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"
		| { type: . }]
		| .linux.timeOffsets.boottime = { secs: 1000000, nanosecs: 0 }
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = .linux.uidMappings
		| .mounts |= map(select(.type != "sysfs" and .type != "cgroup"))'
	chown -R 100000:100000 "$ROOTFS"
	container
	exec_is_with_init
	run -0 in_c1 c1 id -u
	expect_equal "$output" 0
	run -0 in_c1 c1 cat /proc/uptime
	[ "${output%%.*}" -gt 1000000 ]
}

@test "exec without a user namespace is in all the others" {
	container
	exec_is_with_init
}

@test "exec in a container without a mount namespace has its root" {
	config '.linux.namespaces |= map(select(.type != "mount")) | .mounts = []
		| del(.linux.maskedPaths, .linux.readonlyPaths)'
	container
	exec_is_with_init
}

@test "exec in a container without a pid namespace" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	container
	exec_is_with_init
}

@test "exec in a container with --no-pivot has its root" {
	container --no-pivot
	exec_is_with_init
	run -0 in_c1 c1 ls /
	expect_equal "$(sort <<<"$output")" "$(ls "$ROOTFS")"
}

@test "exec in a container that is created" {
	ocirun create --bundle "$BUNDLE" c1 </dev/null >"$BATS_TEST_TMPDIR/log" 2>&1
	run -0 in_c1 c1 echo early
	expect_equal "$output" early
	expect_equal "$(ocirun state c1 | jq -r .status)" created
	ocirun start c1
	run -0 in_c1 c1 echo late
}

@test "exec in a container that joined a pid namespace" {
	container
	jq --arg path "/proc/$(init_pid)/ns/pid" '.linux.namespaces |=
		map(if .type == "pid" then .path = $path else . end) | .linux.cgroupsPath += "-2"' \
		"$BUNDLE/config.json" >"$BUNDLE/second.json"
	ocirun run --detach --bundle "$BUNDLE" --config "$BUNDLE/second.json" c2 \
		</dev/null >"$BATS_TEST_TMPDIR/log" 2>&1
	run -0 ocirun exec c2 readlink /proc/self/ns/pid </dev/null
	expect_equal "$output" "$(readlink "/proc/$(init_pid)/ns/pid")"
}

@test "exec in a container that has stopped is refused with 255" {
	config '.process.args = ["true"]'
	container
	pid_is_gone "$(jq .pid "$STATE/c1/pid" 2>/dev/null || init_pid)"
	run -255 in_c1 c1 true
	expect_part "$output" 'cannot exec in a stopped container'
	run -255 in_c1 c2 true
	expect_part "$output" 'container does not exist'
}

@test "exec in a paused container is refused, or waits until it is resumed" {
	local freezer=/sys/fs/cgroup/freezer$CGROUP/freezer.state pid

	[ -d /sys/fs/cgroup/freezer ] || skip 'needs the freezer of v1'
	container
	echo FROZEN >"$freezer"
	run -255 in_c1 c1 true
	expect_part "$output" 'cannot exec in a paused container'
	in_c1 --ignore-paused c1 echo resumed >"$BATS_TEST_TMPDIR/out" 2>&1 &
	pid=$!
	sleep 0.3
	[ -d "/proc/$pid" ] && [ ! -s "$BATS_TEST_TMPDIR/out" ]
	echo THAWED >"$freezer"
	wait "$pid"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/out")" resumed
}
