#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman and conmon drive the runtime, with the containers.conf of docs/podman.md and everything that
# podman keeps in a folder of the tests.

load engine

setup_file() {
	WORK=$(mktemp -d /tmp/ocirun-podman.XXXXXX)
	export WORK CONTAINERS_CONF=$WORK/containers.conf
	page_block podman /etc/containers/containers.conf >"$CONTAINERS_CONF"
	# podman's own choice of limits and of an oom score may need CAP_SYS_RESOURCE.
	cat >>"$CONTAINERS_CONF" <<-EOF
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		log_driver = "k8s-file"
		netns = "host"
	EOF
	"$TREE/bundles/make-rootfs" "$WORK/rootfs"
	tar -C "$WORK/rootfs" -cf "$WORK/busybox.tar" .
	podman import --quiet "$WORK/busybox.tar" busybox
}

teardown_file() {
	podman rm --all --force --time 0
	umount "$WORK/root/overlay" 2>/dev/null || :
	rm -rf "$WORK"
	find /sys/fs/cgroup -depth -path '*/libpod_parent*' -type d -exec rmdir {} + 2>/dev/null || :
}

# conmon outlives podman and would keep bats' descriptor 3 open.
podman() {
	timeout --foreground --kill-after 5 60 podman --root "$WORK/root" --runroot "$WORK/run" \
		--tmpdir "$WORK/tmp" --network-config-dir "$WORK/net" --events-backend file "$@" 3>&-
}

# expect_nothing_left ID: neither podman nor the runtime nor the kernel has anything of it
expect_nothing_left() {
	expect_equal "$(podman ps --all --quiet)" ""
	expect_no_cgroup "${1:?}"
	expect_equal "$(find /run/ocirun -maxdepth 1 -name "$1")" ""
}

setup() {
	# conmon leaves a file "oom" where it was started.
	cd "$BATS_TEST_TMPDIR"
	export -f podman
	NAME=test-$BATS_TEST_NUMBER
	export NAME
}

teardown() {
	podman rm --force --time 0 --ignore "$NAME" "$NAME-2"
}

# running COMMAND...: runs the container $NAME in the background
running() {
	podman run --detach --name "$NAME" "$@"
}

inspect() {
	podman inspect --format "{{$1}}" "$NAME"
}

@test "podman uses what the page made its runtime" {
	run -0 podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}'
	expect_equal "$output" "ocirun $OCIRUN"
	run -0 podman run --rm busybox true
}

@test "podman run prints what the container prints, and leaves nothing" {
	run -0 --separate-stderr podman run --rm busybox sh -c 'echo out; hostname; echo err >&2'
	expect_equal "${lines[0]}" out
	expect_equal "$stderr" err
	# The beginning of the id.
	expect_nothing_left "${lines[1]}*"
}

@test "podman run ends with the container's status" {
	run -42 podman run --rm busybox sh -c 'exit 42'
	run -0 podman run --rm busybox true
}

@test "podman run --interactive: input arrives, and its end" {
	run -0 podman run --rm --interactive busybox sh -c 'cat; echo the end' <<<"typed"
	expect_equal "$output" $'typed\nthe end'
}

@test "podman run --interactive --tty: a terminal, of the caller's size at any time" {
	on_terminal size:33x77 wait:ready 'send:typed\n' 'wait:got typed' 'wait:33 77' size:20x50 \
		'wait:20 50' 'send:\x03' -- bash -c 'podman run --rm --interactive --tty busybox sh -c "
			tty; echo ready; read line; echo got \$line
			trap \"exit 7\" INT; while :; do stty size; sleep 0.1; done"'
	expect_part "$output" /dev/pts/0
	expect_part "$output" '[status 7]'
}

@test "podman run --detach, logs, stop, wait, rm" {
	local id

	id=$(podman run --detach busybox sh -c 'trap "echo bye; exit 3" TERM
		echo ready; while :; do sleep 0.1; done')
	eventually has_text ready podman logs "$id"
	expect_equal "$(podman inspect --format '{{.State.Status}}' "$id")" running
	podman stop --time 20 "$id"
	expect_equal "$(podman wait "$id")" 3
	eventually has_text bye podman logs "$id"
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
	eventually has_text ready podman logs "$id"
	podman kill --signal USR1 "$id"
	eventually has_text one podman logs "$id"
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
	run -0 unshare --net --mount --propagation private bash -c '
		mount -t tmpfs tmpfs /var/lib
		podman run --rm --network bridge busybox ip address show eth0'
	expect_part "$output" 'inet 10.88.0.'
}

@test "podman exec: --user, --env, --workdir, --interactive, and the status" {
	running --env KEY=container busybox sleep 1000
	run -3 podman exec --user 7:8 --env OTHER=exec --workdir /tmp --interactive "$NAME" \
		sh -c 'id -u; id -g; echo $KEY $OTHER; pwd; cat; exit 3' <<<typed
	expect_equal "$output" $'7\n8\ncontainer exec\n/tmp\ntyped'
	run -0 podman exec "$NAME" ps -o pid,comm
	expect_part "$output" "1 sleep"
	run -0 podman exec --privileged "$NAME" grep CapEff /proc/self/status
	expect_equal "${output##*$'\t'}" "$(sed -n 's/^CapBnd:\t//p' /proc/self/status)"
}

@test "podman exec --interactive --tty: a terminal of its own" {
	running busybox sleep 1000
	on_terminal size:33x77 wait:ready 'send:typed\n' wait:got -- \
		bash -c 'podman exec --interactive --tty "$NAME" sh -c "
			tty; until stty size | grep \"33 77\"; do sleep 0.1; done
			echo ready; read line; echo got \$line; exit 7"'
	expect_part "$output" /dev/pts/0
	expect_part "$output" 'got typed'
	expect_part "$output" '[status 7]'
}

@test "podman exec --detach" {
	running busybox sleep 1000
	podman exec --detach "$NAME" sh -c 'echo done >/file'
	eventually prints 'done' podman exec "$NAME" cat /file
}

@test "podman exec of what is not there or may not be run: 127 and 126" {
	running busybox sleep 1000
	run -127 podman exec "$NAME" nosuch
	expect_part "$output" 'executable file not found in $PATH'
	run -126 podman exec "$NAME" /etc/passwd
	expect_part "$output" 'permission denied'
}

@test "podman run and exec --preserve-fds pass them on, and no others" {
	local three four five

	echo three >"$BATS_TEST_TMPDIR/3"
	echo four >"$BATS_TEST_TMPDIR/4"
	# bats has 3 itself, which the function podman closes.
	run -0 timeout 60 bash -c '
		podman() { command podman --root "$WORK/root" --runroot "$WORK/run" --tmpdir "$WORK/tmp" \
			--events-backend file "$@"; }
		exec 3<"$0/3" 4<"$0/4" 5<"$0/4"
		podman run --detach --name "$NAME" --preserve-fds 2 busybox sh -c "
			cat <&3; cat <&4; ls /proc/self/fd; exec sleep 1000" >&2
		exec 3<"$0/3" 4<"$0/4"
		podman exec --preserve-fds 2 "$NAME" sh -c "cat <&3; cat <&4; ls /proc/self/fd"' \
		"$BATS_TEST_TMPDIR"
	# ls has its own, for the folder.
	expect_part "$output" $'three\nfour\n0\n1\n2\n3\n4\n5'
	[[ $output != *$'\n6'* ]]
	expect_equal "$(podman logs "$NAME" 2>&1)" $'three\nfour\n0\n1\n2\n3\n4\n5'
}

# podman knows the keys when they come one by one.
@test "podman run: ctrl-p ctrl-q detaches, podman attach comes back" {
	on_terminal wait:tick 'send:\x10' wait:tick wait:tick 'send:\x11' -- bash -c '
		podman run --interactive --tty --name "$NAME" busybox sh -c "
			while sleep 0.1; do echo tick; done & read line; echo got \$line; exit 7"'
	expect_part "$output" '[status 0]'
	expect_equal "$(inspect .State.Status)" running
	on_terminal wait:tick 'send:typed\n' 'wait:got typed' -- bash -c 'podman attach "$NAME"'
	expect_equal "$(podman wait "$NAME")" 7
}

@test "podman pause, unpause: nothing runs meanwhile, and exec is refused" {
	running busybox sh -c 'while :; do date +%s%N >/now; sleep 0.01; done'
	eventually podman exec "$NAME" test -s /now
	podman pause "$NAME"
	expect_equal "$(inspect .State.Status)" paused
	podman cp "$NAME:/now" "$BATS_TEST_TMPDIR/first"
	sleep 0.3
	podman cp "$NAME:/now" "$BATS_TEST_TMPDIR/second"
	cmp "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second"
	run -255 podman exec "$NAME" true
	expect_part "$output" 'state improper'
	podman unpause "$NAME"
	podman exec "$NAME" true
}

# limit FILE: the value in the container's cgroup, v1 or v2
limit() {
	podman exec "$NAME" sh -c "cat /sys/fs/cgroup/$1 2>/dev/null || cat /sys/fs/cgroup/$2"
}

@test "podman update: each limit is the container's" {
	running --memory 64m busybox sleep 1000
	podman update --memory 128m --cpu-shares 1024 --cpu-quota 50000 --cpuset-cpus 0 "$NAME"
	expect_equal "$(limit memory/memory.limit_in_bytes memory.max)" 134217728
	expect_equal "$(limit cpuset/cpuset.cpus cpuset.cpus)" 0
	expect_part "$(limit cpu/cpu.cfs_quota_us cpu.max)" 50000
}

@test "a container that was out of memory: 137" {
	# conmon leaves a file "oom" where it was started.
	cd "$BATS_TEST_TMPDIR"
	run -137 podman run --rm --memory 16m busybox sh -c 'exec tail -c 100m /dev/zero'
}

@test "podman stop: who does not end is killed; podman restart" {
	running busybox sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done'
	eventually has_text ready podman logs "$NAME"
	podman stop --time 1 "$NAME"
	expect_equal "$(podman wait "$NAME")" 137
	podman restart "$NAME"
	expect_equal "$(inspect .State.Status)" running
}

@test "podman run --restart: it runs again after a failure" {
	running --restart on-failure:2 --volume "$BATS_TEST_TMPDIR:/vol" busybox \
		sh -c 'echo run >>/vol/runs; exit 1'
	eventually prints 3 eval 'wc -l <"$BATS_TEST_TMPDIR/runs"'
	eventually prints exited inspect .State.Status
}

@test "podman top, stats" {
	running busybox sh -c 'sleep 1000 & exec sleep 1001'
	eventually has_text 'sleep 1000' podman top "$NAME" args
	expect_part "$(podman top "$NAME" args)" 'sleep 1001'
	run -0 podman stats --no-stream --format '{{.PIDs}}' "$NAME"
	expect_equal "$output" 2
}

@test "podman healthcheck run: healthy, and then not" {
	running --health-cmd 'test ! -e /sick' --health-interval disable --health-retries 1 \
		busybox sleep 1000
	podman healthcheck run "$NAME"
	expect_equal "$(inspect .State.Health.Status)" healthy
	podman exec "$NAME" touch /sick
	run -1 podman healthcheck run "$NAME"
	expect_equal "$(inspect .State.Health.Status)" unhealthy
}

@test "podman run --init: it is pid 1, and passes signals on" {
	running --init busybox sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done'
	run -0 podman exec "$NAME" cat /proc/1/cmdline
	expect_part "$(tr '\0' ' ' <<<"$output")" podman-init
	podman stop --time 20 "$NAME"
	expect_equal "$(podman wait "$NAME")" 3
}

@test "podman run --cgroups disabled: it stays where podman was" {
	run -0 podman run --rm --cgroups disabled --cgroupns host busybox cat /proc/self/cgroup
	expect_equal "$output" "$(cat /proc/self/cgroup)"
	running --cgroups disabled busybox sleep 1000
	podman exec "$NAME" true
	expect_no_cgroup "$(inspect .Id)"
	podman stop --time 0 "$NAME"
}

# The ids are those of the user "containers".
@test "podman run --userns auto: ids of its own" {
	mkdir "$BATS_TEST_TMPDIR/etc"
	echo containers:300000:65536 | tee "$BATS_TEST_TMPDIR/etc/subuid" >"$BATS_TEST_TMPDIR/etc/subgid"
	run -0 unshare --mount bash -c '
		mount -t overlay -o "lowerdir=$BATS_TEST_TMPDIR/etc:/etc" overlay /etc
		podman run --rm --userns auto:size=2000 --network none busybox \
			sh -c "tr -s \" \" </proc/self/uid_map; touch /file; stat -c %u /file"'
	expect_equal "$output" $' 0 300000 2000\n0'
}

@test "podman run --uidmap with a volume :idmap" {
	mkdir "$BATS_TEST_TMPDIR/vol"
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	run -0 podman run --rm --uidmap 0:100000:1000 --gidmap 0:200000:1000 --network none \
		--volume "$BATS_TEST_TMPDIR/vol:/vol:idmap" busybox \
		sh -c 'touch /vol/file; stat -c %u:%g /vol/file'
	expect_equal "$output" 0:0
	expect_equal "$(stat -c %u:%g "$BATS_TEST_TMPDIR/vol/file")" 0:0
}

@test "podman volume: what one container writes the next one reads" {
	podman volume create "$NAME"
	podman run --rm --volume "$NAME:/data" busybox sh -c 'echo kept >/data/file'
	run -0 podman run --rm --volume "$NAME:/data:ro" busybox cat /data/file
	expect_equal "$output" kept
	podman volume rm "$NAME"
}

@test "podman run --systemd always: what systemd wants is there" {
	run -0 podman run --rm --systemd always busybox sh -c 'echo $container; mount'
	expect_part "$output" podman
	expect_part "$output" 'tmpfs on /run '
	[[ $output == *'on /sys/fs/cgroup/systemd type cgroup (rw'* || $output == *'on /sys/fs/cgroup type cgroup2 (rw'* ]]
}

@test "with the host's pid namespace the end of init ends all" {
	local pid pids i

	running --pid host busybox sh -c 'sleep 1000 & sleep 1001 & echo ready; wait'
	eventually has_text ready podman logs "$NAME"
	pid=$(inspect .State.Pid)
	pids=$(cat "/proc/$pid/task/$pid/children")
	expect_equal "$(wc -w <<<"$pids")" 2
	podman kill "$NAME"
	podman wait "$NAME"
	for i in $pid $pids; do
		eventually eval "! [ -e /proc/$i ] || grep -q '^State:.*Z' /proc/$i/status"
	done
}

@test "podman pod: its containers share what the pod shares" {
	podman pod create --infra=false --name pod 2>/dev/null
	run -0 podman run --rm --pod pod busybox echo in the pod
	expect_equal "$output" "in the pod"
	podman pod rm --force pod
}

@test "podman pod with an infra container: namespaces, pause, stop, rm" {
	podman pod create --name pod --share net,ipc,uts,pid --hostname shared --network none
	podman run --detach --pod pod --name "$NAME" busybox sleep 1000
	podman run --detach --pod pod --name "$NAME-2" busybox sleep 1001
	run -0 podman exec "$NAME" sh -c 'hostname; ps -o args'
	expect_part "$output" shared
	expect_part "$output" 'sleep 1001'
	for i in net ipc uts pid; do
		expect_equal "$(podman exec "$NAME" readlink "/proc/self/ns/$i")" \
			"$(podman exec "$NAME-2" readlink "/proc/self/ns/$i")"
	done
	podman pod pause pod
	expect_equal "$(inspect .State.Status)" paused
	podman pod unpause pod
	podman pod stop --time 1 pod
	expect_equal "$(inspect .State.Status)" exited
	podman pod rm --force pod
	expect_no_cgroup "$NAME"
}

@test "podman build: RUN steps run" {
	printf '%s\n' 'FROM busybox' 'RUN id -u >/id && echo hello' 'CMD cat /id' >"$BATS_TEST_TMPDIR/Containerfile"
	run -0 podman build --tag built "$BATS_TEST_TMPDIR"
	expect_part "$output" hello
	run -0 podman run --rm built
	expect_equal "$output" 0
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
