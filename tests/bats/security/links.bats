#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Links of an image in the place of what the runtime makes or mounts on: nothing of it leaves the root.

load hostile

setup_file() {
	hostile_setup_file
}

setup() {
	hostile_setup
}

teardown() {
	hostile_teardown
}

# ---- T01: mount targets ----

# mount_of TYPE TARGET: an entry of mounts, as JSON
mount_of() {
	local source=$BATS_TEST_TMPDIR/source

	mkdir -p "$source"
	echo inside >"$source/file"
	case $1 in
	bind) jq -n --arg t "$2" --arg s "$source" '{destination: $t, source: $s, options: ["bind"]}' ;;
	bind-file) jq -n --arg t "$2" --arg s "$source/file" '{destination: $t, source: $s, options: ["bind"]}' ;;
	*) jq -n --arg t "$2" --arg f "$1" '{destination: $t, type: $f, source: $f}' ;;
	esac
}

# make_link KIND PLACE NAME: a link of that kind, which would lead to NAME in the decoy
make_link() {
	case $1 in
	last) ln -s "$DECOY/$3" "$2" ;;
	absolute) ln -s "/../../../../../../../..$DECOY/$3" "$2" ;;
	dotdot) ln -s "../../../../../../../../../../..$DECOY/$3" "$2" ;;
	dangling) ln -s "$DECOY/dangling" "$2" ;;
	loop) ln -s "$(basename "$2")" "$2" ;;
	esac
}

# led KIND TYPE: a mount whose target is, or is below, such a link
led() {
	local target=/target name=dir

	[ "$2" != bind-file ] || name=file
	if [ "$1" = parent ]; then
		ln -s "$DECOY" "$ROOTFS/up"
		target=/up/new
	else
		make_link "$1" "$ROOTFS/target" "$name"
	fi
	config --argjson mount "$(mount_of "$2" "$target")" '.mounts += [$mount]'
	script "echo started; cat $target/file $target/etc/secret $DECOY/file 2>/dev/null; true"
	attempt
	case $2:$1 in
	proc:* | sysfs:*) # what is masked in them is not where they would be
		[ "$status" != 0 ] || ! is_ocirun || escaped 'a pseudo file system was led elsewhere'
		says 'must be mounted on ordinary directory'
		;;
	*:loop) [ "$status" != 0 ] || ! is_ocirun ;;
	*) ! is_ocirun || expect_part "$output" started ;;
	esac
}

@test "T01 bind on a link" { led last bind; }
@test "T01 bind on a link as parent" { led parent bind; }
@test "T01 bind on an absolute link with .." { led absolute bind; }
@test "T01 bind on a relative link with .." { led dotdot bind; }
@test "T01 bind on a dangling link" { led dangling bind; }
@test "T01 bind on a link to itself" { led loop bind; }
@test "T01 bind-file on a link" { led last bind-file; }
@test "T01 bind-file on a link as parent" { led parent bind-file; }
@test "T01 bind-file on an absolute link with .." { led absolute bind-file; }
@test "T01 bind-file on a relative link with .." { led dotdot bind-file; }
@test "T01 bind-file on a dangling link" { led dangling bind-file; }
@test "T01 bind-file on a link to itself" { led loop bind-file; }
@test "T01 tmpfs on a link" { led last tmpfs; }
@test "T01 tmpfs on a link as parent" { led parent tmpfs; }
@test "T01 tmpfs on an absolute link with .." { led absolute tmpfs; }
@test "T01 tmpfs on a relative link with .." { led dotdot tmpfs; }
@test "T01 tmpfs on a dangling link" { led dangling tmpfs; }
@test "T01 tmpfs on a link to itself" { led loop tmpfs; }
@test "T01 proc on a link" { led last proc; }
@test "T01 proc on a link as parent" { led parent proc; }
@test "T01 proc on an absolute link with .." { led absolute proc; }
@test "T01 proc on a relative link with .." { led dotdot proc; }
@test "T01 proc on a dangling link" { led dangling proc; }
@test "T01 proc on a link to itself" { led loop proc; }
@test "T01 sysfs on a link" { led last sysfs; }
@test "T01 sysfs on a link as parent" { led parent sysfs; }
@test "T01 sysfs on an absolute link with .." { led absolute sysfs; }
@test "T01 sysfs on a relative link with .." { led dotdot sysfs; }
@test "T01 sysfs on a dangling link" { led dangling sysfs; }
@test "T01 sysfs on a link to itself" { led loop sysfs; }
@test "T01 devpts on a link" { led last devpts; }
@test "T01 devpts on a link as parent" { led parent devpts; }
@test "T01 devpts on an absolute link with .." { led absolute devpts; }
@test "T01 devpts on a relative link with .." { led dotdot devpts; }
@test "T01 devpts on a dangling link" { led dangling devpts; }
@test "T01 devpts on a link to itself" { led loop devpts; }
@test "T01 mqueue on a link" { led last mqueue; }
@test "T01 mqueue on a link as parent" { led parent mqueue; }
@test "T01 mqueue on an absolute link with .." { led absolute mqueue; }
@test "T01 mqueue on a relative link with .." { led dotdot mqueue; }
@test "T01 mqueue on a dangling link" { led dangling mqueue; }
@test "T01 mqueue on a link to itself" { led loop mqueue; }
@test "T01 cgroup on a link" { led last cgroup; }
@test "T01 cgroup on a link as parent" { led parent cgroup; }
@test "T01 cgroup on an absolute link with .." { led absolute cgroup; }
@test "T01 cgroup on a relative link with .." { led dotdot cgroup; }
@test "T01 cgroup on a dangling link" { led dangling cgroup; }
@test "T01 cgroup on a link to itself" { led loop cgroup; }

# ---- T04: devices and links made through /dev ----

# dev_is KIND NAME: there is no mount on /dev, which is a link to the decoy
dev_is() {
	rm -rf "$ROOTFS/dev"
	make_link "$1" "$ROOTFS/dev" "$2"
	config '.mounts |= map(select(.destination | startswith("/dev") | not))
		| .linux.devices = [{ path: "/dev/fuse", type: "c", major: 10, minor: 229 },
				    { path: "/dev/sub/one", type: "c", major: 1, minor: 3 }]'
	script 'echo started; cat /dev/file /dev/etc/secret; true'
	attempt
	[ "$1" = loop ] || ! is_ocirun || expect_part "$output" started
}

@test "T04 devices below a /dev that is a link" { dev_is last dir; }
@test "T04 devices below a /dev that is a link to directories of devices" { dev_is last dev; }
@test "T04 devices below a /dev that is an absolute link with .." { dev_is absolute dir; }
@test "T04 devices below a /dev that is a relative link with .." { dev_is dotdot dir; }
@test "T04 devices below a /dev that is a dangling link" { dev_is dangling dir; }
@test "T04 devices below a /dev that is a link to itself" { dev_is loop dir; }

@test "T04 a tmpfs on a /dev that is a link, and the devices in it" {
	rm -rf "$ROOTFS/dev"
	ln -s "$DECOY/dir" "$ROOTFS/dev"
	script 'echo started; ls -l /dev/ >/dev/null'
	attempt
	! is_ocirun || expect_part "$output" started
}

@test "T04 a device whose directory is a link" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))
		| .linux.devices = [{ path: "/dev/sub/one", type: "c", major: 1, minor: 3 }]'
	ln -s "$DECOY/dir" "$ROOTFS/dev/sub"
	script 'echo started'
	attempt
}

@test "T04 a device whose name is a link" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))
		| .linux.devices = [{ path: "/dev/one", type: "c", major: 1, minor: 3,
				      uid: 4, gid: 5, fileMode: 511 }]'
	ln -s "$DECOY/file" "$ROOTFS/dev/one"
	attempt
}

@test "T04 the terminal devices of a /dev/pts that is a link" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
	ln -s "$DECOY/dir" "$ROOTFS/dev/pts"
	attempt
}

# ---- T05: nodes of the image in the place of devices ----

# there_is KIND PATH: what the image has instead
there_is() {
	rm -rf "${ROOTFS:?}$2"
	case $1 in
	link) ln -s "$DECOY/file" "$ROOTFS$2" ;;
	link-to-node) ln -s "$DECOY/dev/zero" "$ROOTFS$2" ;;
	directory) mkdir "$ROOTFS$2" ;;
	fifo) mkfifo "$ROOTFS$2" ;;
	file) echo untouched >"$ROOTFS$2" ;;
	node) mknod "$ROOTFS$2" c 1 5 ;;
	missing) : ;;
	esac
}

# null_is KIND: streams that are the null device are the container's own, or the caller's
null_is() {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
	there_is "$1" /dev/null
	script 'stat -L -c %t:%T /proc/self/fd/0 /proc/self/fd/1 | uniq >/tmp/new; mv /tmp/new /tmp/out
		echo written'
	# Who is refused has no stream of the image either.
	timeout -k 5 30 "$OCIRUN" --root "$ROOT" run --detach --bundle "$BUNDLE" "$ID" \
		</dev/null >/dev/null 2>&1 3>&- 4>&- || return 0
	wait_for test -e "$ROOTFS/tmp/out"
	[ "$(cat "$ROOTFS/tmp/out")" = 1:3 ] || escaped "a stream is a file of the image: $(cat "$ROOTFS/tmp/out")"
}

@test "T05 /dev/null is a link to a file" { null_is link; }
@test "T05 /dev/null is a link to another device" { null_is link-to-node; }
@test "T05 /dev/null is another device" { null_is node; }
@test "T05 /dev/null is a directory" { null_is directory; }
@test "T05 /dev/null is a FIFO" { null_is fifo; }
@test "T05 /dev/null is an ordinary file" { null_is file; }

# console_is KIND: with a terminal; the caller's own stays what it is
console_is() {
	config '.mounts |= map(select(.destination != "/dev")) | .process.terminal = true'
	mkdir -p "$ROOTFS/dev/pts"
	there_is "$1" /dev/console
	script 'echo written >/dev/console; stat -c %t /dev/console; stat -f -c %t /dev/console'
	run timeout -k 5 60 python3 "$AGENTS/on_terminal.py" -- \
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
	expect_status 0
	no_secret "$output"
	[[ $output != *"[timeout"* ]]
	# 136: a terminal's other side. 1cd1: devpts.
	[[ $output == *"[status 1]"* ]] || ! is_ocirun || expect_part "${output//$'\r'/}" $'written\n88\n1cd1'
	[ "$1" != file ] || expect_equal "$(cat "$ROOTFS/dev/console")" untouched
}

@test "T05 /dev/console is a link to a file" { console_is link; }
@test "T05 /dev/console is a link to another device" { console_is link-to-node; }
@test "T05 /dev/console is another device" { console_is node; }
@test "T05 /dev/console is a directory" { console_is directory; }
@test "T05 /dev/console is a FIFO" { console_is fifo; }
@test "T05 /dev/console is an ordinary file" { console_is file; }

# ---- T07: the terminal, looked up in the container ----

# pts_is KIND: /dev/pts of the image, where config.json mounts nothing
pts_is() {
	config '.mounts |= map(select(.destination | startswith("/dev") | not)) | .process.terminal = true'
	case $1 in
	link) ln -s "$DECOY/dir" "$ROOTFS/dev/pts" ;;
	files) mkdir "$ROOTFS/dev/pts" && touch "$ROOTFS"/dev/pts/{0,1,2,ptmx} ;;
	links) mkdir "$ROOTFS/dev/pts" && ln -s "$DECOY/file" "$ROOTFS/dev/pts/0" &&
		ln -s "$DECOY/dev/zero" "$ROOTFS/dev/pts/ptmx" ;;
	node) mkdir "$ROOTFS/dev/pts" && mknod "$ROOTFS/dev/pts/ptmx" c 1 5 ;;
	host-ptmx) mkdir "$ROOTFS/dev/pts" && mknod "$ROOTFS/dev/pts/ptmx" c 5 2 ;;
	missing) : ;;
	esac
	touch "$ROOTFS/dev/console"
	script 'stat -f -c %t /dev/console /proc/self/fd/0'
	run timeout -k 5 60 python3 "$AGENTS/on_terminal.py" -- \
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
	expect_status 0
	no_secret "$output"
	[[ $output != *"[timeout"* ]]
	[[ $output != *"[status 0]"* ]] || expect_part "${output//$'\r'/}" $'1cd1\n1cd1'
}

@test "T07 /dev/pts is a link" { pts_is link; }
@test "T07 /dev/pts has ordinary files for terminals" { pts_is files; }
@test "T07 /dev/pts has links for terminals" { pts_is links; }
@test "T07 /dev/pts/ptmx is another device" { pts_is node; }
@test "T07 /dev/pts/ptmx is one of the host's" { pts_is host-ptmx; }
@test "T07 there is no /dev/pts" { pts_is missing; }

# ---- T09: /proc and /sys are no directories ----

# pseudo_is PATH KIND: refused, with the path in the error
pseudo_is() {
	rm -rf "${ROOTFS:?}$1"
	[ "$1" = /proc ] ||
		config '.mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs" }]'
	case $2 in
	inside) mkdir "$ROOTFS/elsewhere" && ln -s /elsewhere "$ROOTFS$1" ;;
	relative) mkdir "$ROOTFS/elsewhere" && ln -s elsewhere "$ROOTFS$1" ;;
	file) touch "$ROOTFS$1" ;;
	*) make_link "$2" "$ROOTFS$1" dir ;;
	esac
	script 'echo started'
	denied "'$1'"
}

@test "T09 /proc is a link to a directory inside" { pseudo_is /proc inside; }
@test "T09 /proc is a relative link" { pseudo_is /proc relative; }
@test "T09 /proc is a link out of the root" { pseudo_is /proc last; }
@test "T09 /proc is an absolute link with .." { pseudo_is /proc absolute; }
@test "T09 /proc is a relative link with .." { pseudo_is /proc dotdot; }
@test "T09 /proc is a dangling link" { pseudo_is /proc dangling; }
@test "T09 /proc is a link to itself" { pseudo_is /proc loop; }
@test "T09 /proc is an ordinary file" { pseudo_is /proc file; }
@test "T09 /sys is a link to a directory inside" { pseudo_is /sys inside; }
@test "T09 /sys is a relative link" { pseudo_is /sys relative; }
@test "T09 /sys is a link out of the root" { pseudo_is /sys last; }
@test "T09 /sys is an absolute link with .." { pseudo_is /sys absolute; }
@test "T09 /sys is a relative link with .." { pseudo_is /sys dotdot; }
@test "T09 /sys is a dangling link" { pseudo_is /sys dangling; }
@test "T09 /sys is a link to itself" { pseudo_is /sys loop; }
@test "T09 /sys is an ordinary file" { pseudo_is /sys file; }

# ---- T10: mounts over /proc ----

# over_proc DESTINATION [TYPE]: refused, however it is spelled
over_proc() {
	mkdir -p "$BATS_TEST_TMPDIR/source"
	config --arg to "$1" --arg from "$BATS_TEST_TMPDIR/source" --arg type "${2:-bind}" \
		'.mounts += [{ destination: $to, type: $type, source: $from, options: (if $type == "bind" then ["bind"] else [] end) }]'
	script 'echo started'
	denied /proc
}

@test "T10 a bind mount on /proc" { over_proc /proc; }
@test "T10 a bind mount on /proc/" { over_proc /proc/; }
@test "T10 a bind mount on //proc" { over_proc //proc; }
@test "T10 a bind mount on /proc/." { over_proc /proc/.; }
@test "T10 a bind mount on /./proc" { over_proc /./proc; }
@test "T10 a bind mount on /proc/../proc" { over_proc /proc/../proc; }
@test "T10 a bind mount on /tmp/../proc" { over_proc /tmp/../proc; }
@test "T10 a bind mount on /proc/self" { over_proc /proc/self; }
@test "T10 a bind mount on /proc/sys" { over_proc /proc/sys; }
@test "T10 a bind mount on /proc/sys/kernel" { over_proc /proc//sys/./kernel; }
@test "T10 a bind mount on /proc/self/attr" { over_proc /proc/self/attr; }
@test "T10 a bind mount on /proc/1" { over_proc /proc/1; }
@test "T10 a bind mount on /tmp/../../../proc/sys" { over_proc /tmp/../../../proc/sys; }
@test "T10 a tmpfs on /proc" { over_proc /proc tmpfs; }
@test "T10 a tmpfs on /proc/sys" { over_proc /proc/sys tmpfs; }
@test "T10 a tmpfs on //proc/./self/" { over_proc //proc/./self/ tmpfs; }

@test "T10 a link of the image leads a mount below /proc" {
	ln -s /proc/sys "$ROOTFS/settings"
	over_proc /settings/kernel
}

@test "T10 a link of the image leads a mount to /proc" {
	ln -s /proc "$ROOTFS/settings"
	over_proc /settings
}

# lxcfs_file NAME: may be covered, as lxcfs does it
lxcfs_file() {
	echo served >"$BATS_TEST_TMPDIR/file"
	config --arg to "/proc/$1" --arg from "$BATS_TEST_TMPDIR/file" \
		'.mounts += [{ destination: $to, source: $from, options: ["bind"] }]'
	script "cat /proc/$1"
	attempt
	expect_equal "$output" served
}

@test "T10 the files that lxcfs serves may be covered" {
	local name

	for name in cpuinfo diskstats meminfo stat swaps uptime loadavg slabinfo; do
		row "$name" lxcfs_file "$name"
	done
	rows_hold
}

# ---- T35: what is written to the image ----

image_state() {
	find "$ROOTFS" -printf '%P %y %m %U:%G %s %T@ %C@ %l\n' | sort
}

# What `ocirun spec` asks for, on an image that has every directory.
@test "T35 nothing is written to an image that has what is mounted on" {
	mkdir -p "$ROOTFS"/dev/{pts,shm,mqueue}
	script 'true'
	image_state >"$BATS_TEST_TMPDIR/before"
	attempt
	expect_status 0
	image_state | diff "$BATS_TEST_TMPDIR/before" - || escaped 'the image was written to'
}

@test "T35 directories to mount on are made, and nothing else" {
	mkdir "$BATS_TEST_TMPDIR/source"
	config --arg from "$BATS_TEST_TMPDIR/source" \
		'.mounts += [{ destination: "/new/place", source: $from, options: ["bind"] }] | .process.cwd = "/work/here"'
	image_state | cut -d ' ' -f 1 >"$BATS_TEST_TMPDIR/before"
	attempt
	expect_status 0
	expect_equal "$(image_state | cut -d ' ' -f 1 | comm -13 "$BATS_TEST_TMPDIR/before" - | xargs)" \
		'new new/place work work/here'
}

@test "T35 a link to nothing is where its target is made, inside" {
	ln -s /run/real "$ROOTFS/etc/name"
	echo content >"$BATS_TEST_TMPDIR/file"
	config --arg from "$BATS_TEST_TMPDIR/file" \
		'.mounts += [{ destination: "/etc/name", source: $from, options: ["bind"] }]'
	script 'cat /run/real'
	attempt
	! is_ocirun || expect_equal "$output" content
}
