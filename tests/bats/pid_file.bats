#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The pid file: whole or not there, and nothing beside it, whenever the runtime is killed.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	config '.process.args = ["sleep", "100"]'
	FOLDER=$BATS_TEST_TMPDIR/caller
	mkdir "$FOLDER"
}

teardown() {
	remove_containers
}

# killed_at COMMAND...: the calls that give files names, each in turn, end the runtime; AFTER runs
# after each; KILLS is how often that was
killed_at() {
	local name call log=$BATS_TEST_TMPDIR/calls

	command -v strace >/dev/null || skip 'needs strace'
	KILLS=0
	for name in linkat rename renameat renameat2; do
		# strace counts each name's calls by itself.
		for ((call = 1; call < 20; call++)); do
			ASAN_OPTIONS=detect_leaks=0 strace -o "$log" -e "trace=$name" \
				-e "inject=$name:signal=KILL:when=$call" \
				"$OCIRUN" --root "$ROOT" "$@" </dev/null >/dev/null 2>&1 3>&- || :
			"$AFTER"
			grep -q 'killed by SIGKILL' "$log" || break
			KILLS=$((KILLS + 1))
		done
	done
}

# It is there with digits, or not at all; there is nothing else.
expect_whole_or_none() {
	[ -z "$(ls -A "$FOLDER")" ] || expect_equal "$(ls -A "$FOLDER")" pid
	[ ! -e "$FOLDER/pid" ] || [[ $(cat "$FOLDER/pid") =~ ^[0-9]+$ ]]
}

@test "create that is killed leaves nothing beside the pid file" {
	after_create() {
		expect_whole_or_none
		rm -f "$FOLDER/pid"
		ocirun delete --force "$ID"
	}
	AFTER=after_create
	killed_at create --bundle "$BUNDLE" --pid-file "$FOLDER/pid" "$ID"
	((KILLS > 1))
}

@test "exec that is killed leaves nothing beside the pid file" {
	after_exec() {
		expect_whole_or_none
		rm -f "$FOLDER/pid"
	}
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	AFTER=after_exec
	killed_at exec --detach --pid-file "$FOLDER/pid" "$ID" true
	((KILLS > 0))
}

@test "what is left of a pid file that was to be replaced is gone after the next one" {
	after_create() {
		ocirun delete --force "$ID"
		[[ $(cat "$FOLDER/pid") =~ ^[0-9]+$ ]]
		ocirun create --bundle "$BUNDLE" --pid-file "$FOLDER/pid" "$ID" </dev/null >/dev/null 2>&1 3>&-
		expect_whole_or_none
		ocirun delete --force "$ID"
	}
	AFTER=after_create
	echo 1 >"$FOLDER/pid"
	killed_at create --bundle "$BUNDLE" --pid-file "$FOLDER/pid" "$ID"
	((KILLS > 1))
}

@test "a pid file is replaced, and a link in its place is not followed" {
	echo other >"$FOLDER/other"
	ln -s other "$FOLDER/pid"
	ocirun create --bundle "$BUNDLE" --pid-file "$FOLDER/pid" "$ID" </dev/null >/dev/null 2>&1 3>&-
	expect_equal "$(cat "$FOLDER/pid")" "$(ocirun state "$ID" | jq .pid)"
	[ ! -L "$FOLDER/pid" ]
	expect_equal "$(cat "$FOLDER/other")" other
	expect_equal "$(ls -A "$FOLDER" | paste -sd ' ')" 'other pid'
}

@test "where the filesystem has no files without a name it is written all the same" {
	command -v strace >/dev/null || skip 'needs strace'
	ASAN_OPTIONS=detect_leaks=0 strace -o "$BATS_TEST_TMPDIR/calls" -P "$FOLDER/" -P "$FOLDER" \
		-e trace=openat -e inject=openat:error=EOPNOTSUPP \
		"$OCIRUN" --root "$ROOT" create --bundle "$BUNDLE" --pid-file "$FOLDER/pid" "$ID" \
		</dev/null >/dev/null 2>&1 3>&-
	grep -q 'O_TMPFILE.*INJECTED' "$BATS_TEST_TMPDIR/calls"
	expect_equal "$(cat "$FOLDER/pid")" "$(ocirun state "$ID" | jq .pid)"
	expect_whole_or_none
}

@test "a folder that is not there, or may not be written to, is named" {
	for path in "$FOLDER/nosuch/pid" /proc/pid; do
		run ocirun create --bundle "$BUNDLE" --pid-file "$path" "$ID"
		expect_status 1
		expect_part "$output" "write the pid file '$path'"
		[ ! -e "$ROOT/$ID" ]
	done
}
