#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Compiled filters that are kept below the state root: the next container gets one that is whole and
# the runtime's own, or else a new one, which takes its place.

load bundle

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file 'needs root'; return; }
	[ "$(uname -m)" = x86_64 ] || { skip_file 'numbers of system calls are those of x86-64'; return; }
	make_rootfs
	"${CC:-cc}" -O1 -Wall -static -pthread -o "$BATS_FILE_TMPDIR/rootfs/bin/probe" \
		"$BATS_TEST_DIRNAME/../agents/syscall_probe.c"
}

# A container has run whose filter answers EPERM to getppid: KEPT is the file, WHOLE a copy of it.
setup() {
	make_bundle
	config '.process.args = ["probe", "110"] | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{ names: ["getppid"], action: "SCMP_ACT_ERRNO" }] }'
	denies
	KEPT=$(echo "$ROOT"/.seccomp/*)
	WHOLE=$BATS_TEST_TMPDIR/whole
	cp "$KEPT" "$WHOLE"
}

teardown() {
	remove_containers
}

# denies: a container that gets the filter
denies() {
	run -0 ocirun run --bundle "$BUNDLE" "$ID"
	expect_equal "${output//$'\n'/, }" 'errno 1, alive'
}

# is_whole: what is kept is as it was first, and the runtime's alone
is_whole() {
	expect_equal "$(stat -c '%F %u %a %h' "$KEPT")" 'regular file 0 600 1'
	cmp "$KEPT" "$WHOLE"
}

# replaced: the next container has the right filter, and what was there has made room
replaced() {
	denies
	is_whole
}

@test "the next container gets the kept filter, and nothing is compiled" {
	local inode

	command -v strace >/dev/null || skip 'needs strace'
	inode=$(stat -c %i "$KEPT")
	ASAN_OPTIONS=detect_leaks=0 run -0 strace -f -e trace=memfd_create -o "$BATS_TEST_TMPDIR/calls" \
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	run -1 grep '"seccomp"' "$BATS_TEST_TMPDIR/calls"
	expect_equal "$(stat -c %i "$KEPT")" "$inode"
	# Of another profile one is compiled, which is what is looked for.
	config '.linux.seccomp.syscalls[0].names += ["getpgid"]'
	ASAN_OPTIONS=detect_leaks=0 run -0 strace -f -e trace=memfd_create -o "$BATS_TEST_TMPDIR/calls" \
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	run -0 grep '"seccomp"' "$BATS_TEST_TMPDIR/calls"
}

@test "a kept filter that is cut off anywhere is compiled anew" {
	local size at

	size=$(stat -c %s "$WHOLE")
	for at in 0 1 8 $((size / 2)) $((size - 8)) $((size - 1)); do
		head -c "$at" "$WHOLE" >"$KEPT"
		replaced
	done
}

@test "a kept filter that something follows is compiled anew" {
	printf '12345678' >>"$KEPT"
	replaced
}

@test "a kept filter with one bit changed is compiled anew, wherever that bit is" {
	local size at byte

	size=$(stat -c %s "$WHOLE")
	for ((at = 0; at < size; at += size / 30)); do
		cp "$WHOLE" "$KEPT"
		byte=$(od -An -tu1 -j "$at" -N 1 "$WHOLE")
		printf "\\x$(printf %x $((byte ^ 1 << at % 8)))" | dd of="$KEPT" bs=1 seek="$at" conv=notrunc status=none
		run -1 cmp -s "$KEPT" "$WHOLE"
		replaced
	done
}

@test "a kept filter that would allow what is denied is not loaded" {
	local at

	# The instruction that answers EPERM: code, two jumps, value.
	at=$(grep -obUaP '\x06\x00\x00\x00\x01\x00\x05\x00' "$KEPT" | head -n 1 | cut -d: -f1)
	printf '\x06\x00\x00\x00\x00\x00\xff\x7f' | dd of="$KEPT" bs=1 seek="$at" conv=notrunc status=none
	replaced
}

@test "a kept filter with the end of a file that was never written is compiled anew" {
	truncate -s $(($(stat -c %s "$WHOLE") - 64)) "$KEPT"
	truncate -s "$(stat -c %s "$WHOLE")" "$KEPT"
	replaced
}

@test "a kept filter of another user is compiled anew" {
	chown 1000 "$KEPT"
	replaced
}

@test "a kept filter that others may write or read is compiled anew" {
	local mode

	for mode in 620 602 640 604; do
		chmod "$mode" "$KEPT"
		replaced
	done
}

@test "a kept filter that is a link is compiled anew, and the link's target stays as it is" {
	mv "$KEPT" "$BATS_TEST_TMPDIR/target"
	ln -s "$BATS_TEST_TMPDIR/target" "$KEPT"
	replaced
	cmp "$BATS_TEST_TMPDIR/target" "$WHOLE"
	expect_equal "$(stat -c %h "$BATS_TEST_TMPDIR/target")" 1
}

@test "a kept filter that has another name too is compiled anew" {
	ln "$KEPT" "$ROOT/other"
	replaced
	rm "$ROOT/other"
}

@test "a FIFO in the place of a kept filter is not waited for" {
	rm "$KEPT"
	mkfifo -m 600 "$KEPT"
	replaced
}

@test "a directory in the place of a kept filter is told of, and the container has its filter" {
	rm "$KEPT"
	mkdir -m 700 "$KEPT"
	run -0 ocirun run --bundle "$BUNDLE" "$ID"
	expect_part "$output" 'keep a seccomp filter: Is a directory'
	expect_part "$output" 'errno 1'
}

@test "filters are not kept, nor taken, where others may write" {
	local at

	# One that would be seen.
	at=$(grep -obUaP '\x06\x00\x00\x00\x01\x00\x05\x00' "$KEPT" | head -n 1 | cut -d: -f1)
	printf '\x06\x00\x00\x00\x00\x00\xff\x7f' | dd of="$KEPT" bs=1 seek="$at" conv=notrunc status=none
	cp "$KEPT" "$BATS_TEST_TMPDIR/planted"
	chmod 770 "$ROOT/.seccomp"
	denies
	cmp "$KEPT" "$BATS_TEST_TMPDIR/planted"
	chmod 700 "$ROOT/.seccomp"
	chown 1000 "$ROOT/.seccomp"
	denies
	cmp "$KEPT" "$BATS_TEST_TMPDIR/planted"
	mv "$ROOT/.seccomp" "$ROOT/.elsewhere"
	chown 0 "$ROOT/.elsewhere"
	ln -s .elsewhere "$ROOT/.seccomp"
	denies
	cmp "$ROOT/.elsewhere/${KEPT##*/}" "$BATS_TEST_TMPDIR/planted"
}
