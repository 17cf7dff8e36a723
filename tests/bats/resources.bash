# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of cgroups: containers of busybox with a cgroup that the test knows, and the values
# that the kernel has for it. Nothing is read back from the program under test.

# v1 has a tree for each controller, v2 one tree for all; a host with both counts as v1 here.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	CG_VERSION=2
else
	CG_VERSION=1
fi

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
	[ -z "${LOOP-}" ] || losetup --detach "$LOOP"
	[ -z "${HELPER-}" ] || kill -9 "$HELPER" 2>/dev/null || true
	find /sys/fs/cgroup -maxdepth "$((3 - CG_VERSION))" -name "$CG*" -print >left
	if [ -s left ]; then
		cat left
		while read -r dir; do
			find "$dir" -name freezer.state -exec sh -c 'echo THAWED >"$1"' - {} \;
			find "$dir" -name cgroup.kill -exec sh -c 'echo 1 >"$1"' - {} \;
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

# resources JSON: a sleeping container with these
resources() {
	config ".linux.resources = $1"
	start
}

# limited: a sleeping container with limits, so that "unchanged" is not "never set". $CPUS are its own.
limited() {
	resources '{
		memory: { limit: 33554432, reservation: 25165824 },
		cpu: { shares: 100, quota: 500000, period: 1000000, cpus: "'"$CPUS"'", mems: "0" },
		pids: { limit: 20 } }'
}

# refused JSON PART...: create fails, says each part, and leaves nothing behind
refused() {
	local part
	config ".linux.resources = $1"
	run -1 --separate-stderr rt create c1 </dev/null
	shift
	for part in "$@"; do
		expect_part "$stderr" "$part"
	done
	expect_equal "$(rt list -q)" ""
	no_cgroup
}

# in_container: runs it in the foreground; its output is in $output, its exit status in $status
in_container() {
	run --separate-stderr timeout 60 "$OCIRUN" --root "$ROOT" run c1 </dev/null
}

# needs_version NUMBER: skips on a host of the other
needs_version() {
	[ "$1" = "$CG_VERSION" ] || skip "not a host of cgroup v$1"
}

# cg_dir CONTROLLER [NAME]: the directory where that is set for the container, or for another cgroup
cg_dir() {
	if [ "$CG_VERSION" = 2 ]; then
		echo "/sys/fs/cgroup/${2-$CG}"
	else
		echo "/sys/fs/cgroup/$1/${2-$CG}"
	fi
}

# cg_dirs: all directories of the container's cgroup
cg_dirs() {
	find /sys/fs/cgroup -maxdepth "$((3 - CG_VERSION))" -path "*/$CG"
}

# no_cgroup: none of the test's is there
no_cgroup() {
	expect_equal "$(cg_dirs)" ""
}

# needs CONTROLLER...: skips where one is not
needs() {
	local name controllers

	for name in "$@"; do
		if [ "$CG_VERSION" = 1 ]; then
			[ -e "/sys/fs/cgroup/$name/cgroup.procs" ] || skip "no cgroup v1 controller '$name'"
			continue
		fi
		controllers=" $(cat /sys/fs/cgroup/cgroup.controllers) freezer devices "
		[[ $controllers == *" $name "* ]] || skip "no cgroup v2 controller '$name'"
	done
}

# value CONTROLLER FILE: what the kernel says of the container's cgroup
value() {
	cat "$(cg_dir "$1")/$1.$2"
}

# expect_value CONTROLLER FILE VALUE
expect_value() {
	expect_equal "$1.$2 $(value "$1" "$2")" "$1.$2 $3"
}

# file NAME VALUE: the same of a file of version 2, by its whole name
file() {
	expect_equal "$1: $(cat "/sys/fs/cgroup/$CG/$1")" "$1: $2"
}

# freezer_of DIRECTORY: what the freezer of that cgroup does, in the words of v1
freezer_of() {
	if [ "$CG_VERSION" = 1 ]; then
		cat "$1/freezer.state"
	elif grep -qx 'frozen 1' "$1/cgroup.events"; then
		echo FROZEN
	else
		echo THAWED
	fi
}

# freeze DIRECTORY FROZEN|THAWED
freeze() {
	if [ "$CG_VERSION" = 1 ]; then
		echo "$2" >"$1/freezer.state"
	else
		[ "$2" = FROZEN ] && echo 1 >"$1/cgroup.freeze" || echo 0 >"$1/cgroup.freeze"
	fi
}

# status_of [ID]
status_of() {
	rt state "${1:-c1}" | jq -r .status
}

# opens DEVICE...: makes each node ("c 1 3") in a container with the rules RULES and opens it for reading
# and writing; prints which worked. The nodes are on a file system that allows devices.
opens() {
	local node script='mkdir /tmp/n; cd /tmp/n;'

	for node in "$@"; do
		script+="mknod n $node && { (: <n) 2>/dev/null && printf 'r '; (: >n) 2>/dev/null && printf 'w '; rm n; };"
		script+="echo '$node';"
	done
	sh_config "$script" '
		.process.capabilities |= map_values(. + ["CAP_MKNOD"])
		| .mounts += [{ destination: "/tmp", type: "tmpfs", source: "tmpfs" }]
		| .linux.resources.devices = ('"$RULES"')'
	in_container
}
