#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# inspect: what the kernel says of a container, beside what was asked for.

load setup
load resources

setup() {
	resources_setup
}

teardown() {
	resources_teardown
}

# fact SECTION NAME KEY: of $output, which is JSON
fact() {
	jq -r --arg section "$1" --arg name "$2" --arg key "$3" \
		'.[] | select(.section == $section and .name == $name)[$key]' <<<"$output"
}

inspect_json() {
	run -0 rt inspect --format json "$@" c1
}

@test "of a container that nobody changed nothing differs" {
	config '.linux.resources = { memory: { limit: 67110000, swap: 134217728 }, pids: { limit: 20 },
			cpu: { shares: 512, quota: 50000, period: 100000 } }
		| .process.user.additionalGids = [5, 3] | .process.oomScoreAdj = 100
		| .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW" }
		| .mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs",
			options: ["nosuid", "nodev", "noexec", "ro"]}]'
	start
	inspect_json --differences
	expect_equal "$output" '[]'
	inspect_json
	[ "$(jq length <<<"$output")" -gt 60 ]
}

@test "nor of a created one, and of one in a user namespace" {
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | .process.user = {uid: 7, gid: 8, additionalGids: [9]}'
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	rt create c1 </dev/null >output 2>&1 3>&-
	inspect_json --differences
	expect_equal "$output" '[]'
	rt start c1
	inspect_json --differences
	expect_equal "$output" '[]'
	inspect_json
	expect_equal "$(fact process Uid found)" 100007
	expect_equal "$(fact process Groups found)" 100009
	expect_equal "$(fact namespaces uid_map found)" '0 100000 65536'
}

@test "what is found is what the kernel's files say" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 64, hard: 128}]'
	start
	pid=$(rt state c1 | jq .pid)
	inspect_json
	expect_equal "$(fact process pid found)" "$pid"
	expect_equal "$(fact limits RLIMIT_NOFILE found)" 'soft 64, hard 128'
	expect_part "$(fact namespaces network found)" "$(readlink "/proc/$pid/ns/net" | tr -cd 0-9)"
	expect_equal "$(fact namespaces time found)" \
		"that of this process [$(readlink /proc/self/ns/time | tr -cd 0-9)]"
	expect_equal "$(fact descriptors 0 found)" /dev/null
	expect_equal "$(fact mounts /proc found | cut -d ' ' -f 1)" proc
}

@test "a cgroup value that somebody changed is marked, with the place in config.json" {
	needs pids
	config '.linux.resources.pids.limit = 20'
	start
	echo 30 >"$(cg_dir pids)/pids.max"
	inspect_json --differences
	expect_equal "$(jq length <<<"$output")" 1
	expect_equal "$(fact cgroup pids.max found)" 30
	expect_equal "$(fact cgroup pids.max asked)" 20
	expect_equal "$(fact cgroup pids.max pointer)" /linux/resources/pids/limit
	run -0 rt inspect c1
	expect_part "$output" '! pids.max              30; asked: 20 (config.json: /linux/resources/pids/limit)'
	expect_part "${lines[-1]}" 'facts, 1 not as config.json asked for'
}

@test "that rules of devices hold by a program is told, and marked when it is not there any more" {
	needs_version 2
	command -v bpftool >/dev/null || skip "no bpftool"
	config
	start
	run -0 rt inspect c1
	expect_part "$output" 'a BPF program'
	bpftool cgroup detach "$(cg_dir devices)" cgroup_device name ocirun_devices
	inspect_json --differences
	expect_equal "$(fact cgroup devices asked)" 'a BPF program'
	expect_equal "$(fact cgroup devices found)" ''
	expect_equal "$(fact cgroup devices pointer)" /linux/resources/devices/0
}

@test "rules of devices are what the kernel lists; that all are allowed since is marked" {
	needs_version 1
	needs devices
	config '.linux.resources.devices = [{allow: false, access: "rwm"},
		{allow: true, type: "c", major: 10, minor: 229, access: "rw"}]'
	start
	run -0 rt inspect c1
	expect_part "$output" 'devices.list'
	expect_part "$output" 'c 10:229 rw'
	[[ $output != *"cannot be read"* ]]
	echo 'a *:* rwm' >"/sys/fs/cgroup/devices/$CG/devices.allow"
	inspect_json --differences
	expect_equal "$(jq length <<<"$output")" 1
	expect_equal "$(fact cgroup devices.list found)" 'a *:* rwm'
	expect_equal "$(fact cgroup devices.list pointer)" /linux/resources/devices/0
}

@test "a mount is found whatever its place is called" {
	config '.mounts += [{destination: "/a place\\with\ttabs", type: "tmpfs", source: "tmpfs"}]'
	start
	inspect_json --differences
	expect_equal "$output" '[]'
}

@test "a mount that was taken away, changed or covered is marked" {
	sh_config 'umount /dev/shm; mount -o remount,bind,rw /mnt; mount -t tmpfs x /dev/mqueue; exec sleep 1000' '
		.mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["ro"]}]
		| .process.capabilities |= map_values([.[], "CAP_SYS_ADMIN"] | unique)
		| .process.capabilities.inheritable = [] | .process.capabilities.ambient = []'
	start
	wait_for eval '[ "$(rt inspect -d -f json c1 | jq length)" -ge 3 ]'
	inspect_json --differences
	expect_equal "$(jq -c '[.[] | select(.section == "mounts").name] | sort' <<<"$output")" \
		'["/dev/mqueue","/dev/shm","/mnt"]'
	expect_equal "$(fact mounts /dev/shm found)" ''
	expect_part "$(fact mounts /mnt found)" 'tmpfs rw'
}

@test "limits and rights that the program gave up are marked" {
	sh_config 'ulimit -n 50; exec sleep 1000' \
		'.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 64, hard: 128}]'
	start
	wait_for eval '[ "$(rt inspect -d -f json c1 | jq length)" -ge 1 ]'
	inspect_json --differences
	expect_equal "$(fact limits RLIMIT_NOFILE found)" 'soft 50, hard 50'
	expect_equal "$(fact limits RLIMIT_NOFILE pointer)" /process/rlimits/0
}

@test "on a terminal lines keep to its width, in a pipe a fact is a line" {
	config '.mounts += [{destination: ("/long" * 12), type: "tmpfs", source: "tmpfs", options: ["size=8192k"]}]'
	start
	run -0 rt inspect c1
	facts=$output
	[ "$(awk 'length > 80' <<<"$facts" | wc -l)" -gt 0 ]
	COLUMNS=80 run -0 rt inspect c1
	expect_equal "$(awk 'length > 80' <<<"$output")" ''
	expect_equal "$(sed -z 's/\n \{24\}/ /g' <<<"$output")" "$facts"
}

@test "in a pipe there are no colours; a container that has stopped has nothing to show" {
	config
	start
	run -0 rt inspect c1
	[[ $output != *$'\033'* ]]
	expect_part "$output" 'CapEff                KILL NET_BIND_SERVICE AUDIT_WRITE'
	rt kill c1 KILL
	wait_for eval '[ "$(status_of)" = stopped ]'
	run -1 rt inspect c1
	expect_part "$output" 'container not running'
	run -1 rt inspect nosuch
	expect_part "$output" 'container does not exist'
}
