#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers with mounts in a mount namespace that is not their own: inherited from the runtime, or
# joined by path. The "host" of these tests is a mount namespace of their own, with shared mounts as
# those of a host with systemd, in which a process waits.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	HOLDERS=()
	# Private first: shared among themselves, but not with the machine.
	# shellcheck disable=SC2016 # the shell in there expands it
	hold HOST unshare --mount --propagation private sh -c 'mount --make-rshared / && exec "$@"' sh
	config '.linux.namespaces = [{ type: "pid" }] | del(.hostname)'
	BEFORE=$(mounts)
}

teardown() {
	remove_containers
	[ ${#HOLDERS[@]} -eq 0 ] || kill -KILL "${HOLDERS[@]}"
	wait
}

# hold NAME COMMAND...: sets NAME to the pid of a process that waits where the command brings it
hold() {
	local -n ret=$1

	"${@:2}" sleep 1000 3>&- 4>&- &
	disown
	# shellcheck disable=SC2034 # the caller's variable
	ret=$!
	HOLDERS+=("$!")
	wait_for is_waiting "$!"
}

is_waiting() {
	[ "$(tr '\0' ' ' <"/proc/$1/cmdline")" = "sleep 1000 " ]
}

# on_host COMMAND...
on_host() {
	nsenter --target "$HOST" --mount --wdns="$PWD" "$@"
}

# The runtime as it is on that host.
ocirun() {
	on_host timeout --foreground -k 5 30 "$OCIRUN" --root "$ROOT" "$@"
}

# mounts [PID]: what is mounted where, how it propagates, and how many mounts are at a place
mounts() {
	awk '{ tags = ""; for (i = 7; $i != "-"; i++) tags = tags " " $i; print $5, $6 tags }' \
		"/proc/${1:-$HOST}/mountinfo" | sort
}

# What is mounted below the root as the host sees it, by its place in the container.
root_mounts() {
	sed -n "s|^[0-9]* [0-9]* [^ ]* [^ ]* $ROOTFS\([^ ]*\) .*|/\1|p" "/proc/${1:-$HOST}/mountinfo" |
		sed 's|^//|/|' | sort
}

nothing_is_left() {
	expect_equal "$(mounts)" "$BEFORE"
	[ ! -e "$ROOT/$ID" ]
}

# created: the container of this test, created; its program waits
created() {
	config '.process.args = ["sleep", "1000"]'
	detached "$BATS_TEST_TMPDIR/said" ocirun create --bundle "$BUNDLE" "$ID"
}

running() {
	created
	ocirun start "$ID"
}

# joined PID: the mount namespace of that process is the container's
joined() {
	config --arg path "/proc/$1/ns/mnt" '.linux.namespaces += [{ type: "mount", path: $path }]'
}

@test "the container has its mounts, masked and read-only paths and a read-only root" {
	mkdir "$ROOTFS/secret" "$ROOTFS/fixed"
	echo secret >"$ROOTFS/secret/file"
	config '.root.readonly = true | .linux.maskedPaths = ["/secret"] | .linux.readonlyPaths = ["/fixed"]'
	inside 'ls /secret; cat /proc/1/comm; [ -c /dev/null ] && touch /dev/mine && echo made
		touch /x 2>&1; touch /fixed/x 2>&1; true' \
		'sh
made
touch: /x: Read-only file system
touch: /fixed/x: Read-only file system'
	nothing_is_left
	touch "$ROOTFS/x" "$ROOTFS/fixed/x"
}

@test "the host sees its mounts below one, until it is deleted" {
	config '.linux.maskedPaths = ["/etc"]'
	running
	expect_equal "$(root_mounts)" "/
/dev
/dev/pts
/etc
/proc"
	ocirun delete --force "$ID"
	nothing_is_left
}

@test "it is in the mount namespace of the runtime" {
	running
	expect_equal "$(readlink "/proc/$(ocirun state "$ID" | jq .pid)/ns/mnt")" "$(readlink "/proc/$HOST/ns/mnt")"
}

@test "the host's mounts stay shared with others, who get none of the container's" {
	local peer peers

	hold peer nsenter --target "$HOST" --mount unshare --mount --propagation unchanged
	peers=$(mounts "$peer")
	running
	[ -z "$(comm -23 <(echo "$BEFORE") <(mounts))" ]
	# What is attached to a shared mount is seen by its peers too: the root alone, by its own name.
	expect_equal "$(root_mounts "$peer")" "/"
	ocirun delete --force "$ID"
	nothing_is_left
	expect_equal "$(mounts "$peer")" "$peers"
}

@test "what is mounted in a bind mount does not show at its source" {
	mkdir -p "$BUNDLE/data/in"
	config '.mounts += [{ destination: "/data", type: "bind", source: "data", options: ["rbind"] },
		{ destination: "/data/in", type: "tmpfs", source: "tmpfs" }]'
	running
	expect_part "$(root_mounts)" /data/in
	[[ $(mounts) != *$BUNDLE/data* ]]
}

@test "a bind mount of a tree with the root in it has none of the container's mounts" {
	config '.mounts += [{ destination: "/host", type: "bind", source: "/", options: ["rbind"] },
		{ destination: "/bundle", type: "bind", source: ".", options: ["rbind"] }]'
	running
	expect_part "$(root_mounts)" /host/proc
	expect_part "$(root_mounts)" /bundle
	[[ $(root_mounts) != */host$ROOTFS* ]]
	[[ $(root_mounts) != */bundle/rootfs* ]]
	ocirun delete --force "$ID"
	nothing_is_left
}

@test "exec is in its root, with its mounts" {
	config '.root.readonly = true'
	running
	run -0 ocirun exec "$ID" sh -c 'cat /proc/1/comm; ls /; touch /x 2>&1 || true'
	expect_equal "$output" "sleep
$(ls "$ROOTFS")
touch: /x: Read-only file system"
}

@test "exec from another mount namespace is in that of the container" {
	running
	run -0 "$OCIRUN" --root "$ROOT" exec "$ID" sh -c 'cat /proc/1/comm; readlink /proc/self/ns/mnt'
	expect_equal "$output" "sleep
$(readlink "/proc/$HOST/ns/mnt")"
}

@test "hooks of the runtime see the mounts below the root's path" {
	config --arg out "$BATS_TEST_TMPDIR" --arg rootfs "$ROOTFS" '.hooks = {
		createRuntime: [{ path: "/bin/sh", args: ["sh", "-c", "cat \($rootfs)/proc/1/comm; ls \($rootfs)/dev >\($out)/dev"] }],
		createContainer: [{ path: "/bin/sh", args: ["sh", "-c", "pwd >\($out)/pwd"] }],
		poststop: [{ path: "/bin/sh", args: ["sh", "-c", "grep -c \($rootfs) /proc/self/mountinfo >\($out)/left"] }] }'
	container 'true'
	expect_status 0
	expect_part "$(cat "$BATS_TEST_TMPDIR/dev")" null
	expect_equal "$(cat "$BATS_TEST_TMPDIR/pwd")" "$ROOTFS"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/left")" 0
	nothing_is_left
}

@test "rootfsPropagation is that of the root, and changes no mount of the host" {
	local row

	for row in shared=shared slave=master private= unbindable=unbindable; do
		config --arg name "${row%=*}" '.linux.rootfsPropagation = $name'
		container "awk '\$5 == \"/\" { print \$7 }' /proc/self/mountinfo | sed 's/:.*//'"
		expect_status 0
		expect_equal "${row%=*}: $(sed 's/^-$//' <<<"$output")" "${row%=*}: ${row#*=}"
		nothing_is_left
	done
}

@test "a root that is shared shares nothing with the host" {
	config '.linux.rootfsPropagation = "rshared" | .process.capabilities = { bounding: ["CAP_SYS_ADMIN"],
		effective: ["CAP_SYS_ADMIN"], permitted: ["CAP_SYS_ADMIN"] }'
	running
	ocirun exec "$ID" mount -t tmpfs tmpfs /mnt
	expect_part "$(root_mounts)" /mnt
	ocirun delete --force "$ID"
	nothing_is_left
}

@test "--no-pivot makes no difference" {
	container 'cat /proc/1/comm; true' --no-pivot
	expect_status 0
	expect_equal "$output" sh
	nothing_is_left
}

@test "a terminal is mounted on its console" {
	config '.process.terminal = true'
	script 'grep -c " /dev/console " /proc/self/mountinfo'
	run -0 command script -qec "nsenter --target $HOST --mount '$OCIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'" /dev/null </dev/null
	expect_equal "${output//[^0-9]/}" 1
	nothing_is_left
}

@test "without mounts the root is used as it is" {
	config 'del(.mounts) | .process.args = ["sleep", "1000"]'
	running
	expect_equal "$(mounts)" "$BEFORE"
}

@test "a create that fails takes back what it has mounted" {
	config '.mounts += [{ destination: "/missing", type: "bind", source: "/no/such" }]'
	refused /mounts/3 "No such file"
	config 'del(.mounts[3]) | .process.args = ["/no/such/program"]'
	refused /process/args "no such file"
	nothing_is_left
}

@test "delete takes back what was mounted when create was killed" {
	# shellcheck disable=SC2016 # the hook's own shell expands it
	config '.hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", "kill -KILL $PPID; sleep 0.2"] }]'
	run ocirun create --bundle "$BUNDLE" "$ID"
	expect_status 137
	expect_part "$(root_mounts)" /proc
	ocirun delete --force "$ID"
	nothing_is_left
}

@test "delete takes the mounts back from another mount namespace" {
	running
	# Not that of $HOST, but the one that the tests are in.
	"$OCIRUN" --root "$ROOT" delete --force "$ID"
	nothing_is_left
}

@test "what others have mounted on the root goes with it" {
	running
	on_host mount -t tmpfs one "$ROOTFS"
	on_host mount -t tmpfs two "$ROOTFS"
	on_host mount --bind "$BUNDLE" "$ROOTFS"
	ocirun delete --force "$ID"
	nothing_is_left
}

@test "a root that was moved is found" {
	running
	mv "$BUNDLE" "$BUNDLE moved"
	ocirun delete --force "$ID"
	nothing_is_left
}

@test "a root that cannot be reached is told, and not forgotten" {
	running
	on_host mount -t tmpfs cover "$BUNDLE"
	run ocirun delete --force "$ID"
	expect_status 1
	expect_part "$output" "still mounted on '$ROOTFS'"
	[ -e "$ROOT/$ID" ]
	on_host umount "$BUNDLE"
	ocirun delete "$ID"
	nothing_is_left
}

@test "no mount of somebody else is touched" {
	running
	on_host umount -l "$ROOTFS"
	on_host mount --bind "$ROOTFS" "$ROOTFS"
	on_host mount -t tmpfs theirs "$ROOTFS/mnt"
	BEFORE=$(mounts)
	expect_part "$(root_mounts)" /mnt
	ocirun delete --force "$ID"
	nothing_is_left
}

@test "without a number that is never used again the root is known by number, directory and place" {
	running
	edit_json "$ROOT/$ID/state.json" '.rootMount.uniqueId = 0'
	mv "$BUNDLE" "$BUNDLE-moved"
	ln -s "$BUNDLE-moved" "$BUNDLE"
	on_host mount -t tmpfs on-top "$ROOTFS"
	ocirun delete --force "$ID"
	nothing_is_left
	running
	edit_json "$ROOT/$ID/state.json" '.rootMount.uniqueId = 0 | .rootMount.inode += 1'
	BEFORE=$(mounts)
	ocirun delete --force "$ID"
	nothing_is_left
}

@test "a record of another boot means nothing" {
	running
	edit_json "$ROOT/$ID/state.json" '.rootMount.boot = "00000000-0000-0000-0000-000000000000"'
	ocirun delete --force "$ID"
	expect_part "$(root_mounts)" /proc
}

@test "mounts are made in a mount namespace that is joined, and nowhere else" {
	hold there unshare --mount --propagation private
	joined "$there"
	running
	expect_equal "$(root_mounts "$there")" "/
/dev
/dev/pts
/proc"
	expect_equal "$(mounts)" "$BEFORE"
	expect_equal "$(readlink "/proc/$(ocirun state "$ID" | jq .pid)/ns/mnt")" "$(readlink "/proc/$there/ns/mnt")"
	run -0 ocirun exec "$ID" cat /proc/1/comm
	expect_equal "$output" sleep
	ocirun delete --force "$ID"
	[ -z "$(root_mounts "$there")" ]
	nothing_is_left
}

@test "the root and sources of mounts are those of the mount namespace that is joined" {
	hold there unshare --mount --propagation private
	mkdir "$BUNDLE/place"
	nsenter --target "$there" --mount mount -t tmpfs tmpfs "$BUNDLE/place"
	nsenter --target "$there" --mount sh -c "cp -a '$ROOTFS' '$BUNDLE/place/rootfs' && echo theirs >'$BUNDLE/place/file'"
	joined "$there"
	config '.root.path = "place/rootfs" | .mounts += [{ destination: "/file", type: "bind", source: "place/file", options: ["bind"] }]'
	inside 'cat /file' theirs
	config '.root.path = "nowhere"'
	refused /root/path "No such file"
	config '.root.path = "place/rootfs" | .mounts[3].source = "nowhere"'
	refused /mounts/3 "No such file"
}

@test "a source in a mount namespace that is joined gets its id map" {
	hold there unshare --mount --propagation private
	mkdir "$BUNDLE/place"
	nsenter --target "$there" --mount mount -t tmpfs tmpfs "$BUNDLE/place"
	nsenter --target "$there" --mount sh -c "mkdir '$BUNDLE/place/data' && touch '$BUNDLE/place/data/file'"
	joined "$there"
	config '.mounts += [{ destination: "/data", type: "bind", source: "place/data", options: ["bind"],
		uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
		gidMappings: [{ containerID: 0, hostID: 2000, size: 10 }] }]'
	inside 'stat -c %u:%g /data/file' 1000:2000
}

@test "a mount namespace that is gone has no mounts to be taken back" {
	hold there unshare --mount --propagation private
	joined "$there"
	running
	ocirun kill "$ID" KILL
	kill -KILL "$there"
	wait_for sh -c "! [ -e /proc/$there/ns/mnt ]"
	HOLDERS=("${HOLDERS[0]}")
	ocirun delete --force "$ID"
	nothing_is_left
}

@test "a mount namespace is found by who else is in it" {
	hold there unshare --mount --propagation private
	hold other nsenter --target "$there" --mount
	joined "$there"
	running
	ocirun kill "$ID" KILL
	kill -KILL "$there"
	wait_for sh -c "! [ -e /proc/$there/ns/mnt ]"
	HOLDERS=("$HOST" "$other")
	expect_part "$(root_mounts "$other")" /proc
	ocirun delete --force "$ID"
	[ -z "$(root_mounts "$other")" ]
}

@test "a mount namespace that is joined together with its user namespace can be mounted in" {
	hold there unshare --user --map-root-user --mount --propagation private
	joined "$there"
	config --arg path "/proc/$there/ns/user" '.linux.namespaces = [{ type: "user", path: $path }] + .linux.namespaces
		| .mounts = [{ destination: "/mnt", type: "tmpfs", source: "tmpfs" }] | .linux.maskedPaths = ["/etc"]'
	inside 'ls /etc; touch /mnt/x && ls /mnt' x
	running
	expect_equal "$(root_mounts "$there" | grep -v /dev/)" "/
/etc
/mnt"
	ocirun delete --force "$ID"
	[ -z "$(root_mounts "$there")" ]
}

@test "who may not mount in the mount namespace is told so before anything is made" {
	run on_host unshare --user --map-root-user "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" /linux/namespaces
	expect_part "$output" 'add {"type": "mount"}'
	[ ! -e "$ROOT" ]
	run on_host unshare --user --map-root-user "$OCIRUN" check "$BUNDLE"
	expect_status 1
	expect_part "$output" 'add {"type": "mount"}'
}

@test "a root that leads to everybody's is refused" {
	ln -s / "$BUNDLE/slash"
	config '.root.path = "slash"'
	refused /root/path everybody
	config '.root.path = "/"'
	refused /mounts everybody
	nothing_is_left
}

@test "it cannot be checkpointed, and says why" {
	running
	run ocirun checkpoint "$ID"
	expect_status 1
	expect_part "$output" "mount namespace that is not its own"
}

@test "check and explain tell whose the mounts are, inspect finds them" {
	config '.linux.maskedPaths = ["/etc"]'
	run ocirun check "$BUNDLE"
	expect_part "$output" "the host sees the container's mounts until it is deleted"
	run -0 ocirun explain "$BUNDLE"
	expect_part "$output" "bind mount and chroot"
	running
	run -0 ocirun inspect "$ID"
	expect_part "$output" "/dev/pts"
	[[ $output != *"/etc"*differs* ]]
}
