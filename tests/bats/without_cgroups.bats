#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A user who may not make cgroups has containers all the same. As podman starts a runtime for such a
# user: as root of a user namespace, and with no cgroup delegated.

load exec

setup() {
	bundle
	config 'del(.linux.cgroupsPath) | .linux.namespaces |= map(select(.type != "network"))
		| .mounts |= map(select(.type != "sysfs" and .type != "cgroup"))'
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	install -d -o 1000 -g 1000 "$STATE"
	chown -R 1000:1000 "$BUNDLE"
	unshare --user --mount --fork --kill-child sleep 1000 3>&- </dev/null >/dev/null 2>&1 &
	until USERNS=$(tr -d ' ' <"/proc/$!/task/$!/children") && [ -n "$USERNS" ] &&
		grep -q sleep "/proc/$USERNS/comm"; do
		sleep 0.01
	done
	for map in uid_map gid_map; do
		# In one write, which bash's own printf does not do.
		env printf '0 1000 1\n1 100000 65536' >"/proc/$USERNS/$map"
	done
}

teardown() {
	remove_containers
	kill "$USERNS"
}

ocirun() {
	timeout -k 5 60 nsenter --target "$USERNS" --user --mount --setuid 0 --setgid 0 -- \
		"$OCIRUN" --root "$STATE" "$@" 3>&- 4>&-
}

@test "a container runs without, and what was not made is not recorded" {
	container
	expect_equal "$(jq -c .cgroups "$STATE/c1/state.json")" '[]'
}

@test "exec joins what there is" {
	container
	run -0 in_c1 c1 echo hello
	expect_equal "$output" hello
}

@test "ps lists init" {
	container
	run -0 ocirun ps --format json c1
	expect_equal "$output" "[$(init_pid)]"
}

@test "kill --all reaches init" {
	container
	pid=$(init_pid)
	run -0 ocirun kill --all c1 KILL
	pid_is_gone "$pid"
}

@test "pause says what is missing" {
	container
	run -1 ocirun pause c1
	expect_part "$output" 'no cgroup that can freeze it'
}
