# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of bundles/. They look at a container's namespaces from inside, where bundles/run
# looks from outside, and do not use the demos: both must agree.

bats_require_minimum_version 1.5.0

BUNDLES=$(cd "$BATS_TEST_DIRNAME/../../bundles" && pwd)
OCIRUN=$(realpath "${OCIRUN:-$BUNDLES/../build/cmd/ocirun/ocirun}")
export BUNDLES OCIRUN

# in_bundle NAME COMMANDS: prints what the commands print in a container of that bundle, run in the
# foreground. It waits in a mount namespace of its own, as bundles/run does.
in_bundle() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	printf '%s\n' "$2" | timeout 60 unshare --mount --propagation private -- bash -euc '
		mount -t tmpfs -o mode=755 bundles /mnt
		cp -r "$BUNDLES"/[0-9]* /mnt
		chmod 1777 /mnt/6-image/volume
		"$BUNDLES/make-rootfs" /mnt/rootfs
		grep -q "\"mount\"" "/mnt/$1/config.json" || mount --bind /proc /mnt/rootfs/proc
		# Outside, the mount namespace is the one that the runtime is started in.
		readlink /proc/self/ns/mnt >&3
		exec "$OCIRUN" --root /mnt/state run --bundle "/mnt/$1" "bats-$1-$$" 3>&-
	' _ "$1" 3>"$BATS_FILE_TMPDIR/outer-mnt"
}

# own_namespaces NAME: which namespaces a container of that bundle does not share, sorted
own_namespaces() {
	local name ids

	# shellcheck disable=SC2016 # expanded in the container
	ids=$(in_bundle "$1" 'for n in cgroup ipc mnt net pid time user uts; do readlink /proc/self/ns/$n; done')
	for name in cgroup ipc mnt net pid time user uts; do
		case $name in
		mnt) grep -qxF "$(cat "$BATS_FILE_TMPDIR/outer-mnt")" <<<"$ids" ;;
		*) grep -qxF "$(readlink "/proc/self/ns/$name")" <<<"$ids" ;;
		esac || printf '%s ' "$name"
	done
	[ "$(wc -l <<<"$ids")" = 8 ]
}

# run_changed NAME SED: runs a copy of the bundles in which the config of one is changed
run_changed() {
	cp -r "$BUNDLES" "$BATS_TEST_TMPDIR/changed"
	sed -i "$2" "$BATS_TEST_TMPDIR/changed/$1/config.json"
	if cmp "$BUNDLES/$1/config.json" "$BATS_TEST_TMPDIR/changed/$1/config.json"; then
		return 1
	fi
	run "$BATS_TEST_TMPDIR/changed/run" "$1"
	echo "$output"
}

# assert_shown LINE...: bundles/run printed each, blanks squeezed
assert_shown() {
	local line

	for line in "$@"; do
		tr -s ' ' <<<"$output" | grep -qF -e "$line" || {
			printf 'not shown: %s\nin:\n%s\n' "$line" "$output"
			return 1
		}
	done
}

# nothing_left: no directory, mount, interface or message queue of a bundle is there
nothing_left() {
	local left

	left=$(
		find /tmp -maxdepth 1 -name 'ocirun-bundles.*'
		grep ocirun-bundles /proc/self/mountinfo
		find /sys/class/net -name 'ocirun[0-9]*'
		awk 'NR > 1' /proc/sysvipc/msg
	)
	[ "$left" = "$queues_before" ] || {
		printf 'left behind:\n%s\n' "$left"
		return 1
	}
}
