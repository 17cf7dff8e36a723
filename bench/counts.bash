# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Counts of each command: for bench/run's table, and for bench/check's comparison.

# Neither the caller's environment nor its terminal have a say in the counts.
alone=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin)

# count_calls COMMAND...: "SYSTEM_CALLS PAGE_FAULTS"
count_calls() {
	"${alone[@]}" timeout 60 "$out/count" "$@" </dev/null 2>/dev/null
}

# count_instructions COMMAND...: in user space, or "-" where the command makes a system call that
# valgrind does not know. Its processor is always the same, whatever it runs on.
count_instructions() {
	"${alone[@]}" valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" \
		</dev/null >/dev/null 2>"$work/callgrind" || :
	if grep -q 'unhandled.*syscall' "$work/callgrind"; then
		echo -
	else
		# Of the process itself: one that it made has ended before.
		sed -n 's/^==.*Collected : //p' "$work/callgrind" | tail -n 1
	fi
}

# count_line STEP NAME COMMAND...: without the instructions
count_line() {
	local calls faults

	read -r calls faults < <(count_calls "${@:3}")
	printf '%s\t%s\t%s\t%s\t-\n' "$1" "$2" "$calls" "$faults"
}

# count_both STEP NAME COMMAND...: with them, of a command that can be done again
count_both() {
	count_line "$@" | sed "s/-\$/$(count_instructions "${@:3}")/"
}

# count_commands NAME RUNTIME...: lines of step, name, system calls, page faults, instructions
count_commands() {
	local name=$1 bundle="$work/sleep"

	shift
	# Once for what is only done once: state roots, filters.
	"$@" run --bundle "$work/default" "$id" </dev/null >/dev/null
	"$@" run --bundle "$work/podman" "$id" </dev/null >/dev/null
	count_line run "$name" "$@" run --bundle "$work/default" "$id"
	count_line run-podman "$name" "$@" run --bundle "$work/podman" "$id"
	count_line create "$name" "$@" create --bundle "$bundle" "$id"
	count_both state "$name" "$@" state "$id"
	count_line start "$name" "$@" start "$id"
	count_line exec "$name" "$@" exec "$id" /bin/true
	count_line kill "$name" "$@" kill "$id" KILL
	wait_stopped "$@"
	count_line delete "$name" "$@" delete "$id"
	count_rest "$name" "$@"
}

# What starts, ends and removes a container, once more for the instructions alone.
count_rest() {
	local name=$1 bundle="$work/sleep"

	shift
	[ "$1" = "$OCIRUN" ] || return 0
	"$@" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
	printf 'start\t%s\t\t\t%s\n' "$name" "$(count_instructions "$@" start "$id")"
	printf 'kill\t%s\t\t\t%s\n' "$name" "$(count_instructions "$@" kill "$id" KILL)"
	# Once more: valgrind may not know the call that sends the signal.
	"$@" kill "$id" KILL >/dev/null 2>&1 || :
	wait_stopped "$@"
	printf 'delete\t%s\t\t\t%s\n' "$name" "$(count_instructions "$@" delete "$id")"
	"$@" delete --force "$id" >/dev/null 2>&1 || :
}

# wait_stopped RUNTIME...: whose child the container has become reaps it some time
wait_stopped() {
	local i

	for ((i = 0; i < 500; i++)); do
		[ "$("$@" state "$id" | jq -r .status)" != stopped ] || return 0
		sleep 0.02
	done
	echo "container $id does not stop" >&2
	return 1
}

# merge_counts: joins the two lines that a step may have
merge_counts() {
	awk -F '\t' -v OFS='\t' '
		{ key = $1 FS $2 }
		!(key in calls) { order[++n] = key; calls[key] = $3; faults[key] = $4 }
		$5 != "-" { instructions[key] = $5 }
		END {
			for (i = 1; i <= n; i++) {
				key = order[i]
				print key, calls[key], faults[key], key in instructions ? instructions[key] : "-"
			}
		}'
}
