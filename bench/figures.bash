# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What becomes of the results: a table on the terminal, the goals, and the figures in docs/.

# show: lines of results as columns; times in milliseconds
show() {
	awk -F '\t' '
		$1 == "idle" {
			printf "  %-16s %-8s %5d KiB of processes %6d KiB of the kernel, each\n", $2, $3, $5, $6
			next
		}
		$1 == "counts" {
			printf "  %-16s %-8s %6s system calls %6s page faults %9s instructions\n", $2, $3, $4, $5, $6
			next
		}
		{
			printf "  %-16s %-8s %9.2f ms (%.2f to %.2f)  %6.2f x  cpu %8.2f ms  %6d KiB\n", $2, $3,
				$5 / 1000, $6 / 1000, $7 / 1000, $8, $9 / 1000, $10
		}'
}

# keep_results: what was measured replaces what there was of the same rows
keep_results() {
	touch "$results"
	awk -F '\t' 'FNR == NR { is_new[$1] = 1; print; next } !($1 in is_new)' \
		"$results.new" "$results" >"$results.all"
	mv "$results.all" "$results"
	rm "$results.new"
}

# The goals: what, the row's step of the runtime, divided by that of another, at most.
goals=(
	'run/run wall floor 1.4'
	'run/run wall crun 0.5'
	'podman/run wall floor 1.5'
	'podman/run wall crun 0.5'
	'podman-first/run wall crun 0.7'
	'docker/run wall floor 1.5'
	'life/exec wall crun 0.4'
	'life/create wall crun 0.5'
	'life/start wall crun 0.5'
	'life/kill wall crun 0.5'
	'life/delete wall crun 0.5'
	'life/state wall crun 0.35'
	'at-once/100_at_once wall crun 0.5'
	'run/run peak crun 1'
	'life/create peak crun 1'
	'life/state peak crun 1'
	'life/start peak crun 1'
	'life/exec peak crun 1'
	'life/kill peak crun 1'
	'life/delete peak crun 1'
	'podman/run peak crun 1'
	'docker/run peak crun 1'
	'there/list_of_1000 peak crun 1'
	'config-4m/config_of_4_MiB peak crun 1'
	'there/start_with_1000 wall start_with_0 1.15'
	'there/start_with_1000 above-floor start_with_0 1.15'
)

# goals: each as a ratio of what was measured, where it was
goals() {
	printf '%s\n' "${goals[@]}" | awk '
		BEGIN { FS = "\t" }
		FNR == NR {
			step = $2; gsub(" ", "_", step)
			wall[$1 "/" step, $3] = $5; peak[$1 "/" step, $3] = $10; row[$1 "/" step] = $1
			next
		}
		{
			split($0, goal, " ")
			what = goal[1]; other = goal[3]
			if (other ~ /^start/) {
				ours = wall[what, "ocirun"]; theirs = wall["there/" other, "ocirun"]
				# how much more than the kernel itself needs more
				if (goal[2] == "above-floor" && theirs) {
					ours /= wall[what, "floor"]; theirs /= wall["there/" other, "floor"]
				}
			} else if (goal[2] == "peak") {
				ours = peak[what, "ocirun"]; theirs = peak[what, other]
			} else {
				ours = wall[what, "ocirun"]; theirs = wall[what, other]
			}
			if (ours && theirs)
				printf "%-6s %-24s %-11s %5.2f x %-13s goal %s\n",
					ours / theirs <= goal[4] ? "met" : "MISSED", what, goal[2],
					ours / theirs, other, goal[4]
		}' "$results" -
}

publish_figures() {
	awk -f "$here/draw.awk" "$results" >"$top/docs/performance.svg"
	awk -f "$here/table.awk" "$results" >"$work/table"
	goals >"$work/goals"
	awk -v table="$work/table" -v goals="$work/goals" -v machine="$(machine)" -f "$here/publish.awk" \
		"$top/docs/performance.md" >"$work/performance.md"
	cat "$work/performance.md" >"$top/docs/performance.md"
	echo "docs/performance.md and docs/performance.svg are written"
}

# machine: one line about where this was measured
machine() {
	printf '%s, %s CPUs (%s), kernel %s, %s, %s' "$(date -u +%F)" "$(nproc)" \
		"$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(uname -r)" \
		"$("$CRUN" --version | head -n 1)" "$("$RUNC" --version | head -n 1)"
}
