#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What failed under a seccomp profile is said all the same, and that the profile is why.

load causes

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
}

teardown() {
	remove_containers
}

@test "under a filter that forbids to look, the cause is known all the same" {
	program run.sh '#!/no/interpreter\n'
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{ names: ["open", "openat", "stat", "lstat", "newfstatat", "statx", "read", "pread64",
		          "faccessat", "faccessat2"], action: "SCMP_ACT_KILL_PROCESS" }] }'
	# Without no_new_privs the filter is loaded before the last capability is dropped.
	because "the script's interpreter '/no/interpreter' is not there"
	config '.process.noNewPrivileges = true'
	because "the script's interpreter '/no/interpreter' is not there"
}

@test "a filter that forbids execve" {
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{ names: ["execve"], action: "SCMP_ACT_ERRNO" }] }'
	because 'a seccomp profile without execve'
}

@test "a filter that forbids to give up capabilities" {
	config '.process.capabilities = {} | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{ names: ["capset"], action: "SCMP_ACT_ERRNO" }] }'
	because 'the seccomp profile denies it: allow capget, capset and prctl, or set noNewPrivileges'
	config '.process.noNewPrivileges = true'
	run ocirun run --bundle "$BUNDLE" "$ID"
	expect_status 0
}

@test "a filter whose answer to execve is that there is none" {
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{ names: ["execve"], action: "SCMP_ACT_ERRNO", errnoRet: 38 }] }'
	because 'a seccomp profile without execve'
}

# kills SYSCALL...: the profile's answer to these
kills() {
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{ names: $ARGS.positional, action: "SCMP_ACT_KILL_PROCESS" }] }' --args "$@"
}

# start_was_killed TEXT: `start` says that the filter did it, with that text; but whoever waits for the
# container's process may be quicker, and nobody knows how it ended then
start_was_killed() {
	run ocirun start "$ID"
	if [ "$status" = 0 ]; then
		# Not even that it had not executed its program: it may have been one that ends at once.
		expect_equal "$(ocirun state "$ID" | jq -r .status)" stopped
		return 0
	fi
	expect_status 1
	if [[ $output == *'ended before it'* ]]; then
		expect_part "$output" 'a seccomp profile that kills it on the way there'
	else
		expect_part "$output" 'was killed before it executed the program: SIGSYS'
		expect_part "$output" "$1"
	fi
}

@test "a filter that kills who executes, with run and with start" {
	kills execve
	because 'the seccomp profile kills it for a system call on the way there: allow execve'
	expect_part "$output" "the container's process was killed before it executed the program: SIGSYS"
	ocirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	start_was_killed 'hint: the seccomp profile kills it'
	expect_equal "$(ocirun state "$ID" | jq -r .status)" stopped
}

@test "a filter that allows nothing at all" {
	! is_sanitized || skip "the sanitizers' runtime does not end without exit_group"
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ERRNO" }'
	because 'its seccomp profile lets neither execute a program nor exit: allow execve and exit_group'
	config '.linux.seccomp.syscalls = [{ names: ["exit_group"], action: "SCMP_ACT_ALLOW" }]'
	because 'a seccomp profile that denies execve and sendmsg has that effect'
}

@test "a filter that kills who gives up capabilities" {
	kills capset
	config '.process.capabilities = {}'
	because 'without noNewPrivileges capget, capset and prctl'
	ocirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	start_was_killed 'without noNewPrivileges capget, capset and prctl'
}

@test "a filter that kills a process of exec" {
	kills capset
	script 'exec sleep 1000'
	config '.process.noNewPrivileges = true'
	jq '.process | .noNewPrivileges = false | .args = ["true"]' "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
	detached "$BATS_TEST_TMPDIR/run" ocirun run --detach --bundle "$BUNDLE" "$ID"
	run ocirun exec "$ID" true
	expect_status 0
	run ocirun exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	expect_status 255
	expect_part "$output" "was killed before it executed the program: SIGSYS; hint: the seccomp profile kills it"
}

@test "a program that ends at once has been started, by whatever signal it ends" {
	local i

	script 'kill -SYS $$; exit 3'
	for i in {1..20}; do
		ocirun create --bundle "$BUNDLE" "$ID-$i" </dev/null >/dev/null 2>&1 3>&-
		run ocirun start "$ID-$i"
		expect_status 0
		expect_equal "$output" ""
	done
}

# denies ERRNO SYSCALL...: the profile's answer to these
denies() {
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: $ARGS.positional[1:],
		action: "SCMP_ACT_ERRNO", errnoRet: ($ARGS.positional[0] | tonumber) }] }' --args "$@"
}

@test "a filter that denies what starts a hook in the container" {
	local name

	config '.hooks = {startContainer: [{path: "/bin/true"}]}'
	for name in "clone clone3" pipe2 poll; do
		# shellcheck disable=SC2086 # names
		denies 1 $name
		because 'the seccomp profile, under which a startContainer hook runs, denies what starts'
		expect_part "$output" 'error running startContainer hook #0: '
	done
	kills clone clone3
	because 'and what startContainer hooks need'
}

@test "a filter that knows no clone3 does not keep a hook of the container from running" {
	config '.hooks = {startContainer: [{path: "/bin/true"}]}'
	denies 38 clone3
	run ocirun run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_equal "$output" ""
}
