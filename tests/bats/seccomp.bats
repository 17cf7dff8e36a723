#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the kernel makes of a container's filter: a program (tests/agents) makes system calls by number.

load bundle

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file 'needs root'; return; }
	[ "$(uname -m)" = x86_64 ] || { skip_file 'numbers of system calls are those of x86-64'; return; }
	make_rootfs
	"${CC:-cc}" -O1 -Wall -static -pthread -o "$BATS_FILE_TMPDIR/rootfs/bin/probe" \
		"$BATS_TEST_DIRNAME/../agents/syscall_probe.c"
}

setup() {
	make_bundle
}

teardown() {
	remove_containers
}

# filter RULES [MORE]: calls are allowed but for RULES; MORE are further members of the profile
filter() {
	config --argjson rules "$1" --argjson more "${2:-{\}}" \
		'.linux.seccomp = ({ defaultAction: "SCMP_ACT_ALLOW", syscalls: $rules } + $more)'
}

# numbers: "#18446744073709551615" is that number, which jq would round
numbers() {
	sed -i -E 's/"#([0-9]+)"/\1/g' "$BUNDLE/config.json"
}

# probe CALL... : makes these calls in a container; results are in $output, on one line
probe() {
	config '.process.args = ["probe"] + $ARGS.positional' --args "$@"
	numbers
	run ocirun run --bundle "$BUNDLE" "$ID"
	output=${output//$'\n'/, }
}

# gives RESULTS CALL...: these results, and the program lives to its end
gives() {
	probe "${@:2}"
	expect_status 0
	expect_equal "$output" "$1, alive"
}

# dies RESULTS CALL...: SIGSYS ends the process after these results
dies() {
	probe "${@:2}"
	expect_status 159
	expect_equal "$output" "$1"
}

# What the probe needs before and after its calls, and the runtime between the filter and execve(2).
readonly NEEDED='"execve", "write", "exit_group", "brk", "arch_prctl", "capset", "set_tid_address",
	"set_robust_list", "rseq", "prlimit64", "readlinkat", "readlink", "getrandom", "mprotect",
	"newfstatat"'

# Calls by number: 39 getpid, 102 getuid, 110 getppid, 124 getsid; getuid ignores its arguments.

# ---- actions ----

@test "SCMP_ACT_ERRNO: EPERM, or errnoRet, up to the largest" {
	filter '[{ "names": ["getpid"], "action": "SCMP_ACT_ERRNO" },
		{ "names": ["getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 },
		{ "names": ["getppid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4094 },
		{ "names": ["getsid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0 }]'
	gives 'errno 1, errno 38, errno 4094, 0' 39 102 110 124
}

@test "SCMP_ACT_ALLOW beside another default action" {
	filter '[{ "names": ['"$NEEDED"', "getpid"], "action": "SCMP_ACT_ALLOW" }]' \
		'{ "defaultAction": "SCMP_ACT_ERRNO" }'
	gives '1, errno 1' 39 102
}

@test "SCMP_ACT_KILL_PROCESS ends all threads, SCMP_ACT_KILL_THREAD and SCMP_ACT_KILL one" {
	local action

	filter '[{ "names": ["getppid"], "action": "SCMP_ACT_KILL_PROCESS" }]'
	dies 1 39 110 39
	dies 1 39 thread 110 39
	for action in SCMP_ACT_KILL_THREAD SCMP_ACT_KILL; do
		filter '[{ "names": ["getppid"], "action": "'$action'" }]'
		dies 1 39 110 39
		gives '1, thread gone, 1' 39 thread 110 39
	done
}

@test "SCMP_ACT_TRAP sends SIGSYS, which names the call" {
	filter '[{ "names": ["getppid"], "action": "SCMP_ACT_TRAP" }]'
	dies 1 39 110 39
	probe trap 110 39
	expect_status 0
	expect_part "$output" 'SIGSYS 110'
	expect_part "$output" '1, alive'
}

@test "SCMP_ACT_TRACE without a tracer is ENOSYS" {
	filter '[{ "names": ["getppid"], "action": "SCMP_ACT_TRACE", "errnoRet": 5 }]'
	gives '1, errno 38' 39 110
}

@test "SCMP_ACT_LOG lets the call pass" {
	filter '[{ "names": ["getpid"], "action": "SCMP_ACT_LOG" }]'
	gives 1 39
}

@test "a default action other than SCMP_ACT_ERRNO counts for calls without a rule" {
	local allowed='[{ "names": ['"$NEEDED"', "getpid"], "action": "SCMP_ACT_ALLOW" }]'

	filter "$allowed" '{ "defaultAction": "SCMP_ACT_KILL_PROCESS" }'
	gives 1 39
	dies 1 39 102
	filter "$allowed" '{ "defaultAction": "SCMP_ACT_KILL_THREAD" }'
	dies 1 39 102
	filter "$allowed" '{ "defaultAction": "SCMP_ACT_TRAP" }'
	dies 1 39 102
	filter "$allowed" '{ "defaultAction": "SCMP_ACT_TRACE" }'
	gives '1, errno 38' 39 102
	filter "$allowed" '{ "defaultAction": "SCMP_ACT_LOG" }'
	gives '1, 0' 39 102
}

@test "defaultErrnoRet is the errno of calls without a rule" {
	filter '[{ "names": ['"$NEEDED"'], "action": "SCMP_ACT_ALLOW" },
		{ "names": ["getuid"], "action": "SCMP_ACT_ERRNO" }]' \
		'{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 5 }'
	gives 'errno 5, errno 1' 39 102
}

@test "a call that is newer than all that the profile names is ENOSYS, not EPERM" {
	filter '[{ "names": ['"$NEEDED"', "landlock_restrict_self"], "action": "SCMP_ACT_ALLOW" }]' \
		'{ "defaultAction": "SCMP_ACT_ERRNO" }'
	# 446 is landlock_restrict_self.
	gives 'errno 1, errno 1, errno 38, errno 38' 39 445 447 100000
	filter '[{ "names": ['"$NEEDED"'], "action": "SCMP_ACT_ALLOW" }]' \
		'{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 5 }'
	gives 'errno 5, errno 38' 39 447
	# One that the profile's author did not know by a name that nobody knows.
	filter '[{ "names": ['"$NEEDED"', "call_of_the_future"], "action": "SCMP_ACT_ALLOW" }]' \
		'{ "defaultAction": "SCMP_ACT_ERRNO" }'
	gives 'errno 1, errno 38' 39 447
}

# ---- conditions ----

# condition INDEX OPERATOR VALUE [VALUE_TWO]: calls of getuid where this holds get errno 7
condition() {
	filter '[{ "names": ["getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7,
		"args": [{ "index": '"$1"', "op": "SCMP_CMP_'"$2"'", "value": "#'"$3"'", "valueTwo": "#'"${4:-0}"'" }] }]'
}

# holds_for ARGUMENT... -- ARGUMENT...: the condition on argument 0 for those before --, and only them
holds_for() {
	local calls=() want=() result='errno 7' argument

	for argument; do
		if [ "$argument" = -- ]; then
			result=0
			continue
		fi
		calls+=("102,$argument")
		want+=("$result")
	done
	gives "$(printf '%s, ' "${want[@]}" | sed 's/, $//')" "${calls[@]}"
}

# Around 2^32, 2^63 and 2^64, where the halves of a number and its sign play their tricks.
readonly V=4294967296 TOP=9223372036854775808 MAX=18446744073709551615

@test "SCMP_CMP_EQ and SCMP_CMP_NE compare all 64 bits" {
	condition 0 EQ $V
	holds_for $V -- 0 4294967295 4294967297 $((V * 2)) $MAX
	condition 0 NE $V
	holds_for 0 4294967295 4294967297 $((V * 2)) $MAX -- $V
	condition 0 EQ $MAX
	holds_for $MAX -- 4294967295 18446744073709551614 18446744069414584320
	condition 0 EQ 0
	holds_for 0 -- 1 $V $TOP
}

@test "SCMP_CMP_LT and SCMP_CMP_LE compare all 64 bits, without a sign" {
	condition 0 LT $V
	holds_for 0 4294967295 -- $V 4294967297 $TOP $MAX
	condition 0 LE $V
	holds_for 0 4294967295 $V -- 4294967297 $TOP $MAX
	condition 0 LT $TOP
	holds_for 0 9223372036854775807 -- $TOP $MAX
	condition 0 LE 18446744073709551614
	holds_for 0 $TOP 18446744073709551614 -- $MAX
}

@test "SCMP_CMP_GE and SCMP_CMP_GT compare all 64 bits, without a sign" {
	condition 0 GE $V
	holds_for $V 4294967297 $TOP $MAX -- 0 4294967295
	condition 0 GT $V
	holds_for 4294967297 $TOP $MAX -- 0 4294967295 $V
	condition 0 GE $TOP
	holds_for $TOP $MAX -- 0 9223372036854775807
	condition 0 GT 18446744073709551614
	holds_for $MAX -- 0 $TOP 18446744073709551614
}

@test "SCMP_CMP_MASKED_EQ compares the bits of the mask" {
	# value is the mask, valueTwo what is left under it.
	condition 0 MASKED_EQ 15 5
	holds_for 5 $((0x105)) $((V + 5)) -- 0 4 6
	condition 0 MASKED_EQ 18446744069414584320 $V
	holds_for $V $((V + 1)) $((V + 0xffffffff)) -- 0 1 $((V * 2)) $((V * 3)) $MAX
	condition 0 MASKED_EQ $TOP $TOP
	holds_for $TOP $MAX -- 0 9223372036854775807
	condition 0 MASKED_EQ $MAX $V
	holds_for $V -- 0 $((V + 1))
}

@test "each of the six arguments can be looked at" {
	local index calls='102,9,9,9,9,9,9'

	for index in 0 1 2 3 4 5; do
		condition $index EQ 9
		gives 'errno 7, 0' "$calls" "$(sed "s/9/8/$((index + 1))" <<<"$calls")"
	done
}

@test "conditions on several arguments must all hold, rules for one call are alternatives" {
	filter '[
		{ "names": ["getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7, "args": [
			{ "index": 0, "op": "SCMP_CMP_EQ", "value": 1 },
			{ "index": 1, "op": "SCMP_CMP_EQ", "value": 2 }] },
		{ "names": ["getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7, "args": [
			{ "index": 2, "op": "SCMP_CMP_EQ", "value": 3 }] }]'
	gives 'errno 7, 0, 0, errno 7, errno 7, 0' 102,1,2 102,1 102,0,2 102,0,0,3 102,1,2,3 102
}

@test "conditions on one argument in one rule are alternatives" {
	filter '[{ "names": ["getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7, "args": [
			{ "index": 0, "op": "SCMP_CMP_EQ", "value": 1 },
			{ "index": 0, "op": "SCMP_CMP_EQ", "value": 2 }] }]'
	gives 'errno 7, errno 7, 0' 102,1 102,2 102,3
}

@test "a rule without conditions counts for every call beside one with conditions" {
	filter '[{ "names": ["getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7, "args": [
			{ "index": 0, "op": "SCMP_CMP_EQ", "value": 1 }] },
		{ "names": ["getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7 }]'
	gives 'errno 7, errno 7' 102,1 102,2
}

# ---- architectures ----

@test "calls of an architecture that is not listed end the process" {
	filter '[{ "names": ["getppid"], "action": "SCMP_ACT_ERRNO" }]' \
		'{ "architectures": ["SCMP_ARCH_X86_64"] }'
	gives 1 39
	dies 1 39 i386:20
	dies 1 39 x32:39
}

@test "without architectures the filter is for the host's own" {
	filter '[{ "names": ["getppid"], "action": "SCMP_ACT_ERRNO" }]'
	gives '1, errno 1' 39 110
	dies 1 39 i386:20
	dies 1 39 x32:39
}

@test "rules count for each architecture that is listed, by the numbers it has" {
	filter '[{ "names": ["getppid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7 }]' \
		'{ "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"] }'
	# getppid is 110 of x86-64 and x32, and 64 of i386; 64 is semget, 110 is iopl.
	gives 'errno 7, errno 7, errno 7, 1' 110 i386:64 x32:110 39
	probe i386:20
	expect_equal "$output" '1, alive'
	# ENOSYS without x32 in the kernel; alive in any case.
	probe x32:39
	expect_part "$output" alive
}

@test "conditions of i386 calls are on their own registers, and 32 bits wide" {
	filter '[{ "names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7, "args": [
			{ "index": 0, "op": "SCMP_CMP_EQ", "value": 1234567 }] }]' \
		'{ "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"] }'
	gives 'errno 7, errno 7, errno 3, errno 3' 121,1234567 i386:132,1234567 121,1234568 i386:132,1234568
}

# ---- flags, and when the filter is loaded ----

# loaded_with FLAGS: what strace shows of the flags that the kernel is given
loaded_with() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$BATS_TEST_TMPDIR/trace" -e trace=seccomp \
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_part "$(grep SET_MODE_FILTER "$BATS_TEST_TMPDIR/trace" | tail -n 1)" \
		"SECCOMP_SET_MODE_FILTER, $1, "
}

@test "flags are given to the kernel; by default speculation is left as it is" {
	command -v strace >/dev/null || skip 'needs strace'
	local rules='[{ "names": ["getppid"], "action": "SCMP_ACT_ERRNO" }]' flag

	filter "$rules"
	loaded_with SECCOMP_FILTER_FLAG_SPEC_ALLOW
	filter "$rules" '{ "flags": [] }'
	loaded_with 0
	# There is one thread to be synchronized with.
	filter "$rules" '{ "flags": ["SECCOMP_FILTER_FLAG_TSYNC"] }'
	loaded_with 0
	for flag in LOG SPEC_ALLOW; do
		filter "$rules" '{ "flags": ["SECCOMP_FILTER_FLAG_'$flag'"] }'
		loaded_with SECCOMP_FILTER_FLAG_$flag
	done
	filter "$rules" '{ "flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"] }'
	loaded_with 'SECCOMP_FILTER_FLAG_LOG|SECCOMP_FILTER_FLAG_SPEC_ALLOW'
}

@test "an unknown flag, architecture and operator are refused by name" {
	filter '[]' '{ "flags": ["SECCOMP_FILTER_FLAG_NOSUCH"] }'
	refused /linux/seccomp/flags/0 SECCOMP_FILTER_FLAG_NOSUCH
	filter '[]' '{ "architectures": ["SCMP_ARCH_NOSUCH"] }'
	refused /linux/seccomp/architectures/0 SCMP_ARCH_NOSUCH
	condition 0 NOSUCH 1
	numbers
	refused /linux/seccomp/syscalls/0/args/0/op SCMP_CMP_NOSUCH
	condition 6 EQ 1
	numbers
	refused /linux/seccomp/syscalls/0/args/0/index 6
}

@test "status shows the filter, with and without noNewPrivileges, for root and for a user" {
	local nnp uid

	filter '[{ "names": ["getppid"], "action": "SCMP_ACT_ERRNO" }]'
	for nnp in true false; do
		for uid in 0 1000; do
			config ".process.noNewPrivileges = $nnp | .process.user.uid = $uid"
			inside 'grep -E "^(Seccomp|NoNewPrivs|CapEff)" /proc/self/status | tr -d "\t"' \
				"CapEff:0000000000000000
NoNewPrivs:$([ $nnp = false ] || echo 1)$([ $nnp = true ] || echo 0)
Seccomp:2
Seccomp_filters:1"
		done
	done
	config 'del(.linux.seccomp)'
	inside 'grep ^Seccomp: /proc/self/status | tr -d "\t"' Seccomp:0
}

@test "a filter need not allow what the runtime does before the program" {
	local nnp

	filter '[{ "names": ["setgroups", "setresuid", "setresgid", "setuid", "setgid", "prctl", "chdir",
		"getcwd", "umask", "mount", "open_tree", "move_mount", "pivot_root", "setns", "unshare", "keyctl",
		"sethostname", "close_range", "setsid", "socket", "sendmsg", "recvmsg", "access",
		"faccessat", "faccessat2"], "action": "SCMP_ACT_KILL_PROCESS" }]'
	config '.process.user = { uid: 1000, gid: 1000, additionalGids: [7] }
		| .process.rlimits = [{ type: "RLIMIT_CORE", soft: 0, hard: 0 }] | .process.cwd = "/bin"'
	for nnp in true false; do
		config ".process.noNewPrivileges = $nnp"
		gives 1 39
	done
	# With noNewPrivileges there is no capability left to drop under the filter.
	filter '[{ "names": ["capset"], "action": "SCMP_ACT_KILL_PROCESS" }]'
	config '.process.noNewPrivileges = true'
	gives 1 39
}

@test "a filter that forbids execve is an error that says so" {
	filter '[{ "names": ["execve"], "action": "SCMP_ACT_ERRNO" }]'
	refused /process/args/0 'Operation not permitted'
	filter '[{ "names": ["execve"], "action": "SCMP_ACT_KILL_PROCESS" }]'
	run ocirun run --bundle "$BUNDLE" "$ID"
	[ "$status" -ne 0 ]
	[ ! -e "$ROOT/$ID" ]
}
