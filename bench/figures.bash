# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What becomes of the results: a table on the terminal, the goals, and the figures in docs/.

# show: lines of results as columns; times in milliseconds
show() {
	awk -F '\t' '
		$1 == "idle" {
			printf "  %-16s %-8s %5d KiB of processes %6d KiB of the kernel (%d to %d), each\n", $2, $3,
				$5, $6, $7, $8
			next
		}
		$1 == "phases" {
			printf "  %-20s %-20s %7d us (%d to %d)  %s\n", $2, $3, $5, $6, $7, $8
			next
		}
		$1 == "counts" {
			printf "  %-16s %-8s %6s system calls %6s page faults %9s instructions\n", $2, $3, $4, $5, $6
			next
		}
		{
			printf "  %-20s %-8s %9.2f ms (%.2f to %.2f)  ours %6s x  cpu %8.2f ms  %6d KiB\n", $2, $3,
				$5 / 1000, $6 / 1000, $7 / 1000, $8, $10 / 1000, $11
		}'
}

row_names() {
	printf '%s\n' "${rows[@]}" | cut -d ' ' -f 1
}

# keep_results: what was measured replaces what there was of the same rows, and of those that are no more
keep_results() {
	touch "$results"
	awk -F '\t' -v rows="$(row_names)" '
		BEGIN { n = split(rows, row, "\n"); for (i = 1; i <= n; i++) is_row[row[i]] }
		FNR == NR { is_new[$1]; print; next }
		$1 in is_row && !($1 in is_new)' "$results.new" "$results" >"$results.all"
	mv "$results.all" "$results"
	rm "$results.new"
}

# The goals: row and step, what of it, compared with what, at most. "wall" is the median of the ratio
# in one round, "peak" the ratio of the medians, "growth" the median of the ratio to the first step in
# one round, "above-floor" how much more that is than the floor's. Who set it: we ourselves, where it says so.
goals=(
	'run/run wall floor 1.4'
	'run/run wall crun 0.5'
	'podman/run wall floor 1.5'
	'podman/run wall crun 0.5 ours'
	'podman-first/run wall crun 0.7'
	'docker/run wall floor 1.5 ours'
	'docker/run wall crun 0.5 ours'
	'exec/exec wall crun 0.4'
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
	'list/list_of_1000 peak crun 1'
	'config-4m/config_of_4_MiB peak crun 1'
	'among/10_runs_among_1000 growth 0 1.15'
	'among/10_runs_among_1000 above-floor 0 1.15 ours'
)

# goals: each as a ratio of what was measured, where it was, and what the floor itself would get
goals() {
	printf '%s\n' "${goals[@]}" | awk -f "$here/goals.awk" "$results" -
}

# publishable_program: before anything is measured for nothing
publishable_program() {
	if [ "$rounds" -lt 11 ]; then
		echo 'not to be published: fewer than 11 rounds' >&2
		return 1
	fi
	if [[ $commit = *+ ]]; then
		echo "not to be published: changes to $commit are not committed" >&2
		return 1
	fi
}

# unpublishable: what is wrong with the results as figures of one release, if anything
unpublishable() {
	awk -F '\t' -v rows="$(row_names)" '
		$NF != commit && NR > 1 { print $1 " is of commit " $NF ", what stands before it of " commit }
		$1 != "counts" && $4 < 11 { print $1 " (" $2 ", " $3 ") had " $4 " rounds only, not 11" }
		{ commit = $NF; is_there[$1] }
		END {
			n = split(rows, row, "\n")
			for (i = 1; i <= n; i++)
				if (!(row[i] in is_there))
					print row[i] " was not measured"
		}' "$results" | uniq
}

publish_figures() {
	local wrong

	wrong=$(unpublishable)
	if [ -n "$wrong" ]; then
		printf 'not published:\n%s\n' "$wrong" >&2
		return 1
	fi
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
	printf '%s, commit %s, %s CPUs (%s), kernel %s, %s, %s' "$(date -u +%F)" "$commit" "$(nproc)" \
		"$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(uname -r)" \
		"$("$CRUN" --version | head -n 1)" "$("$RUNC" --version | head -n 1)"
}
