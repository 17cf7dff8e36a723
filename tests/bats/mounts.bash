# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of mounts: words for config.json, and for what a container sees.

load bundle

# make_source: the directory $SOURCE
make_source() {
	SOURCE=$BATS_TEST_TMPDIR/source
	mkdir "$SOURCE"
	export SOURCE
}

# mounts JSON: adds entries to those of every container
mounts() {
	config --argjson list "$1" '.mounts += $list'
}

# bind DESTINATION OPTION...: adds $SOURCE
bind() {
	config --arg source "$SOURCE" '.mounts += [{ destination: $ARGS.positional[0], source: $source,
		type: "bind", options: $ARGS.positional[1:] }]' --args "$@"
}

# prints, in a container, the flags of the mount at that place, or its type, or those of the filesystem
look='flags() { awk -v m="$1" "\$5 == m { print \$6 }" /proc/self/mountinfo; }
fs() { awk -v m="$1" "\$5 == m { sub(/.* - /, \"\"); print \$1 }" /proc/self/mountinfo; }
sb() { awk -v m="$1" "\$5 == m { sub(/.* - /, \"\"); print \$3 }" /proc/self/mountinfo; }
'

# the decoy's content, owners, modes and times, and what is mounted in it
decoy_state() {
	find "$DECOY" -printf '%P %y %m %U:%G %s %T@ %C@\n' | sort
	find "$DECOY" -type f -exec md5sum {} + | sort
	grep "$DECOY" /proc/self/mountinfo || true
}
