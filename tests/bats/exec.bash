# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of exec: a bundle with busybox, a container of it, and words for what is done there.

load setup

# Which user a container's files know.
bundle_users() {
	cat >"$ROOTFS/etc/passwd" <<-'END'
		root:x:0:0:root:/root:/bin/sh
		daemon:x:1:1::/:/bin/false
		alice:x:1000:1001:Alice:/home/alice:/bin/sh
		1:x:4242:4242:not user 1:/:/bin/sh
	END
	cat >"$ROOTFS/etc/group" <<-'END'
		root:x:0:
		wheel:x:10:root,alice
		video:x:27:alice
		users:x:100:
		alice:x:1001:
	END
}

# bundle: $BUNDLE, whose container sleeps; every file of the test is below its own directory
bundle() {
	BUNDLE=$BATS_TEST_TMPDIR/bundle ROOTFS=$BUNDLE/rootfs STATE=$BATS_TEST_TMPDIR/state
	CGROUP=/bats-exec-$$-$BATS_TEST_NUMBER
	mkdir "$BUNDLE"
	"$BATS_TEST_DIRNAME/../../bundles/make-rootfs" "$ROOTFS"
	mkdir -p "$ROOTFS"/{home/alice,root}
	bundle_users
	"$OCIRUN" spec --bundle "$BUNDLE"
	config '.process.terminal = false | .process.args = ["sleep", "1000"] | .root.readonly = false
		| .linux.cgroupsPath = "'"$CGROUP"'"
		| .linux.namespaces |= map(select(.type != "cgroup")) + [{ type: "cgroup" }]'
}

# config [JQ_ARGUMENT...] FILTER: changes config.json
config() {
	edit_json "$BUNDLE/config.json" "$@"
}

# process FILTER: a process object in process.json
process() {
	jq -n '{ cwd: "/", args: ["true"], env: ["PATH=/bin"] } | '"$1" >"$BUNDLE/process.json"
}

# ocirun ARGUMENT...: with a state root of the test's own. What it starts does not hold bats' fds.
ocirun() {
	timeout -k 5 60 "$OCIRUN" --root "$STATE" "$@" 3>&- 4>&-
}

# container [OPTION...]: makes the container c1 and runs it
container() {
	detached "$BATS_TEST_TMPDIR/c1.log" ocirun run --detach --bundle "$BUNDLE" "$@" c1
}

# in_c1 ARGUMENT...: exec in it, with stdin from /dev/null
in_c1() {
	ocirun exec "$@" </dev/null
}

# traced CALLS ARGUMENT...: runs ocirun under strace, into $BATS_TEST_TMPDIR/trace. The leak checker
# of a build with sanitizers cannot work there.
traced() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$BATS_TEST_TMPDIR/trace" -e "trace=$1" \
		"$OCIRUN" --root "$STATE" "${@:2}" </dev/null
}

# init_pid: of c1
init_pid() {
	ocirun state c1 | jq .pid
}

# remove_containers: whatever the test left
remove_containers() {
	delete_all "$STATE" ocirun
}

# await_file FILE: waits until there is something in it
await_file() {
	wait_for test -s "$1"
}

# pid_is_gone PID: waits until there is no such process, not even a zombie
pid_is_gone() {
	wait_for test ! -e "/proc/$1"
}
