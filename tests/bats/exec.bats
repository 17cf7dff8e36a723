#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: one more process in a container, and where it runs.

load exec

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

@test "who gives up waiting for a paused container need not wait, and nothing runs when it is resumed" {
	local filter pid status

	for filter in . '.linux.namespaces |= map(select(.type != "pid" and .type != "cgroup"))'; do
		config "$filter"
		container
		ocirun pause c1
		"$OCIRUN" --root "$STATE" exec --ignore-paused c1 touch /ran </dev/null 3>&- 4>&- &
		pid=$!
		sleep 0.3
		kill -TERM "$pid"
		status=0
		wait "$pid" || status=$?
		expect_equal "$status" 143
		ocirun resume c1
		wait_for eval '[ "$(ocirun ps --format json c1)" = "[$(init_pid)]" ]'
		[ ! -e "$ROOTFS/ran" ]
		ocirun delete --force c1
	done
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
