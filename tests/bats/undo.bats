#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A create that fails undoes what it did, and nothing else.

load setup

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	cd "$BATS_TEST_TMPDIR"
	mkdir -p bundle/rootfs/bin
	cp "$(command -v busybox)" bundle/rootfs/bin/sleep
	name=ocirun-undo-$$-$BATS_TEST_NUMBER
	"$OCIRUN" spec --bundle bundle
	edit '.process.terminal = false | .process.args = ["sleep", "60"]
		| .linux.cgroupsPath = "/'"$name"'"'
}

teardown() {
	"$OCIRUN" --root "$PWD/root" delete --force "$name"
	"$OCIRUN" --root "$PWD/root" delete --force "$name-2"
}

edit() {
	jq "$1" bundle/config.json >bundle/config.new
	mv bundle/config.new bundle/config.json
}

ocirun() {
	"$OCIRUN" --root "$PWD/root" "$@"
}

status_of() {
	ocirun state "$1" | jq -r .status
}

@test "a create that finds its cgroup in use leaves the container in it alone" {
	ocirun create --bundle bundle "$name" 3>&-
	ocirun start "$name"
	run -1 ocirun create --bundle bundle "$name-2" 3>&-
	expect_part "$output" "cgroup is not empty"
	sleep 0.1
	expect_equal "$(status_of "$name")" running
	run -1 ocirun state "$name-2"
}

@test "deleting what a create left before it had a cgroup leaves the container in it alone" {
	edit 'del(.linux.namespaces[] | select(.type == "pid"))'
	ocirun create --bundle bundle "$name" 3>&-
	ocirun start "$name"
	# As after a SIGKILL right behind the intent record.
	mkdir -m 700 "root/$name-2"
	jq '.id += "-2" | .cgroups[][3] = 0' "root/$name/state.json" >"root/$name-2/state.json"
	ocirun delete --force "$name-2"
	expect_equal "$(status_of "$name")" running
	run -1 ocirun state "$name-2"
}

# create_in_hook KIND: a create, as CREATE in the background, that waits for its hook, a sleep
create_in_hook() {
	local tries=100

	nap=$((10000 + $$ % 10000)).$BATS_TEST_NUMBER
	edit '.hooks.'"$1"' = [{path: "'"$PWD"'/bundle/rootfs/bin/sleep", args: ["sleep", "'"$nap"'"]}]'
	"$OCIRUN" --root "$PWD/root" create --bundle bundle "$name" </dev/null >create.out 2>&1 3>&- &
	CREATE=$!
	until pgrep -f "^sleep $nap" >/dev/null; do
		((tries--))
		sleep 0.05
	done
}

# PID 1 may be slow to reap what has ended.
expect_no_hook() {
	local tries=100

	while pgrep -f "^sleep $nap" >/dev/null; do
		((tries--)) || {
			echo "the hook still runs"
			return 1
		}
		sleep 0.05
	done
}

# Not by `run`, whose subshell is not the parent of CREATE.
expect_create_failed() {
	local status=0

	wait "$CREATE" || status=$?
	expect_equal "$status" 1
}

expect_nothing_left() {
	expect_no_hook
	expect_equal "$(ls -A root)" ""
	expect_equal "$(find /sys/fs/cgroup -name "$name")" ""
}

@test "delete --force removes what a create left that was killed while init ran a hook" {
	create_in_hook createContainer
	kill -KILL "$CREATE"
	wait "$CREATE" || true
	ocirun delete --force "$name"
	expect_nothing_left
}

@test "a hook of the runtime ends with a create that is killed" {
	create_in_hook createRuntime
	kill -KILL "$CREATE"
	wait "$CREATE" || true
	expect_no_hook
	ocirun delete --force "$name"
	expect_nothing_left
}

@test "delete --force ends a create that waits for a hook of the runtime" {
	create_in_hook createRuntime
	ocirun delete --force "$name"
	expect_create_failed
	expect_part "$(cat create.out)" "error running createRuntime hook #0: the container's process ended"
	expect_nothing_left
}

@test "delete --force ends a create whose init runs a hook" {
	create_in_hook createContainer
	ocirun delete --force "$name"
	expect_create_failed
	expect_part "$(cat create.out)" 'died at step "createContainer hooks" (signal 9)'
	expect_nothing_left
}

# A cgroup that is wrongly taken for there is nobody's to remove.
@test "when a cgroup cannot be looked for, create fails or delete removes all the same" {
	local call failed=0

	command -v strace >/dev/null || skip 'needs strace'
	for ((call = 1; call < 40; call++)); do
		ASAN_OPTIONS=detect_leaks=0 strace -o calls -e trace=access,faccessat,faccessat2 \
			-e "inject=access,faccessat,faccessat2:error=ENOMEM:when=$call" \
			"$OCIRUN" --root "$PWD/root" create --bundle bundle "$name" \
			</dev/null >create.out 2>&1 3>&- || failed=$((failed + 1))
		ocirun delete --force "$name"
		expect_equal "$(find /sys/fs/cgroup -name "$name")" ""
		grep -q INJECTED calls || break
	done
	((call < 40 && failed > 0))
}
