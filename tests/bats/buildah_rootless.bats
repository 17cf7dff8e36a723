#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# buildah as an ordinary user runs it, with the containers.conf of docs/buildah.md in the user's home.

load engine_user

setup_file() {
	begin_user buildah buildah-user
	buildah pull --quiet "oci-archive:$WORK/image.tar"
	buildah tag "$(buildah images --quiet | head -n 1)" busybox
}

teardown_file() {
	buildah rm --all >/dev/null
	end_user
}

setup() {
	export -f as_user buildah
	NAME=test-$BATS_TEST_NUMBER
	export NAME
}

teardown() {
	buildah rm "$NAME" >/dev/null 2>&1 || :
}

buildah() {
	as_user timeout --foreground --kill-after 5 $((60 * ${SLOWNESS:-1})) buildah --storage-driver vfs "$@"
}

working_container() {
	buildah from --pull-never --name "$NAME" busybox
}

# containerfile LINE...
containerfile() {
	as_user install -d "$HOME_DIR/$NAME"
	printf '%s\n' 'FROM busybox' "$@" | as_user tee "$HOME_DIR/$NAME/Containerfile" >/dev/null
}

build() {
	buildah build --pull-never --tag "$NAME" "$@" "$HOME_DIR/$NAME"
}

@test "buildah uses what the page made its runtime" {
	working_container
	mv "$WORK/ocirun" "$WORK/away"
	run ! buildah run "$NAME" -- true
	mv "$WORK/away" "$WORK/ocirun"
	buildah run "$NAME" -- true
}

@test "buildah run: output, input, status, and nothing is left" {
	working_container
	run -42 --separate-stderr buildah run "$NAME" -- sh -c 'echo out; echo err >&2; cat; exit 42' \
		<<<typed
	expect_equal "$output" $'out\ntyped'
	expect_part "$stderr" err
	expect_nothing_left
}

@test "root in the container is the user outside, others are subordinate ids" {
	working_container
	run -0 --separate-stderr buildah run --user 5:6 --volume "$HOME_DIR:/home:ro" "$NAME" -- sh -c '
		id -u; stat -c %u /home; tr -s " " </proc/self/uid_map'
	expect_equal "$output" $'5\n0\n 0 14711 1\n 1 400000 65536'
}

@test "buildah run --tty: a terminal" {
	working_container
	on_terminal size:33x77 wait:ready 'send:typed\n' wait:got -- bash -c '
		buildah run --tty "$NAME" -- sh -c "tty; echo ready; read line; echo got \$line; exit 7"'
	expect_part "$output" /dev/pts/0
	expect_part "$output" 'got typed'
}

@test "buildah build: steps run, as root and as another user, and their files have owners" {
	containerfile 'RUN id -u >/id && echo hello' 'RUN chown 7:8 /id' 'USER 7' 'RUN id -u >/tmp/id'
	run -0 build
	expect_part "$output" hello
	buildah from --pull-never --name "$NAME" "localhost/$NAME"
	run -0 --separate-stderr buildah run --user 0 "$NAME" -- sh -c \
		'cat /id /tmp/id; stat -c %u:%g /id /tmp/id'
	expect_equal "$output" $'0\n7\n7:8\n7:0'
	expect_nothing_left
}

@test "buildah build: a step that fails ends it, with its status" {
	containerfile 'RUN exit 42'
	run build
	expect_part "$output" 'exit status 42'
	containerfile 'RUN ["/nosuch"]'
	run ! build
	expect_part "$output" 'no such file or directory'
	expect_nothing_left
}
