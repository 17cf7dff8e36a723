# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of hooks: config.json with them, and what they say.

load bundle

# hooks_setup: the bundle of a test, and where its hooks speak
hooks_setup() {
	make_bundle
	# What hooks say, in the directory of the bundle, or in the root for those of the container.
	SAID=$BUNDLE/said
	mkdir "$SAID" "$ROOTFS/said"
	config '.process.args = ["sleep", "1000"] | .hooks = {}'
}

hooks_teardown() {
	remove_containers
	! mountpoint -q "$ROOTFS/said" || umount "$ROOTFS/said"
}

KINDS="prestart createRuntime createContainer startContainer poststart poststop"

# hook KIND SCRIPT [FILTER]: one more hook of that kind: a shell with the script, $SAID being where
# it may write. FILTER changes the hook's object.
hook() {
	local said=$SAID

	[ "$1" != startContainer ] || said=/said
	config --arg kind "$1" --arg text "SAID=$said KIND=$1; $2" '.hooks[$kind] += [
		{ path: "/bin/sh", args: ["sh", "-c", $text] } | '"${3:-.}"']'
}

# said NAME: what a hook wrote into the file of that name
said() {
	cat "$SAID/$1" "$ROOTFS/said/$1" 2>/dev/null
}

create() {
	ocirun create --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/out"
		return 1
	}
}

# whole_life: create, start, kill and delete
whole_life() {
	create
	PID=$(ocirun state "$ID" | jq .pid)
	ocirun start "$ID"
	ocirun kill "$ID" KILL
	within 10 stopped
	ocirun delete "$ID"
}

stopped() {
	[ "$(ocirun state "$ID" | jq -r .status)" = stopped ]
}

is_gone() {
	[[ ! -e /proc/$1/stat || $(cut -d ' ' -f 3 "/proc/$1/stat") == Z ]]
}

nothing_left() {
	[ ! -e "$ROOT/$ID" ]
	[ -z "$(find /sys/fs/cgroup -maxdepth 3 -type d -name "$ID" 2>/dev/null)" ]
}
