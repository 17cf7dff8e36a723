#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# top: what containers use, live on a terminal, once in a pipe.

load setup
load resources

setup() {
	resources_setup
}

teardown() {
	resources_teardown
}

# busy_and_idle: two containers, of which one needs a processor
busy_and_idle() {
	config '.linux.resources.memory = { limit: 67108864 }'
	start idle
	sh_config 'while :; do :; done' '.linux.cgroupsPath += "-busy" | .linux.resources = {}'
	start busy
}

# cell ID COLUMN: of the table in $output
cell() {
	awk -v id="$1" -v column="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		$1 == id { print $at[column] }' <<<"$output"
}

@test "in a pipe a table is printed once, the busiest first, without escapes" {
	busy_and_idle
	run -0 rt top
	expect_equal "${#lines[@]}" 3
	expect_equal "$(awk '{ print $1 }' <<<"$output" | xargs)" 'ID busy idle'
	[[ $output != *$'\033'* ]]
	awk "BEGIN { exit !($(cell busy CPU%) > 20) }"
	awk "BEGIN { exit !($(cell idle CPU%) < 10) }"
}

# shows_memory: what c1 uses is what the kernel's file says right after. Less than 1000K, so in K,
# rounded; the kernel's own share of it may change at any time.
shows_memory() {
	local file=current kib shown

	[ "$CG_VERSION" = 2 ] || file=usage_in_bytes
	run -0 rt top --interval 50ms
	kib=$(($(value memory "$file") / 1024))
	shown=$(cell c1 MEMORY)
	[ $((kib - ${shown%K})) -le 64 ] && [ $((${shown%K} - kib)) -le 64 ]
}

@test "memory, its limit and the tasks are those of the kernel's files" {
	needs memory pids
	config '.linux.resources.memory = { limit: 67108864 }'
	start
	run -0 rt top --interval 50ms
	expect_equal "$(cell c1 LIMIT)" 64M
	expect_equal "$(cell c1 PIDS)" 1
	expect_equal "$(cell c1 STATUS)" running
	wait_for shows_memory
}

@test "one container, none, and one that is not there" {
	busy_and_idle
	run -0 rt top --interval 50ms idle
	expect_equal "${#lines[@]}" 2
	expect_equal "$(cell idle STATUS)" running
	run -1 rt top nosuch
	expect_part "$output" 'container does not exist'
	rt delete --force idle
	rt delete --force busy
	run -0 rt top --interval 50ms
	expect_equal "${#lines[@]}" 1
	run -1 rt top --interval 0
	expect_part "$output" 'expected a time like'
}

@test "a stopped container is listed without numbers" {
	sh_config 'exit 0'
	start
	wait_for eval '[ "$(status_of)" = stopped ]'
	run -0 rt top --interval 50ms
	expect_equal "$(cell c1 STATUS)" stopped
	expect_equal "$(cell c1 MEMORY)" ""
}

# on_terminal COMMAND...: with keys from the FIFO "keys"; what the terminal got is in "screen"
on_terminal() {
	mkfifo keys
	exec {keys}<>keys
	script -qefc "stty rows 8 cols ${COLUMNS:-100}; $*" screen <keys >/dev/null 2>&1 3>&- &
	terminal=$!
}

@test "on a terminal the table is renewed until q is pressed, and the screen is given back" {
	config
	start
	on_terminal "'$OCIRUN' --root '$ROOT' top --interval 50ms"
	wait_for eval '[ "$(grep -c running screen)" -ge 3 ]'
	echo -n q >&"$keys"
	wait "$terminal"
	expect_part "$(cat screen)" $'\033[?1049h'
	expect_part "$(tail -c 200 screen)" $'\033[?1049l'
	expect_part "$(tail -c 200 screen)" $'\033[?25h'
}

@test "a signal ends it in the same way" {
	config
	start
	on_terminal "echo \$\$ >pid; exec '$OCIRUN' --root '$ROOT' top --interval 50ms"
	wait_for grep -q running screen
	kill -TERM "$(cat pid)"
	wait "$terminal"
	expect_part "$(tail -c 200 screen)" $'\033[?1049l'
}

@test "a narrow terminal cuts names, not numbers" {
	config
	start a-container-with-a-name-that-is-long
	COLUMNS=95 on_terminal "'$OCIRUN' --root '$ROOT' top --interval 50ms"
	wait_for grep -q running screen
	echo -n q >&"$keys"
	wait "$terminal"
	expect_part "$(cat screen)" 'a-container-wit'
	[[ $(cat screen) != *a-container-with-a-name-that-is-long* ]]
}

@test "a line fits into a terminal of 80 columns, and is not folded on a narrower one" {
	config
	start a-container-with-a-name-that-is-long
	COLUMNS=80 on_terminal "'$OCIRUN' --root '$ROOT' top --interval 50ms"
	wait_for grep -q running screen
	echo -n q >&"$keys"
	wait "$terminal"
	grep -a running screen | tr -d '\r' | sed 's/\x1b\[[?0-9]*[A-Za-z]//g' >rows
	[ -s rows ]
	[ "$(wc -L <rows)" -lt 80 ]
	expect_part "$(cat screen)" $'\033[?7l'
	expect_part "$(tail -c 200 screen)" $'\033[?7h'
}
