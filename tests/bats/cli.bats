#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line of commands that need no container: help, version, options, errors and the log.

load setup

setup() {
	cd "$BATS_TEST_TMPDIR"
	ROOT=$BATS_TEST_TMPDIR/root
	mkdir "$ROOT"
}

commands=(check checkpoint create delete events exec explain features kill list pause ps restore resume run spec start state trace update)

@test "help names the program on its first two lines" {
	for arg in "" -h --help help "help --help" "help -h" "help help"; do
		run -0 "$OCIRUN" $arg
		expect_equal "${lines[0]}" "NAME:"
		expect_equal "${lines[1]}" "   ocirun - Open Container Initiative runtime"
	done
}

@test "help of each command names it on its second line" {
	for cmd in "${commands[@]}"; do
		for args in "$cmd -h" "$cmd --help" "help $cmd"; do
			run -0 "$OCIRUN" $args
			expect_equal "${lines[0]}" "NAME:"
			expect_part "${lines[1]}" "ocirun $cmd - "
		done
	done
}

# widest TEXT: of its lines, but for name, usage and examples, which are not folded
widest() {
	awk '/^[A-Z ]+:\r?$/ { is_kept = /NAME|USAGE|EXAMPLE/ }
		!is_kept { sub("\r", ""); if (length($0) > n) n = length($0) }
		END { print n }' <<<"$1"
}

@test "help is as wide as COLUMNS or the terminal, and 80 columns elsewhere" {
	local cmd columns

	for cmd in "" run exec update; do
		for columns in 40 60 120; do
			COLUMNS=$columns run -0 "$OCIRUN" $cmd --help
			[ "$(widest "$output")" -le "$columns" ]
			run -0 script -qec "stty cols $columns; env -u COLUMNS '$OCIRUN' $cmd --help" /dev/null
			[ "$(widest "$output")" -le "$columns" ]
			[ "$columns" -lt 120 ] || [ "$(widest "$output")" -gt 80 ]
		done
		run -0 env -u COLUMNS "$OCIRUN" $cmd --help
		[ "$(widest "$output")" -le 80 ]
		[ "$(widest "$output")" -gt 70 ]
	done
	# Nothing is lost on the way.
	expect_equal "$(COLUMNS=40 "$OCIRUN" run --help | tr -s ' \n' ' ')" \
		"$(COLUMNS=200 "$OCIRUN" run --help | tr -s ' \n' ' ')"
}

@test "help lists every command and every command's help has an example" {
	run -0 "$OCIRUN" --help
	for cmd in "${commands[@]}"; do
		expect_part "$output" "   $cmd "
		expect_part "$("$OCIRUN" "$cmd" --help)" "EXAMPLE:"
	done
}

@test "through a link named runc the program names itself runc" {
	ln -s "$OCIRUN" runc
	run -0 ./runc --help
	expect_equal "${lines[1]}" "   runc - Open Container Initiative runtime"
	run -0 ./runc create -h
	expect_part "${lines[1]}" "runc create - "
	[[ $output != *ocirun* ]]
	run -0 ./runc --version
	[[ ${lines[0]} =~ ^runc\ version\ [0-9]+\.[0-9]+\.[0-9]+ ]]
	run -1 --separate-stderr ./runc --nope
	expect_part "$stderr" "runc: flag provided but not defined: -nope"
}

@test "version has the lines that engines read" {
	for arg in -v --version -version; do
		run -0 "$OCIRUN" "$arg"
		[[ ${lines[0]} =~ ^ocirun\ version\ [0-9]+\.[0-9]+\.[0-9]+ ]]
		[[ ${lines[1]} =~ ^commit:\ .+ ]]
		expect_equal "${lines[2]}" "spec: 1.3.0"
		[[ ${lines[3]} =~ ^libseccomp:\ [0-9.]+$ ]]
	done
}

@test "an unknown command fails" {
	for args in "foo" "foo -h" "help foo"; do
		run -1 --separate-stderr "$OCIRUN" $args
		expect_equal "$output" ""
		expect_part "$stderr" "No help topic for 'foo'"
	done
}

@test "a wrong option fails with one line that names it and says where help is" {
	run -1 --separate-stderr "$OCIRUN" create --bundel x c1
	expect_equal "$stderr" \
		"ocirun: flag provided but not defined: -bundel; hint: see 'ocirun create --help'"
	run -1 --separate-stderr "$OCIRUN" create --pid-file
	expect_part "$stderr" "flag needs an argument: -pid-file"
	run -1 --separate-stderr "$OCIRUN" create --preserve-fds many c1
	expect_part "$stderr" 'invalid value "many" for flag -preserve-fds: expected an integer'
	run -1 --separate-stderr "$OCIRUN" list --format xml
	expect_part "$stderr" "expected table or json"
	run -1 --separate-stderr "$OCIRUN" --log-format xml list
	expect_part "$stderr" "expected text or json"
}

@test "too few and too many arguments fail" {
	for args in "create" "start" "state" "delete" "kill" "run" "checkpoint" "restore" \
		"create a b" "start a b" "state a b" "delete a b" "kill a TERM c" "run a b" \
		"list a" "features a" "spec a" "check a b"; do
		run -1 --separate-stderr "$OCIRUN" $args
		expect_part "$stderr" "arguments: "
		expect_equal "${#stderr_lines[@]}" 1
	done
}

@test "behind the id of run nothing is an option" {
	run -1 --separate-stderr "$OCIRUN" run c1 --detach
	expect_part "$stderr" "too many arguments: 2"
}

@test "a terminal needs somebody who takes it, and a console socket a terminal" {
	mkdir rootfs
	"$OCIRUN" spec
	run -1 --separate-stderr "$OCIRUN" --root "$ROOT" create c1
	expect_part "$stderr" "cannot allocate tty if runc will detach without setting console socket"
	run -1 --separate-stderr "$OCIRUN" --root "$ROOT" run --console-socket s c1
	expect_part "$stderr" "cannot use console socket if runc will not detach or allocate tty"
}

@test "a descriptor to preserve that is not open fails" {
	run -1 --separate-stderr "$OCIRUN" --root "$ROOT" create --preserve-fds 100 c1
	expect_part "$stderr" "preserve descriptor "
	expect_part "$stderr" "Bad file descriptor"
}

@test "an unknown signal fails" {
	run -1 --separate-stderr "$OCIRUN" --root "$ROOT" kill c1 FOO
	expect_equal "$stderr" 'ocirun: unknown signal "FOO"'
}

@test "the options that are accepted only take their value" {
	run -0 "$OCIRUN" --rootless auto --criu /x/criu --root "$ROOT" list -q
	expect_equal "$output" ""
}

@test "a failed command puts one object into a json log and one line on stderr" {
	run -1 --separate-stderr "$OCIRUN" --log log --log-format json spec --bundle /nonexistent
	expect_equal "${#stderr_lines[@]}" 1
	expect_equal "$(wc -l <log)" 1
	expect_equal "$(jq -r .level log)" error
	expect_equal "$(jq -r .code log) $(jq -r .errno log)" "ENOENT 2"
	expect_equal "ocirun: $(jq -r .msg log)" "$stderr"
	[[ $(jq -r .time log) =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$ ]]
}

@test "the log is appended to and private to its owner and group" {
	umask 0
	run -1 "$OCIRUN" --log log --log-format json foo
	run -1 "$OCIRUN" --log log --log-format json bar
	expect_equal "$(jq -r .level log | wc -l)" 2
	expect_equal "$(stat -c %a log)" 640
}

@test "a hint is a key of its own in a json log" {
	run -1 "$OCIRUN" --log log --log-format json create --nope
	expect_equal "$(jq -r .hint log)" "see 'ocirun create --help'"
}

@test "a text log has the form of logrus" {
	run -1 --separate-stderr "$OCIRUN" --log log kill c1 'F"O'
	[[ $(cat log) =~ ^time=\"[0-9TZ:-]+\"\ level=error\ msg=\".*\"$ ]]
	expect_part "$(cat log)" 'unknown signal \"F\"O\"'
	expect_equal "$stderr" 'ocirun: unknown signal "F"O"'
}

@test "a json log to stderr has nothing beside it" {
	run -1 --separate-stderr "$OCIRUN" --log-format json kill c1 FOO
	expect_equal "${#stderr_lines[@]}" 1
	expect_equal "$(jq -r .msg <<<"$stderr")" 'unknown signal "FOO"'
}

@test "bytes that are no UTF-8 and control characters stay one line of valid json" {
	run -1 --separate-stderr "$OCIRUN" --log log --log-format json kill c1 $'a\xff\n\e[31mb'
	expect_equal "$(wc -l <log)" 1
	expect_equal "$(jq -r .msg log | tr -d '\n')" $'unknown signal "a\xef\xbf\xbd\e[31mb"'
	expect_equal "$stderr" $'ocirun: unknown signal "a\xff\\n\\x1b[31mb"'
}

@test "--debug adds lines, to the log file only when there is one" {
	run -0 --separate-stderr "$OCIRUN" --debug --root "$ROOT" list
	expect_part "$stderr" "level=debug msg=\"ocirun list: state root $ROOT\""
	run -0 --separate-stderr "$OCIRUN" --debug --log log --root "$ROOT" list
	expect_equal "$stderr" ""
	expect_part "$(cat log)" "level=debug"
	run -0 --separate-stderr "$OCIRUN" --root "$ROOT" list
	expect_equal "$stderr" ""
}

@test "a log file that cannot be opened fails" {
	run -1 --separate-stderr "$OCIRUN" --log /nonexistent/log list
	expect_part "$stderr" "open log file '/nonexistent/log': No such file or directory"
}

@test "the state root of root does not depend on the environment" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	for env in "XDG_RUNTIME_DIR=" "XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR" "HOME=/x"; do
		run --separate-stderr env -i "$env" "$OCIRUN" --debug kill c1 FOO
		expect_part "$stderr" "state root /run/ocirun\""
	done
}

@test "the state root of others is in their runtime directory" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to become somebody else"
	local copy # somebody else may not reach the build directory
	copy=$(mktemp /tmp/ocirun.XXXXXX)
	install -m 755 "$OCIRUN" "$copy"
	as() {
		unshare --mount sh -c "mount -t tmpfs none /run; $1"'
			exec setpriv --reuid 1234 --clear-groups env -i "$@" --debug kill c1 FOO' - "${@:2}" "$copy"
	}
	run as : XDG_RUNTIME_DIR=/x
	expect_part "$output" "state root /x/ocirun\""
	for given in "" relative; do
		run as 'mkdir -p /run/user/1234; chown 1234 /run/user/1234' "XDG_RUNTIME_DIR=$given"
		expect_part "$output" "state root /run/user/1234/ocirun\""
		run as 'mkdir -p /run/user/1234' "XDG_RUNTIME_DIR=$given" # somebody else's
		expect_part "$output" "state root /tmp/ocirun-1234\""
		run as : "XDG_RUNTIME_DIR=$given"
		expect_part "$output" "state root /tmp/ocirun-1234\""
	done
	rm "$copy"
}

@test "a relative state root is made absolute, an empty one is as good as none" {
	run "$OCIRUN" --root some/where --debug kill c1 FOO
	expect_part "$output" "state root $PWD/some/where\""
	run env -u XDG_RUNTIME_DIR "$OCIRUN" --root '' --debug kill c1 FOO
	expect_part "$output" "state root /run/"
}

@test "list prints the head of a table, null, or nothing without containers" {
	run -0 "$OCIRUN" --root "$ROOT" list
	expect_equal "$output" "ID          PID         STATUS      BUNDLE      CREATED     OWNER"
	run -0 "$OCIRUN" --root "$ROOT" list --format json
	expect_equal "$output" null
	run -0 "$OCIRUN" --root "$ROOT" list -q -f json
	expect_equal "$output" ""
}

@test "list of a state root that was named and is not there fails" {
	run -1 --separate-stderr "$OCIRUN" --root /nonexistent list
	expect_equal "$stderr" "ocirun: state root '/nonexistent': No such file or directory"
}

@test "output that cannot be written fails" {
	run -1 --separate-stderr bash -c '"$OCIRUN" --root "$1" list >/dev/full' - "$ROOT"
	expect_part "$stderr" "No space left on device"
}

@test "spec writes a config.json once" {
	run -0 "$OCIRUN" spec
	expect_equal "$(jq -r .ociVersion config.json)" 1.3.0
	cp config.json before
	run -1 --separate-stderr "$OCIRUN" spec
	expect_equal "$stderr" "ocirun: File config.json exists. Remove it first"
	cmp config.json before
}

@test "spec writes into --bundle, also for the caller without privileges" {
	mkdir b r
	run -0 "$OCIRUN" spec --bundle b
	run -0 "$OCIRUN" spec -b r --rootless
	expect_equal "$(jq '[.linux.namespaces[].type] | index("user")' b/config.json)" null
	expect_equal "$(jq '.linux.uidMappings[0].hostID' r/config.json)" "$(id -u)"
}

@test "features has both versions and the lists that engines look for" {
	"$OCIRUN" features >f
	expect_equal "$(jq -r '.ociVersionMin + " " + .ociVersionMax' f)" "1.0.0 1.3.0"
	expect_equal "$(jq -c .hooks f)" \
		'["prestart","createRuntime","createContainer","startContainer","poststart","poststop"]'
	expect_equal "$(jq -c .linux.namespaces f)" \
		'["cgroup","ipc","mount","network","pid","time","user","uts"]'
	expect_equal "$(jq '.mountOptions | index("rro") != null' f)" true
	expect_equal "$(jq .linux.mountExtensions.idmap.enabled f)" true
	expect_equal "$(jq '.linux.seccomp.operators | length' f)" 7
	expect_equal "$(jq '.linux.seccomp.actions | length' f)" 9
	expect_equal "$(jq '.linux.seccomp.archs | index("SCMP_ARCH_X86_64") != null' f)" true
	expect_equal "$(jq '.linux.seccomp | (.supportedFlags - .knownFlags) | length' f)" 0
	expect_equal "$(jq '.linux.capabilities | index("CAP_SYS_ADMIN")' f)" 21
	expect_equal "$(jq -r '.annotations["org.opencontainers.ocirun.version"]' f)" \
		"$("$OCIRUN" --version | sed -n '1s/.* //p')"
}

@test "closed standard descriptors do no harm" {
	"$OCIRUN" --root "$ROOT" --log log --debug list <&- >&- 2>&-
	expect_part "$(cat log)" "level=debug"
	expect_equal "$(grep -c ^ID log)" 0
}
