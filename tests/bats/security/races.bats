#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Names of the root file system that change all the time while containers are made: another container
# that shares a volume with this one does that. Each race has $ROUNDS rounds.

load hostile

setup_file() {
	hostile_setup_file
	tool swap >/dev/null
	tool rounds >/dev/null
}

setup() {
	hostile_setup
	# What a container prints that sees the decoy, as its own directory or as that of the host.
	look='cat /target/file /target/etc/secret /target/secret /up/new/file /dev/file 2>/dev/null; true'
}

teardown() {
	hostile_teardown
}

# swapped NAME TARGET: NAME of the root file system is a directory and a link in turns
swapped() {
	rm -rf "${ROOTFS:?}$1"
	mkdir "$ROOTFS$1"
	ln -s "$2" "$ROOTFS$1.link"
	background "$(tool swap)" "$ROOTFS$1" "$ROOTFS$1.link"
}

# comes_and_goes NAME TARGET: it is nothing and a link in turns
comes_and_goes() {
	rm -rf "${ROOTFS:?}$1"
	background "$(tool swap)" --link "$ROOTFS$1" "$2"
}

# mounted TYPE TARGET
mounted() {
	local source=$BATS_TEST_TMPDIR/source

	mkdir -p "$source"
	case $1 in
	bind) config --arg t "$2" --arg s "$source" \
		'.mounts += [{ destination: $t, source: $s, options: ["bind"] }]' ;;
	file) echo x >"$source/file" && config --arg t "$2" --arg s "$source/file" \
		'.mounts += [{ destination: $t, source: $s, options: ["bind"] }]' ;;
	*) config --arg t "$2" --arg f "$1" \
		'.mounts += [{ destination: $t, type: $f, source: $f, options: [] }]' ;;
	esac
}

# ---- T02: the target itself ----

@test "T02 the target of a bind mount is a directory and a link in turns" {
	swapped /target "$DECOY/dir"
	mounted bind /target
	script "$look"
	race
}

@test "T02 the target of a tmpfs is a directory and a link to nothing in turns" {
	swapped /target "$DECOY/new"
	mounted tmpfs /target
	script "$look"
	race
}

@test "T02 the target of a bind mount is not there, or a link to nothing" {
	comes_and_goes /target "$DECOY/new"
	mounted bind /target
	script "$look"
	race
}

@test "T02 the file to mount on is not there, or a link to nothing" {
	comes_and_goes /target "$DECOY/new"
	mounted file /target
	script "$look"
	race
}

@test "T02 two mounts, the second below the first's target, which is a link in turns" {
	swapped /target "$DECOY"
	mounted bind /target
	mounted tmpfs /target/new
	script "$look"
	race
}

# ---- T03: a directory above it ----

@test "T03 the parent of a bind mount's target is a directory and a link in turns" {
	swapped /up "$DECOY"
	mounted bind /up/new
	script "$look"
	race
}

@test "T03 the parent is a directory and a link upwards in turns" {
	swapped /up "../../../../../../../../../..$DECOY"
	mounted file /up/new/file
	script "$look"
	race
}

@test "T03 directories that are made, below a link in turns" {
	swapped /up "$DECOY"
	mounted tmpfs /up/a/b/c
	config '.process.cwd = "/up/d/e"'
	script "$look"
	race
}

@test "T03 a directory that is copied into a tmpfs is a link in turns" {
	swapped /target "$DECOY"
	mkdir -p "$ROOTFS/target/etc" 2>/dev/null || :
	config '.mounts += [{ destination: "/target", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"] }]'
	script "$look"
	race
}

@test "T03 a file that is copied into a tmpfs is a device without end in turns" {
	mkdir "$ROOTFS/target"
	echo content >"$ROOTFS/target/file"
	mknod "$ROOTFS/device" c 1 5
	background "$(tool swap)" "$ROOTFS/target/file" "$ROOTFS/device"
	config '.mounts += [{ destination: "/target", type: "tmpfs", source: "tmpfs",
		options: ["tmpcopyup", "size=16m"] }]'
	script true
	race 'No space left'
}

# ---- T04, T05: devices ----

@test "T04 /dev is a directory and a link in turns" {
	swapped /dev "$DECOY/dir"
	config '.mounts |= map(select(.destination | startswith("/dev") | not))
		| .linux.devices = [{ path: "/dev/sub/one", type: "c", major: 1, minor: 3 }]'
	script "$look"
	race
}

@test "T05 /dev/null is a device and a link in turns" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
	rm -f "$ROOTFS/dev/null"
	mknod -m 666 "$ROOTFS/dev/null" c 1 3
	ln -s "$DECOY/file" "$ROOTFS/dev/link"
	background "$(tool swap)" "$ROOTFS/dev/null" "$ROOTFS/dev/link"
	script "cat; $look"
	race
}

# ---- T06: masked paths ----

@test "T06 a masked file's directory is a link in turns" {
	mkdir "$ROOTFS/up"
	swapped /up/dir "$DECOY"
	config '.linux.maskedPaths = ["/up/dir/file", "/up/dir/etc"] | .linux.readonlyPaths = ["/up/dir/dir"]'
	script 'cat /up/dir/file /up/dir/etc/secret 2>/dev/null; echo x >/up/dir/dir/file 2>/dev/null; true'
	race
}

@test "T06 what masks is the host's, while the image's /dev/null is a link in turns" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))
		| .linux.maskedPaths = ["/secret"]'
	echo masked-secret >"$ROOTFS/secret"
	mknod -m 666 "$ROOTFS/dev/null" c 1 3
	ln -s /secret "$ROOTFS/dev/link"
	background "$(tool swap)" "$ROOTFS/dev/null" "$ROOTFS/dev/link"
	script 'cat /secret; true'
	race masked-secret
}

# ---- T09: procfs ----

# proc_elsewhere: what is masked in it cannot be read at another place
proc_elsewhere() {
	mkdir "$ROOTFS/elsewhere"
	config '.linux.maskedPaths = ["/proc/version", "/proc/kcore", "/proc/sysrq-trigger"]'
	script 'grep -s "^Linux" /elsewhere/version && echo "not masked"; true'
}

@test "T09 /proc is a directory and a link in turns" {
	swapped /proc /elsewhere
	proc_elsewhere
	race 'not masked'
}

@test "T09 /proc is not there, or a link" {
	comes_and_goes /proc /elsewhere
	proc_elsewhere
	race 'not masked'
}

@test "T09 /sys is not there, or a link" {
	comes_and_goes /sys /elsewhere
	mkdir "$ROOTFS/elsewhere"
	config '.mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs" }]'
	script '[ ! -e /elsewhere/kernel ] || echo "led away"; true'
	race 'led away'
}

# ---- T12: the working directory ----

@test "T12 the working directory is a directory and a link to a descriptor in turns" {
	swapped /work /proc/self/fd/7
	config '.process.cwd = "/work"'
	script 'cat file etc/secret 2>/dev/null; true'
	exec 7<"$DECOY"
	race
	exec 7<&-
}

# ---- T32: the users of the image ----

@test "T32 /etc/passwd is a file and a link to the host's in turns" {
	echo 'root:x:0:0:root:/inside:/bin/sh' >"$ROOTFS/etc/passwd"
	printf 'root:x:0:0:root:/%s:/bin/sh\n' "$CANARY" >"$BATS_TEST_TMPDIR/passwd"
	ln -s "$BATS_TEST_TMPDIR/passwd" "$ROOTFS/etc/link"
	background "$(tool swap)" "$ROOTFS/etc/passwd" "$ROOTFS/etc/link"
	script 'echo $HOME'
	race
}
