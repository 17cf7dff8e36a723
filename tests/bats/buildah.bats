#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# buildah drives the runtime, with the containers.conf of docs/buildah.md and everything that buildah
# keeps in a folder of the tests. Its bridge is made in a network namespace of the tests.

load engine

setup_file() {
	WORK=$(mktemp -d /tmp/ocirun-buildah.XXXXXX)
	export WORK CONTAINERS_CONF=$WORK/containers.conf CGROUP=ocirun-buildah-$$ BUILDAH_ISOLATION=oci
	page_block buildah /etc/containers/containers.conf >"$CONTAINERS_CONF"
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --net --propagation slave bash -c '
		mount --make-rshared /
		mount -t tmpfs tmpfs /var/lib/cni 2>/dev/null || mount -t tmpfs tmpfs /var/lib
		mount -t tmpfs tmpfs /run
		ip link set lo up
		exec sleep 100000' 3>&- </dev/null >"$WORK/log" 2>&1 &
	export HOLDER=$!
	eventually prints sleep cat "/proc/$HOLDER/comm"
	make_image busybox:test
	buildah pull --quiet "oci-archive:$WORK/image.tar"
	buildah tag "$(buildah images --quiet | head -n 1)" busybox
}

teardown_file() {
	buildah rm --all
	kill "$HOLDER"
	wait "$HOLDER" || :
	rm -rf "$WORK"
	remove_cgroups "$CGROUP"
}

setup() {
	export -f buildah
	NAME=test-$BATS_TEST_NUMBER
	export NAME
	mkdir "$BATS_TEST_TMPDIR/context"
	cd "$BATS_TEST_TMPDIR/context"
}

teardown() {
	buildah rm "$NAME" >/dev/null 2>&1 || :
}

buildah() {
	timeout --foreground --kill-after 5 60 nsenter --target "$HOLDER" --mount --net --wd="$PWD" \
		buildah --root "$WORK/root" --runroot "$WORK/run" "$@" 3>&-
}

working_container() {
	buildah from --pull-never --cgroup-parent "/$CGROUP" --name "$NAME" busybox
}

# containerfile LINE...
containerfile() {
	printf '%s\n' 'FROM busybox' "$@" >Containerfile
}

build() {
	buildah build --pull-never --cgroup-parent "/$CGROUP" --tag "$NAME" "$@" .
}

# No container of the runtime, no cgroup and no process of it is left.
expect_nothing_left() {
	expect_equal "$(nsenter --target "$HOLDER" --mount find /run/ocirun -mindepth 1 -not -path '*/.seccomp*')" ""
	expect_no_cgroup "$CGROUP/"
}

@test "buildah uses what the page made its runtime" {
	working_container
	run -0 buildah --log-level debug run "$NAME" true
	expect_part "$output" "Running [\\\"$OCIRUN\\\" \\\"create\\\""
}

@test "buildah run: output, input, and nothing is left" {
	local cgroup=$CGROUP

	# On v2 buildah gives it a cgroup namespace of its own.
	[ ! -e /sys/fs/cgroup/cgroup.controllers ] || cgroup=
	working_container
	run -0 --separate-stderr buildah run "$NAME" sh -c 'echo out; echo err >&2; cat
		echo "cgroup $(grep -E "pids:|^0::" /proc/self/cgroup | head -n 1 | cut -d / -f 2)"' <<<typed
	expect_equal "$output" $'out\ntyped\ncgroup '"$cgroup"
	expect_part "$stderr" err
	expect_nothing_left
}

@test "buildah run: a status that is not 0" {
	working_container
	run -42 buildah run "$NAME" sh -c 'exit 42'
	expect_part "$output" 'exit status 42'
	expect_nothing_left
}

@test "buildah run --tty: a terminal of the caller's size" {
	working_container
	on_terminal size:33x77 wait:ready 'send:typed\n' wait:got -- \
		bash -c 'buildah run --tty "$NAME" sh -c "tty; stty size; echo ready; read line; echo got \$line"'
	expect_part "$output" /dev/pts/0
	expect_part "$output" '33 77'
	expect_part "$output" 'got typed'
	expect_part "$output" '[status 0]'
}

@test "buildah run: what one changes the next one sees, and a commit keeps" {
	working_container
	buildah run "$NAME" sh -c 'echo kept >/file'
	run -0 buildah run "$NAME" cat /file
	expect_equal "${lines[-1]}" kept
	buildah config --cmd 'cat /file' "$NAME"
	buildah commit --quiet "$NAME" "$NAME"
	buildah rm "$NAME"
	buildah from --pull-never --name "$NAME" "$NAME"
	run -0 buildah run "$NAME" cat /file
	expect_equal "${lines[-1]}" kept
}

@test "buildah run --user, --workingdir, --hostname, --env, --cap-drop, --volume" {
	working_container
	echo content >"$BATS_TEST_TMPDIR/context/file"
	run -0 --separate-stderr buildah run --user 7:8 --workingdir /tmp --hostname web --env KEY=value \
		--cap-drop all --volume "$BATS_TEST_TMPDIR/context:/vol:ro" "$NAME" sh -c '
			id -u; id -g; pwd; hostname; echo $KEY; cat /vol/file; touch /vol/x 2>&1
			grep CapBnd /proc/self/status | tr "\t" " "'
	expect_equal "$output" \
		$'7\n8\n/tmp\nweb\nvalue\ncontent\ntouch: /vol/x: Read-only file system\nCapBnd: 0000000000000000'
}

@test "buildah run --network: one of its own, none, the host's" {
	working_container
	run -0 --separate-stderr buildah run "$NAME" ip address show eth0
	expect_part "$output" 'inet 10.88.0.'
	run -0 --separate-stderr buildah run --network none "$NAME" ip -o link
	expect_equal "${#lines[@]}" 1
	run -0 --separate-stderr buildah run --network host "$NAME" readlink /proc/self/ns/net
	expect_equal "$output" "$(readlink "/proc/$HOLDER/ns/net")"
}

@test "buildah build: RUN, COPY, USER, WORKDIR, SHELL form and exec form" {
	echo hello >file
	containerfile 'COPY file /file' 'RUN cat /file; id -u >/ids' 'RUN ["sh", "-c", "ls -l /file"]' \
		'WORKDIR /work' 'RUN pwd' 'RUN adduser -D -u 1234 tester || echo "tester:x:1234:1234::/:/bin/sh" >>/etc/passwd' \
		'USER tester' 'RUN id -u'
	run -0 build
	expect_part "$output" hello
	expect_part "$output" /work
	expect_part "$output" $'\n1234\n'
	expect_nothing_left
}

@test "buildah build --layers: a step that is known is not run again" {
	containerfile 'RUN date +%N >/now'
	build --layers
	run -0 build --layers
	expect_part "$output" 'Using cache'
}

@test "buildah build: several stages, arguments, and mounts of RUN" {
	cat >Containerfile <<-'END'
		FROM busybox AS first
		ARG WORD=none
		RUN echo "$WORD" >/word
		FROM busybox
		RUN --mount=type=bind,from=first,target=/first cat /first/word >/word
		RUN --mount=type=tmpfs,target=/scratch touch /scratch/x && cat /word
		RUN --mount=type=secret,id=s cat /run/secrets/s
	END
	echo hidden >secret
	run -0 build --build-arg WORD=given --secret id=s,src=secret
	expect_part "$output" given
	expect_part "$output" hidden
}

@test "buildah build: a step that fails ends it, with its status" {
	containerfile 'RUN exit 9'
	run -9 build
	expect_part "$output" 'exit status 9'
	expect_nothing_left
}

@test "buildah build: a command that is not there, and the reason" {
	containerfile 'RUN ["nosuch"]'
	run ! build
	expect_part "$output" 'executable file not found in $PATH'
	expect_nothing_left
}

@test "buildah build --memory, --ulimit, --shm-size: the limits hold" {
	containerfile 'RUN cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max' \
		'RUN ulimit -n' 'RUN df -k /dev/shm'
	run -0 build --memory 64m --ulimit nofile=123:456 --shm-size 1m
	expect_part "$output" 67108864
	expect_part "$output" $'\n123\n'
	expect_part "$output" ' 1024 '
}

@test "buildah build --userns-uid-map: root of a step is somebody else outside" {
	containerfile 'RUN tr -s " " </proc/self/uid_map; touch /file; stat -c %u /file'
	run -0 build --userns-uid-map 0:100000:1000 --userns-gid-map 0:100000:1000
	expect_part "$output" $' 0 100000 1000\n0\n'
}
