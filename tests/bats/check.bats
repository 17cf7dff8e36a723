#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# check says all that is wrong with a bundle at once: by the spec, on this host, and what is odd.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	# A profile, so that nothing is left to be said of the bundle.
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ERRNO",
		syscalls: [{ names: ["read", "execve", "capset"], action: "SCMP_ACT_ALLOW" }] } |
		.linux.maskedPaths = ["/proc/kcore"]'
}

teardown() {
	remove_containers
}

# check [OPTION...]: as bats' `run` does, stderr apart
check() {
	run --separate-stderr ocirun check "$@" "$BUNDLE"
}

# finds LEVEL POINTER TEXT FILTER: with this change of config.json, check says so
finds() {
	config "$4"
	check
	[ "$1" = warning ] || expect_status 1
	grep -qF "$1: $2: $3" <<<"$output" || {
		echo "no '$1: $2: $3' in: $output"
		return 1
	}
}

@test "a bundle with nothing wrong gets no line" {
	check
	expect_status 0
	expect_equal "$output$stderr" ""
}

@test "the config that spec writes has no error" {
	for rootless in "" --rootless; do
		rm "$BUNDLE/config.json"
		ocirun spec $rootless --bundle "$BUNDLE"
		check
		expect_status 0
	done
}

@test "every error of the document is listed with its pointer" {
	config '.process.cwd = 5 | .mounts[1].destination = false'
	check
	expect_status 1
	expect_equal "${#lines[@]}" 2
	expect_part "$output" "error: /process/cwd: "
	expect_part "$output" "error: /mounts/1/destination: "
	expect_equal "$stderr" "ocirun: config.json of bundle '$BUNDLE' has 2 errors"
}

@test "errors of several parts of a plan are listed together" {
	config '.linux.namespaces |= map(select(.type != "uts")) |
		.linux.sysctl = { "kernel.nosuch": "1" } | .linux.intelRdt = {}'
	check
	expect_status 1
	for pointer in /hostname /linux/sysctl/kernel.nosuch /linux/intelRdt; do
		expect_part "$output" "error: $pointer: "
	done
}

# says LEVEL POINTER...: these lines, in whatever order, and no other
says() {
	expect_equal "$(cut -d: -f1,2 <<<"$output" | sort)" "$(printf '%s\n' "$@" | sort)"
}

@test "errors of the document, of the plan and of this host are listed together" {
	config '.hostname = 5 | .mounts += [{ destination: 7 },
			{ destination: "/a", source: "/nonexistent", options: ["bind"] },
			{ destination: "/b", options: ["bind"] }, { destination: "/" , type: "tmpfs"}] |
		.linux.sysctl = { "a.b": "1", "c.d": "2" } | .process.args = ["nosuch"] |
		.hooks.poststop = [{ path: "relative" }, { path: "/nohook" }] |
		.linux.seccomp.syscalls[0].action = "SCMP_ACT_DREAM"'
	check
	expect_status 1
	says "error: /hostname" "error: /mounts/3/destination" "error: /hooks/poststop/0/path" \
		"error: /linux/seccomp/syscalls/0/action" "error: /mounts/5/source" \
		"error: /mounts/6/destination" "error: /linux/sysctl/a.b" "error: /linux/sysctl/c.d" \
		"error: /mounts/4" "error: /hooks/poststop/1" "warning: /process/args/0"
}

@test "of what cannot be read nothing else is said, and all of the rest" {
	config '.ociVersion = 1 | .process.cwd = "relative" |
		.linux.namespaces[3].type = "nuts" | .root.path = "nosuch"'
	check
	expect_status 1
	says "error: /ociVersion" "error: /process/cwd" "error: /linux/namespaces/3/type" "error: /root/path"
	config '.root = 5 | .process.args = "nosuch" | .linux.uidMappings = 5 |
		.linux.namespaces += [{ type: "user" }] | .linux.seccomp.defaultAction = "SCMP_ACT_DREAM"'
	check
	expect_status 1
	says "error: /ociVersion" "error: /process/cwd" "error: /linux/namespaces/3/type" "error: /root" \
		"error: /process/args" "error: /linux/uidMappings" "error: /linux/gidMappings" \
		"error: /linux/seccomp/defaultAction"
	config '.linux = "all"'
	check
	says "error: /ociVersion" "error: /process/cwd" "error: /root" "error: /process/args" "error: /linux"
}

@test "a process without a program" {
	config 'del(.process.args)'
	check
	expect_status 1
	says "error: /process/args"
	run ocirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" "args must not be empty: the first is the program to run (config.json: /process/args)"
}

@test "what the plan remarks has a pointer too" {
	finds warning /mounts/3 'option "size=5" of the bind mount at "/a" has no effect' \
		'.mounts += [{ destination: "/a", source: "/srv", options: ["bind", "size=5"] }]'
}

@test "what is not there says so" {
	run -1 --separate-stderr ocirun check /nonexistent
	expect_part "$stderr" "bundle '/nonexistent': No such file or directory"
	rm "$BUNDLE/config.json"
	check
	expect_status 1
	expect_part "$stderr" "config.json"
}

@test "a root file system that is not there" {
	finds error /root/path "the root file system '$BUNDLE/nosuch': No such file" '.root.path = "nosuch"'
}

@test "a source of a bind mount that is not there" {
	finds error /mounts/3 "the source '/nonexistent': No such file" \
		'.mounts += [{ destination: "/a", source: "/nonexistent", options: ["bind"] }]'
}

@test "a filesystem that the kernel has not" {
	config '.mounts += [{ destination: "/a", type: "nosuchfs", source: "a" }]'
	check
	expect_part "$output" "/mounts/3: "
	expect_part "$output" "filesystem 'nosuchfs'"
}

@test "options that a filesystem does not know, or whose value it does not take" {
	finds error /mounts/3 "option 'size': Invalid argument (tmpfs: Bad value for 'size')" \
		'.mounts += [{ destination: "/a", type: "tmpfs", options: ["size=much"] }]'
	finds error /mounts/3 "option 'nosuch': Invalid argument (tmpfs: Unknown parameter 'nosuch')" \
		'.mounts[3].options = ["nosuch=1"]'
	config '.mounts[3].options = ["size=64k", "mode=700", "noexec", "nosuid"]'
	check
	expect_equal "$output" ""
}

@test "directories of an overlay that are not there" {
	local key

	mkdir "$BATS_TEST_TMPDIR"/{low,up,work}
	config --arg dir "$BATS_TEST_TMPDIR" '.mounts += [{ destination: "/a", type: "overlay", source: "overlay",
		options: ["lowerdir=\($dir)/low", "upperdir=\($dir)/up", "workdir=\($dir)/work"] }]'
	check
	expect_equal "$output" ""
	for key in lowerdir upperdir workdir; do
		config --arg key "$key" '.mounts[3].options |= map(if startswith($key) then . + "/no" else . end)'
		check
		expect_part "$output" "error: /mounts/3: option '$key': No such file or directory; hint: '$BATS_TEST_TMPDIR/"
	done
}

@test "a source that should be a block device" {
	grep -qw ext4 /proc/filesystems || skip "there is no ext4"
	finds error /mounts/3 "the source '/dev/nosuch': No such file" \
		'.mounts += [{ destination: "/a", type: "ext4", source: "/dev/nosuch" }]'
	finds error /mounts/3 "the source '/etc/passwd' is no block device" '.mounts[3].source = "/etc/passwd"'
}

@test "ids that the filesystem cannot map" {
	finds error /mounts/3 "the ids of '/proc/sys' cannot be mapped" \
		'.mounts += [{ destination: "/a", source: "/proc/sys", options: ["bind", "idmap"],
			uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
			gidMappings: [{ containerID: 0, hostID: 1000, size: 1 }] }]'
	expect_part "$output" "hint: '/proc/sys' lies on proc, which has no idmapped mounts"
	config '.mounts[3].source = "/dev/shm"'
	check
	expect_equal "$output" ""
}

@test "what is in the way of a mount point, a device, the working directory" {
	local mount

	touch "$ROOTFS/file"
	ln -s loop "$ROOTFS/loop"
	for mount in '{ type: "tmpfs" }' '{ source: "/srv", options: ["bind"] }' '{ source: "/etc/passwd", options: ["bind"] }'; do
		finds error /mounts/3 "'/file/x' in the container: Not a directory; hint: '/file' in the container is no directory" \
			".mounts[3] = $mount + { destination: \"/file/x\" }"
		finds error /mounts/3 "'/loop/x' in the container: Too many levels of symbolic links; hint: '/loop'" \
			'.mounts[3].destination = "/loop/x"'
	done
	finds error /mounts/3 "'/file' in the container: Not a directory" '.mounts[3] = { destination: "/file", type: "tmpfs" }'
	finds error /linux/devices/0 "'/file/x' in the container: Not a directory" \
		'del(.mounts[3]) | .linux.devices = [{ path: "/file/x", type: "c", major: 1, minor: 3 }]'
	finds error /process/cwd "'/file' in the container: Not a directory" 'del(.linux.devices) | .process.cwd = "/file"'
	# What a new filesystem brings is not known; a file goes on a file.
	config '.process.cwd = "/" | .mounts[3:] = [{ destination: "/file", source: "/etc/passwd", options: ["bind"] },
		{ destination: "/dev/file/x", type: "tmpfs" }]'
	check
	expect_equal "$output" ""
}

@test "a mount point that is missing below a mount that is read-only" {
	mkdir -p "$BATS_TEST_TMPDIR/volume/there"
	config --arg dir "$BATS_TEST_TMPDIR/volume" '.mounts += [
		{ destination: "/v", source: $dir, options: ["bind", "ro"] },
		{ destination: "/v/there", type: "tmpfs" }]'
	check
	[[ $output != *error* ]]
	finds error /mounts/4 "'/v/sub' in the container: Read-only file system; hint: make '/sub' in '$BATS_TEST_TMPDIR/volume'" \
		'.mounts[4].destination = "/v/sub"'
}

@test "sysctls, interfaces, memory nodes, huge pages and clocks that this host has not" {
	finds error /linux/netDevices/nosuch0 'there is no network device "nosuch0"' '.linux.netDevices = { nosuch0: {} }'
	finds error /linux/memoryPolicy/nodes "this host has the memory nodes" \
		'.linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "77" }'
	! grep -qw "^hugetlb" /proc/cgroups ||
		finds error /linux/resources/hugepageLimits/0 "this kernel has no huge pages of 3072 KiB" \
			'.linux.resources.hugepageLimits = [{ pageSize: "3MB", limit: 1 }]'
	finds error /linux/timeOffsets/monotonic "the clock would be before 0" \
		'.linux.namespaces += [{ type: "time" }] | .linux.timeOffsets = { monotonic: { secs: -99999999999 } }'
	config '.linux.sysctl = { "net.nosuch": "1" }'
	check
	expect_part "$output" ": /linux/sysctl/net.nosuch: this kernel has no '/proc/sys/net/nosuch'"
	config 'del(.linux.sysctl, .linux.netDevices, .linux.memoryPolicy, .linux.resources)
		| .linux.sysctl = { "net.ipv4.ip_forward": "1" } | .linux.timeOffsets.monotonic.secs = 5'
	check
	expect_equal "$output" ""
}

@test "a terminal without devpts" {
	finds error /process/terminal "a terminal needs a mount of type devpts at /dev/pts" \
		'.process.terminal = true | del(.mounts[2])'
}

@test "hooks that are not there or cannot be executed" {
	finds error /hooks/poststop/0 "the hook '/nonexistent': No such file" \
		'.hooks.poststop = [{ path: "/nonexistent" }]'
	finds error /hooks/poststop/0 "the hook '/etc/passwd': Permission denied" \
		'.hooks.poststop[0].path = "/etc/passwd"'
	finds error /hooks/poststop/0 "the hook '/etc' is no file" '.hooks.poststop[0].path = "/etc"'
}

@test "namespaces that are not there, are none, or of another type" {
	finds error /linux/namespaces/5 "the namespace '/proc/1/ns/nosuch': No such file" \
		'.linux.namespaces += [{ type: "cgroup", path: "/proc/1/ns/nosuch" }]'
	finds error /linux/namespaces/5 "'/etc/passwd' is no namespace" \
		'.linux.namespaces[5].path = "/etc/passwd"'
	finds error /linux/namespaces/5 "'/proc/self/ns/uts' is a namespace of type uts, not cgroup" \
		'.linux.namespaces[5].path = "/proc/self/ns/uts"'
}

@test "a program that is not in the root file system" {
	finds error /process/args/0 'exec: "nosuch": executable file not found in $PATH' \
		'.process.args = ["nosuch"]'
}

@test "a program whose interpreter is not in the root file system" {
	printf '#!/bin/nosuch\n' >"$ROOTFS/bin/script"
	chmod 755 "$ROOTFS/bin/script"
	config '.process.args = ["/bin/script"]'
	check
	expect_status 1
	expect_part "$output" "error: /process/args/0: "
	expect_part "$output" "/bin/nosuch"
}

@test "a program that only the user of the container may not execute" {
	chmod 700 "$ROOTFS/bin/busybox"
	config '.process.user = { uid: 1000, gid: 1000 } | .process.args = ["/bin/busybox"]'
	check
	expect_status 1
	expect_part "$output" "permission denied"
}

@test "a program that a mount may bring is a warning" {
	finds warning /process/args/0 'exec /opt/tool: no such file' \
		'.process.args = ["/opt/tool"] | .mounts += [{ destination: "/opt", source: "/srv", options: ["bind"] }]'
	expect_status 0
}

@test "a program that a mount brings is there, wherever that is mounted" {
	local dir

	mkdir "$BATS_TEST_TMPDIR/tools"
	cp "$ROOTFS/bin/busybox" "$BATS_TEST_TMPDIR/tools/tool"
	for dir in /opt /tmp /run/tools; do
		config --arg dir "$dir" --arg source "$BATS_TEST_TMPDIR/tools" \
			'.process.args = [$dir + "/tool"] | .mounts[3] = { destination: $dir, source: $source, options: ["bind"] }'
		check
		expect_status 0
		expect_equal "$output" ""
	done
	finds warning /process/args/0 'exec /run/tools/other: no such file' \
		'.process.args = ["/run/tools/other"]'
	expect_status 0
}

@test "processors and memory nodes that this host has not" {
	config '.linux.resources.cpu = {cpus: "0,4000", mems: "0-500"}'
	run ocirun check "$BUNDLE"
	expect_part "$output" '/linux/resources/cpu/cpus: this host has the processors 0'
	expect_part "$output" '/linux/resources/cpu/mems: this host has the memory nodes 0'
	config '.linux.resources.cpu = {cpus: "0", mems: "0"}'
	run ocirun check "$BUNDLE"
	[[ $output != */linux/resources/cpu* ]]
}

@test "processor time in a range that no cgroup takes" {
	local value

	for value in 999 1000001; do
		finds error /linux/resources/cpu/period "the kernel takes no period of $value: from 1000 to 1000000" \
			".linux.resources.cpu = { period: $value }"
	done
	finds error /linux/resources/cpu/quota "the kernel takes no quota of 10: 1000 at least" \
		'.linux.resources.cpu = { quota: 10 }'
	for value in '{ quota: 1000, period: 1000 }' '{ quota: -1, period: 1000000 }'; do
		config ".linux.resources.cpu = $value"
		check
		expect_status 0
		expect_equal "$output" ""
	done
}

@test "more processor time than the cgroup above has" {
	[ -d /sys/fs/cgroup/cpu ] || skip "version 2 takes it, and gives what the cgroup above has"
	mkdir "/sys/fs/cgroup/cpu/$ID"
	echo 50000 >"/sys/fs/cgroup/cpu/$ID/cpu.cfs_quota_us"
	config --arg path "/$ID/below" '.linux.cgroupsPath = $path | .linux.resources.cpu = { quota: 30000, period: 50000 }'
	check
	rmdir "/sys/fs/cgroup/cpu/$ID"
	expect_status 1
	expect_part "$output" "error: /linux/resources/cpu/quota: the cgroup above has 50000 of every 100000 microseconds"
}

@test "a real-time policy without a budget" {
	[ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ] || skip "this kernel has no real-time budgets"
	finds error /process/scheduler "a real-time policy needs real-time budget, of which a new cgroup has 0" \
		'.process.scheduler = { policy: "SCHED_FIFO", priority: 1 }'
	run ocirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	config '.linux.resources.cpu = { realtimeRuntime: 1000, realtimePeriod: 1000000 }'
	check
	expect_equal "$output" ""
	expect_status 0
}

@test "scheduling that is not the caller's to ask for, or no schedule" {
	config '.process.scheduler = { policy: "SCHED_DEADLINE", runtime: 2000, deadline: 1000 }'
	finds error /process/scheduler "of SCHED_DEADLINE the runtime is 1024 at least" .
	config '.process.scheduler = { policy: "SCHED_RR", priority: 7 } | del(.linux.seccomp)
		| .linux.resources.cpu = { realtimeRuntime: 1000, realtimePeriod: 1000000 }'
	run setpriv --bounding-set -sys_nice --inh-caps -all prlimit --rtprio=0:0 \
		"$OCIRUN" --root "$ROOT" check "$BUNDLE"
	expect_status 1
	expect_part "$output" "error: /process/scheduler: a real-time policy needs CAP_SYS_NICE on the host"
}

@test "limits of a block device that this host has not" {
	finds error /linux/resources/blockIO/throttleReadBpsDevice/0 "this host has no block device 250:250" \
		'.linux.resources.blockIO = { throttleReadBpsDevice: [{ major: 250, minor: 250, rate: 1 }] }'
}

# The sanitizers' runtime does not end without exit_group, which no program gets under such a profile.
refused_to_run() {
	run ocirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
}

@test "a seccomp profile under which no program starts" {
	finds error /linux/seccomp "the profile denies execve, and no program can be started" \
		'.linux.seccomp.syscalls[0].names = ["read", "capset"]'
	is_sanitized || refused_to_run
	finds error /linux/seccomp "the profile denies capset" \
		'.linux.seccomp.syscalls[0].names = ["read", "execve"]'
	config '.process.noNewPrivileges = true'
	check
	expect_status 0
	finds error /linux/seccomp "the profile denies execve" \
		'.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{ names: ["execve"], action: "SCMP_ACT_KILL_PROCESS" }] }'
	# What its arguments decide, or an agent, is not known before.
	config '.linux.seccomp.syscalls[0].args = [{ index: 0, value: 0, op: "SCMP_CMP_EQ" }]'
	check
	expect_status 0
}

@test "a security module that is not active" {
	[ ! -e /sys/fs/selinux/enforce ] || skip "SELinux is active here"
	finds error /process/selinuxLabel "SELinux is not active" '.process.selinuxLabel = "a:b:c"'
}

@test "a limit that the caller may not raise" {
	config '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 64, hard: 65 }]'
	check
	expect_status 0
	run setpriv --bounding-set -sys_resource --inh-caps -all prlimit --nofile=64:64 \
		"$OCIRUN" --root "$ROOT" check "$BUNDLE"
	expect_status 1
	expect_part "$output" "error: /process/rlimits/0: raising the hard limit of RLIMIT_NOFILE above 64"
}

@test "without privileges: namespaces of others, and ids of others" {
	chmod -R go+rX "$BUNDLE"
	as_nobody() {
		run --separate-stderr setpriv --reuid 12345 --regid 12345 --clear-groups \
			env "HOME=$BATS_TEST_TMPDIR" "$OCIRUN" --root "$BATS_TEST_TMPDIR/other" check "$BUNDLE"
	}
	config '.linux.namespaces |= map(if .type == "ipc" then .path = "/proc/1/ns/ipc" else . end)'
	as_nobody
	expect_status 1
	expect_part "$output" "error: /linux/namespaces: namespaces need root, or a user namespace"
	config '.linux.namespaces |= map(del(.path)) | .linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 10 }] |
		.linux.gidMappings = [{ containerID: 0, hostID: 12345, size: 1 }]'
	as_nobody
	expect_status 1
	expect_part "$output" "error: /linux/uidMappings/0: user ids 100000 to 100009 are not yours to map"
	expect_part "$output" "add '12345:100000:10' to /etc/subuid"
	# Whoever may map root's id is root.
	config '.linux.uidMappings[0].hostID = 0'
	as_nobody
	expect_part "$output" "user ids 0 to 9 are not yours to map"
	expect_part "$output" "hint: ids below 65536 are of accounts of this host: map 12345, your own"
	[[ $output != *gidMappings* ]]
}

@test "a cgroup that holds processes" {
	config --arg path "/$ID" '.linux.cgroupsPath = $path | .process.args = ["sleep", "100"]'
	jq 'del(.linux.seccomp)' "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/open.json"
	ocirun run --detach --bundle "$BUNDLE" --config "$BATS_TEST_TMPDIR/open.json" "$ID"
	check
	expect_status 1
	expect_part "$output" "error: /linux/cgroupsPath: the cgroup '"
	ocirun delete --force "$ID"
	check
	expect_status 0
}

@test "warnings for what the host has in common with the container" {
	config '.linux.namespaces = [{ type: "uts" }, { type: "mount" }] | del(.linux.seccomp)'
	check
	expect_status 0
	for text in "there is no pid namespace: /proc shows" "there is no network namespace" \
		"there is no ipc namespace" "there is no seccomp profile"; do
		expect_part "$output" "$text"
	done
}

@test "a warning for a mount that hides an earlier one" {
	finds warning /mounts/3 "the mount on '/dev' covers that on '/dev/pts', /mounts/2" \
		'.mounts += [{ destination: "/dev", type: "tmpfs", source: "tmpfs" }]'
	expect_status 0
}

@test "an annotation of crun that means nothing here is a warning, and those that mean something are none" {
	config '.annotations = { "run.oci.systemd.subgroup": "x", "run.oci.keep_original_groups": "1",
		"run.oci.mount_context_type": "context", "run.oci.seccomp.receiver": "/run/x", "run.ocix": "" }'
	run -0 ocirun check "$BUNDLE"
	expect_part "$output" '/annotations/run.oci.systemd.subgroup: an annotation of crun, without a meaning here; ignored'
	expect_equal "$(grep -c 'annotation of crun' <<<"$output")" 1
	config 'del(.linux.seccomp) | .process.args = ["true"]'
	run -0 ocirun run --bundle "$BUNDLE" "$ID"
	expect_part "$output" '/annotations/run.oci.systemd.subgroup'
}

@test "with --strict a warning is an error" {
	config 'del(.linux.seccomp)'
	check
	expect_status 0
	check --strict
	expect_status 1
	expect_equal "$stderr" "ocirun: config.json of bundle '$BUNDLE' has 1 warning"
}

@test "the verdict names the file that --config names" {
	jq ".process.cwd = 5" "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/other.json"
	check --config "$BATS_TEST_TMPDIR/other.json"
	expect_status 1
	expect_equal "$stderr" "ocirun: $BATS_TEST_TMPDIR/other.json of bundle '$BUNDLE' has 1 error"
}

@test "as JSON it is one document, also with nothing in it" {
	check --format json
	expect_status 0
	expect_equal "$(jq -c . <<<"$output")" '{"errors":0,"warnings":0,"problems":[]}'
	config 'del(.linux.seccomp) | .root.path = "nosuch"'
	check --format json
	expect_status 1
	expect_equal "$(jq -c '[.errors, .warnings, (.problems | map(.level + " " + .pointer))]' <<<"$output")" \
		'[1,1,["error /root/path","warning /linux/seccomp"]]'
	expect_equal "$(jq -r '.problems[0].hint' <<<"$output")" "it is relative to the bundle"
}

@test "check has no side effects" {
	config '.mounts += [{ destination: "/new", type: "tmpfs", source: "tmpfs" }] | .process.cwd = "/also/new"'
	find "$BUNDLE" -printf '%p %i %m %C@\n' | sort >"$BATS_TEST_TMPDIR/before"
	find /sys/fs/cgroup -maxdepth 2 -name "ID" >>"$BATS_TEST_TMPDIR/before" 2>/dev/null || : # others make and remove theirs
	check
	find "$BUNDLE" -printf '%p %i %m %C@\n' | sort >"$BATS_TEST_TMPDIR/after"
	find /sys/fs/cgroup -maxdepth 2 -name "ID" >>"$BATS_TEST_TMPDIR/after" 2>/dev/null || : # others make and remove theirs
	cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	[ ! -e "$ROOT" ]
}

@test "on a terminal lines keep to its width, in a pipe a problem is a line" {
	config '.mounts += [{ destination: "/x", type: "nosuchfs" }] | .process.cwd = "nowhere"'
	check
	expect_equal "$(grep -cvE '^(error|warning): /' <<<"$output")" 0
	problems=$output
	COLUMNS=50 check
	expect_equal "$(awk 'length > 50' <<<"$output")" ''
	[ "$(grep -c '^    ' <<<"$output")" -gt 0 ]
	expect_equal "$(sed -z 's/\n    / /g' <<<"$output")" "$problems"
}

@test "check is plain in a pipe, in colour on a terminal, unless NO_COLOR is set" {
	config 'del(.linux.seccomp)'
	check
	[[ $output != *$'\e'* ]]
	TERM=xterm run command script -qec "'$OCIRUN' check '$BUNDLE'" /dev/null
	expect_part "$output" $'\e[0;33mwarning'
	NO_COLOR=1 TERM=xterm run command script -qec "'$OCIRUN' check '$BUNDLE'" /dev/null
	[[ $output != *$'\e'* ]]
}
