#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The container's process, as the kernel's own /proc shows it.

load bundle

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file 'needs root'; return; }
	make_rootfs
	"${CC:-cc}" -O1 -Wall -static -pthread -o "$BATS_FILE_TMPDIR/probe" \
		"$BATS_TEST_DIRNAME/../agents/syscall_probe.c"
}

setup() {
	make_bundle
}

teardown() {
	remove_containers
}

# args ARGUMENT...: the program and its arguments
args() {
	config '.process.args = $ARGS.positional' --args -- "$@"
}

# numbers: "#18446744073709551615" is that number, which jq would round
numbers() {
	sed -i -E 's/"#([0-9]+)"/\1/g' "$BUNDLE/config.json"
}

# prints WANTED: the container's program succeeds and prints that; zero bytes are shown as "|"
prints() {
	run -0 bash -o pipefail -c '"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 2>&1 3>&- |
		tr "\0" "|"'
	expect_equal "$output" "$1"
}

# ---- program, arguments, environment ----

@test "arguments arrive as they are" {
	args cat /proc/self/cmdline '' 'two words' $'line\nfeed' '$HOME "*" \' 'é' --help
	config '.process.args[0:0] = [] | .process.args |= ["sh", "-c", "tr \"\\0\" \"|\" </proc/$$/cmdline; exit 0"] + .'
	prints $'sh|-c|tr "\\0" "|" </proc/$$/cmdline; exit 0|cat|/proc/self/cmdline||two words|line\nfeed|$HOME "*" \\|é|--help|'
}

@test "the environment arrives as it is, nothing of the caller's, the last of a key" {
	args cat /proc/self/environ
	config '.process.env = ["A=1", "PATH=/sbin:/bin", "B=", "A=2", "C=two words\nand a line", "D=é=ü",
		"NOVALUE", "A=3", "HOME=/nowhere", "E=\\ \" $A"]'
	CALLERS=1 prints $'PATH=/sbin:/bin|B=|C=two words\nand a line|D=é=ü|NOVALUE|A=3|HOME=/nowhere|E=\\ " $A|'
}

@test "HOME is that of the container's passwd when it is unset or empty" {
	echo 'somebody:x:1234:1:Some Body:/home/some body:/bin/sh' >>"$ROOTFS/etc/passwd"
	config '.process.user.uid = 1234'
	inside 'echo "$HOME"' '/home/some body'
	config '.process.env += ["HOME="]'
	inside 'echo "$HOME"' '/home/some body'
	config '.process.user.uid = 4321'
	inside 'echo "$HOME"' /
	config '.process.user.uid = 0'
	inside 'echo "$HOME"' "$(sed -n 's/^root:[^:]*:[^:]*:[^:]*:[^:]*:\([^:]*\):.*/\1/p' "$ROOTFS/etc/passwd")"
}

@test "a program without a slash is looked for in the container's PATH" {
	mkdir "$ROOTFS/one" "$ROOTFS/two"
	printf '#!/bin/sh\necho "$0 $*"\n' | tee "$ROOTFS/one/tool" >"$ROOTFS/two/tool"
	chmod 755 "$ROOTFS/two/tool"
	args tool arg
	# What cannot be executed is passed over.
	config '.process.env = ["PATH=/nowhere:/one:/two:/bin"]'
	PATH=/one:$PATH prints '/two/tool arg'
	chmod 755 "$ROOTFS/one/tool"
	prints '/one/tool arg'
	args /two/tool arg
	prints '/two/tool arg'
	config '.process.cwd = "/two" | .process.args = ["./tool"]'
	prints './tool '
}

@test "the streams are the caller's" {
	script 'read -r line; echo "out $line"; echo "err $line" >&2; cat'
	run -0 --separate-stderr bash -c 'printf "one\ntwo\n" | "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-'
	expect_equal "$output" $'out one\ntwo'
	expect_equal "$stderr" 'err one'
}

@test "descriptors to preserve are passed on, a gap among them stays one, the last has to be open" {
	local shown='for fd in 3 4 5 6; do [ ! -e /proc/self/fd/$fd ] || echo "$fd: $(cat <&$fd)"; done'

	echo three >"$BATS_TEST_TMPDIR/three"
	echo five >"$BATS_TEST_TMPDIR/five"
	script "$shown"
	# Without the option none of the caller's.
	run -0 bash -c '"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 3<"$0/three" 5<"$0/five"' \
		"$BATS_TEST_TMPDIR"
	expect_equal "$output" ''
	run -0 bash -c '"$OCIRUN" --root "$ROOT" run --preserve-fds 2 --bundle "$BUNDLE" "$ID" \
		</dev/null 3<"$0/three" 4<"$0/five" 5<"$0/three" 6<"$0/three"' "$BATS_TEST_TMPDIR"
	expect_equal "$output" $'3: three\n4: five'
	# What the runtime itself has open takes none of the numbers.
	run -0 bash -c '"$OCIRUN" --root "$ROOT" --log "$0/log" run --preserve-fds 3 --trace "$0/trace" \
		--bundle "$BUNDLE" "$ID" </dev/null 3<&- 4<&- 5<"$0/five"' "$BATS_TEST_TMPDIR"
	expect_equal "$output" '5: five'
	run -1 bash -c '"$OCIRUN" --root "$ROOT" run --preserve-fds 3 --bundle "$BUNDLE" "$ID" \
		</dev/null 3<"$0/three" 4<"$0/five" 5<&-' "$BATS_TEST_TMPDIR"
	expect_part "$output" 'preserve descriptor 5'
	[ ! -e "$ROOT/$ID" ]
}

@test "the log is not among the descriptors to preserve" {
	script 'true'
	run -1 bash -c '"$OCIRUN" --root "$ROOT" --log "$0/log" run --preserve-fds 1 --bundle "$BUNDLE" "$ID" \
		</dev/null 3<&-' "$BATS_TEST_TMPDIR"
	expect_part "$output" 'preserve descriptor 3'
	expect_part "$(cat "$BATS_TEST_TMPDIR/log")" 'preserve descriptor 3'
}

@test "a gap among the descriptors to preserve is one in the waiting init too" {
	script 'true'
	bash -c '"$OCIRUN" --root "$ROOT" --log "$0/log" create --preserve-fds 3 --bundle "$BUNDLE" "$ID" \
		</dev/null >/dev/null 2>&1 3<&- 4<&- 5</dev/null' "$BATS_TEST_TMPDIR"
	run -0 find "/proc/$(ocirun state "$ID" | jq .pid)/fd" -lname "/dev/null" -name '[345]'
	expect_equal "${output##*/}" 5
	run -0 find "/proc/$(ocirun state "$ID" | jq .pid)/fd" -lname "*log"
	expect_equal "$output" ''
}

@test "signals are as by default, whatever the caller ignores and blocks" {
	script 'grep -E "^Sig(Blk|Ign)" /proc/self/status | tr -d "\t"'
	run -0 bash -c 'trap "" PIPE USR1 INT CHLD; "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 3>&-'
	expect_equal "$output" $'SigBlk:0000000000000000\nSigIgn:0000000000000000'
	# PIPE by default: a writer into a closed pipe dies of it.
	script '(while echo y; do :; done; echo "went on" >&2) | true; echo done'
	run -0 python3 - "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&- <<-'END'
		import os, signal, sys
		signal.signal(signal.SIGPIPE, signal.SIG_IGN)
		signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
		os.execv(sys.argv[1], sys.argv[1:])
	END
	expect_equal "$output" 'done'
}

# ---- where, who ----

@test "the working directory is made when it is not there, by root" {
	config '.process.cwd = "/new/dir" | .process.user = { uid: 1000, gid: 1000 }'
	inside 'pwd; stat -c "%u:%g %a" /new /new/dir' $'/new/dir\n0:0 755\n0:0 755'
	ln -s /bin "$ROOTFS/link"
	config '.process.cwd = "/link/../bin"'
	inside 'readlink /proc/$$/cwd' /bin
}

@test "a working directory that is closed to the user, or to root, is entered" {
	mkdir -m 700 "$ROOTFS/roots" "$ROOTFS/users"
	chown 1000 "$ROOTFS/users"
	config '.process.user = { uid: 1000, gid: 1000 } | .process.cwd = "/roots"'
	inside 'readlink /proc/$$/cwd; ls . 2>/dev/null || echo closed' $'/roots\nclosed'
	config '.process.cwd = "/users"'
	inside 'readlink /proc/$$/cwd; ls . && echo open' $'/users\nopen'
}

@test "user, group and additional groups are exactly those that are asked for" {
	config '.process.user = { uid: 1234, gid: 5678, additionalGids: [7, 4294967294, 20, 7] }'
	inside 'grep -E "^(Uid|Gid|Groups)" /proc/self/status | tr -s "\t " " "' \
		$'Uid: 1234 1234 1234 1234\nGid: 5678 5678 5678 5678\nGroups: 7 7 20 4294967294 '
	config '.process.user = { uid: 1234, gid: 5678 }'
	# None of the caller's either.
	run -0 setpriv --groups 3,4 "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_part "$output" 'Groups: '
	[[ $output == *$'Groups: ' ]]
}

@test "the caller's groups stay with run.oci.keep_original_groups, for exec too" {
	config '.annotations = { "run.oci.keep_original_groups": "1" } |
		.process.user = { uid: 1, gid: 2, additionalGids: [7] }'
	script 'id -G; sleep 1000'
	setpriv --groups 3,4 "$OCIRUN" --root "$ROOT" run --detach --bundle "$BUNDLE" "$ID" \
		</dev/null >"$BATS_TEST_TMPDIR/out" 2>&1
	wait_for grep -q . "$BATS_TEST_TMPDIR/out"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/out")" '2 3 4'
	run -0 setpriv --groups 5 "$OCIRUN" --root "$ROOT" exec "$ID" id -G
	expect_equal "$output" '2 5'
	jq '.process.args = ["id", "-G"] | .process' "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
	run -0 setpriv --groups 6 "$OCIRUN" --root "$ROOT" exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	expect_equal "$output" '2 6'
}

@test "umask: 0022, or what is asked for" {
	inside 'umask; touch /f; mkdir /d; stat -c %a /f /d; rm -r /f /d' $'0022\n644\n755'
	config '.process.user.umask = 63'
	inside 'umask; touch /f; mkdir /d; stat -c %a /f /d; rm -r /f /d' $'0077\n600\n700'
	config '.process.user.umask = 0'
	inside umask 0000
}

# ---- rights ----

# sets INH PRM EFF BND AMB: the five sets of the container's process, in hex
sets() {
	inside 'grep ^Cap /proc/self/status | tr -d "\t"' "$(printf '%s:%016x\n' CapInh "0x$1" CapPrm "0x$2" \
		CapEff "0x$3" CapBnd "0x$4" CapAmb "0x$5")"
}

# CAP_CHOWN 1, CAP_FOWNER 8, CAP_KILL 20, CAP_NET_RAW 2000 (hex)
@test "capabilities: none" {
	sets 0 0 0 0 0
	config '.process.capabilities = {}'
	sets 0 0 0 0 0
}

@test "capabilities of root: the kernel adds the bounding set at execve" {
	config '.process.capabilities = {
		bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"], permitted: ["CAP_CHOWN"], effective: [],
		inheritable: ["CAP_NET_RAW"], ambient: [] }'
	sets 2000 2021 2021 2021 0
}

@test "capabilities of a user: the ambient ones only, the bounding and inheritable sets as they are" {
	config '.process.user = { uid: 1000, gid: 1000 } | .process.capabilities = {
		bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_FOWNER"], permitted: ["CAP_CHOWN", "CAP_KILL"],
		effective: ["CAP_CHOWN"], inheritable: ["CAP_KILL", "CAP_CHOWN"], ambient: ["CAP_KILL"] }'
	sets 21 20 20 29 20
	config 'del(.process.capabilities.ambient)'
	sets 21 0 0 29 0
}

@test "an ambient capability does what it is for" {
	config '.process.user = { uid: 1000, gid: 1000 } | .process.capabilities =
		(["bounding", "permitted", "effective", "inheritable", "ambient"] | map({ (.): ["CAP_CHOWN"] }) | add)'
	echo >"$ROOTFS/file"
	inside 'chown 77 /file && stat -c %u /file' 77
	config '.process.capabilities.ambient = []'
	container 'chown 78 /file'
	expect_status 1
	expect_part "$output" 'Operation not permitted'
}

@test "an ambient capability that is not inheritable is left out, with a warning" {
	config '.process.user = { uid: 1000, gid: 1000 } | .process.capabilities = {
		bounding: ["CAP_CHOWN", "CAP_KILL"], permitted: ["CAP_CHOWN", "CAP_KILL"],
		effective: ["CAP_CHOWN"], inheritable: ["CAP_KILL"], ambient: ["CAP_CHOWN", "CAP_KILL"] }'
	script 'grep ^CapAmb /proc/self/status | tr -d "\t"'
	run -0 --separate-stderr ocirun run --bundle "$BUNDLE" "$ID"
	expect_equal "$output" CapAmb:0000000000000020
	expect_part "$stderr" "can't raise ambient capability CAP_CHOWN: "
	expect_equal "${#stderr_lines[@]}" 1
}

@test "a capability that the caller cannot grant is an error that names it" {
	config '.process.capabilities = (["bounding", "permitted", "effective"] |
		map({ (.): ["CAP_CHOWN", "CAP_KILL"] }) | add)'
	run -1 setpriv --bounding-set -kill --inh-caps -kill "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_part "$output" CAP_KILL
	[[ $output != *CAP_CHOWN* ]]
	expect_part "$output" /process/capabilities/permitted
	config '.process.capabilities.inheritable = ["CAP_NET_RAW"]'
	refused /process/capabilities/inheritable CAP_NET_RAW
}

@test "noNewPrivileges" {
	[ "$(uname -m)" = x86_64 ] || skip 'numbers of system calls are those of x86-64'
	inside 'grep ^NoNewPrivs /proc/self/status | tr -d "\t"' NoNewPrivs:0
	config '.process.noNewPrivileges = true'
	inside 'grep ^NoNewPrivs /proc/self/status | tr -d "\t"' NoNewPrivs:1
	# A set-user-ID program stays the user's: 107 is geteuid.
	cp "$BATS_FILE_TMPDIR/probe" "$ROOTFS/bin/probe"
	chmod 4755 "$ROOTFS/bin/probe"
	config '.process.user = { uid: 1000, gid: 1000 }'
	inside 'probe 107' $'1000\nalive'
	config '.process.noNewPrivileges = false'
	inside 'probe 107' $'0\nalive'
}

# ---- limits, and how it is scheduled ----

@test "limits: soft, hard, above 2^63, and none" {
	config '.process.rlimits = [
		{ type: "RLIMIT_NOFILE", soft: 10, hard: 20 },
		{ type: "RLIMIT_CPU", soft: 100, hard: 100 },
		{ type: "RLIMIT_CORE", soft: 0, hard: "#18446744073709551615" },
		{ type: "RLIMIT_FSIZE", soft: "#18446744073709551615", hard: "#18446744073709551615" },
		{ type: "RLIMIT_AS", soft: "#9223372036854775807", hard: "#9223372036854775808" }]'
	script 'grep -E "^Max (open files|cpu|core|file size|address)" /proc/self/limits | tr -s " " | sort'
	numbers
	prints 'Max address space 9223372036854775807 9223372036854775808 bytes 
Max core file size 0 unlimited bytes 
Max cpu time 100 100 seconds 
Max file size unlimited unlimited bytes 
Max open files 10 20 files '
}

@test "every limit of the kernel is set by its name" {
	local name

	# In the kernel's order, which is that of the lines in /proc/self/limits.
	for name in CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME; do
		config --arg type "RLIMIT_$name" --argjson hard "$(limit_below "$name")" \
			'.process.rlimits += [{ type: $type, soft: $hard, hard: $hard }]'
	done
	container 'cut -c 27-46 /proc/self/limits | tr -d " " | tail -n +2'
	expect_status 0
	expect_equal "$output" "$(jq '.process.rlimits[].soft' "$BUNDLE/config.json")"
}

# limit_below NAME: a limit that the caller may set and a shell can live with, different for each
limit_below() {
	case $1 in
	NICE | RTPRIO) echo 0 ;;
	NPROC) echo 2001 ;;
	NOFILE) echo 501 ;;
	MEMLOCK) echo 65536 ;;
	SIGPENDING) echo 301 ;;
	MSGQUEUE) echo 4097 ;;
	*) echo $((1000000000 + ${#1} * 1000 + $(printf '%d' "'$1"))) ;;
	esac
}

@test "oomScoreAdj" {
	config '.process.oomScoreAdj = 321'
	inside 'cat /proc/self/oom_score_adj' 321
	config 'del(.process.oomScoreAdj)'
	inside 'cat /proc/self/oom_score_adj' "$(cat /proc/self/oom_score_adj)"
}

# scheduled SCHEDULER: policy and nice value of the container's process, by the numbers of the kernel
scheduled() {
	config "$1"
	args cat /proc/self/stat
	run -0 ocirun run --bundle "$BUNDLE" "$ID"
	cut -d ' ' -f 19,41 <<<"$output"
}

@test "scheduler: SCHED_OTHER and SCHED_BATCH with a nice value, SCHED_IDLE" {
	expect_equal "$(scheduled .)" "$(nice) 0"
	expect_equal "$(scheduled '.process.scheduler = { policy: "SCHED_OTHER", nice: 7 }')" '7 0'
	expect_equal "$(scheduled '.process.scheduler = { policy: "SCHED_BATCH", nice: -3 }')" '-3 3'
	expect_equal "$(scheduled '.process.scheduler = { policy: "SCHED_IDLE" }')" "$(nice) 5"
	# SCHED_FLAG_RESET_ON_FORK: children have no negative nice value.
	config '.process.scheduler = { policy: "SCHED_BATCH", nice: -3, flags: ["SCHED_FLAG_RESET_ON_FORK"] }'
	inside 'cat /proc/$$/stat /proc/self/stat | cut -d " " -f 19,41' $'-3 3\n0 3'
}

@test "scheduler: real time runs, or is refused with its place" {
	config '.process.scheduler = { policy: "SCHED_FIFO", priority: 10 } | .process.args = ["cat", "/proc/self/stat"]'
	# Groups of v1 have no real time to give away until somebody gives them some.
	if [ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ]; then
		refused /process/scheduler 'sched_setattr: Operation not permitted'
		expect_part "$output" 'hint: a real-time policy needs CAP_SYS_NICE'
	else
		expect_equal "$(scheduled . | cut -d ' ' -f 2)" 1
	fi
	config '.process.scheduler.priority = 100'
	refused /process/scheduler/priority 100
	config '.process.scheduler = { policy: "SCHED_OTHER", nice: 20 }'
	refused /process/scheduler/nice 20
	config '.process.scheduler = { policy: "SCHED_NOSUCH" }'
	refused /process/scheduler/policy SCHED_NOSUCH
}

@test "ioPriority: each class, with its priority" {
	args ionice
	config '.process.ioPriority = { class: "IOPRIO_CLASS_RT", priority: 2 }'
	prints 'realtime: prio 2'
	config '.process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 7 }'
	prints 'best-effort: prio 7'
	config '.process.ioPriority = { class: "IOPRIO_CLASS_IDLE" }'
	prints idle
	config '.process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 8 }'
	refused /process/ioPriority/priority 8
}

@test "personality" {
	inside 'cat /proc/self/personality; uname -m' "$(printf '00000000\n%s' "$(uname -m)")"
	[ "$(uname -m)" = x86_64 ] || skip 'the 32-bit machine has another name'
	config '.linux.personality = { domain: "LINUX32" }'
	inside 'cat /proc/self/personality; uname -m' $'00000008\ni686'
	config '.linux.personality = { domain: "LINUX" }'
	inside 'cat /proc/self/personality' 00000000
	config '.linux.personality = { domain: "SOLARIS" }'
	refused /linux/personality/domain SOLARIS
}

# policy POLICY WANTED: what the kernel shows of it
policy() {
	config ".linux.memoryPolicy = $1"
	inside 'head -n 1 /proc/self/numa_maps | cut -d " " -f 2' "$2"
}

@test "memoryPolicy: each mode and flag" {
	[ -e /proc/self/numa_maps ] || skip 'needs a kernel with NUMA'
	policy '{ mode: "MPOL_DEFAULT" }' default
	policy '{ mode: "MPOL_LOCAL" }' local
	policy '{ mode: "MPOL_BIND", nodes: "0" }' bind:0
	policy '{ mode: "MPOL_INTERLEAVE", nodes: "0" }' interleave:0
	policy '{ mode: "MPOL_PREFERRED", nodes: "0" }' prefer:0
	policy '{ mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"] }' bind=static:0
	policy '{ mode: "MPOL_INTERLEAVE", nodes: "0", flags: ["MPOL_F_RELATIVE_NODES"] }' interleave=relative:0
	policy '{ mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_NUMA_BALANCING"] }' bind=balancing:0
}

@test "memoryPolicy: what cannot be is refused" {
	config '.linux.memoryPolicy = { mode: "MPOL_DEFAULT", nodes: "0-7" }'
	refused /linux/memoryPolicy/nodes 'mode requires 0 nodes but got 8'
	config '.linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "0-x" }'
	refused /linux/memoryPolicy/nodes 'invalid memory policy nodes'
	config '.linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "1000" }'
	refused /linux/memoryPolicy set_mempolicy
	config '.linux.memoryPolicy = { mode: "MPOL_NOSUCH" }'
	refused /linux/memoryPolicy/mode MPOL_NOSUCH
}
