#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# SCMP_ACT_NOTIFY: an agent outside of the container (tests/agents) decides system calls.

load bundle

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file "needs root"; return; }
	make_rootfs
	"${CC:-cc}" -O1 -Wall -o "$BATS_FILE_TMPDIR/seccomp_agent" \
		"$BATS_TEST_DIRNAME/../agents/seccomp_agent.c"
}

setup() {
	make_bundle
	mkdir -m 755 "$ROOTFS/denied-mode" "$ROOTFS/emulated-mode"
	SOCKET=$BATS_TEST_TMPDIR/agent.sock
	AGENT=$BATS_TEST_TMPDIR/agent
	agent_pid=
	# What an agent is asked about; paths of other calls than these are not looked at.
	filter '["mkdir", "mkdirat", "chmod", "fchmodat"]'
}

teardown() {
	remove_containers
	stop_agent
}

start_agent() {
	mkdir "$AGENT"
	"$BATS_FILE_TMPDIR/seccomp_agent" "$SOCKET" "$AGENT" >"$AGENT/out" 2>&1 3>&- &
	agent_pid=$!
	within 20 grep -q ready "$AGENT/out"
}

stop_agent() {
	[ -z "$agent_pid" ] || kill "$agent_pid"
	agent_pid=
}

# filter NAMES [RULES]: the agent is asked about the calls NAMES; RULES come beside that
filter() {
	config --arg path "$SOCKET" --argjson names "$1" --argjson rules "${2:-[]}" '
		.annotations = { "org.example.key": "value" } |
		.linux.seccomp = {
			defaultAction: "SCMP_ACT_ALLOW",
			listenerPath: $path,
			listenerMetadata: "one=\"1\", two",
			syscalls: ([{ names: $names, action: "SCMP_ACT_NOTIFY" }] + $rules)
		}'
}

# A container is left with these: what an agent denies, emulates, and lets pass.
PROBE='
	mkdir /denied 2>&1 || true
	mkdir /emulated && [ ! -e /emulated ] && echo emulated
	mkdir /passed && [ -d /passed ] && echo passed
	chmod 700 /passed && stat -c %a /passed
	chmod 700 /denied-mode 2>&1 || true
	chmod 700 /emulated-mode && stat -c %a /emulated-mode'
PROBED="mkdir: can't create directory '/denied': Invalid cross-device link
emulated
passed
700
chmod: /denied-mode: Invalid cross-device link
755"

# expect_state N FILTER WANTED: what jq makes of the Nth state that the agent got
expect_state() {
	expect_equal "$(jq -c "$2" "$AGENT/state.$1")" "$3"
}

# expect_agent_asked N: the agent had to do with the calls of PROBE
expect_agent_asked() {
	within 20 test -e "$AGENT/end.$1"
	expect_equal "$(grep -cE ' /(denied|emulated|passed)' "$AGENT/calls.$1")" 6
}

# refused_by_agent COMMAND...: the agent is not there, and that is said
refused_by_agent() {
	run ocirun --log "$BATS_TEST_TMPDIR/log" "$@"
	[ "$status" -ne 0 ]
	expect_part "$output" "failed to connect with seccomp agent '$SOCKET'"
	expect_part "$output" "No such file or directory"
	expect_part "$output" "/linux/seccomp/listenerPath"
}

no_new_privs() {
	config ".process.noNewPrivileges = $1"
}

# ---- who hands the listener over ----

run_decides() {
	no_new_privs "$1"
	start_agent
	inside "$PROBE" "$PROBED"
	expect_agent_asked 1
	expect_state 1 '[.state.id, .state.status]' "[\"$ID\",\"created\"]"
}

start_decides() {
	local pid

	no_new_privs "$1"
	start_agent
	script "$PROBE"
	ocirun create --bundle "$BUNDLE" "$ID" >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null
	pid=$(ocirun state "$ID" | jq .pid)
	# The filter is loaded by start: until then the agent is not called.
	[ ! -e "$AGENT/state.1" ]
	run -0 ocirun start "$ID"
	expect_agent_asked 1
	expect_equal "$(cat "$BATS_TEST_TMPDIR/out")" "$PROBED"
	expect_state 1 '[.pid, .state.pid, .state.status]' "[$pid,$pid,\"created\"]"
}

exec_decides() {
	local pid

	no_new_privs "$1"
	start_agent
	config '.process.args = ["sleep", "1000"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	pid=$(ocirun state "$ID" | jq .pid)
	run -0 ocirun exec "$ID" sh -c "$PROBE"
	expect_equal "$output" "$PROBED"
	expect_agent_asked 2
	expect_state 2 '[.pid == .state.pid, .state.pid, .state.status, .metadata]' \
		"[false,$pid,\"running\",\"one=\\\"1\\\", two\"]"
	[ ! -e "$AGENT/end.1" ]
}

@test "run: the agent decides, with noNewPrivileges" {
	run_decides true
}

@test "run: the agent decides, without noNewPrivileges" {
	run_decides false
}

@test "create and start: the agent decides, with noNewPrivileges" {
	start_decides true
}

@test "create and start: the agent decides, without noNewPrivileges" {
	start_decides false
}

@test "exec: the agent decides, with noNewPrivileges" {
	exec_decides true
}

@test "exec: the agent decides, without noNewPrivileges" {
	exec_decides false
}

@test "the agent is told of the container's process as the runtime-spec says" {
	start_agent
	config '.process.args = ["sleep", "1000"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	within 20 test -e "$AGENT/state.1"
	expect_equal "$(jq -S . "$AGENT/state.1")" "$(jq -nS --arg id "$ID" --arg bundle "$BUNDLE" \
		--argjson pid "$(ocirun state "$ID" | jq .pid)" '{
			ociVersion: "1.3.0", fds: ["seccompFd"], pid: $pid,
			metadata: "one=\"1\", two",
			state: {
				ociVersion: "1.3.0", id: $id, status: "created", pid: $pid,
				bundle: $bundle, annotations: { "org.example.key": "value" }
			}
		}')"
}

@test "without metadata and annotations the agent is told of none" {
	start_agent
	config 'del(.linux.seccomp.listenerMetadata, .annotations)'
	inside "$PROBE" "$PROBED"
	expect_state 1 '[has("metadata"), (.state | has("annotations"))]' "[false,false]"
}

@test "metadata of a mebibyte arrive whole, also for exec" {
	start_agent
	head -c 786432 /dev/urandom | base64 -w 0 >"$BATS_TEST_TMPDIR/metadata"
	config --rawfile metadata "$BATS_TEST_TMPDIR/metadata" \
		'.linux.seccomp.listenerMetadata = $metadata | .process.args = ["sleep", "1000"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	run -0 ocirun exec "$ID" true
	for n in 1 2; do
		within 20 test -e "$AGENT/state.$n"
		jq -j .metadata "$AGENT/state.$n" | cmp - "$BATS_TEST_TMPDIR/metadata"
	done
}

# ---- an agent that is not there ----

@test "run without an agent fails and leaves nothing behind" {
	config '.process.args = ["touch", "/started"]'
	refused_by_agent run --bundle "$BUNDLE" "$ID"
	[ ! -e "$ROOTFS/started" ]
	[ ! -e "$ROOT/$ID" ]
	[ -z "$(find /sys/fs/cgroup -maxdepth 4 -type d -name "*$ID*" 2>/dev/null)" ]
}

@test "start without an agent fails and ends the container" {
	config '.process.args = ["touch", "/started"]'
	ocirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	pid=$(ocirun state "$ID" | jq .pid)
	refused_by_agent start "$ID"
	expect_equal "$(ocirun state "$ID" | jq -r .status)" stopped
	[[ ! -e /proc/$pid/stat || $(cut -d ' ' -f 3 "/proc/$pid/stat") == Z ]]
	[ ! -e "$ROOTFS/started" ]
	run -0 ocirun delete "$ID"
	[ ! -e "$ROOT/$ID" ]
}

@test "exec without an agent fails and leaves the container as it is" {
	start_agent
	config '.process.args = ["sleep", "1000"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	rm "$SOCKET"
	refused_by_agent exec "$ID" touch /started
	[ ! -e "$ROOTFS/started" ]
	expect_equal "$(ocirun state "$ID" | jq -r .status)" running
}

@test "an agent that does not accept is one that is not there" {
	start_agent
	stop_agent
	config '.process.args = ["true"]'
	run ocirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" "failed to connect with seccomp agent '$SOCKET': Connection refused"
	[ ! -e "$ROOT/$ID" ]
}

@test "who gives up waiting for an agent that does not answer need not wait" {
	local start status

	filter '["execve"]'
	start_agent
	kill -STOP "$agent_pid"
	"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 3>&- &
	within 10 ocirun state "$ID"
	sleep 0.3
	start=$SECONDS status=0
	kill -TERM "$!"
	wait "$!" || status=$?
	kill -CONT "$agent_pid"
	expect_equal "$status" 143
	[ $((SECONDS - start)) -lt 5 ]
	[ ! -e "$ROOT/$ID" ]
}

# ---- what a filter may hold ----

@test "every call but write may wait for the agent" {
	start_agent
	filter '["read", "close", "sendmsg", "recvmsg", "poll", "execve", "capset", "prctl",
		"mmap", "brk", "exit_group"]'
	for nnp in true false; do
		no_new_privs $nnp
		inside 'echo alive' alive
	done
	# by the runtime: read(2), close(2), execve(2), and capset(2) without noNewPrivileges
	[ "$(wc -l <"$AGENT/calls.1")" -ge 4 ]
	expect_equal "$(wc -l <"$AGENT/calls.2")" "$(($(wc -l <"$AGENT/calls.1") + 1))"
}

@test "a filter may forbid the calls that pass descriptors" {
	start_agent
	filter '["mkdir", "mkdirat", "chmod", "fchmodat"]' '[{
		"names": ["sendmsg", "recvmsg", "sendto", "recvfrom", "sendmmsg", "connect", "socket"],
		"action": "SCMP_ACT_ERRNO"
	}]'
	inside "$PROBE" "$PROBED"
}

@test "a filter that forbids write cannot have a listener, and that is said" {
	start_agent
	filter '["mkdir"]' '[{ "names": ["write"], "action": "SCMP_ACT_KILL_PROCESS" }]'
	refused /linux/seccomp "died under its seccomp filter"
	expect_part "$output" "write(2)"
	filter '["mkdir"]' '[{ "names": ["write"], "action": "SCMP_ACT_ERRNO" }]'
	refused /linux/seccomp "died under its seccomp filter"
}

@test "a program that cannot run is reported through a filter that forbids sendmsg" {
	printf 'no program' >"$ROOTFS/bin/broken"
	chmod 755 "$ROOTFS/bin/broken"
	start_agent
	filter '["mkdir"]' '[{ "names": ["sendmsg"], "action": "SCMP_ACT_ERRNO" }]'
	config '.process.args = ["broken"]'
	refused /process/args/0 "Exec format error"
}

@test "startContainer hooks run under the agent" {
	start_agent
	config '.process.args = ["sh", "-c", "[ ! -e /emulated ] && [ -d /passed ] && echo both"] |
		.hooks.startContainer = [
			{ path: "/bin/mkdir", args: ["mkdir", "/emulated"] },
			{ path: "/bin/mkdir", args: ["mkdir", "/passed"] }
		]'
	run -0 ocirun run --bundle "$BUNDLE" "$ID"
	expect_equal "$output" both
}

@test "the container's processes have no descriptor of the listener" {
	start_agent
	inside 'readlink /proc/self/fd/* 2>/dev/null | grep seccomp; echo none' none
}

@test "the agent decides in a user namespace, too" {
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }]'
	chown -R 100000:200000 "$ROOTFS"
	start_agent
	for nnp in true false; do
		no_new_privs $nnp
		inside "rmdir /passed 2>/dev/null; $PROBE" "$PROBED"
	done
}

@test "the agent decides for a user other than root" {
	config '.process.user = { uid: 1000, gid: 1000 }'
	chown -R 1000:1000 "$ROOTFS"
	start_agent
	for nnp in true false; do
		no_new_privs $nnp
		inside "rmdir /passed 2>/dev/null; $PROBE" "$PROBED"
	done
}

# ---- what is refused, and what is ignored ----

@test "a listener's path is ignored without SCMP_ACT_NOTIFY" {
	config '.linux.seccomp.syscalls = []'
	inside 'echo alive' alive
}

@test "a relative listener's path is refused" {
	config '.linux.seccomp.listenerPath = "agent.sock"'
	refused /linux/seccomp/listenerPath '"agent.sock" is not an absolute path'
}

@test "write cannot wait for the agent" {
	filter '["mkdir", "write"]'
	refused /linux/seccomp/syscalls/0/names/1 \
		'SCMP_ACT_NOTIFY cannot be used for the write syscall'
}
