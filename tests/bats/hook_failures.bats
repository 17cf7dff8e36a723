#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hooks that fail or take too long: what that means for the container, and for who waits.

load hooks

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file "needs root"; return; }
	make_rootfs
}

setup() {
	hooks_setup
}

teardown() {
	hooks_teardown
}

# failing KIND: the second hook of that kind fails with a word on stderr; a third must not run,
# and poststop hooks do
failing() {
	hook "$1" true
	hook "$1" 'echo >$SAID/second; echo "not today" >&2; echo "at all" >&2; exit 7'
	hook "$1" 'echo >$SAID/third'
	hook poststop 'cat >$SAID/poststop'
}

@test "a hook that fails at create is the error; the container is undone, poststop hooks run" {
	for kind in prestart createRuntime createContainer; do
		config '.hooks = {}'
		rm -f "$SAID"/*
		failing "$kind"
		run -1 ocirun create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
		expect_part "$output" "error running $kind hook #1: exit status 7, stderr: not today at all"
		expect_part "$output" "/hooks/$kind/1"
		expect_equal "${#lines[@]}" 1
		[ -e "$SAID/second" ] && [ ! -e "$SAID/third" ]
		expect_equal "$kind $(said poststop | jq -r .status)" "$kind stopped"
		[ ! -e "$BATS_TEST_TMPDIR/pid" ]
		nothing_left
	done
}

@test "a hook that fails at run ends it, whichever it is; poststop hooks run" {
	for kind in prestart createRuntime createContainer startContainer poststart; do
		config '.hooks = {}'
		rm -f "$SAID"/* "$ROOTFS/said"/*
		failing "$kind"
		script 'echo $$ >/said/program; exec sleep 1000'
		run -1 ocirun run --bundle "$BUNDLE" "$ID"
		expect_part "$output" "error running $kind hook #1: exit status 7, stderr: not today at all"
		[[ $kind = poststart || ! -e $ROOTFS/said/program ]]
		[ ! -e "$SAID/third" ] && [ ! -e "$ROOTFS/said/third" ]
		expect_equal "$kind $(said poststop | jq -r .status)" "$kind stopped"
		nothing_left
	done
}

@test "a hook that fails at start is the error, and the container has stopped" {
	local pid

	for kind in startContainer poststart; do
		config '.hooks = {}'
		rm -f "$SAID"/* "$ROOTFS/said"/*
		failing "$kind"
		config '.process.args = ["touch", "/said/program"]'
		[ $kind = startContainer ] || config '.process.args = ["sleep", "1000"]'
		create
		pid=$(ocirun state "$ID" | jq .pid)
		run -1 ocirun start "$ID"
		expect_part "$output" "error running $kind hook #1: exit status 7, stderr: not today at all"
		is_gone "$pid"
		expect_equal "$(ocirun state "$ID" | jq -r .status)" stopped
		[ ! -e "$ROOTFS/said/program" ] && [ ! -e "$SAID/third" ] && [ ! -e "$ROOTFS/said/third" ]
		[ ! -e "$SAID/poststop" ]
		run -0 ocirun delete "$ID"
		expect_equal "$(said poststop | jq -r .status)" stopped
		nothing_left
	done
}

@test "a poststart hook that fails ends every process where the pid namespace is shared" {
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	hook poststart 'while [ ! -s $ROOTFS/said/pid ]; do sleep 0.05; done; exit 1' \
		".env = [\"ROOTFS=$ROOTFS\", \"PATH=/bin\"]"
	script 'sleep 1000 & echo $! >/said/pid; exec sleep 1000'
	create
	run -1 ocirun start "$ID"
	within 10 is_gone "$(said pid)"
	ocirun delete "$ID"
	nothing_left
}

@test "a poststop hook that fails is a warning: the others run, delete succeeds" {
	hook poststop 'echo "not today" >&2; exit 7'
	hook poststop 'echo >$SAID/second'
	create
	run -0 ocirun --log "$BATS_TEST_TMPDIR/log" --log-format json delete --force "$ID"
	[ -e "$SAID/second" ]
	expect_equal "$(jq -r '.level + " " + .msg' "$BATS_TEST_TMPDIR/log")" \
		'warning error running poststop hook #0: exit status 7, stderr: not today'
	nothing_left
}

@test "a poststop hook that fails does not change the exit status of run" {
	hook poststop 'exit 7'
	script 'exit 3'
	run ocirun run --bundle "$BUNDLE" "$ID"
	expect_status 3
	nothing_left
}

@test "a poststop hook whose program is gone does not keep the container" {
	cp "$(command -v busybox)" "$SAID/program"
	config --arg path "$SAID/program" '.hooks.poststop = [{ path: $path, args: ["true"] }]'
	create
	rm "$SAID/program"
	run -0 ocirun delete --force "$ID"
	nothing_left
}

@test "a hook that a signal ends fails" {
	hook createRuntime 'kill -TERM $$'
	run -1 ocirun create --bundle "$BUNDLE" "$ID"
	expect_part "$output" 'error running createRuntime hook #0: signal: terminated'
}

@test "a hook of the container that is not there, or no program, is named" {
	for kind in createContainer startContainer; do
		config --arg kind $kind '.hooks = { ($kind): [{ path: "/nosuch" }] }'
		run -1 ocirun run --bundle "$BUNDLE" "$ID"
		expect_part "$output" "error running $kind hook #0:"
		expect_part "$output" 'exec /nosuch: No such file or directory'
		nothing_left
	done
}

@test "a timeout kills the hook and all that it started, in its group" {
	local kind pid start

	for kind in createRuntime createContainer; do
		config '.hooks = {}'
		hook $kind 'sleep 1000 & echo $! >$SAID/pids; sleep 1000 & echo $! >>$SAID/pids; wait' \
			'.timeout = 1'
		# Seen from outside also where the hook has a pid namespace of its own.
		config 'del(.linux.namespaces[] | select(.type == "pid"))'
		start=$SECONDS
		run -1 ocirun create --bundle "$BUNDLE" "$ID"
		[ $((SECONDS - start)) -lt 5 ]
		expect_part "$output" "error running $kind hook #0: hook ran past specified timeout of 1.0s"
		expect_equal "$(wc -l <"$SAID/pids")" 2
		while read -r pid; do
			within 10 is_gone "$pid"
		done <"$SAID/pids"
		nothing_left
	done
}

@test "a timeout is no limit to hooks that end in time, nor one hook's to another" {
	hook createRuntime 'sleep 1.1' '.timeout = 2'
	hook createRuntime 'sleep 1.1' '.timeout = 2'
	hook createRuntime 'sleep 2.2'
	create
}

@test "what a hook leaves in the background is not waited for" {
	local start=$SECONDS

	hook createRuntime 'sleep 1000 & echo $! >$SAID/pid'
	create
	[ $((SECONDS - start)) -lt 5 ]
	kill "$(said pid)"
}

@test "hooks are those of config.json at create, whatever it says later" {
	hook poststart 'echo old >$SAID/poststart'
	hook poststop 'echo old >$SAID/poststop'
	create
	config '.hooks = { poststart: [{ path: "/bin/false" }], poststop: [{ path: "/bin/false" }] }'
	ocirun start "$ID"
	rm "$BUNDLE/config.json"
	ocirun delete --force "$ID"
	expect_equal "$(said poststart)" old
	expect_equal "$(said poststop)" old
}

@test "who gives up waiting for a hook of run need not wait: it ends, and all is undone" {
	local kind start status

	for kind in prestart createRuntime createContainer startContainer poststart; do
		config 'del(.hooks)'
		rm -f "$SAID/begun" "$ROOTFS/said/begun"
		hook "$kind" 'touch $SAID/begun; exec sleep 1000'
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 3>&- &
		wait_for test -e "$SAID/begun" -o -e "$ROOTFS/said/begun"
		start=$SECONDS status=0
		kill -TERM "$!"
		wait "$!" || status=$?
		expect_equal "$status" 143
		[ $((SECONDS - start)) -lt 5 ]
		nothing_left
	done
}
