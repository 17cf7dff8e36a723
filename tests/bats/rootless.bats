#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers of a user without privileges: nothing is set up, and no option is given.

load rootless

FIRST=1700000000 # of the ids that tests give: far from those of others

setup_file() {
	make_user
	"$BATS_TEST_DIRNAME/../../bundles/make-rootfs" "$HOME_DIR/rootfs"
	mkdir "$HOME_DIR/run"
	chown -R "$USER_NAME:" "$HOME_DIR"
}

teardown_file() {
	remove_user
}

setup() {
	ID=bats-$$-$BATS_SUITE_TEST_NUMBER
	OWN=$(id -u "$USER_NAME") OWN_GROUP=$(id -g "$USER_NAME")
	agent= there=
	rm -f "$HOME_DIR/there"
	rm -f "$HOME_DIR/config.json"
	mortal spec --rootless
	chmod 644 "$HOME_DIR/config.json"
}

teardown() {
	local dir

	stop_agent
	[ -z "$there" ] || kill "$there"
	for dir in "$HOME_DIR"/run/ocirun/*/; do
		[ ! -d "$dir" ] || mortal delete --force "$(basename "$dir")"
	done
	give_nothing
}

# give_ranges: users 1 to 1000 and groups 1 to 500 of containers to come
give_ranges() {
	give u "$FIRST" 1000
	give g "$FIRST" 500
}

# maps: how ids inside are ids outside, in lines "inside outside size"
maps() {
	user_script 'for kind in uid gid; do sed "s/  */ /g; s/^ //" /proc/self/${kind}_map; done'
}

@test "the template runs, and its state is in the user's runtime directory" {
	user_script 'id -u; id -g'
	prints $'0\n0'
	[ -d "$HOME_DIR/run/ocirun" ]
	expect_equal "$(stat -c '%U %a' "$HOME_DIR/run/ocirun")" "$USER_NAME 700"
}

@test "without a session the state root is a directory of the user's in /tmp, and of nobody else" {
	local dir=/tmp/ocirun-$OWN

	user_script 'sleep 1000'
	as_user env -u XDG_RUNTIME_DIR "$BATS_FILE_TMPDIR/ocirun" run --detach "$ID" </dev/null >/dev/null 2>&1
	expect_equal "$(stat -c '%U %a' "$dir")" "$USER_NAME 700"
	[ -d "$dir/$ID" ]
	as_user env -u XDG_RUNTIME_DIR "$BATS_FILE_TMPDIR/ocirun" delete --force "$ID"
	chown nobody "$dir"
	run as_user env -u XDG_RUNTIME_DIR "$BATS_FILE_TMPDIR/ocirun" run "$ID"
	expect_status 1
	expect_part "$output" "$dir"
	rm -rf "$dir"
}

@test "mappings that are not given are the own id, as the process's user" {
	user_config 'del(.linux.uidMappings, .linux.gidMappings)'
	maps
	prints "0 $OWN 1"$'\n'"0 $OWN_GROUP 1"
	user_config '.process.user = { uid: 33, gid: 34 }'
	prints "33 $OWN 1"$'\n'"34 $OWN_GROUP 1"
}

@test "mappings that are not given are the own id and the ranges of /etc/subuid and /etc/subgid" {
	give_ranges
	user_config 'del(.linux.uidMappings, .linux.gidMappings)'
	maps
	prints "0 $OWN 1"$'\n'"1 $FIRST 1000"$'\n'"0 $OWN_GROUP 1"$'\n'"1 $FIRST 500"
}

@test "a user namespace that is not given is made" {
	user_config 'del(.linux.uidMappings, .linux.gidMappings) |
		.linux.namespaces |= map(select(.type != "user"))'
	maps
	prints "0 $OWN 1"$'\n'"0 $OWN_GROUP 1"
	give_ranges
	prints "0 $OWN 1"$'\n'"1 $FIRST 1000"$'\n'"0 $OWN_GROUP 1"$'\n'"1 $FIRST 500"
}

@test "a mount namespace that is joined with its user namespace gets the mounts, and keeps none" {
	local before

	# shellcheck disable=SC2016 # the shell in there expands it
	as_user unshare --user --map-root-user --mount sh -c 'echo $$ >there && exec sleep 20' 3>&- 4>&- &
	wait_for test -s "$HOME_DIR/there"
	there=$(cat "$HOME_DIR/there")
	before=$(cut -d' ' -f5 "/proc/$there/mountinfo")
	user_config --arg dir "/proc/$there/ns" 'del(.linux.uidMappings, .linux.gidMappings, .hostname) |
		.linux.namespaces = [{ type: "user", path: "\($dir)/user" }, { type: "mount", path: "\($dir)/mnt" }] |
		.mounts = [{ destination: "/mnt", type: "tmpfs", source: "tmpfs" }]'
	user_script 'touch /mnt/file && ls /mnt; sleep 1000'
	detached "$BATS_TEST_TMPDIR/said" mortal run --detach "$ID"
	wait_for grep -q file "$BATS_TEST_TMPDIR/said"
	expect_part "$(cat "/proc/$there/mountinfo")" "$HOME_DIR/rootfs/mnt"
	mortal delete --force "$ID"
	expect_equal "$(cut -d' ' -f5 "/proc/$there/mountinfo")" "$before"
}

@test "root's template runs, with ranges and without" {
	rm "$HOME_DIR/config.json"
	mortal spec
	user_script 'id -u; stat -c %g /dev/pts/ptmx; ls /sys/class/net'
	prints $'0\n0\nlo'
	give_ranges
	prints $'0\n0\nlo'
}

@test "with ranges the container has other users and groups" {
	give_ranges
	user_config 'del(.linux.uidMappings, .linux.gidMappings) |
		.process.user = { uid: 0, gid: 0, additionalGids: [7, 8] } |
		.process.capabilities = (["bounding", "effective", "permitted"] |
			map({ key: ., value: ["CAP_CHOWN", "CAP_SETUID", "CAP_SETGID"] }) | from_entries) |
		.root.readonly = false'
	user_script 'id -G; touch /mine; chown 5:6 /mine; stat -c %u:%g /mine'
	prints $'0 7 8\n5:6'
	expect_equal "$(stat -c %u:%g "$HOME_DIR/rootfs/mine")" "$((FIRST + 4)):$((FIRST + 5))"
	rm "$HOME_DIR/rootfs/mine"
	user_config '.process.user = { uid: 1000, gid: 500 }'
	user_script 'id -u; id -g'
	prints $'1000\n500'
}

@test "who has one group only cannot set others, who has more can" {
	user_script 'cat /proc/self/setgroups'
	prints deny
	give_ranges
	user_config 'del(.linux.uidMappings, .linux.gidMappings)'
	prints allow
}

@test "create, exec, state, kill and delete of a container with ranges" {
	give_ranges
	user_config 'del(.linux.uidMappings, .linux.gidMappings)'
	user_script 'sleep 1000'
	mortal create "$ID" </dev/null >/dev/null 2>&1
	mortal start "$ID"
	expect_equal "$(mortal state "$ID" | jq -r '"\(.status) \(.owner)"')" "running $USER_NAME"
	run mortal exec --user 20:21 "$ID" sh -c 'id -u; id -g'
	expect_equal "$output" $'20\n21'
	mortal kill "$ID" KILL
	mortal delete --force "$ID"
	[ ! -e "$HOME_DIR/run/ocirun/$ID" ]
}

@test "a mapping that the user has no line for: the error has the line" {
	give u "$FIRST" 1000
	user_config --argjson own "$OWN" --argjson first "$FIRST" '.linux.uidMappings =
		[{ containerID: 0, hostID: $own, size: 1 }, { containerID: 1, hostID: $first, size: 1001 }]'
	run mortal run "$ID" </dev/null
	expect_status 1
	expect_part "$output" /linux/uidMappings/1
	expect_part "$output" "add '$USER_NAME:$FIRST:1001' to /etc/subuid"
	[ ! -e "$HOME_DIR/run/ocirun/$ID" ]
	run mortal check
	expect_status 1
	expect_part "$output" "error: /linux/uidMappings/1: user ids $FIRST to $((FIRST + 1000)) are not yours to map"
	expect_part "$output" "add '$USER_NAME:$FIRST:1001' to /etc/subuid"
	# Two lines are as good as one.
	give u "$((FIRST + 1000))" 1
	user_script true
	prints ''
}

@test "the same for groups, after the users were mapped" {
	user_config --argjson own "$OWN_GROUP" --argjson first "$FIRST" '.linux.gidMappings =
		[{ containerID: 0, hostID: $own, size: 1 }, { containerID: 1, hostID: $first, size: 5 }]'
	run mortal run "$ID" </dev/null
	expect_status 1
	expect_part "$output" /linux/gidMappings/1
	expect_part "$output" "add '$USER_NAME:$FIRST:5' to /etc/subgid"
	[ ! -e "$HOME_DIR/run/ocirun/$ID" ]
}

@test "check says which mappings a user gets" {
	user_config 'del(.linux.uidMappings, .linux.gidMappings) |
		.linux.namespaces |= map(select(.type != "user"))'
	run mortal check
	expect_status 0
	expect_part "$output" "there is no user namespace, without which a user can run nothing: one is made"
	expect_part "$output" "you are the container's user, and there is no other"
	give_ranges
	run mortal check
	expect_status 0
	expect_part "$output" "you are the container's root, and its other users have your ids"
}

@test "newuidmap is not looked for in PATH" {
	give_ranges
	user_config 'del(.linux.uidMappings, .linux.gidMappings)'
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\ntouch "%s"\nexit 1\n' "$BATS_TEST_TMPDIR/bin/ran" | tee "$BATS_TEST_TMPDIR/bin/newuidmap" \
		>"$BATS_TEST_TMPDIR/bin/newgidmap"
	chmod -R 777 "$BATS_TEST_TMPDIR"
	user_script 'echo well'
	run as_user env "PATH=$BATS_TEST_TMPDIR/bin:$PATH" "$BATS_FILE_TMPDIR/ocirun" run "$ID" </dev/null
	expect_equal "$output" well
	[ ! -e "$BATS_TEST_TMPDIR/bin/ran" ]
}

# with_newuidmap SCRIPT: a config with ranges is run after root has run that on a copy of newuidmap
with_newuidmap() {
	give_ranges
	user_config --argjson first "$FIRST" '.linux.uidMappings = [{ containerID: 0, hostID: $first, size: 2 }]'
	run unshare --mount --propagation private sh -c '
		cp -a /usr/bin/newuidmap "$1/newuidmap"
		newuidmap=$1/newuidmap
		eval "$2"
		mount --bind "$1/newuidmap" /usr/bin/newuidmap
		cd "$3"; shift 3
		exec setpriv --reuid "$1" --regid "$1" --init-groups env XDG_RUNTIME_DIR="$PWD/run" "$2" run "$3" </dev/null' \
		- "$BATS_TEST_TMPDIR" "$1" "$HOME_DIR" "$USER_NAME" "$BATS_FILE_TMPDIR/ocirun" "$ID"
	expect_status 1
}

@test "a newuidmap that is not root's, or that others can write, is not run" {
	with_newuidmap 'chown nobody "$newuidmap"'
	expect_part "$output" "'/usr/bin/newuidmap' is not root's alone"
	with_newuidmap 'chmod 4777 "$newuidmap"'
	expect_part "$output" "'/usr/bin/newuidmap' is not root's alone"
}

@test "a newuidmap without the right to map ids" {
	with_newuidmap 'chmod 755 "$newuidmap"'
	expect_part "$output" "'/usr/bin/newuidmap' has no right to map ids"
	expect_part "$output" "chmod u+s '/usr/bin/newuidmap'"
}

@test "newuidmap has no rights under no_new_privs, and that is said" {
	give_ranges
	user_config 'del(.linux.uidMappings, .linux.gidMappings)'
	run as_user setpriv --no-new-privs "$BATS_FILE_TMPDIR/ocirun" run "$ID" </dev/null
	expect_status 1
	expect_part "$output" 'no_new_privs'
}

@test "exec into a container that was created and not started" {
	user_script 'sleep 1000'
	mortal create "$ID" </dev/null >/dev/null 2>&1
	run mortal exec "$ID" echo well
	expect_equal "$output" well
}

@test "a time namespace with offsets is the user namespace's" {
	user_config '.linux.namespaces += [{ type: "time" }] | .linux.timeOffsets = { boottime: { secs: 86400000 } }'
	user_script 'read -r up rest </proc/uptime; [ "${up%.*}" -gt 86400000 ] && echo shifted'
	prints shifted
}

stop_agent() {
	[ -z "$agent" ] || {
		kill "$agent"
		wait "$agent" || :
	}
	agent=
}

# agent_decides UID NO_NEW_PRIVS: an agent is asked by the container's user UID
agent_decides() {
	local dir=$HOME_DIR/agent-$BATS_TEST_NUMBER

	mkdir -m 755 "$dir"
	# As root, to look into the memory of every user of the container; for the user to connect to.
	(umask 0 && exec "$BATS_FILE_TMPDIR/seccomp_agent" "$dir/socket" "$dir") >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	agent=$!
	until grep -q ready "$BATS_TEST_TMPDIR/said"; do
		sleep 0.02
	done
	user_config --arg socket "$dir/socket" --argjson uid "$1" --argjson nnp "$2" '
		del(.linux.uidMappings, .linux.gidMappings) |
		.process.user.uid = $uid | .process.noNewPrivileges = $nnp | .linux.seccomp = {
			defaultAction: "SCMP_ACT_ALLOW", listenerPath: $socket,
			syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY" }] }'
	user_script 'mkdir /denied 2>&1; echo ended'
	run mortal run "$ID" </dev/null
	stop_agent
	expect_equal "$output" "mkdir: can't create directory '/denied': Invalid cross-device link
ended"
}

@test "a seccomp agent decides calls of a user's container" {
	local nnp

	"${CC:-cc}" -O1 -Wall -o "$BATS_FILE_TMPDIR/seccomp_agent" "$BATS_TEST_DIRNAME/../agents/seccomp_agent.c"
	for nnp in true false; do
		agent_decides 0 $nnp
		rm -r "$HOME_DIR/agent-$BATS_TEST_NUMBER"
	done
	give_ranges
	for nnp in true false; do
		agent_decides 7 $nnp
		rm -r "$HOME_DIR/agent-$BATS_TEST_NUMBER"
	done
}

# ---- what a user may not ----

# cannot TEXT HINT FILTER: what a user has no right to is refused, and why
cannot() {
	user_config "$3"
	user_script true
	run mortal run "$ID" </dev/null
	expect_status 1
	expect_part "$output" "$1"
	expect_part "$output" "hint: $2"
	[ ! -e "$HOME_DIR/run/ocirun/$ID" ]
}

@test "device nodes are those of the host, bound" {
	user_script 'stat -c "%t:%T %n" /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty; cut -d" " -f2 /proc/mounts |
		grep -c -x -e /dev/null -e /dev/tty; echo gone >/dev/null'
	prints $'1:3 /dev/null\n1:5 /dev/zero\n1:7 /dev/full\n1:8 /dev/random\n1:9 /dev/urandom\n5:0 /dev/tty\n2'
}

@test "a node that the host has elsewhere or not at all is refused" {
	user_config '.linux.devices = [{ path: "/dev/zero", type: "c", major: 1, minor: 3 }]'
	user_script true
	run mortal run "$ID" </dev/null
	expect_status 1
	expect_part "$output" /linux/devices/0
	expect_part "$output" "'/dev/zero' exists in the container and is another file"
}

# on_host_mount OPTION FLAGS: runs the container with a bind mount by that option of a tmpfs that has FLAGS on the host
on_host_mount() {
	user_config --arg option "$1" '.mounts += [{ destination: "/mnt", source: "/mnt", type: "bind",
		options: ["bind", $option] }]'
	user_script 'grep " /mnt " /proc/mounts | cut -d" " -f4'
	run unshare --mount --propagation private sh -c '
		mount -t tmpfs -o "$5" tmpfs /mnt
		cd "$1"
		exec setpriv --reuid "$2" --regid "$2" --init-groups env XDG_RUNTIME_DIR="$1/run" "$3" run "$4" </dev/null' \
		- "$HOME_DIR" "$USER_NAME" "$BATS_FILE_TMPDIR/ocirun" "$ID" "$2"
}

@test "flags that a mount has on the host stay when others are set" {
	on_host_mount ro nosuid,nodev,noexec,noatime
	expect_status 0
	expect_part "$output" ro,nosuid,nodev,noexec,noatime
}

@test "a flag that the host has put on a mount cannot be taken away" {
	on_host_mount dev nodev
	expect_status 1
	expect_part "$output" 'option "dev" would take away what its source has, in a user namespace'
}

@test "a sysfs without a network namespace, a procfs without one of pids" {
	cannot 'fsopen '"'sysfs'" 'in a user namespace a sysfs needs a network namespace of its own' \
		'.mounts |= map(if .destination == "/sys" then { destination: "/sys", type: "sysfs", source: "sysfs" } else . end)'
	rm "$HOME_DIR/config.json"
	mortal spec --rootless
	cannot "create filesystem 'proc'" 'in a user namespace a procfs needs a pid namespace of its own' \
		'.linux.namespaces |= map(select(.type != "pid"))'
}

@test "cgroups that nobody asked for are done without, others are refused" {
	user_script 'echo well'
	prints well
	cannot 'make cgroup' 'who is not root makes cgroups only where root has delegated them' \
		'.linux.cgroupsPath = "/ocirun-bats-nowhere"'
	cannot 'cannot set pids limit' 'who is not root makes cgroups only where root has delegated them' \
		'del(.linux.cgroupsPath) | .linux.resources.pids = { limit: 10 }'
}

@test "without a cgroup exec, ps, kill and delete work, and what needs one says so" {
	user_script 'sleep 1000'
	detached "$BATS_TEST_TMPDIR/said" mortal run --detach "$ID"
	run mortal exec "$ID" echo well
	expect_equal "$output" well
	run mortal ps --format json "$ID"
	expect_equal "$output" "[$(mortal state "$ID" | jq .pid)]"
	run mortal pause "$ID"
	expect_status 1
	expect_part "$output" 'no cgroup that can freeze it'
	run mortal update --pids-limit 10 "$ID"
	expect_status 1
	expect_part "$output" 'has no cgroup of its own'
	run mortal events --stats "$ID"
	expect_status 0
	expect_equal "$(jq -c .data.memory <<<"$output")" '{}'
	mortal kill "$ID" KILL
	wait_for mortal delete "$ID"
}

@test "systemd's cgroups are for users where there is version 2 alone" {
	[ ! -e /sys/fs/cgroup/cgroup.controllers ] || skip "version 2: systemd.bats has it"
	user_script 'true'
	user_config '.linux.cgroupsPath = "user.slice:t:x"'
	run mortal --systemd-cgroup run "$ID"
	expect_status 1
	expect_part "$output" 'cannot use rootless systemd cgroups manager on cgroup v1'
}

@test "a score for the oom killer can be raised, and not lowered" {
	user_config '.process.oomScoreAdj = 500'
	user_script 'cat /proc/self/oom_score_adj'
	prints 500
	cannot 'set oom_score_adj to -1' 'lowering the score needs CAP_SYS_RESOURCE' '.process.oomScoreAdj = -1'
}

@test "a limit can be lowered, and not raised above the caller's" {
	user_config '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 64, hard: 65 }]'
	user_script 'ulimit -n; ulimit -H -n'
	prints $'64\n65'
	cannot 'error setting rlimit type RLIMIT_NOFILE' 'raising a hard limit needs CAP_SYS_RESOURCE' \
		'.process.rlimits[0].hard = 999999999'
}

@test "an id-mapped mount" {
	cannot 'error mounting' 'an id-mapped mount needs CAP_SYS_ADMIN where the file system was mounted' \
		'.mounts += [{ destination: "/mnt", source: "/mnt", type: "bind", options: ["bind", "idmap"] }]'
}

@test "a network device of the host" {
	cannot "the container's network namespace" 'a device of the host is for root to give away' \
		'.linux.netDevices = { lo: { name: "lo2" } } | .linux.namespaces += [{ type: "network" }]'
}
