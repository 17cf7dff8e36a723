# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The rows of bench/run: row_NAME prints lines with tabs, for times as bench/summary.awk does.

names=(ocirun crun runc)
SETTLE=5 # seconds

# program NAME: the command line of a runtime, with a state of its own, in $command
program() {
	case $1 in
	ocirun) command=("$OCIRUN") ;;
	crun) command=("$CRUN") ;;
	runc) command=("$RUNC") ;;
	esac
	command+=(--root "$work/state-$1${2-}")
}

# few: rounds of what takes long; the 10th and 90th percentile of fewer would be but the extremes
few() {
	local n=$((rounds / 3 > 11 ? rounds / 3 : 11))

	echo $((n < rounds ? n : rounds))
}

# compare ROUNDS STEP BUNDLE ID [FILTER]: `run` by the floor, where there is one, and all runtimes
compare() {
	local list=() name profile=${3%%-*} command

	case $3 in
	default | podman | docker)
		list=(-- floor ++ "$2" "$out/floor" run "$profile" "$4-floor" "$work/$3" "${5:--}" /bin/true)
		;;
	esac
	for name in "${names[@]}"; do
		program "$name"
		list+=(-- "$name" ++ "$2" "${command[@]}" run --bundle "$work/$3" "$4")
	done
	measure_times "$1" "${list[@]}"
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
	measure_times "$rounds" "${list[@]}"
}

row_life() {
	local list=() name command floor="$out/floor" dir="$work/floor"

	mkdir -p "$dir"
	list=(-- floor
		++ create "$floor" create default "$id-floor" "$work/sleep" "$dir" /bin/sleep 10000
		++ state "$floor" state "$dir"
		++ start "$floor" start "$dir"
		++ exec "$floor" exec default "$id-floor" "$dir" /bin/true
		++ kill "$floor" kill "$dir"
		++ =
		++ delete "$floor" delete "$id-floor" "$dir")
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
	measure_times $((rounds * 4)) "${list[@]}"
}

row_exec() {
	local list=() name command floor="$out/floor" dir="$work/floor-exec"

	mkdir -p "$dir"
	"$floor" create default "$id-floor" "$work/sleep" "$dir" /bin/sleep 10000 >/dev/null </dev/null
	"$floor" start "$dir"
	list=(-- floor ++ exec "$floor" exec default "$id-floor" "$dir" /bin/true)
	for name in "${names[@]}"; do
		program "$name"
		"${command[@]}" create --bundle "$work/sleep" "$id-$name" >/dev/null 2>&1 </dev/null
		"${command[@]}" start "$id-$name"
		list+=(-- "$name" ++ exec "${command[@]}" exec "$id-$name" /bin/true)
	done
	measure_times $((rounds * 4)) "${list[@]}"
	"$floor" kill "$dir"
	for name in "${names[@]}"; do
		remove_container "state-$name" "$id-$name"
	done
	# Its process is gone when somebody has waited for it.
	for _ in {1..100}; do
		! "$floor" delete "$id-floor" "$dir" 2>/dev/null || break
		sleep 0.1
	done
}

# To move a process the kernel waits for an RCU grace period, unless it has just done so for another.
row_rested() {
	local list=() name command rest=0.2

	for name in "${names[@]}"; do
		program "$name"
		list+=(-- "$name"
			++ - sleep "$rest"
			++ 'run, rested' "${command[@]}" run --bundle "$work/default" "$id"
			++ - "${command[@]}" create --bundle "$work/sleep" "$id"
			++ - "${command[@]}" start "$id"
			++ - sleep "$rest"
			++ 'exec, rested' "${command[@]}" exec "$id" /bin/true
			++ - "${command[@]}" kill "$id" KILL
			++ =
			++ - "${command[@]}" delete "$id")
	done
	measure_times "$(few)" "${list[@]}"
}

row_in-a-row() {
	compare "$(few)" '100 in a row*100' default "$id"
}

row_at-once() {
	compare "$(few)" '100 at once&100' default "$id-%"
}

# run_among NUMBER: to $list, runs by all but runc while so many containers of ours are there
run_among() {
	local step="10 runs among $1*10" name command

	list+=(-- floor ++ "$step" "$out/floor" run default "$id-floor" "$work/default" - /bin/true)
	for name in ocirun crun; do
		program "$name" -many
		list+=(-- "$name" ++ "$step" "${command[@]}" run --bundle "$work/default" "$id")
	done
}

# Containers that wait for start are made and removed in each round: what the machine does meanwhile
# happens to the times with and without them. What the kernel still clears up of the last thousand, net
# namespaces above all, would be the burden of whoever comes first.
row_among() {
	local list=(-- floor ++ - sleep "$SETTLE") command

	run_among 0
	program ocirun -many
	list+=(-- ocirun ++ '-&100' "${command[@]}" create --bundle "$work/default" "$id-a%")
	run_among 100
	program ocirun -many
	list+=(-- ocirun ++ '-&900' "${command[@]}" create --bundle "$work/default" "$id-b%")
	run_among 1000
	program ocirun -many
	list+=(-- ocirun ++ '-&100' "${command[@]}" delete --force "$id-a%"
		++ '-&900' "${command[@]}" delete --force "$id-b%" ++ =)
	measure_times "$(few)" "${list[@]}"
}

# populate NAME: 1,000 of its containers that wait for start
populate() {
	local i command

	program "$1" -many
	for ((i = 0; i < 1000; i++)); do
		"${command[@]}" create --bundle "$work/default" "$id-$i" >/dev/null 2>&1 </dev/null
	done
}

row_list() {
	local list=() name command i

	for name in ocirun crun; do
		populate "$name"
		program "$name" -many
		list+=(-- "$name" ++ 'list of 1000' "${command[@]}" list)
	done
	measure_times "$rounds" "${list[@]}"
	for name in ocirun crun; do
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

# phases_of COMMAND ARGUMENT...: what a command of ours spends its time with, by traces of several runs
phases_of() {
	local command n i

	n=$(few)
	program ocirun
	# One round, which after that which fills the caches writes the files that are read.
	measure_times 1 -- ocirun ++ "traced*$n" "${command[@]}" "$1" --trace "$work/trace-%" "${@:2}" \
		>"$work/traced"
	for ((i = 0; i < n; i++)); do
		jq -rf "$here/phases.jq" "$work/trace-$i" | sed "s/^/$((i + 1))\t/"
	done >"$work/spans"
	awk -v command="$1" -v wall="$(awk -F '\t' -v n="$n" '{ print $4 / n }' "$work/traced")" \
		-f "$here/statistics.awk" -f "$here/phases.awk" "$work/spans"
}

# Lines of this row: command, process, runs, median, p10, p90 (microseconds), phase.
row_phases() {
	local command

	program ocirun
	phases_of run --bundle "$work/default" "$id"
	phases_of run --bundle "$work/podman" "$id" | sed "s/^run/run, podman's default/"
	"${command[@]}" create --bundle "$work/sleep" "$id" >/dev/null 2>&1 </dev/null
	"${command[@]}" start "$id"
	phases_of exec "$id" /bin/true
	remove_container state-ocirun "$id"
}

# Lines of this row: step, program, system calls, page faults, instructions ("-": not counted, since
# they take long: of crun those of run alone, of runc, which has a hundred millions, none).
row_counts() {
	local name command

	{
		count_line run floor "$out/floor" run default "$id-floor" "$work/default" - /bin/true
		count_line run-podman floor "$out/floor" run podman "$id-floor" "$work/podman" \
			"$(finished_filter podman)" /bin/true
	} | merge_counts
	for name in "${names[@]}"; do
		program "$name"
		count_commands "$name" "${command[@]}"
		case $name in
		ocirun) count_steps "$name" "${command[@]}" ;;
		crun) instructions_line run "$name" "${command[@]}" run --bundle "$work/default" "$id" ;;
		esac
	done | merge_counts
}
