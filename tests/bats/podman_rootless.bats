#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman as an ordinary user runs it, with the containers.conf of docs/podman.md in the user's home.

load engine_user

setup_file() {
	begin_user podman rootless
	# What podman starts first keeps the mounts that it finds.
	eventually podman info
	podman load --quiet --input "$WORK/image.tar"
	podman tag "$(podman images --quiet | head -n 1)" busybox
}

teardown_file() {
	podman rm --all --force --time 0
	# podman keeps a process that holds its user namespace.
	kill "$(nsenter --target "$HOLDER" --mount cat "/run/user/$USER_ID/libpod/tmp/pause.pid")"
	end_user
}

setup() {
	NAME=test-$BATS_TEST_NUMBER
	export NAME
	export -f as_user podman
}

teardown() {
	podman rm --force --time 0 --ignore "$NAME"
}

podman() {
	as_user timeout --foreground --kill-after 5 $((60 * ${SLOWNESS:-1})) podman --events-backend file "$@"
}

running() {
	podman run --detach --name "$NAME" "$@"
}

inspect() {
	podman inspect --format "{{$1}}" "$NAME"
}

# needs_device DEVICE PURPOSE
needs_device() {
	nsenter --target "$HOLDER" --mount test -c "/dev/$1" || skip "no /dev/$1 here, for $2"
}

@test "podman uses what the page made its runtime" {
	run -0 podman info --format '{{.Host.Security.Rootless}} {{.Host.OCIRuntime.Path}}'
	expect_equal "$output" "true $WORK/ocirun"
}

@test "podman run: output, input, status, and nothing is left" {
	run -42 --separate-stderr podman run --rm --interactive busybox \
		sh -c 'echo out; echo err >&2; cat; exit 42' <<<typed
	expect_equal "$output" $'out\ntyped'
	expect_equal "$stderr" err
	expect_equal "$(podman ps --all --quiet)" ""
	expect_nothing_left
}

@test "root in the container is the user outside, others are subordinate ids" {
	local pid

	running --user 5:6 --volume "$HOME_DIR:/home:ro" busybox sleep 1000
	pid=$(inspect .State.Pid)
	expect_equal "$(stat -c %u:%g "/proc/$pid")" 400004:400005
	run -0 podman exec --user 0 "$NAME" sh -c 'id -u; stat -c %u /home; tr -s " " </proc/self/uid_map'
	expect_equal "$output" $'0\n0\n 0 14711 1\n 1 400000 65536'
}

@test "podman run --userns keep-id, nomap, auto" {
	run -0 podman run --rm --userns keep-id busybox id -u
	expect_equal "$output" "$USER_ID"
	run -0 podman run --rm --userns nomap busybox sh -c 'id -u; tr -s " " </proc/self/uid_map'
	# None of these is the user's own, which is podman's 0.
	expect_equal "$output" $'0\n 0 1 65536'
	run -0 podman run --rm --userns auto:size=500 busybox sh -c 'cut -c 22- /proc/self/uid_map'
	expect_part "$output" 500
}

@test "podman run --group-add keep-groups: what a group of the user's may read can be read" {
	install -d -m 750 -g 14712 "$WORK/shared"
	echo secret >"$WORK/shared/file"
	MEMBERSHIPS=14712 run -0 podman run --rm --group-add keep-groups --volume "$WORK/shared:/shared" \
		busybox cat /shared/file
	expect_equal "$output" secret
	MEMBERSHIPS=14712 run ! podman run --rm --volume "$WORK/shared:/shared" busybox cat /shared/file
}

@test "podman run --interactive --tty: a terminal, of the caller's size at any time" {
	on_terminal size:33x77 wait:ready 'send:typed\n' 'wait:got typed' 'wait:33 77' size:20x50 \
		'wait:20 50' 'send:\x03' -- bash -c 'podman run --rm --interactive --tty busybox sh -c "
			tty; echo ready; read line; echo got \$line
			trap \"exit 7\" INT; while :; do stty size; sleep 0.1; done"'
	expect_part "$output" /dev/pts/0
	expect_part "$output" '[status 7]'
}

@test "podman exec: output, input, status, user, and a terminal" {
	running busybox sleep 1000
	run -3 podman exec --user 7:8 --interactive "$NAME" sh -c 'id -u; id -g; cat; exit 3' <<<typed
	expect_equal "$output" $'7\n8\ntyped'
	on_terminal size:33x77 wait:ready 'send:typed\n' wait:got -- \
		bash -c 'podman exec --interactive --tty "$NAME" sh -c "
			tty; echo ready; read line; echo got \$line; exit 7"'
	expect_part "$output" /dev/pts/0
	expect_part "$output" '[status 7]'
	run -127 podman exec "$NAME" nosuch
	expect_part "$output" 'executable file not found in $PATH'
}

@test "podman run --detach, logs, kill, stop, start, rm" {
	running busybox sh -c 'trap "echo one" USR1; trap "echo bye; exit 3" TERM; echo ready
		while :; do sleep 0.1; done'
	eventually has_text ready podman logs "$NAME"
	podman kill --signal USR1 "$NAME"
	eventually has_text one podman logs "$NAME"
	podman stop --time 20 "$NAME"
	expect_equal "$(podman wait "$NAME")" 3
	expect_part "$(podman logs "$NAME")" bye
	podman start "$NAME"
	podman kill "$NAME"
	expect_equal "$(podman wait "$NAME")" 137
	podman rm "$NAME"
}

@test "podman run --init, --read-only, --tmpfs, --cap-drop, --hostname" {
	run -0 podman run --rm --init --read-only --tmpfs /scratch --cap-drop all --hostname web busybox sh -c '
		exec 2>&1; ps -o pid,comm | grep -w 1; touch /file; touch /scratch/file; hostname
		grep CapBnd /proc/self/status'
	expect_part "$output" podman-init
	expect_part "$output" 'touch: /file: Read-only file system'
	expect_part "$output" web
	expect_part "$output" $'CapBnd:\t0000000000000000'
}

@test "podman run --privileged: all capabilities of the user's namespace" {
	run -0 podman run --rm --privileged busybox sh -c 'mount -t tmpfs none /mnt && ls /dev/null
		grep -E "CapEff|Seccomp:" /proc/self/status'
	expect_part "$output" $'Seccomp:\t0'
	expect_part "$output" "$(printf 'CapEff:\t%016x' $(((1 << $(cat /proc/sys/kernel/cap_last_cap) + 1) - 1)))"
}

@test "volumes: a folder of the user's, and one of podman's" {
	as_user mkdir -p "$HOME_DIR/vol"
	podman run --rm --volume "$HOME_DIR/vol:/vol" --volume "$NAME:/data" busybox \
		sh -c 'echo kept | tee /vol/file >/data/file; chown 5:6 /vol/file'
	expect_equal "$(stat -c %u:%g "$HOME_DIR/vol/file")" 400004:400005
	run -0 podman run --rm --volume "$NAME:/data:ro" busybox cat /data/file
	expect_equal "$output" kept
	podman volume rm "$NAME"
}

@test "slirp4netns: an address, and a published port" {
	needs_device net/tun 'slirp4netns'
	running --network slirp4netns --publish 8000:80 busybox sh -c 'while :; do echo hello | nc -l -p 80; done'
	run -0 podman exec "$NAME" ip address show tap0
	expect_part "$output" 'inet 10.0.2.100'
	eventually has_text hello nsenter --target "$HOLDER" --net busybox nc -w 1 127.0.0.1 8000
}

@test "podman pod with an infra container: its containers share namespaces" {
	podman pod create --name pod --share net,ipc,uts --hostname shared --network none
	run -0 podman run --rm --pod pod busybox hostname
	expect_equal "$output" shared
	podman pod rm --force --time 0 pod
}

@test "podman healthcheck run, top" {
	running --health-cmd 'test ! -e /sick' --health-interval disable --health-retries 1 \
		busybox sleep 1000
	podman healthcheck run "$NAME"
	podman exec "$NAME" touch /sick
	run -1 podman healthcheck run "$NAME"
	expect_part "$(podman top "$NAME" args)" 'sleep 1000'
}

@test "podman build: RUN steps run" {
	printf '%s\n' 'FROM busybox' 'RUN id -u >/id && echo hello' 'CMD cat /id' >"$WORK/Containerfile"
	run -0 podman build --file "$WORK/Containerfile" --tag built
	expect_part "$output" hello
	run -0 podman run --rm built
	expect_equal "$output" 0
}

# What a user may not have on this host is podman's to say; containers run all the same.
@test "without cgroups of the user's own, pause is refused and limits are not there" {
	if [ "$(podman info --format '{{.Host.CgroupsVersion}}')" = v2 ]; then
		skip "cgroup v2: the user may have cgroups"
	fi
	running --memory 64m busybox sleep 1000
	run -125 podman pause "$NAME"
	expect_part "$output" 'rootless containers with cgroup V1'
	podman exec "$NAME" true
}

@test "a command that is not there or may not be run: 127 and 126, and the reason" {
	run -127 podman run --rm busybox nosuch
	expect_part "$output" 'executable file not found in $PATH'
	run -126 podman run --rm busybox /etc/passwd
	expect_part "$output" 'permission denied'
	expect_equal "$(podman ps --all --quiet)" ""
}
