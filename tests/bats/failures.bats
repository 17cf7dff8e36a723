#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What goes wrong is one line that says what, where and what to do; nothing is left behind.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
}

teardown() {
	remove_containers
}

# fails POINTER TEXT FILTER: with this change of config.json no container is made, the error is one
# line and all that is in the log, one JSON object, and neither state nor cgroup nor process is left
fails() {
	local log=$BATS_TEST_TMPDIR/log

	config "$3"
	run ocirun --log "$log" --log-format json run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_equal "${#lines[@]}" 1
	expect_part "$output" "$1"
	expect_part "$output" "$2"
	# As podman does: the whole file is one object.
	expect_equal "$(jq -s -c 'map(.level)' "$log")" '["error"]'
	[ ! -e "$ROOT/$ID" ]
	expect_equal "$(find /sys/fs/cgroup -type d -path "*/$ID*")" ''
	expect_equal "$(processes)" ''
}

# processes: the pids of all that run a program of the bundle, are in it, or were called with this
# test's state root. What has ended and waits for somebody to notice has none of these.
processes() {
	{
		find -L /proc/[0-9]*/exe -maxdepth 0 -samefile "$ROOTFS/bin/busybox" 2>/dev/null
		find /proc/[0-9]*/cwd /proc/[0-9]*/root -maxdepth 0 -lname "$BUNDLE*" 2>/dev/null
		pgrep -f -- "$ROOT" | sed 's,^,/proc/,'
	} | cut -d / -f 3 | sort -u
}

@test "what looks for processes finds those of a container" {
	script 'sleep 30 & wait'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	expect_part "$(processes)" "$(ocirun state "$ID" | jq .pid)"
	ocirun delete --force "$ID"
	expect_equal "$(processes)" ''
}

@test "remarks before a failure are in its object" {
	fails /mounts/3 '/nosuch' '.mounts += [{destination: "mnt", source: "/nosuch",
		options: ["bind", "size=1"]}]'
	expect_equal "$(jq -c '.warnings | length' "$BATS_TEST_TMPDIR/log")" 2
	expect_part "$(jq -r '.warnings[0]' "$BATS_TEST_TMPDIR/log")" 'destination "mnt" is relative'
}

@test "remarks of what succeeds are objects of their own" {
	config '.mounts += [{destination: "mnt", type: "tmpfs", source: "tmpfs"}]'
	run ocirun --log "$BATS_TEST_TMPDIR/log" --log-format json run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_equal "$output" ''
	expect_equal "$(jq -s -c 'map(.level)' "$BATS_TEST_TMPDIR/log")" '["warning"]'
	run --separate-stderr ocirun --log-format json run --bundle "$BUNDLE" "$ID"
	expect_equal "$(jq -s -c 'map(.level)' <<<"$stderr")" '["warning"]'
}

@test "with --debug remarks are written as they come" {
	config '.mounts += [{destination: "mnt", source: "/nosuch", options: ["bind"]}]'
	run ocirun --debug --log "$BATS_TEST_TMPDIR/log" --log-format json run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_equal "$(jq -s -c 'map(.level) | unique' "$BATS_TEST_TMPDIR/log")" \
		'["debug","error","warning"]'
	expect_equal "$(jq -s -c '.[-1] | .level, has("warnings")' "$BATS_TEST_TMPDIR/log" | paste -sd ' ')" \
		'"error" false'
}

@test "a command that is not in the PATH" {
	fails /process/args/0 'executable file not found in $PATH' '.process.args = ["nosuch"]'
}

@test "a program that is not there" {
	fails /process/args/0 'no such file or directory' '.process.args = ["/bin/nosuch"]'
}

@test "a program without an execute bit" {
	echo x >"$ROOTFS/bin/plain"
	chmod 644 "$ROOTFS/bin/plain"
	fails /process/args/0 'permission denied' '.process.args = ["/bin/plain"]'
}

@test "a program that is a directory" {
	fails /process/args/0 'is a directory' '.process.args = ["/bin"]'
}

@test "a program of no known format" {
	printf 'no program' >"$ROOTFS/bin/text"
	chmod 755 "$ROOTFS/bin/text"
	fails /process/args/0 'Exec format error' '.process.args = ["/bin/text"]'
}

@test "a root file system that is not there" {
	fails /root/path 'nosuch' '.root.path = "nosuch"'
}

@test "a filesystem type that the kernel does not know" {
	fails /mounts/0 'nosuchfs' '.mounts[0].type = "nosuchfs" | .mounts[0].destination = "/mnt"'
}

@test "a mount option with a bad value" {
	fails /mounts/1 'size' '.mounts[1].options += ["size=zz"]'
}

@test "a bind mount whose source is not there" {
	fails /mounts/3 '/nosuch' \
		'.mounts += [{destination: "/mnt", source: "/nosuch", options: ["bind"]}]'
}

@test "a bind mount without a source" {
	fails /mounts/3 'no source' '.mounts += [{destination: "/mnt", options: ["bind"]}]'
}

@test "a mount without a type" {
	fails /mounts/3 'type' '.mounts += [{destination: "/mnt", source: "x"}]'
}

@test "a mount inside /proc" {
	fails /mounts/3 'cannot be mounted because it is inside /proc' \
		'.mounts += [{destination: "/proc/sys", type: "tmpfs", source: "tmpfs"}]'
}

@test "a mount over the root" {
	fails /mounts/3/destination 'root file system' \
		'.mounts += [{destination: "/", type: "tmpfs", source: "tmpfs"}]'
}

@test "mounts in a user namespace without a mount namespace" {
	fails /mounts 'mount' '.linux.namespaces |= map(select(.type != "mount")) + [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 10 }]
		| .linux.gidMappings = .linux.uidMappings'
}

@test "a hostname without a uts namespace" {
	fails /hostname 'uts' '.linux.namespaces |= map(select(.type != "uts"))'
}

@test "a namespace whose path is not there" {
	fails /linux/namespaces/1 '/nosuch' '.linux.namespaces[1].path = "/nosuch"'
}

@test "a namespace path of another type" {
	fails /linux/namespaces/1 'not of type' '.linux.namespaces[1].path = "/proc/self/ns/uts"'
}

@test "a namespace path that is a plain file" {
	fails /linux/namespaces/1 'is not a namespace' '.linux.namespaces[1].path = "/etc/passwd"'
}

@test "an unknown namespace" {
	fails /linux/namespaces/5/type 'nosuch' '.linux.namespaces += [{type: "nosuch"}]'
}

@test "a namespace twice" {
	fails /linux/namespaces/5 'earlier namespace' '.linux.namespaces += [{type: "pid"}]'
}

@test "a user namespace without mappings" {
	fails /linux/uidMappings 'uidMappings' '.linux.namespaces += [{type: "user"}]'
}

@test "a sysctl that is not namespaced" {
	fails /linux/sysctl 'not namespaced' '.linux.sysctl = {"vm.swappiness": "1"}'
}

@test "a sysctl that does not exist" {
	fails /linux/sysctl 'net/nosuch' '.linux.sysctl = {"net.nosuch": "1"}'
}

@test "a sysctl with a bad value" {
	fails /linux/sysctl 'Invalid argument' '.linux.sysctl = {"net.ipv4.ip_forward": "x"}'
}

@test "an unknown capability" {
	fails /process/capabilities/bounding/0 'CAP_NOSUCH' \
		'.process.capabilities = {bounding: ["CAP_NOSUCH"]}'
}

@test "an effective capability that is not permitted" {
	fails /process/capabilities 'CAP_KILL' '.process.capabilities = {effective: ["CAP_KILL"]}'
}

@test "an unknown limit" {
	fails /process/rlimits/0/type 'RLIMIT_NOSUCH' \
		'.process.rlimits = [{type: "RLIMIT_NOSUCH", soft: 1, hard: 1}]'
}

@test "a limit twice" {
	fails /process/rlimits/1 'type' '.process.rlimits = ([range(2)] |
		map({type: "RLIMIT_NOFILE", soft: 9, hard: 9}))'
}

@test "a soft limit above the hard one" {
	fails /process/rlimits/0 'soft' '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 9, hard: 8}]'
}

@test "a relative working directory" {
	fails /process/cwd 'absolute' '.process.cwd = "tmp"'
}

@test "a working directory that is a file" {
	fails /process/cwd 'chdir' '.process.cwd = "/bin/busybox"'
}

@test "a user that is no number" {
	fails /process/user/uid '"root"' '.process.user.uid = "root"'
}

@test "a user that is no user" {
	fails /process/user/uid '4294967295' '.process.user.uid = 4294967295'
}

@test "a version that is not supported" {
	fails /ociVersion '2.0.0' '.ociVersion = "2.0.0"'
}

@test "a required key that is missing" {
	fails /root/path 'path' 'del(.root.path)'
}

@test "a value of the wrong type" {
	fails /process/terminal '"no"' '.process.terminal = "no"'
}

@test "a hook that is not there" {
	fails /hooks/createRuntime/0 'error running createRuntime hook #0' \
		'.hooks = {createRuntime: [{path: "/nosuch"}]}'
}

@test "a hook that fails, and what it says" {
	fails /hooks/createRuntime/0 'stderr: sorry' \
		'.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "echo sorry >&2; exit 3"]}]}'
}

@test "a hook that takes too long" {
	fails /hooks/createRuntime/0 'ran past specified timeout' \
		'.hooks = {createRuntime: [{path: "/bin/sleep", args: ["sleep", "20"], timeout: 1}]}'
}

@test "a hook with a relative path" {
	fails /hooks/prestart/0/path 'absolute' '.hooks = {prestart: [{path: "true"}]}'
}

@test "a seccomp action that nobody knows" {
	fails /linux/seccomp/defaultAction 'SCMP_ACT_NOSUCH' \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_NOSUCH"}'
}

@test "a device that exists as another file" {
	fails /linux/devices/0 'another file' \
		'.linux.devices = [{path: "/etc/passwd", type: "c", major: 1, minor: 3}]'
}

@test "a personality flag" {
	fails /linux/personality/flags 'flags' '.linux.personality = {domain: "LINUX", flags: ["X"]}'
}

@test "a cgroup path that leads out" {
	fails /linux/cgroupsPath '..' '.linux.cgroupsPath = "/.."'
}

@test "an AppArmor profile on a host without AppArmor" {
	[ ! -d /sys/kernel/security/apparmor ] || skip "AppArmor is active here"
	fails /process/apparmorProfile 'nosuch' '.process.apparmorProfile = "nosuch"'
}

@test "a bundle that is not there" {
	run ocirun run --bundle "$BATS_TEST_TMPDIR/nosuch" "$ID"
	expect_status 1
	expect_part "$output" 'nosuch'
}

@test "a bundle without config.json" {
	rm "$BUNDLE/config.json"
	run ocirun create --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" "bundle '$BUNDLE': open 'config.json': No such file or directory"
	expect_part "$output" 'spec'
	run ocirun check "$BUNDLE"
	expect_status 1
	expect_part "$output" "bundle '$BUNDLE': open 'config.json': No such file or directory"
}

@test "a value of config.json that is wrong: its place is said once" {
	fails /process/cwd '/process/cwd is 1, expected a string' '.process.cwd = 1'
	expect_equal "$output" 'ocirun: config.json: /process/cwd is 1, expected a string'
}

@test "a key of config.json that is there twice: both values are said" {
	sed -i '0,/{/s//{ "hostname": "other",/' "$BUNDLE/config.json"
	run ocirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" '/hostname is given twice: as "other" (a string) in line 1 and as "bats" (a string)'
}

@test "an id that is taken" {
	script 'sleep 30'
	ocirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	run ocirun create --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" 'container with given ID already exists'
	expect_equal "$(ocirun state "$ID" | jq -r .status)" created
}

@test "ids that are none" {
	for id in . .. a/b 'a b' .hidden "$(printf 'x%.0s' {1..300})"; do
		run ocirun run --bundle "$BUNDLE" "$id"
		expect_status 1
		expect_part "$output" 'invalid container ID format'
	done
}

@test "commands for a container that is not there" {
	for command in state start kill delete; do
		run ocirun "$command" nosuch
		expect_status 1
		expect_part "$output" 'container does not exist'
	done
	run ocirun delete --force nosuch
	expect_status 0
}

@test "a console that nobody would hold" {
	config '.process.terminal = true'
	run ocirun create --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" 'cannot allocate tty'
	expect_part "$output" '--console-socket'
	[ ! -e "$ROOT/$ID" ]
}
