# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The row "idle" of bench/run: memory that waiting and running containers need, besides their program.

readonly IDLE_CONTAINERS=30

# kernel_kib: what the kernel holds for itself
kernel_kib() {
	awk '$1 ~ /^(Slab|KernelStack|PageTables|Percpu|Shmem):$/ { sum += $2 } END { print sum }' /proc/meminfo
}

# private_kib PID...: memory that only these processes have
private_kib() {
	local pid

	for pid in "$@"; do
		cat "/proc/$pid/smaps_rollup"
	done | awk '/^Private/ { sum += $2 } END { print sum + 0 }'
}

# processes_of MARK PID...: what runs because a container of init PID is there, in no order: all in its
# cgroup, and all that has MARK in its environment, as what a runtime starts and leaves running does.
# (Its link /proc/PID/exe says nothing: a runtime may run from a mount or a copy without a name.)
processes_of() {
	local mark=$1 pid

	shift
	{
		for pid in "$@"; do
			cat "/sys/fs/cgroup/pids$(sed -n 's/^[0-9]*:pids://p' "/proc/$pid/cgroup")/cgroup.procs"
		done
		grep -lsz "^BENCH_IDLE=$mark\$" /proc/[0-9]*/environ | cut -d/ -f3
	} | sort -un
}

# idle_line STEP NAME PIDS PROCESSES BEFORE: KiB for each container, of processes and of the kernel
idle_line() {
	# shellcheck disable=SC2086 # a list of numbers
	printf '%s\t%s\t%d\t%d\n' "$1" "$2" $(($(private_kib $3) / IDLE_CONTAINERS)) \
		$((($(kernel_kib) - $4) / IDLE_CONTAINERS))
}

# idle_round NAME: lines of one round
idle_round() {
	local name=$1 command i before inits found pid mark="$id-$1"

	program "$name" -idle
	before=$(kernel_kib)
	for ((i = 0; i < IDLE_CONTAINERS; i++)); do
		BENCH_IDLE=$mark "${command[@]}" create --bundle "$work/sleep" --pid-file "$work/pid-$i" \
			"$id-$i" >/dev/null 2>&1 </dev/null
	done
	mapfile -t inits < <(for ((i = 0; i < IDLE_CONTAINERS; i++)); do cat "$work/pid-$i" && echo; done)
	found=$(processes_of "$mark" "${inits[@]}")
	# While they wait, each init is a process of the runtime: who does not see it sees nothing.
	for pid in "${inits[@]}"; do
		grep -qx "$pid" <<<"$found" || { echo "idle: $name: process $pid is not found" >&2 && return 1; }
		[ "$(private_kib "$pid")" -gt 0 ] || { echo "idle: $name: process $pid has no memory" >&2 && return 1; }
	done
	idle_line waiting "$name" "$found" "$before"
	for ((i = 0; i < IDLE_CONTAINERS; i++)); do
		"${command[@]}" start "$id-$i"
	done
	# The program is not the runtime's.
	found=$(processes_of "$mark" "${inits[@]}" | grep -vxF "$(printf '%s\n' "${inits[@]}")") || :
	idle_line running "$name" "$found" "$before"
	for ((i = 0; i < IDLE_CONTAINERS; i++)); do
		remove_container "state-$name-idle" "$id-$i"
	done
	sleep 1 # the kernel takes its time to free what it held
}

# Lines of this row: step, program, rounds, KiB per container of the runtime's processes (median), and
# of the kernel (median, 10th and 90th percentile).
row_idle() {
	local n name round

	n=$(few)
	for ((round = 0; round <= n; round++)); do
		for name in "${names[@]}"; do
			idle_round "$name"
		done >"$work/idle-round"
		# The first one fills the kernel's caches.
		[ "$round" = 0 ] || sed "s/^/$round\t/" "$work/idle-round"
	done >"$work/idle"
	awk -f "$here/statistics.awk" -f "$here/idle.awk" "$work/idle"
}
