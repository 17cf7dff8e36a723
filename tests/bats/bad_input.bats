#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is wrong is refused, with one line that says where, before anything is done: thousands of documents
# and command lines that tests/bad-input makes. The program that makes a system call with an effect dies
# of it there, and the tests see it.

load bundle

# How many documents a build that is slow to start leaves out for each that it gets.
STEP=${SWEEP_STEP:+$((SWEEP_STEP * 10))}
STEP=${STEP:-1}

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file "needs root"; return; }
	# Of the same build as the program.
	THROUGH=$(realpath "$(dirname "$OCIRUN")/../../tests/bad-input/through")
	export THROUGH
	# A leak checker makes processes.
	export ASAN_OPTIONS=detect_leaks=0
	make_rootfs
}

setup() {
	make_bundle
	config '.process.args = ["sleep", "1000"]'
	DOCUMENT=$BATS_TEST_TMPDIR/document.json
	touch "$DOCUMENT"
}

teardown() {
	remove_containers
}

# refuses_all KIND FILE [PATH...] -- ARGUMENT...: the program refuses what is in FILE each time; no PATH
# changes
refuses_all() {
	local args=("$1" "$STEP" "$2")

	shift 2
	while [ "$1" != -- ]; do
		args+=("$1")
		shift
	done
	shift
	run timeout 240 "$THROUGH" "${args[@]}" -- "$OCIRUN" --root "$ROOT" "$@"
	expect_status 0
	expect_part "$output" ' refused, 0 not'
	expect_refused_at_least "${output%% refused*}"
}

# expect_refused_at_least N: as many as this suite was made for
expect_refused_at_least() {
	[ $(($1 * STEP)) -ge "$LEAST" ] || {
		echo "only $1"
		return 1
	}
}

# running: the container $ID, whose cgroup is what `update` changes
running() {
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	STATE=$ROOT/$ID
}

@test "a process that has an effect is seen" {
	run -1 "$THROUGH" config 1000 "$DOCUMENT" -- /bin/mkdir "$BATS_TEST_TMPDIR/made"
	expect_part "$output" "made a system call with an effect"
	[ ! -e "$BATS_TEST_TMPDIR/made" ]
	run -1 "$THROUGH" config 1000 "$DOCUMENT" -- /bin/true
	expect_part "$output" "succeeded"
	run -1 "$THROUGH" config 1000 "$DOCUMENT" -- /bin/ls /nothing
	expect_part "$output" "did not say one line"
}

@test "what a right config does would be seen" {
	# Its first effect is the state root.
	run -1 "$THROUGH" config 1000 "$DOCUMENT" -- "$OCIRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
	expect_part "$output" "made a system call with an effect"
	[ ! -e "$ROOT" ]
}

@test "create refuses every wrong config" {
	LEAST=4000 refuses_all config "$BUNDLE/config.json" "$BUNDLE" "$ROOTFS" "$ROOT" "$BATS_TEST_TMPDIR/pid" -- \
		create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
}

@test "exec refuses every wrong process" {
	running
	LEAST=700 refuses_all process "$DOCUMENT" "$ROOT" "$STATE" "$BATS_TEST_TMPDIR/pid" -- \
		exec --process "$DOCUMENT" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
	expect_equal "$(ocirun ps --format json "$ID" | jq length)" 1
}

@test "update refuses every wrong resources document" {
	running
	LEAST=700 refuses_all resources "$DOCUMENT" "$ROOT" "$STATE" -- update --resources "$DOCUMENT" "$ID"
}

@test "every command refuses wrong options, numbers of arguments, and ids" {
	local args

	running
	cd "$BATS_TEST_TMPDIR"
	STEP=${SWEEP_STEP:-1}
	args=(arguments "$STEP" "$ROOT" "$STATE" "$BATS_TEST_TMPDIR")
	run timeout 240 "$THROUGH" "${args[@]}" -- "$OCIRUN" --root "$ROOT"
	expect_status 0
	LEAST=1500 expect_refused_at_least "${output%% refused*}"
}

# ---- state files ----

# damaged COMMAND...: each fails without an effect on the record or on init, and says how to go on
damaged() {
	local command before

	before=$(find "$ROOT" -printf '%p %i %T@ %s\n' | sort)
	for command in state start pause resume 'kill --all' 'exec' ps update delete events checkpoint; do
		case $command in
		exec) set -- exec "$ID" true ;;
		kill*) set -- kill "$ID" KILL ;;
		update) set -- update --pids-limit 5 "$ID" ;;
		events) set -- events --stats "$ID" ;;
		*) set -- "$command" "$ID" ;;
		esac
		run ! ocirun "$@" </dev/null
		expect_part "$output" "the state record is damaged"
		expect_part "$output" "delete --force removes what is left of it"
		expect_equal "${#lines[@]}" 1
	done
	expect_equal "$(find "$ROOT" -printf '%p %i %T@ %s\n' | sort)" "$before"
}

@test "commands refuse a state record that was torn anywhere" {
	local size at

	running
	cp "$STATE/state.json" "$BATS_TEST_TMPDIR/whole"
	size=$(stat -c %s "$STATE/state.json")
	for at in 0 1 $((size / 2)) $((size - 1)); do
		head -c "$at" "$BATS_TEST_TMPDIR/whole" >"$STATE/state.json"
		damaged
	done
	cp "$BATS_TEST_TMPDIR/whole" "$STATE/state.json"
	run -0 ocirun state "$ID"
}

@test "commands refuse a state record that says other things" {
	local filter

	running
	cp "$STATE/state.json" "$BATS_TEST_TMPDIR/whole"
	for filter in 'del(.cgroups)' '.version = 1' '.cgroups = {}' '.cgroups[0][2] = "sys"' '.cgroups[0][3] = -1' '.cgroups[0] += [1]' \
		'.annotations = []' '.annotations.a = 1' '.id = 1' 'del(.bundle)' '.namespaces = "x"' '[.]' 'null'; do
		jq -c "$filter" "$BATS_TEST_TMPDIR/whole" >"$STATE/state.json"
		damaged
	done
	cp "$BATS_TEST_TMPDIR/whole" "$STATE/state.json"
	run -0 ocirun state "$ID"
}

@test "the container of a damaged record goes with delete --force" {
	local init

	running
	init=$(cut -d ' ' -f 1 "$STATE/pid")
	echo '{' >"$STATE/state.json"
	run -0 ocirun delete --force "$ID"
	[ ! -e "$STATE" ]
	wait_for eval '[[ ! -e /proc/'"$init"'/stat || $(cut -d " " -f 3 /proc/'"$init"'/stat) == Z ]]'
	find /sys/fs/cgroup -depth -type d -name "*$ID*" -exec rmdir {} +
}

@test "a copy of the config that is damaged is refused by who needs it" {
	running
	echo '{"ociVersion":' >"$STATE/config.json"
	run -255 ocirun exec "$ID" true </dev/null
	expect_part "$output" "config.json: the document is not valid JSON: line "
	jq '.process.cwd = 5' "$BUNDLE/config.json" >"$STATE/config.json"
	run -255 ocirun exec "$ID" true </dev/null
	expect_part "$output" "config.json: /process/cwd is 5, expected a string"
	run -0 ocirun state "$ID"
}

@test "a compiled filter that is damaged is refused" {
	local at

	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["swapon"], action: "SCMP_ACT_ERRNO" }] }'
	running
	cp "$STATE/seccomp" "$BATS_TEST_TMPDIR/whole"
	for at in 0 3 15 16 17 $(($(stat -c %s "$STATE/seccomp") - 1)); do
		head -c "$at" "$BATS_TEST_TMPDIR/whole" >"$STATE/seccomp"
		run -255 ocirun exec "$ID" true </dev/null
		expect_part "$output" "the container's seccomp filter is damaged"
	done
}
