# SPDX-License-Identifier: Apache-2.0
# Lines of run, process, phase, microseconds as those of bench/run's row "phases": for `command`, whose
# wall time was `wall` microseconds on average.
BEGIN { FS = OFS = "\t" }
{
	# What there is several times in a run, as hooks, is one phase.
	key = $2 FS $3
	if (!(key in is_there)) {
		is_there[key]
		order[++n_keys] = key
	}
	took[key, $1] += $4
	if ($1 > n)
		n = $1
	if ($3 == "all of them")
		traced += $4
}
function line(where, phase, middle, low, high) {
	printf "%s\t%s\t%d\t%.0f\t%.0f\t%.0f\t%s\n", command, where, n, middle, low, high, phase
}
END {
	for (k = 1; k <= n_keys; k++) {
		for (i = 1; i <= n; i++)
			list[i] = took[order[k], i]
		middle = median(list, n)
		split(order[k], part, FS)
		# The whole is told by the table of times.
		if (part[2] == "all of them")
			continue
		if (middle >= 10) {
			line(part[1], part[2], middle, p10(list, n), p90(list, n))
		} else {
			short += middle
			n_short++
		}
	}
	if (n_short)
		line("all", n_short " phases of less than 10 µs", short, short, short)
	outside = wall - traced / n
	line("runtime", "start of the program, and its end (mean)", outside, outside, outside)
}
