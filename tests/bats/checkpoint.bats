#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# checkpoint and restore with a criu that works ($CRIU, or in $PATH): a container goes on where it was.

load criu
load socket

setup_file() {
	make_rootfs
	find_criu
}

setup() {
	make_bundle
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	remove_containers
}

@test "a container goes on where it was, again and again" {
	needs_criu
	start_counter
	answers 1
	for i in 2 4; do
		checkpoint
		[ ! -e "$ROOT/$ID" ]
		piped restore --detach --pid-file pid
		expect_equal "$(status_of)" running
		expect_equal "$(cat pid)" "$(pid_of)"
		answers "$i"
		answers "$((i + 1))"
	done
	run -0 ocirun exec "$ID" cat /proc/1/comm
	expect_equal "$output" sh
	run -0 ocirun list -q
	expect_equal "$output" "$ID"
	[ -s work/dump.log ]
	[ -s work/restore.log ]
	ocirun kill "$ID" KILL
	wait_for is stopped
	ocirun delete "$ID"
	nothing_left
}

@test "with --leave-running the container runs on, and the image is good all the same" {
	needs_criu
	start_counter
	answers 1
	checkpoint --leave-running
	expect_equal "$(status_of)" running
	answers 2
	ocirun delete --force "$ID"
	piped restore --detach
	answers 2
}

@test "in the foreground restore relays the exit status and deletes the container" {
	needs_criu
	script 'read -r line; echo "got $line"; exit 7'
	open_pipes
	piped ocirun run --detach --bundle "$BUNDLE" "$ID"
	checkpoint
	echo hello >&"$IN"
	run -7 piped restore
	read -r -t 10 answer <&"$OUT"
	expect_equal "$answer" 'got hello'
	nothing_left
}

@test "in the foreground restore passes signals on" {
	needs_criu
	start_counter 'trap "exit 9" TERM;'
	checkpoint
	background "$OCIRUN" --root "$ROOT" restore --image-path image --work-path work \
		--manage-cgroups-mode ignore --bundle "$BUNDLE" "$ID"
	wait_for is running
	answers 1
	kill "$PROGRAM"
	status=0
	wait "$JOB" || status=$?
	expect_status 9
	nothing_left
}

@test "a paused container can be checkpointed" {
	needs_criu
	start_counter
	answers 1
	ocirun pause "$ID"
	checkpoint
	piped restore --detach
	ocirun resume "$ID" || expect_equal "$(status_of)" running
	answers 2
}

@test "the config is that of the bundle, whatever lies in the image" {
	needs_criu
	start_counter
	checkpoint
	jq '.hooks.prestart = [{ path: "/bin/touch", args: ["touch", "'"$PWD"'/evil"] }]' \
		"$BUNDLE/config.json" | tee image/config.json >image/config.dump
	config '.annotations = { "is": "new" }'
	piped restore --detach
	answers 1
	expect_equal "$(ocirun state "$ID" | jq -r .annotations.is)" new
	[ ! -e evil ]
}

@test "with the null device as its streams" {
	needs_criu
	script 'i=0; while :; do i=$((i + 1)); echo "$i" >/count; sleep 0.05; done'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	checkpoint
	rm "$ROOTFS/count"
	restore --detach </dev/null >/dev/null 2>&1
	wait_for test -s "$ROOTFS/count"
}

@test "processes that were started later are restored too" {
	needs_criu
	start_counter
	pid=$(ocirun exec "$ID" sh -c 'sleep 1000 </dev/null >/dev/null 2>&1 & echo $!')
	checkpoint
	piped restore --detach
	run -0 ocirun exec "$ID" cat "/proc/$pid/comm"
	expect_equal "$output" sleep
}

# ---- mounts ----

@test "bind mounts come from outside again, nested ones and behind links too" {
	needs_criu
	mkdir -p source/inner "$ROOTFS/real/conf"
	echo 1 >source/file
	echo 1 >single
	ln -s /real/conf "$ROOTFS/conf"
	config --arg dir "$PWD" '.mounts += [
		{ destination: "/outer", type: "bind", source: "\($dir)/source", options: ["bind"] },
		{ destination: "/outer/a/b", type: "bind", source: "\($dir)/source/inner",
		  options: ["bind", "ro"] },
		{ destination: "/conf", type: "bind", source: "\($dir)/source", options: ["rbind"] },
		{ destination: "/single", type: "bind", source: "\($dir)/single", options: ["bind"] }
	]'
	start_counter
	checkpoint
	# What create made for the mounts is not there in an image that was unpacked anew.
	rm -r source/a "$ROOTFS/single" "$ROOTFS/outer" "$ROOTFS/dev" "$ROOTFS/proc"
	echo 2 >source/file
	echo 2 >single
	piped restore --detach
	run -0 ocirun exec "$ID" cat /outer/file /conf/file /real/conf/file /single
	expect_equal "$output" $'2\n2\n2\n2'
	run -0 ocirun exec "$ID" sh -c 'echo x 2>/dev/null >/outer/a/b/x || grep -o "/outer/a/b ro" /proc/mounts ||
		awk "\$2 == \"/outer/a/b\" { print \$4 }" /proc/mounts'
	[[ $output == ro* ]]
	answers 1
}

@test "a bind mount whose source is gone is named, and nothing is left" {
	needs_criu
	mkdir source
	config '.mounts += [{ destination: "/data", type: "bind", source: "'"$PWD"'/source",
		options: ["bind"] }]'
	start_counter
	checkpoint
	rmdir source
	run -1 restore --detach
	expect_part "$output" "/mounts/3"
	expect_part "$output" "$PWD/source"
	nothing_left
}

@test "with the default config: masked and read-only paths, cgroups, a read-only root" {
	needs_criu
	rm "$BUNDLE/config.json"
	ocirun spec --bundle "$BUNDLE"
	config '.process.terminal = false | .linux.maskedPaths += ["/proc/version"]'
	start_counter
	before=$(ocirun exec "$ID" sh -c 'sort /proc/mounts')
	checkpoint
	piped restore --detach
	answers 1
	# A file that is masked is the null device; what criu mounts has no other difference.
	expect_equal "$(ocirun exec "$ID" sh -c 'sort /proc/mounts')" "$before"
	run ocirun exec "$ID" touch /x
	expect_part "$output" 'Read-only file system'
	run -0 ocirun exec "$ID" cat /proc/version
	expect_equal "$output" ''
}

@test "where mounts of the host are shared" {
	needs_criu
	start_counter
	checkpoint
	# shellcheck disable=SC2016 # the inner shell's
	piped unshare --mount --propagation shared sh -c \
		'"$0" "$@" && cat /proc/self/mountinfo >mountinfo' "$OCIRUN" --root "$ROOT" restore \
		--image-path image --work-path work --manage-cgroups-mode ignore \
		--bundle "$BUNDLE" --detach "$ID"
	answers 1
	# Nothing of what criu mounted has reached it.
	[ -s mountinfo ]
	run ! grep "$BUNDLE" mountinfo
	checkpoint
	piped restore --detach
	answers 2
}

@test "a container that was made where mounts of the host are shared, as systemd has them" {
	needs_criu
	script 'i=0; while read -r line; do i=$((i + 1)); echo "$i $line"; done'
	open_pipes
	# shellcheck disable=SC2016 # the inner shell's
	piped unshare --mount --propagation shared sh -ec '
		rt="$0 --root $1" id=$2 bundle=$3
		criu="--image-path image --work-path work --manage-cgroups-mode ignore"
		$rt run --detach --bundle "$bundle" "$id"
		grep "rootfs / .* master:" "/proc/$($rt state "$id" | jq .pid)/mountinfo" >slave
		for i in 1 2; do
			$rt checkpoint $criu "$id"
			$rt restore $criu --bundle "$bundle" --detach "$id"
		done' "$OCIRUN" "$ROOT" "$ID" "$BUNDLE"
	[ -s slave ]
	answers 1
}

# ---- namespaces and network ----

@test "loopback is up in a new network namespace, and connections over it live on" {
	needs_criu
	script 'nc -l -p 9999 -e cat & until netstat -ltn | grep -q ":9999 "; do sleep 0.1; done
		mkfifo /f; nc 127.0.0.1 9999 </f >/out & exec 3>/f
		while read -r line; do
			echo "$line" >&3; until grep "$line" /out 2>/dev/null; do sleep 0.1; done; done'
	open_pipes
	piped ocirun run --detach --bundle "$BUNDLE" "$ID"
	echo one >&"$IN"
	read -r -t 10 answer <&"$OUT"
	expect_equal "$answer" one
	run -1 checkpoint
	expect_part "$output" 'criu failed: type DUMP'
	expect_equal "$(status_of)" running
	checkpoint --tcp-established
	piped restore --detach --tcp-established
	echo two >&"$IN"
	read -r -t 10 answer <&"$OUT"
	expect_equal "$answer" two
	run -0 ocirun exec "$ID" ip link show lo
	expect_part "$output" ',UP'
}

@test "a network namespace that config.json names is kept, and joined again" {
	needs_criu
	ip netns add "$ID"
	config '(.linux.namespaces[] | select(.type == "network")).path = "/run/netns/'"$ID"'"'
	start_counter
	wanted=$(stat -L -c %i "/run/netns/$ID")
	checkpoint
	piped restore --detach
	answers 1
	expect_equal "$(stat -L -c %i "/proc/$(pid_of)/ns/net")" "$wanted"
	ocirun delete --force "$ID"
	ip netns delete "$ID"
}

@test "file locks are kept with --file-locks, and refused without" {
	needs_criu
	flock=$(command -v flock)
	for file in "$flock" $(ldd "$flock" | grep -o '/[^ ]*'); do
		cp -L --parents "$file" "$ROOTFS"
	done
	start_counter "exec 9>/lock; $flock 9;"
	answers 1
	run -1 checkpoint
	expect_part "$output" 'criu failed: type DUMP'
	answers 2
	checkpoint --file-locks
	piped restore --detach --file-locks
	answers 3
	run -1 ocirun exec "$ID" "$flock" -n /lock true
}

@test "in a user namespace" {
	needs_criu
	chown -R 100000:100000 "$ROOTFS"
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = .linux.uidMappings'
	start_counter
	checkpoint
	piped restore --detach
	answers 1
	expect_equal "$(stat -c '%a %g' image)" '700 0'
	expect_equal "$(stat -c %u "/proc/$(pid_of)")" 100000
	run -0 ocirun exec "$ID" id -u
	expect_equal "$output" 0
}

# ---- terminals ----

# printed TEXT: comes to the terminal
printed() {
	wait_for grep -q "$1" tty.out
}

@test "a container with a terminal gets it back by the console socket" {
	needs_criu
	config '.process.terminal = true'
	script 'i=0; while read -r line; do i=$((i + 1)); echo "answer $i $line"; tty; stty size; done'
	take_descriptor tty
	ocirun run --detach --bundle "$BUNDLE" --console-socket tty "$ID" 3>&- 4>&-
	echo one >>tty.in
	printed 'answer 1 one'
	ocirun exec "$ID" stty -F /dev/console cols 91 rows 17
	for i in 2 3; do
		checkpoint
		take_descriptor tty
		restore --detach --console-socket tty 3>&- 4>&-
		echo more >>tty.in
		printed "answer $i more"
		printed '17 91'
	done
	run -1 restore --detach
	expect_part "$output" 'cannot allocate tty if runc will detach without setting console socket'
}

@test "in the foreground the terminal is relayed" {
	needs_criu
	command -v script >/dev/null || skip 'needs script(1)'
	config '.process.terminal = true'
	script 'read -r line; echo "answer $line"; exit 5'
	take_descriptor tty
	ocirun run --detach --bundle "$BUNDLE" --console-socket tty "$ID" 3>&- 4>&-
	checkpoint
	run -5 command script -qec "'$OCIRUN' --root '$ROOT' restore --image-path image \
		--work-path work --manage-cgroups-mode ignore --bundle '$BUNDLE' '$ID'" typescript \
		< <(sleep 1; echo hello)
	expect_part "$output" 'answer hello'
	nothing_left
}

# on_terminal COMMAND...: runs ocirun on a terminal, of which $KEYS is what is typed and the file
# typescript what is printed
on_terminal() {
	command script -qefc "'$OCIRUN' --root '$ROOT' $*" typescript \
		<&"$KEYS" >/dev/null 2>&1 3>&- 4>&- {KEYS}>&- &
}

@test "a job of a shell takes the terminal of the next shell, with --shell-job" {
	needs_criu
	command -v script >/dev/null || skip 'needs script(1)'
	script 'i=0; while read -r line; do i=$((i + 1)); echo "answer $i $line"; done; exit 4'
	exec {KEYS}<> <(:)
	on_terminal run --bundle "$BUNDLE" "$ID"
	echo one >&"$KEYS"
	wait_for grep 'answer 1 one' typescript
	run -1 checkpoint
	expect_part "$output" "Can't lookup mount"
	checkpoint --shell-job
	wait "$!" || true # it was killed
	on_terminal restore --shell-job --image-path image --work-path work \
		--manage-cgroups-mode ignore --bundle "$BUNDLE" "$ID"
	wait_for is running
	echo two >&"$KEYS"
	wait_for grep 'answer 2 two' typescript
	ocirun kill "$ID" KILL
	wait "$!" || true
	nothing_left
}

# ---- cgroups ----

@test "with each mode that can be, processes are in the container's cgroup and under its limits" {
	needs_criu
	config --arg id "$ID" '.linux.cgroupsPath = "/" + $id |
		.linux.resources.pids.limit = 33 | .linux.resources.memory.limit = 50000000'
	for mode in ignore soft full default; do
		start_counter
		checkpoint --manage-cgroups-mode "$mode"
		[ -z "$(find /sys/fs/cgroup -maxdepth 2 -name "$ID" 2>/dev/null)" ]
		piped restore --detach --manage-cgroups-mode "$mode"
		answers 1
		grep -q "pids.*:/$ID\$\|^0::/$ID\$" "/proc/$(pid_of)/cgroup"
		expect_equal "$(cat "/sys/fs/cgroup/pids/$ID/pids.max" \
			"/sys/fs/cgroup/$ID/pids.max" 2>/dev/null)" 33
		ocirun delete --force "$ID"
		nothing_left
	done
}

@test "with --manage-cgroups-mode ignore a container comes back in another cgroup" {
	needs_criu
	config '.linux.cgroupsPath = "/'"$ID"'-old"'
	start_counter
	checkpoint
	config '.linux.cgroupsPath = "/'"$ID"'-new"'
	piped restore --detach
	answers 1
	grep -q ":/$ID-new\$" "/proc/$(pid_of)/cgroup"
	[ -z "$(find /sys/fs/cgroup -maxdepth 2 -name "$ID-old" 2>/dev/null)" ]
	ocirun pause "$ID"
	expect_equal "$(status_of)" paused
	ocirun resume "$ID"
	answers 2
}

# ---- hooks ----

@test "hooks: prestart and createRuntime at a restore, poststop after it and after a checkpoint" {
	needs_criu
	cat >hook <<-'END'
		#!/bin/sh
		jq -r --arg kind "$1" '"\($kind) \(.status) \(.pid > 0)"' >>"$2"
	END
	chmod +x hook
	config --arg dir "$PWD" '.hooks = (["prestart", "createRuntime", "createContainer",
		"startContainer", "poststart", "poststop"] | map({ key: ., value: [{ path: "\($dir)/hook",
		args: ["hook", ., "\($dir)/log"], env: ["PATH=/usr/bin:/bin"] }] }) | from_entries
		| del(.createContainer, .startContainer))'
	start_counter
	rm log
	checkpoint
	expect_equal "$(cat log)" 'poststop stopped false'
	rm log
	piped restore --detach
	answers 1
	expect_equal "$(cat log)" $'prestart created true\ncreateRuntime creating true'
	rm log
	ocirun delete --force "$ID"
	expect_equal "$(cat log)" 'poststop stopped false'
}

@test "a hook that fails at a restore is the error, and nothing is left" {
	needs_criu
	start_counter
	checkpoint
	config '.hooks.prestart = [{ path: "/bin/sh", args: ["sh", "-c", "echo no >&2; exit 3"] }]'
	run -1 restore --detach
	expect_part "$output" 'error running prestart hook #0: exit status 3, stderr: no'
	[[ $output != *'criu failed'* ]]
	nothing_left
}

@test "a restore that was killed is deleted with all that it had made" {
	needs_criu
	start_counter
	checkpoint
	config '.hooks.prestart = [{ path: "/bin/sh", args: ["sh", "-c", "touch '"$PWD"'/here; exec sleep 1000"] }]'
	background "$OCIRUN" --root "$ROOT" restore --image-path image --work-path work \
		--manage-cgroups-mode ignore --bundle "$BUNDLE" --detach "$ID"
	wait_for test -e here
	expect_equal "$(status_of)" creating
	init=$(cut -d ' ' -f 1 "$ROOT/$ID/pid")
	[ -e "/proc/$init" ]
	kill -KILL "$PROGRAM"
	ocirun delete --force "$ID"
	wait_for test ! -e "/proc/$init"
	nothing_left
}

@test "an image that is damaged is an error of criu's, with its log, and nothing is left" {
	needs_criu
	start_counter
	checkpoint
	: >image/core-1.img
	run -1 restore --detach
	expect_part "$output" 'criu failed: type'
	expect_part "$output" "criu's log is '$PWD/work/restore.log'"
	nothing_left
}

@test "an id that is taken, and a checkpoint that fails, change nothing" {
	needs_criu
	start_counter
	answers 1
	checkpoint --leave-running
	run -1 restore --detach
	expect_part "$output" 'container with given ID already exists'
	# A stream that is a file of the host is nothing that a container can take with it.
	ocirun exec "$ID" sh -c 'sleep 1000 & echo $!' >file 2>&1
	run -1 checkpoint
	expect_part "$output" 'criu failed: type DUMP'
	expect_part "$output" "$PWD/file"
	expect_equal "$(status_of)" running
	answers 2
}

# ---- before the last checkpoint ----

@test "pre-dump: the container runs on, and the next image is a child; or the kernel cannot" {
	needs_criu
	start_counter
	answers 1
	mkdir parent
	if ! "$CRIU/criu" check --feature mem_dirty_track >/dev/null 2>&1; then
		run -1 ocirun checkpoint --pre-dump --image-path parent "$ID"
		expect_part "$output" 'criu is missing features: [MemTrack]'
		answers 2
		return
	fi
	ocirun checkpoint --pre-dump --image-path parent --manage-cgroups-mode ignore "$ID"
	expect_equal "$(status_of)" running
	answers 2
	checkpoint --parent-path ../parent
	[ -e image/parent ]
	piped restore --detach
	answers 3
}
