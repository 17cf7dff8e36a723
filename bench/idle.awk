# SPDX-License-Identifier: Apache-2.0
# Lines of round, step, program, KiB of processes, KiB of the kernel, as those of bench/run's row "idle".
BEGIN { FS = OFS = "\t" }
{
	key = $2 FS $3
	if (!(key in rounds))
		order[++n_keys] = key
	n = ++rounds[key]
	processes[key, n] = $4
	kernel[key, n] = $5
}
END {
	for (k = 1; k <= n_keys; k++) {
		key = order[k]
		n = rounds[key]
		for (i = 1; i <= n; i++) {
			a[i] = processes[key, i]
			b[i] = kernel[key, i]
		}
		print key, n, median(a, n), median(b, n), p10(b, n), p90(b, n)
	}
}
