#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# run --seccomp-learn writes a profile that then works; run --seccomp-explain names what one denies.

load bundle

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file "needs root"; return; }
	make_rootfs
}

setup() {
	make_bundle
	PROFILE=$BATS_TEST_TMPDIR/profile.json
	config '.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}]'
}

teardown() {
	remove_containers
}

# learn SCRIPT: runs it, and makes what was learned the bundle's profile
learn() {
	container "$1" --seccomp-learn "$PROFILE"
	use_profile
}

use_profile() {
	config --slurpfile profile "$PROFILE" '.linux.seccomp = $profile[0]'
}

# deny ACTION NAME...: a profile that allows everything else
deny() {
	config --arg action "$1" '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{ names: $ARGS.positional, action: $action }] }' --args -- "${@:2}"
}

@test "what was learned is enough for the same program" {
	learn 'mkdir /tmp/x && ls / | wc -l && id -u'
	expect_status 0
	learned=$output
	container 'mkdir /tmp/x && ls / | wc -l && id -u'
	expect_status 0
	expect_equal "$output" "$learned"
	inside 'grep Seccomp: /proc/self/status | tr -d "\t"' 'Seccomp:2'
}

@test "what was not learned is denied" {
	learn 'mkdir /tmp/x; ls /tmp'
	container 'mkdir /tmp/x; chmod 700 /tmp/x'
	expect_status 1
	expect_part "$output" 'Operation not permitted'
}

@test "the profile is minimal, sorted, and names the machine" {
	learn 'mkdir /tmp/x'
	expect_equal "$(jq -r .defaultAction "$PROFILE")" SCMP_ACT_ERRNO
	expect_equal "$(jq -c .architectures "$PROFILE")" '["SCMP_ARCH_X86_64"]'
	expect_equal "$(jq '.syscalls | length' "$PROFILE")" 1
	expect_equal "$(jq '.syscalls[0].names | . == (sort | unique)' "$PROFILE")" true
	expect_equal "$(jq '.syscalls[0].names | index("mkdir", "execve", "exit_group") != null' "$PROFILE" | sort -u)" true
	expect_equal "$(jq '.syscalls[0].names | index("mount", "ptrace", "socket")' "$PROFILE" | sort -u)" null
	[ "$(jq '.syscalls[0].names | length' "$PROFILE")" -lt 60 ]
}

@test "it learns with and without no_new_privs, as a user, and in a user namespace" {
	config '.process.noNewPrivileges = true'
	learn 'id -u'
	inside 'id -u' 0
	config 'del(.linux.seccomp) | .process.user.uid = 1000'
	learn 'id -u'
	inside 'id -u' 1000
	config 'del(.linux.seccomp) | .process.user.uid = 0 | .linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	learn 'id -u'
	inside 'id -u' 0
}

@test "children are learned from too, and their end is waited for" {
	learn 'for i in 1 2 3 4; do (mkdir /tmp/$i; exec true) & done; wait; echo $?'
	expect_status 0
	inside 'for i in 1 2 3 4; do (mkdir /tmp/$i; exec true) & done; wait; echo $?' 0
}

@test "a profile that is there already denies nothing while one is learned" {
	deny SCMP_ACT_ERRNO mkdir mkdirat
	learn 'mkdir /tmp/x; echo $?'
	expect_equal "$output" 0
	inside 'mkdir /tmp/x; echo $?' 0
}

@test "the program's status is that of run, also while learning" {
	container 'exit 7' --seccomp-learn "$PROFILE"
	expect_status 7
	container 'kill -TERM $$' --seccomp-learn "$PROFILE"
	jq -e .syscalls "$PROFILE"
}

@test "podman takes the profile" {
	learn 'mkdir /tmp/x'
	jq -e '.defaultAction and .architectures and .syscalls[0].names and .syscalls[0].action' "$PROFILE"
}

@test "a denied call is named with its arguments and its process, and stays denied" {
	deny SCMP_ACT_ERRNO mkdir mkdirat
	container 'mkdir /tmp/x; echo status $?' --seccomp-explain
	expect_status 0
	expect_part "$output" 'status 1'
	expect_part "$output" 'seccomp: SCMP_ACT_ERRNO denies with EPERM process '
	expect_part "$output" '(mkdir) the call mkdir('
	expect_part "$output" ', 0x1ff, '
	expect_part "$output" 'number 83 of SCMP_ARCH_X86_64'
}

@test "with a log in json each is an object of level warning" {
	deny SCMP_ACT_ERRNO mkdir mkdirat
	script 'mkdir /tmp/x; mkdir /tmp/y'
	run ocirun --log "$BATS_TEST_TMPDIR/log" --log-format json run --seccomp-explain \
		--bundle "$BUNDLE" "$ID"
	expect_equal "$(jq -s '[.[] | select(.level == "warning" and (.msg | test("the call mkdir")))] | length' \
		"$BATS_TEST_TMPDIR/log")" 2
}

@test "a call that kills still kills" {
	deny SCMP_ACT_KILL_PROCESS mkdir mkdirat
	container 'mkdir /tmp/x; echo status $?' --seccomp-explain
	expect_part "$output" 'status 137'
	expect_part "$output" 'SCMP_ACT_KILL_PROCESS denies process'
	container 'echo 1; exec mkdir /tmp/x' --seccomp-explain
	expect_status 137
}

@test "what the default action denies is named too, and calls that are allowed are not" {
	learn 'true'
	container 'mkdir /tmp/x' --seccomp-explain
	expect_status 1
	expect_part "$output" 'the call mkdir('
	[[ $output != *'the call execve('* ]]
}

@test "a call that a condition on its arguments denies" {
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["fchmodat", "chmod"],
		action: "SCMP_ACT_ERRNO", errnoRet: 28, args: [{ index: 1, value: 511, op: "SCMP_CMP_EQ" }] }] }'
	container 'touch /tmp/x; chmod 755 /tmp/x && chmod 777 /tmp/x' --seccomp-explain
	expect_part "$output" 'No space left on device'
	expect_part "$output" 'denies with ENOSPC process'
	expect_equal "$(grep -c denies <<<"$output")" 1
}

@test "what exec runs has the container's own filter, whoever watches" {
	deny SCMP_ACT_ERRNO mkdir mkdirat
	script 'exec sleep 1000'
	ocirun run --seccomp-explain --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- &
	for _ in {1..100}; do
		[ "$(ocirun state "$ID" 2>/dev/null | jq -r .status)" != running ] || break
		sleep 0.05
	done
	run ocirun exec "$ID" mkdir /tmp/x
	expect_status 1
	expect_part "$output" 'Operation not permitted'
	ocirun delete --force "$ID"
	wait
}

@test "what is refused" {
	container true --seccomp-learn "$PROFILE" --seccomp-explain
	expect_status 1
	expect_part "$output" 'use one of them'
	container true --seccomp-learn "$PROFILE" --detach
	expect_status 1
	expect_part "$output" '--detach leaves nobody to do it'
	container true --seccomp-explain
	expect_status 1
	expect_part "$output" 'there is no seccomp profile'
	container true --seccomp-learn /no/such/file
	expect_status 1
	expect_part "$output" "'/no/such/file'"
	deny SCMP_ACT_NOTIFY mkdir
	config '.linux.seccomp.listenerPath = "/tmp/agent"'
	container true --seccomp-explain
	expect_status 1
	expect_part "$output" 'beside another seccomp agent'
	[ ! -e "$ROOT/$ID" ]
}
