# SPDX-License-Identifier: Apache-2.0
# What bench/interleave measured, as a line per step and program, with tabs: step, program, rounds;
# median, 10th and 90th percentile of the wall time in microseconds; medians of two ratios in one
# round, of ocirun's time to the program's and of the program's to that of its own first step; medians
# of the CPU time in microseconds and of the largest process in KiB.
BEGIN { FS = OFS = "\t" }
{
	key = $2 FS $3
	if (!(key in rounds)) {
		order[++n_keys] = key
		step[key] = $2
		program[key] = $3
		if (!($3 in first))
			first[$3] = key
	}
	if ($1 > rounds[key])
		rounds[key] = $1
	wall[key, $1] = $4
	cpu[key, $1] = $5
	kib[key, $1] = $6
}
function median_of(values, key, n, i, list) {
	for (i = 1; i <= n; i++)
		list[i] = values[key, i]
	return median(list, n)
}
function median_ratio(key, other, n, i, list) {
	for (i = 1; i <= n; i++)
		list[i] = wall[key, i] / wall[other, i]
	return median(list, n)
}
END {
	for (k = 1; k <= n_keys; k++) {
		key = order[k]
		n = rounds[key]
		ours = step[key] FS "ocirun"
		for (i = 1; i <= n; i++)
			list[i] = wall[key, i]
		middle = median(list, n)
		print step[key], program[key], n, sprintf("%.0f", middle), p10(list, n), p90(list, n),
			ours in rounds ? sprintf("%.3f", median_ratio(ours, key, n)) : "-",
			sprintf("%.3f", median_ratio(key, first[program[key]], n)),
			sprintf("%.0f", median_of(cpu, key, n)), sprintf("%.0f", median_of(kib, key, n))
	}
}
