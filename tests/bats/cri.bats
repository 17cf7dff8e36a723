#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a kubelet does: pods and containers by containerd's CRI (tests/agents/cri.py). The daemon is
# the tests' own, with the config.toml of docs/kubernetes.md: in a network namespace, where the pods'
# bridge is, and in a mount namespace in which /run and what the plugins of CNI keep are empty.

load engine

setup_file() {
	WORK=$(mktemp -d /tmp/ocirun-cri.XXXXXX)
	export WORK CGROUP=ocirun-cri-$$
	protoc --proto_path="$TREE/tests/agents" --descriptor_set_out="$WORK/cri" cri.proto
	# The sandbox runs the image's command.
	make_image docker.io/library/busybox:test 'sleep 100000'
	configure
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --net --propagation slave bash -c '
		mount --make-rshared /
		mount -t tmpfs tmpfs /run
		mount -t tmpfs tmpfs /var/lib
		ip link set lo up
		exec containerd --config "$WORK/config.toml" --root "$WORK/root" --state "$WORK/state" \
			--address "$WORK/sock"' >"$WORK/log" 2>&1 3>&- </dev/null &
	export DAEMON=$!
	eventually cri Version || cat "$WORK/log"
	inside ctr --address "$WORK/sock" --namespace k8s.io image import "$WORK/image.tar"
	eventually has_text io.cri-containerd.image=managed \
		inside ctr --address "$WORK/sock" --namespace k8s.io image ls
}

# The page's lines, and what is special here: the image of the pods' first process, no
# CAP_SYS_RESOURCE, and a network of the tests.
configure() {
	page_block kubernetes /etc/containerd/config.toml >"$WORK/config.toml"
	cat >>"$WORK/config.toml" <<-EOF
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "docker.io/library/busybox:test"
		  restrict_oom_score_adj = true
		[plugins."io.containerd.grpc.v1.cri".cni]
		  bin_dir = "/usr/lib/cni"
		  conf_dir = "$WORK/net.d"
	EOF
	mkdir "$WORK/net.d"
	jq -n '{ cniVersion: "0.4.0", name: "pods", plugins: [{ type: "bridge", bridge: "pods0",
		isGateway: true, ipam: { type: "host-local", ranges: [[{ subnet: "10.99.0.0/24" }]] } }] }' \
		>"$WORK/net.d/pods.conflist"
}

teardown_file() {
	kill "$DAEMON"
	wait "$DAEMON" || :
	rm -rf "$WORK"
	remove_cgroups "$CGROUP"
}

inside() {
	timeout --foreground --kill-after 5 60 nsenter --target "$DAEMON" --mount --net "$@" 3>&-
}

setup() {
	export -f cri inside
	LOGS=$BATS_TEST_TMPDIR/logs
	mkdir "$LOGS"
	HANDLER=$(page_block kubernetes runtimeclass.yaml | sed -n 's/^handler: //p')
	POD=
}

teardown() {
	[ -z "$POD" ] || remove_pod
}

# cri METHOD [REQUEST]
cri() {
	inside /usr/bin/python3 "$TREE/tests/agents/cri.py" "$WORK/cri" "$WORK/sock" "$@"
}

# pod [FILTER]: runs a sandbox of the handler that the RuntimeClass names; FILTER changes its config
pod() {
	SANDBOX=$(jq -n --arg name "test-$BATS_TEST_NUMBER" --arg parent "/$CGROUP" --arg logs "$LOGS" '{
		metadata: { name: $name, uid: $name, namespace: "tests" }, hostname: "the-pod",
		log_directory: $logs, linux: { cgroup_parent: $parent } } | '"${1:-.}")
	POD=$(cri RunPodSandbox "$(jq -n --argjson config "$SANDBOX" --arg handler "$HANDLER" '$ARGS.named
		| { config, runtime_handler: .handler }')" | jq -r .podSandboxId)
	[ -n "$POD" ]
}

remove_pod() {
	cri StopPodSandbox "{\"pod_sandbox_id\": \"$POD\"}" >/dev/null
	cri RemovePodSandbox "{\"pod_sandbox_id\": \"$POD\"}" >/dev/null
	POD=
}

# create NAME SCRIPT [FILTER]: makes a container in the pod, and prints its id
create() {
	jq -n --arg name "$1" --arg script "$2" --arg pod "$POD" --argjson sandbox "$SANDBOX" '{
		pod_sandbox_id: $pod, sandbox_config: $sandbox, config: (
			{ metadata: { name: $name }, image: { image: "docker.io/library/busybox:test" },
			command: ["sh", "-c", $script], log_path: $name, linux: { security_context: {
				namespace_options: { pid: "CONTAINER" } } } } | '"${3:-.}"') }' \
		>"$BATS_TEST_TMPDIR/request"
	cri CreateContainer "$(cat "$BATS_TEST_TMPDIR/request")" | jq -r .containerId
}

# started NAME SCRIPT [FILTER]: the same, and it runs
started() {
	local id

	id=$(create "$@")
	cri StartContainer "{\"container_id\": \"$id\"}" >/dev/null
	echo "$id"
}

# status ID FIELD
status() {
	cri ContainerStatus "{\"container_id\": \"$1\"}" | jq -r ".status.$2"
}

# ended ID: waits for that, and prints its exit status; 0 is not in the answer
ended() {
	eventually prints CONTAINER_EXITED status "$1" state
	status "$1" 'exitCode // 0'
}

init_pid() {
	cri ContainerStatus "{\"container_id\": \"$1\", \"verbose\": true}" | jq -r '.info.info | fromjson.pid'
}

# stop ID [SECONDS]
stop() {
	cri StopContainer "{\"container_id\": \"$1\", \"timeout\": ${2:-0}}"
}

# exec_sync ID COMMAND...: its output, and in the end its status
exec_sync() {
	cri ExecSync "$(jq -n --arg id "$1" '{ container_id: $id, cmd: $ARGS.positional, timeout: 20 }' \
		--args -- "${@:2}")" | jq -r '((.stdout // "" | @base64d) + (.stderr // "" | @base64d)
			+ "status " + (.exitCode // 0 | tostring))'
}

# log NAME: what the container wrote, as the kubelet finds it
log() {
	cut -d ' ' -f 4- "$LOGS/$1"
}

@test "a pod has the handler of the RuntimeClass, an address, and leaves nothing" {
	local id

	pod
	run -0 cri PodSandboxStatus "{\"pod_sandbox_id\": \"$POD\"}"
	expect_equal "$(jq -r .status.runtimeHandler <<<"$output")" ocirun
	expect_part "$(jq -r .status.network.ip <<<"$output")" 10.99.0.
	# Its state is one that the program under test knows.
	inside "$OCIRUN" --root /run/containerd/runc/k8s.io state "$POD"
	id=$POD
	remove_pod
	run ! inside test -e "/run/containerd/runc/k8s.io/$id"
	expect_no_cgroup "$id"
}

@test "a container: its log, its status, and its end" {
	local id

	pod
	id=$(create main 'echo out; echo err >&2; exit 42')
	expect_equal "$(status "$id" 'state // "CONTAINER_CREATED"')" CONTAINER_CREATED
	cri StartContainer "{\"container_id\": \"$id\"}"
	expect_equal "$(ended "$id")" 42
	expect_part "$(cat "$LOGS/main")" 'stdout F out'
	expect_part "$(cat "$LOGS/main")" 'stderr F err'
	cri RemoveContainer "{\"container_id\": \"$id\"}"
	expect_no_cgroup "$id"
}

@test "containers of a pod share its network, ipc and hostname, and not their mounts and pids" {
	local one two i

	pod
	one=$(started one 'exec sleep 1000')
	two=$(started two 'exec sleep 1001')
	expect_part "$(exec_sync "$one" hostname)" the-pod
	for i in net ipc uts; do
		expect_equal "$(exec_sync "$one" readlink "/proc/self/ns/$i")" \
			"$(exec_sync "$two" readlink "/proc/self/ns/$i")"
	done
	for i in mnt pid; do
		[ "$(exec_sync "$one" readlink "/proc/self/ns/$i")" != \
			"$(exec_sync "$two" readlink "/proc/self/ns/$i")" ]
	done
}

@test "ExecSync: output and status; what is not there" {
	local id

	pod
	id=$(started main 'exec sleep 1000')
	expect_equal "$(exec_sync "$id" sh -c 'echo out; echo err >&2; exit 3')" $'out\nerr\nstatus 3'
	run -1 cri ExecSync "{\"container_id\": \"$id\", \"cmd\": [\"nosuch\"]}"
	expect_part "$output" 'executable file not found in $PATH'
}

@test "ExecSync: a timeout ends the command" {
	local id

	pod
	id=$(started main 'exec sleep 1000')
	run -1 cri ExecSync "{\"container_id\": \"$id\", \"cmd\": [\"sleep\", \"1002\"], \"timeout\": 1}"
	expect_part "$output" DEADLINE_EXCEEDED
	eventually eval '! grep -l "^sleep.1002" /proc/[0-9]*/cmdline 2>/dev/null | grep .'
}

@test "Exec: a stream with input, output and the status" {
	local id

	pod
	id=$(started main 'exec sleep 1000')
	run -7 --separate-stderr cri Exec "{\"container_id\": \"$id\", \"stdin\": true, \"stdout\": true,
		\"stderr\": true, \"cmd\": [\"sh\", \"-c\", \"read line; echo got \$line; echo err >&2; exit 7\"]}" \
		<<<typed
	expect_equal "$output" 'got typed'
	expect_part "$stderr" err
}

@test "Exec: a stream with a terminal" {
	local id

	pod
	id=$(started main 'exec sleep 1000')
	run -7 cri Exec "{\"container_id\": \"$id\", \"stdin\": true, \"stdout\": true, \"tty\": true,
		\"cmd\": [\"sh\", \"-c\", \"tty; read line; echo got \$line; exit 7\"]}" <<<typed
	expect_part "$output" /dev/pts/0
	expect_part "$output" 'got typed'
}

@test "Attach: to a container with a terminal" {
	local id

	pod
	id=$(started main 'read line; echo got $line; sleep 0.5; exit 7' '.tty = true | .stdin = true')
	(sleep 0.5 && echo typed && sleep 2) | run cri Attach \
		"{\"container_id\": \"$id\", \"stdin\": true, \"stdout\": true, \"tty\": true}"
	expect_equal "$(ended "$id")" 7
	expect_part "$(log main)" 'got typed'
}

@test "limits, their update, and statistics" {
	local id

	pod
	id=$(started main 'exec sleep 1000' '.linux.resources = { memory_limit_in_bytes: 67108864,
		cpu_period: 100000, cpu_quota: 50000, cpu_shares: 512, cpuset_cpus: "0" }')
	limit() { exec_sync "$id" sh -c "cat /sys/fs/cgroup/$1 2>/dev/null || cat /sys/fs/cgroup/$2"; }
	expect_part "$(limit memory/memory.limit_in_bytes memory.max)" 67108864
	expect_part "$(limit cpu/cpu.cfs_quota_us cpu.max)" 50000
	expect_part "$(limit cpuset/cpuset.cpus cpuset.cpus)" 0
	cri UpdateContainerResources "{\"container_id\": \"$id\", \"linux\":
		{\"memory_limit_in_bytes\": 134217728, \"cpu_quota\": 70000, \"cpu_period\": 100000}}"
	expect_part "$(limit memory/memory.limit_in_bytes memory.max)" 134217728
	expect_part "$(limit cpu/cpu.cfs_quota_us cpu.max)" 70000
	# Device rules are not in an update: what was allowed is.
	expect_equal "$(exec_sync "$id" sh -c 'echo x >/dev/null')" 'status 0'
	run -0 cri ContainerStats "{\"container_id\": \"$id\"}"
	[ "$(jq -r .stats.cpu.usageCoreNanoSeconds.value <<<"$output")" -gt 0 ]
	[ "$(jq -r .stats.memory.workingSetBytes.value <<<"$output")" -gt 0 ]
}

@test "a container that was out of memory: OOMKilled" {
	local id

	pod
	# The shim watches once start has returned.
	id=$(started main 'until [ -e /go ]; do sleep 0.1; done
		tail -c 100m /dev/zero; sleep 1; exit 137' \
		'.linux.resources.memory_limit_in_bytes = 16777216')
	exec_sync "$id" touch /go
	expect_equal "$(ended "$id")" 137
	expect_equal "$(status "$id" reason)" OOMKilled
}

@test "a security context: user, groups, capabilities, no new privileges, read-only, seccomp, paths" {
	local id

	pod
	id=$(started main 'exec 2>&1; id -u; id -G; grep -E "CapBnd|NoNewPrivs|Seccomp:" /proc/self/status | tr "\t" " "
		touch /file; cat /proc/version; touch /proc/sys/kernel/domainname
		echo $KEY; pwd; cat /mnt/file; touch /mnt/x' '.linux.security_context += {
			run_as_user: { value: 1000 }, supplemental_groups: [7, 8], no_new_privs: true,
			readonly_rootfs: true, seccomp: { profile_type: "RuntimeDefault" },
			capabilities: { drop_capabilities: ["ALL"], add_capabilities: ["NET_BIND_SERVICE"] },
			masked_paths: ["/proc/version"], readonly_paths: ["/proc/sys"] }
		| .envs = [{ key: "KEY", value: "value" }] | .working_dir = "/tmp"
		| .mounts = [{ container_path: "/mnt", host_path: "'"$BATS_TEST_TMPDIR"'/vol", readonly: true }]' \
		< <(mkdir "$BATS_TEST_TMPDIR/vol" && echo content >"$BATS_TEST_TMPDIR/vol/file"))
	expect_equal "$(ended "$id")" 1
	expect_equal "$(log main)" "1000
0 7 8
CapBnd: 0000000000000400
NoNewPrivs: 1
Seccomp: 2
touch: /file: Read-only file system
touch: /proc/sys/kernel/domainname: Read-only file system
value
/tmp
content
touch: /mnt/x: Read-only file system"
}

@test "StopContainer: the signal first, and after the grace period the end" {
	local id

	pod
	id=$(started polite 'trap "exit 3" TERM; while :; do sleep 0.1; done')
	stop "$id" 20
	expect_equal "$(ended "$id")" 3
	id=$(started deaf 'trap "" TERM; while :; do sleep 0.1; done')
	stop "$id" 1
	expect_equal "$(ended "$id")" 137
}

@test "a container that ended is made again, as a kubelet does" {
	local one two

	pod
	one=$(started main 'exit 1')
	expect_equal "$(ended "$one")" 1
	two=$(started main 'exec sleep 1000' '.metadata.attempt = 1')
	expect_equal "$(status "$two" state)" CONTAINER_RUNNING
	cri RemoveContainer "{\"container_id\": \"$one\"}"
}

# shareProcessNamespace: the sandbox's process is pid 1 of all, and its end does not end a container.
@test "a shared pid namespace: containers see each other, and a stop ends every process of one" {
	local one two pid children

	pod '.linux.security_context.namespace_options.pid = "POD"'
	one=$(started one 'sleep 1000 & sleep 1001 & wait' '.linux.security_context.namespace_options.pid = "POD"')
	two=$(started two 'exec sleep 1002' '.linux.security_context.namespace_options.pid = "POD"')
	eventually has_text 'sleep 1001' exec_sync "$two" ps -o args
	pid=$(init_pid "$one")
	children=$(cat "/proc/$pid/task/$pid/children")
	expect_equal "$(wc -w <<<"$children")" 2
	# Init alone ends; then the shim kills what it left, with kill --all.
	kill -KILL "$pid"
	expect_equal "$(ended "$one")" 137
	for pid in $children; do
		eventually eval "! [ -e /proc/$pid ] || grep -q '^State:.*Z' /proc/$pid/status"
	done
	expect_equal "$(status "$two" state)" CONTAINER_RUNNING
	cri RemoveContainer "{\"container_id\": \"$one\"}"
	expect_no_cgroup "$one"
}

@test "a pod in the host's namespaces" {
	local id i

	pod 'del(.hostname)
		| .linux.security_context.namespace_options = { network: "NODE", pid: "NODE", ipc: "NODE" }'
	id=$(started main 'sleep 1000 & exec sleep 1001' \
		'.linux.security_context.namespace_options = { network: "NODE", pid: "NODE", ipc: "NODE" }')
	for i in net pid ipc; do
		expect_equal "$(exec_sync "$id" readlink "/proc/self/ns/$i")" \
			"$(readlink "/proc/$DAEMON/ns/$i")"$'\nstatus 0'
	done
	stop "$id"
	expect_equal "$(ended "$id")" 137
}

@test "a privileged pod and container" {
	needs_all_capabilities
	local id

	pod '.linux.security_context.privileged = true'
	id=$(started main 'exec sleep 1000' '.linux.security_context.privileged = true')
	expect_part "$(exec_sync "$id" grep CapEff /proc/self/status)" \
		"$(sed -n 's/^CapEff:\t//p' /proc/self/status)"
}

@test "RemovePodSandbox with containers that run" {
	local id

	pod
	id=$(started main 'exec sleep 1000')
	remove_pod
	run -1 cri ContainerStatus "{\"container_id\": \"$id\"}"
	expect_part "$output" NOT_FOUND
	expect_no_cgroup "$id"
}

@test "a command that is not there: the runtime's reason" {
	local id

	pod
	id=$(create main '' '.command = ["nosuch"]')
	run -1 cri StartContainer "{\"container_id\": \"$id\"}"
	expect_part "$output" 'executable file not found in $PATH'
	expect_equal "$(status "$id" state)" CONTAINER_EXITED
	expect_equal "$(status "$id" exitCode)" 128
}

@test "the page of CRI-O has a block that is TOML, with the keys of a runtime" {
	page_block cri-o /etc/crio/crio.conf.d/10-ocirun.conf >"$BATS_TEST_TMPDIR/conf"
	run -0 python3 -c 'import json, sys, tomllib
print(json.dumps(tomllib.load(open(sys.argv[1], "rb"))["crio"]["runtime"]["runtimes"]["ocirun"]))' \
		"$BATS_TEST_TMPDIR/conf"
	expect_equal "$(jq -r '.runtime_path + " " + .runtime_type' <<<"$output")" "$OCIRUN oci"
}
