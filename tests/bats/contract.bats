#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line that callers of an OCI runtime rely on: each option of each command, in every
# spelling, as the contract's table has them; and what only a caller's parser notices.

load bundle
load socket

CONTRACT=$BATS_TEST_DIRNAME/../../../shared/cli-contract.md

setup() {
	make_rootfs_once
	make_bundle
}

# Most tests here need none.
make_rootfs_once() {
	[ -d "$BATS_FILE_TMPDIR/rootfs" ] || make_rootfs
}

teardown() {
	remove_containers
}

needs_contract() {
	[ -f "$CONTRACT" ] || skip 'the contract is not at hand'
}

# options_of COMMAND: its options in the contract, a line each: "--bundle b", "--config", ...
options_of() {
	local row

	row=$(sed -n "/^## Commands/,/^## Output/s/^| *[a-z, ]*\<$1\>[a-z, ]* | //p" "$CONTRACT")
	[ -n "$row" ]
	case $1 in
	run) options_of create ;;
	restore) options_of checkpoint ;;
	esac
	sed 's/--kernel-memory\[-tcp\]/--kernel-memory --kernel-memory-tcp/' <<<"$row" |
		grep -oE -- '--[a-z0-9-]+(/-[a-z])?' | sed 's,/-, ,'
}

# value_of COMMAND OPTION: a value that it takes; fails for one that needs none
value_of() {
	case $1$2 in
	global--root | global--log) echo "$BATS_TEST_TMPDIR/x" ;;
	global--log-format | list--format | ps--format) echo json ;;
	global--cgroup-manager) echo disabled ;;
	global--rootless) echo auto ;;
	spec--rootless) return 1 ;;
	global--criu | *--bundle | *--config | *--console-socket | *--pidfd-socket | *--pid-file) echo x ;;
	*--preserve-fds | *--status-fd | update--*-*shares | update--*weight) echo 1 ;;
	exec--cwd | exec--process | exec--process-label | exec--apparmor | exec--user) echo x ;;
	exec--additional-gids) echo 7 ;;
	exec--env) echo A=B ;;
	exec--cap) echo CAP_KILL ;;
	exec--cgroup) echo cpu:x ;;
	events--interval) echo 1s ;;
	*--l3-cache-schema | *--mem-bw-schema | *--cpuset-* | *--resources) echo 0 ;;
	update--*) echo 1 ;;
	*--image-path | *--work-path | *--parent-path | *--lsm-*) echo x ;;
	*--page-server) echo 127.0.0.1:7 ;;
	*--manage-cgroups-mode) echo soft ;;
	*--empty-ns) echo network ;;
	*) return 1 ;;
	esac
}

# takes COMMAND WORD...: these are options of the command, with their values; --help ends it all
takes() {
	local command=(${1#global})

	"$OCIRUN" "${command[@]}" "${@:2}" --help >"$BATS_TEST_TMPDIR/help" 2>&1 && return
	echo "$*: $(cat "$BATS_TEST_TMPDIR/help")"
	return 1
}

# takes_option COMMAND --OPTION [LETTER]: in every spelling, with a value where it has one
takes_option() {
	local name=${2#--} value word

	if value=$(value_of "$1" "$2"); then
		for word in "--$name" "-$name" ${3:+"-$3" "--$3"}; do
			takes "$1" "$word" "$value"
			takes "$1" "$word=$value"
			run "$OCIRUN" ${1#global} "$word"
			expect_status 1
			word=${word#-}
			expect_part "$output" "flag needs an argument: -${word#-}"
		done
		# Callers repeat themselves.
		takes "$1" "--$name" "$value" "--$name" "$value"
		return
	fi
	for word in "--$name" "-$name" ${3:+"-$3"}; do
		takes "$1" "$word"
		takes "$1" "$word=true"
		takes "$1" "$word=false"
		[ "$name" != version ] || continue
		run "$OCIRUN" ${1#global} "$word=x"
		expect_status 1
		expect_part "$output" "expected true or false"
	done
	takes "$1" "--$name" "--$name"
}

# takes_all COMMAND AT_LEAST: each option of the contract, which its help names too; so many there are
takes_all() {
	local options option letter n=0

	needs_contract
	options=$(options_of "$1")
	while read -r option letter; do
		case $1$option in
		global--version | global--help) ;;
		*) takes_option "$1" "$option" "$letter" ;;
		esac
		"$OCIRUN" ${1#global} --help >"$BATS_TEST_TMPDIR/help"
		grep -q -e "^   $option[ ,]" -e "^   $option\$" "$BATS_TEST_TMPDIR/help" || {
			echo "$1 --help: no $option"
			return 1
		}
		n=$((n + 1))
	done <<<"$options"
	((n >= $2))
}

@test "options of the program" { takes_all global 8; }
@test "options of create" { takes_all create 8; }
@test "options of run" { takes_all run 11; }
@test "options of exec" { takes_all exec 17; }
@test "options of kill" { takes_all kill 1; }
@test "options of delete" { takes_all delete 1; }
@test "options of list" { takes_all list 2; }
@test "options of ps" { takes_all ps 1; }
@test "options of events" { takes_all events 2; }
@test "options of update" { takes_all update 18; }
@test "options of spec" { takes_all spec 2; }
@test "options of checkpoint" { takes_all checkpoint 16; }
@test "options of restore" { takes_all restore 24; }

@test "each command of the contract is one" {
	local command

	needs_contract
	for command in $(sed -n '/^## Commands/,/^## Output/s/^| \([a-z, ]*\) |.*/\1/p' "$CONTRACT" |
		tr -d ,); do
		[ "$command" != global ] || continue
		run "$OCIRUN" "$command" --help
		expect_status 0
		expect_equal "${lines[0]}" NAME:
	done
}

@test "behind the id of exec nothing is an option, with -- or without" {
	config '.process.args = ["sleep", "100"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	run ocirun exec "$ID" echo --tty -d --help -- x
	expect_equal "$output" '--tty -d --help -- x'
	run ocirun exec "$ID" -- echo -d
	expect_status 255
	run ocirun exec -- "$ID" echo -d
	expect_equal "$output" -d
}

@test "options before and behind the id, where no program follows" {
	config '.process.args = ["sleep", "100"]'
	ocirun create "$ID" --bundle "$BUNDLE" </dev/null >/dev/null 2>&1 3>&-
	ocirun kill "$ID" KILL --all
	ocirun delete "$ID" -f
	[ ! -e "$ROOT/$ID" ]
}

@test "a flag that is given twice counts once, of a value the last counts" {
	# As podman writes it.
	run -1 ocirun checkpoint --leave-running --leave-running nosuch
	expect_part "$output" 'container does not exist'
	mkdir "$ROOT"
	run -0 ocirun list --quiet --format table --quiet=false --format json
	expect_equal "$output" null
}

@test "features has every key that the specification and callers know" {
	"$OCIRUN" features >"$BATS_TEST_TMPDIR/features"
	run jq -c 'keys' "$BATS_TEST_TMPDIR/features"
	expect_equal "$output" '["annotations","hooks","linux","mountOptions","ociVersionMax","ociVersionMin","potentiallyUnsafeConfigAnnotations"]'
	run jq -c '.linux | keys' "$BATS_TEST_TMPDIR/features"
	expect_equal "$output" '["apparmor","capabilities","cgroup","intelRdt","memoryPolicy","mountExtensions","namespaces","netDevices","seccomp","selinux"]'
	run jq -c '.linux.cgroup | [.v1, .v2, .rdma]' "$BATS_TEST_TMPDIR/features"
	expect_equal "$output" '[true,true,true]'
	# Both as it was built.
	run jq -c '.linux.cgroup | [.systemd, .systemdUser]' "$BATS_TEST_TMPDIR/features"
	if [ -e "$(dirname "$OCIRUN")/../ocirun-systemd/ocirun-systemd" ]; then
		expect_equal "$output" '[true,true]'
	else
		expect_equal "$output" '[false,false]'
	fi
	for key in apparmor selinux intelRdt netDevices; do
		expect_equal "$(jq ".linux.$key.enabled | type" "$BATS_TEST_TMPDIR/features")" '"boolean"'
	done
}

@test "the pidfd socket of create and run gets init, with the payload standard" {
	local command

	config '.process.args = ["sleep", "100"]'
	for command in create 'run --detach'; do
		take_descriptor "$BATS_TEST_TMPDIR/pidfd"
		ocirun $command --bundle "$BUNDLE" --pidfd-socket "$BATS_TEST_TMPDIR/pidfd" "$ID" \
			</dev/null >/dev/null 2>&1 3>&-
		wait "$taker"
		expect_part "$(head -n 1 "$BATS_TEST_TMPDIR/pidfd.got")" 'standard 1 1 '
		expect_equal "$(sed -n 's/^Pid: //p' "$BATS_TEST_TMPDIR/pidfd.got")" \
			"$(ocirun state "$ID" | jq .pid)"
		ocirun delete --force "$ID"
	done
}

@test "a signal for a process that has just gone: no such process" {
	command -v strace >/dev/null || skip 'needs strace'
	config '.process.args = ["sleep", "100"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	ASAN_OPTIONS=detect_leaks=0 run strace -o "$BATS_TEST_TMPDIR/calls" -e trace=pidfd_send_signal \
		-e inject=pidfd_send_signal:error=ESRCH:when=1+ "$OCIRUN" --root "$ROOT" kill "$ID" USR1
	grep -q 'SIGUSR1.*INJECTED' "$BATS_TEST_TMPDIR/calls"
	expect_status 1
	expect_part "$output" 'container not running'
	expect_part "$output" 'no such process'
}

@test "a memory limit that is refused because of the usage has runc's words" {
	config '.process.args = ["sleep", "100"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	run ocirun update --resources - "$ID" <<<'{"memory": {"limit": 4096, "checkBeforeUpdate": true}}'
	expect_status 1
	# On v1 it is the kernel that refuses.
	if [ -d /sys/fs/cgroup/memory ]; then
		expect_part "$output" 'unable to set memory limit to 4096 (current usage: '
	else
		expect_part "$output" 'rejecting memory limit 4096 because of its usage'
	fi
}

@test "a scheduler that does not go with a cpuset has runc's words" {
	[ "$(nproc)" -ge 2 ] || skip 'needs two CPUs'
	config '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 10000000, deadline: 20000000,
		period: 20000000} | .linux.resources.cpu.cpus = "0"'
	run ocirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" "process scheduler can't be used together with AllowedCPUs"
	expect_part "$output" /process/scheduler
}
