#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --systemd-cgroup with a manager that only speaks as systemd does (tests/systemd/fake_systemd.c), so that
# it can be told to refuse, to hang and to die; and without any.

load bundle

PROGRAM=$(dirname "$OCIRUN")/../ocirun-systemd/ocirun-systemd
FAKE=$(dirname "$OCIRUN")/../../tests/systemd/fake-systemd
REAL=$OCIRUN

setup_file() {
	[ "$(id -u)" -eq 0 ] || { skip_file "needs root"; return; }
	[ -x "$PROGRAM" ] && [ -x "$FAKE" ] || { skip_file "built without libsystemd"; return; }
	make_rootfs
	# Where ocirun looks for the program, without installing it.
	cat >"$BATS_FILE_TMPDIR/ocirun" <<-'END'
		#!/bin/bash
		exec unshare --mount --propagation slave bash -c '
			mount -t tmpfs none /usr/libexec && mkdir /usr/libexec/ocirun
			[ -n "${NO_PROGRAM-}" ] || cp "$PROGRAM" /usr/libexec/ocirun/
			exec "$REAL" "$@"' - "$@"
	END
	chmod +x "$BATS_FILE_TMPDIR/ocirun"
}

setup() {
	skip_with_file
	make_bundle
	OCIRUN=$BATS_FILE_TMPDIR/ocirun
	SLICE=ocirun_bats_$$.slice
	BUS=$BATS_TEST_TMPDIR/systemd/private
	LOG=$BATS_TEST_TMPDIR/calls
	export PROGRAM REAL DBUS_SYSTEM_BUS_ADDRESS="unix:path=$BUS"
	mkdir "${BUS%/*}"
	config --arg path "$SLICE:t:$ID" '.linux.cgroupsPath = $path'
}

teardown() {
	stop_manager
	manager answer
	remove_containers
	stop_manager
	expect_equal "$(cgroups)" ''
}

# manager MODE: the one that is asked from now on
manager() {
	stop_manager
	rm -f "$BUS"
	"$FAKE" "$BUS" "$LOG" "$1" "/$SLICE/t-$ID.scope" >"$BATS_TEST_TMPDIR/fake" 2>&1 3>&- 4>&- &
	MANAGER=$!
	wait_for [ -S "$BUS" ]
}

stop_manager() {
	[ -z "${MANAGER-}" ] || kill "$MANAGER" 2>/dev/null || true
	[ -z "${MANAGER-}" ] || wait "$MANAGER" 2>/dev/null || true
	MANAGER=
}

# The cgroups of this test, wherever.
cgroups() {
	find /sys/fs/cgroup -maxdepth 3 -type d \( -name "$SLICE" -o -name "t-$ID.scope" \)
}


# running ARGUMENT...: ocirun with systemd's cgroups; $took is in milliseconds
running() {
	local begun

	begun=$(date +%s%3N)
	run ocirun --systemd-cgroup "$@" </dev/null
	took=$(($(date +%s%3N) - begun))
}

# fails_soon TEXT: in 10 s at most, and nothing stays; a second is this machine's
fails_soon() {
	expect_status 1
	expect_part "$output" "$1"
	[ "$took" -lt 11000 ] || { echo "took $took ms"; return 1; }
	[ ! -e "$ROOT/$ID" ]
	expect_equal "$(cgroups)" ''
	# The process that is in the scope for a beginning is a copy of ocirun.
	wait_for expect_equal "$(pgrep -f -- "--root $ROOT " || :)" ''
}

# calls: the calls that the manager had, without their properties
calls() {
	grep -v '^  ' "$LOG" | cut -d ' ' -f 1,2
}

@test "a container runs in the scope that systemd made, and the scope is stopped" {
	manager answer
	config '.linux.resources = {pids: {limit: 9}}
		| .annotations = {"org.systemd.property.TimeoutStopSec": "3"}'
	script 'cat /proc/self/cgroup'
	running run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_part "$output" ":/$SLICE/t-$ID.scope"
	expect_equal "$(calls)" "StartTransientUnit t-$ID.scope
SetUnitProperties t-$ID.scope
StopUnit t-$ID.scope
ResetFailedUnit t-$ID.scope"
	expect_part "$(cat "$LOG")" "  Slice s $SLICE"
	expect_part "$(cat "$LOG")" "  TimeoutStopUSec t 3000000"
	# Limits of tasks are not for the setting up.
	expect_equal "$(grep -A1 ^SetUnitProperties "$LOG" | tail -n 1)" '  TasksMax t 9'
}

@test "without the option nobody is asked, and no library is loaded" {
	manager answer
	config 'del(.linux.cgroupsPath)'
	run ocirun run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_equal "$(cat "$LOG")" ''
	! ldd "$REAL" 2>&1 | grep -q libsystemd
}

@test "explain shows the unit, and each property that systemd is then asked for" {
	local asked

	manager answer
	config '.linux.resources = {pids: {limit: 9}, devices: [{allow: false, access: "rwm"}]}
		| .annotations = {"org.systemd.property.TimeoutStopSec": "3"} | .process.args = ["true"]'
	run -0 ocirun --systemd-cgroup explain --format json --id "$ID" "$BUNDLE"
	expect_equal "$(jq -c .unit <<<"$output")" "[{\"name\":\"t-$ID.scope\",\"slice\":\"$SLICE\",\"manager\":\"the system's\",\
\"of\":\"container\",\"pointer\":\"/linux/cgroupsPath\"}]"
	expect_equal "$(jq -r '.unitProperties[] | select(.name == "TimeoutStopUSec") | .value, .pointer' <<<"$output")" \
		'3000000
/annotations/org.systemd.property.TimeoutStopSec'
	asked=$(jq -r '.unitProperties[].name' <<<"$output" | sort -u)
	running run --bundle "$BUNDLE" "$ID"
	expect_status 0
	# Which process it begins with is said when there is one.
	expect_equal "$(sed -n 's/^  \([A-Za-z]*\) .*/\1/p' "$LOG" | grep -vx PIDs | sort -u)" "$asked"
}

@test "without the option explain shows no unit" {
	run -0 ocirun explain --format json "$BUNDLE"
	expect_equal "$(jq -c '[.unit, .unitProperties]' <<<"$output")" '[null,null]'
}

# finding NAME: what doctor says of it
finding() {
	jq -r --arg name "$1" '.[] | select(.name == $name) | .status + " " + .found' <<<"$output"
}

@test "doctor says which program asks systemd, and that systemd answers" {
	manager answer
	run --separate-stderr ocirun doctor --format json
	expect_equal "$(finding ocirun-systemd)" 'ok /usr/libexec/ocirun/ocirun-systemd'
	expect_part "$(finding "system's manager")" 'ok systemd 241 answers at unix:path='
}

@test "doctor says that systemd does not answer, in 10 s" {
	local begun=$SECONDS

	manager hang-auth
	run --separate-stderr ocirun doctor --format json
	[ $((SECONDS - begun)) -lt 15 ]
	expect_part "$(finding "system's manager")" 'missing '
	expect_part "$(finding "system's manager")" "systemd does not answer at 'unix:path=$BUS'"
	stop_manager
	run --separate-stderr ocirun doctor --format json
	expect_part "$(finding "system's manager")" "missing no systemd answers at 'unix:path=$BUS'"
}

@test "doctor says that the program is not there" {
	manager answer
	NO_PROGRAM=1 run --separate-stderr ocirun doctor --format json
	expect_equal "$(finding ocirun-systemd)" 'missing not installed'
	expect_equal "$(finding "system's manager")" 'missing not asked, for want of ocirun-systemd'
	expect_equal "$(cat "$LOG")" ''
}

@test "a unit of another container is left alone" {
	manager taken
	running run --bundle "$BUNDLE" "$ID"
	fails_soon "start unit t-$ID.scope: systemd: Unit t-$ID.scope already exists."
	expect_equal "$(calls | grep -c StopUnit)" 0
}

@test "a property that systemd refuses is named with its line in config.json" {
	manager refuse
	config '.annotations = {"org.systemd.property.CPUWeight": "uint64 5"}'
	running run --bundle "$BUNDLE" "$ID"
	fails_soon 'Cannot set property CPUWeight, or unknown property.'
	expect_part "$output" '/annotations/org.systemd.property.CPUWeight'
}

@test "a property that a container may not set is refused, and nobody asked" {
	manager answer
	config '.annotations = {"org.systemd.property.FailureAction": "\"reboot\""}'
	running run --bundle "$BUNDLE" "$ID"
	fails_soon 'a container may not set this property of its unit'
	expect_equal "$(cat "$LOG")" ''
}

@test "a start that fails leaves nothing" {
	manager fail
	running create --bundle "$BUNDLE" "$ID"
	fails_soon "systemd could not start unit t-$ID.scope (the job's result: failed)"
	expect_part "$(calls)" "ResetFailedUnit t-$ID.scope"
}

@test "a bus on which nobody answers is given up in 10 s" {
	manager hang-auth
	running run --bundle "$BUNDLE" "$ID"
	fails_soon "systemd does not answer at 'unix:path=$BUS'"
	[ "$took" -gt 5000 ]
}

@test "a systemd that does not start the unit is given up in 10 s" {
	manager hang-start
	running run --bundle "$BUNDLE" "$ID"
	fails_soon "start unit t-$ID.scope: systemd does not answer"
}

@test "a job that does not end is given up in 10 s, and its unit stopped" {
	manager hang-job
	running run --bundle "$BUNDLE" "$ID"
	fails_soon 'systemd does not answer'
	wait_for grep -q StopUnit "$LOG"
}

@test "a systemd that hangs when the process is there already is given up in 10 s" {
	manager hang-set
	config '.linux.resources = {pids: {limit: 9}}'
	running run --bundle "$BUNDLE" "$ID"
	fails_soon "set properties of unit t-$ID.scope"
}

@test "a systemd that dies is an error" {
	manager die-start
	running run --bundle "$BUNDLE" "$ID"
	fails_soon "start unit t-$ID.scope: systemd: Connection reset by peer"
}

@test "without systemd the error says what to use instead" {
	running run --bundle "$BUNDLE" "$ID"
	fails_soon "no systemd answers at 'unix:path=$BUS': No such file or directory"
	expect_part "$output" '--cgroup-manager cgroupfs'
}

@test "without its program the error says what to install" {
	manager answer
	export NO_PROGRAM=1
	running run --bundle "$BUNDLE" "$ID"
	fails_soon 'the program ocirun-systemd, which speaks to systemd for ocirun, is not there'
	expect_part "$output" '/usr/libexec/ocirun/ocirun-systemd'
}

@test "a path that is no unit is refused in runc's words" {
	config '.linux.cgroupsPath = "/some/path"'
	running run --bundle "$BUNDLE" "$ID"
	fails_soon 'expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "/some/path" instead'
}

# limited: a container of 9 tasks that sleeps
limited() {
	manager answer
	config '.linux.resources = {pids: {limit: 9}} | .process.args = ["sleep", "100"]'
	detached "$BATS_TEST_TMPDIR/run.log" ocirun --systemd-cgroup run --detach --bundle "$BUNDLE" "$ID"
}

pids_max() {
	cat /sys/fs/cgroup/{pids/,}"$SLICE/t-$ID.scope/pids.max" 2>/dev/null
}

@test "an update tells systemd, without the option too" {
	limited
	run ocirun update --pids-limit 20 "$ID"
	expect_status 0
	expect_equal "$(pids_max)" 20
	expect_equal "$(tail -n 2 "$LOG")" "SetUnitProperties t-$ID.scope runtime
  TasksMax t 20"
}

@test "an update that systemd refuses changes nothing" {
	limited
	manager refuse-set
	run ocirun update --pids-limit 20 "$ID"
	expect_status 1
	expect_part "$output" 'MemoryMax= is out of range'
	expect_equal "$(pids_max)" 9
}

@test "an update that the kernel refuses is taken back from systemd" {
	limited
	run ocirun update --pids-limit 20 --cpuset-cpus 4000 "$ID"
	expect_status 1
	expect_equal "$(pids_max)" 9
	# The manager's number of before.
	expect_equal "$(tail -n 1 "$LOG")" "  TasksMax t 8"
}

@test "a deletion does not depend on systemd" {
	limited
	stop_manager
	run ocirun delete --force "$ID"
	expect_status 0
	expect_part "$output" 'no systemd answers at'
	[ ! -e "$ROOT/$ID" ]
	expect_equal "$(cgroups)" ''
}

@test "what was killed while systemd was asked is deleted, its unit stopped" {
	local pid

	manager hang-job
	ocirun --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- 4>&- &
	wait_for grep -qs StartTransientUnit "$LOG"
	pid=$(pgrep -o -f -- "^$REAL --root $ROOT ")
	kill -9 "$pid"
	wait $! || true
	wait_for expect_equal "$(pgrep -f -- "--root $ROOT " || :)" ''
	[ -e "$ROOT/$ID/state.json" ]
	ocirun delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
	expect_equal "$(calls | tail -n 2)" "StopUnit t-$ID.scope
ResetFailedUnit t-$ID.scope"
}

@test "a unit that was not ours yet when create was killed is left alone" {
	local pid

	manager hang-start
	ocirun --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- 4>&- &
	wait_for grep -qs StartTransientUnit "$LOG"
	pid=$(pgrep -o -f -- "^$REAL --root $ROOT ")
	kill -9 "$pid"
	wait $! || true
	manager other
	ocirun delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
	expect_equal "$(calls)" ''
}
