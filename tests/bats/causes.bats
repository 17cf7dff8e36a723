#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What failed is said as callers expect it; why, and what to do, follows as a hint.

load causes

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
}

teardown() {
	remove_containers
}

@test "a script whose interpreter is not there" {
	program run.sh '#!/usr/bin/python3\n'
	because "the script's interpreter '/usr/bin/python3' is not there in the container"
	expect_part "$output" 'exec /run.sh: no such file or directory (config.json: /process/args/0)'
	program run.sh '#!/usr/bin/python4'
	because "the script's interpreter '/usr/bin/python4' is not there in the container"
}

@test "a script whose interpreter is there, but cannot be executed" {
	program inner '#!/no/interpreter\n'
	program run.sh '#!/inner\n'
	because "'/inner' cannot be executed: the script's interpreter '/no/interpreter' is not there"
	cp /bin/true "$ROOTFS/inner"
	because "'/inner' cannot be executed: the program's ELF interpreter '/lib64/ld-linux"
	chmod 644 "$ROOTFS/inner"
	because "'/inner' cannot be executed: '/inner' has no execute bit"
	program run.sh '#! \n'
	because "no interpreter's name follows the #! of the script"
}

@test "interpreters that lead to each other end somewhere" {
	program a '#!/b\n'
	program b '#!/a\n'
	because "its interpreter is a script, whose interpreter is one, and so on: Linux follows 4 of them"
}

@test "a script with the line ends of Windows" {
	program run.sh '#!/bin/sh\r\necho\r\n'
	because 'ends with CR LF'
}

@test "a program whose ELF interpreter is not there" {
	cp /bin/true "$ROOTFS/dynamic"
	config '.process.args = ["/dynamic"]'
	because "ELF interpreter '/lib64/ld-linux-x86-64.so.2' is not there in the container"
}

@test "a program for another machine" {
	# The number of the machine is at offset 18 of an ELF header; 183 is aarch64.
	cp "$ROOTFS/bin/busybox" "$ROOTFS/foreign"
	printf '\xb7' | dd of="$ROOTFS/foreign" bs=1 seek=18 conv=notrunc status=none
	config '.process.args = ["/foreign"]'
	because 'built for aarch64, and this machine is of type x86_64'
}

@test "a program that is cut off, within its header and behind it" {
	local size

	size=$(stat -c %s "$ROOTFS/bin/busybox")
	program short ''
	head -c 20 "$ROOTFS/bin/busybox" >"$ROOTFS/short"
	because 'the file is cut off: an ELF program begins with a header of 64 bytes, and it has 20'
	head -c 100 "$ROOTFS/bin/busybox" >"$ROOTFS/short"
	because "bytes at least it has 100"
	[[ $output =~ 'cut off: of the ELF program'.s' '([0-9]+)' bytes at least' ]]
	((BASH_REMATCH[1] > 100 && BASH_REMATCH[1] <= size))
}

@test "a file that is no program" {
	program text 'no program\n'
	because 'neither an ELF program of this machine nor a script that begins with #!'
	program text ''
	because 'the file is empty'
}

@test "a program without an execute bit" {
	program plain '#!/bin/sh\n'
	chmod 644 "$ROOTFS/plain"
	because "'/plain' has no execute bit"
}

@test "a program on a mount with noexec" {
	mkdir "$BATS_TEST_TMPDIR/volume"
	cp "$ROOTFS/bin/busybox" "$BATS_TEST_TMPDIR/volume/true"
	config --arg dir "$BATS_TEST_TMPDIR/volume" '.process.args = ["/mnt/true"]
		| .mounts += [{destination: "/mnt", source: $dir, options: ["bind", "noexec"]}]'
	because "'/mnt/true' lies on a mount with the option noexec"
}

@test "a directory on the way that the user may not search" {
	mkdir "$ROOTFS/closed"
	cp "$ROOTFS/bin/busybox" "$ROOTFS/closed/true"
	chmod 700 "$ROOTFS/closed"
	config '.process.args = ["/closed/true"] | .process.user.uid = 1000'
	because "the directory '/closed' may not be searched by uid 1000"
}

@test "a dangling link, a missing directory, a program outside of PATH" {
	ln -s /opt/app "$ROOTFS/app"
	config '.process.args = ["/app"]'
	because "'/app' is a link to '/opt/app', which is not there in the container"
	config '.process.args = ["/opt/bin/app"]'
	because "'/opt' is not there in the container"
	config '.process.args = ["sh"] | .process.env = ["PATH=/opt:/srv"]'
	because "there is '/bin/sh', but PATH is '/opt:/srv'"
}

@test "a directory is no program that PATH misses, nor is the one that an empty name means" {
	mkdir -p "$ROOTFS/usr/bin/tool"
	config '.process.env = ["PATH=/opt"] | .process.args = ["tool"]'
	run -1 ocirun run --bundle "$BUNDLE" "$ID"
	expect_part "$output" "PATH is '/opt'"
	[[ $output != *'there is'* ]]
	config '.process.args = [""]'
	run -1 ocirun run --bundle "$BUNDLE" "$ID"
	[[ $output != *'there is'* ]]
}

@test "what exec cannot run" {
	script 'exec sleep 1000'
	program run.sh '#!/no/interpreter\n'
	script 'exec sleep 1000'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	run ocirun exec "$ID" /run.sh
	expect_status 255
	expect_part "$output" "hint: the script's interpreter '/no/interpreter' is not there"
}

@test "start says why the program of a created container cannot be run" {
	program run.sh '#!/no/interpreter\n'
	ocirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	run ocirun start "$ID"
	expect_status 1
	expect_part "$output" "the script's interpreter '/no/interpreter' is not there"
}

@test "arguments that are too large" {
	config '.process.args += [range(3) | "x" * 131072]'
	because 'RLIMIT_STACK'
}

@test "a hook that cannot be run" {
	printf '#!/no/interpreter\n' >"$BATS_TEST_TMPDIR/hook"
	chmod 755 "$BATS_TEST_TMPDIR/hook"
	config --arg path "$BATS_TEST_TMPDIR/hook" '.hooks.createRuntime = [{path: $path}]'
	because "the script's interpreter '/no/interpreter' is not there where the hook runs"
	expect_part "$output" 'hook #0: exit status 127, stderr: exec /'
	config --arg path "$BATS_TEST_TMPDIR/nowhere/hook" '.hooks.createRuntime = [{path: $path}]'
	because "'$BATS_TEST_TMPDIR/nowhere' is not there"
	config '.hooks = {startContainer: [{path: "/nowhere/hook"}]}'
	because "'/nowhere' is not there where the hook runs"
}

@test "the source of a bind mount: what of its path is missing" {
	config --arg dir "$BATS_TEST_TMPDIR" '.mounts += [{destination: "/mnt",
		source: ($dir + "/no/such/folder"), options: ["bind"]}]'
	because "'$BATS_TEST_TMPDIR/no' is not there on this host"
	ln -s nowhere "$BATS_TEST_TMPDIR/link"
	config '.mounts[-1].source |= sub("/no/such/folder"; "/link")'
	because "'$BATS_TEST_TMPDIR/link' is a link to 'nowhere', which is not there on this host"
}

@test "a namespace to join: what of its path is missing" {
	config --arg path "$BATS_TEST_TMPDIR/no/netns" \
		'.linux.namespaces |= map(select(.type == "network").path = $path)'
	because "'$BATS_TEST_TMPDIR/no' is not there on this host"
}

@test "a label where no SELinux is active" {
	[ ! -e /sys/fs/selinux/enforce ] || skip "SELinux is active"
	config '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
	because "/linux/mountLabel is a label of SELinux, which is not active"
	config 'del(.linux.mountLabel) | .process.selinuxLabel = "system_u:system_r:container_t:s0"'
	because "SELinux is not active on this host"
}

@test "a value that a cgroup does not take" {
	config '.linux.resources.cpu = {quota: 1}'
	because 'a quota is 1000 at least'
	[ -d /sys/fs/cgroup/cpuset ] || skip "a cpuset of version 2 takes any number"
	config '.linux.resources.cpu = {cpus: "4000"}'
	because 'the cgroup above has 0'
}

@test "a controller that this host has not" {
	config '.linux.resources.rdma = {mlx5_0: {hcaHandles: 1}}'
	! grep -qw rdma /proc/cgroups || skip "there is a controller rdma"
	because "mount or delegate the controller 'rdma'"
}

@test "ids that the filesystem cannot map: it is named" {
	config --arg dir /proc/sys '.mounts += [{destination: "/mnt", source: $dir,
		options: ["bind", "idmap"],
		uidMappings: [{containerID: 0, hostID: 1000, size: 1}],
		gidMappings: [{containerID: 0, hostID: 1000, size: 1}]}]'
	because "'/proc/sys' lies on proc"
}

@test "a procfs, sysfs or mqueue that a user namespace may not make" {
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	cp "$BUNDLE/config.json" "$BUNDLE/whole.json"
	config '.linux.namespaces |= map(select(.type != "pid"))'
	because 'add {"type": "pid"} to /linux/namespaces'
	cp "$BUNDLE/whole.json" "$BUNDLE/config.json"
	config '.linux.namespaces |= map(select(.type != "network"))
		| .mounts += [{destination: "/sys", type: "sysfs", source: "sysfs"}]'
	because 'add {"type": "network"} to /linux/namespaces'
	cp "$BUNDLE/whole.json" "$BUNDLE/config.json"
	config '.linux.namespaces |= map(select(.type != "ipc"))
		| .mounts += [{destination: "/dev/mqueue", type: "mqueue", source: "mqueue"}]'
	because 'add {"type": "ipc"} to /linux/namespaces'
}

@test "a procfs in a user namespace where mounts cover the caller's /proc" {
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	# A procfs that is mounted elsewhere on the host, and covered nowhere, would do as well.
	run privately 'awk "\$5 != \"/proc\" && / - proc / { print \$5 }" /proc/self/mountinfo | tac |
			xargs --no-run-if-empty -n 1 umount --lazy
		mount -t tmpfs none /proc/scsi 2>/dev/null || mount -t tmpfs none /proc/tty
		for dir in $(awk "\$5 ~ \"^/proc/\" { print \$5 }" /proc/self/mountinfo); do
			echo "covered: $dir"
		done
		ocirun run --bundle "$BUNDLE" "$ID"'
	[ "$status" != 0 ]
	expect_part "$output" "a mount covers '/proc/"
}

@test "a limit of namespaces that is reached: the sysctl is named" {
	config '.linux.namespaces += [{type: "time"}]'
	# The limit is that of the user namespace; one of the test's own can be at 0.
	run unshare --user --map-root-user --mount bash -c "
		$(declare -f ocirun)
		echo 0 >/proc/sys/user/max_time_namespaces || exit 9
		ocirun run --bundle '$BUNDLE' '$ID'"
	expect_status 1
	expect_part "$output" 'sysctl user.max_time_namespaces is 0'
}

@test "an error in a json log has stable names for its facts" {
	config '.process.args = ["/no/program"]'
	because "'/no' is not there in the container"
	expect_equal "$(jq -c 'select(.level == "error") | [.code, .errno, .pointer]' "$BATS_TEST_TMPDIR/log")" \
		'["ENOENT",2,"/process/args/0"]'
	rm "$BATS_TEST_TMPDIR/log"
	config '.process.args = ["true"] | .root.path = "nosuch"'
	because "root.path is relative"
	expect_equal "$(jq -c 'select(.level == "error") | [.code, .pointer, .path]' "$BATS_TEST_TMPDIR/log")" \
		"[\"ENOENT\",\"/root/path\",\"$BUNDLE/nosuch\"]"
	rm "$BATS_TEST_TMPDIR/log"
	config --arg path "$BATS_TEST_TMPDIR/no/rootfs" '.root.path = $path'
	because "'$BATS_TEST_TMPDIR/no' is not there on this host"
}

# blames CODE POINTER PATH FILTER: with this change of config.json, the log's object names these
blames() {
	cp "$BUNDLE/config.json" "$BUNDLE/saved.json"
	config --arg dir "$BATS_TEST_TMPDIR" "$4"
	rm -f "$BATS_TEST_TMPDIR/log"
	run ocirun --log "$BATS_TEST_TMPDIR/log" --log-format json run --bundle "$BUNDLE" "$ID"
	cp "$BUNDLE/saved.json" "$BUNDLE/config.json"
	expect_status 1
	expect_equal "$(jq -r 'select(.level == "error") | .code, .pointer, .path' "$BATS_TEST_TMPDIR/log")" \
		"$1"$'\n'"$2"$'\n'"$3"
}

@test "whatever failed, the log has its place in config.json and its path" {
	printf '#!/no/interpreter\n' >"$ROOTFS/run.sh"
	chmod 755 "$ROOTFS/run.sh"
	blames ENOENT /process/args/0 /run.sh '.process.args = ["/run.sh"]'
	blames ENOENT /process/cwd /proc/no '.process.cwd = "/proc/no"'
	blames ECANCELED /hooks/createRuntime/0 /no/hook '.hooks.createRuntime = [{ path: "/no/hook" }]'
	blames ENOENT /mounts/3 "$BATS_TEST_TMPDIR/no" '.mounts += [{ destination: "/mnt", source: "\($dir)/no", options: ["bind"] }]'
	blames EINVAL /mounts/3 /mnt '.mounts += [{ destination: "/mnt", type: "tmpfs", options: ["size=much"] }]'
	blames EINVAL /linux/namespaces/5 /etc/passwd '.linux.namespaces += [{ type: "cgroup", path: "/etc/passwd" }]'
	blames ENOENT /linux/sysctl/net.no /proc/sys/net/no '.linux.sysctl = { "net.no": "1" }'
	[ -d /sys/fs/cgroup/cpu ] || skip "the rest is about version 1"
	blames EINVAL /linux/resources/cpu/period "/sys/fs/cgroup/cpu/$ID/cpu.cfs_period_us" \
		'.linux.cgroupsPath = "/'"$ID"'" | .linux.resources.cpu = { period: 1 }'
}

@test "an overlay: which of its directories is missing" {
	local key

	mkdir "$BATS_TEST_TMPDIR"/{low,up,work}
	for key in lowerdir upperdir workdir; do
		config --arg dir "$BATS_TEST_TMPDIR" --arg key "$key" '.mounts[3] = { destination: "/mnt",
			type: "overlay", source: "overlay", options: ["lowerdir=\($dir)/low:\($dir)/low",
				"upperdir=\($dir)/up", "workdir=\($dir)/work"] |
			map(if startswith($key) then . + "/no/more" else . end) }'
		because "/no' is not there on this host"
		expect_part "$output" "set option '$key': No such file or directory (config.json: /mounts/3)"
	done
	touch "$BATS_TEST_TMPDIR/file"
	config --arg dir "$BATS_TEST_TMPDIR" '.mounts[3].options[0] = "lowerdir=\($dir)/low:\($dir)/file"'
	because "'$BATS_TEST_TMPDIR/file' is no directory"
	# Too long for fsconfig(2): mount(2) takes all options at once.
	config --arg dir "$BATS_TEST_TMPDIR" --arg long "$(printf '/.%.0s' {1..150})" \
		'.mounts[3].options[0] = "lowerdir=\($dir)/low\($long):\($dir)/no"'
	because "'$BATS_TEST_TMPDIR/no' is not there on this host"
}

@test "an overlay whose upper and work directory do not fit together" {
	mkdir "$BATS_TEST_TMPDIR"/{low,up}
	config --arg dir "$BATS_TEST_TMPDIR" '.mounts += [{ destination: "/mnt", type: "overlay", source: "overlay",
		options: ["lowerdir=\($dir)/low", "upperdir=\($dir)/up", "workdir=/dev/shm"] }]'
	because 'upperdir and workdir have to be two directories of one filesystem'
}

@test "a filesystem whose device is missing or none" {
	grep -qw ext4 /proc/filesystems || skip "there is no ext4"
	config '.mounts += [{ destination: "/mnt", type: "ext4", source: "/dev/no/disk" }]'
	because "'/dev/no' is not there on this host"
	config '.mounts[3].source = "/etc/passwd"'
	because 'the source has to be a block device'
}

@test "a mount point below a file, on a file, behind a link to itself" {
	local mount

	touch "$ROOTFS/file"
	ln -s loop "$ROOTFS/loop"
	for mount in '{ type: "tmpfs" }' '{ source: "/srv", options: ["bind"] }' '{ source: "/etc/passwd", options: ["bind"] }' \
		'{ type: "cgroup" }'; do
		config ".mounts[3] = $mount + { destination: \"/file/x\" }"
		because "'/file' in the container is no directory: nothing can be below it"
		config '.mounts[3].destination = "/loop/x"'
		because "'/loop' in the container is a link that leads back to itself"
	done
	config '.mounts[3] = { type: "tmpfs", destination: "/file" }'
	because "'/file' in the container is no directory, and one is needed there"
	config '.mounts[3] = { source: "/srv", options: ["bind"], destination: "/file" }'
	because "'/srv' is a directory, but '/file' in the container is a file"
	config 'del(.mounts[3]) | .linux.devices = [{ path: "/file/x", type: "c", major: 1, minor: 3 }]'
	because "'/file' in the container is no directory: nothing can be below it"
}

@test "a mount point that is missing where nothing can be made" {
	mkdir "$BATS_TEST_TMPDIR/volume"
	config --arg dir "$BATS_TEST_TMPDIR/volume" '.mounts += [
		{ destination: "/mnt", source: $dir, options: ["bind", "ro"] },
		{ destination: "/mnt/sub", type: "tmpfs" }]'
	because "'/mnt/sub' is not there, and '/mnt' is read-only"
	config '.mounts[3:] = [{ destination: "/mnt/sub", type: "tmpfs" }]
		| .linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	because "'/mnt/sub' cannot be made or entered by the container's root: '/mnt' has mode 0755 and belongs to 65534:65534"
}

@test "a working directory that is none" {
	touch "$ROOTFS/file"
	config '.process.cwd = "/file"'
	because "'/file' is no directory"
}

@test "a sysctl that is not there, and a value that it does not take" {
	config '.linux.sysctl = { "kernel.shmmax": "many" }'
	because 'the kernel takes no such value of it'
	config '.linux.sysctl = { "net.nosuch": "1" }'
	because 'this kernel has no such sysctl'
}

@test "a memory limit below what is used, of a container that is made and of one that runs" {
	local limit text

	config '.linux.resources.memory = { limit: 4096 }'
	# Version 2 takes any limit, and kills whoever is above it.
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		because 'the memory limit is too low for it to start'
		return 0
	fi
	because "the cgroup's processes use that much, and nothing of it can be taken from them"
	config '.linux.resources.memory = { limit: 4096, checkBeforeUpdate: true }'
	because "the cgroup's processes use that much"
	config 'del(.linux.resources)'
	# Memory that cannot be swapped out or dropped: it would be taken away first.
	config '.mounts += [{ destination: "/tmp", type: "ramfs" }]'
	script 'dd if=/dev/zero of=/tmp/f bs=1M count=16 && touch /tmp/full && exec sleep 1000'
	detached "$BATS_TEST_TMPDIR/run" ocirun run --detach --bundle "$BUNDLE" "$ID"
	wait_for test -e "/proc/$(ocirun state "$ID" | jq .pid)/root/tmp/full"
	run ocirun update --memory 1M "$ID"
	expect_status 1
	expect_part "$output" "1048576"
	expect_part "$output" "hint: the cgroup's processes use that much"
}

@test "a device that this host has not, a period that no cgroup takes" {
	config '.linux.resources.blockIO = { throttleReadBpsDevice: [{ major: 250, minor: 250, rate: 1 }] }'
	because 'this host has no block device 250:250'
	config '.linux.resources = { cpu: { period: 10 } }'
	because 'a period 1000 to 1000000 (microseconds)'
}

@test "scheduling and memory nodes that the kernel refuses" {
	config '.process.scheduler = { policy: "SCHED_DEADLINE", runtime: 1, deadline: 2, period: 3 }'
	because 'of SCHED_DEADLINE the runtime is 1024 at least'
	config 'del(.process.scheduler) | .linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "77" }'
	because 'the nodes have to be those of this host'
}
