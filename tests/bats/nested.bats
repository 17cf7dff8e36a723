#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# This runtime in a container of its own, three deep: of root with a container's usual freedom, of a
# user without privileges, and where the outer container does not allow it.

load bundle
load rootless

setup_file() {
	make_user
	make_rootfs
	install -m 755 "$OCIRUN" "$BATS_FILE_TMPDIR/rootfs/bin/ocirun"
	# The one rootfs, which each level has for the next one at another place.
	mkdir "$BATS_FILE_TMPDIR/rootfs"/{a,b,c,1,2}
	cat >"$BATS_FILE_TMPDIR/rootfs/level" <<-'END'
		level=$((${LEVEL:-0} + 1))
		echo "$level: $$ $(hostname) $(id -u) $(sed -n 's/.*:pids://p' /proc/self/cgroup)"
		[ "$level" != 3 ] || [ ! -e /hold ] || exec sleep 1000
		[ "$level" = 3 ] || ocirun --root "/tmp/state$level" run --bundle "/$level" "n$level"
		status=$?
		! grep -q 4294967295 /proc/self/uid_map || find /sys/fs/cgroup/pids -mindepth 1 -type d
		find "/tmp/state$level" -mindepth 1 2>/dev/null
		exit "$status"
	END
}

teardown_file() {
	remove_user
}

setup() {
	chroot "$BATS_FILE_TMPDIR/rootfs" /bin/ocirun --version >/dev/null 2>&1 ||
		skip "needs a program without shared libraries"
	make_bundle
	rm -r "$ROOTFS"
	ROOTFS=$BATS_FILE_TMPDIR/rootfs
	rm -rf "$ROOTFS"/tmp/state* "$ROOTFS/hold"
}

teardown() {
	remove_containers
}

CAPABILITIES='["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_KILL",
	"CAP_MKNOD", "CAP_NET_ADMIN", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID",
	"CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE"]'

# levels FILE [FILTER]: changes a config.json into that of the first level, and makes the next two
levels() {
	local at=$BATS_FILE_TMPDIR/rootfs

	edit_json "$1" --arg rootfs "$at" --argjson all "$CAPABILITIES" '
		.root = { path: $rootfs } | .hostname = "one" | .process.terminal = false |
		.process.args = ["/bin/sh", "/level"] | .process.noNewPrivileges = false |
		.process.capabilities |= map_values($all) |
		.linux |= del(.maskedPaths, .readonlyPaths) |
		.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end) |
		.mounts += [{ destination: "/a", type: "bind", source: $rootfs, options: ["bind"] }]
		'"${2:-}"
	deeper "$1" 1 two /a /b
	deeper "$1" 2 three /b /c
}

# deeper FILE LEVEL NAME PATH NEXT: the same for one level down, which has its root at PATH
deeper() {
	jq --arg level "$2" --arg name "$3" --arg path "$4" --arg next "$5" '
		.root.path = $path | .hostname = $name | .process.env += ["LEVEL=" + $level] |
		.mounts[-1] += { destination: $next, source: $path } |
		if .linux.uidMappings then
			.linux.uidMappings[].hostID = 0 | .linux.gidMappings[].hostID = 0
		else . end' "$1" >"$BATS_FILE_TMPDIR/rootfs/$2/config.json"
}

@test "of root: each level has its cgroup below the one around, and leaves nothing there" {
	[ -d /sys/fs/cgroup/pids ] || skip "needs cgroup v1"
	rm "$BUNDLE/config.json"
	"$OCIRUN" spec --bundle "$BUNDLE"
	levels "$BUNDLE/config.json" \
		'| .linux.resources = { devices: [{ allow: true, access: "rwm" }] }'
	run -0 ocirun run --bundle "$BUNDLE" "$ID" </dev/null
	expect_equal "$output" "1: 1 one 0 /$ID
2: 1 two 0 /$ID/n1
3: 1 three 0 /$ID/n1/n2"
}

# lowest: the directory of the cgroup of the third level
lowest() {
	find /sys/fs/cgroup -type d -path "*/$ID/n1/n2"
}

third_level_sleeps() {
	[ -n "$(lowest)" ] && grep -qx sleep "/proc/$(cat "$(lowest)/cgroup.procs")/comm"
}

# Each level is the root of what it sees of version 2: where they are is for the host to see.
@test "of root on cgroup v2: each level has its cgroup below the one around, and goes with it" {
	local around

	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip "needs cgroup v2"
	rm "$BUNDLE/config.json"
	"$OCIRUN" spec --bundle "$BUNDLE"
	levels "$BUNDLE/config.json" '| .linux.resources = { devices: [{ allow: true, access: "rwm" }] }'
	touch "$ROOTFS/hold"
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	wait_for third_level_sleeps
	around=$(lowest)
	around=${around%/n1/n2}
	ocirun delete --force "$ID"
	[ ! -e "$around" ]
}

@test "of a user: each level is a user namespace in the one around" {
	mkdir -p "$HOME_DIR/run"
	chown -R "$USER_NAME:" "$HOME_DIR" "$ROOTFS"
	mortal spec --rootless
	levels "$HOME_DIR/config.json"
	mortal run "$ID" </dev/null >"$BATS_TEST_TMPDIR/out"
	expect_equal "$(cut -d ' ' -f 1-4 "$BATS_TEST_TMPDIR/out")" \
		$'1: 1 one 0\n2: 1 two 0\n3: 1 three 0'
}

@test "in a container without rights the error says which one is missing" {
	rm "$BUNDLE/config.json"
	"$OCIRUN" spec --bundle "$BUNDLE"
	levels "$BUNDLE/config.json" '| .process.capabilities |= map_values(["CAP_KILL"])'
	run -1 ocirun run --bundle "$BUNDLE" "$ID" </dev/null
	expect_part "$output" 'write the id map uid_map: Operation not permitted'
	expect_part "$output" 'mapping uid 0 needs CAP_SETFCAP'
}
