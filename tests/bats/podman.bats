#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman and conmon drive the runtime, with everything that podman keeps in a folder of the tests.

load setup

setup_file() {
	WORK=$(mktemp -d /tmp/ocirun-podman.XXXXXX)
	export WORK CONTAINERS_CONF=$WORK/containers.conf
	# podman's own choice of limits and of an oom score may need CAP_SYS_RESOURCE.
	cat >"$CONTAINERS_CONF" <<-EOF
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		log_driver = "k8s-file"
		netns = "host"
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
	EOF
	"$BATS_TEST_DIRNAME/../../bundles/make-rootfs" "$WORK/rootfs"
	tar -C "$WORK/rootfs" -cf "$WORK/busybox.tar" .
	podman import --quiet "$WORK/busybox.tar" busybox
}

teardown_file() {
	podman rm --all --force --time 0
	rm -rf "$WORK"
	find /sys/fs/cgroup -depth -path '*/libpod_parent*' -type d -exec rmdir {} + 2>/dev/null || :
}

# conmon outlives podman and would keep bats' descriptor 3 open.
podman() {
	timeout --foreground --kill-after 5 60 podman --runtime "$OCIRUN" --root "$WORK/root" --runroot "$WORK/run" \
		--tmpdir "$WORK/tmp" --network-config-dir "$WORK/net" --storage-driver vfs "$@" 3>&-
}

# expect_nothing_left ID: neither podman nor the runtime nor the kernel has anything of it
expect_nothing_left() {
	expect_equal "$(podman ps --all --quiet)" ""
	expect_equal "$(find /sys/fs/cgroup -type d -path "*libpod*${1:?}*")" ""
	[ ! -e "/run/ocirun/$1" ]
}

# until_log ID TEXT: waits at most 10 s for it
until_log() {
	local i

	for ((i = 0; i < 100; i++)); do
		[[ $(podman logs "$1") != *"$2"* ]] || return 0
		sleep 0.1
	done
	echo "no '$2' in the log: $(podman logs "$1" 2>&1)"
	return 1
}

@test "podman run prints what the container prints, and leaves nothing" {
	run -0 --separate-stderr podman run --rm --cidfile "$BATS_TEST_TMPDIR/id" busybox \
		sh -c 'echo out; echo err >&2'
	expect_equal "$output" out
	expect_equal "$stderr" err
	expect_nothing_left "$(cat "$BATS_TEST_TMPDIR/id")"
}

@test "podman run ends with the container's status" {
	run -42 podman run --rm busybox sh -c 'exit 42'
	run -0 podman run --rm busybox true
}

@test "podman run --interactive: input arrives, and its end" {
	run -0 podman run --rm --interactive busybox sh -c 'cat; echo the end' <<<"typed"
	expect_equal "$output" $'typed\nthe end'
}

@test "podman run --tty: the container has a terminal, of the caller's size" {
	local terminal

	mkfifo "$BATS_TEST_TMPDIR/keys"
	exec {terminal}<>"$BATS_TEST_TMPDIR/keys"
	export OCIRUN WORK CONTAINERS_CONF
	export -f podman
	printf 'typed\n' >&"$terminal"
	run -0 script --quiet --return --command "stty rows 33 cols 77; podman run --rm --tty \
		--interactive busybox sh -c 'tty; read line; echo \"got \$line\"; stty -a; exit 7' ||
		echo status \$?" /dev/null <&"$terminal"
	exec {terminal}>&-
	expect_part "$output" /dev/pts/0
	expect_part "$output" 'got typed'
	expect_part "$output" 'rows 33'
	expect_part "$output" 'columns 77'
	expect_part "$output" 'status 7'
}

@test "podman run --detach, logs, stop, wait, rm" {
	local id

	id=$(podman run --detach busybox sh -c 'trap "echo bye; exit 3" TERM
		echo ready; while :; do sleep 0.1; done')
	until_log "$id" ready
	expect_equal "$(podman inspect --format '{{.State.Status}}' "$id")" running
	podman stop --time 20 "$id"
	expect_equal "$(podman wait "$id")" 3
	until_log "$id" bye
	podman rm "$id"
	expect_nothing_left "$id"
}

@test "podman create, start --attach: once more, too" {
	local id

	id=$(podman create busybox sh -c 'echo hello; exit 5')
	run -5 podman start --attach "$id"
	expect_equal "$output" hello
	run -5 podman start --attach "$id"
	expect_equal "$output" hello
	podman rm "$id"
	expect_nothing_left "$id"
}

@test "podman kill sends the signal" {
	local id

	id=$(podman run --detach busybox sh -c 'trap "echo one" USR1; echo ready
		while :; do sleep 0.1; done')
	until_log "$id" ready
	podman kill --signal USR1 "$id"
	until_log "$id" one
	podman kill "$id"
	expect_equal "$(podman wait "$id")" 137
	podman rm "$id"
	expect_nothing_left "$id"
}

@test "podman rm --force removes a running container" {
	local id pid

	id=$(podman run --detach busybox sleep 1000)
	pid=$(podman inspect --format '{{.State.Pid}}' "$id")
	[ "$(cat "/proc/$pid/comm")" = sleep ]
	podman rm --force --time 0 "$id"
	[ ! -e "/proc/$pid" ]
	expect_nothing_left "$id"
}

@test "podman run --read-only: the root cannot be written, tmpfs can" {
	run -0 podman run --rm --read-only busybox sh -c 'touch /file || touch /tmp/file && echo written'
	expect_part "$output" "/file: Read-only file system"
	expect_part "$output" written
}

@test "podman run --user, --workdir, --env, --hostname, --cap-drop, no-new-privileges" {
	run -0 podman run --rm --user 1000:1001 --group-add 7 --workdir /tmp --env KEY=value \
		--uts private --hostname web --cap-drop all --security-opt no-new-privileges busybox \
		sh -c 'id -u; id -g; id -G; pwd; echo $KEY; hostname
			grep -E "CapBnd|NoNewPrivs|Seccomp:" /proc/self/status | tr "\t" " "'
	expect_equal "$output" \
		$'1000\n1001\n1001 7\n/tmp\nvalue\nweb\nCapBnd: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2'
}

@test "podman run --volume, --tmpfs, --device: what is mounted is there" {
	echo content >"$BATS_TEST_TMPDIR/file"
	run -0 podman run --rm --volume "$BATS_TEST_TMPDIR:/vol:ro" --tmpfs /scratch:size=64k \
		--device /dev/zero:/dev/nought busybox sh -c '
		cat /vol/file; touch /vol/other || stat -f -c %T /scratch; head -c 3 /dev/nought | wc -c'
	expect_part "$output" content
	expect_part "$output" "/vol/other: Read-only file system"
	expect_part "$output" tmpfs
	expect_equal "${lines[-1]}" 3
}

@test "podman run --memory, --pids-limit: the limits hold" {
	run -0 podman run --rm --memory 64m --pids-limit 50 busybox sh -c '
		cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max pids/pids.max pids.max || :'
	expect_part "$output" 67108864
	expect_part "$output" $'\n50'
}

@test "podman run --uidmap: root inside is somebody else outside" {
	run -0 podman run --rm --uidmap 0:100000:1000 --gidmap 0:200000:1000 \
		--network none busybox sh -c 'id -u; cat /proc/self/uid_map; touch /file; stat -c %u:%g /file'
	expect_equal "$(tr -s ' ' <<<"$output")" $'0\n 0 100000 1000\n0:0'
}

@test "podman pod: its containers share what the pod shares" {
	podman pod create --infra=false --name pod 2>/dev/null
	run -0 podman run --rm --pod pod busybox echo in the pod
	expect_equal "$output" "in the pod"
	podman pod rm --force pod
}

@test "podman run --network container:ID joins the namespace" {
	local id

	id=$(podman run --detach --network none busybox sleep 1000)
	run -0 podman run --rm --network "container:$id" busybox readlink /proc/self/ns/net
	expect_equal "$output" \
		"$(readlink "/proc/$(podman inspect --format '{{.State.Pid}}' "$id")/ns/net")"
	podman rm --force --time 0 "$id"
}

# The namespaces take the bridge, the rules of the firewall and what the plugins keep with them.
@test "podman run --network bridge: the container has an address of its own" {
	export OCIRUN WORK CONTAINERS_CONF
	export -f podman
	run -0 unshare --net --mount --propagation private bash -c '
		mount -t tmpfs tmpfs /var/lib
		podman run --rm --network bridge busybox ip address show eth0'
	expect_part "$output" 'inet 10.88.0.'
}

@test "a command that is not there: 127, and the reason" {
	run -127 podman run --rm busybox nosuch
	expect_part "$output" 'executable file not found in $PATH'
	run -127 podman run --rm busybox /bin/nosuch
	expect_part "$output" 'no such file or directory'
}

@test "a command that may not be run: 126, and the reason" {
	run -126 podman run --rm busybox /etc/passwd
	expect_part "$output" 'permission denied'
	run -126 podman run --rm busybox /etc
	expect_part "$output" 'is a directory'
}

@test "an error of the runtime is podman's, with the line in config.json" {
	run -126 podman run --rm --ulimit nofile=1024:2000000000 busybox true
	expect_part "$output" 'RLIMIT_NOFILE'
	expect_part "$output" 'config.json: /process/rlimits/0'
	expect_equal "$(podman ps --all --quiet)" ""
}
