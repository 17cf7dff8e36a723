#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What of the caller and of the runtime is in reach of a container: its program, descriptors, directory,
# keys, terminal; and the rights and ids that a process has.

load hostile

setup_file() {
	hostile_setup_file
	tool poll >/dev/null
	tool rounds >/dev/null
}

setup() {
	hostile_setup
}

teardown() {
	hostile_teardown
}

# ---- T06: what masks ----

# masked_with KIND: the image's /dev/null, by which a file and a directory might be masked
masked_with() {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))
		| .linux.maskedPaths = ["/secret", "/dir"]'
	echo masked-secret >"$ROOTFS/secret"
	mkdir "$ROOTFS/dir"
	echo masked-secret >"$ROOTFS/dir/file"
	case $1 in
	link) ln -s "$DECOY/file" "$ROOTFS/dev/null" ;;
	link-to-secret) ln -s /secret "$ROOTFS/dev/null" ;;
	# A setting of the container's own namespace, where others would be the host's.
	link-to-proc) ln -s /proc/sys/kernel/domainname "$ROOTFS/dev/null" ;;
	file) echo masked-secret >"$ROOTFS/dev/null" ;;
	node) mknod "$ROOTFS/dev/null" c 1 5 ;;
	directory) mkdir "$ROOTFS/dev/null" ;;
	fifo) mkfifo "$ROOTFS/dev/null" ;;
	missing) : ;;
	esac
	script 'head -c 100 /secret; head -c 100 /dir/file; ls /dir; echo over >/secret
		echo "domain $(cat /proc/sys/kernel/domainname)"'
	attempt
	[[ $status != 0 || $output == *'domain (none)'* ]] || escaped "a setting was written: $output"
	[[ $output != *masked-secret* ]] || escaped "what is masked was read: $output"
	expect_equal "$(cat "$ROOTFS/secret")" masked-secret
}

@test "T06 the image's /dev/null is a link to the host" { masked_with link; }
@test "T06 the image's /dev/null is a link to what is to be masked" { masked_with link-to-secret; }
@test "T06 the image's /dev/null is a link into procfs" { masked_with link-to-proc; }
@test "T06 the image's /dev/null is an ordinary file" { masked_with file; }
@test "T06 the image's /dev/null is another device" { masked_with node; }
@test "T06 the image's /dev/null is a directory" { masked_with directory; }
@test "T06 the image's /dev/null is a FIFO" { masked_with fifo; }
@test "T06 the image has no /dev/null" { masked_with missing; }

# ---- T08, T27: settings of the kernel ----

@test "T08 a sysctl is written to procfs, not to where the image's /proc leads" {
	rm -rf "$ROOTFS/proc"
	ln -s "$DECOY" "$ROOTFS/proc"
	config '.mounts |= map(select(.destination != "/proc")) | .linux.sysctl = { "net.ipv4.ip_forward": "1" }'
	script true
	attempt
}

@test "T08 a sysctl has the value in the container's namespace" {
	config '.linux.sysctl = { "net.ipv4.ip_forward": "1", "kernel.shmmni": "77" }'
	script 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni'
	attempt
	expect_equal "$output" $'1\n77'
}

# wrong_sysctl KEY: to the value that it has, so that a runtime that takes it changes nothing
wrong_sysctl() {
	local value

	value=$(cat "/proc/sys/${1//.//}" 2>/dev/null) || value=1
	config --arg key "$1" --arg value "$value" '.linux.sysctl = { ($key): $value }'
	script 'echo started'
	denied
}

@test "T27 settings of the whole host, and names and values that mean two things, are refused" {
	local key

	for key in kernel.core_pattern kernel.modprobe kernel.panic kernel.hotplug kernel.sysrq \
		kernel.randomize_va_space kernel.yama.ptrace_scope kernel.unprivileged_bpf_disabled \
		kernel.kptr_restrict kernel.dmesg_restrict kernel.threads-max kernel.pid_max \
		kernel.ns_last_pid kernel.domainname.x vm.swappiness vm.overcommit_memory \
		vm.drop_caches vm.panic_on_oom fs.file-max fs.suid_dumpable fs.protected_symlinks \
		fs.binfmt_misc.register fs.mqueue.x/../../../kernel/core_pattern \
		net/../kernel/core_pattern net/ipv4/../../kernel/core_pattern ../kernel/core_pattern \
		/kernel/core_pattern kernel/core_pattern net..kernel .kernel.core_pattern debug.exception-trace \
		dev.cdrom.autoclose abi.vsyscall32 user.max_user_namespaces sunrpc.nfs_debug \
		kernel.shm_rmid_forced/../core_pattern '' . / net; do
		row "'$key'" wrong_sysctl "$key"
	done
	rows_hold
}

# ---- T11: the program itself ----

program_is_same() {
	expect_equal "$(sha256sum <"$OCIRUN")" "$PROGRAM_SUM" || escaped 'the program was written to'
}

# runs_itself FILTER: the container's program is the runtime's, by procfs
runs_itself() {
	PROGRAM_SUM=$(sha256sum <"$OCIRUN")
	printf '#!/proc/self/exe\n' >"$ROOTFS/bin/evil"
	chmod 755 "$ROOTFS/bin/evil"
	config "$1"
	attempt
	program_is_same
}

@test "T11 the program of the container is /proc/self/exe" {
	runs_itself '.process.args = ["/proc/self/exe", "--version"]'
}

@test "T11 the program of the container is a script for /proc/self/exe" {
	runs_itself '.process.args = ["/bin/evil"]'
}

# polls WHAT [FILTER]: a hostile program in the container, while processes are made in there
polls() {
	PROGRAM_SUM=$(sha256sum <"$OCIRUN")
	cp "$(tool poll)" "$ROOTFS/bin/poll"
	printf '#!/proc/self/exe\n' >"$ROOTFS/bin/evil"
	chmod 755 "$ROOTFS/bin/evil"
	config "${2:-.}"
	config --arg what "$1" '.process.args = ["poll", $what]'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	race_rounds "$CANARY" "$OCIRUN" --root "$ROOT" exec "$ID" true
	# What runs /bin/evil may be traced: by then it is the container's own program.
	[[ $1 != exe && $1 != mount ]] || race_rounds "$CANARY" "$OCIRUN" --root "$ROOT" exec "$ID" /bin/evil
	[ ! -e "$ROOTFS/found" ] || escaped "$(sort "$ROOTFS/found" | uniq -c | head)"
	program_is_same
}

readonly COMMON='["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW",
	"CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_SYS_CHROOT", "CAP_KILL"]'
readonly MANY='["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"]'

with_capabilities() {
	echo ".process.capabilities = { bounding: $1, effective: $1, permitted: $1 }"
}

@test "T11 who enters the container brings no program that can be written" {
	polls exe "$(with_capabilities "$COMMON")"
}

@test "T11 neither for who may look at every process" {
	polls exe "$(with_capabilities "$MANY")"
}

@test "T11 nor a mount that a user namespace of the container could make writable" {
	polls mount "$(with_capabilities "$COMMON")"
}

# kept_program_is_safe CALLER...: $PROGRAM, a copy of the runtime, waits in a container that CALLER had it make.
# Somebody keeps open what that runs from, and writes to it when nobody runs it any more.
kept_program_is_safe() {
	local sum

	script 'sleep 100'
	sum=$(sha256sum <"$PROGRAM")
	detached "$BATS_TEST_TMPDIR/log" "$@" "$PROGRAM" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
	[ ! -d "${READONLY-}" ] || mount -o remount,bind,rw "$READONLY"
	exec 7<"/proc/$(ocirun state "$ID" | jq .pid)/exe"
	expect_equal "$(stat -L -c %s /proc/self/fd/7)" "$(stat -c %s "$PROGRAM")"
	ocirun delete --force "$ID"
	echo more 2>/dev/null >>/proc/self/fd/7 || :
	exec 7<&-
	expect_equal "$(sha256sum <"$PROGRAM")" "$sum" || escaped 'the program was written to'
}

copy_program() {
	PROGRAM=$1/runtime
	cp "$OCIRUN" "$PROGRAM"
}

@test "T11 the program that init runs from cannot be written" {
	copy_program "$BATS_TEST_TMPDIR"
	kept_program_is_safe env
}

@test "T11 nor where a process may not say which program it is" {
	command -v python3 >/dev/null || skip 'needs python3'
	copy_program "$BATS_TEST_TMPDIR"
	kept_program_is_safe python3 "$AGENTS/as_caller.py" deny=prctl:35 -- # PR_SET_MM
}

@test "T11 a program on a read-only mount of the host's stays read-only when that mount does not" {
	local READONLY=$BATS_TEST_TMPDIR/place

	mkdir "$READONLY"
	mount --bind "$READONLY" "$READONLY"
	copy_program "$READONLY"
	mount -o remount,bind,ro "$READONLY"
	kept_program_is_safe env
	umount -l "$READONLY"
}

# ---- T13: traced before the program runs ----

@test "T13 who enters the container cannot be traced, nor its descriptors seen, until its program runs" {
	polls fd "$(with_capabilities "$COMMON")"
}

@test "T13 who enters the container never stands in it with the root directory of the host" {
	polls root "$(with_capabilities "$COMMON")"
}

@test "T13 neither with the host's mounts" {
	polls mountinfo "$(with_capabilities "$COMMON")"
}

@test "T13 neither with the host's network" {
	polls net "$(with_capabilities "$COMMON")"
}

@test "T13 neither before who may look at every process" {
	polls root "$(with_capabilities "$MANY")"
}

@test "T13 neither can a container that waits for start" {
	local pid

	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun create --bundle "$BUNDLE" "$ID"
	pid=$(ocirun state "$ID" | jq .pid)
	run setpriv --bounding-set -sys_ptrace --inh-caps -sys_ptrace \
		sh -c "ls -l /proc/$pid/fd /proc/$pid/cwd/ && echo seen"
	[[ $output != *seen* ]] || escaped "descriptors of the waiting process: $output"
}

# ---- T12: descriptors and the working directory ----

# leads_out CWD: with a directory of the host open in the caller
leads_out() {
	config --arg cwd "$1" '.process.cwd = $cwd'
	script 'pwd -P; cat file etc/secret ../etc/secret 2>/dev/null; true'
	attempt
}

@test "T12 working directories that lead to a descriptor" {
	local n dir

	exec 5<"$DECOY" 6<"$DECOY/dir" 7</ 8<"$BATS_TEST_TMPDIR"
	for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		for dir in /proc/self/fd/$n /proc/self/fd/$n/.. /proc/thread-self/fd/$n /proc/1/fd/$n/../..; do
			row "$dir" leads_out "$dir"
		done
	done
	exec 5<&- 6<&- 7<&- 8<&-
	rows_hold
}

# enters CWD
enters() {
	run ocirun exec --cwd "$1" "$ID" sh -c 'pwd -P; cat file etc/secret 2>/dev/null; true'
	no_secret "$output"
}

@test "T12 working directories of exec that lead to a descriptor" {
	local n

	exec 5<"$DECOY" 6<"$DECOY/dir" 7</
	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		row "/proc/self/fd/$n" enters "/proc/self/fd/$n"
	done
	exec 5<&- 6<&- 7<&-
	rows_hold
}

# In both 3 is what ls has open itself.
@test "T12 the container has three descriptors, whatever its caller has open" {
	exec 5<"$DECOY" 6<"$DECOY/file" 7</ 19<"$DECOY/file"
	config '.process.args = ["ls", "/proc/self/fd"]'
	attempt
	exec 5<&- 6<&- 7<&- 19<&-
	expect_equal "${lines[*]}" '0 1 2 3' || escaped "$output"
}

@test "T12 exec has three descriptors, whatever its caller has open" {
	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	exec 5<"$DECOY" 6<"$DECOY/file" 7</ 19<"$DECOY/file"
	run ocirun exec "$ID" ls /proc/self/fd
	exec 5<&- 6<&- 7<&- 19<&-
	expect_equal "${lines[*]}" '0 1 2 3' || escaped "$output"
}

@test "T12 a container that waits for start has no directory of the host open" {
	local pid fd

	exec 5<"$DECOY" 6<"$DECOY/file" 7</
	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun create --bundle "$BUNDLE" "$ID"
	exec 5<&- 6<&- 7<&-
	pid=$(ocirun state "$ID" | jq .pid)
	for fd in /proc/"$pid"/fd/*; do
		[ ! -d "$fd/" ] || escaped "descriptor $fd is the directory $(readlink "$fd")"
	done
}

# ---- T15: capabilities ----

# has_capabilities UID FILTER: of the container, and of what is exec'd in it: none is inheritable, and
# none ambient, unless that was asked for
has_capabilities() {
	config --argjson uid "$1" ".process.user = { uid: \$uid, gid: \$uid } | $2"
	script 'grep -E "CapInh|CapAmb" /proc/self/status | xargs'
	attempt
	expect_status 0
	expect_equal "$output" 'CapInh: 0000000000000000 CapAmb: 0000000000000000' || escaped "$output"
	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	run ocirun exec "$ID" sh -c 'grep -E "CapInh|CapAmb" /proc/self/status | xargs'
	expect_equal "$output" 'CapInh: 0000000000000000 CapAmb: 0000000000000000' || escaped "$output"
	run ocirun exec --user 7:7 --cap CAP_CHOWN "$ID" sh -c 'grep -E "CapInh|CapAmb" /proc/self/status | xargs'
	expect_status 0
	expect_equal "${output%% CapAmb*}" 'CapInh: 0000000000000000' || escaped "$output"
}

@test "T15 root, with the usual capabilities" { has_capabilities 0 "$(with_capabilities "$COMMON")"; }
@test "T15 a user, with the usual capabilities" { has_capabilities 1000 "$(with_capabilities "$COMMON")"; }
@test "T15 root, with others" { has_capabilities 0 "$(with_capabilities "$MANY")"; }
@test "T15 a user, with others" { has_capabilities 1000 "$(with_capabilities "$MANY")"; }
@test "T15 root, with none" { has_capabilities 0 .; }
@test "T15 a user, with none" { has_capabilities 1000 .; }

@test "T15 what the caller has inheritable and ambient is not the container's" {
	script 'grep -E "CapInh|CapAmb|CapBnd" /proc/self/status | xargs'
	run setpriv --inh-caps +chown,+kill --ambient-caps +chown,+kill "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_equal "$output" \
		'CapInh: 0000000000000000 CapBnd: 0000000000000000 CapAmb: 0000000000000000' || escaped "$output"
}

# ---- T16: groups ----

# has_groups USER WANTED: called with groups of the caller's that are not the container's
has_groups() {
	config --argjson user "$1" '.process.user = $user'
	script 'grep -E "^Groups" /proc/self/status | xargs'
	run setpriv --groups 6,24,999 "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_equal "$output" "$2" || escaped "$output"
}

@test "T16 root has no other group" { has_groups '{"uid": 0, "gid": 0}' 'Groups:'; }
@test "T16 a user has no other group" { has_groups '{"uid": 1000, "gid": 1000}' 'Groups:'; }
@test "T16 additional groups are those that are asked for" {
	has_groups '{"uid": 0, "gid": 0, "additionalGids": [5, 7]}' 'Groups: 5 7'
}
@test "T16 a user's additional groups are those that are asked for" {
	has_groups '{"uid": 1000, "gid": 5, "additionalGids": [4294967294]}' 'Groups: 4294967294'
}
@test "T16 a user that the image lists in every group is in none of them" {
	printf 'root:x:0:u\nadm:x:4:u\ndisk:x:6:u\n' >"$ROOTFS/etc/group"
	printf 'u:x:1000:1000::/:/bin/sh\n' >"$ROOTFS/etc/passwd"
	has_groups '{"uid": 1000, "gid": 1000}' 'Groups:'
}

# ---- T17: users ----

# user_is TEXT: exactly that id, or refused; never another one, and not root's unless it is 0
user_is() {
	run ocirun exec --user "$1" "$ID" sh -c 'echo "$(id -u):$(id -g)"'
	[ "$status" != 0 ] || case $1 in
	0* | +0 | root*) true ;;
	*) [[ $output =~ ^[1-9][0-9]*:[0-9]+$ ]] || escaped "'$1' is $output" ;;
	esac
	[ "$status" != 0 ] || ! [[ $1 =~ ^[1-9][0-9]*$ ]] || [ "${output%%:*}" = "$1" ] ||
		escaped "'$1' is $output"
}

@test "T17 users by number and by name" {
	local text

	printf '%s\n' root:x:0:0::/:/bin/sh 1000:x:0:0::/:/bin/sh 4294967296:x:0:0::/:/bin/sh \
		' 5:x:0:0::/:/bin/sh' \
		:x:0:0::/:/bin/sh 'evil:x:-1:0::/:/bin/sh' 'more:x:4294967296:0::/:/bin/sh' \
		'word:x:0x10:0::/:/bin/sh' 'none:x::0::/:/bin/sh' >"$ROOTFS/etc/passwd"
	printf '%s\n' root:x:0: 77:x:0: 4294967296:x:0: >"$ROOTFS/etc/group"
	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	for text in 1 5 1000 65534 65535 65536 2147483647 2147483648 4294967294 4294967295 4294967296 \
		4294967297 8589934592 18446744073709551615 18446744073709551616 \
		18446744073709551617 340282366920938463463374607431768211456 -0 -1 -1000 -2147483648 \
		-4294967296 +1 ' 1' '1 ' '	1' 1a 1e3 1.0 1,0 0x1 0x10 0b1 1_000 1000: :1000 : :: 1:2:3 \
		1:-1 1:4294967295 1:4294967296 1:x 1:77 1000:1000 evil more word none nobody-here \
		evil:0 more:0 1:more ٣ １ '1;0' "1'" '1"' '$1' '*' ../1 /1 '1
0'; do
		row "'$text'" user_is "$text"
	done
	rows_hold
}

# uid_in_config NUMBER: refused, or exactly that
uid_in_config() {
	script 'id -u'
	sed -i "s/\"uid\": 0/\"uid\": $1/" "$BUNDLE/config.json"
	attempt
	[ "$status" != 0 ] || [ "$output" = "$1" ] || escaped "$1 is $output"
}

@test "T17 a uid of config.json beyond what there is" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/config.json"
	local number

	for number in 4294967295 4294967296 4294967297 18446744073709551616 -1 1.5 1e10 '"0"' '"1"'; do
		cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
		row "$number" uid_in_config "$number"
	done
	rows_hold
}

# ---- T24: terminals; T25: sockets and keys; T26: files of the runtime ----

@test "T24 without a terminal there is none that a program could type into" {
	script 'cut -d " " -f 7 /proc/self/stat; (exec 3<>/dev/tty) 2>/dev/null && echo has a terminal; true'
	config '.process.terminal = false'
	run timeout -k 5 60 python3 "$AGENTS/on_terminal.py" -- \
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
	expect_equal "${output//$'\r'/}" $'0\n[status 0]' || escaped "$output"
}

@test "T24 nor for exec" {
	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	run timeout -k 5 60 python3 "$AGENTS/on_terminal.py" -- \
		"$OCIRUN" --root "$ROOT" exec "$ID" sh -c 'cut -d " " -f 7 /proc/self/stat' 3>&-
	expect_equal "${output//$'\r'/}" $'0\n[status 0]' || escaped "$output"
}

@test "T25 no abstract socket is left in the container's network, nor in the host's" {
	local before

	before=$(grep -c '@' /proc/net/unix || :)
	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun create --bundle "$BUNDLE" "$ID"
	expect_equal "$(awk '/@/ && /oci|runc|'"$ID"'/' /proc/net/unix)" ''
	ocirun start "$ID"
	run ocirun exec "$ID" grep -c @ /proc/net/unix
	expect_equal "$output" 0
	[ "$before" -ge 0 ]
}

# keyctl(2), KEYCTL_GET_KEYRING_ID of KEY_SPEC_SESSION_KEYRING, by its number on x86-64
@test "T25 the session keyring is a new one, and that for exec too" {
	local own first

	[ "$(uname -m)" = x86_64 ] || skip 'numbers of system calls are those of x86-64'
	cp "$(tool syscall_probe)" "$ROOTFS/bin/probe"
	own=$("$ROOTFS/bin/probe" 250,0,-3,0 | head -n 1)
	script 'probe 250,0,-3,0 >/keyring; sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	wait_for grep -q alive "$ROOTFS/keyring"
	first=$(head -n 1 "$ROOTFS/keyring")
	[[ $first =~ ^[0-9]+$ ]]
	[ "$first" != "$own" ] || escaped "the keyring is the caller's, $own"
	run ocirun exec "$ID" probe 250,0,-3,0
	[ "${lines[0]}" != "$own" ] || escaped "the keyring of exec is the caller's, $own"
}

# Another container that is root on the host may make one, or an engine with a container of that name.
@test "T25 a keyring that waits under the container's name is not taken" {
	local waiting=$BATS_TEST_TMPDIR/waiting

	[ "$(uname -m)" = x86_64 ] || skip 'numbers of system calls are those of x86-64'
	cp "$(tool syscall_probe)" "$ROOTFS/bin/probe"
	background python3 -c 'if True:
		import ctypes, sys, time
		keyctl = lambda *args: ctypes.CDLL(None).syscall(250, *args)
		key = keyctl(1, ("_ses." + sys.argv[1]).encode()) # KEYCTL_JOIN_SESSION_KEYRING
		keyctl(5, key, 0x3f3f3f3f) # KEYCTL_SETPERM: everything, for everyone
		open(sys.argv[2], "w").write(f"{key}\n")
		time.sleep(1000)' "$ID" "$waiting"
	wait_for test -s "$waiting"
	script 'probe 250,0,-3,0 >/keyring; sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	wait_for grep -q alive "$ROOTFS/keyring"
	[ "$(head -n 1 "$ROOTFS/keyring")" != "$(cat "$waiting")" ] || escaped "the container has it"
	run ocirun exec "$ID" probe 250,0,-3,0
	[ "${lines[0]}" != "$(cat "$waiting")" ] || escaped "exec has it"
}

@test "T26 what the runtime keeps is private, whatever the umask" {
	script 'sleep 100'
	umask 0
	detached "$BATS_TEST_TMPDIR/log" ocirun create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
	run find "$ROOT" -type d -perm /077 -print -o -type f -perm /022 -print
	expect_equal "$output" '' || escaped "open to others: $output"
	run find "$BATS_TEST_TMPDIR/pid" -perm /022
	expect_equal "$output" '' || escaped "open to others: $output"
}

@test "T26 a pid file that is a link leads nowhere" {
	ln -s "$DECOY/file" "$BATS_TEST_TMPDIR/pid"
	script true
	attempt --pid-file "$BATS_TEST_TMPDIR/pid"
}

@test "T26 a state root that is a link, or somebody else's, is refused" {
	mkdir "$BATS_TEST_TMPDIR/elsewhere"
	script 'echo started'
	ln -s "$BATS_TEST_TMPDIR/elsewhere" "$BATS_TEST_TMPDIR/linked"
	run "$OCIRUN" --root "$BATS_TEST_TMPDIR/linked" run --bundle "$BUNDLE" "$ID"
	! is_ocirun || [ "$status" != 0 ]
	chown 1234 "$BATS_TEST_TMPDIR/elsewhere"
	run "$OCIRUN" --root "$BATS_TEST_TMPDIR/elsewhere" run --bundle "$BUNDLE" "$ID"
	[ "$status" != 0 ]
}

# id_is TEXT: no container
id_is() {
	run timeout 20 "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" -- "$1"
	[ "$status" != 0 ] || case $1 in
	*/* | . | ..) escaped "'$1' is an id" ;;
	*) false ;;
	esac
}

@test "T26 ids with parts of paths in them are refused" {
	local text

	script 'echo started'
	# Nothing but what is the test's own: crun 1.8.1 takes an absolute path for the place of a
	# container's state, and removes all that is there.
	mkdir -p "$BATS_TEST_TMPDIR/victim"
	echo kept >"$BATS_TEST_TMPDIR/victim/file"
	for text in . '' a/b ../victim "$BATS_TEST_TMPDIR/victim" a/../../victim 'a b' 'a
b' .hidden a: 'a*' '$(id)' 'a;b' "$(printf 'a%.0s' {1..1100})"; do
		row "'${text:0:30}'" id_is "$text"
	done
	[ -e "$BATS_TEST_TMPDIR/victim/file" ] || escaped 'a directory of the host was removed'
	rows_hold
}
