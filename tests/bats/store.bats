#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The state store: private, locked, and such that whatever a killed command left can be deleted.

load bundle

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file "needs root"; return; }
	make_rootfs
	"${CC:-cc}" -O1 -Wall -o "$BATS_FILE_TMPDIR/kill_at" "$BATS_TEST_DIRNAME/../agents/kill_at.c"
}

setup() {
	make_bundle
	OUT=$BATS_TEST_TMPDIR/out
	config '.process.args = ["sleep", "1000"]'
}

teardown() {
	[ -z "${STRANGER-}" ] || kill -9 "$STRANGER"
	[ ! -d "$ROOT" ] || chmod 700 "$ROOT"
	remove_containers
}

# create [ID]
create() {
	ocirun create --bundle "$BUNDLE" "${1:-$ID}" </dev/null >"$OUT" 2>&1 || {
		cat "$OUT"
		return 1
	}
}

status_of() {
	ocirun state "${1:-$ID}" | jq -r .status
}

is_gone() {
	[[ ! -e /proc/$1/stat || $(cut -d ' ' -f 3 "/proc/$1/stat") == Z ]]
}

# ---- who may look ----

@test "the state root is 0700 and what is in it 0600, whatever the umask" {
	local mask

	for mask in 0 077 027; do
		(umask $mask && create)
		expect_equal "$(stat -c %a "$ROOT" "$ROOT/$ID" | paste -sd ' ')" '700 700'
		expect_equal "$(find "$ROOT/$ID" -type f ! -perm 600)" ''
		expect_equal "$(find "$ROOT/$ID" ! -type d -perm /077)" ''
		[ "$(find "$ROOT/$ID" -type f | wc -l)" -ge 3 ]
		ocirun delete "$ID"
		rm -r "$ROOT"
	done
}

@test "a state root below missing directories is made, all of it private" {
	ROOT=$BATS_TEST_TMPDIR/a/b/c
	(umask 0 && create)
	expect_equal "$(stat -c %a "$BATS_TEST_TMPDIR"/a "$BATS_TEST_TMPDIR"/a/b "$ROOT" | paste -sd ' ')" '700 700 700'
}

@test "a state root that is a link, of somebody else, or open to others is refused" {
	mkdir -m 700 "$BATS_TEST_TMPDIR/real" "$BATS_TEST_TMPDIR/other"
	ln -s real "$BATS_TEST_TMPDIR/link"
	chown 1234 "$BATS_TEST_TMPDIR/other"
	mkdir -m 777 "$BATS_TEST_TMPDIR/open"
	mkdir -m 770 "$BATS_TEST_TMPDIR/group"
	for ROOT in "$BATS_TEST_TMPDIR"/{link,other,open,group}; do
		for command in "create --bundle $BUNDLE" "run --bundle $BUNDLE" start state 'delete --force'; do
			run -1 ocirun $command "$ID" </dev/null
			expect_part "$output" "the state root '$ROOT'"
		done
		run -1 ocirun list
		expect_equal "$(ls -A "$ROOT/")" ''
	done
	ROOT=$BATS_TEST_TMPDIR/state
}

@test "a container's directory that is a link is not followed" {
	mkdir -p -m 700 "$ROOT" "$BATS_TEST_TMPDIR/elsewhere"
	echo keep >"$BATS_TEST_TMPDIR/elsewhere/config.json"
	ln -s ../elsewhere "$ROOT/$ID"
	for command in start state delete 'delete --force'; do
		run -1 ocirun $command "$ID"
	done
	run -1 ocirun create --bundle "$BUNDLE" "$ID"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/elsewhere/config.json")" keep
	rm "$ROOT/$ID"
}

# ---- a pid is not enough ----

# recycled: a container that has stopped, whose pid another process has by now
recycled() {
	create
	ocirun start "$ID"
	ocirun kill "$ID" KILL
	within 10 eval '[ "$(status_of)" = stopped ]'
	sleep 1000 3>&- &
	STRANGER=$!
	sed -i "s/^[0-9]* /$STRANGER /" "$ROOT/$ID/pid"
	grep -q "^$STRANGER [0-9]" "$ROOT/$ID/pid"
}

@test "a pid that is another process by now: the container has stopped, the stranger is left alone" {
	recycled
	expect_equal "$(ocirun state "$ID" | jq -c '[.status, .pid]')" '["stopped",0]'
	run -1 ocirun kill "$ID" KILL
	expect_part "$output" 'container not running'
	run -0 ocirun kill --all "$ID" KILL
	run -255 ocirun exec "$ID" true
	run -1 ocirun start "$ID"
	run -0 ocirun list
	expect_part "$output" stopped
	run -0 ocirun delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
	kill -0 "$STRANGER"
	! is_gone "$STRANGER"
}

@test "the same where the pid namespace is shared" {
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	recycled
	expect_equal "$(status_of)" stopped
	run -1 ocirun kill "$ID" KILL
	run -0 ocirun kill --all "$ID" KILL
	run -0 ocirun delete "$ID"
	! is_gone "$STRANGER"
}

@test "with the start time too it is that process: status comes from both" {
	local pid

	create
	pid=$(ocirun state "$ID" | jq .pid)
	expect_equal "$(cat "$ROOT/$ID/pid")" "$pid $(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 20)"
	sed -i 's/ \(.*\)/ 1\1/' "$ROOT/$ID/pid"
	expect_equal "$(status_of)" stopped
	sed -i 's/ 1/ /' "$ROOT/$ID/pid"
	expect_equal "$(status_of)" created
}

@test "a pid file with other things than a pid is none" {
	local text

	create
	cp "$ROOT/$ID/pid" "$BATS_TEST_TMPDIR/pid"
	for text in '' '-1 5' '0 5' '1' 'x y' '99999999999999999999 1'; do
		echo "$text" >"$ROOT/$ID/pid"
		expect_equal "'$text' $(status_of)" "'$text' stopped"
	done
	cp "$BATS_TEST_TMPDIR/pid" "$ROOT/$ID/pid"
	expect_equal "$(status_of)" created
}

# ---- damage ----

@test "a record that cannot be read is an error that says what to do; delete --force does it" {
	local text

	for text in '' '{' 'null' '{"version":1}' '{"version":99}'; do
		mkdir -p -m 700 "$ROOT/$ID"
		printf %s "$text" >"$ROOT/$ID/state.json"
		run -1 ocirun state "$ID"
		expect_part "$output" 'the state record is damaged'
		expect_part "$output" 'delete --force'
		run -1 ocirun delete "$ID"
		run -0 ocirun list
		run -0 ocirun delete --force "$ID"
		[ ! -e "$ROOT/$ID" ]
	done
}

@test "an empty directory of a container is deleted, and keeps nobody from listing" {
	mkdir -p -m 700 "$ROOT/$ID"
	expect_equal "$(status_of)" stopped
	run -0 ocirun list -q
	expect_equal "$output" "$ID"
	run -1 ocirun create --bundle "$BUNDLE" "$ID"
	expect_part "$output" 'container with given ID already exists'
	run -0 ocirun delete "$ID"
	[ ! -e "$ROOT/$ID" ]
}

# ---- killed at any point ----

# init's command line, once it runs its program
MARK='sleep 61803'

# nothing_left: of containers of this test there is no process, cgroup, mount or file
nothing_left() {
	local left

	# Of init, before its program runs, the command line is the runtime's, with the state root.
	printf '%s\0\n' "$ROOT" "${MARK/ /$'\1'}" | tr '\0\1' '..' >"$BATS_TEST_TMPDIR/patterns"
	left=$(
		find "$ROOT" -mindepth 1 ! -name '.*' ! -path '*/.*'
		find /sys/fs/cgroup -maxdepth 2 -name "$ID*" 2>/dev/null
		grep " $BATS_TEST_TMPDIR/" /proc/self/mountinfo
		grep -lsaf "$BATS_TEST_TMPDIR/patterns" /proc/[0-9]*/cmdline
	) || true
	[ -z "$left" ] || {
		echo "left behind:"
		echo "$left"
		return 1
	}
}

# sweep STEP PREPARE ARGUMENT...: kills the command at each STEPth call that it or its children make
# ($SWEEP_STEP is a factor, for programs that are slow to start):
# the one that makes the call, the command, or both by turns; each time delete --force leaves nothing
sweep() {
	local step=$(($1 * ${SWEEP_STEP:-1})) prepare=$2 n who=(caller command all) status=0 what

	shift 2
	mkdir -p -m 700 "$ROOT"
	config --arg mark "$MARK" 'if .process.args[0] == "sleep" then .process.args = ($mark | split(" ")) else . end'
	for ((n = 1; status != 3; n += step)); do
		$prepare
		status=0
		# The leak checker of a build with sanitizers cannot work under ptrace.
		# Into a file: the container's process may live on, and would hold a pipe.
		ASAN_OPTIONS=detect_leaks=0 timeout -k 5 30 "$BATS_FILE_TMPDIR/kill_at" "${who[n / step % 3]}" \
			$n "$OCIRUN" --root "$ROOT" "$@" </dev/null >"$OUT" 2>&1 3>&- 4>&- || status=$?
		what="$n, $(cat "$OUT")"
		[ $status = 0 ] || [ $status = 3 ] || {
			echo "status $status at $what"
			return 1
		}
		timeout 30 "$OCIRUN" --root "$ROOT" delete --force "$ID" >"$OUT" 2>&1 || {
			echo "delete after $what: $(cat "$OUT")"
			return 1
		}
		nothing_left >"$OUT" || within 10 nothing_left >"$OUT" || {
			echo "after $what:"
			nothing_left
		}
	done
	# As far as the command goes, and not only as far as its start.
	[ $n -gt 40 ]
}

@test "create that is killed at any call: delete --force leaves nothing" {
	sweep 1 true create --bundle "$BUNDLE" "$ID"
}

@test "run that is killed at any call: delete --force leaves nothing" {
	config '.process.args = ["true"]'
	sweep 3 true run --bundle "$BUNDLE" "$ID"
}

@test "the same with joined namespaces, a shared pid namespace and hooks" {
	config --arg ipc "/proc/$$/ns/ipc" 'del(.linux.namespaces[] | select(.type == "pid"))
		| .linux.namespaces |= map(if .type == "ipc" then .path = $ipc else . end)
		| .linux.namespaces += [{ type: "time" }] | .linux.timeOffsets.boottime = { secs: 7 }
		| .hooks = { createRuntime: [{ path: "/bin/true" }], createContainer: [{ path: "/bin/true" }] }'
	sweep 3 true create --bundle "$BUNDLE" "$ID"
}

@test "the same with a user namespace" {
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = .linux.uidMappings'
	chown -R 100000:100000 "$ROOTFS"
	sweep 3 true create --bundle "$BUNDLE" "$ID"
}

@test "start that is killed at any call: delete --force leaves nothing" {
	sweep 1 create start "$ID"
}

@test "delete that is killed at any call: delete --force leaves nothing" {
	sweep 1 create delete --force "$ID"
}

# ---- at the same time ----

@test "of many creates of one id exactly one wins; the others say that the id is taken" {
	local round i ok pids pid

	for round in $(seq 10); do
		ok=0 pids=()
		for i in $(seq 8); do
			"$OCIRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$OUT.$i" 2>&1 3>&- &
			pids+=($!)
		done
		for pid in "${pids[@]}"; do
			! wait "$pid" || ok=$((ok + 1))
		done
		expect_equal "$round $ok" "$round 1"
		expect_equal "$(cat "$OUT".* | grep -c 'container with given ID already exists')" 7
		expect_equal "$(status_of)" created
		ocirun delete "$ID"
	done
}

# race ROUNDS FIRST SECOND: both at once on a created container; then delete --force cleans up
race() {
	local i first second first_status second_status

	for ((i = 0; i < $1; i++)); do
		create
		"$OCIRUN" --root "$ROOT" $2 >"$OUT.1" 2>&1 3>&- &
		first=$!
		"$OCIRUN" --root "$ROOT" $3 >"$OUT.2" 2>&1 3>&- &
		second=$!
		first_status=0 second_status=0
		wait $first || first_status=$?
		wait $second || second_status=$?
		# A clear answer or success, never anything else.
		! grep -hvE 'does not exist|not running|that is not stopped|already running|has stopped|has ended|was killed before' \
			"$OUT.1" "$OUT.2" || return 1
		[ $first_status -le 1 ] && [ $second_status -le 1 ]
		timeout 30 "$OCIRUN" --root "$ROOT" delete --force "$ID"
	done
	nothing_left
}

@test "kill and delete --force, 200 times at once" {
	race 200 "kill $ID KILL" "delete --force $ID"
}

@test "start and delete, 200 times at once" {
	race 200 "start $ID" "delete $ID"
}

@test "start and delete --force, 100 times at once" {
	race 100 "start $ID" "delete --force $ID"
}

@test "two deletes, 100 times at once: the second finds none" {
	race 100 "delete $ID" "delete $ID"
}

@test "list and state while containers come and go" {
	local i pid

	mkdir -m 700 "$ROOT"
	(while [ ! -e "$BATS_TEST_TMPDIR/end" ]; do
		"$OCIRUN" --root "$ROOT" list --format json >"$OUT.list" 2>&1 || exit 1
		jq -e 'type == "array" or . == null' "$OUT.list" >/dev/null || exit 1
	done 3>&-) &
	pid=$!
	for i in $(seq 50); do
		create "$ID-$((i % 3))"
		ocirun start "$ID-$((i % 3))"
		ocirun delete --force "$ID-$((i % 3))"
	done
	touch "$BATS_TEST_TMPDIR/end"
	wait "$pid" || {
		cat "$OUT.list"
		return 1
	}
}
