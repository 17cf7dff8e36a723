#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hooks: when each kind runs, where, and with what.

load hooks

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file "needs root"; return; }
	make_rootfs
}

setup() {
	hooks_setup
}

teardown() {
	hooks_teardown
}

# ---- when ----

@test "hooks run in the order of the lifecycle, those of a kind in the order of the file" {
	local kind

	for kind in $KINDS; do
		hook "$kind" "sleep 0.05; echo $kind 0 >>\$SAID/order"
		hook "$kind" "echo $kind 1 >>\$SAID/order"
	done
	# The container writes into the same file as the host.
	mount --bind "$SAID" "$ROOTFS/said"
	create
	expect_equal "$(uniq -c <"$SAID/order" | wc -l)" 6
	ocirun start "$ID"
	ocirun kill "$ID" KILL
	within 10 stopped
	expect_equal "$(wc -l <"$SAID/order")" 10
	ocirun delete "$ID"
	umount "$ROOTFS/said"
	expect_equal "$(cat "$SAID/order")" "$(for kind in $KINDS; do printf '%s\n' "$kind 0" "$kind 1"; done)"
}

@test "run runs them in the same order, and poststop when the program has ended" {
	local kind

	for kind in $KINDS; do
		hook "$kind" 'echo $KIND >>$SAID/order'
	done
	mount --bind "$SAID" "$ROOTFS/said"
	script 'until grep -q poststart /said/order; do sleep 0.05; done; echo program >>/said/order'
	run -0 ocirun run --bundle "$BUNDLE" "$ID"
	umount "$ROOTFS/said"
	expect_equal "$(tr '\n' ' ' <"$SAID/order")" "${KINDS/poststop/program poststop} "
}

@test "the program does not run before the startContainer hooks have ended" {
	hook startContainer 'sleep 0.3; [ ! -e /said/program ] && echo first >$SAID/hook'
	script 'echo >/said/program'
	run -0 ocirun run --bundle "$BUNDLE" "$ID"
	expect_equal "$(said hook)" first
}

@test "poststart hooks run when the program does, before start returns" {
	hook poststart 'tr "\0" " " </proc/$(sed "s/.*\"pid\":\([0-9]*\).*/\1/")/cmdline >$SAID/program; sleep 0.3; echo >$SAID/end'
	create
	[ ! -e "$SAID/program" ]
	ocirun start "$ID"
	expect_equal "$(said program)" 'sleep 1000 '
	[ -e "$SAID/end" ]
}

@test "poststop hooks run when the process and the cgroup are gone, before delete returns" {
	hook poststop "ls -d /proc/\$(cat $SAID/pid) /sys/fs/cgroup/*/*$ID >\$SAID/seen 2>/dev/null; sleep 0.3; echo >\$SAID/end"
	create
	ocirun state "$ID" | jq .pid >"$SAID/pid"
	ocirun delete --force "$ID"
	[ -e "$SAID/end" ]
	expect_equal "$(said seen | grep -v "/proc/")" ''
}

# ---- what they are told ----

# expect_state KIND STATUS PID: the state that the hook read
expect_state() {
	expect_equal "$(said "$1")" "$(jq -nc --arg id "$ID" --arg status "$2" --argjson pid "$3" \
		--arg bundle "$BUNDLE" '{ ociVersion: "1.3.0", id: $id, status: $status, pid: $pid,
			bundle: $bundle, annotations: { "org.example.key": "a \"value\"\n" } }
			| if .pid == 0 then del(.pid) else . end')"
}

@test "the state has the status of the moment and the pid as the hook sees it" {
	local kind

	config '.annotations = { "org.example.key": "a \"value\"\n" }'
	for kind in $KINDS; do
		hook "$kind" 'cat >$SAID/$KIND'
	done
	whole_life
	# As when the specification knew no other kind: create was over by then.
	expect_state prestart created "$PID"
	expect_state createRuntime creating "$PID"
	expect_state createContainer creating 1
	expect_state startContainer created 1
	expect_state poststart running "$PID"
	expect_state poststop stopped 0
}

@test "without a pid namespace of its own every hook sees the same pid" {
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	for kind in prestart createContainer startContainer poststart; do
		hook "$kind" 'cat >$SAID/$KIND'
	done
	whole_life
	for kind in prestart createContainer startContainer poststart; do
		expect_equal "$kind $(said "$kind" | jq .pid)" "$kind $PID"
	done
}

@test "without annotations the state has none" {
	hook createRuntime 'cat >$SAID/state'
	create
	expect_equal "$(said state | jq 'has("annotations")')" false
}

@test "state of a container, asked by its hooks, is that of the moment" {
	for kind in prestart createRuntime poststart poststop; do
		hook "$kind" "timeout 20 '$OCIRUN' --root '$ROOT' state '$ID' >\$SAID/\$KIND" \
			'.env = ["PATH=/usr/bin:/bin"]'
	done
	whole_life
	expect_equal "$(said prestart | jq -r '.status')" creating
	expect_equal "$(said createRuntime | jq -r '.status')" creating
	expect_equal "$(said poststart | jq -r '[.status, .pid == '"$PID"'] | @text')" '["running",true]'
	expect_equal "$(said poststop | jq -r '.status')" stopped
}

@test "a state that is larger than a pipe arrives whole" {
	head -c 300000 /dev/urandom | base64 -w 0 >"$BATS_TEST_TMPDIR/large"
	config --rawfile large "$BATS_TEST_TMPDIR/large" '.annotations = { large: $large }'
	for kind in $KINDS; do
		hook "$kind" 'sleep 0.1; cat >$SAID/$KIND'
	done
	whole_life
	for kind in $KINDS; do
		said "$kind" | jq -j .annotations.large | cmp - "$BATS_TEST_TMPDIR/large"
	done
}

@test "hooks that do not read their state, or close it, are no error" {
	head -c 300000 /dev/urandom | base64 -w 0 >"$BATS_TEST_TMPDIR/large"
	config --rawfile large "$BATS_TEST_TMPDIR/large" '.annotations = { large: $large }'
	for kind in $KINDS; do
		hook "$kind" 'exec <&-; sleep 0.1'
		hook "$kind" 'head -c 1 >/dev/null'
		hook "$kind" true
	done
	whole_life
}

# ---- with what ----

# environment KIND FILTER: what /proc says of the environment of such a hook, a line each
environment() {
	local said=$SAID

	[ "$1" != startContainer ] || said=/said
	config --arg kind "$1" --arg out "of=$said/env-$1" '.hooks[$kind] = [
		{ path: "/bin/dd", args: ["dd", "if=/proc/self/environ", $out] } | '"$2"']'
}

@test "the environment is exactly that of the hook" {
	local kind kinds="prestart createRuntime startContainer poststart poststop"

	export CANARY='of the caller'
	config '.process.env += ["IMAGE=canary"]'
	# createContainer hooks see the host's /proc from inside a pid namespace: not itself.
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	for kind in $kinds createContainer; do
		environment "$kind" '.env = ["A=1", "EMPTY=", "B=two words", "A=2"]'
	done
	whole_life
	for kind in $kinds createContainer; do
		expect_equal "$kind $(said "env-$kind" | tr '\0' '|')" "$kind A=1|EMPTY=|B=two words|A=2|"
	done
}

@test "without one it is empty, for hooks of the runtime" {
	local kind kinds="prestart createRuntime createContainer poststart poststop"

	export CANARY='of the caller'
	config 'del(.linux.namespaces[] | select(.type == "pid")) | .process.env += ["IMAGE=canary"]'
	for env in '[]' null; do
		rm -rf "${SAID:?}"/*
		for kind in $kinds; do
			environment "$kind" "if $env then .env = $env else . end"
		done
		whole_life
		for kind in $kinds; do
			[ -e "$SAID/env-$kind" ]
			expect_equal "$kind $(said "env-$kind" | tr '\0' '|')" "$kind "
		done
	done
}

@test "without one a startContainer hook has that of the container's process" {
	config '.process.env += ["A=1"]'
	environment startContainer .
	whole_life
	expect_equal "$(said env-startContainer | tr '\0' '|')" 'PATH=/bin|A=1|HOME=/|'
}

@test "arguments are passed as they are, argv[0] too; without any it is the path" {
	"${CC:-cc}" -o "$SAID/show" "$BATS_TEST_DIRNAME/../agents/show_arguments.c"
	config --arg path "$SAID/show" '.hooks.createRuntime = [
		{ path: $path, args: ["any name", "two words", "", "$HOME"] },
		{ path: $path, args: [] },
		{ path: $path }]'
	create
	expect_equal "$(said show.args)" "any name|two words||\$HOME|
$SAID/show|
$SAID/show|"
}

@test "hooks have stdin, stdout and stderr, and none of the caller's or runtime's descriptors" {
	local kind

	exec 5</dev/null 6</etc/hostname 9<"$BATS_TEST_TMPDIR"
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	for kind in $KINDS; do
		# In a subshell: some shells redirect for a while what they have themselves.
		hook "$kind" '(for fd in $(ls /proc/$$/fd); do echo $fd $(readlink /proc/$$/fd/$fd); done >$SAID/$KIND); true'
	done
	whole_life
	exec 5<&- 6<&- 9<&-
	for kind in $KINDS; do
		expect_equal "$kind $(said "$kind" | sed 's/:.*//' | paste -sd ,)" \
			"$kind 0 pipe,1 /dev/null,2 pipe"
	done
}

@test "output of a hook goes nowhere" {
	hook createRuntime '(readlink /proc/$$/fd/1 >&2); echo noise; exit 1'
	run -1 ocirun create --bundle "$BUNDLE" "$ID"
	expect_part "$output" 'stderr: /dev/null'
	[[ $output != *noise* ]]
}

@test "no annotation makes root write what a hook prints into a file of the host" {
	hook createRuntime 'echo out; echo err >&2'
	hook startContainer 'echo out; echo err >&2'
	config --arg dir "$SAID" '.annotations = { "run.oci.hooks.stdout": ($dir + "/out"),
		"run.oci.hooks.stderr": ($dir + "/err") }'
	create
	ocirun start "$ID"
	[ ! -e "$SAID/out" ] && [ ! -e "$SAID/err" ]
}

@test "hooks run with signals as by default, whatever the caller ignores and blocks" {
	hook createRuntime 'grep -E "Sig(Blk|Ign)" /proc/self/status >$SAID/signals'
	script true
	run -0 bash -c 'trap "" PIPE USR1 INT; "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"'
	expect_equal "$(said signals | tr -d '\t')" $'SigBlk:0000000000000000\nSigIgn:0000000000000000'
}

# ---- where ----

@test "hooks of the runtime are in its namespaces, those of the container in the container's" {
	local name kind

	for kind in $KINDS; do
		hook "$kind" 'for n in ipc mnt net pid uts; do echo $n $(readlink /proc/$$/ns/$n); done >$SAID/$KIND'
	done
	# So that each sees itself in /proc.
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	create
	PID=$(ocirun state "$ID" | jq .pid)
	for name in ipc mnt net pid uts; do
		echo "$name $(readlink "/proc/$PID/ns/$name")" >>"$BATS_TEST_TMPDIR/inside"
		echo "$name $(readlink "/proc/self/ns/$name")" >>"$BATS_TEST_TMPDIR/outside"
	done
	ocirun start "$ID"
	ocirun delete --force "$ID"
	for kind in prestart createRuntime poststart poststop; do
		expect_equal "$kind $(said "$kind")" "$kind $(cat "$BATS_TEST_TMPDIR/outside")"
	done
	for kind in createContainer startContainer; do
		expect_equal "$kind $(said "$kind")" "$kind $(cat "$BATS_TEST_TMPDIR/inside")"
	done
}

@test "the path is one of the host, and one of the container for startContainer" {
	local kind

	# The same path leads to another program inside.
	printf '#!/bin/sh\necho host >"%s/$1"\n' "$SAID" >"$SAID/program"
	mkdir -p "$ROOTFS$SAID"
	printf '#!/bin/sh\necho container >"/said/$1"\n' >"$ROOTFS$SAID/program"
	chmod 755 "$SAID/program" "$ROOTFS$SAID/program"
	for kind in $KINDS; do
		config --arg kind "$kind" --arg path "$SAID/program" \
			'.hooks[$kind] = [{ path: $path, args: ["program", $kind] }]'
	done
	whole_life
	for kind in prestart createRuntime createContainer poststart poststop; do
		expect_equal "$kind $(cat "$SAID/$kind")" "$kind host"
	done
	expect_equal "$(cat "$ROOTFS/said/startContainer")" container
}

@test "hooks of create see the container's namespaces and mounts, before its root is the root" {
	hook prestart 'pid=$(sed "s/.*\"pid\":\([0-9]*\).*/\1/"); readlink /proc/$pid/ns/net >$SAID/net
		grep -c " $ROOTFS/proc " /proc/$pid/mountinfo >$SAID/mounts' ".env = [\"ROOTFS=$ROOTFS\"]"
	hook createContainer 'echo from the hook >proc-mounts; mount -t tmpfs -o mode=700 hook mnt' \
		'.env = ["PATH=/usr/bin:/bin"]'
	mkdir -p "$ROOTFS/mnt"
	script 'stat -c %a /mnt; cat /proc-mounts; exec sleep 1000'
	create
	expect_equal "$(said net)" "$(readlink "/proc/$(ocirun state "$ID" | jq .pid)/ns/net")"
	expect_equal "$(said mounts)" 1
	ocirun start "$ID"
	within 10 grep -q hook "$BATS_TEST_TMPDIR/out"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/out")" $'700\nfrom the hook'
	[ ! -e "/proc/self/root$ROOTFS/mnt/x" ]
	run grep " $ROOTFS/mnt " /proc/self/mountinfo
	expect_status 1
}

@test "what hooks mount is not seen on the host, whatever is shared; with --no-pivot it works too" {
	local propagation option

	hook createContainer 'mount -t tmpfs -o mode=700 hook mnt' '.env = ["PATH=/usr/bin:/bin"]'
	hook poststart '! grep " $ROOTFS" /proc/self/mountinfo >&2' ".env = [\"ROOTFS=$ROOTFS\"]"
	mkdir -p "$ROOTFS/mnt"
	script 'stat -c %a /mnt; ls -d /said; sleep 0.3'
	for propagation in shared rshared slave rslave private rprivate unbindable; do
		config ".linux.rootfsPropagation = \"$propagation\""
		for option in '' --no-pivot; do
			# refused: not safe without pivot_root
			[ "${propagation#r}$option" != private--no-pivot ] || continue
			run unshare --mount --propagation private bash -c '
				mount --bind "$BUNDLE" "$BUNDLE"
				mount --make-rshared /
				"$OCIRUN" --root "$ROOT" run $1 --bundle "$BUNDLE" "$ID"' _ "$option"
			[ "$status" = 0 ] || echo "$propagation $option"
			expect_status 0
			expect_equal "$propagation $option $output" "$propagation $option 700"$'\n/said'
			nothing_left
		done
	done
}

@test "a prestart hook, as dockerd writes it, sets up the network of the container" {
	command -v ip >/dev/null || skip "needs ip(8)"
	cat >"$SAID/network" <<-'END'
		#!/bin/sh
		# libnetwork-setkey: the path of the namespace follows from the state's pid
		pid=$(sed 's/.*"pid":\([0-9]*\).*/\1/')
		exec nsenter --net=/proc/$pid/ns/net ip link add hooked type bridge
	END
	chmod 755 "$SAID/network"
	config --arg path "$SAID/network" '.hooks.prestart = [{
		path: $path,
		args: ["libnetwork-setkey", "-exec-root=/var/run/docker", "0123", "4567"],
		env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] }]'
	script 'cut -d : -f 1 /proc/net/dev | grep -o hooked'
	run -0 ocirun run --bundle "$BUNDLE" "$ID"
	expect_equal "$output" hooked
	[ ! -e /sys/class/net/hooked ]
}

@test "working directory: the bundle, the container's root, that of its process, the caller's" {
	local kind

	for kind in $KINDS; do
		hook "$kind" 'pwd >$SAID/$KIND'
	done
	config '.process.cwd = "/said"'
	create
	cd /usr
	ocirun start "$ID"
	cd /etc
	ocirun delete --force "$ID"
	expect_equal "$(said prestart)" "$BUNDLE"
	expect_equal "$(said createRuntime)" "$BUNDLE"
	expect_equal "$(said createContainer)" "$ROOTFS"
	expect_equal "$(said startContainer)" /said
	expect_equal "$(said poststart)" /usr
	expect_equal "$(said poststop)" /etc
}

@test "startContainer hooks run as the container's user with its rights" {
	hook startContainer 'id -u >$SAID/uid; grep -E "CapEff|NoNewPrivs" /proc/self/status >$SAID/rights'
	chmod 777 "$ROOTFS/said"
	config '.process.user = { uid: 1000, gid: 1000 } | .process.noNewPrivileges = true'
	create
	ocirun start "$ID"
	expect_equal "$(said uid)" 1000
	expect_equal "$(said rights | tr -d '\t')" $'CapEff:0000000000000000\nNoNewPrivs:1'
}
