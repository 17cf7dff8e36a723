#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# doctor: what this host offers to containers, held against the kernel's own files; and hosts that
# offer less, made of namespaces.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	mkdir -m 700 "$ROOT"
}

teardown() {
	remove_containers
}

# doctor [COMMAND...]: what COMMAND has doctor say of its surroundings, as JSON, in $output
doctor() {
	run --separate-stderr timeout -k 5 60 "$@" "$OCIRUN" --root "$ROOT" doctor --format json
	jq -e 'type == "array"' <<<"$output" >/dev/null
}

# elsewhere SCRIPT: the same after SCRIPT, as root in a mount namespace of its own
elsewhere() {
	# shellcheck disable=SC2016 # the inner shell's
	doctor unshare --mount --propagation private bash -euc "$1"'; exec "$@"' -
}

# in_user_ns SCRIPT: the same as root of a user namespace
in_user_ns() {
	# shellcheck disable=SC2016 # the inner shell's
	doctor unshare --user --map-root-user --mount sh -euc "$1"'; exec "$@"' -
}

# finding NAME KEY
finding() {
	jq -r --arg name "$1" --arg key "$2" '.[] | select(.name == $name)[$key]' <<<"$output"
}

# says NAME STATUS [FOUND [REMEDY]]: of $output; what is found and mends is a part of the text
says() {
	expect_equal "$1: $(finding "$1" status)" "$1: $2"
	expect_part "$(finding "$1" found)" "${3-}"
	expect_part "$(finding "$1" remedy)" "${4-}"
}

@test "the exit status says whether all that is essential is there, and the error what is not" {
	local lacking

	doctor
	lacking=$(jq -r '[.[] | select(.essential and .status == "missing").name] | join(", ")' <<<"$output")
	expect_status "$([ -z "$lacking" ] && echo 0 || echo 1)"
	expect_equal "$stderr" "${lacking:+ocirun: this host lacks what containers need: $lacking}"
}

@test "each finding has all its texts; what is ok needs no remedy" {
	doctor
	[ "$(jq length <<<"$output")" -gt 50 ]
	expect_equal "$(jq -c '[.[] | select(.section == "" or .name == "" or .purpose == ""
		or (.status | IN("ok", "limited", "missing") | not) or (.essential | type) != "boolean"
		or (.status == "ok" and .remedy != ""))]' <<<"$output")" '[]'
	expect_equal "$(jq -c '[.[].section] | reduce .[] as $s ([]; if .[-1] == $s then . else . + [$s] end)' <<<"$output")" \
		'["kernel","namespaces","cgroups","filesystems","security","caller","helpers"]'
}

@test "the kernel, its namespaces and filesystems are those of its files" {
	local name file

	doctor
	says version ok "Linux $(uname -r)"
	while read -r name file; do
		says "$name" ok "at most $(cat "/proc/sys/user/max_${file}_namespaces")"
	done <<-END
		user user
		mount mnt
		pid pid
		network net
		ipc ipc
		uts uts
		cgroup cgroup
		time time
	END
	for name in proc sysfs tmpfs devpts mqueue overlay fuse; do
		if grep -q "	$name\$" /proc/filesystems; then
			says "$name" ok
		else
			[ "$(finding "$name" status)" != ok ]
		fi
	done
}

@test "controllers are where the kernel has them" {
	local name dir

	doctor
	for name in cpu cpuset memory pids; do
		if grep -q ":\([^:]*,\)\?$name[,:]" /proc/self/cgroup; then
			dir=$(findmnt --noheadings --first-only --types cgroup --options "$name" --output TARGET)
			says "$name" ok "version 1, at "
			[ "$(sed 's/.*, at //' <<<"$(finding "$name" found)")" -ef "$dir" ]
		elif grep -qw "$name" /sys/fs/cgroup/cgroup.controllers; then
			says "$name" ok "version 2, at /sys/fs/cgroup"
		else
			says "$name" missing
		fi
	done
}

@test "without cgroups nothing can be limited" {
	elsewhere 'umount --lazy --recursive /sys/fs/cgroup'
	expect_status 1
	says layout missing 'none is mounted' 'mount -t cgroup2 cgroup2 /sys/fs/cgroup'
	says memory missing 'not there'
	expect_equal "$(finding memory essential)" true
	expect_part "$stderr" 'layout, cpu, memory, pids'
}

@test "a host with version 2 alone has the controllers of that" {
	elsewhere 'umount --lazy --recursive /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup'
	says layout ok 'version 2'
	says freezer ok 'version 2'
	says devices ok 'version 2, by BPF programs'
	elsewhere 'umount --lazy --recursive /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
		cat /sys/fs/cgroup/cgroup.controllers >'"$BATS_TEST_TMPDIR/controllers"
	for name in cpu memory hugetlb; do
		if grep -qw "$name" "$BATS_TEST_TMPDIR/controllers"; then
			says "$name" ok 'version 2, at /sys/fs/cgroup'
		else
			says "$name" missing 'not there'
		fi
	done
}

@test "version 1 alone is limited, with the setting that changes it" {
	[ -d /sys/fs/cgroup/unified ] || skip "the host is no hybrid one"
	doctor
	says layout limited 'hybrid' 'systemd.unified_cgroup_hierarchy=1'
	elsewhere 'umount --lazy /sys/fs/cgroup/unified'
	says layout limited 'version 1'
	says memory ok 'version 1'
}

@test "pressure that cannot be read is missing" {
	elsewhere 'mount -t tmpfs none /proc/pressure'
	expect_status 0
	says 'pressure (PSI)' missing 'switched off' 'psi=1'
}

@test "a limit of namespaces that is 0 is found, and the remedy is one" {
	in_user_ns 'echo 0 >/proc/sys/user/max_pid_namespaces'
	expect_status 1
	says pid missing 'sysctl user.max_pid_namespaces is 0' 'sysctl -w user.max_pid_namespaces=65536'
	says network ok
	expect_part "$stderr" 'ocirun: this host lacks what containers need: pid'
	in_user_ns 'echo 0 >/proc/sys/user/max_pid_namespaces; '"$(finding pid remedy)"' >&2'
	says pid ok 'at most 65536'
}

@test "a limit that a few containers reach is told before they do" {
	in_user_ns 'echo 5 >/proc/sys/user/max_uts_namespaces'
	says uts limited 'at most 5' 'sysctl -w user.max_uts_namespaces=65536'
	[[ $stderr != *uts* ]]
}

@test "nobody's user namespaces are tried: root's do not tell" {
	doctor
	says 'user, without root' ok
	# Which does not hold root.
	doctor prlimit --nproc=1:1
	says user ok
	says 'user, without root' missing 'no more processes are allowed'
	mkdir "$BATS_TEST_TMPDIR/host"
	elsewhere "mount --rbind / '$BATS_TEST_TMPDIR/host'; set -- chroot '$BATS_TEST_TMPDIR/host' \"\$@\""
	says 'user, without root' missing 'cannot be made: Operation not permitted; no user namespace can be made in a chroot'
	expect_equal "$(finding 'user, without root' essential)" false
}

# as_user: doctor as an ordinary user, whose state root is its own, after a script of root
as_user() {
	chown 12345 "$ROOT"
	elsewhere "$1
		set -- setpriv --reuid 12345 --regid 12345 --clear-groups --bounding-set -all \"\$@\""
}

@test "a user without subordinate ids is told how to get them" {
	as_user ''
	expect_status 0
	says rights limited 'user 12345'
	says 'user ids' missing '0 in /etc/subuid' 'usermod --add-subuids 100000-165535'
	says 'group ids' missing '0 in /etc/subgid' 'usermod --add-subgids 100000-165535'
	says 'idmapped mounts' limited 'for root of the host alone'
	expect_equal "$(finding CAP_SYS_ADMIN status)" ''
}

@test "ranges of a user's name and of its id count together" {
	printf 'root:x:0:0::/:/bin/sh\nsomebody:x:12345:12345::/:/bin/sh\n' >"$BATS_TEST_TMPDIR/passwd"
	printf 'somebody:100000:60000\n12345:200000:5536\nother:1:99999\n' >"$BATS_TEST_TMPDIR/subuid"
	printf 'somebody:100000:1000\n' >"$BATS_TEST_TMPDIR/subgid"
	as_user "touch /etc/subuid /etc/subgid; for f in passwd subuid subgid; do
		mount --bind '$BATS_TEST_TMPDIR'/\$f /etc/\$f; done"
	says 'user ids' ok '65536 in /etc/subuid'
	says 'group ids' limited '1000 in /etc/subgid' 'usermod --add-subgids 100000-165535 somebody'
}

@test "newuidmap needs its privileges: the bit, and a mount that lets it count" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/bin/newuidmap"
	chmod 755 "$BATS_TEST_TMPDIR/bin/newuidmap"
	local bin=/usr/local/sbin mount

	mount="mount -t tmpfs -o suid,mode=755 none $bin; cp '$BATS_TEST_TMPDIR/bin/newuidmap' $bin"
	as_user "$mount"
	says newuidmap limited "$bin/newuidmap, without privileges" "chmod u+s $bin/newuidmap"
	as_user "$mount; $(finding newuidmap remedy)"
	says newuidmap ok "$bin/newuidmap"
	as_user "$mount; setcap cap_setuid=ep $bin/newuidmap"
	says newuidmap ok
	as_user "$mount; setcap cap_setgid=ep $bin/newuidmap"
	says newuidmap limited
	as_user "$mount; chmod u+s $bin/newuidmap; mount -o remount,nosuid $bin"
	says newuidmap limited
}

@test "programs that are not installed have their package named" {
	touch "$BATS_TEST_TMPDIR/no-program"
	as_user 'for file in $(type -aP newuidmap criu); do
		mount --bind '"$BATS_TEST_TMPDIR/no-program"' "$file"; done'
	says newuidmap missing 'not installed' 'apt install uidmap'
	says criu missing 'not installed' 'apt install criu'
}

@test "controllers that a user was not given are limited, which is no failure" {
	as_user ''
	expect_status 0
	says memory limited 'not delegated to this user'
	expect_equal "$(finding memory essential)" false
	says devices limited
}

@test "rights that root has lost are named, and essential where nothing works without them" {
	doctor setpriv --bounding-set -mknod,-sys_resource --inh-caps -all
	says CAP_MKNOD missing 'root has it not'
	expect_equal "$(finding CAP_MKNOD essential)" false
	[[ $stderr != *CAP_* ]]
	doctor setpriv --bounding-set -setuid --inh-caps -all
	expect_status 1
	says CAP_SETUID missing
	expect_part "$stderr" CAP_SETUID
}

# under_filter ERRNO: doctor in a container, in which openat2 ends with that error
under_filter() {
	config --argjson errno "$1" --arg ocirun "$OCIRUN" '
		.mounts += [{ destination: "/host", source: "/", options: ["rbind"] }]
		| .process.args = ["chroot", "/host", $ocirun, "--root", "/tmp/none", "doctor", "--format", "json"]
		| .process.capabilities = { bounding: ["CAP_SYS_CHROOT"], permitted: ["CAP_SYS_CHROOT"],
			effective: ["CAP_SYS_CHROOT"] }
		| .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["openat2"],
			action: "SCMP_ACT_ERRNO", errnoRet: $errno }] }'
	mkdir -p "$ROOTFS/host"
	run --separate-stderr -1 ocirun run --bundle "$BUNDLE" "$ID"
}

@test "system calls that a filter hides or forbids are missing" {
	under_filter 38
	says openat2 missing 'not there: since Linux 5.6, or hidden by a filter'
	says clone3 ok
	says 'filter around us' limited
	expect_part "$stderr" openat2
	config 'del(.mounts[-1])'
	under_filter 1
	says openat2 missing 'forbidden, by a seccomp filter'
	# Without privileges this says EPERM on any host.
	says fsopen ok
}

@test "what covers a part of /proc is named" {
	elsewhere 'mount -t tmpfs none /proc/tty'
	says 'whole /proc' limited 'covered at /proc/tty'
}

@test "a directory of /proc that is there to be mounted on hides nothing" {
	[ -d /proc/sys/fs/binfmt_misc ] || skip "this kernel has no binfmt_misc"
	elsewhere 'mount -t tmpfs none /proc/sys/fs/binfmt_misc
		unshare --user --map-root-user --mount --pid --fork mount -t proc proc /mnt'
	says 'whole /proc' ok
}

@test "a security module in use is no reason to install the other" {
	doctor
	[ -e /sys/fs/selinux/enforce ] || says SELinux missing 'not active'
	elsewhere 'mount -t tmpfs none /sys/fs; mkdir /sys/fs/selinux; echo 1 >/sys/fs/selinux/enforce'
	says SELinux ok active
	[ "$(finding AppArmor status)" = ok ] || expect_equal "$(finding AppArmor remedy)" ''
}

@test "devices that are not there, or others of their name" {
	elsewhere 'mount -t tmpfs none /dev/net; mknod /dev/net/tun c 1 3'
	says /dev/net/tun missing 'not there, or another device' 'modprobe tun'
	says /dev/null ok
	elsewhere 'mount -t tmpfs none /dev'
	expect_status 1
	says /dev/null missing '' 'mknod -m 666 /dev/null c 1 3'
}

@test "idmapped mounts are tried on the filesystems that are there" {
	elsewhere 'mount -t tmpfs none /home; umount --lazy --recursive /tmp 2>/dev/null || :'
	says 'idmapped tmpfs' ok
	elsewhere 'mount -t proc none /home'
	says 'idmapped proc' missing 'does not work: Invalid argument'
}

@test "the state root has to be the caller's to write" {
	as_user ''
	says 'state root' ok "$ROOT"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	ROOT=$BATS_TEST_TMPDIR/new/state
	mkdir -m 755 "$BATS_TEST_TMPDIR/new"
	doctor
	says 'state root' ok 'made when it is needed'
	[ ! -e "$ROOT" ]
	doctor setpriv --reuid 12345 --regid 12345 --clear-groups
	expect_status 1
	says 'state root' missing 'cannot be written' "install -d -m 700 -o 12345 $ROOT"
	eval "$(finding 'state root' remedy)"
	doctor setpriv --reuid 12345 --regid 12345 --clear-groups
	says 'state root' ok
}

@test "criu is looked for where programs are" {
	elsewhere 'mount -t tmpfs none /usr/local/sbin; cp /bin/true /usr/local/sbin/criu'
	says criu ok /usr/local/sbin/criu
}

@test "systemd and its bus are there when they answer" {
	elsewhere 'mount -t tmpfs none /run; mkdir -p /run/systemd/system /run/dbus; touch /run/dbus/system_bus_socket'
	says systemd ok 'runs this host'
	says D-Bus missing '/run/dbus/system_bus_socket: nobody answers there' 'apt install dbus'
	elsewhere 'mount -t tmpfs none /run; mkdir -p /run/dbus
		python3 -c "
import socket, os, sys
s = socket.socket(socket.AF_UNIX); s.bind(\"/run/dbus/system_bus_socket\"); s.listen(1)
os.set_inheritable(s.fileno(), True)
os.execvp(sys.argv[1], sys.argv[1:])" "$@"; exit'
	says D-Bus ok 'answers'
	says systemd missing
}

@test "the table has the findings of the JSON; with --quiet those that are not ok" {
	doctor
	run ocirun doctor
	expect_equal "$(grep -cE '^(ok|limited|missing) ' <<<"$output")" "$("$OCIRUN" --root "$ROOT" doctor -f json | jq length)"
	expect_part "${lines[-1]}" "$(grep -c '^ok ' <<<"$output") ok, "
	run ocirun doctor --quiet
	expect_equal "$(grep -c '^ok ' <<<"$output")" 0
	run --separate-stderr ocirun doctor --quiet --format json
	expect_equal "$(jq -c '[.[] | select(.status == "ok")]' <<<"$output")" '[]'
}

@test "lines keep to the width, but for commands, which are there to be copied" {
	COLUMNS=60 run "$OCIRUN" --root /tmp/none doctor
	lines=$(grep -E '^(ok|limited|missing|  )' <<<"$output" | grep -vE '^ {9}#')
	expect_equal "$(awk 'length > 60' <<<"$lines")" ''
	[ "$(awk 'length > 50' <<<"$lines" | wc -l)" -gt 5 ]
}

@test "it is plain in a pipe, in colour on a terminal, unless NO_COLOR is set" {
	run ocirun doctor
	[[ $output != *$'\e'* ]]
	TERM=xterm run command script -qec "'$OCIRUN' doctor" /dev/null
	expect_part "$output" $'\e[0;32mok'
	NO_COLOR=1 TERM=xterm run command script -qec "'$OCIRUN' doctor" /dev/null
	[[ $output != *$'\e'* ]]
}

# host_state: what doctor might leave behind, or change
host_state() {
	cat /proc/self/mountinfo /proc/self/cgroup
	find /sys/fs/cgroup -maxdepth 1
	# Not sysctl -a, which walks into an automount.
	grep . /proc/sys/user/*
	ls -A "$ROOT" /dev
}

@test "it changes nothing and leaves no process" {
	host_state >"$BATS_TEST_TMPDIR/before"
	run strace -f -qq -e trace=process -o "$BATS_TEST_TMPDIR/strace" "$OCIRUN" --root "$ROOT" doctor
	expect_part "$output" ' ok, '
	host_state >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	for pid in $(awk '{ print $1 }' "$BATS_TEST_TMPDIR/strace" | sort -u); do
		[ ! -e "/proc/$pid" ] || [ "$(readlink "/proc/$pid/exe")" != "$OCIRUN" ]
	done
}
