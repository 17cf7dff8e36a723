# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of cgroups: containers of busybox with a cgroup that the test knows, and the values
# that the kernel has for it. Nothing is read back from the program under test.

# resources_setup: a root file system, shared by the file's tests, a state root and a cgroup name
resources_setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	cd "$BATS_TEST_TMPDIR"
	[ -d "$BATS_FILE_TMPDIR/rootfs" ] ||
		"$BATS_TEST_DIRNAME/../../bundles/make-rootfs" "$BATS_FILE_TMPDIR/rootfs"
	ROOT=$BATS_TEST_TMPDIR/root
	mkdir -p -m 700 "$ROOT"
	CG=ocirun-bats-$$-$BATS_TEST_NUMBER
}

# resources_teardown: no container, process or cgroup of the test stays
resources_teardown() {
	[ -n "${CG-}" ] || return 0
	delete_all "$ROOT" timeout -k 5 60 "$OCIRUN" --root "$ROOT"
	[ -z "${HELPER-}" ] || kill -9 "$HELPER" 2>/dev/null || true
	find /sys/fs/cgroup/*/ -maxdepth 1 -name "$CG*" -print >left
	if [ -s left ]; then
		cat left
		while read -r dir; do
			find "$dir" -name freezer.state -exec sh -c 'echo THAWED >"$1"' - {} \;
			sleep 0.1
			find "$dir" -depth -type d -exec rmdir {} +
		done <left
		return 1
	fi
}

rt() {
	"$OCIRUN" --root "$ROOT" "$@"
}

# config [JQ-FILTER]: writes config.json; the program sleeps unless the filter says otherwise
config() {
	sh_config 'exec sleep 1000' "${1:-.}"
}

# sh_config COMMANDS [JQ-FILTER]: the same, with a program of the shell
sh_config() {
	rm -f config.json
	"$OCIRUN" spec
	jq --arg root "$BATS_FILE_TMPDIR/rootfs" --arg cg "/$CG" --arg sh "$1" '
		.root = { path: $root, readonly: true }
		| .process.terminal = false
		| .process.args = ["sh", "-c", $sh]
		| .linux.cgroupsPath = $cg
		| .linux.namespaces |= map(select(.type != "cgroup")) + [{ type: "cgroup" }]
		| '"${2:-.}" config.json >changed
	mv changed config.json
}

# start [ID]: runs it in the background
start() {
	detached output rt run --detach "${1:-c1}"
}

# in_container: runs it in the foreground; its output is in $output, its exit status in $status
in_container() {
	run --separate-stderr timeout 60 "$OCIRUN" --root "$ROOT" run c1 </dev/null
}

# needs CONTROLLER...: skips where one is not on cgroup v1
needs() {
	local name

	for name in "$@"; do
		[ -e "/sys/fs/cgroup/$name/cgroup.procs" ] || skip "no cgroup v1 controller '$name'"
	done
}

# value CONTROLLER FILE: what the kernel says of the container's cgroup
value() {
	cat "/sys/fs/cgroup/$1/$CG/$1.$2"
}

# expect_value CONTROLLER FILE VALUE
expect_value() {
	expect_equal "$1.$2 $(value "$1" "$2")" "$1.$2 $3"
}

# status_of [ID]
status_of() {
	rt state "${1:-c1}" | jq -r .status
}
