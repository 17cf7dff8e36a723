#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The documentation is true: commands of a page are run as they are written, and print what is shown.
#
# In a page, ```sh is run, in order and by one shell, and a ```text behind it is what it prints, but
# for numbers and blanks; a line "..." stands for any lines. Without one nothing is printed. Of
# ```text example it matters only that something is printed; ```console is not run: it changes the host.

load setup

DOCS=$BATS_TEST_DIRNAME/../../docs

setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	mkdir -m 700 "$BATS_TEST_TMPDIR/state"
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/blocks"
	# Containers of the pages are in nobody's way.
	cat >"$BATS_TEST_TMPDIR/bin/ocirun" <<-END
		#!/bin/sh
		exec "$OCIRUN" --root "$BATS_TEST_TMPDIR/state" "\$@"
	END
	# For a page's user without privileges too.
	chmod 755 "$BATS_TEST_TMPDIR/bin/ocirun"
}

teardown() {
	local id

	for id in $("$OCIRUN" --root "$BATS_TEST_TMPDIR/state" list -q); do
		"$OCIRUN" --root "$BATS_TEST_TMPDIR/state" delete --force "$id"
	done
	# The example of the library has the usual state root.
	[ "$("$OCIRUN" state mine 2>/dev/null | jq -r .bundle)" != /home/me/hello ] ||
		"$OCIRUN" delete --force mine
}

# blocks PAGE: its commands and outputs, as NAME-NN.sh and NAME-NN.text
blocks() {
	awk -v name="$BATS_TEST_TMPDIR/blocks/$(basename "$1" .md)" '
		/^```/ {
			if ($0 == "```sh") file = sprintf("%s-%02d.sh", name, ++n)
			else if ($0 == "```text") file = sprintf("%s-%02d.text", name, n)
			else file = ""
			if ($0 == "```text example") print "..." >sprintf("%s-%02d.text", name, n)
			next
		}
		file { print >file }' "$1"
}

# What of a line counts.
plain() {
	sed -E 's/[0-9]+/0/g; s/[[:blank:]]+/ /g; s/ $//' "$1" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

# compare WANTED GOT: says which line is not there
compare() {
	[ -e "$1" ] || : >"$1"
	awk 'NR == FNR && FILENAME == ARGV[1] { got[++n] = $0; next }
		$0 == "..." { any = 1; next }
		{
			while (any && i < n && got[i + 1] != $0)
				i++
			if (got[++i] != $0) {
				printf "wanted: %s\ngot:    %s\n", $0, got[i]
				exit failed = 1
			}
			any = 0
		}
		END {
			if (n == 0 && any) {
				print "nothing was printed"
				exit 1
			}
			if (!failed && !any && i < n) {
				printf "not in the page: %s\n", got[i + 1]
				exit 1
			}
		}' <(plain "$2") <(plain "$1")
}

# follow DIRECTORY PAGE...: runs the pages' blocks there, and compares
follow() {
	local block

	for page in "${@:2}"; do
		blocks "$DOCS/$page.md"
	done
	# /home/me is the test's own.
	# shellcheck disable=SC2016 # the inner shell's
	PATH=$BATS_TEST_TMPDIR/bin:$PATH LANG=C.UTF-8 COLUMNS=80 BLOCKS=$BATS_TEST_TMPDIR/blocks \
		timeout -k 10 240 unshare --mount --propagation private bash -c '
		mount -t tmpfs -o mode=755 home /home && mkdir /home/me && cd "$1" || exit
		shift
		for page; do
			for block in "$BLOCKS/$page"-*.sh; do
				. "$block" >"${block%.sh}.got" 2>&1 </dev/null 3>&-
			done
		done' - "$@" 3>&-
	for block in "$BATS_TEST_TMPDIR"/blocks/"${*: -1}"-*.sh; do
		compare "${block%.sh}.text" "${block%.sh}.got" || {
			cat "$block" "${block%.sh}.got"
			return 1
		}
	done
}

@test "the quick start" {
	follow /home/me quick-start
}

@test "the tour along the bundles" {
	follow "$DOCS/.." tour
}

@test "the page of what explains itself, with the bundle of the quick start" {
	follow /home/me quick-start explain
}

@test "the page of the library, with what is installed" {
	local build

	build=$(realpath "$(dirname "$OCIRUN")/../..")
	[ -e "$build/cmake_install.cmake" ] || skip "$OCIRUN is in no build directory"
	! is_sanitized || skip "a program of one's own has no sanitizer"
	DESTDIR=$BATS_TEST_TMPDIR/dest cmake --install "$build" --prefix /usr >/dev/null
	DOC=$BATS_TEST_TMPDIR/dest/usr/share/doc/ocirun
	PKG_CONFIG_PATH=$(dirname "$(find "$BATS_TEST_TMPDIR/dest" -name ocirun.pc)")
	export DOC PKG_CONFIG_PATH
	follow /home/me quick-start library
}

@test "the page of annotations has those that features warns of, and those that the plan knows" {
	local key page=$DOCS/annotations.md

	for key in $("$OCIRUN" features | jq -r '.potentiallyUnsafeConfigAnnotations[]') \
		$(sed -n 's/^#define ANNOTATION_[A-Z_]* "\(.*\)"/\1/p' "$DOCS/../runtime/plan/annotation.h"); do
		grep -qF "\`$key" "$page"
	done
	# Where obeyed ones are listed there are no others.
	sed '/^No others/q' "$page" | grep -o '^| `[^`]*' | tr -d '|` ' >"$BATS_TEST_TMPDIR/obeyed"
	expect_equal "$(wc -l <"$BATS_TEST_TMPDIR/obeyed")" "$((2 + $(grep -c '^#define ANNOTATION_' \
		"$DOCS/../runtime/plan/annotation.h")))"
}

@test "links between pages and pictures lead somewhere" {
	local page link missing=

	for page in "$DOCS"/*.md "$DOCS"/../*.md; do
		for link in $(grep -oE '\]\([^)#:]+[)#]' "$page" | tr -d '])(#'); do
			[ -e "$(dirname "$page")/$link" ] || missing+=" $(basename "$page"):$link"
		done
	done
	expect_equal "$missing" ''
}

@test "each command's help has an example, and the pages' commands exist" {
	local name commands

	commands=$("$OCIRUN" --help | sed -n '/^COMMANDS:/,/^$/s/^   \([a-z]*\) .*/\1/p' | grep -vx help)
	for name in $commands; do
		"$OCIRUN" "$name" --help | sed -n '/^EXAMPLE:/,/^$/p' | grep -q "ocirun $name"
	done
	for name in $(sed -n '/^```sh$/,/^```$/s/^ocirun \([a-z]\+\).*/\1/p' "$DOCS"/*.md "$DOCS"/../README.md); do
		grep -qx "$name" <<<"$commands"
	done
}

# named_tests PAGE: lines "file test", of which each "`file` "test"" of the page, and each further "test"
# behind it, is one
named_tests() {
	grep '^|' "$1" | awk -F'`' '{
		for (i = 3; i <= NF; i += 2) {
			n = split($i, part, "\"")
			for (k = 2; k < n; k += 2) print $(i - 1), part[k]
		}
	}'
}

@test "each test that the matrix of users' containers names is there" {
	local file name n=0

	while read -r file name; do
		grep -qF "@test \"$name\" {" "$BATS_TEST_DIRNAME/$file.bats" || {
			echo "no test '$name' in $file.bats"
			return 1
		}
		n=$((n + 1))
	done < <(named_tests "$DOCS/rootless.md")
	[ "$n" -gt 40 ]
}
