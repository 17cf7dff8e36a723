#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Cgroups, devices and system call filters: a container has what it was given and no more, and cannot
# keep itself from being ended.

load hostile

setup_file() {
	hostile_setup_file
	[ "$(uname -m)" = x86_64 ] || skip 'numbers of system calls are those of x86-64'
	tool syscall_probe >/dev/null
}

setup() {
	hostile_setup
}

teardown() {
	hostile_teardown
}

# ---- T18, T19: cgroups ----

# cgroups_mounted FILTER: the container looks for a file of a cgroup that it can write
cgroups_mounted() {
	config '.mounts += [
		{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] },
		{ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
		  options: ["nosuid", "noexec", "nodev", "relatime", "ro"] }
	] | '"$1"
	script 'cd /sys/fs/cgroup && ls >/dev/null && for file in */cgroup.procs */*/cgroup.procs */release_agent; do
		! echo $$ >>$file || echo "written: $file"
	done 2>/dev/null
	mkdir */made 2>/dev/null && echo made
	true'
	attempt
	[[ $output != *written* && $output != *made* ]] || escaped "$output"
}

@test "T18 without a cgroup namespace the hierarchies cannot be written" { cgroups_mounted .; }
@test "T18 nor with one" { cgroups_mounted '.linux.namespaces += [{ type: "cgroup" }]'; }
@test "T18 nor in a user namespace" {
	cgroups_mounted '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = .linux.uidMappings'
}
@test "T18 without a cgroup namespace only the container's own cgroup is shown" {
	config '.mounts += [{ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"] }]'
	mkdir -p "$ROOTFS/sys/fs/cgroup"
	script 'ls -d /sys/fs/cgroup/pids/*/ 2>/dev/null; true'
	attempt
	expect_equal "$output" '' || escaped "other cgroups are seen: $output"
}

# lies_below PATH: whatever is asked for, the container's cgroup has the test's name in it, or is refused
lies_below() {
	local dir

	config --arg path "$1" '.linux.cgroupsPath = $path'
	script 'cut -d : -f 3 /proc/self/cgroup | sort -u; sleep 0.05'
	attempt
	for dir in /tmp /sys /sys/fs /sys/fs/cgroup; do
		[ -d "$dir/$ID" ] || continue
		# A hierarchy's files are gone with it, those of an ordinary directory are not.
		rm -rf "${dir:?}/$ID" 2>/dev/null || :
		escaped "$1 is $dir/$ID" || return 1
	done
	[ "$status" = 0 ] || return 0
	[[ $output != *..* ]] || escaped "$output"
}

@test "T19 paths of cgroups with .. in them stay below the hierarchy's root" {
	local path

	for path in "/../$ID" "/../../../$ID" "/a/../$ID" "../$ID" "../../../../$ID" "/$ID/../../$ID" \
		"$ID/.." "/./$ID" "//$ID//" "/../../tmp/$ID" "/$ID/../../../../../../tmp/$ID"; do
		row "$path" lies_below "$path"
	done
	rows_hold
}

# ---- T21: devices ----

# opens MAJOR MINOR TYPE: by a node that the container makes
opens() {
	# shellcheck disable=SC2016 # the container's
	run ocirun exec --cap CAP_MKNOD "$ID" sh -c \
		'rm -f /node; mknod /node '"$3 $1 $2"' && dd if=/node of=/dev/null bs=1 count=1 2>&1'
	[ "$status" != 0 ] || escaped "$3 $1:$2 can be read"
	[[ $output == *'not permitted'* ]] || ! is_ocirun
}

@test "T21 without rules only the default devices can be used" {
	local device

	config '.process.capabilities = { bounding: ["CAP_MKNOD"], effective: ["CAP_MKNOD"], permitted: ["CAP_MKNOD"] }'
	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	for device in '1 1 c' '1 2 c' '1 4 c' '1 11 c' '4 0 c' '4 1 c' '4 64 c' '5 1 c' '5 3 c' '7 0 b' '7 0 c' \
		'8 0 b' '8 1 b' '10 1 c' '10 229 c' '10 232 c' '10 237 c' '13 0 c' '21 0 c' '29 0 c' '253 0 b' \
		'254 0 b' '259 0 b' '202 0 b'; do
		# shellcheck disable=SC2086 # three words
		row "$device" opens $device
	done
	rows_hold
}

# ruled ORDER: rules as letters. A, D: allow and deny everything; a, d: 10:99. What is in force is the last
# that says something about it. There is no such device: who may open it learns that.
ruled() {
	local rules may=denied i

	rules=$(for ((i = 0; i < ${#1}; i++)); do
		case ${1:i:1} in
		A) echo '{ "allow": true, "access": "rwm" }' ;;
		D) echo '{ "allow": false, "access": "rwm" }' ;;
		a) echo '{ "allow": true, "type": "c", "major": 10, "minor": 99, "access": "rwm" }' ;;
		d) echo '{ "allow": false, "type": "c", "major": 10, "minor": 99, "access": "rwm" }' ;;
		esac
	done | jq -s .)
	for ((i = 0; i < ${#1}; i++)); do
		case ${1:i:1} in A | a) may=allowed ;; *) may=denied ;; esac
	done
	config --argjson rules "$rules" '.linux.resources.devices = $rules
		| .process.capabilities = { bounding: ["CAP_MKNOD"], effective: ["CAP_MKNOD"], permitted: ["CAP_MKNOD"] }'
	script 'rm -f /node; mknod /node c 10 99 2>/dev/null || { echo denied; exit; }; cat /node 2>&1 | grep -q "not permitted" && echo denied || echo allowed'
	attempt
	[ "$status" != 0 ] || [ "$output" = "$may" ] || {
		[ "$may" != denied ] || escaped "$1: $output"
		return 1
	}
	[ "$status" = 0 ] || ! is_ocirun || case $1 in *A*d* | *ADd*) true ;; *) false ;; esac
}

@test "T21 the last rule counts, in every order of rules" {
	local a b c

	for a in A D a d; do
		row "$a" ruled "$a"
		for b in A D a d; do
			[ "$a" = "$b" ] || row "$a$b" ruled "$a$b"
			for c in a d; do
				[ "$b" = "$c" ] || [ "$a" = "$c" ] || [ "$a" = "$b" ] || row "$a$b$c" ruled "$a$b$c"
			done
		done
	done
	rows_hold
}

# ---- T22, T23: system call filters ----

# filtered RULES [MORE]: allows what the rules do not say
filtered() {
	cp "$(tool syscall_probe)" "$ROOTFS/bin/probe"
	config --argjson rules "$1" --argjson more "${2:-{\}}" \
		'.linux.seccomp = ({ defaultAction: "SCMP_ACT_ALLOW", syscalls: $rules } + $more)'
}

# call_gives WANTED CALL...
call_gives() {
	config '.process.args = ["probe"] + $ARGS.positional' --args "${@:2}"
	attempt && expect_status 0 || return 1
	[ "${output//$'\n'/, }" = "$1, alive" ] || escaped "${*:2}: ${output//$'\n'/, }"
}

readonly BIG=18446744073709551615

# getpriority(2), 140, is denied with errno 7 where both arguments match
@test "T22 conditions of one rule must all hold" {
	filtered '[{ "names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7, "args": [
		{ "index": 0, "value": 1, "op": "SCMP_CMP_EQ" }, { "index": 1, "value": 2, "op": "SCMP_CMP_EQ" }]}]'
	row both call_gives 'errno 7' 140,1,2
	row 'the first' call_gives 'errno 3' 140,1,99999999
	row 'the second' call_gives 'errno 22' 140,9,2
	rows_hold
}

# compares OPERATOR VALUE ARGUMENT WANTED: the first argument of getpriority; whether the rule counts
compares() {
	filtered '[{ "names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7, "args": [
		{ "index": 0, "value": "VALUE", "op": "'"$1"'" }]}]'
	config '.process.args = ["probe", $ARGS.positional[0]]' --args "140,$3"
	# jq would round it.
	sed -i "s/\"VALUE\"/$2/" "$BUNDLE/config.json"
	attempt && [ "${lines[1]-}" = alive ] || return 1
	case $4:${lines[0]} in
	yes:'errno 7') true ;;
	yes:* | no:'errno 7') escaped "$1: ${lines[0]}" ;;
	esac
}

@test "T22 values are compared with all their 64 bits, without a sign" {
	local line op value argument wanted

	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/config.json"
	while read -r op value argument wanted; do
		cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
		row "$op $value $argument" compares "SCMP_CMP_$op" "$value" "$argument" "$wanted"
	done <<-END
		EQ 4294967306 4294967306 yes
		EQ 4294967306 10 no
		EQ 10 4294967306 no
		EQ $BIG $BIG yes
		EQ $BIG 4294967295 no
		NE 4294967306 4294967306 no
		NE 4294967306 10 yes
		GT 4294967295 4294967296 yes
		GT 4294967295 4294967295 no
		GT 4294967295 $BIG yes
		GT 9223372036854775807 9223372036854775808 yes
		GE 4294967296 4294967295 no
		GE 4294967296 4294967296 yes
		LT 4294967296 4294967295 yes
		LT 4294967296 4294967296 no
		LT 9223372036854775808 9223372036854775807 yes
		LT 9223372036854775808 $BIG no
		LE 4294967296 4294967296 yes
		LE 4294967296 4294967297 no
	END
	rows_hold
}

# other_abi CALL: a call of an ABI that the profile does not list ends the process, or is refused
other_abi() {
	config '.process.args = ["probe"] + $ARGS.positional' --args "$1"
	attempt
	[[ ${lines[0]-} == 'errno '* || $status != 0 ]] || escaped "$1 got through: $output"
}

@test "T23 calls of other ABIs do not get past the filter" {
	local call

	filtered '[{ "names": ["getpid", "getppid", "socket", "keyctl", "unshare"], "action": "SCMP_ACT_ERRNO" }]' \
		'{ "architectures": ["SCMP_ARCH_X86_64"] }'
	for call in i386:20 i386:64 i386:359,1,1 i386:288,0 i386:310,0 x32:39 x32:110 x32:41,1,1 x32:250,0 x32:272,0; do
		row "$call" other_abi "$call"
	done
	rows_hold
}

@test "T23 calls of listed ABIs are filtered by the numbers that they have there" {
	filtered '[{ "names": ["getppid", "keyctl", "unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7 }]' \
		'{ "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"] }'
	row getppid call_gives 'errno 7' 110
	row 'getppid of i386' call_gives 'errno 7' i386:64
	row 'keyctl of i386' call_gives 'errno 7' i386:288,0
	row 'unshare of i386' call_gives 'errno 7' i386:310,0
	row unshare call_gives 'errno 7' 272,0
	rows_hold
}

@test "T23 a call that is newer than the profile is ENOSYS" {
	filtered '[{ "names": ["execve", "write", "writev", "exit_group", "exit", "brk", "arch_prctl", "mmap", "munmap",
		"capset", "capget", "prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlinkat",
		"readlink", "getrandom", "mprotect", "newfstatat", "fstat", "close", "futex", "openat", "read",
		"fcntl", "getpid", "gettid", "rt_sigreturn", "rt_sigprocmask", "sendto", "recvfrom", "close_range",
		"chdir", "setgroups", "setresuid", "setresgid", "setuid", "setgid", "getdents64", "epoll_ctl",
		"epoll_pwait", "nanosleep", "tgkill", "sigaltstack", "rt_sigaction", "clone", "madvise",
		"getcwd", "stat", "lstat", "access", "faccessat", "faccessat2", "fstatfs", "statfs", "openat2",
		"dup3", "pipe2", "sched_yield", "sched_getaffinity", "uname", "ioctl", "lseek", "pread64",
		"setgroups", "getuid", "getgid", "geteuid", "getegid", "getppid", "unlinkat", "sendmsg", "recvmsg"],
		"action": "SCMP_ACT_ALLOW" }]' '{ "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"] }'
	row 'a number of the far future' call_gives 'errno 38' 999
	row 'one of the near future' call_gives 'errno 38' 480
	rows_hold
}

# ---- T36: what a container does to stay ----

# ended: the container and all that it made are gone
ended() {
	run timeout 30 "$OCIRUN" --root "$ROOT" kill --all "$ID" KILL
	run timeout 30 "$OCIRUN" --root "$ROOT" delete --force "$ID"
	expect_status 0
	[ -z "$(find /sys/fs/cgroup -maxdepth 3 -name "$ID")" ]
}

# with_own_cgroups SCRIPT FILTER: which it can write
with_own_cgroups() {
	[ -e /sys/fs/cgroup/pids ] || skip 'no cgroup v1 controller pids'
	config '.linux.namespaces += [{ type: "cgroup" }] | .mounts += [
		{ destination: "/sys", type: "sysfs", source: "sysfs" },
		{ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup" }] | '"$2"
	script "$1; touch /ready; sleep 1000"
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	wait_for test -e "$ROOTFS/ready"
}

@test "T36 cgroups that are nested by the hundred" {
	with_own_cgroups 'cd /sys/fs/cgroup/pids; for i in $(seq 300); do mkdir a && cd a; done
		sleep 1000 & echo $! >cgroup.procs' .
	ended
}

@test "T36 the same where the pid namespace is shared" {
	with_own_cgroups 'for dir in pids freezer; do
			cd /sys/fs/cgroup/$dir; for i in $(seq 200); do mkdir a && cd a; done
			sleep 4321 & echo $! >cgroup.procs
		done' '.linux.namespaces |= map(select(.type != "pid"))'
	ended
	expect_equal "$(pgrep -f 'sleep 4321' || :)" ''
}

@test "T36 many cgroups beside each other, with some below each" {
	with_own_cgroups 'cd /sys/fs/cgroup/pids; for i in $(seq 300); do mkdir -p $i/a/b; done' .
	ended
}

@test "T36 processes that froze themselves in cgroups of their own" {
	with_own_cgroups 'cd /sys/fs/cgroup/freezer; mkdir -p a/b; sleep 1000 & echo $! >a/b/cgroup.procs
		echo FROZEN >a/b/freezer.state; echo FROZEN >a/freezer.state' .
	ended
}

@test "T36 a program that ignores signals and forks for ever" {
	config '.linux.resources.pids.limit = 30'
	script 'trap "" TERM INT HUP QUIT; f() { sleep 0.01 & f & }; while true; do (f) & sleep 0.1; done'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	sleep 0.5
	ended
}
