# SPDX-License-Identifier: Apache-2.0
# Lines of step, program and three counts, of which each may be "-": for each step and program the
# median of each count.
BEGIN { FS = OFS = "\t" }
{
	key = $1 FS $2
	if (!(key in n_lines))
		order[++n_keys] = key
	n_lines[key]++
	for (i = 3; i <= 5; i++)
		count[key, n_lines[key], i] = $i
}
function middle(key, column, i, n, list) {
	for (i = 1; i <= n_lines[key]; i++)
		if (count[key, i, column] ~ /^[0-9]+$/)
			list[++n] = count[key, i, column]
	return n ? int(median(list, n)) : "-"
}
END {
	for (k = 1; k <= n_keys; k++) {
		key = order[k]
		print key, middle(key, 3), middle(key, 4), middle(key, 5)
	}
}
