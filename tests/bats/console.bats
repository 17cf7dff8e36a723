#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The container's terminal: relayed to the caller's, or handed to who listens at --console-socket.

load bundle
load socket

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file 'needs root'; return; }
	make_rootfs
}

setup() {
	make_bundle
	config '.process.terminal = true'
}

teardown() {
	remove_containers
}

# on_terminal [STEP...]: `ocirun run` on a terminal (tests/agents); what that showed is in $output,
# with a line feed where there was a return and a line feed
on_terminal() {
	run timeout -k 5 90 python3 "$BATS_TEST_DIRNAME/../agents/on_terminal.py" "$@" -- \
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
	expect_status 0
	output=${output//$'\r\n'/$'\n'}
}

# shows WANTED [STEP...]: the terminal shows exactly that
shows() {
	on_terminal "${@:2}"
	expect_equal "$output" "$1"
}

# ---- what the container has ----

@test "the streams, /dev/tty and /dev/console are the controlling terminal" {
	script 'tty; stat -c %t:%T "$(tty)" /dev/console | uniq | wc -l; cut -d " " -f 6,7,8 /proc/$$/stat
		for fd in 0 1 2; do readlink /proc/$$/fd/$fd; done
		echo one >/dev/tty; echo two >/dev/console; grep -c " /dev/console " /proc/mounts'
	# Session 1, terminal 136:0, process group 1 in its foreground.
	shows $'/dev/pts/0\n1\n1 34816 1\n/dev/pts/0\n/dev/pts/0\n/dev/pts/0\none\ntwo\n1\n[status 0]'
}

@test "an ordinary file or device at /dev/console of the image is covered, a link is refused" {
	config '.mounts |= map(select(.destination != "/dev"))'
	mkdir -p "$ROOTFS/dev/pts"
	script 'echo written >/dev/console'
	echo untouched >"$ROOTFS/dev/console"
	shows $'written\n[status 0]'
	expect_equal "$(cat "$ROOTFS/dev/console")" untouched
	ln -sf "$BATS_TEST_TMPDIR/host" "$ROOTFS/dev/console"
	on_terminal
	expect_part "$output" '/dev/console in the container'
	expect_part "$output" '[status 1]'
	[ ! -e "$BATS_TEST_TMPDIR/host" ]
}

@test "the terminal belongs to the container's user, in a user namespace too" {
	local show='stat -c %u:%a "$(tty)"; echo own >"$(tty)"; echo tty >/dev/tty; id -u'

	config '.process.user = { uid: 1000, gid: 1001 }'
	script "$show"
	shows $'1000:620\nown\ntty\n1000\n[status 0]'
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }]'
	chown -R 100000:200000 "$ROOTFS"
	shows $'1000:620\nown\ntty\n1000\n[status 0]'
	config '.process.user = { uid: 0, gid: 0 }'
	shows $'0:620\nown\ntty\n0\n[status 0]'
}

@test "a line feed of the container stays one character" {
	script 'echo one; stty -a | grep -o -e "-*onlcr"'
	config '.process.consoleSize = { height: 5, width: 66 }'
	run -0 bash -c '"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null | od -An -c' 3>&-
	expect_equal "$(tr -d ' \n' <<<"$output")" 'one\n-onlcr\n'
}

@test "without a terminal of the caller's the size is that of consoleSize" {
	config '.process.consoleSize = { height: 5, width: 66 } | .process.args = ["stty", "size"]'
	run -0 setsid -w "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 3>&-
	expect_equal "$output" '5 66'
}

@test "without a devpts the container is refused, and what to do is said" {
	config '.mounts |= map(select(.destination != "/dev/pts"))'
	refused /process/terminal 'a mount of type devpts at /dev/pts'
}

# ---- the caller's terminal ----

@test "the size is the window's from the first instruction on, and follows it" {
	# The hook lets the program run before the relay does.
	config '.process.consoleSize = { height: 5, width: 66 }
		| .hooks.poststart = [{ path: "/bin/sleep", args: ["sleep", "0.5"] }]'
	script 'stty size; trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.05; done'
	shows $'24 80\nready\n33 77\n[status 0]' wait:ready size:33x77 signal:WINCH
}

@test "the window is in raw mode while the container runs, and as it was afterwards" {
	script 'echo ready; read -r line; echo "got $line"; exit 7'
	# Echoed once, by the container's terminal.
	shows $'ready\nhello\ngot hello\n[status 7]' wait:ready raw 'send:hello\n'
}

# on_shell STEP...: as on_terminal, of a shell that runs it in the background until it is told to go on
on_shell() {
	run timeout -k 5 90 python3 "$BATS_TEST_DIRNAME/../agents/on_terminal.py" "$@" -- bash -mc '
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" &
		read -r line; fg' 3>&-
	expect_status 0
	output=${output//$'\r\n'/$'\n'}
}

@test "in the background the window is the shell's, in the foreground the container's" {
	script 'echo ready; read -r line; echo "got $line"; stty size; exit 7'
	on_shell wait:ready size:33x77 cooked 'send:go\n' raw 'send:hello\n'
	expect_part "$output" $'ready\ngo\n'
	expect_part "$output" $'hello\ngot hello\n33 77\n[status 7]'
}

@test "a container that fails to start leaves the window as it was" {
	config '.process.args = ["nosuch"]'
	on_terminal
	expect_part "$output" 'executable file not found in $PATH'
	expect_equal "${output##*$'\n'}" '[status 1]'
	[[ $output != *'not restored'* ]]
	config '.process.args = ["true"] | .hooks.poststart = [{ path: "/bin/false" }]'
	on_terminal
	expect_part "$output" 'error running poststart hook #0'
	[[ $output != *'not restored'* ]]
}

@test "SIGTERM for ocirun is the container's, and the window is as it was" {
	script 'trap "echo term; exit 3" TERM; echo ready; while :; do sleep 0.05; done'
	shows $'ready\nterm\n[status 3]' wait:ready raw signal:TERM
}

@test "signals for ocirun are the container's, those that stop it too" {
	script 'for name in HUP INT QUIT USR1 USR2 PIPE ALRM TSTP TTIN TTOU CONT; do
			trap "echo $name" $name
		done
		trap "echo TERM; exit" TERM; echo ready; while :; do sleep 0.05; done'
	shows $'ready\nHUP\nINT\nQUIT\nUSR1\nUSR2\nPIPE\nALRM\nTSTP\nTTIN\nTTOU\nCONT\nTERM\n[status 0]' \
		wait:ready signal:HUP wait:HUP signal:INT wait:INT signal:QUIT wait:QUIT \
		signal:USR1 wait:USR1 signal:USR2 wait:USR2 signal:PIPE wait:PIPE \
		signal:ALRM wait:ALRM signal:TSTP wait:TSTP signal:TTIN wait:TTIN \
		signal:TTOU wait:TTOU signal:CONT wait:CONT signal:TERM
}

@test "ctrl-c and ctrl-backslash reach the foreground processes of the container" {
	script 'trap "echo shell" INT QUIT
		sh -c "trap \"echo int; exit\" INT; echo ready; read x"
		sh -c "trap \"echo quit; exit\" QUIT; echo ready; read x"
		true'
	shows $'ready\n^Cint\nshell\nready\n^\\quit\nshell\n[status 0]' \
		wait:ready 'send:\x03' wait:ready 'send:\x1c'
}

@test "ctrl-z stops the foreground job of a shell, which goes on" {
	script 'set -m; sh -c "echo ready; sleep 100"; jobs | grep -o Stopped; kill %1; wait; echo end'
	shows $'ready\n^ZStopped\nend\n[status 0]' wait:ready 'send:\x1a'
}

@test "ctrl-d is the end of input" {
	script 'echo ready; cat; echo end'
	shows $'ready\nabc\nabc\nend\n[status 0]' wait:ready 'send:abc\n' 'wait:abc\r\nabc\r\n' 'send:\x04'
}

@test "a window that closes hangs up the container" {
	script 'trap "echo hangup >/hangup; exit 5" HUP; echo ready; while :; do sleep 0.05; done'
	on_terminal wait:ready hangup
	expect_equal "$(cat "$ROOTFS/hangup")" hangup
}

@test "input from a file, output on the terminal" {
	printf 'one\ntwo\n' >"$BATS_TEST_TMPDIR/in"
	script 'read -r a; read -r b; echo "got $a and $b"; stty size'
	shows $'one\ntwo\ngot one and two\n24 80\n[status 0]' in:"$BATS_TEST_TMPDIR/in" cooked
}

@test "input from the terminal, output to a file" {
	script 'echo ready; read -r a; echo "got $a"; stty size'
	shows '[status 0]' out:"$BATS_TEST_TMPDIR/out" raw 'send:hello\n'
	expect_part "$(cat "$BATS_TEST_TMPDIR/out")" $'got hello\n24 80'
}

@test "ten megabytes of output arrive, and as many of input" {
	local ready

	head -c 10000000 /dev/urandom | base64 >"$ROOTFS/text"
	script 'cat /text'
	ocirun run --bundle "$BUNDLE" "$ID" </dev/null 3>&- | cmp - "$ROOTFS/text"
	script 'stty raw -echo; echo ready; head -c 10000000 >/copy'
	head -c 10000000 "$ROOTFS/text" >"$BATS_TEST_TMPDIR/in"
	mkfifo "$BATS_TEST_TMPDIR/ready"
	exec {ready}<>"$BATS_TEST_TMPDIR/ready"
	{
		read -r <&"$ready"
		cat "$BATS_TEST_TMPDIR/in"
	} | ocirun run --bundle "$BUNDLE" "$ID" 3>&- >&"$ready"
	exec {ready}<&-
	cmp "$BATS_TEST_TMPDIR/in" "$ROOTFS/copy"
}

# ---- the console socket ----

# listen: $SOCKET takes a terminal
listen() {
	SOCKET=$BATS_TEST_TMPDIR/console.sock
	take_descriptor "$SOCKET"
}

@test "--console-socket gets one descriptor with the terminal's name, before create returns" {
	script 'stty size; tty; echo text'
	config '.process.consoleSize = { height: 12, width: 34 }'
	listen
	run -0 ocirun create --bundle "$BUNDLE" --console-socket "$SOCKET" "$ID" </dev/null
	expect_equal "$output" ''
	run -0 ocirun start "$ID"
	wait "$taker"
	expect_equal "$(cat "$SOCKET.got")" $'/dev/pts/0 1 1 /dev/pts/ptmx\nend'
	expect_equal "$(cat "$SOCKET.out")" $'12 34\n/dev/pts/0\ntext'
}

@test "with a console socket nobody keeps the caller's streams open: create's waiting init does not" {
	script 'echo text; sleep 1000'
	listen
	# As containerd calls: 0 is /dev/null, 1 and 2 a pipe that is read to its end.
	run -0 timeout 20 bash -c '"$OCIRUN" --root "$ROOT" create --bundle "$BUNDLE" \
		--console-socket "$0" "$ID" </dev/null 2>&1 3>&- | cat' "$SOCKET"
	expect_equal "$output" ''
	expect_equal "$(ocirun state "$ID" | jq -r .status)" created
	[[ $(readlink "/proc/$(ocirun state "$ID" | jq .pid)/fd/1") == /dev/pts/0 ]]
	run -0 timeout 20 bash -c '"$OCIRUN" --root "$ROOT" start "$ID" </dev/null 2>&1 3>&- | cat'
	expect_equal "$output" ''
}

@test "with a console socket run --detach returns, and the caller's streams are closed" {
	script 'echo text; sleep 1000'
	listen
	run -0 timeout 20 bash -c '"$OCIRUN" --root "$ROOT" run --detach --bundle "$BUNDLE" \
		--console-socket "$0" "$ID" </dev/null 2>&1 3>&- | cat' "$SOCKET"
	expect_equal "$output" ''
	expect_equal "$(ocirun state "$ID" | jq -r .status)" running
	ocirun delete --force "$ID"
	wait "$taker"
	expect_equal "$(cat "$SOCKET.out")" text
}

@test "a console socket that nobody listens at fails before anything is made" {
	run -1 ocirun create --bundle "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/none" "$ID"
	expect_part "$output" "connect to the console socket '$BATS_TEST_TMPDIR/none'"
	[ ! -e "$ROOT/$ID" ]
}
