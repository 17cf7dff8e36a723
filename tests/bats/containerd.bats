#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd, its shim and ctr drive the runtime. The daemon is the tests' own, in a mount namespace
# in which /run/containerd, where its shims' sockets are, is empty.

load engine

setup_file() {
	WORK=$(mktemp -d /tmp/ocirun-containerd.XXXXXX)
	export WORK
	make_image busybox:test
	cat >"$WORK/config.toml" <<-EOF
		version = 2
		root = "$WORK/root"
		state = "$WORK/state"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		address = "$WORK/containerd.sock"
		[ttrpc]
		address = "$WORK/ttrpc.sock"
	EOF
	# As docs/containerd.md has it for what names no runtime.
	mkdir "$WORK/bin"
	ln -s "$OCIRUN" "$WORK/bin/runc"
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --propagation private bash -c '
		mount -t tmpfs tmpfs /run
		PATH=$WORK/bin:$PATH exec containerd --config "$WORK/config.toml"' >"$WORK/log" 2>&1 3>&- </dev/null &
	export DAEMON=$!
	eventually ctr version
	ctr image import --snapshotter native "$WORK/image.tar"
}

teardown_file() {
	kill "$DAEMON"
	wait "$DAEMON" || :
	rm -rf "$WORK"
}

setup() {
	ID=ocirun-ctr-$$-$BATS_TEST_NUMBER
}

teardown() {
	if ctr container info "$ID" >/dev/null 2>&1; then
		ctr task rm --force "$ID" || :
		ctr container rm "$ID"
	fi
}

# The shim outlives ctr and would keep bats' descriptor 3 open.
ctr() {
	timeout --foreground --kill-after 5 60 nsenter --target "$DAEMON" --mount \
		ctr --address "$WORK/containerd.sock" "$@" 3>&-
}

# page_options: those of the line of docs/containerd.md, with the program under test as the installed one
page_options() {
	sed -n 's/^ctr run \(.*\) IMAGE ID COMMAND$/\1/p' "$TREE/docs/containerd.md" | sed "s|/usr/bin/ocirun|$OCIRUN|"
}

# ctr_run OPTION... IMAGE ID COMMAND...
ctr_run() {
	# shellcheck disable=SC2046 # words
	ctr run --snapshotter native $(page_options) --runc-root "$WORK/runtime" --cgroup "/ocirun-ctr/$ID" "$@"
}

# in_state STATE: waits for it
in_state() {
	eventually eval "ctr task ls | grep -q '^$ID .*$1'"
}

# expect_nothing_left: neither containerd nor the runtime nor the kernel has anything of it
expect_nothing_left() {
	expect_equal "$(ctr container ls --quiet)$(ctr task ls --quiet)" ""
	[ ! -e "$WORK/runtime/default/$ID" ]
	expect_equal "$(find /sys/fs/cgroup -type d -path "*/$ID*")" ""
}

@test "ctr run prints what the container prints, and leaves nothing" {
	run -0 --separate-stderr ctr_run --rm busybox:test "$ID" sh -c 'echo out; echo err >&2'
	expect_equal "$output" out
	expect_equal "$stderr" err
	expect_nothing_left
}

@test "the line of the page names the runtime, and a link named runc does where none is named" {
	expect_equal "$(page_options)" "--runc-binary $OCIRUN"
	ctr run --snapshotter native --runc-root "$WORK/runtime" --cgroup "/ocirun-ctr/$ID" --detach \
		busybox:test "$ID" sleep 1000
	expect_equal "$("$OCIRUN" --root "$WORK/runtime/default" state "$ID" | jq -r .status)" running
}

@test "ctr run ends with the container's status" {
	run -42 ctr_run --rm busybox:test "$ID" sh -c 'exit 42'
	expect_nothing_left
}

@test "ctr run: input arrives, and its end" {
	local to_container client

	mkfifo "$BATS_TEST_TMPDIR/in"
	ctr_run --rm busybox:test "$ID" sh -c 'echo ready; cat; echo the end' \
		<"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" &
	client=$!
	exec {to_container}>"$BATS_TEST_TMPDIR/in"
	# An end that comes before the task runs is lost by ctr.
	until grep -q ready "$BATS_TEST_TMPDIR/out"; do
		kill -0 "$client"
		sleep 0.1
	done
	echo typed >&"$to_container"
	exec {to_container}>&-
	wait "$client"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/out")" $'ready\ntyped\nthe end'
	expect_nothing_left
}

@test "ctr run --tty: a terminal, of the caller's size at any time" {
	export DAEMON ID
	export -f ctr ctr_run
	on_terminal size:33x77 wait:ready 'send:typed\n' 'wait:got typed' 'wait:33 77' size:20x50 \
		'wait:20 50' 'send:\x03' -- bash -c 'ctr_run --rm --tty busybox:test "$ID" sh -c "
			tty; echo ready; read line; echo got \$line
			trap \"exit 7\" INT; while :; do stty size; sleep 0.1; done"'
	expect_part "$output" /dev/pts/0
	expect_part "$output" '[status 7]'
	expect_nothing_left
}

@test "ctr task exec: output, status, user, and a terminal" {
	ctr_run --detach busybox:test "$ID" sleep 1000
	in_state RUNNING
	run -3 ctr task exec --exec-id one --user 7:8 --cwd /tmp "$ID" sh -c 'id -u; id -g; pwd; exit 3'
	expect_equal "$output" $'7\n8\n/tmp'
	export DAEMON ID
	export -f ctr
	on_terminal size:33x77 wait:ready 'send:typed\n' wait:got -- \
		bash -c 'ctr task exec --tty --exec-id two "$ID" sh -c "
			tty; until stty size | grep \"33 77\"; do sleep 0.1; done
			echo ready; read line; echo got \$line; exit 7"'
	expect_part "$output" /dev/pts/0
	expect_part "$output" '[status 7]'
	run -1 ctr task exec --exec-id three "$ID" nosuch
	expect_part "$output" 'executable file not found in $PATH'
}

@test "ctr task pause, resume, ps, metrics" {
	ctr_run --detach busybox:test "$ID" sh -c 'sleep 1000 & wait'
	in_state RUNNING
	ctr task pause "$ID"
	in_state PAUSED
	run -1 ctr task exec --exec-id one "$ID" true
	expect_part "$output" 'paused'
	ctr task resume "$ID"
	in_state RUNNING
	eventually eval '[ "$(ctr task ps "$ID" | wc -l)" = 3 ]'
	run -0 ctr task metrics "$ID"
	expect_part "$output" pids.current
	expect_part "$output" memory
}

@test "ctr run --detach, task kill, task rm, container rm" {
	ctr_run --detach busybox:test "$ID" sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done'
	in_state RUNNING
	# Before its trap is set a container's first process is not sent a signal that would end it.
	eventually eval 'ctr task kill --signal TERM "$ID"; ctr task ls | grep -q "^$ID .*STOPPED"'
	run -0 ctr task rm "$ID"
	expect_part "$output" 'exit code 3'
	ctr container rm "$ID"
	expect_nothing_left
}

@test "ctr task rm --force ends a running container" {
	local pid

	ctr_run --detach busybox:test "$ID" sleep 1000
	in_state RUNNING
	pid=$(ctr task ls | awk -v id="$ID" '$1 == id { print $2 }')
	[ "$(cat "/proc/$pid/comm")" = sleep ]
	run -0 ctr task rm --force "$ID"
	expect_part "$output" 'exit code 137'
	[ ! -e "/proc/$pid" ]
	ctr container rm "$ID"
	expect_nothing_left
}

@test "ctr task kill --all reaches every process" {
	local i=0 pid pids

	ctr_run --detach --with-ns "pid:/proc/$$/ns/pid" busybox:test "$ID" \
		sh -c 'sleep 1000 & sleep 1001 & wait'
	until pids=$(cat "/sys/fs/cgroup/pids/ocirun-ctr/$ID/cgroup.procs") &&
		[ "$(wc -w <<<"$pids")" = 3 ]; do
		((i++ < 100))
		sleep 0.1
	done
	ctr task kill --all --signal KILL "$ID"
	in_state STOPPED
	for pid in $pids; do
		[ ! -e "/proc/$pid" ] || grep -q '^State:.*Z' "/proc/$pid/status"
	done
	run ctr task rm "$ID"
	ctr container rm "$ID"
	expect_nothing_left
}

@test "ctr run --read-only, --cwd, --env, --mount, --memory-limit, --seccomp, --cap-add" {
	echo content >"$BATS_TEST_TMPDIR/file"
	run -0 ctr_run --rm --read-only --cwd /tmp --env KEY=value --seccomp \
		--memory-limit 67108864 --cap-add CAP_SYS_TIME \
		--mount "type=bind,src=$BATS_TEST_TMPDIR,dst=/mnt,options=rbind:ro" \
		busybox:test "$ID" sh -c 'exec 2>&1; touch /tmp/x; pwd; echo $KEY; cat /mnt/file
			grep -E "CapBnd|NoNewPrivs|Seccomp:" /proc/self/status | tr "\t" " "'
	expect_equal "$output" "touch: /tmp/x: Read-only file system
/tmp
value
content
CapBnd: 00000000aa0425fb
NoNewPrivs: 1
Seccomp: 2"
	expect_nothing_left
}

@test "ctr run --privileged --net-host" {
	run -0 ctr_run --rm --privileged --net-host busybox:test "$ID" readlink /proc/self/ns/net
	expect_equal "$output" "$(readlink /proc/self/ns/net)"
}

@test "a command that is not there: ctr tells the runtime's reason" {
	run -1 ctr_run --rm busybox:test "$ID" nosuch
	expect_part "$output" 'executable file not found in $PATH'
	expect_part "$output" '/process/args/0'
	expect_nothing_left
}
