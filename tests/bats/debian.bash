# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A minimal Debian, made once and kept with what ./test builds. Nobody writes to it.

DEBIAN=$BATS_TEST_DIRNAME/../../build-test/debian-bookworm

make_debian() {
	[ ! -d "$DEBIAN" ] || return 0
	mkdir -p "$(dirname "$DEBIAN")"
	rm -rf "$DEBIAN.new"
	if timeout 300 debootstrap --variant=minbase bookworm "$DEBIAN.new" \
		>"$DEBIAN.log" 2>&1 3>&- </dev/null; then
		mv "$DEBIAN.new" "$DEBIAN"
	fi
}

needs_debian() {
	[ -d "$DEBIAN" ] || skip "no Debian could be fetched: $(tail -n 1 "$DEBIAN.log")"
}
