#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dockerd, its containerd and the shim drive the runtime. The daemon is the tests' own, with the
# daemon.json of docs/docker.md: in a network namespace, so that its bridge and rules are there, and
# in a mount namespace in which /run, where its shims' sockets are, is empty.

load engine

setup_file() {
	WORK=$(mktemp -d /tmp/ocirun-docker.XXXXXX)
	export WORK CGROUP=ocirun-docker-$$
	"$TREE/bundles/make-rootfs" "$WORK/rootfs"
	page_block docker /etc/docker/daemon.json >"$WORK/daemon.json"
	# For BuildKit; it tells us that it was used.
	mkdir "$WORK/bin"
	cat >"$WORK/bin/runc" <<-END
		#!/bin/sh
		echo "\$@" >>$WORK/runc-calls
		exec $OCIRUN "\$@"
	END
	chmod +x "$WORK/bin/runc"
	# shellcheck disable=SC2016 # expanded by the inner shell
	PATH=$WORK/bin:/usr/sbin:/usr/bin:/sbin:/bin unshare --net --mount --propagation slave bash -c '
		mount --make-rshared /
		mount -t tmpfs tmpfs /run
		ip link set lo up
		exec dockerd --config-file "$WORK/daemon.json" --data-root "$WORK/data" \
			--exec-root "$WORK/exec" --pidfile "$WORK/pid" --host "unix://$WORK/docker.sock" \
			--cgroup-parent "/$CGROUP"' >"$WORK/log" 2>&1 3>&- </dev/null &
	export DAEMON=$!
	eventually docker version || cat "$WORK/log"
	tar -C "$WORK/rootfs" -c . | docker import --change 'ENV PATH=/bin' - busybox
}

teardown_file() {
	kill "$DAEMON"
	wait "$DAEMON" || :
	rm -rf "$WORK"
	remove_cgroups "$CGROUP"
}

setup() {
	NAME=test-$BATS_TEST_NUMBER
	export NAME
	export -f docker
}

teardown() {
	docker rm --force --volumes "$NAME" "$NAME-2" >/dev/null 2>&1 || :
}

# The client is Debian's too, whatever else is installed.
docker() {
	timeout --foreground --kill-after 5 60 /usr/bin/docker --config "$WORK/client" \
		--host "unix://$WORK/docker.sock" "$@" 3>&-
}

# running COMMAND...: runs the container $NAME in the background
running() {
	docker run --detach --name "$NAME" "$@"
}

inspect() {
	docker inspect --format "{{$1}}" "${2:-$NAME}"
}

# expect_nothing_left ID: neither docker nor the runtime nor the kernel has anything of it
expect_nothing_left() {
	expect_equal "$(docker ps --all --quiet)" ""
	[ ! -e "$WORK/exec/runtime-runc/moby/${1:?}" ]
	expect_no_cgroup "$1"
}

@test "the daemon's default is what the page made it" {
	expect_equal "$(docker info --format '{{.DefaultRuntime}}')" ocirun
	running busybox sleep 1000
	expect_equal "$(inspect .HostConfig.Runtime)" ocirun
	# Its state is one that the program under test knows.
	"$OCIRUN" --root "$WORK/exec/runtime-runc/moby" state "$(inspect .Id)"
}

@test "docker run prints what the container prints, and leaves nothing" {
	run -0 --separate-stderr docker run --rm --cidfile "$BATS_TEST_TMPDIR/id" busybox \
		sh -c 'echo out; echo err >&2'
	expect_equal "$output" out
	expect_equal "$stderr" err
	expect_nothing_left "$(cat "$BATS_TEST_TMPDIR/id")"
}

@test "docker run ends with the container's status" {
	run -42 docker run --rm --runtime ocirun busybox sh -c 'exit 42'
	run -0 docker run --rm busybox true
	run -143 docker run --rm --init busybox sh -c 'kill -TERM $$'
}

@test "docker run --interactive: input arrives, and its end" {
	run -0 docker run --rm --interactive busybox sh -c 'cat; echo the end' <<<"typed"
	expect_equal "$output" $'typed\nthe end'
}

@test "docker run --interactive --tty: a terminal, of the caller's size at any time" {
	on_terminal size:33x77 wait:ready 'send:typed\n' 'wait:got typed' 'wait:33 77' size:20x50 \
		'wait:20 50' 'send:\x03' -- bash -c 'docker run --rm --interactive --tty busybox sh -c "
			tty; echo ready; read line; echo got \$line
			trap \"exit 7\" INT; while :; do stty size; sleep 0.1; done"'
	expect_part "$output" /dev/pts/0
	expect_part "$output" '[status 7]'
}

@test "docker run --detach, logs, stop, wait, rm" {
	local id

	running busybox sh -c 'trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.1; done'
	id=$(inspect .Id)
	eventually has_text ready docker logs "$NAME"
	expect_equal "$(inspect .State.Status)" running
	docker stop --time 20 "$NAME"
	expect_equal "$(docker wait "$NAME")" 3
	expect_part "$(docker logs "$NAME")" bye
	docker rm "$NAME"
	expect_nothing_left "$id"
}

@test "docker stop: who does not end is killed" {
	running busybox sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done'
	eventually has_text ready docker logs "$NAME"
	docker stop --time 1 "$NAME"
	expect_equal "$(docker wait "$NAME")" 137
}

@test "docker create, start --attach: once more, too" {
	docker create --name "$NAME" busybox sh -c 'echo hello; exit 5'
	run -5 docker start --attach "$NAME"
	expect_equal "$output" hello
	run -5 docker start --attach "$NAME"
	expect_equal "$output" hello
}

@test "docker exec: --user, --env, --workdir, --interactive, and the status" {
	running --env KEY=container busybox sleep 1000
	run -3 docker exec --user 7:8 --env OTHER=exec --workdir /tmp --interactive "$NAME" \
		sh -c 'id -u; id -g; echo $KEY $OTHER; pwd; cat; exit 3' <<<typed
	expect_equal "$output" $'7\n8\ncontainer exec\n/tmp\ntyped'
	run -0 docker exec "$NAME" ps -o pid,comm
	expect_part "$output" "1 sleep"
}

@test "docker exec --interactive --tty: a terminal of its own" {
	running busybox sleep 1000
	# docker tells the size when the process runs.
	on_terminal size:33x77 wait:ready 'send:typed\n' wait:got -- \
		bash -c 'docker exec --interactive --tty "$NAME" sh -c "
			tty; until stty size | grep \"33 77\"; do sleep 0.1; done
			echo ready; read line; echo got \$line; exit 7"'
	expect_part "$output" /dev/pts/0
	expect_part "$output" 'got typed'
	expect_part "$output" '[status 7]'
}

@test "docker exec --detach" {
	running busybox sleep 1000
	docker exec --detach "$NAME" sh -c 'echo done >/file'
	eventually has_text 'done' docker exec "$NAME" cat /file
}

# This version of docker has 126 for both.
@test "docker exec of what is not there or may not be run: the reason" {
	running busybox sleep 1000
	run -126 docker exec "$NAME" nosuch
	expect_part "$output" 'executable file not found in $PATH'
	run -126 docker exec "$NAME" /etc/passwd
	expect_part "$output" 'permission denied'
}

@test "docker pause, unpause: nothing runs meanwhile, and exec is refused" {
	running busybox sh -c 'while :; do date +%s%N >/now; sleep 0.01; done'
	eventually docker exec "$NAME" test -s /now
	docker pause "$NAME"
	expect_equal "$(inspect .State.Status)" paused
	docker cp "$NAME:/now" "$BATS_TEST_TMPDIR/first"
	sleep 0.3
	docker cp "$NAME:/now" "$BATS_TEST_TMPDIR/second"
	cmp "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second"
	run -1 docker exec "$NAME" true
	expect_part "$output" 'is paused'
	docker unpause "$NAME"
	docker exec "$NAME" true
	expect_equal "$(inspect .State.Status)" running
}

@test "docker kill sends the signal, to a paused container too" {
	running busybox sh -c 'trap "echo one" USR1; echo ready; while :; do sleep 0.1; done'
	eventually has_text ready docker logs "$NAME"
	docker kill --signal USR1 "$NAME"
	eventually has_text one docker logs "$NAME"
	docker kill "$NAME"
	expect_equal "$(docker wait "$NAME")" 137
	docker start "$NAME"
	docker pause "$NAME"
	docker rm --force "$NAME"
}

# limit FILE: the value in the container's cgroup, v1 or v2
limit() {
	docker exec "$NAME" sh -c "cat /sys/fs/cgroup/$1 2>/dev/null || cat /sys/fs/cgroup/$2"
}

@test "docker run --memory, --cpus, --pids-limit, and docker update of each" {
	running --memory 64m --memory-swap 64m --cpu-shares 512 --pids-limit 50 busybox sleep 1000
	expect_equal "$(limit memory/memory.limit_in_bytes memory.max)" 67108864
	expect_equal "$(limit pids/pids.max pids.max)" 50
	docker update --memory 128m --memory-swap 128m --pids-limit 60 --cpu-shares 1024 \
		--cpu-quota 50000 --cpuset-cpus 0 "$NAME"
	expect_equal "$(limit memory/memory.limit_in_bytes memory.max)" 134217728
	expect_equal "$(limit pids/pids.max pids.max)" 60
	expect_equal "$(limit cpuset/cpuset.cpus cpuset.cpus)" 0
	expect_part "$(limit cpu/cpu.cfs_quota_us cpu.max)" 50000
	docker update --memory-reservation 32m "$NAME"
	expect_equal "$(limit memory/memory.limit_in_bytes memory.max)" 134217728
	run -1 docker update --memory 4k --memory-swap 4k "$NAME"
	expect_equal "$(limit memory/memory.limit_in_bytes memory.max)" 134217728
}

# The shim watches once start has returned.
@test "a process that was out of memory: 137, an event, and docker says so" {
	local since

	since=$(date +%s)
	running --memory 16m --memory-swap 16m busybox sh -c '
		until [ -e /go ]; do sleep 0.1; done; tail -c 100m /dev/zero; echo "status $?"; exec sleep 1000'
	docker exec "$NAME" touch /go
	eventually has_text 'status 137' docker logs "$NAME"
	eventually has_text 'container oom' docker events --since "$since" --until 0s \
		--filter "container=$NAME"
	docker kill "$NAME"
	docker wait "$NAME"
	expect_equal "$(inspect .State.OOMKilled)" true
}

@test "docker top, stats" {
	running busybox sh -c 'sleep 1000 & exec sleep 1001'
	eventually has_text 'sleep 1000' docker top "$NAME"
	expect_part "$(docker top "$NAME")" 'sleep 1001'
	run -0 docker stats --no-stream --format '{{.PIDs}} {{.MemUsage}}' "$NAME"
	[[ $output =~ ^2\ [0-9.]*[KM]iB ]]
}

@test "docker run --init: it is pid 1, and reaps" {
	running --init busybox sh -c 'sh -c "sleep 0.1 & exec true"; exec sleep 1000'
	run -0 docker exec "$NAME" ps -o pid,comm
	expect_part "$output" "1 docker-init"
	eventually eval '! docker exec "$NAME" ps -o stat,comm | grep -q ^Z'
	docker stop --time 20 "$NAME"
	expect_equal "$(docker wait "$NAME")" 143
}

@test "docker run --user, --group-add, --workdir, --hostname, --cap-drop, no-new-privileges" {
	run -0 docker run --rm --user 1000:1001 --group-add 7 --workdir /tmp --env KEY=value \
		--hostname web --cap-drop all --security-opt no-new-privileges busybox \
		sh -c 'id -u; id -g; id -G; pwd; echo $KEY; hostname
			grep -E "CapBnd|NoNewPrivs|Seccomp:" /proc/self/status | tr "\t" " "'
	expect_equal "$output" \
		$'1000\n1001\n1001 7\n/tmp\nvalue\nweb\nCapBnd: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2'
}

@test "docker run --read-only, --tmpfs, --volume, --mount, --device, --sysctl, --ulimit" {
	echo content >"$BATS_TEST_TMPDIR/file"
	run -0 docker run --rm --read-only --tmpfs /scratch:size=64k --device /dev/zero:/dev/nought \
		--volume "$BATS_TEST_TMPDIR:/vol:ro" --sysctl net.ipv4.ip_forward=0 \
		--mount "type=bind,src=$BATS_TEST_TMPDIR,dst=/other,bind-propagation=rslave" \
		--ulimit nofile=123:456 busybox sh -c 'exec 2>&1
		touch /file; cat /vol/file; touch /vol/x; stat -f -c %T /scratch
		head -c 3 /dev/nought | wc -c; cat /proc/sys/net/ipv4/ip_forward; ulimit -n; ulimit -Hn
		touch /other/x && echo written'
	expect_equal "$output" "touch: /file: Read-only file system
content
touch: /vol/x: Read-only file system
tmpfs
3
0
123
456
written"
}

@test "docker volume: what one container writes the next one reads" {
	docker volume create "$NAME"
	docker run --rm --volume "$NAME:/data" busybox sh -c 'echo kept >/data/file'
	run -0 docker run --rm --volume "$NAME:/data:ro" busybox cat /data/file
	expect_equal "$output" kept
	docker volume rm "$NAME"
}

@test "docker run --privileged: all capabilities and devices, and cgroups to write" {
	needs_all_capabilities
	run -0 docker run --rm --privileged busybox sh -c '
		grep CapBnd /proc/self/status; ls /dev/loop-control /dev/kmsg; mount -t tmpfs none /mnt
		mkdir /sys/fs/cgroup/pids/x /sys/fs/cgroup/x 2>/dev/null; rmdir /sys/fs/cgroup/pids/x /sys/fs/cgroup/x
		grep Seccomp: /proc/self/status'
	expect_part "$output" "$(grep CapBnd /proc/self/status)"
	expect_part "$output" $'Seccomp:\t0'
}

@test "docker run --health-cmd: healthy, and then not" {
	running --health-cmd 'test ! -e /sick' --health-interval 0.2s --health-retries 1 \
		busybox sleep 1000
	eventually prints healthy inspect .State.Health.Status
	docker exec "$NAME" touch /sick
	eventually prints unhealthy inspect .State.Health.Status
}

@test "docker run --restart: it runs again after a failure" {
	running --restart on-failure:2 --volume "$BATS_TEST_TMPDIR:/vol" busybox \
		sh -c 'echo run >>/vol/runs; exit 1'
	eventually prints 2 inspect .RestartCount
	eventually prints exited inspect .State.Status
	expect_equal "$(wc -l <"$BATS_TEST_TMPDIR/runs")" 3
}

@test "the bridge: an address of its own, and others reach it" {
	local address

	running busybox sh -c 'echo hello | nc -l -p 80'
	address=$(inspect .NetworkSettings.IPAddress)
	expect_part "$address" 172.17.0.
	run -0 docker run --rm busybox nc "$address" 80
	expect_equal "$output" hello
}

@test "docker run --publish: the port is the daemon's host's" {
	running --publish 127.0.0.1:8000:80 busybox sh -c 'while :; do echo hello | nc -l -p 80; done'
	eventually has_text hello nsenter --target "$DAEMON" --net busybox nc -w 1 127.0.0.1 8000
}

@test "docker run --network none, host, container:ID; --pid and --ipc of another" {
	local pid

	running --network none --ipc shareable busybox sleep 1000
	pid=$(inspect .State.Pid)
	run -0 docker run --rm --network "container:$NAME" --pid "container:$NAME" \
		--ipc "container:$NAME" busybox sh -c \
		'for i in net pid ipc; do readlink /proc/self/ns/$i; done; ip -o link; ps -o comm'
	expect_part "$output" "$(readlink "/proc/$pid/ns/net" "/proc/$pid/ns/pid" "/proc/$pid/ns/ipc")"
	expect_part "$output" LOOPBACK
	expect_part "$output" sleep
	run -0 docker run --rm --network host --pid host busybox \
		sh -c 'readlink /proc/self/ns/net; readlink /proc/self/ns/pid'
	expect_equal "$output" "$(readlink "/proc/$DAEMON/ns/net" "/proc/$DAEMON/ns/pid")"
}

@test "with the host's pid namespace the end of init ends all" {
	local pids i

	running --pid host busybox sh -c 'sleep 1000 & sleep 1001; true'
	eventually has_text 'sleep 1001' docker top "$NAME"
	pids=$(docker top "$NAME" -o pid | tail -n +2)
	expect_equal "$(wc -l <<<"$pids")" 3
	docker kill "$NAME"
	docker wait "$NAME"
	for i in $pids; do
		eventually eval "! [ -e /proc/$i ] || grep -q '^State:.*Z' /proc/$i/status"
	done
}

# build OPTION...: an image with a RUN step
build() {
	mkdir -p "$BATS_TEST_TMPDIR/context"
	echo hello >"$BATS_TEST_TMPDIR/context/file"
	printf '%s\n' 'FROM busybox' 'COPY file /file' 'RUN cat /file && id -u >/id' \
		'RUN ! nosuch' 'CMD cat /id' >"$BATS_TEST_TMPDIR/context/Dockerfile"
	docker build --tag "$NAME" "$@" "$BATS_TEST_TMPDIR/context"
}

@test "docker build: RUN steps run" {
	DOCKER_BUILDKIT=0 run -0 build
	expect_part "$output" hello
	run -0 docker run --rm "$NAME"
	expect_equal "$output" 0
}

@test "docker build: the status of a RUN step ends it" {
	mkdir "$BATS_TEST_TMPDIR/context"
	printf '%s\n' 'FROM busybox' 'RUN exit 9' >"$BATS_TEST_TMPDIR/context/Dockerfile"
	DOCKER_BUILDKIT=0 run -9 docker build --force-rm "$BATS_TEST_TMPDIR/context"
}

@test "docker build with BuildKit: RUN steps run, by way of the name runc" {
	rm -f "$WORK/runc-calls"
	DOCKER_BUILDKIT=1 run -0 build --progress plain --no-cache
	expect_part "$output" hello
	expect_part "$(cat "$WORK/runc-calls")" ' run '
	run -0 docker run --rm "$NAME"
	expect_equal "$output" 0
}

@test "a command that is not there: 127, and the reason" {
	run -127 docker run --rm busybox nosuch
	expect_part "$output" 'executable file not found in $PATH'
	run -127 docker run --rm busybox /bin/nosuch
	expect_part "$output" 'no such file or directory'
	expect_equal "$(docker ps --all --quiet)" ""
}

@test "a command that may not be run: 126, and the reason" {
	run -126 docker run --rm busybox /etc/passwd
	expect_part "$output" 'permission denied'
}

@test "an error of the runtime is docker's, with the line in config.json" {
	run -125 docker run --rm --ulimit nofile=1024:2000000000 busybox true
	expect_part "$output" 'RLIMIT_NOFILE'
	expect_part "$output" '/process/rlimits/0'
	expect_equal "$(docker ps --all --quiet)" ""
}
