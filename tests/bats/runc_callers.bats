#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What users of runc are used to and no specification says: leniency, defaults, words of messages.

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

# detached SCRIPT: a container that stays, with a shell that runs it
detached() {
	script "$1; sleep 1000"
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 || cat "$BATS_TEST_TMPDIR/out"
}

# capability NAME: that line of a process' status inside, by exec with further options
exec_capability() {
	ocirun exec "${@:2}" "$ID" grep "^$1:" /proc/self/status </dev/null
}

@test "the template has a cgroup namespace where cgroup v2 is all there is" {
	mkdir "$BATS_TEST_TMPDIR/template"
	ocirun spec --bundle "$BATS_TEST_TMPDIR/template"
	run jq '[.linux.namespaces[].type] | any(. == "cgroup")' "$BATS_TEST_TMPDIR/template/config.json"
	if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
		expect_equal "$output" true
	else
		expect_equal "$output" false
	fi
}

@test "exec --cap raises what is inheritable to ambient, and nothing else" {
	config '.process.capabilities = (["bounding", "permitted", "effective"] |
			map({ key: ., value: ["CAP_CHOWN", "CAP_SYSLOG"] }) | from_entries) |
		.process.capabilities.inheritable = ["CAP_CHOWN", "CAP_SYSLOG"]'
	detached :
	run exec_capability CapAmb --cap CAP_SYSLOG
	expect_equal "$output" $'CapAmb:\t0000000400000000'
	run exec_capability CapAmb --cap CAP_NET_RAW
	expect_equal "$output" $'CapAmb:\t0000000000000000'
}

@test "an ambient capability that cannot be raised is a remark" {
	config '.process.capabilities = {
		bounding: ["CAP_KILL", "CAP_CHOWN"], permitted: ["CAP_KILL", "CAP_CHOWN"],
		effective: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL", "CAP_CHOWN"] }'
	container 'grep CapAmb /proc/self/status'
	expect_status 0
	expect_part "$output" "can't raise ambient capability CAP_CHOWN: not both permitted and inheritable"
	expect_part "$output" $'CapAmb:\t0000000000000020'
	[[ $output != *CAP_KILL* ]]
}

@test "a startContainer hook without env has the process's, with an empty one none" {
	config '.process.env += ["ONE=two"] | .hooks.startContainer = [
		{ path: "/bin/sh", args: ["sh", "-c", "env >/bare"] },
		{ path: "/bin/sh", args: ["sh", "-c", "env >/empty"], env: [] },
		{ path: "/bin/sh", args: ["sh", "-c", "env >/given"], env: ["A=b"] }]'
	container 'true'
	expect_status 0
	run grep -E '^(ONE|HOME)=' "$ROOTFS/bare"
	expect_equal "$(sort <<<"$output")" $'HOME=/\nONE=two'
	run grep -E '^(ONE|HOME|A)=' "$ROOTFS/empty"
	expect_equal "$output" ""
	run grep -E '^(ONE|HOME|A)=' "$ROOTFS/given"
	expect_equal "$output" "A=b"
}

@test "no other hook has the environment of the process" {
	config --arg out "$BATS_TEST_TMPDIR/env" '.process.env += ["ONE=two"] | .hooks.createRuntime = [
		{ path: "/bin/sh", args: ["sh", "-c", "env >\($out)"] }]'
	container 'true'
	expect_status 0
	run ! grep -E '^(ONE|HOME)=' "$BATS_TEST_TMPDIR/env"
}

@test "a hook that a signal ended is told with the signal's name" {
	config '.hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", "kill -SYS $$"] }]'
	refused /hooks/createRuntime/0 "error running createRuntime hook #0: signal: bad system call"
}

@test "a path that is listed twice is masked once" {
	mkdir "$ROOTFS/hidden" "$ROOTFS/fixed"
	config '.linux.maskedPaths = ["/hidden", "/proc/acpi", "/hidden/", "/hidden"] |
		.linux.readonlyPaths = ["/fixed", "/fixed"]'
	inside 'grep -c " /hidden " /proc/mounts; grep -c " /fixed " /proc/mounts' $'1\n1'
}

@test "a wrong memory policy is called invalid" {
	config '.linux.memoryPolicy = {}'
	refused /linux/memoryPolicy/mode "invalid memory policy mode"
	config '.linux.memoryPolicy = { mode: "INTERLEAVE", nodes: "0" }'
	refused /linux/memoryPolicy/mode "invalid memory policy mode"
	config '.linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_FOO"] }'
	refused /linux/memoryPolicy/flags/0 "invalid memory policy flag"
	config '.linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "x" }'
	refused /linux/memoryPolicy/nodes "invalid memory policy node"
}

@test "a directory that is made for a mount inherits the set-group-ID bit" {
	mkdir "$ROOTFS/shared"
	chmod =7755 "$ROOTFS/shared"
	config '.mounts += [{ destination: "/shared/a/b", type: "tmpfs", source: "tmpfs" }]'
	container true
	expect_status 0
	run stat -c %a "$ROOTFS/shared" "$ROOTFS/shared/a" "$ROOTFS/shared/a/b"
	expect_equal "$output" $'7755\n2755\n2755'
}

@test "a tmpfs has the mode of the directory that it covers, or that of /tmp" {
	mkdir -m 710 "$ROOTFS/there"
	config '.mounts += ["/there", "/made/for/it"] | .mounts[3:] |= map({
		destination: ., type: "tmpfs", source: "tmpfs" })'
	inside 'stat -c %a /there /made/for/it' $'710\n1777'
}

@test "a read-only tmpfs and /dev still get what lies in them" {
	config --arg file "$BUNDLE/config.json" '.mounts[1].options += ["ro"] | .mounts += [
		{ destination: "/run", type: "tmpfs", source: "tmpfs", options: ["ro"] },
		{ destination: "/run/secrets/file", type: "bind", source: $file, options: ["bind"] },
		{ destination: "/dev/shm", type: "tmpfs", source: "shm" }]'
	inside 'for m in /dev /run; do touch $m/new 2>&1; done; test -s /run/secrets/file && echo file
		echo x >/dev/null && touch /dev/shm/new && ls /dev/pts/ptmx' \
		"touch: /dev/new: Read-only file system
touch: /run/new: Read-only file system
file
/dev/pts/ptmx"
}

# a source with flags that a bind mount may change
flagged() {
	mkdir "$BATS_TEST_TMPDIR/source"
	mount -t tmpfs -o "$1" tmpfs "$BATS_TEST_TMPDIR/source"
}

# bound OPTION...: prints the flags of a bind mount of that source in a container
bound() {
	config --arg source "$BATS_TEST_TMPDIR/source" '.mounts[3] = { destination: "/mnt", type: "bind",
		source: $source, options: $ARGS.positional }' --args "$@"
	script 'awk "\$2 == \"/mnt\" { print \$4 }" /proc/mounts | sed "s/,inode64//" | cut -d, -f1-5'
	ocirun run --bundle "$BUNDLE" "$ID" 2>&1
}

@test "a bind mount that names some flags has no others; access times stay" {
	run -0 privately 'flagged rw
		mount -o remount,bind,ro,nodev,noexec,noatime tmpfs "$BATS_TEST_TMPDIR/source"
		bound bind; bound bind nosuid; bound bind atime dev; bound bind nodiratime'
	expect_equal "$output" "ro,nodev,noexec,noatime
rw,nosuid,noatime
rw,noatime
rw,nodiratime,relatime"
}

@test "in a user namespace a bind mount keeps the flags of its source, which cannot be taken away" {
	config '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }] |
		.linux.gidMappings = .linux.uidMappings'
	chown -R 100000:100000 "$ROOTFS"
	run -0 privately 'flagged rw
		mount -o remount,bind,ro,nodev,nosymfollow tmpfs "$BATS_TEST_TMPDIR/source"
		bound bind nosuid; bound bind rw || true'
	expect_equal "${lines[0]}" "ro,nosuid,nodev,relatime"
	expect_part "${lines[1]}" "error mounting \"$BATS_TEST_TMPDIR/source\" to rootfs at \"/mnt\""
	expect_part "${lines[1]}" "operation not permitted"
}

# A tree of mounts inside, whose last part is bound from the path that the root has on the host.
nested() {
	local name

	for name in a b; do
		mkdir -p "$BATS_TEST_TMPDIR/$name/sub"
		echo "$name" >"$BATS_TEST_TMPDIR/$name/sub/file"
	done
	mkdir -p "$ROOTFS/mnt" "$ROOTFS/final"
	config --arg from "$BATS_TEST_TMPDIR" --arg root "$ROOTFS" --argjson more "$1" '.mounts += [
		{ destination: "/mnt", type: "bind", source: "\($from)/a", options: ["bind"] },
		{ destination: "/mnt/sub", type: "bind", source: "\($from)/b", options: ["bind"] },
		({ destination: "\($root)/final", type: "bind", source: "\($root)/mnt",
		   options: ["rbind"] } + $more)]'
}

@test "a source in the container's root has the mounts that were made there before" {
	nested '{}'
	inside 'cat /final/sub/sub/file' b
}

@test "so it has in a user namespace" {
	nested '{}'
	config '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }] |
		.linux.gidMappings = .linux.uidMappings'
	chown -R 100000:100000 "$ROOTFS"
	inside 'cat /final/sub/sub/file' b
}

@test "and gets its id map" {
	nested '{ "uidMappings": [{ "containerID": 0, "hostID": 7, "size": 1 }],
		"gidMappings": [{ "containerID": 0, "hostID": 8, "size": 1 }] }'
	inside 'cat /final/sub/sub/file; stat -c %u:%g /final /mnt' $'b\n7:8\n0:0'
}

@test "a createRuntime hook can enter the mount namespace and mount at the root's path" {
	echo hello >"$BATS_TEST_TMPDIR/file"
	touch "$ROOTFS/target"
	config --arg script "pid=\$(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/')
		nsenter -m -t \$pid mount --bind $BATS_TEST_TMPDIR/file $ROOTFS/target" '
		.hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", $script],
			env: ["PATH=/usr/bin:/bin"] }]'
	inside 'cat /target' hello
	run cat "$ROOTFS/target"
	expect_equal "$output" ""
}

@test "without pivot_root no procfs of the host makes another one possible" {
	config '.process.capabilities = (["bounding", "permitted", "effective"] |
			map({ key: ., value: ["CAP_SETFCAP"] }) | from_entries) |
		.linux.maskedPaths = ["/proc/keys"]'
	run -0 privately 'mount -t proc proc /proc
		mount -t proc proc /proc
		container "unshare -mrpf mount -t proc none /proc && echo mounted" --no-pivot
		echo "$output"'
	expect_part "$output" "permission denied"
}

@test "a createContainer hook starts in the container's root" {
	echo hello >"$BATS_TEST_TMPDIR/file"
	touch "$ROOTFS/target"
	config --arg script "mount --bind $BATS_TEST_TMPDIR/file ./target" '
		.hooks.createContainer = [{ path: "/bin/sh", args: ["sh", "-c", $script],
			env: ["PATH=/usr/bin:/bin"] }]'
	inside 'cat /target' hello
	run cat "$ROOTFS/target"
	expect_equal "$output" ""
}

# ended ID PROCESS: within some seconds the container has stopped and the process is gone
ended() {
	for _ in {1..50}; do
		if [ "$(ocirun state "$1" | jq -r .status)" = stopped ] && [ ! -e "/proc/$2/cwd" ]; then
			return
		fi
		sleep 0.1
	done
	false
}

@test "a created container heeds SIGTERM, and runs with signals as they are by default" {
	script 'grep ^SigCgt: /proc/self/status; exec sleep 1000'
	config '.process.args = ["grep", "^SigCgt:", "/proc/self/status"]'
	ocirun create --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1
	ocirun start "$ID"
	ended "$ID" none
	expect_equal "$(cat "$BATS_TEST_TMPDIR/out")" $'SigCgt:\t0000000000000000'
	ocirun delete "$ID"
	ocirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	pid=$(ocirun state "$ID" | jq .pid)
	ocirun kill "$ID" TERM
	ended "$ID" "$pid"
}

@test "kill KILL reaches those whom init left behind in a shared pid namespace" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	detached 'sleep 1001 & :'
	run -0 ocirun ps --format json "$ID"
	left=$(jq -r '.[]' <<<"$output")
	pid=$(ocirun state "$ID" | jq .pid)
	kill -KILL "$pid"
	for _ in {1..50}; do
		[ "$(ocirun state "$ID" | jq -r .status)" != stopped ] || break
		sleep 0.1
	done
	run -0 ocirun kill "$ID" KILL
	for process in $left; do
		ended "$ID" "$process"
	done
	run ocirun kill "$ID" KILL
	expect_status 1
	expect_part "$output" "container not running"
}

@test "letters of a device rule that mean nothing are a remark of check, and no more" {
	config '.linux.resources.devices = [{ allow: false, type: "c", major: 1, minor: 11, access: "rwa" }]'
	inside 'echo fine' fine
	run ocirun check "$BUNDLE"
	expect_part "$output" 'is "rwa", of which only letters of "rwm" count'
}

@test "the debug log tells the steps of a start, the filter's flags and the CPUs of exec" {
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_LOG"] } |
		.process.execCPUAffinity.initial = "0"'
	script 'true'
	run -0 ocirun --debug run --bundle "$BUNDLE" "$ID"
	expect_part "$output" "nsexec container setup"
	expect_part "$output" "child process in init()"
	expect_part "$output" "init: closing the pipe to signal completion"
	expect_part "$output" '"seccomp filter flags: 2"'
	detached :
	run -0 ocirun --debug exec "$ID" true
	expect_part "$output" "nsexec container setup"
	expect_part "$output" "affinity: 0x1"
	expect_part "$output" "setns_init: about to exec"
}

@test "a user without privileges runs what the template for such users says" {
	local home=$BATS_TEST_TMPDIR/home

	mkdir "$home"
	cp -a "$ROOTFS" "$home/rootfs"
	chown -R 1000:1000 "$home"
	cd "$home"
	mortal() {
		setpriv --reuid 1000 --regid 1000 --clear-groups timeout -k 5 30 "$OCIRUN" --root "$home/state" "$@"
	}
	mortal spec --rootless
	jq '.process.terminal = false | .process.args = ["sh", "-c", "id -u; ls /sys/class | grep -x net"]' \
		config.json >changed
	mv changed config.json
	run mortal run "$ID" </dev/null
	expect_equal "$output" $'0\nnet'
}

@test "a device /dev/ptmx is the container's own, whatever config.json has there" {
	config '.linux.devices = [{ path: "/dev/ptmx", type: "c", major: 5, minor: 2 }]'
	inside 'readlink /dev/ptmx' pts/ptmx
}
