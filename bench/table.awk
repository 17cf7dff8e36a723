# SPDX-License-Identifier: Apache-2.0
# The results as tables of a markdown document: times, CPU time, memory, phases, counts.
BEGIN { FS = "\t" }
function ms(us) { return us < 100000 ? sprintf("%.1f", us / 1000) : sprintf("%.0f", us / 1000) }
function of(key, name) { return (key, name) in cell ? cell[key, name] : "" }
function ratio(key, name) { return (key, name) in ours_to ? sprintf("%.2f", ours_to[key, name]) : "" }
function cpu_of(key, name) { return (key, name) in cpu ? ms(cpu[key, name]) : "" }
function cpu_ratio(key, one, other) {
	return cpu[key, one] && cpu[key, other] ? sprintf("%.2f", cpu[key, one] / cpu[key, other]) : ""
}
$1 == "idle" { idle[++n_idle] = sprintf("| %s | %s | %d | %d (%d–%d) | %d |", $2, $3, $5, $6, $7, $8, $4); next }
$1 == "counts" { counts[++n_counts] = sprintf("| %s | %s | %s | %s | %s |", $2, $3, $4, $5, $6); next }
$1 == "phases" {
	phases[++n_phases] = sprintf("| %s | %s | %s | %d (%d–%d) |", $2, $3, $8, $5, $6, $7)
	n_traced = $4
	next
}
{
	step = $1 == "podman" || $1 == "podman-first" || $1 == "docker" ? $1 " " $2 : $2
	sub(/^podman run$/, "run, podman's default", step)
	sub(/^podman-first run$/, "the same, for the first time", step)
	sub(/^docker run$/, "run, docker's default", step)
	if (!(step in rounds))
		order[++n] = step
	rounds[step] = $4
	cell[step, $3] = sprintf("%s (%s–%s)", ms($5), ms($6), ms($7))
	if ($3 != "ocirun")
		ours_to[step, $3] = $8
	cpu[step, $3] = $10
	peak[step, $3] = $11
}
function print_times(i, key) {
	print "Wall time in milliseconds: the median, and the 10th and 90th percentile. The last columns are medians"
	print "of the ratio in the same round.\n"
	print "| | rounds | floor | ocirun | crun | runc | ocirun : floor | ocirun : crun | ocirun : runc |"
	print "|---|---|---|---|---|---|---|---|---|"
	for (i = 1; i <= n; i++) {
		key = order[i]
		printf "| %s | %d | %s | %s | %s | %s | %s | %s | %s |\n", key, rounds[key], of(key, "floor"),
			of(key, "ocirun"), of(key, "crun"), of(key, "runc"), ratio(key, "floor"), \
			ratio(key, "crun"), ratio(key, "runc")
	}
}
function print_cpu_times(i, key) {
	print "\nCPU time in milliseconds, of a command and of all that it waits for: medians, and ratios of them.\n"
	print "| | floor | ocirun | crun | runc | floor : crun | ocirun : crun |"
	print "|---|---|---|---|---|---|---|"
	for (i = 1; i <= n; i++) {
		key = order[i]
		printf "| %s | %s | %s | %s | %s | %s | %s |\n", key, cpu_of(key, "floor"), cpu_of(key, "ocirun"),
			cpu_of(key, "crun"), cpu_of(key, "runc"), cpu_ratio(key, "floor", "crun"), \
			cpu_ratio(key, "ocirun", "crun")
	}
}
function print_memory(i, key) {
	print "\nMemory of the largest process of a command, in KiB.\n"
	print "| | ocirun | crun | runc |\n|---|---|---|---|"
	for (i = 1; i <= n; i++) {
		key = order[i]
		if (key ~ /^(run|run, .*|create|state|start|exec|kill|delete|list of 1000|config of 4 MiB)$/)
			printf "| %s | %s | %s | %s |\n", key, peak[key, "ocirun"], peak[key, "crun"], \
				peak[key, "runc"]
	}
}
function print_lines(lines, n_lines, i) {
	for (i = 1; i <= n_lines; i++)
		print lines[i]
}
END {
	print_times()
	print_cpu_times()
	print_memory()
	if (n_idle) {
		print "\nMemory per container that waits for start, and that runs, in KiB: the median; of the kernel's also"
		print "the 10th and 90th percentile.\n"
		print "| | | of the runtime's processes | of the kernel | rounds |\n|---|---|---|---|---|"
		print_lines(idle, n_idle)
	}
	if (n_phases) {
		print "\nOur own phases in microseconds, by `--trace`: the median of " n_traced " runs, and the 10th and 90th"
		print "percentile. Processes work at the same time, and wait for each other in what is called so.\n"
		print "| | in | phase | µs |\n|---|---|---|---|"
		print_lines(phases, n_phases)
	}
	if (n_counts) {
		print "\nCounts of one command and all that it starts; instructions are those in user space.\n"
		print "| | | system calls | page faults | instructions |\n|---|---|---|---|---|"
		print_lines(counts, n_counts)
	}
}
