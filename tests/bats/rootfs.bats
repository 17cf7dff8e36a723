#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What else a root file system is made of: paths that are masked or read-only, devices, pivot_root.

load mounts

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	make_source
}

teardown() {
	remove_containers
}

@test "masked paths are empty and cannot be written" {
	mkdir "$ROOTFS/secret"
	echo secret | tee "$ROOTFS/secret/file" >"$ROOTFS/file"
	config '.linux.maskedPaths = ["/secret", "/file", "/proc/version", "/nonexistent", "/file/below"]'
	inside 'ls -A /secret; cat /file; stat -c "%F %t:%T" /file /proc/version
		touch /secret/new 2>/dev/null || echo no; [ -e /nonexistent ] || echo none; cat /proc/version' \
		"character special file 1:3
character special file 1:3
no
none"
	expect_equal "$(cat "$ROOTFS/file" "$ROOTFS/secret/file")" "secret
secret"
}

@test "a masked path that is a link masks what it leads to" {
	echo secret >"$ROOTFS/real"
	ln -s real "$ROOTFS/link"
	config '.linux.maskedPaths = ["/link"]'
	inside 'cat /link /real' ""
}

@test "readonlyPaths cannot be written, with what is mounted below" {
	mkdir "$ROOTFS/fixed"
	echo old >"$ROOTFS/fixed/file"
	echo old >"$ROOTFS/single"
	mounts '[{ "destination": "/fixed/tmp", "type": "tmpfs", "source": "t", "options": ["nosuid", "noexec"] }]'
	config '.linux.readonlyPaths = ["/fixed", "/single", "/proc/sys", "/nonexistent"]'
	inside "$look"'for f in /fixed/file /fixed/new /fixed/tmp/new /single /proc/sys/kernel/panic; do
			(echo x >$f) 2>&1 | grep -o "Read-only file system"; done; cat /fixed/file /single; flags /fixed/tmp | sort -u' \
		"Read-only file system
Read-only file system
Read-only file system
Read-only file system
Read-only file system
old
old
ro,nosuid,noexec,relatime
rw,nosuid,noexec,relatime"
}

@test "the root among maskedPaths is refused, among readonlyPaths it is read-only" {
	config '.linux.maskedPaths = ["/etc/.."]'
	refused /linux/maskedPaths/0 "cannot be masked"
	config 'del(.linux.maskedPaths) | .linux.readonlyPaths = ["/etc", "/"]'
	inside 'echo x 2>/dev/null >/file || echo root; echo x 2>/dev/null >/dev/file && echo dev' $'root\ndev'
}

@test "a read-only root cannot be written, the tmpfs in it can" {
	config '.root.readonly = true'
	mounts '[{ "destination": "/tmp", "type": "tmpfs", "source": "t" }, { "destination": "/made/here", "type": "tmpfs", "source": "t" }]'
	inside "$look"'touch /x 2>&1 | grep -o "Read-only file system"; for d in /tmp /made/here /dev; do touch $d/x && echo $d; done
		flags /' "Read-only file system
/tmp
/made/here
/dev
ro,relatime"
}

@test "default devices and links" {
	inside 'for d in null zero full random urandom tty; do stat -c "%n %t:%T %a %u:%g %F" /dev/$d; done
		for l in fd stdin stdout stderr core ptmx; do echo "$l $(readlink /dev/$l)"; done
		head -c 4 /dev/zero | md5sum; head -c 9 /dev/urandom | wc -c; (echo x >/dev/full) 2>&1 | grep -o "No space"
		echo x >/dev/null; echo out >/dev/stdout' "/dev/null 1:3 666 0:0 character special file
/dev/zero 1:5 666 0:0 character special file
/dev/full 1:7 666 0:0 character special file
/dev/random 1:8 666 0:0 character special file
/dev/urandom 1:9 666 0:0 character special file
/dev/tty 5:0 666 0:0 character special file
fd /proc/self/fd
stdin /proc/self/fd/0
stdout /proc/self/fd/1
stderr /proc/self/fd/2
core /proc/kcore
ptmx pts/ptmx
$(head -c 4 /dev/zero | md5sum)
9
No space
out"
}

@test "default devices in a user namespace are the host's" {
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }]'
	chown -R 100000:200000 "$ROOTFS"
	inside 'for d in null zero full random urandom tty; do stat -c "%n %t:%T %a" /dev/$d; done; head -c 4 /dev/zero | wc -c' \
		"/dev/null 1:3 666
/dev/zero 1:5 666
/dev/full 1:7 666
/dev/random 1:8 666
/dev/urandom 1:9 666
/dev/tty 5:0 666
4"
}

@test "devices of config.json: kinds, modes and owners" {
	config '.linux.devices = [
		{ path: "/dev/kmsg2", type: "c", major: 1, minor: 11, fileMode: 384, uid: 7, gid: 8 },
		{ path: "/dev/sub/disk", type: "b", major: 7, minor: 200, fileMode: 25008 },
		{ path: "/dev/pipe", type: "p", fileMode: 420, uid: 3 },
		{ path: "/dev/unbuffered", type: "u", major: 1, minor: 3 },
		{ path: "/run/elsewhere", type: "c", major: 1, minor: 5 },
		{ path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 438, gid: 9 }]'
	inside 'stat -c "%n %t:%T %a %u:%g %F" /dev/kmsg2 /dev/sub/disk /dev/pipe /dev/unbuffered /run/elsewhere /dev/null' \
		"/dev/kmsg2 1:b 600 7:8 character special file
/dev/sub/disk 7:c8 660 0:0 block special file
/dev/pipe 0:0 644 3:0 fifo
/dev/unbuffered 1:3 666 0:0 character special file
/run/elsewhere 1:5 666 0:0 character special file
/dev/null 1:3 666 0:9 character special file"
}

@test "a device whose place is taken by another file is refused" {
	touch "$ROOTFS/run/taken"
	config '.linux.devices = [{ path: "/run/taken", type: "c", major: 1, minor: 3 }]'
	refused /linux/devices/0 "another file"
	rm "$ROOTFS/run/taken"
	mknod "$ROOTFS/run/taken" c 1 5
	refused /linux/devices/0 "another file"
	rm "$ROOTFS/run/taken"
	mknod "$ROOTFS/run/taken" c 1 3
	inside 'stat -c %t:%T /run/taken' 1:3
	config '.linux.devices = [{ path: "/dev/zzz", type: "c", major: 1, minor: 3 }, { path: "/dev/zzz", type: "p" }]'
	refused /linux/devices/1 zzz
}

@test "with the host's /dev mounted nothing is made in it" {
	local before

	mkdir "$SOURCE/dev"
	cp -a /dev/null "$SOURCE/dev"
	before=$(ls "$SOURCE/dev")
	config --arg s "$SOURCE/dev" '.mounts = [.mounts[0], { destination: "/dev", source: $s, type: "bind", options: ["rbind"] }]'
	inside 'ls /dev' null
	expect_equal "$(ls "$SOURCE/dev")" "$before"
	config '.mounts[1].source = "/dev"'
	inside '[ -c /dev/zero ] && echo there' there
}

@test "pivot_root: nothing of the host is left, with --no-pivot nothing is seen" {
	container 'cut -d" " -f5 /proc/self/mountinfo'
	expect_status 0
	expect_equal "$output" "/
/proc
/dev
/dev/pts"
	container 'ls /; pwd; ls /proc/1/root/' --no-pivot
	expect_status 0
	[[ $output != *"$(basename "$BATS_RUN_TMPDIR")"* ]]
	expect_equal "$(grep -cx bin <<<"$output")" 2
	config '.linux.rootfsPropagation = "private"'
	refused /linux/rootfsPropagation "not safe" --no-pivot
}

@test "--no-pivot takes no mount away from the host, whatever is shared with it" {
	local propagation

	script true
	for propagation in shared rshared slave rslave unbindable; do
		config ".linux.rootfsPropagation = \"$propagation\""
		run unshare --mount --propagation private bash -c '
			mount --make-rshared /
			cut -d " " -f 5 /proc/self/mountinfo | sort >"$BUNDLE/before"
			"$OCIRUN" --root "$ROOT" run --no-pivot --bundle "$BUNDLE" "$ID" || exit
			cut -d " " -f 5 /proc/self/mountinfo | sort | diff "$BUNDLE/before" -'
		[ "$status" = 0 ] || echo "$propagation"
		expect_status 0
	done
	expect_equal "$(find /sys/fs/cgroup -name "$ID")" ''
}
