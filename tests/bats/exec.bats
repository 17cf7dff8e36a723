#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# exec: one more process in a container.

load exec
load socket

setup() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	bundle
}

teardown() {
	remove_containers
}

# namespaces_of PID
namespaces_of() {
	local name

	for name in cgroup ipc mnt net pid time user uts; do
		readlink "/proc/$1/ns/$name"
	done
}

# exec_is_with_init: an exec'd process has namespaces, root and cgroups of init
exec_is_with_init() {
	local pid

	in_c1 --detach --pid-file "$BATS_TEST_TMPDIR/pid" c1 sleep 1000 >/dev/null 2>&1
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	expect_equal "$(namespaces_of "$pid")" "$(namespaces_of "$(init_pid)")"
	expect_equal "$(readlink "/proc/$pid/root")" "$(readlink "/proc/$(init_pid)/root")"
	expect_equal "$(cat "/proc/$pid/cgroup")" "$(cat "/proc/$(init_pid)/cgroup")"
	in_c1 c1 cat /etc/passwd | grep -q alice
}

# ---- where it runs ----

@test "exec is in every namespace, cgroup and root of the container" {
	config '.linux.namespaces = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"
		| { type: . }]
		| .linux.timeOffsets.boottime = { secs: 1000000, nanosecs: 0 }
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = .linux.uidMappings
		| .mounts |= map(select(.type != "sysfs" and .type != "cgroup"))'
	chown -R 100000:100000 "$ROOTFS"
	container
	exec_is_with_init
	run -0 in_c1 c1 id -u
	expect_equal "$output" 0
	run -0 in_c1 c1 cat /proc/uptime
	[ "${output%%.*}" -gt 1000000 ]
}

@test "exec without a user namespace is in all the others" {
	container
	exec_is_with_init
}

@test "exec in a container without a mount namespace has its root" {
	config '.linux.namespaces |= map(select(.type != "mount")) | .mounts = []
		| del(.linux.maskedPaths, .linux.readonlyPaths)'
	container
	exec_is_with_init
}

@test "exec in a container without a pid namespace" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	container
	exec_is_with_init
}

@test "exec in a container with --no-pivot has its root" {
	container --no-pivot
	exec_is_with_init
	run -0 in_c1 c1 ls /
	expect_equal "$(sort <<<"$output")" "$(ls "$ROOTFS")"
}

@test "exec in a container that is created" {
	ocirun create --bundle "$BUNDLE" c1 </dev/null >"$BATS_TEST_TMPDIR/log" 2>&1
	run -0 in_c1 c1 echo early
	expect_equal "$output" early
	expect_equal "$(ocirun state c1 | jq -r .status)" created
	ocirun start c1
	run -0 in_c1 c1 echo late
}

@test "exec in a container that joined a pid namespace" {
	container
	jq --arg path "/proc/$(init_pid)/ns/pid" '.linux.namespaces |=
		map(if .type == "pid" then .path = $path else . end) | .linux.cgroupsPath += "-2"' \
		"$BUNDLE/config.json" >"$BUNDLE/second.json"
	ocirun run --detach --bundle "$BUNDLE" --config "$BUNDLE/second.json" c2 \
		</dev/null >"$BATS_TEST_TMPDIR/log" 2>&1
	run -0 ocirun exec c2 readlink /proc/self/ns/pid </dev/null
	expect_equal "$output" "$(readlink "/proc/$(init_pid)/ns/pid")"
}

@test "exec in a container that has stopped is refused with 255" {
	config '.process.args = ["true"]'
	container
	pid_is_gone "$(jq .pid "$STATE/c1/pid" 2>/dev/null || init_pid)"
	run -255 in_c1 c1 true
	expect_part "$output" 'cannot exec in a stopped container'
	run -255 in_c1 c2 true
	expect_part "$output" 'container does not exist'
}

@test "exec in a paused container is refused, or waits until it is resumed" {
	local pid freezer=/sys/fs/cgroup/freezer$CGROUP/freezer.state frozen=FROZEN thawed=THAWED

	[ -d /sys/fs/cgroup/freezer ] || freezer=/sys/fs/cgroup$CGROUP/cgroup.freeze frozen=1 thawed=0
	container
	echo "$frozen" >"$freezer"
	run -255 in_c1 c1 true
	expect_part "$output" 'cannot exec in a paused container'
	in_c1 --ignore-paused c1 echo resumed >"$BATS_TEST_TMPDIR/out" 2>&1 &
	pid=$!
	sleep 0.3
	[ -d "/proc/$pid" ] && [ ! -s "$BATS_TEST_TMPDIR/out" ]
	echo "$thawed" >"$freezer"
	wait "$pid"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/out")" resumed
}

# ---- what it is ----

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

# ---- cgroups ----

@test "--cgroup: an existing cgroup below the container's, by controller" {
	[ -d /sys/fs/cgroup/memory ] || skip 'needs cgroup v1'
	container
	mkdir "/sys/fs/cgroup/memory$CGROUP/sub" "/sys/fs/cgroup/pids$CGROUP/sub"
	run -0 in_c1 --cgroup memory:sub --cgroup pids:/sub/ c1 cat /proc/self/cgroup
	expect_equal "$(grep -c '/sub$' <<<"$output")" 2
	expect_part "$output" ":memory:/sub"
	expect_part "$output" ":pids:/sub"
	run -0 in_c1 --cgroup memory,pids:sub c1 cat /proc/self/cgroup
	expect_equal "$(grep -c '/sub$' <<<"$output")" 2
	run -0 in_c1 --cgroup / c1 cat /proc/self/cgroup
	expect_equal "$(grep -c ':/$' <<<"$output")" "$(wc -l <<<"$output")"
	run -0 in_c1 --cgroup memory:sub/../sub c1 true
}

@test "--cgroup: what is refused" {
	[ -d /sys/fs/cgroup/memory ] || skip 'needs cgroup v1'
	container
	run -255 in_c1 --cgroup .. c1 true
	expect_part "$output" 'bad sub cgroup path'
	run -255 in_c1 --cgroup "memory:../${CGROUP#/}x" c1 true
	expect_part "$output" 'bad sub cgroup path'
	run -255 in_c1 --cgroup nonexistent c1 true
	[[ $output == *' adding pid '*'o such file or directory'* ]]
	run -255 in_c1 --cgroup cpu:nonexistent c1 true
	[[ $output == *' adding pid '*'o such file or directory'* ]]
	run -255 in_c1 --cgroup whaaat:/ c1 true
	expect_part "$output" 'unknown controller '
	run -255 in_c1 --cgroup :/ c1 true
	expect_part "$output" 'empty <controller> prefix'
	run -255 in_c1 --cgroup cpu, c1 true
	run -255 in_c1 --cgroup cpu:/ --cgroup cpu:/ c1 true
	expect_part "$output" 'specified multiple times'
	run -255 in_c1 --cgroup / --cgroup cpu:/ c1 true
	expect_part "$output" 'missing <controller>: prefix'
	run -255 in_c1 --cgroup "cpu:$(printf '%05000d' 0)" c1 true
}

@test "v2: init's cgroup is joined when the container's takes no process, unless / is asked for" {
	local v2=/sys/fs/cgroup/unified

	[ -e $v2/cgroup.controllers ] || v2=/sys/fs/cgroup
	grep -qw hugetlb $v2/cgroup.controllers || skip 'needs a domain controller on v2'
	container
	mkdir "$v2$CGROUP/leaf"
	# Joined as ever as long as that is possible.
	init_pid >"$v2$CGROUP/leaf/cgroup.procs"
	run -0 in_c1 c1 grep ^0: /proc/self/cgroup
	expect_equal "$output" 0::/
	echo +hugetlb >"$v2/cgroup.subtree_control" || skip 'cannot enable a controller'
	echo +hugetlb >"$v2$CGROUP/cgroup.subtree_control"
	run -0 in_c1 c1 grep ^0: /proc/self/cgroup
	expect_equal "$output" 0::/leaf
	run -255 in_c1 --cgroup / c1 true
	[[ $output == *' adding pid '*' to cgroups'*'evice or resource busy'* ]]
}

# ---- how it is started, and what its caller gets ----

@test "exit status: the program's, 128+N for a signal, 255 with the known texts when it did not run" {
	container
	run -42 in_c1 c1 sh -c 'exit 42'
	run -137 in_c1 c1 sh -c 'kill -KILL $$'
	run -143 in_c1 c1 sh -c 'kill -TERM $$'
	run -255 in_c1 c1 no-such-program
	expect_part "$output" 'executable file not found in $PATH'
	run -255 in_c1 c1 /no/such/program
	expect_part "$output" 'no such file or directory'
	run -255 in_c1 c1 /etc/passwd
	expect_part "$output" 'permission denied'
	printf '#!/no/such/shell\n' >"$ROOTFS/run.sh"
	chmod 755 "$ROOTFS/run.sh"
	run -255 in_c1 c1 /run.sh
	expect_part "$output" 'exec /run.sh: no such file or directory'
	expect_equal "${#lines[@]}" 1
	run -255 in_c1 --pid-file /nowhere/pid c1 true
	run -1 in_c1 --no-such-option c1 true
}

@test "an error about what the command line gave does not name a place in config.json" {
	container
	run -255 in_c1 c1 no-such-program
	expect_equal "${output/config.json:/}" "$output"
	jq '{user: {uid: 0, gid: 0}, cwd: "/nowhere", args: ["true"]}' <<<null >"$BATS_TEST_TMPDIR/p"
	run -255 in_c1 --process "$BATS_TEST_TMPDIR/p" c1
	expect_equal "${output/config.json:/}" "$output"
}

@test "the pid file is written when the program runs, and not when it does not" {
	container
	run -0 in_c1 --pid-file "$BATS_TEST_TMPDIR/pid" c1 sh -c 'grep NSpid /proc/self/status'
	[[ $(cat "$BATS_TEST_TMPDIR/pid") =~ ^[0-9]+$ ]]
	rm "$BATS_TEST_TMPDIR/pid"
	printf '#!/no/such/shell\n' >"$ROOTFS/run.sh"
	chmod 755 "$ROOTFS/run.sh"
	run -255 in_c1 --detach --pid-file "$BATS_TEST_TMPDIR/pid" c1 /run.sh
	[ ! -e "$BATS_TEST_TMPDIR/pid" ]
	expect_equal "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name '.pid*')" ''
	run -255 in_c1 --detach --pid-file /nowhere/pid c1 sleep 4321
	run -1 in_c1 c1 sh -c 'ps | grep -v grep | grep "sleep 4321"'
}

@test "detached: the process belongs to whoever reaps orphans, and leaves no zombie" {
	command -v python3 >/dev/null || skip 'needs python3'
	container
	run -0 python3 - "$OCIRUN" --root "$STATE" exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" \
		c1 sh -c 'exit 7' 3>&- <<-'END'
		import ctypes, os, subprocess, sys
		ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
		assert subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL).returncode == 0
		pid, status = os.wait()
		print(pid == int(open(sys.argv[7]).read()), os.waitstatus_to_exitcode(status))
		try:
		    os.wait()
		except ChildProcessError:
		    print("no other")
	END
	expect_equal "$output" $'True 7\nno other'
}

@test "stdout gets end of file when the process ends, though others of the container live on" {
	container
	run -0 timeout 20 bash -c '"$OCIRUN" --root "$0" exec c1 echo done </dev/null 3>&- | cat' "$STATE"
	expect_equal "$output" 'done'
	run -0 timeout 20 bash -c '"$OCIRUN" --root "$0" exec --detach c1 sh -c "echo early" </dev/null \
		3>&- | cat' "$STATE"
	expect_equal "$output" early
	run -0 bash -c 'echo from stdin | "$OCIRUN" --root "$0" exec c1 cat 3>&-' "$STATE"
	expect_equal "$output" 'from stdin'
}

@test "descriptors: the standard ones and those that are asked for, whatever the caller has open" {
	container
	exec 5</dev/null 6</etc/hostname 7</dev/null 20</
	run -0 in_c1 c1 ls /proc/self/fd
	expect_equal "$(paste -sd ' ' <<<"$output")" '0 1 2 3' # 3: ls itself
	echo hello >"$BATS_TEST_TMPDIR/hello"
	run -0 bash -c 'exec 3<"$1" 4<"$1" 5<&-; "$OCIRUN" --root "$0" exec --preserve-fds 2 c1 \
		sh -c "cat <&4; ls /proc/self/fd" </dev/null' "$STATE" "$BATS_TEST_TMPDIR/hello"
	expect_equal "$(paste -sd ' ' <<<"$output")" 'hello 0 1 2 3 4 5'
	run -0 bash -c 'exec 3<&- 4<"$1" 5<&-; "$OCIRUN" --root "$0" --log "$1.log" exec --preserve-fds 2 c1 \
		sh -c "cat <&4; test ! -e /proc/self/fd/3" </dev/null' "$STATE" "$BATS_TEST_TMPDIR/hello"
	expect_equal "$output" hello
	run -255 bash -c 'exec 3<&- 4<&-; "$OCIRUN" --root "$0" exec --preserve-fds 2 c1 true' "$STATE"
	expect_part "$output" 'descriptor'
	exec 5<&- 6<&- 7<&- 20<&-
}

# listen COMMAND...: with two sockets, as a service manager starts it, and one more descriptor
listen() {
	bash -c 'exec 3<"$0/hello" 4<"$0/hello" 5<"$0/world"
		export LISTEN_FDS=2 LISTEN_PID=$$
		exec "$@" </dev/null' "$BATS_TEST_TMPDIR" "$OCIRUN" --root "$STATE" "$@"
}

@test "sockets of a service manager are passed on first, by run, create and exec" {
	local show='echo $LISTEN_FDS $LISTEN_PID; cat <&4; cat <&5'
	local want=$'2 1\nhello\nworld'

	echo hello >"$BATS_TEST_TMPDIR/hello"
	echo world >"$BATS_TEST_TMPDIR/world"
	container
	run -0 listen exec --preserve-fds 1 c1 sh -c "$show"
	expect_equal "$output" "$want"
	run -0 listen exec c1 ls /proc/self/fd
	expect_equal "$(paste -sd ' ' <<<"$output")" '0 1 2 3 4 5'
	process '.args = ["env"]'
	run -0 listen exec -p "$BUNDLE/process.json" c1
	expect_part "$output" LISTEN_FDS=2
	LISTEN_FDS=2 LISTEN_PID=1 run -0 in_c1 c1 env
	[[ $output != *LISTEN* ]]
	ocirun delete --force c1
	jq --arg show "$show" '.process.args = ["sh", "-c", $show]' "$BUNDLE/config.json" \
		>"$BUNDLE/show.json"
	run -0 listen run --preserve-fds 1 --bundle "$BUNDLE" --config "$BUNDLE/show.json" c2
	expect_equal "$output" "$want"
	listen create --preserve-fds 1 --bundle "$BUNDLE" --config "$BUNDLE/show.json" c3 \
		>"$BATS_TEST_TMPDIR/out" 2>&1
	ocirun start c3
	await_file "$BATS_TEST_TMPDIR/out"
	pid_is_gone "$(ocirun state c3 | jq .pid)"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/out")" "$want"
}

@test "--pidfd-socket gets the process with the payload setns" {
	container
	take_descriptor "$BATS_TEST_TMPDIR/pidfd"
	in_c1 --detach --pid-file "$BATS_TEST_TMPDIR/pid" --pidfd-socket "$BATS_TEST_TMPDIR/pidfd" \
		c1 sleep 1000 >/dev/null 2>&1
	wait "$taker"
	expect_part "$(head -n 1 "$BATS_TEST_TMPDIR/pidfd.got")" 'setns 1 1 '
	expect_equal "$(sed -n 's/^Pid: //p' "$BATS_TEST_TMPDIR/pidfd.got")" \
		"$(cat "$BATS_TEST_TMPDIR/pid")"
}

@test "--console-socket gets the terminal, and nobody keeps the caller's own streams open" {
	container
	take_descriptor "$BATS_TEST_TMPDIR/tty"
	# End of file comes while the process still runs.
	run -0 timeout 20 bash -c '"$OCIRUN" --root "$0/state" exec --tty --detach --console-socket "$0/tty" \
		--user alice c1 sh -c "tty; stat -c %u \$(tty); sleep 1" </dev/null 2>&1 3>&- | cat' \
		"$BATS_TEST_TMPDIR"
	expect_equal "$output" ''
	wait "$taker"
	[[ $(cat "$BATS_TEST_TMPDIR/tty.got") == /dev/pts/[0-9]*' 1 1 '* ]]
	expect_equal "$(cat "$BATS_TEST_TMPDIR/tty.out")" \
		"$(head -n 1 "$BATS_TEST_TMPDIR/tty.got" | cut -d ' ' -f 1)"$'\n1000'
	run -255 in_c1 --tty --detach c1 true
	expect_part "$output" 'cannot allocate tty if runc will detach without setting console socket'
	run -255 in_c1 --console-socket "$BATS_TEST_TMPDIR/tty" c1 true
	expect_part "$output" 'cannot use console socket if runc will not detach or allocate tty'
}

@test "--tty relays the caller's terminal" {
	container
	run -0 in_c1 --tty c1 sh -c 'test -t 0 && test -t 1 && test -t 2 && tty'
	expect_part "$output" /dev/pts/
	process '.terminal = true | .args = ["stty", "size"]
		| .consoleSize = { height: 10, width: 110 }'
	run -0 in_c1 -p "$BUNDLE/process.json" c1
	expect_part "$output" '10 110'
	command -v script >/dev/null || skip 'needs script(1)'
	run -3 script -qec "stty rows 33 cols 77; '$OCIRUN' --root '$STATE' exec --tty c1 sh -c 'stty size; exit 3'" \
		/dev/null </dev/null
	expect_part "$output" '33 77'
}

@test "pipes among the standard streams become the user's, other files stay the caller's" {
	container
	run -0 bash -c 'echo in | "$OCIRUN" --root "$0" exec --user alice c1 sh -c \
		"cat /dev/stdin; echo out >/dev/stdout; echo err >/dev/stderr" 2>&1 3>&- | cat' "$STATE"
	expect_equal "$output" $'in\nout\nerr'
	in_c1 --user alice c1 echo text >"$BATS_TEST_TMPDIR/file"
	expect_equal "$(stat -c %u "$BATS_TEST_TMPDIR/file" /dev/null | paste -sd ' ')" '0 0'
}

@test "signals are as by default, whatever the caller ignores and blocks" {
	container
	run -0 bash -c 'trap "" PIPE USR1 INT; "$OCIRUN" --root "$0" exec c1 \
		grep -E "Sig(Blk|Ign)" /proc/self/status </dev/null' "$STATE"
	expect_equal "$(tr -d '\t' <<<"$output")" $'SigBlk:0000000000000000\nSigIgn:0000000000000000'
}

@test "the session keyring is the container's, unless that has its caller's" {
	command -v strace >/dev/null || skip 'needs strace'
	container
	traced keyctl exec c1 true
	grep -q 'KEYCTL_JOIN_SESSION_KEYRING, "_ses.c1"' "$BATS_TEST_TMPDIR/trace"
	ocirun delete --force c1
	container --no-new-keyring
	traced keyctl exec c1 true
	run -1 grep KEYCTL "$BATS_TEST_TMPDIR/trace"
}

# ---- while others in the container are hostile ----

@test "what joins the container cannot be traced before its program runs" {
	command -v strace >/dev/null || skip 'needs strace'
	config '.linux.namespaces += [{ type: "time" }]'
	container
	traced prctl,setns,clone,clone3,execve,execveat exec c1 true
	# Undumpable comes before the namespaces, and the program is made of a process that is.
	run -0 awk '/PR_SET_DUMPABLE, SUID_DUMP_DISABLE/ && !seen[$1]++ { print "hide" } /setns\(/ { print "enter" }
		/setns\(/, 0 { if (/clone3?\(/) print "clone" } /execve\("\/bin\/true/ { print "exec" }' \
		"$BATS_TEST_TMPDIR/trace"
	expect_equal "$(paste -sd ' ' <<<"$output")" 'hide enter clone hide exec'
}

@test "inheritable and ambient capabilities are empty for root and for users" {
	local user

	container
	for user in 0 1000 alice; do
		run -0 in_c1 --user "$user" c1 grep -E 'Cap(Inh|Amb)' /proc/self/status
		expect_equal "$(tr -d '\t' <<<"$output")" $'CapInh:0000000000000000\nCapAmb:0000000000000000'
	done
}

@test "null streams are the container's own device, of init as of exec" {
	container
	run -0 in_c1 c1 sh -c 'for pid in 1 self; do stat -L -c %d /proc/$pid/fd/0; done; stat -c %d /dev/null'
	expect_equal "${lines[0]}" "${lines[2]}"
	expect_equal "${lines[1]}" "${lines[2]}"
}

@test "what a container put in the place of its null device is not taken for a stream" {
	container
	in_c1 c1 sh -c 'rm /dev/null; mkfifo /dev/null'
	run -0 in_c1 c1 stat -L -c %F /proc/self/fd/0
	expect_equal "$output" 'character special file'
}
