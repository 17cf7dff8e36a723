# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of checkpoint and restore: a criu that works, or one that is made up, and streams
# that a container can take with it.

load "${BASH_SOURCE[0]%/*}/bundle"

# find_criu: makes a directory with a criu for $PATH. $CRIU is set to it, or empty with $WHY_NOT.
find_criu() {
	local real=${CRIU:-$(command -v criu)}

	CRIU='' WHY_NOT=
	export CRIU WHY_NOT
	if [ -z "$real" ]; then
		WHY_NOT='no criu: install one that passes "criu check", or name it in CRIU (see scripts/criu)'
		return 0
	fi
	mkdir "$BATS_FILE_TMPDIR/criu"
	make_criu "$real" >"$BATS_FILE_TMPDIR/criu/criu"
	chmod +x "$BATS_FILE_TMPDIR/criu/criu"
	if ! "$BATS_FILE_TMPDIR/criu/criu" check >"$BATS_FILE_TMPDIR/check" 2>&1; then
		WHY_NOT="criu check: $(tail -n 1 "$BATS_FILE_TMPDIR/check")"
		return 0
	fi
	CRIU=$BATS_FILE_TMPDIR/criu
}

# make_criu PROGRAM: the script that runs it. It wants to raise its limit of descriptors to
# fs.nr_open; where that is not allowed it sees its own limit there, beside a procfs of which nothing
# is hidden: the kernel asks for one. A restore gives criu a mount namespace already, which has to
# stay the same.
make_criu() {
	if [ "$(ulimit -Hn)" -ge "$(cat /proc/sys/fs/nr_open)" ] || (
		ulimit -Hn "$(cat /proc/sys/fs/nr_open)"
	) 2>/dev/null; then
		printf '#!/bin/sh\nexec %s "$@"\n' "$1"
		return
	fi
	ulimit -Hn >"$BATS_FILE_TMPDIR/criu/nr_open"
	mkdir "$BATS_FILE_TMPDIR/criu/proc"
	cat <<-END
		#!/bin/sh
		bind='mount -t proc proc $BATS_FILE_TMPDIR/criu/proc &&
		    mount --bind $BATS_FILE_TMPDIR/criu/nr_open /proc/sys/fs/nr_open && exec $1 "\$@"'
		if [ "\$(readlink /proc/self/ns/mnt)" = "\$(readlink /proc/\$PPID/ns/mnt)" ]; then
		    exec unshare --mount --propagation slave sh -c "\$bind" criu "\$@"
		fi
		exec sh -c "\$bind" criu "\$@"
	END
}

needs_criu() {
	[ -n "$CRIU" ] || skip "$WHY_NOT"
	PATH=$CRIU:$PATH
}

# fake_criu COMMANDS: a criu that is this script of the shell; descriptor 3 is the runtime
fake_criu() {
	mkdir -p "$BATS_TEST_TMPDIR/fake"
	printf '#!/bin/sh\n%s\n' "$1" >"$BATS_TEST_TMPDIR/fake/criu"
	chmod +x "$BATS_TEST_TMPDIR/fake/criu"
	PATH=$BATS_TEST_TMPDIR/fake:$PATH
}

# hex [FILE]: its bytes
hex() {
	od -An -v -tx1 "$@" | tr -d ' \n'
}

# A response: version 4.2; the features that there are; a success of type $1.
# shellcheck disable=SC2034 # for fake_criu
VERSION_4_2='printf "\010\012\020\001\122\004\010\004\020\002" >&3'

# open_pipes: IN and OUT, two descriptors of a pipe each, both of whose ends we have
open_pipes() {
	exec {IN}<> <(:) {OUT}<> <(:)
}

# piped COMMAND...: its streams are those pipes, and it holds no others of ours
piped() {
	"$@" 3>&- 4>&- <"/proc/self/fd/$IN" >"/proc/self/fd/$OUT" 2>&1 {IN}>&- {OUT}>&-
}

# start_counter [COMMAND...]: a container that answers "N LINE" to each line, started with COMMAND
start_counter() {
	script "${1-} i=0; while read -r line; do i=\$((i + 1)); echo \"\$i \$line\"; done; exit 7"
	open_pipes
	piped ocirun run --detach --bundle "$BUNDLE" "$ID"
}

# answers N: to one line more, which is its Nth
answers() {
	local answer

	echo "hello" >&"$IN"
	read -r -t 10 answer <&"$OUT"
	expect_equal "$answer" "$1 hello"
}

# checkpoint [OPTION...] and restore [OPTION...]: of $ID, with what works on every host. Where a
# cgroup is concerned, see the tests that name another mode.
checkpoint() {
	ocirun checkpoint --image-path "$BATS_TEST_TMPDIR/image" --work-path "$BATS_TEST_TMPDIR/work" \
		--manage-cgroups-mode ignore "$@" "$ID"
}

restore() {
	ocirun restore --image-path "$BATS_TEST_TMPDIR/image" --work-path "$BATS_TEST_TMPDIR/work" \
		--manage-cgroups-mode ignore --bundle "$BUNDLE" "$@" "$ID"
}

# background COMMAND...: like piped, and does not wait. $PROGRAM is its process.
background() {
	rm -f "$BATS_TEST_TMPDIR/program"
	# shellcheck disable=SC2016 # the inner shell's
	piped bash -c 'echo "$$" >"$0.new"; mv "$0.new" "$0"; exec "$@"' \
		"$BATS_TEST_TMPDIR/program" "$@" &
	JOB=$!
	wait_for test -e "$BATS_TEST_TMPDIR/program"
	PROGRAM=$(cat "$BATS_TEST_TMPDIR/program")
}

# is STATUS: of $ID
is() {
	[ "$(status_of)" = "$1" ]
}

status_of() {
	ocirun state "$ID" | jq -r .status
}

pid_of() {
	ocirun state "$ID" | jq .pid
}

# nothing_left: neither state, nor cgroup, nor mount of the test
nothing_left() {
	[ ! -e "$ROOT/$ID" ]
	[ -z "$(find /sys/fs/cgroup -maxdepth 2 -name "$ID" 2>/dev/null)" ]
	! grep -q "$BATS_TEST_TMPDIR" /proc/self/mountinfo
}
