# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The rows of bench/run. row_NAME prints lines with tabs, as bench/interleave does:
# step, program, rounds, median, p10, p90 (microseconds), ratio to the first program, CPU time, KiB.

names=(ocirun crun runc)

# program NAME: the command line of a runtime, with a state of its own, in $command
program() {
	case $1 in
	ocirun) command=("$OCIRUN") ;;
	crun) command=("$CRUN") ;;
	runc) command=("$RUNC") ;;
	esac
	command+=(--root "$work/state-$1${2-}")
}

# compare ROUNDS STEP BUNDLE ID [FILTER]: `run` by the floor, where there is one, and all runtimes
compare() {
	local list=() name profile=${3%%-*} command

	case $3 in
	default | podman | docker)
		list=(-- floor ++ "$2" "$out/floor" "$profile" "$4-floor" "$work/$3" /bin/true ${5+"$5"})
		;;
	esac
	for name in "${names[@]}"; do
		program "$name"
		list+=(-- "$name" ++ "$2" "${command[@]}" run --bundle "$work/$3" "$4")
	done
	"$out/interleave" "$1" "${list[@]}"
}

row_run() {
	compare $((rounds * 4)) run default "$id"
}

row_podman() {
	compare $((rounds * 2)) run podman "$id" "$(finished_filter podman)"
}

row_docker() {
	compare $((rounds * 2)) run docker "$id" "$(finished_filter docker)"
}

# A new state root knows no filter.
row_podman-first() {
	local list=() name command

	for name in "${names[@]}"; do
		program "$name" -first
		list+=(-- "$name" ++ - rm -rf "$work/state-$name-first"
			++ run "${command[@]}" run --bundle "$work/podman" "$id")
	done
	"$out/interleave" "$rounds" "${list[@]}"
}

row_life() {
	local list=() name command

	for name in "${names[@]}"; do
		program "$name"
		list+=(-- "$name"
			++ create "${command[@]}" create --bundle "$work/sleep" "$id"
			++ state "${command[@]}" state "$id"
			++ start "${command[@]}" start "$id"
			++ exec "${command[@]}" exec "$id" /bin/true
			++ kill "${command[@]}" kill "$id" KILL
			++ =
			++ delete "${command[@]}" delete "$id")
	done
	"$out/interleave" $((rounds * 4)) "${list[@]}"
}

# few: of what takes long
few() {
	echo $((rounds / 3 > 2 ? rounds / 3 : 2))
}

row_in-a-row() {
	compare "$(few)" '100 in a row*100' default "$id"
}

row_at-once() {
	compare "$(few)" '100 at once&100' default "$id-%"
}

# populate RUNTIME FROM TO: containers that wait for start
populate() {
	local i command

	program "$1" -many
	for ((i = $2; i < $3; i++)); do
		"${command[@]}" create --bundle "$work/default" "$id-$i" >/dev/null 2>&1 </dev/null
	done
}

# run_among NUMBER RUNTIME: with so many containers of that runtime there
run_among() {
	local list=() command

	[ "$2" != ocirun ] ||
		list=(-- floor ++ "start with $1" "$out/floor" default "$id-floor" "$work/default" /bin/true)
	program "$2" -many
	"$out/interleave" $((rounds * 2)) "${list[@]}" \
		-- "$2" ++ "start with $1" "${command[@]}" run --bundle "$work/default" "$id"
}

# One runtime after the other: the other's thousand would slow the kernel down too.
row_there() {
	local name command i

	for name in ocirun crun; do
		run_among 0 "$name"
		populate "$name" 0 100
		run_among 100 "$name"
		populate "$name" 100 1000
		run_among 1000 "$name"
		program "$name" -many
		"$out/interleave" "$rounds" -- "$name" ++ 'list of 1000' "${command[@]}" list
		for ((i = 0; i < 1000; i++)); do
			remove_container "state-$name-many" "$id-$i"
		done
	done
}

row_config-4m() {
	mkdir -p "$work/4m/rootfs"
	mount --bind "$work/rootfs" "$work/4m/rootfs"
	cp "$work/default/config.json" "$work/4m/"
	change 4m -c --arg text "$(printf '%01000d' 0)" \
		'.annotations = ([range(4000) | { key: "org.example.\(.)", value: $text }] | from_entries)'
	compare "$rounds" 'config of 4 MiB' 4m "$id"
}

row_mounts-1000() {
	cp -a "$work/rootfs" "$work/rootfs-many"
	mkdir -p "$work/many/rootfs" "$work/many/source" "$work/rootfs-many/m"
	seq 1000 | (cd "$work/rootfs-many/m" && xargs mkdir)
	mount --bind "$work/rootfs-many" "$work/many/rootfs"
	cp "$work/default/config.json" "$work/many/"
	# crun keeps a descriptor for each mount, under the container's limit.
	change many --arg source "$work/many/source" 'del(.process.rlimits) | .mounts += [range(1; 1001) |
		{ destination: "/m/\(.)", type: "bind", source: $source, options: ["bind", "ro"] }]'
	compare "$(few)" '1000 mounts' many "$id"
}

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

# Lines of this row: step, program, containers, KiB per container of our processes, and of the kernel.
row_idle() {
	local name command n=50 i before pids

	for name in "${names[@]}"; do
		program "$name" -idle
		before=$(kernel_kib)
		for ((i = 0; i < n; i++)); do
			"${command[@]}" create --bundle "$work/sleep" --pid-file "$work/pid-$i" "$id-$i" \
				>/dev/null 2>&1 </dev/null
		done
		mapfile -t pids < <(for ((i = 0; i < n; i++)); do cat "$work/pid-$i" && echo; done)
		printf 'waiting\t%s\t%d\t%d\t%d\n' "$name" "$n" $(($(private_kib "${pids[@]}") / n)) \
			$((($(kernel_kib) - before) / n))
		for ((i = 0; i < n; i++)); do
			"${command[@]}" start "$id-$i"
		done
		# Whatever else runs of the runtime.
		mapfile -t pids < <(find /proc -maxdepth 2 -name exe -lname "$(command -v "${command[0]}")" \
			2>/dev/null | cut -d/ -f3)
		printf 'running\t%s\t%d\t%d\t%d\n' "$name" "$n" $(($(private_kib "${pids[@]}") / n)) \
			$((($(kernel_kib) - before) / n))
		for ((i = 0; i < n; i++)); do
			remove_container "state-$name-idle" "$id-$i"
		done
		sleep 1
	done
}

# Lines of this row: step, program, system calls, page faults, instructions ("-": cannot be had).
row_counts() {
	local name command

	for name in "${names[@]}"; do
		program "$name"
		count_commands "$name" "${command[@]}" | merge_counts
	done
}
