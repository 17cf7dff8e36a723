# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Counts of each command: for bench/run's table, for bench/check's comparison, and for bench/order.

# Neither the caller's environment nor its terminal have a say in the counts.
alone=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin)
baseline=-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM,-BMI2,-RTM

# count_calls COMMAND...: "SYSTEM_CALLS PAGE_FAULTS"
count_calls() {
	"${alone[@]}" timeout 60 "$out/count" "$@" </dev/null 2>/dev/null
}

# count_instructions COMMAND...: in user space. What the C library chooses by the processor, as how it
# copies memory, is what every processor of 64 bits has: so that the count is the same on each.
count_instructions() {
	"${alone[@]}" GLIBC_TUNABLES="glibc.cpu.hwcaps=$baseline" timeout 600 "$out/count" -i "$@" \
		</dev/null 2>/dev/null
}

# count_read COMMAND...: instructions by valgrind, which is quick, of what only reads
count_read() {
	"${alone[@]}" valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" \
		</dev/null 2>&1 >/dev/null | sed -n 's/^==.*Collected : //p' | tail -n 1
}

# count_line STEP NAME COMMAND...: without the instructions
count_line() {
	local calls faults

	read -r calls faults < <(count_calls "${@:3}")
	printf '%s\t%s\t%s\t%s\t-\n' "$1" "$2" "${calls--}" "${faults--}"
}

# instructions_line STEP NAME COMMAND...: with them alone
instructions_line() {
	printf '%s\t%s\t-\t-\t%s\n' "$1" "$2" "$(count_instructions "${@:3}" || echo -)"
}

# count_commands NAME RUNTIME...: lines of step, name, system calls, page faults, "-"; each several
# times, since which process is ahead of which, and what of a file the kernel maps at once, differs
count_commands() {
	local name=$1 bundle="$work/sleep" round

	shift
	# Once for what is only done once: state roots, filters.
	"$@" run --bundle "$work/default" "$id" </dev/null >/dev/null
	"$@" run --bundle "$work/podman" "$id" </dev/null >/dev/null
	for ((round = 0; round < 5; round++)); do
		count_line run "$name" "$@" run --bundle "$work/default" "$id"
		count_line run-podman "$name" "$@" run --bundle "$work/podman" "$id"
		count_line create "$name" "$@" create --bundle "$bundle" "$id"
		count_line state "$name" "$@" state "$id"
		count_line start "$name" "$@" start "$id"
		count_line exec "$name" "$@" exec "$id" /bin/true
		count_line kill "$name" "$@" kill "$id" KILL
		wait_stopped "$id" "$@"
		count_line delete "$name" "$@" delete "$id"
	done
}

# each_step FUNCTION NAME RUNTIME...: calls FUNCTION STEP NAME COMMAND... for each command, which it follows
# by single steps. Each step is a change of processes: two commands are followed at once, one for each of two
# processors.
each_step() {
	local tell=$1 name=$2 bundle="$work/sleep" one="$id-steps"

	shift 2
	"$tell" run-podman "$name" "$@" run --bundle "$work/podman" "$id" >"$work/steps" &
	"$tell" run "$name" "$@" run --bundle "$work/default" "$one"
	"$tell" create "$name" "$@" create --bundle "$bundle" "$one"
	# Its process was left in the middle of a step.
	"$@" delete --force "$one"
	"$@" create --bundle "$bundle" "$one" </dev/null >/dev/null 2>&1
	"$tell" state "$name" "$@" state "$one"
	"$tell" start "$name" "$@" start "$one"
	"$tell" exec "$name" "$@" exec "$one" /bin/true
	"$tell" kill "$name" "$@" kill "$one" KILL
	wait_stopped "$one" "$@"
	"$tell" delete "$name" "$@" delete "$one"
	wait $!
	cat "$work/steps"
}

# count_steps NAME RUNTIME...: lines of step, name, "-", "-", instructions
count_steps() {
	each_step instructions_line "$@"
}

# wait_stopped ID RUNTIME...: whose child the container has become reaps it some time
wait_stopped() {
	local one=$1 i

	shift
	for ((i = 0; i < 500; i++)); do
		[ "$("$@" state "$one" | jq -r .status)" != stopped ] || return 0
		sleep 0.02
	done
	echo "container $one does not stop" >&2
	return 1
}

# merge_counts: a line for each step, of the medians of all that was counted
merge_counts() {
	awk -f "$here/statistics.awk" -f "$here/merge.awk"
}
