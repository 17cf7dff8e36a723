#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is installed beside the program: manual pages, completions, the library, and Debian packages.

load setup
load debian

setup_file() {
	export BUILD DEST=$BATS_FILE_TMPDIR/dest
	BUILD=$(realpath "$(dirname "$OCIRUN")/../..")
	[ ! -e "$BUILD/cmake_install.cmake" ] || DESTDIR=$DEST cmake --install "$BUILD" --prefix /usr
	make_debian
}

setup() {
	[ -d "$DEST" ] || skip "$OCIRUN is in no build directory"
	cd "$BATS_TEST_TMPDIR"
	SHARE=$DEST/usr/share
	LIBRARY=$(find "$DEST/usr/lib" -name libocirun.a)
}

# commands: the names of all commands, from the help
commands() {
	"$OCIRUN" --help | sed -n '/^COMMANDS:/,/^$/s/^   \([a-z]*\) .*/\1/p' | grep -vx help
}

@test "each command has a manual page, and that of the program names them all" {
	local name

	for name in $(commands); do
		[ -s "$SHARE/man/man8/ocirun-$name.8" ]
		mandoc -T utf8 "$SHARE/man/man8/ocirun.8" | col -b | grep -q "ocirun-$name(8)"
	done
	[ "$(commands | wc -w)" -gt 10 ]
}

@test "the manual pages are right, and read as the help does" {
	run -0 mandoc -T lint -W warning "$SHARE"/man/man8/*.8
	expect_equal "$output" ""
	run -0 bash -c "mandoc -T utf8 '$SHARE/man/man8/ocirun-run.8' | col -bx"
	expect_part "$output" '--console-socket SOCKET'
	expect_part "$output" 'ocirun run --bundle hello c1'
	[[ $output != *'$0'* ]]
}

# bash_offers WORD...: what bash offers for the last word
bash_offers() {
	# shellcheck disable=SC2016 # the inner shell's
	PATH=$PWD/bin:$DEST/usr/bin:$PATH bash -euc '
		. "$0"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_ocirun
		printf "%s\n" "${COMPREPLY[@]}" | sort
	' "$SHARE/bash-completion/completions/ocirun" ocirun "$@"
}

@test "the manual says what podman has to be told, and what the environment means" {
	run -0 bash -c "mandoc -T utf8 '$SHARE/man/man8/ocirun.8' | col -bx"
	expect_part "$output" 'runtime_supports_json = ["crun", "runc", "ocirun"]'
	expect_part "$output" 'ocirun = ["/usr/local/bin/ocirun"]'
	expect_part "$output" NOTIFY_SOCKET
}

@test "bash completes commands, options, values and files" {
	expect_equal "$(bash_offers sta)" $'start\nstate'
	expect_equal "$(bash_offers run --no)" $'--no-new-keyring\n--no-pivot\n--no-subreaper'
	expect_equal "$(bash_offers --cgroup-manager s)" systemd
	expect_equal "$(bash_offers --log-format json list --f)" --format
	mkdir bundle
	touch book
	expect_equal "$(bash_offers run --bundle b)" bundle
	expect_equal "$(bash_offers --root /nowhere/start li)" list
}

@test "bash takes an option and its value for one word, too" {
	expect_equal "$(bash_offers --cgroup-manager = s)" systemd
	expect_equal "$(bash_offers --log-format = | paste -sd ' ')" 'json text'
	expect_equal "$(bash_offers --root = /nowhere/start li)" list
}

# has_containers: instead of the program, one that knows containers of the state root /its/root
has_containers() {
	mkdir bin
	cat >bin/ocirun <<-'END'
		#!/bin/sh
		[ "$*" = '--root /its/root list --quiet' ] && printf '%s\n' web-1 web-2 other
	END
	chmod +x bin/ocirun
}

@test "containers are completed, those of the state root that was typed" {
	has_containers
	expect_equal "$(bash_offers --root /its/root state web)" $'web-1\nweb-2'
	expect_equal "$(bash_offers --root = /its/root kill oth)" other
	expect_equal "$(bash_offers state w)" ''
	expect_equal "$(fish_offers 'ocirun --root /its/root state web')" $'web-1\nweb-2'
	expect_equal "$(fish_offers 'ocirun --root=/its/root exec --tty oth')" other
	expect_equal "$(fish_offers 'ocirun state w')" ''
	expect_equal "$(zsh_completes 'ocirun --root /its/root state oth')" '<ocirun --root /its/root state other >'
	rm line ready
	expect_equal "$(zsh_completes 'ocirun --root=/its/root exec --tty oth')" \
		'<ocirun --root=/its/root exec --tty other >'
}

fish_offers() {
	PATH=$PWD/bin:$DEST/usr/bin:$PATH HOME=$PWD fish --no-config -c "
		source '$SHARE/fish/vendor_completions.d/ocirun.fish'
		complete -C '$1'" | cut -f 1
}

@test "fish completes commands, options and values" {
	expect_equal "$(fish_offers 'ocirun sta')" $'start\nstate'
	expect_equal "$(fish_offers 'ocirun --cgroup-manager s')" systemd
	expect_equal "$(fish_offers 'ocirun run --no-p')" --no-pivot
}

# zsh_completes LINE: what zsh makes of the line at a press of the tab key
zsh_completes() {
	# shellcheck disable=SC2016 # zsh's own words
	PATH=$PWD/bin:$DEST/usr/bin:$PATH HOME=$PWD timeout 30 zsh -fc '
		zmodload zsh/zpty
		zpty shell zsh -f -i
		zpty -w shell "
			PS1=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D
			show() { zle complete-word; print -r -- \"<\$BUFFER>\" >$PWD/line; }
			zle -N show; bindkey \"^I\" show; : >$PWD/ready"
		until [[ -e ready ]]; do sleep 0.1; done
		zpty -w -n shell "$2"$'"'\\t'"'
		until [[ -s line ]]; do sleep 0.1; done
		zpty -d shell
		cat line
	' _ "$SHARE/zsh/vendor-completions" "$1"
}

@test "zsh completes commands, options and values" {
	expect_equal "$(zsh_completes 'ocirun stat')" '<ocirun state >'
	rm line ready
	expect_equal "$(zsh_completes 'ocirun --cgroup-manager sys')" '<ocirun --cgroup-manager systemd >'
	rm line ready
	expect_equal "$(zsh_completes 'ocirun run --no-p')" '<ocirun run --no-pivot >'
}

@test "the example program, built as its first lines say, runs a container with the library" {
	local flags sanitize=

	! is_sanitized || sanitize='-fsanitize=address,undefined'
	PKG_CONFIG_PATH=$(dirname "$(find "$DEST/usr/lib" -name ocirun.pc)")
	export PKG_CONFIG_PATH
	flags=$(pkg-config --cflags --libs ocirun)
	# shellcheck disable=SC2086 # lists of flags
	cc -Wall -Wextra -Werror $sanitize -o run "$SHARE/doc/ocirun/docs/examples/run.c" $flags

	mkdir bundle
	"$BATS_TEST_DIRNAME/../../bundles/make-rootfs" bundle/rootfs
	"$OCIRUN" spec --bundle bundle
	jq '.process.terminal = false | .process.args = ["sh", "-c", "echo in $(hostname); exit 7"]' \
		bundle/config.json >config.json
	mv config.json bundle
	run -0 ./run bundle "bats-library-$$"
	expect_part "$output" 'in ocirun'
	expect_part "$output" 'ended with status 7'
	[ ! -e "/run/ocirun/bats-library-$$" ]

	jq '.process.cwd = "nowhere"' bundle/config.json >config.json
	mv config.json bundle
	run -1 ./run bundle "bats-library-$$"
	expect_part "$output" '/process/cwd of config.json'
}

@test "the documentation is installed, and its links lead somewhere" {
	local doc=$SHARE/doc/ocirun page link missing=

	for page in "$BATS_TEST_DIRNAME"/../../docs/*.md; do
		cmp "$page" "$doc/docs/$(basename "$page")"
	done
	for page in "$doc"/*.md "$doc"/*/*.md; do
		for link in $(grep -oE '\]\([^)#:]+[)#]' "$page" | tr -d '])(#'); do
			[ -e "$(dirname "$page")/$link" ] || missing+=" ${page#"$doc"/}:$link"
		done
	done
	expect_equal "$missing" ""
}

@test "the bundles of the tour run where they are installed" {
	local doc=$SHARE/doc/ocirun

	expect_equal "$(cd "$doc" && find . -name rootfs -o -name .gitignore)" ""
	PATH=$DEST/usr/bin:$PATH run -0 env -u OCIRUN "$doc/bundles/run" 2-uts
	expect_part "$output" "ok   own namespaces: uts"
}

@test "each header of the library is named, and each of its functions described" {
	local header

	for header in "$DEST"/usr/include/ocirun/*.h; do
		[ "${header##*/}" = ocirun.h ] || grep -q "^ \*.*\b${header##*/}" "$DEST/usr/include/ocirun/ocirun.h" || {
			echo "ocirun.h does not say what ${header##*/} is for"
			return 1
		}
		[ "${header##*/}" = ocirun.h ] || grep -q "^|.*\`${header##*/}\`" "$BATS_TEST_DIRNAME/../../docs/library.md"
		# A comment, or another one of what the comment is about, stands above.
		run -0 awk '/^(#|static|typedef|DEFINE_AUTO|struct [a-z_]*;$)/ { before = $0; next }
			/^[a-z].*[a-z_]+\(/ && before !~ /\*\/$|;$|; \/\*/ { print FILENAME ": " $0 }
			{ before = $0 }' "$header"
		expect_equal "$output" ""
	done
}

@test "a program that has read the page of the library gives a container other limits" {
	! is_sanitized || skip "a program of one's own has no sanitizer"
	PKG_CONFIG_PATH=$(dirname "$(find "$DEST/usr/lib" -name ocirun.pc)")
	export PKG_CONFIG_PATH
	{
		printf '#include <%s>\n' ocirun/ocirun.h stdio.h string.h
		sed -n '/^static int limit/,/^}/p' "$BATS_TEST_DIRNAME/../../docs/library.md"
		cat <<-'END'
			int main(int argc, char **argv)
			{
				const struct ops_context ctx = { .root = argv[1] };
				struct err err = { 0 };

				if (argc == 4 && limit(&ctx, argv[2], argv[3], &err) == 0)
					return 0;
				puts(err.text);
				return 1;
			}
		END
	} >limit.c
	# shellcheck disable=SC2046 # a list of flags
	cc -Wall -Wextra -Werror -o limit limit.c $(pkg-config --cflags --libs ocirun)
	run -1 ./limit "$PWD/state" "nobody" '{"pids": {"limit": 7}}'
	expect_equal "$output" 'container does not exist: "nobody"'
	run -1 ./limit "$PWD/state" "nobody" '{"pids": {"limit": "x"}}'
	expect_part "$output" "/pids/limit is"
}

@test "the library has no global names but those of its headers" {
	local name

	for name in $(nm -g --defined-only "$LIBRARY" | awk 'NF == 3 { print $3 }'); do
		grep -qw "$name" "$DEST"/usr/include/ocirun/*.h || {
			echo "$name is in no header"
			return 1
		}
	done
	nm -g --defined-only "$LIBRARY" | grep -qw op_create
}

@test "the Debian package installs on a bare Debian, and runs a container there" {
	! is_sanitized || skip "nobody packages a build with sanitizers"
	needs_debian
	(cd "$BUILD" && cpack -B "$BATS_TEST_TMPDIR/packages" >"$BATS_TEST_TMPDIR/cpack.log")
	mkdir upper work root
	# shellcheck disable=SC2016 # the inner shell's
	run -0 unshare --mount --propagation private bash -euc '
		mount -t overlay -o "lowerdir=$1,upperdir=upper,workdir=work" overlay root
		cp packages/ocirun_*.deb root/tmp/ocirun.deb
		mount --rbind /proc root/proc
		mount --rbind /sys root/sys
		mount --rbind /dev root/dev
		chroot root dpkg -i /tmp/ocirun.deb
		chroot root dpkg --verify ocirun
		for file in doc/ocirun/docs/quick-start.md doc/ocirun/docs/img/explain.svg man/man8/ocirun.8 \
			bash-completion/completions/ocirun; do
			chroot root dpkg -L ocirun | grep "^/usr/share/$file"
		done
		chroot root sh -euc "
			mkdir /tmp/bundle && cd /tmp/bundle
			ocirun spec
			sed -i \"s|\\\"rootfs\\\"|\\\"/\\\"|; s|\\\"terminal\\\": true|\\\"terminal\\\": false|
				s|\\\"sh\\\"|\\\"sh\\\", \\\"-c\\\", \\\"echo pid \\\$\\\$ of \\\$(hostname)\\\"|\" config.json
			ocirun check
			ocirun --root /tmp/state run bats-package-$2"
		chroot root dpkg -r ocirun
		[ ! -e root/usr/bin/ocirun ]
	' _ "$(realpath "$DEBIAN")" "$$"
	expect_part "$output" 'pid 1 of ocirun'
}
