# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of causes: a container that cannot run, and what is said of it.

load bundle

# because HINT: the container cannot be run, and the one line and the log's object say why
because() {
	run ocirun --log "$BATS_TEST_TMPDIR/log" --log-format json run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_equal "${#lines[@]}" 1
	expect_part "$output" "; hint: "
	expect_part "$output" "$1"
	expect_part "$(jq -r 'select(.level == "error").hint' "$BATS_TEST_TMPDIR/log")" "$1"
	expect_equal "$(jq -c 'select(.level == "error") | [(.code | test("^E[A-Z0-9]+$")), .errno > 0] | unique' \
		"$BATS_TEST_TMPDIR/log" | sort -u)" "[true]"
	[ ! -e "$ROOT/$ID" ]
}

# program FILE TEXT...: an executable file of the root file system, which the container runs
program() {
	printf "${@:2}" >"$ROOTFS/$1"
	chmod 755 "$ROOTFS/$1"
	config --arg path "/$1" '.process.args = [$path]'
}
