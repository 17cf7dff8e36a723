#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: what the process is: its environment, user, rights, settings.

load exec

setup() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	bundle
}

teardown() {
	remove_containers
}

# status_field FIELD [OPTION...]: that line of the status of an exec'd process
status_field() {
	local field=$1

	shift
	in_c1 "$@" c1 grep "^$field:" /proc/self/status | cut -f 2-
}

@test "environment: options are added, the last of a key wins, HOME is of the container's passwd" {
	config '.process.env = ["PATH=/bin", "A=config", "B=config"]'
	container
	run -0 in_c1 --env A=1 -e A=2 -e C=3 c1 env
	expect_equal "$(sort <<<"$output")" $'A=2\nB=config\nC=3\nHOME=/root\nPATH=/bin'
	run -0 in_c1 --user 1000 c1 sh -c 'echo $HOME'
	expect_equal "$output" /home/alice
	run -0 in_c1 --user 77 c1 sh -c 'echo $HOME'
	expect_equal "$output" /
	run -0 in_c1 --user 1000 --env HOME=/mine c1 sh -c 'echo $HOME'
	expect_equal "$output" /mine
	run -0 in_c1 --env HOME= c1 sh -c 'echo $HOME'
	expect_equal "$output" /root
	run -255 in_c1 --env NOVALUE c1 true
	expect_part "$output" NOVALUE
}

@test "a long command line reaches the program" {
	container
	run -0 in_c1 c1 sh -c 'echo $#' sh $(seq 100000)
	expect_equal "$output" 100000
	run -0 in_c1 -e "A=$(printf '%0100000d' 0)" -e "B=$(printf '%0100000d' 0)" \
		c1 sh -c 'echo ${#A} ${#B} ${#1}' sh "$(printf '%0120000d' 0)"
	expect_equal "$output" '100000 100000 120000'
}

@test "working directory: --cwd, a missing one, one that only one of user and runtime may enter" {
	mkdir -m 700 "$ROOTFS/closed"
	chown 42 "$ROOTFS/closed"
	container
	run -0 in_c1 --cwd /home/alice c1 pwd
	expect_equal "$output" /home/alice
	run -255 in_c1 --cwd /nowhere c1 pwd
	expect_part "$output" 'chdir to cwd ("/nowhere") set in config.json failed: no such file or directory'
	run -255 in_c1 --cwd relative c1 pwd
	expect_part "$output" 'Cwd must be an absolute path'
	# Root without CAP_DAC_OVERRIDE, and a user who may not.
	run -0 in_c1 --cwd /closed c1 true
	run -0 in_c1 --cwd /closed --user 43 c1 true
	run -0 in_c1 --cwd /closed --user 42 c1 ls /closed
}

@test "a working directory outside of the container is refused" {
	local fd

	container
	for fd in $(seq 0 63); do
		run in_c1 --cwd "/proc/self/fd/$fd" c1 pwd
		[ "$status" -ne 0 ] || expect_part "$output" "not outside: $fd"
	done
	run -255 in_c1 --cwd /proc/self/fd/8/../../.. c1 pwd
}

@test "user: numbers are ids, and change no group" {
	container
	run -0 in_c1 --user 1000 c1 id
	expect_equal "$output" 'uid=1000(alice) gid=0(root)'
	run -0 in_c1 --user 1000:100 c1 sh -c 'id -u; id -g; id -G'
	expect_equal "$output" $'1000\n100\n100'
	run -0 in_c1 -u 1 c1 id -u
	expect_equal "$output" 1
	run -0 in_c1 -u 0001 c1 id -u
	expect_equal "$output" 1
	run -0 in_c1 -u 4294967294:4294967294 c1 sh -c 'id -u; id -g'
	expect_equal "$output" $'4294967294\n4294967294'
}

@test "user: what is neither an id nor a name is refused" {
	local text

	container
	for text in 4294967295 4294967296 18446744073709551616 -1 +1 ' 1' '1 ' 0x10 1e3 1.0 :5 : \
		1000: 1000:-1 1000:4294967295 1000:99999999999 nobody alice:nobody alice: 'root:0:0' \
		'x:0' root,0 ../root "$(printf '%0300d' 0)x"; do
		run -255 in_c1 --user "$text" c1 id
		[ -n "$output" ] || expect_equal "$text" 'a message'
	done
	run -255 in_c1 --user bob c1 id
	expect_part "$output" 'unable to find user bob: no matching entries in passwd file'
	run -255 in_c1 --user alice:bobs c1 id
	expect_part "$output" 'unable to find group bobs: no matching entries in group file'
}

@test "user: names are those of the container, with the groups that list them" {
	container
	run -0 in_c1 --user alice c1 sh -c 'id -u; id -g; id -G; echo $HOME'
	expect_equal "$output" $'1000\n1001\n1001 10 27\n/home/alice'
	run -0 in_c1 --user alice:users c1 sh -c 'id -u; id -g; id -G'
	expect_equal "$output" $'1000\n100\n100'
	run -0 in_c1 --user alice:77 c1 sh -c 'id -G'
	expect_equal "$output" 77
	run -0 in_c1 --user 1000 -g video -g 77 --additional-gids 77 c1 sh -c 'id -G'
	expect_equal "$output" '0 27 77'
	run -255 in_c1 -g nobodies c1 true
	expect_part "$output" nobodies
	rm "$ROOTFS/etc/group"
	run -0 in_c1 --user alice c1 id -G
	expect_equal "$output" 1001
	rm "$ROOTFS/etc/passwd"
	run -255 in_c1 --user alice c1 id
	expect_part "$output" 'no matching entries in passwd file'
}

@test "user: a hostile passwd is refused quickly and leads nowhere else" {
	local target

	container
	for target in /proc/self/environ /proc/1/environ /proc/1/root/etc/passwd /dev/zero \
		/dev/full ../../../../../../../proc/self/environ /etc /nowhere; do
		ln -sfn "$target" "$ROOTFS/etc/passwd"
		HOSTILE=$'\nspy:x:7:7::/spy:\nroot:x:0:0::/spy:\n' run -255 in_c1 --user spy c1 id
		HOSTILE=$'\nspy:x:7:7::/spy:\nroot:x:0:0::/spy:\n' run -0 in_c1 c1 sh -c 'echo $HOME'
		expect_equal "$output" /
	done
	# An absolute link is one of the container: this file is on the host only.
	echo 'spy:x:7:7::/spy:' >"$BATS_TEST_TMPDIR/passwd"
	ln -sfn "$BATS_TEST_TMPDIR/passwd" "$ROOTFS/etc/passwd"
	run -255 in_c1 --user spy c1 id
	ln -sfn /etc/real "$ROOTFS/etc/passwd"
	cp "$BATS_TEST_TMPDIR/passwd" "$ROOTFS/etc/real"
	run -0 in_c1 --user spy c1 id -u
	expect_equal "$output" 7
	rm "$ROOTFS/etc/passwd"
	mkfifo "$ROOTFS/etc/passwd"
	run -255 timeout 10 "$OCIRUN" --root "$STATE" exec --user spy c1 id </dev/null
	run -0 timeout 10 "$OCIRUN" --root "$STATE" exec c1 true </dev/null
	rm "$ROOTFS/etc/passwd"
	truncate -s 4G "$ROOTFS/etc/passwd"
	run -255 timeout 10 "$OCIRUN" --root "$STATE" exec --user spy c1 id </dev/null
	expect_part "$output" 'too large'
	printf 'spy:x:7:7::/spy:' >"$ROOTFS/etc/passwd"
	run -0 in_c1 --user spy c1 id -u
}

@test "capabilities: those that are added are neither inheritable nor ambient" {
	config '.process.capabilities = { bounding: ["CAP_KILL"], effective: ["CAP_KILL"],
		permitted: ["CAP_KILL"], inheritable: [], ambient: [] }'
	container
	run -0 in_c1 --cap CAP_CHOWN -c CAP_SYS_PTRACE c1 grep Cap /proc/self/status
	expect_equal "$(tr -d '\t' <<<"$output")" "$(printf '%s:%016x\n' CapInh 0 CapPrm 0x80021 \
		CapEff 0x80021 CapBnd 0x80021 CapAmb 0)"
	run -0 in_c1 --user 1000 --cap CAP_CHOWN c1 grep Cap /proc/self/status
	expect_equal "$(tr -d '\t' <<<"$output")" "$(printf '%s:%016x\n' CapInh 0 CapPrm 0 \
		CapEff 0 CapBnd 0x21 CapAmb 0)"
	run -255 in_c1 --cap CAP_NOTHING c1 true
	expect_part "$output" CAP_NOTHING
	process '.args = ["grep", "Cap", "/proc/self/status"]'
	run -0 in_c1 --process "$BUNDLE/process.json" c1
	expect_equal "$(tr -d '\t' <<<"$output")" "$(printf '%s:%016x\n' CapInh 0 CapPrm 0x20 \
		CapEff 0x20 CapBnd 0x20 CapAmb 0)"
}

@test "no_new_privs as in config.json, and with the option" {
	config '.process.noNewPrivileges = false'
	container
	expect_equal "$(status_field NoNewPrivs)" 0
	expect_equal "$(status_field NoNewPrivs --no-new-privs)" 1
}

@test "labels are an error on a host without security modules" {
	[ ! -e /sys/module/apparmor ] || skip 'this host has AppArmor'
	[ ! -d /sys/fs/selinux ] || skip 'this host has SELinux'
	container
	run -255 in_c1 --apparmor profile c1 true
	expect_part "$output" AppArmor
	run -255 in_c1 --process-label label c1 true
	expect_part "$output" SELinux
}

@test "settings of the container's process are those of an exec'd one" {
	config '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 100, hard: 200 }]
		| .process.scheduler = { policy: "SCHED_BATCH", nice: 5 }
		| .process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 3 }
		| .process.oomScoreAdj = 77 | .process.user.umask = 63
		| .linux.personality = { domain: "LINUX32" }
		| .linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "0" }'
	container
	local show='ulimit -n; ulimit -Hn; cut -d " " -f 19,41 /proc/self/stat; ionice
		cat /proc/self/oom_score_adj; umask; uname -m
		head -n 1 /proc/self/numa_maps | cut -d " " -f 2'
	local want=$'100\n200\n5 3\nbest-effort: prio 3\n77\n0077\ni686\nbind:0'

	run -0 in_c1 c1 sh -c "$show"
	expect_equal "$output" "$want"
	jq --arg show "$show" '.args = ["sh", "-c", $show]' <<<'{"cwd":"/","env":["PATH=/bin"]}' \
		>"$BUNDLE/process.json"
	run -0 in_c1 --process "$BUNDLE/process.json" c1
	expect_equal "$output" "$want"
	jq '.rlimits = [{ type: "RLIMIT_NOFILE", soft: 50, hard: 60 }] | .user.umask = 7
		| .scheduler = { policy: "SCHED_OTHER", nice: 7 } | .oomScoreAdj = 99
		| .ioPriority = { class: "IOPRIO_CLASS_IDLE" }' "$BUNDLE/process.json" \
		>"$BUNDLE/process2.json"
	run -0 in_c1 --process "$BUNDLE/process2.json" c1
	expect_equal "$output" $'50\n60\n7 0\nidle\n99\n0007\ni686\nbind:0'
}

@test "a process file: arguments, user, environment, and what is wrong with it" {
	container
	process '.args = ["sh", "-c", "id -u; id -g; id -G; env | sort; pwd"] | .cwd = "/home"
		| .user = { uid: 1000, gid: 1001, additionalGids: [5, 6] } | .env += ["A=1"]'
	run -0 in_c1 --process "$BUNDLE/process.json" c1
	expect_equal "$output" $'1000\n1001\n1001 5 6\nA=1\nHOME=/home/alice\nPATH=/bin\nPWD=/home\nSHLVL=1\n/home'
	run -0 in_c1 -p "$BUNDLE/process.json" c1 ignored
	run -255 in_c1 -p "$BUNDLE/nothing.json" c1
	expect_part "$output" 'nothing.json'
	process 'del(.args)'
	run -255 in_c1 -p "$BUNDLE/process.json" c1
	expect_part "$output" 'args'
	process 'del(.cwd)'
	run -255 in_c1 -p "$BUNDLE/process.json" c1
	expect_part "$output" 'cwd'
	echo '{' >"$BUNDLE/process.json"
	run -255 in_c1 -p "$BUNDLE/process.json" c1
	run -255 in_c1 c1
	expect_part "$output" 'args'
	process '.args = ["echo", "from a pipe"]'
	run -0 in_c1 -p <(cat "$BUNDLE/process.json") c1
	expect_equal "$output" 'from a pipe'
}

@test "the container's seccomp filter is loaded" {
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }] }'
	container
	expect_equal "$(status_field Seccomp)" 2
	expect_equal "$(status_field Seccomp --no-new-privs)" 2
	run -1 in_c1 c1 mkdir /tmp/x
	process '.args = ["mkdir", "/tmp/x"]'
	run -1 in_c1 -p "$BUNDLE/process.json" c1
}

@test "CPU affinity: all CPUs, or as execCPUAffinity says, which does not stay with the caller" {
	[ "$(nproc)" -ge 2 ] || skip 'needs two CPUs'
	local all show=Cpus_allowed_list

	all=$(grep $show /proc/self/status | cut -f 2)
	container
	run -0 taskset -c 0 "$OCIRUN" --root "$STATE" exec c1 grep $show /proc/self/status </dev/null
	expect_equal "${output#*$'\t'}" "$all"
	expect_equal "$(in_c1 c1 grep $show /proc/1/status | cut -f 2)" "$all"
	process '.args = ["grep", "Cpus_allowed_list", "/proc/self/status"]
		| .execCPUAffinity = { initial: "0", final: "1" }'
	run -0 in_c1 -p "$BUNDLE/process.json" c1
	expect_equal "${output#*$'\t'}" 1
	process '.args = ["grep", "Cpus_allowed_list", "/proc/self/status"]
		| .execCPUAffinity = { initial: "1" }'
	run -0 in_c1 -p "$BUNDLE/process.json" c1
	expect_equal "${output#*$'\t'}" 1
	process '.execCPUAffinity = { initial: "1-0" }'
	run -255 in_c1 -p "$BUNDLE/process.json" c1
	expect_part "$output" 'execCPUAffinity/initial'
	process '.execCPUAffinity = { final: "5000" }'
	run -255 in_c1 -p "$BUNDLE/process.json" c1
	expect_part "$output" 'error setting final CPU affinity'
}

@test "CPU affinity: init uses all CPUs, whatever its caller had" {
	[ "$(nproc)" -ge 2 ] || skip 'needs two CPUs'
	config '.process.args = ["grep", "Cpus_allowed_list", "/proc/self/status"]'
	run -0 taskset -c 0 "$OCIRUN" --root "$STATE" run --bundle "$BUNDLE" c1 </dev/null
	expect_equal "${output#*$'\t'}" "$(grep Cpus_allowed_list /proc/self/status | cut -f 2)"
}

@test "the initial CPU affinity counts while the cgroup is joined" {
	command -v strace >/dev/null || skip 'needs strace'
	container
	process '.execCPUAffinity = { initial: "0", final: "0" }'
	traced execve,sched_setaffinity,write,setns exec -p "$BUNDLE/process.json" c1
	# The process in between: set, join each cgroup, set, enter; the runtime itself never.
	run -0 awk '/sched_setaffinity/ { print $1, "set" } /write\([0-9]+, "0", 1\)/ { print $1, "join" }
		/setns/ { print $1, "enter" }' "$BATS_TEST_TMPDIR/trace"
	expect_equal "$(uniq <<<"$output" | cut -d ' ' -f 2 | paste -sd ' ')" 'set join set enter'
	expect_equal "$(cut -d ' ' -f 1 <<<"$output" | sort -u | wc -l)" 1
	[ "${lines[0]%% *}" != "$(head -n 1 "$BATS_TEST_TMPDIR/trace" | cut -d ' ' -f 1)" ]
}
