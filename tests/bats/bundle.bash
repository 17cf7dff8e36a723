# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A bundle for each test, and containers made of it: busybox as the root file system, and a config
# with the namespaces and mounts that every container has, for tests to change. ociVersion is an
# old one, so that the same tests run with another runtime as OCIRUN.

load "${BASH_SOURCE[0]%/*}/setup"

# Called once per file, by setup_file.
make_rootfs() {
	"${BASH_SOURCE[0]%/*}/../../bundles/make-rootfs" "$BATS_FILE_TMPDIR/rootfs"
}

# Called by setup: BUNDLE, ROOTFS, ROOT (the state root) and ID of this test.
make_bundle() {
	skip_with_file
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	ROOTFS=$BUNDLE/rootfs
	ROOT=$BATS_TEST_TMPDIR/state
	ID=bats-$$-$BATS_SUITE_TEST_NUMBER
	export BUNDLE ROOTFS ROOT ID

	# Reachable for the root of a user namespace too, where a test does not change that.
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	mkdir "$BUNDLE"
	cp -a "$BATS_FILE_TMPDIR/rootfs" "$ROOTFS"
	jq -n '{
		ociVersion: "1.0.2",
		root: { path: "rootfs" },
		process: {
			user: { uid: 0, gid: 0 },
			cwd: "/",
			env: ["PATH=/bin"],
			args: ["true"]
		},
		hostname: "bats",
		mounts: [
			{ destination: "/proc", type: "proc", source: "proc" },
			{ destination: "/dev", type: "tmpfs", source: "tmpfs",
			  options: ["nosuid", "mode=755"] },
			{ destination: "/dev/pts", type: "devpts", source: "devpts",
			  options: ["newinstance", "ptmxmode=0666", "mode=0620"] }
		],
		linux: {
			namespaces: [
				{ type: "pid" }, { type: "network" }, { type: "ipc" },
				{ type: "uts" }, { type: "mount" }
			]
		}
	}' >"$BUNDLE/config.json"
}

# Called by teardown.
remove_containers() {
	delete_all "$ROOT" ocirun
}

ocirun() {
	timeout --foreground -k 5 30 "$OCIRUN" --root "$ROOT" "$@"
}

# config [JQ_ARGUMENT...] FILTER: changes the bundle's config.json
config() {
	edit_json "$BUNDLE/config.json" "$@"
}

# script TEXT: what the shell of the container will run
script() {
	config --arg text "$1" '.process.args = ["/bin/sh", "-c", $text]'
}

# container SCRIPT [OPTION...]: runs it to its end in a container, as bats' `run` does
container() {
	script "$1"
	run ocirun run --bundle "$BUNDLE" "${@:2}" "$ID"
}

# inside SCRIPT WANTED: the script succeeds in a container and prints that
inside() {
	container "$1"
	expect_status 0
	expect_equal "$output" "$2"
}

# refused POINTER TEXT [OPTION...]: no container is made, and both are in the error
refused() {
	run ocirun run --bundle "$BUNDLE" "${@:3}" "$ID"
	expect_status 1
	expect_part "$output" "$1"
	expect_part "$output" "$2"
	[ ! -e "$ROOT/$ID" ]
}

# privately SCRIPT: runs it in a mount namespace of its own, with the words of this file
privately() {
	local words

	words=$(declare -f)
	unshare --mount --propagation private bash -c "
		$words
		set -eu
		$1"
}
