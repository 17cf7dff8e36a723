#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A create that fails undoes what it did, and nothing else.

load setup

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	cd "$BATS_TEST_TMPDIR"
	mkdir -p bundle/rootfs/bin
	cp "$(command -v busybox)" bundle/rootfs/bin/sleep
	name=ocirun-undo-$$-$BATS_TEST_NUMBER
	"$OCIRUN" spec --bundle bundle
	edit '.process.terminal = false | .process.args = ["sleep", "60"]
		| .linux.cgroupsPath = "/'"$name"'"'
}

teardown() {
	"$OCIRUN" --root "$PWD/root" delete --force "$name"
	"$OCIRUN" --root "$PWD/root" delete --force "$name-2"
}

edit() {
	jq "$1" bundle/config.json >bundle/config.new
	mv bundle/config.new bundle/config.json
}

ocirun() {
	"$OCIRUN" --root "$PWD/root" "$@"
}

status_of() {
	ocirun state "$1" | jq -r .status
}

@test "a create that finds its cgroup in use leaves the container in it alone" {
	ocirun create --bundle bundle "$name" 3>&-
	ocirun start "$name"
	run -1 ocirun create --bundle bundle "$name-2" 3>&-
	expect_part "$output" "cgroup is not empty"
	sleep 0.1
	expect_equal "$(status_of "$name")" running
	run -1 ocirun state "$name-2"
}

@test "deleting what a create left before it had a cgroup leaves the container in it alone" {
	edit 'del(.linux.namespaces[] | select(.type == "pid"))'
	ocirun create --bundle bundle "$name" 3>&-
	ocirun start "$name"
	# As after a SIGKILL right behind the intent record.
	mkdir -m 700 "root/$name-2"
	jq '.id += "-2" | .cgroups[].created = 0' "root/$name/state.json" >"root/$name-2/state.json"
	ocirun delete --force "$name-2"
	expect_equal "$(status_of "$name")" running
	run -1 ocirun state "$name-2"
}
