#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What callers leave behind in a process, and what of it a container and the caller get.

load lifecycle

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file "needs root"; return; }
	make_rootfs
}

setup() {
	lifecycle_setup
}

teardown() {
	remove_containers
}

# caller SETUP COMMAND...: a process that python3 sets up, which executes the command
caller() {
	command -v python3 >/dev/null || skip 'needs python3'
	python3 -c "
import ctypes, os, signal, sys
libc = ctypes.CDLL(None)
$1
os.execvp(sys.argv[1], sys.argv[1:])" "${@:2}"
}

@test "when create or run --detach returns the process belongs to the caller's subreaper" {
	local pid rt=("$OCIRUN" --root "$ROOT")

	script 'sleep 0.5; exit 7'
	for command in create 'run --detach'; do
		[ "$command" != create ] || set -- -- "${rt[@]}" start "$ID"
		run -0 as_subreaper "${rt[@]}" $command --pid-file "$BATS_TEST_TMPDIR/pid" \
			--bundle "$BUNDLE" "$ID" "$@"
		set --
		pid=$(cat "$BATS_TEST_TMPDIR/pid")
		expect_equal "$command $output" "$command $pid $pid 7"$'\nno other'
		ocirun delete "$ID"
	done
	# With one more process in between, which joins a namespace.
	unshare --ipc sleep 1000 3>&- &
	pid=$!
	within 10 eval '[ "$(readlink /proc/$pid/ns/ipc)" != "$(readlink /proc/self/ns/ipc)" ]'
	config --arg path "/proc/$pid/ns/ipc" '.linux.namespaces |= map(if .type == "ipc" then .path = $path else . end)
		| .linux.namespaces += [{ type: "time" }] | .linux.timeOffsets.boottime = { secs: 7 }'
	run -0 as_subreaper "${rt[@]}" create --pid-file "$BATS_TEST_TMPDIR/pid" --bundle "$BUNDLE" "$ID" \
		-- "${rt[@]}" start "$ID"
	kill $pid
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	expect_equal "$output" "$pid $pid 7"$'\nno other'
}

@test "kill, pause, resume, delete, start and state need no environment" {
	local command

	for command in "create --bundle $BUNDLE" start pause resume state kill 'delete --force'; do
		timeout 30 env -i XDG_RUNTIME_DIR= "$OCIRUN" $command "$ID" </dev/null >"$OUT" 2>&1 3>&- || {
			cat "$OUT"
			timeout 30 "$OCIRUN" delete --force "$ID"
			return 1
		}
	done
	[ ! -e "/run/ocirun/$ID" ]
}

@test "descriptors that the caller leaks reach neither the waiting init nor the container" {
	exec 5</dev/null 7<"$BATS_TEST_TMPDIR" 12< <(exec sleep 1000)
	leak=$!
	script 'ls /proc/self/fd; exec sleep 1000'
	create
	# Its two ends to the runtime are sockets.
	expect_equal "$(find "/proc/$(state .pid)/fd" -name '[3-9]*' -lname '/*')" ''
	expect_equal "$(find "/proc/$(state .pid)/fd" -lname 'pipe:*')" ''
	ocirun start "$ID"
	within 10 test -s "$OUT"
	exec 5<&- 7<&- 12<&-
	expect_equal "$(tr '\n' ' ' <"$OUT")" '0 1 2 3 ' # 3: ls itself
	kill "$leak"
}

@test "create's standard streams are the container's" {
	script 'read line; echo "out $line"; echo err >&2'
	echo hello >"$BATS_TEST_TMPDIR/in"
	ocirun create --bundle "$BUNDLE" "$ID" <"$BATS_TEST_TMPDIR/in" >"$OUT" 2>"$BATS_TEST_TMPDIR/err"
	ocirun start "$ID" >"$BATS_TEST_TMPDIR/start" 2>&1
	within 10 said 'out hello'
	within 10 status_is stopped
	expect_equal "$(cat "$BATS_TEST_TMPDIR/err")" err
	expect_equal "$(cat "$BATS_TEST_TMPDIR/start")" ''
}

@test "a pipe of create ends with the container, not before and not later" {
	script 'echo early; sleep 0.3; echo late'
	run -0 timeout 20 bash -c '
		{ "$OCIRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null 2>&1 3>&-
		  "$OCIRUN" --root "$ROOT" start "$ID" >/dev/null 2>&1; } | cat'
	expect_equal "$output" $'early\nlate'
}

@test "/dev/null, opened read-only, as all three streams is fine" {
	config '.process.args = ["sleep", "1000"]'
	ocirun create --bundle "$BUNDLE" "$ID" 0</dev/null 1</dev/null 2</dev/null
	ocirun start "$ID" 0</dev/null 1</dev/null 2</dev/null
	expect_equal "$(state)" running
	ocirun delete --force "$ID" 0</dev/null 1</dev/null 2</dev/null
	config '.process.user = { uid: 1000, gid: 1000 }'
	ocirun run --detach --bundle "$BUNDLE" "$ID" 0</dev/null 1</dev/null 2</dev/null
	expect_equal "$(state)" running
	expect_equal "$(stat -c %u /dev/null)" 0
}

@test "signals are as by default, whatever the caller ignores and blocks" {
	config '.process.args = ["grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"]'
	for command in 'run' 'run --detach'; do
		caller '
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())' \
			"$OCIRUN" --root "$ROOT" $command --bundle "$BUNDLE" "$ID" >"$OUT" 2>&1 </dev/null 3>&-
		within 10 test -s "$OUT"
		expect_equal "$command $(tr -d "\t" <"$OUT")" "$command "$'SigBlk:0000000000000000\nSigIgn:0000000000000000'
		ocirun delete --force "$ID"
	done
}

@test "a parent-death signal of the caller does not follow the container" {
	# The runtime itself has one, from its caller; the caller ends as soon as it returned.
	caller "
libc.prctl(1, signal.SIGKILL, 0, 0, 0)" "$OCIRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID" \
		</dev/null >"$OUT" 2>&1 3>&-
	caller "
libc.prctl(1, signal.SIGKILL, 0, 0, 0)" "$OCIRUN" --root "$ROOT" start "$ID" </dev/null 3>&-
	sleep 0.2
	expect_equal "$(state)" running
}

@test "oom_score_adj is that of config.json, or the caller's" {
	config '.process.args = ["cat", "/proc/self/oom_score_adj"]'
	run -0 caller "open('/proc/self/oom_score_adj', 'w').write('321')" \
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_equal "$output" 321
	config '.process.oomScoreAdj = 654'
	run -0 caller "open('/proc/self/oom_score_adj', 'w').write('321')" \
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_equal "$output" 654
}
