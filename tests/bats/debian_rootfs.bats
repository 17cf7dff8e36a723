#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A whole distribution as root file system, where bundles of a static busybox need nothing: a dynamic
# linker, symbolic links in the place of /bin and /lib, users, devices that programs expect.

load setup
load debian

setup_file() {
	make_debian
}

setup() {
	needs_debian
	cd "$BATS_TEST_TMPDIR"
	"$OCIRUN" spec
	config '.process.terminal = false | .root = {path: $root, readonly: true} |
		.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}]' \
		--arg root "$(realpath "$DEBIAN")"
}

config() {
	jq "$1" config.json "${@:2}" >changed
	mv changed config.json
}

# in_debian COMMAND...: prints what it prints
in_debian() {
	config '.process.args = $ARGS.positional' --args -- "$@"
	timeout 60 "$OCIRUN" --root "$BATS_TEST_TMPDIR/state" run "ocirun-debian-$$-$BATS_TEST_NUMBER" </dev/null
}

@test "bash runs as the first process" {
	run -0 in_debian bash -c 'echo "$BASH_VERSION $$"'
	[[ $output == 5.*" 1" ]]
}

@test "bash has pipes, here-documents, background jobs and process substitution" {
	run -0 in_debian bash -euc 'cat <<<one; sleep 0.1 & wait $!; cat < <(echo two) | tac'
	expect_equal "$output" $'one\ntwo'
}

@test "apt-get tells its version" {
	run -0 in_debian apt-get --version
	[[ ${lines[0]} =~ ^apt\ [0-9.]+ ]]
}

@test "dpkg finds itself installed" {
	run -0 in_debian dpkg-query -W -f '${db:Status-Status}' dpkg
	expect_equal "$output" installed
}

@test "ls -l / shows the root of the distribution" {
	run -0 in_debian ls -l /
	expect_part "$output" 'bin -> usr/bin'
	for name in boot dev etc home opt proc root run sbin srv sys tmp usr var; do
		expect_part "$output" " $name"
	done
}

@test "id knows the names of the users" {
	run -0 in_debian id
	expect_equal "$output" "uid=0(root) gid=0(root) groups=0(root)"
	config '.process.user = {uid: 33, gid: 33, additionalGids: [4]}'
	run -0 in_debian id
	expect_equal "$output" "uid=33(www-data) gid=33(www-data) groups=33(www-data),4(adm)"
}

@test "HOME is that of the user in the distribution's passwd" {
	config '.process.user = {uid: 33, gid: 33}'
	run -0 in_debian bash -c 'echo "$HOME"'
	expect_equal "$output" /var/www
}

@test "perl computes, forks and reads devices" {
	run -0 in_debian perl -e '
		open my $random, "<", "/dev/urandom" or die $!;
		read($random, my $bytes, 8) == 8 or die $!;
		my $pid = fork // die $!;
		exit 3 unless $pid;
		waitpid $pid, 0;
		printf "%d %d\n", $? >> 8, 6 * 7;'
	expect_equal "$output" "3 42"
}
