#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --cgroup-manager disabled, as podman runs containers for which no cgroup is wanted.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	config '.mounts += [{destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"]},
		{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["rw"]}]'
}

teardown() {
	remove_containers
}

# without_cgroup SCRIPT: runs it in a container that has no cgroup
without_cgroup() {
	script "$1"
	run ocirun --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
}

@test "the container of the template runs, in its caller's cgroups" {
	"$OCIRUN" spec --bundle "$BATS_TEST_TMPDIR"
	jq '.process.terminal = false | .process.args = ["cat", "/proc/self/cgroup"]
		| del(.linux.namespaces[] | select(.type == "cgroup"))' \
		"$BATS_TEST_TMPDIR/config.json" >"$BUNDLE/config.json"
	run ocirun --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_equal "$output" "$(cat /proc/self/cgroup)"
	expect_equal "$(find /sys/fs/cgroup -name "$ID")" ""
}

@test "a mount of type cgroup shows the caller's, read-only whatever the options say" {
	without_cgroup '
		for dir in /sys/fs/cgroup /sys/fs/cgroup/*; do
			[ ! -e $dir/cgroup.procs ] || { echo found; mkdir $dir/x; }
		done 2>&1'
	expect_part "$output" found
	expect_equal "$(grep -cv -e found -e 'Read-only file system' <<<"$output")" 0
	expect_equal "$(grep -c found <<<"$output")" "$(grep -c Read-only <<<"$output")"
}

@test "with a cgroup namespace its root is the caller's cgroup, read-only too" {
	config '.linux.namespaces += [{type: "cgroup"}]'
	without_cgroup 'cat /proc/self/cgroup | cut -d: -f3 | sort -u
		grep -E " - cgroup2? " /proc/mountinfo /proc/self/mountinfo 2>/dev/null |
			cut -d" " -f4,6 | cut -d, -f1 | sort -u'
	expect_status 0
	expect_equal "$output" $'/\n/ ro'
}

@test "limits that were asked for do not keep it from running, and delete leaves nothing" {
	config '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 9}}
		| .process.args = ["sleep", "100"]'
	ocirun --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID" \
		</dev/null >/dev/null 2>&1 3>&-
	expect_equal "$(ocirun state "$ID" | jq -r .status)" running
	expect_equal "$(find /sys/fs/cgroup -name "$ID")" ""
	# podman gives the option to run and create only.
	ocirun delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
}
