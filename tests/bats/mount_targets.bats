#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Where a mount lands, whatever links the image has in its way.

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

@test "links of the image do not lead mounts out of the root" {
	local kind type before

	DECOY=$BATS_TEST_TMPDIR/decoy
	mkdir -p "$DECOY/dir"
	echo host >"$DECOY/file"
	ln -s "$DECOY" "$ROOTFS/absolute"
	ln -s "$DECOY/file" "$ROOTFS/absolute-file"
	ln -s "../../../../../../../..$DECOY" "$ROOTFS/dotdot"
	ln -s "$DECOY/missing/there" "$ROOTFS/dangling"
	ln -s loop "$ROOTFS/loop"
	ln -s /proc/self/root "$ROOTFS/magic"
	before=$(decoy_state)
	mkdir "$SOURCE/dir"
	echo container >"$SOURCE/file"
	for kind in absolute absolute-file dotdot dangling loop absolute/dir dotdot/dir absolute/new/sub \
		dotdot/new absolute/file dotdot/file dangling/sub loop/sub "magic$DECOY" "magic/tmp"; do
		for type in tmpfs dir file cgroup device masked readonly cwd; do
			cp "$BUNDLE/config.json" "$BUNDLE/kept.json"
			case $type in
			tmpfs) config --arg at "/$kind" '.mounts += [{ destination: $at, type: "tmpfs", options: ["tmpcopyup"] }]' ;;
			cgroup) config --arg at "/$kind" '.mounts += [{ destination: $at, type: "cgroup" }]' ;;
			dir | file) config --arg at "/$kind" --arg s "$SOURCE/$type" \
				'.mounts += [{ destination: $at, source: $s, options: ["bind"] }]' ;;
			device) config --arg at "/$kind" '.linux.devices = [{ path: $at, type: "c", major: 1, minor: 3 }]' ;;
			masked) config --arg at "/$kind" '.linux.maskedPaths = [$at]' ;;
			readonly) config --arg at "/$kind" '.linux.readonlyPaths = [$at]' ;;
			cwd) config --arg at "/$kind" '.process.cwd = $at' ;;
			esac
			# It may work inside, or be refused: what counts is the host.
			container 'touch written'
			expect_equal "$kind $type $(decoy_state)" "$kind $type $before"
			mv "$BUNDLE/kept.json" "$BUNDLE/config.json"
		done
	done
}

@test "an absolute link is followed inside the root" {
	mkdir -p "$ROOTFS/real/place"
	ln -s /real "$ROOTFS/alias"
	ln -s ../../real/place "$ROOTFS/etc/up"
	touch "$SOURCE/file"
	bind /alias/place bind
	inside 'ls /real/place' file
	config '.mounts[3].destination = "/etc/up"'
	inside 'ls /real/place' file
}

@test "what a dangling link leads to is made inside the root" {
	echo nameserver >"$SOURCE/file"
	ln -s ../run/resolve/stub.conf "$ROOTFS/etc/resolv.conf"
	ln -s /run/later "$ROOTFS/later"
	config --arg s "$SOURCE" '.mounts += [
		{ destination: "/etc/resolv.conf", source: "\($s)/file", options: ["bind"] },
		{ destination: "/later/sub", source: $s, options: ["bind"] }]'
	inside 'cat /etc/resolv.conf; ls /run/later/sub' "nameserver
file"
}

@test "a /dev that is a link of the image gets no device nodes on the host" {
	local before

	DECOY=$BATS_TEST_TMPDIR/decoy
	mkdir "$DECOY"
	before=$(decoy_state)
	rmdir "$ROOTFS/dev"
	ln -s "$DECOY" "$ROOTFS/dev"
	config '.mounts = [.mounts[0]]'
	container true
	expect_equal "$(decoy_state)" "$before"
	config '.mounts += [{ destination: "/dev", type: "tmpfs" }]'
	container true
	expect_equal "$(decoy_state)" "$before"
}

@test "a /proc or /sys that is no ordinary directory is refused" {
	mkdir "$ROOTFS/other"
	rmdir "$ROOTFS/proc" "$ROOTFS/sys"
	ln -s other "$ROOTFS/proc"
	refused /mounts/0 "must be mounted on ordinary directory"
	rm "$ROOTFS/proc"
	touch "$ROOTFS/proc"
	refused /mounts/0 "must be mounted on ordinary directory"
	rm "$ROOTFS/proc"
	ln -s /other "$ROOTFS/sys"
	mounts '[{ "destination": "/sys", "type": "sysfs", "source": "sysfs" }]'
	refused /mounts/3 "must be mounted on ordinary directory"
}

@test "mounts inside /proc are refused, but for files that describe the machine" {
	local path

	for path in /proc/sys /proc/self /proc//self/attr /proc/./1 /tmp/../proc/sys/kernel proc/bus /proc/cpuinfo/x \
		/proc/sysrq-trigger /proc/self/../fs; do
		config --arg at "$path" '.mounts[3] = { destination: $at, type: "tmpfs", source: "t" }'
		refused /mounts/3 "cannot be mounted because it is inside /proc"
	done
	bind /proc bind
	config 'del(.mounts[3])'
	refused /mounts/3 "procfs"
	echo fake >"$SOURCE/uptime"
	config --arg s "$SOURCE" '.mounts[3] = { destination: "/proc/uptime", source: "\($s)/uptime", options: ["bind"] }'
	inside 'cat /proc/uptime' fake
}

@test "a cgroup mount does not follow a link of the image into /proc" {
	[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ] || skip "no cgroup v1 here"
	ln -s /proc/self "$ROOTFS/link"
	config '.mounts += [{ destination: "/link/attr", type: "cgroup", source: "cgroup", options: ["ro"] }]'
	refused /mounts/3 "cannot be mounted because it is inside /proc"
}
