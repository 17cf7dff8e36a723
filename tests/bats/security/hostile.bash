# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the tests of this folder share: a bundle, and beside it a decoy. The decoy is a tree of the host
# with known contents, owners and times, whose secret no container may print. Whatever a test did, the
# decoy, the host's mounts, its cgroups and the state root are looked at again when it is over; what is
# not as before is reported with a line "ESCAPED".
#
# The name of a test begins with the class of flaw that it is about: see docs/security.md.

load "${BASH_SOURCE[0]%/*}/../bundle"

HOSTILE=${BASH_SOURCE[0]%/*}
AGENTS=$HOSTILE/../../agents

# How many rounds a race has; ./run --long has more.
ROUNDS=${RACE_ROUNDS:-300}

# tool NAME [FILE]: builds the helper NAME.c, for containers too, and prints where it is
tool() {
	local made=$BATS_FILE_TMPDIR/$1 source=$HOSTILE/$1.c

	[ -e "$source" ] || source=$AGENTS/$1.c
	[ -x "$made" ] || "${CC:-cc}" -O1 -Wall -static -pthread -o "$made" "$source"
	echo "$made"
}

# hostile_setup_file: called by setup_file
hostile_setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file 'needs root'; return; }
	make_rootfs
}

# hostile_setup: called by setup
hostile_setup() {
	make_bundle
	# In a cgroup that is known, where nothing of another test is.
	config --arg id "$ID" '.linux.cgroupsPath = "/" + $id'
	decoy_make
}

# hostile_teardown: called by teardown, of which bats looks at the last status alone
hostile_teardown() {
	local pid failed=0

	[ -z "${FILE_IS_SKIPPED-}" ] || return 0
	for pid in "${BACKGROUND[@]}"; do
		kill -9 "$pid" 2>/dev/null || :
	done
	remove_containers || failed=1
	decoy_holds || failed=1
	nothing_left || failed=1
	return "$failed"
}

# background COMMAND...: until the test is over
background() {
	"$@" </dev/null >/dev/null 2>&1 3>&- 4>&- &
	BACKGROUND+=($!)
}

# ---- the oracle ----

decoy_make() {
	local name

	DECOY=$BATS_TEST_TMPDIR/decoy
	CANARY=canary$RANDOM$RANDOM$RANDOM
	mkdir -p "$DECOY"/{dir,dev,etc,sys/net/ipv4}
	for name in file etc/secret etc/passwd sys/net/ipv4/ip_forward dir/file; do
		echo "$CANARY" >"$DECOY/$name"
	done
	mknod "$DECOY/dev/zero" c 1 5
	ln -s file "$DECOY/link"
	find "$DECOY" -exec chown -h 12345:23456 {} +
	chmod 750 "$DECOY/dir"
	chmod 640 "$DECOY/file"
	find "$DECOY" -exec touch -h -d '2001-02-03 04:05:06' {} +
	decoy_state >"$BATS_TEST_TMPDIR/decoy.before"
}

# Names, kinds, modes, owners, sizes, times of content and of change, links, contents; then the mounts of
# the host, but those that belong to other folders of tests and engines.
decoy_state() {
	find "$DECOY" -printf '%P %y %m %U:%G %s %T@ %C@ %n %l\n' | sort
	find "$DECOY" -type f -exec sha256sum {} + | sort
	awk -v own="$BATS_TEST_TMPDIR" '
		index($5, own) == 1 || $5 !~ "^/(tmp|run|work|var)/" { $1 = $2 = ""; print }
	' /proc/self/mountinfo | sort
}

# escaped TEXT: the line that counts
escaped() {
	echo "ESCAPED: $*"
	GOT_OUT=1
	return 1
}

decoy_holds() {
	decoy_state >"$BATS_TEST_TMPDIR/decoy.after"
	diff "$BATS_TEST_TMPDIR/decoy.before" "$BATS_TEST_TMPDIR/decoy.after" ||
		escaped 'the host is not as before'
}

# no_secret TEXT: which a container or its runtime printed
no_secret() {
	[[ $1 != *"$CANARY"* ]] || escaped "the decoy's secret is in: $1"
	# Who is refused by a sanitizer (of a build with them) is not refused.
	[[ $1 != *Sanitizer:* && $1 != *'runtime error:'* ]] || escaped "a sanitizer found something: $1"
}

nothing_left() {
	local left

	left=$(find /sys/fs/cgroup -maxdepth 4 -name "*$ID*" 2>/dev/null)
	if [ -n "$left" ] && ! is_ocirun; then
		# What another runtime leaves is not what these tests are about.
		find /sys/fs/cgroup -depth -path "*$ID*" -type d -exec rmdir {} + 2>/dev/null || :
		return 0
	fi
	[ -z "$left" ] || {
		echo "left behind: $left"
		return 1
	}
	# A hidden name is what ocirun keeps for the next container: no id begins with a dot.
	[ ! -d "$ROOT" ] || [ -z "$(ls "$ROOT")" ] || {
		echo "left in the state root: $(ls "$ROOT")"
		return 1
	}
}

# ---- words ----

# is_ocirun: whether the program under test is this one; texts are not asked of others
is_ocirun() {
	[ -z "${IS_OCIRUN-}" ] || return "$IS_OCIRUN"
	IS_OCIRUN=0
	"$OCIRUN" --version | head -n 1 | grep -q '^ocirun ' || IS_OCIRUN=1
	return "$IS_OCIRUN"
}

# says TEXT: ocirun's error has it
says() {
	! is_ocirun || expect_part "$output" "$1"
}

# attempt [OPTION...]: runs the container; that may succeed or fail, but not hang or print the secret
attempt() {
	run ocirun run --bundle "$BUNDLE" "$@" "$ID" </dev/null
	[ "$status" != 124 ] && [ "$status" != 137 ] || {
		echo "hung: $output"
		return 1
	}
	no_secret "$output"
}

# denied [TEXT]: the container was refused, by ocirun with that text
denied() {
	attempt
	[ "$status" != 0 ] || escaped "it ran: $output"
	[ $# = 0 ] || says "$1"
}

# row NAME COMMAND...: a case of a table, which goes on when it fails
row() {
	local came=held

	GOT_OUT=''
	# In a condition a function goes on behind what fails: what the oracle said counts all the same.
	"${@:2}" || came=differs
	[ -z "$GOT_OUT" ] || came=escaped
	if [ "$came" != held ]; then
		echo "WRONG: $1"
		WRONG=$((${WRONG-0} + 1))
	fi
	# Where bats shows it: one line.
	echo "# $came $BATS_TEST_DESCRIPTION: ${1//$'\n'/ }" >&3
}

# rows_hold: at the end of a table
rows_hold() {
	[ "${WRONG-0}" = 0 ]
}

# race [WORD]: many rounds of the container against what runs in the background: none hangs, prints the
# secret or WORD, and both outcomes or one of them are fine
race() {
	race_rounds "${1:-$CANARY}" "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
}

# race_rounds WORD COMMAND...
race_rounds() {
	local rounds ran refused found hung

	run timeout -k 5 600 "$(tool rounds)" "$ROUNDS" "$@"
	expect_status 0
	read -r _ rounds _ ran _ refused _ found _ hung <<<"$output"
	echo "$output"
	echo "# rounds $BATS_TEST_DESCRIPTION: $rounds, $ran ran, $refused refused" >&3
	[ "$found" = 0 ] || escaped "$found rounds printed what they must not know"
	[ "$hung" = 0 ]
	# The attacker was there to the end.
	[ ${#BACKGROUND[@]} = 0 ] || kill -0 "${BACKGROUND[@]}"
}
