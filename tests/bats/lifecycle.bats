#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A container's life as its caller sees it: create, start, state, list, kill, delete and run.

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

# ---- status ----

@test "created, running, paused, running, stopped, gone" {
	create
	expect_equal "$(state)" created
	ocirun start "$ID"
	expect_equal "$(state)" running
	ocirun pause "$ID"
	expect_equal "$(state)" paused
	ocirun resume "$ID"
	expect_equal "$(state)" running
	ocirun kill "$ID" KILL
	within 10 status_is stopped
	ocirun delete "$ID"
	run -1 ocirun state "$ID"
	expect_part "$output" 'container does not exist'
}

@test "the program runs when it is started, not before" {
	script 'echo started'
	create
	sleep 0.2
	expect_equal "$(cat "$OUT")" ''
	ocirun start "$ID"
	within 10 said started
}

@test "a container whose init is killed before it is started has stopped, and is no start away" {
	create
	kill -9 "$(state .pid)"
	within 10 status_is stopped
	run -1 ocirun start "$ID"
	expect_part "$output" 'cannot start a container that has stopped'
	ocirun delete "$ID"
}

@test "state is one line of JSON, its keys in the order that callers know" {
	config '.annotations = { "org.example": "a \"value\"", "z": "", "a": "ü" }'
	create
	run -0 ocirun state "$ID"
	expect_equal "${#lines[@]}" 1
	expect_equal "$output" "$(jq -c . <<<"$output")"
	expect_equal "$(jq -r 'keys_unsorted | join(" ")' <<<"$output")" \
		'ociVersion id pid status bundle rootfs created annotations owner'
	expect_equal "$(jq -c .annotations <<<"$output")" '{"org.example":"a \"value\"","z":"","a":"ü"}'
	expect_equal "$(jq -r '[.ociVersion, .id, .owner] | join(" ")' <<<"$output")" "1.3.0 $ID root"
	[[ $(jq -r .created <<<"$output") =~ ^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{9}Z$ ]]
	[ $(($(date +%s) - $(date -d "$(jq -r .created <<<"$output")" +%s))) -lt 60 ]
}

@test "state of a container without annotations has no such key" {
	create
	expect_equal "$(state 'keys_unsorted | join(" ")')" \
		'ociVersion id pid status bundle rootfs created owner'
}

@test "bundle and rootfs are absolute, whatever the caller's directory" {
	cd "$BUNDLE"
	ocirun create "$ID" </dev/null >"$OUT" 2>&1
	expect_equal "$(state .bundle)" "$BUNDLE"
	expect_equal "$(state .rootfs)" "$ROOTFS"
	ocirun delete "$ID"
	cd "$BATS_TEST_TMPDIR"
	ocirun create --bundle ./bundle/../bundle "$ID" </dev/null >"$OUT" 2>&1
	expect_equal "$(state .bundle)" "$BUNDLE"
}

@test "the pid is that of the container's process, and 0 when it has stopped" {
	create --pid-file "$BATS_TEST_TMPDIR/pid"
	expect_equal "$(state .pid)" "$(cat "$BATS_TEST_TMPDIR/pid")"
	ocirun start "$ID"
	expect_equal "$(state .pid)" "$(cat "$BATS_TEST_TMPDIR/pid")"
	expect_equal "$(tr '\0' ' ' <"/proc/$(state .pid)/cmdline")" 'sleep 1000 '
	ocirun kill "$ID" KILL
	within 10 status_is stopped
	expect_equal "$(state .pid)" 0
}

@test "what config.json says after create makes no difference" {
	script 'hostname; echo old; exec sleep 1000'
	create
	config '.process.args = ["echo", "new"] | .hostname = "new" | .annotations = { new: "x" }'
	ocirun start "$ID"
	within 10 said $'bats\nold'
	echo garbage >"$BUNDLE/config.json"
	expect_equal "$(state)" running
	expect_equal "$(state .annotations)" null
	run -0 ocirun exec "$ID" hostname </dev/null
	expect_equal "$output" bats
	ocirun delete --force "$ID"
}

# ---- list ----

@test "list is sorted by id: a table, JSON, or the ids" {
	local id

	for id in "$ID-b" "$ID-A" "$ID-a"; do
		ocirun create --bundle "$BUNDLE" "$id" </dev/null >"$OUT" 2>&1
	done
	ocirun start "$ID-a"
	run -0 ocirun list -q
	expect_equal "$output" "$(printf '%s\n' "$ID-A" "$ID-a" "$ID-b")"
	run -0 ocirun list --format json
	expect_equal "$output" "$(jq -c . <<<"$output")"
	expect_equal "$(jq -c '.[1]' <<<"$output")" "$(ocirun state "$ID-a")"
	expect_equal "$(jq -r '.[] | .id + " " + .status' <<<"$output")" \
		"$(printf '%s\n' "$ID-A created" "$ID-a running" "$ID-b created")"
	run -0 ocirun list
	expect_equal "$(sed -n 1p <<<"$output" | xargs)" 'ID PID STATUS BUNDLE CREATED OWNER'
	expect_equal "$(sed -n 3p <<<"$output" | xargs)" \
		"$(ocirun state "$ID-a" | jq -r '[.id, .pid, .status, .bundle, .created, .owner] | join(" ")')"
	# Columns, which scripts cut: each begins where its head does.
	for column in PID STATUS BUNDLE CREATED OWNER; do
		head=${lines[0]%%"$column"*}
		[[ ${lines[1]:${#head}-1:2} =~ ^\ [^\ ]$ ]]
	done
	ocirun delete --force "$ID-a"
	run -0 ocirun list -q
	expect_equal "$output" "$(printf '%s\n' "$ID-A" "$ID-b")"
}

# ---- start, delete ----

@test "starting what runs or has stopped is refused, and changes nothing" {
	local pid

	run_detached
	pid=$(state .pid)
	run -1 ocirun start "$ID"
	expect_part "$output" 'cannot start an already running container'
	expect_equal "$(state .pid)" "$pid"
	ocirun pause "$ID"
	run -1 ocirun start "$ID"
	expect_equal "$(state)" paused
	ocirun kill "$ID" KILL
	within 10 status_is stopped
	run -1 ocirun start "$ID"
	expect_part "$output" 'cannot start a container that has stopped'
}

@test "start twice at once: one starts it" {
	local i ok=0 pids=()

	create
	for i in 1 2 3 4; do
		ocirun start "$ID" >"$BATS_TEST_TMPDIR/start.$i" 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		! wait "$i" || ok=$((ok + 1))
	done
	expect_equal "$ok" 1
	expect_equal "$(cat "$BATS_TEST_TMPDIR"/start.* | grep -c 'cannot start an already running')" 3
}

@test "deleting what runs is refused with the text that callers know; what is created can be" {
	run_detached
	run -1 ocirun delete "$ID"
	expect_part "$output" "cannot delete container $ID that is not stopped"
	expect_equal "$(state)" running
	ocirun pause "$ID"
	run -1 ocirun delete "$ID"
	expect_part "$output" "cannot delete container $ID that is not stopped"
	run -0 ocirun delete --force "$ID"
	create
	pid=$(state .pid)
	run -0 ocirun delete "$ID"
	is_gone "$pid"
}

@test "delete --force ends every process, also again, and for an unknown id" {
	local pid

	no_own_pid_ns
	script 'sleep 1000 & exec sleep 1000'
	run_detached
	pid=$(state .pid)
	within 10 test -n "$(cat "/proc/$pid/task/$pid/children")"
	child=$(cat "/proc/$pid/task/$pid/children")
	run -0 ocirun delete --force "$ID"
	is_gone "$pid"
	is_gone "${child% }"
	run -0 ocirun delete --force "$ID"
	expect_equal "$output" ''
	run -0 ocirun delete -f never-was
	run -1 ocirun delete "$ID"
	expect_part "$output" 'container does not exist'
}

@test "an id can be used again" {
	for i in 1 2 3; do
		create
		ocirun delete "$ID"
	done
}

@test "its cgroup is in every hierarchy, named after it, until it is deleted" {
	local pid dir n=0

	create
	pid=$(state .pid)
	for dir in $(findmnt -rno TARGET -t cgroup,cgroup2); do
		n=$((n + 1))
		find "$dir" -maxdepth 3 -name "$ID" -exec cat {}/cgroup.procs \; | grep -qx "$pid" || {
			echo "not in $dir"
			return 1
		}
	done
	[ "$n" -gt 0 ]
	ocirun delete "$ID"
	expect_equal "$(find /sys/fs/cgroup -name "$ID")" ''
	config '.process.args = ["true"]'
	run -0 ocirun run --bundle "$BUNDLE" "$ID"
	expect_equal "$(find /sys/fs/cgroup -name "$ID")" ''
}

# ---- kill ----

@test "signals by name, with and without SIG, in any case, by number, and realtime ones" {
	local pairs=(HUP=1 SIGHUP=1 sigint=2 quit=3 10=10 SIGUSR1=10 USR2=12 TERM=15 CONT=18
		SIGWINCH=28 POLL=29 IO=29 PWR=30 RTMIN=34 SIGRTMIN=34 RTMIN+1=35 SIGRTMIN+15=49 SIGRTMAX-14=50
		rtmax-1=63 RTMAX=64 64=64) pair

	# shellcheck disable=SC2016 # by the container's shell
	script 'i=1; while [ $i -le 64 ]; do
			case $i in 9 | 17 | 19 | 32 | 33) ;; *) trap "echo $i" $i ;; esac
			i=$((i + 1))
		done
		echo ready
		while :; do sleep 0.02; done'
	run_detached
	within 10 said ready
	for pair in "${pairs[@]}"; do
		: >"$OUT"
		run -0 ocirun kill "$ID" "${pair%=*}"
		within 10 said "${pair#*=}"
	done
}

@test "without a signal it is TERM" {
	script 'trap "echo term; exit 3" TERM; echo ready; while :; do sleep 0.05; done'
	run_detached
	within 10 said ready
	ocirun kill "$ID"
	within 10 said $'ready\nterm'
	within 10 status_is stopped
}

@test "kill of a created container ends it" {
	create
	ocirun kill "$ID" KILL
	within 10 status_is stopped
	expect_equal "$(cat "$OUT")" ''
}

@test "KILL ends a paused container" {
	run_detached
	ocirun pause "$ID"
	ocirun kill "$ID" KILL
	within 10 status_is stopped
	ocirun delete "$ID"
}

@test "kill of a stopped container: not running; with --all no error" {
	run_detached
	ocirun kill "$ID" KILL
	within 10 status_is stopped
	for signal in TERM KILL 0 USR1; do
		run -1 ocirun kill "$ID" "$signal"
		expect_part "$output" 'container not running'
	done
	for signal in TERM KILL 0; do
		run -0 ocirun kill --all "$ID" "$signal"
	done
}

# ---- run ----

@test "exit statuses of run: the program's, 128+N, 1 for an error" {
	local status_wanted

	for status_wanted in 0 1 42 126 127 255; do
		script "exit $status_wanted"
		run "-$status_wanted" ocirun run --bundle "$BUNDLE" "$ID"
		expect_equal "$output" ''
	done
	# As pid 1 it would ignore them.
	no_own_pid_ns
	for signal in TERM:143 KILL:137 SEGV:139; do
		script "kill -${signal%:*} \$\$; sleep 10"
		run ocirun run --bundle "$BUNDLE" "$ID"
		expect_status "${signal#*:}"
	done
	config '.process.args = ["no-such-program"]'
	run -1 ocirun run --bundle "$BUNDLE" "$ID"
}

@test "run --detach returns while the program runs, and leaves it be" {
	script 'until [ -e /go ]; do sleep 0.05; done; echo done'
	run_detached
	expect_equal "$(state)" running
	touch "$ROOTFS/go"
	within 10 said 'done'
	within 10 status_is stopped
	ocirun delete "$ID"
}

@test "run deletes the container in the end, with --keep it does not" {
	script 'exit 3'
	run -3 ocirun run --bundle "$BUNDLE" "$ID"
	[ ! -e "$ROOT/$ID" ]
	run -3 ocirun run --keep --bundle "$BUNDLE" "$ID"
	expect_equal "$(state '[.status, .pid] | @text')" '["stopped",0]'
	run -1 ocirun run --bundle "$BUNDLE" "$ID"
	expect_part "$output" 'container with given ID already exists'
	ocirun delete "$ID"
}

@test "run passes its signals on, and ends with the container" {
	local pid status=0

	script 'trap "echo usr1" USR1; trap "echo term; exit 7" TERM; echo ready; while :; do sleep 0.05; done'
	"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&- &
	pid=$!
	within 10 said ready
	kill -USR1 $pid
	within 10 said $'ready\nusr1'
	kill -TERM $pid
	wait $pid || status=$?
	expect_equal "$status" 7
	expect_equal "$(cat "$OUT")" $'ready\nusr1\nterm'
	[ ! -e "$ROOT/$ID" ]
}

# orphan_parent OPTION...: who gets an orphan of a container that runs in the foreground
orphan_parent() {
	local pid middle

	rm -f "$OUT"
	"$OCIRUN" --root "$ROOT" run "$@" --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&- &
	RUN_PID=$!
	within 10 test -s "$OUT"
	read -r pid middle <"$OUT"
	within 10 is_gone "$middle"
	sed -n 's/^PPid:\t//p' "/proc/$pid/status" >"$BATS_TEST_TMPDIR/parent"
	ocirun delete --force "$ID"
	wait $RUN_PID || true
}

@test "run adopts orphans of the container, with --no-subreaper it does not" {
	no_own_pid_ns
	script 'sh -c "sleep 1000 & echo \$! \$\$"; exec sleep 1000'
	orphan_parent
	expect_equal "$(cat "$BATS_TEST_TMPDIR/parent")" "$RUN_PID"
	orphan_parent --no-subreaper
	[ "$(cat "$BATS_TEST_TMPDIR/parent")" != "$RUN_PID" ]
}

# ---- the pid file ----

@test "the pid file is relative to the caller's directory, has digits only, and is renamed" {
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here"
	echo old >pid
	ln pid other-name
	ocirun create --bundle ../bundle --pid-file pid "$ID" </dev/null >"$OUT" 2>&1
	[[ $(od -An -c pid | tr -d ' \n') =~ ^[0-9]+$ ]]
	expect_equal "$(cat pid)" "$(state .pid)"
	# Who had the old file open still has it, whole.
	expect_equal "$(cat other-name)" old
	ocirun delete "$ID"
	rm pid
	ocirun run --detach --bundle ../bundle --pid-file ./pid "$ID" </dev/null >"$OUT" 2>&1
	expect_equal "$(cat pid)" "$(state .pid)"
	expect_equal "$(ls -A | tr '\n' ' ')" 'other-name pid '
}

@test "the pid file is there before the program runs" {
	mkdir "$ROOTFS/seen"
	config --arg dir "$BATS_TEST_TMPDIR" '.mounts += [{ destination: "/seen", source: $dir, options: ["bind"] }]'
	script 'ls /seen/pid'
	run -0 ocirun run --pid-file "$BATS_TEST_TMPDIR/pid" --bundle "$BUNDLE" "$ID"
	expect_equal "$output" /seen/pid
}

@test "a pid file that cannot be written fails, and no container is left" {
	for command in create run; do
		run -1 ocirun $command --bundle "$BUNDLE" --pid-file /nonexistent/pid "$ID" </dev/null
		expect_part "$output" "/nonexistent/pid"
		[ ! -e "$ROOT/$ID" ]
	done
	expect_equal "$(find /sys/fs/cgroup -name "$ID")" ''
}
