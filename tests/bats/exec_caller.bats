#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: how the process is started, and what its caller gets.

load exec
load socket

setup() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	bundle
}

teardown() {
	remove_containers
}

@test "exit status: the program's, 128+N for a signal, 255 with the known texts when it did not run" {
	container
	run -42 in_c1 c1 sh -c 'exit 42'
	run -137 in_c1 c1 sh -c 'kill -KILL $$'
	run -143 in_c1 c1 sh -c 'kill -TERM $$'
	run -255 in_c1 c1 no-such-program
	expect_part "$output" 'executable file not found in $PATH'
	run -255 in_c1 c1 /no/such/program
	expect_part "$output" 'no such file or directory'
	run -255 in_c1 c1 /etc/passwd
	expect_part "$output" 'permission denied'
	printf '#!/no/such/shell\n' >"$ROOTFS/run.sh"
	chmod 755 "$ROOTFS/run.sh"
	run -255 in_c1 c1 /run.sh
	expect_part "$output" 'exec /run.sh: no such file or directory'
	expect_equal "${#lines[@]}" 1
	run -255 in_c1 --pid-file /nowhere/pid c1 true
	run -1 in_c1 --no-such-option c1 true
}

@test "an error about what the command line gave does not name a place in config.json" {
	container
	run -255 in_c1 c1 no-such-program
	expect_equal "${output/config.json:/}" "$output"
	jq '{user: {uid: 0, gid: 0}, cwd: "/nowhere", args: ["true"]}' <<<null >"$BATS_TEST_TMPDIR/p"
	run -255 in_c1 --process "$BATS_TEST_TMPDIR/p" c1
	expect_equal "${output/config.json:/}" "$output"
}

@test "the pid file is written when the program runs, and not when it does not" {
	container
	run -0 in_c1 --pid-file "$BATS_TEST_TMPDIR/pid" c1 sh -c 'grep NSpid /proc/self/status'
	[[ $(cat "$BATS_TEST_TMPDIR/pid") =~ ^[0-9]+$ ]]
	rm "$BATS_TEST_TMPDIR/pid"
	printf '#!/no/such/shell\n' >"$ROOTFS/run.sh"
	chmod 755 "$ROOTFS/run.sh"
	run -255 in_c1 --detach --pid-file "$BATS_TEST_TMPDIR/pid" c1 /run.sh
	[ ! -e "$BATS_TEST_TMPDIR/pid" ]
	expect_equal "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name '.pid*')" ''
	run -255 in_c1 --detach --pid-file /nowhere/pid c1 sleep 4321
	run -1 in_c1 c1 sh -c 'ps | grep -v grep | grep "sleep 4321"'
}

@test "detached: the process belongs to whoever reaps orphans, and leaves no zombie" {
	local pid

	container
	run -0 as_subreaper "$OCIRUN" --root "$STATE" exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" \
		c1 sh -c 'sleep 0.5; exit 7'
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	expect_equal "$output" "$pid $pid 7"$'\nno other'
}

@test "stdout gets end of file when the process ends, though others of the container live on" {
	container
	run -0 timeout 20 bash -c '"$OCIRUN" --root "$0" exec c1 echo done </dev/null 3>&- | cat' "$STATE"
	expect_equal "$output" 'done'
	run -0 timeout 20 bash -c '"$OCIRUN" --root "$0" exec --detach c1 sh -c "echo early" </dev/null \
		3>&- | cat' "$STATE"
	expect_equal "$output" early
	run -0 bash -c 'echo from stdin | "$OCIRUN" --root "$0" exec c1 cat 3>&-' "$STATE"
	expect_equal "$output" 'from stdin'
}

@test "descriptors: the standard ones and those that are asked for, whatever the caller has open" {
	container
	exec 5</dev/null 6</etc/hostname 7</dev/null 20</
	run -0 in_c1 c1 ls /proc/self/fd
	expect_equal "$(paste -sd ' ' <<<"$output")" '0 1 2 3' # 3: ls itself
	echo hello >"$BATS_TEST_TMPDIR/hello"
	run -0 bash -c 'exec 3<"$1" 4<"$1" 5<&-; "$OCIRUN" --root "$0" exec --preserve-fds 2 c1 \
		sh -c "cat <&4; ls /proc/self/fd" </dev/null' "$STATE" "$BATS_TEST_TMPDIR/hello"
	expect_equal "$(paste -sd ' ' <<<"$output")" 'hello 0 1 2 3 4 5'
	run -0 bash -c 'exec 3<&- 4<"$1" 5<&-; "$OCIRUN" --root "$0" --log "$1.log" exec --preserve-fds 2 c1 \
		sh -c "cat <&4; test ! -e /proc/self/fd/3" </dev/null' "$STATE" "$BATS_TEST_TMPDIR/hello"
	expect_equal "$output" hello
	run -255 bash -c 'exec 3<&- 4<&-; "$OCIRUN" --root "$0" exec --preserve-fds 2 c1 true' "$STATE"
	expect_part "$output" 'descriptor'
	exec 5<&- 6<&- 7<&- 20<&-
}

# listen COMMAND...: with two sockets, as a service manager starts it, and one more descriptor
listen() {
	bash -c 'exec 3<"$0/hello" 4<"$0/hello" 5<"$0/world"
		export LISTEN_FDS=2 LISTEN_PID=$$
		exec "$@" </dev/null' "$BATS_TEST_TMPDIR" "$OCIRUN" --root "$STATE" "$@"
}

@test "sockets of a service manager are passed on first, by run, create and exec" {
	local show='echo $LISTEN_FDS $LISTEN_PID; cat <&4; cat <&5'
	local want=$'2 1\nhello\nworld'

	echo hello >"$BATS_TEST_TMPDIR/hello"
	echo world >"$BATS_TEST_TMPDIR/world"
	container
	run -0 listen exec --preserve-fds 1 c1 sh -c "$show"
	expect_equal "$output" "$want"
	run -0 listen exec c1 ls /proc/self/fd
	expect_equal "$(paste -sd ' ' <<<"$output")" '0 1 2 3 4 5'
	process '.args = ["env"]'
	run -0 listen exec -p "$BUNDLE/process.json" c1
	expect_part "$output" LISTEN_FDS=2
	LISTEN_FDS=2 LISTEN_PID=1 run -0 in_c1 c1 env
	[[ $output != *LISTEN* ]]
	ocirun delete --force c1
	jq --arg show "$show" '.process.args = ["sh", "-c", $show]' "$BUNDLE/config.json" \
		>"$BUNDLE/show.json"
	run -0 listen run --preserve-fds 1 --bundle "$BUNDLE" --config "$BUNDLE/show.json" c2
	expect_equal "$output" "$want"
	listen create --preserve-fds 1 --bundle "$BUNDLE" --config "$BUNDLE/show.json" c3 \
		>"$BATS_TEST_TMPDIR/out" 2>&1
	ocirun start c3
	await_file "$BATS_TEST_TMPDIR/out"
	pid_is_gone "$(ocirun state c3 | jq .pid)"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/out")" "$want"
}

@test "--pidfd-socket gets the process with the payload setns" {
	container
	take_descriptor "$BATS_TEST_TMPDIR/pidfd"
	in_c1 --detach --pid-file "$BATS_TEST_TMPDIR/pid" --pidfd-socket "$BATS_TEST_TMPDIR/pidfd" \
		c1 sleep 1000 >/dev/null 2>&1
	wait "$taker"
	expect_part "$(head -n 1 "$BATS_TEST_TMPDIR/pidfd.got")" 'setns 1 1 '
	expect_equal "$(sed -n 's/^Pid: //p' "$BATS_TEST_TMPDIR/pidfd.got")" \
		"$(cat "$BATS_TEST_TMPDIR/pid")"
}

@test "--console-socket gets the terminal, and nobody keeps the caller's own streams open" {
	container
	take_descriptor "$BATS_TEST_TMPDIR/tty"
	# End of file comes while the process still runs.
	run -0 timeout 20 bash -c '"$OCIRUN" --root "$0/state" exec --tty --detach --console-socket "$0/tty" \
		--user alice c1 sh -c "tty; stat -c %u \$(tty); sleep 1" </dev/null 2>&1 3>&- | cat' \
		"$BATS_TEST_TMPDIR"
	expect_equal "$output" ''
	wait "$taker"
	[[ $(cat "$BATS_TEST_TMPDIR/tty.got") == /dev/pts/[0-9]*' 1 1 '* ]]
	expect_equal "$(cat "$BATS_TEST_TMPDIR/tty.out")" \
		"$(head -n 1 "$BATS_TEST_TMPDIR/tty.got" | cut -d ' ' -f 1)"$'\n1000'
	run -255 in_c1 --tty --detach c1 true
	expect_part "$output" 'cannot allocate tty if runc will detach without setting console socket'
	run -255 in_c1 --console-socket "$BATS_TEST_TMPDIR/tty" c1 true
	expect_part "$output" 'cannot use console socket if runc will not detach or allocate tty'
}

@test "--tty relays the caller's terminal" {
	container
	run -0 in_c1 --tty c1 sh -c 'test -t 0 && test -t 1 && test -t 2 && tty'
	expect_part "$output" /dev/pts/
	process '.terminal = true | .args = ["stty", "size"]
		| .consoleSize = { height: 10, width: 110 }'
	run -0 in_c1 -p "$BUNDLE/process.json" c1
	expect_part "$output" '10 110'
	command -v script >/dev/null || skip 'needs script(1)'
	run -3 script -qec "stty rows 33 cols 77; '$OCIRUN' --root '$STATE' exec --tty c1 sh -c 'stty size; exit 3'" \
		/dev/null </dev/null
	expect_part "$output" '33 77'
}

@test "pipes among the standard streams become the user's, other files stay the caller's" {
	container
	run -0 bash -c 'echo in | "$OCIRUN" --root "$0" exec --user alice c1 sh -c \
		"cat /dev/stdin; echo out >/dev/stdout; echo err >/dev/stderr" 2>&1 3>&- | cat' "$STATE"
	expect_equal "$output" $'in\nout\nerr'
	in_c1 --user alice c1 echo text >"$BATS_TEST_TMPDIR/file"
	expect_equal "$(stat -c %u "$BATS_TEST_TMPDIR/file" /dev/null | paste -sd ' ')" '0 0'
}

@test "signals are as by default, whatever the caller ignores and blocks" {
	container
	run -0 bash -c 'trap "" PIPE USR1 INT; "$OCIRUN" --root "$0" exec c1 \
		grep -E "Sig(Blk|Ign)" /proc/self/status </dev/null' "$STATE"
	expect_equal "$(tr -d '\t' <<<"$output")" $'SigBlk:0000000000000000\nSigIgn:0000000000000000'
}

@test "the session keyring is a new one, unless the container has its caller's" {
	command -v strace >/dev/null || skip 'needs strace'
	container
	traced keyctl exec c1 true
	grep -q 'KEYCTL_JOIN_SESSION_KEYRING, NULL' "$BATS_TEST_TMPDIR/trace"
	ocirun delete --force c1
	container --no-new-keyring
	traced keyctl exec c1 true
	run -1 grep KEYCTL "$BATS_TEST_TMPDIR/trace"
}
