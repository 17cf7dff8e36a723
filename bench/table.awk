# SPDX-License-Identifier: Apache-2.0
# The results as tables of a markdown document: times, memory, counts.
BEGIN { FS = "\t" }
function remember(key, name, value) {
	if (!(key in known)) {
		known[key] = 1
		order[++n] = key
	}
	cell[key, name] = value
}
function ms(us) { return us < 100000 ? sprintf("%.1f", us / 1000) : sprintf("%.0f", us / 1000) }
function of(key, name) { return (key, name) in cell ? cell[key, name] : "" }
$1 == "idle" { idle[++n_idle] = sprintf("| %s | %s | %d | %d |", $2, $3, $5, $6); next }
$1 == "counts" { counts[++n_counts] = sprintf("| %s | %s | %s | %s | %s |", $2, $3, $4, $5, $6); next }
{
	step = $1 == "podman" || $1 == "podman-first" || $1 == "docker" ? $1 " " $2 : $2
	sub(/^podman run$/, "run, podman's default", step)
	sub(/^podman-first run$/, "the same, for the first time", step)
	sub(/^docker run$/, "run, docker's default", step)
	remember(step, $3, sprintf("%s (%s–%s)", ms($5), ms($6), ms($7)))
	wall[step, $3] = $5
	peak[step, $3] = $10
}
END {
	print "Wall time in milliseconds: the median, and the 10th and 90th percentile.\n"
	print "| | floor | ocirun | crun | runc | ocirun : floor | ocirun : crun |"
	print "|---|---|---|---|---|---|---|"
	for (i = 1; i <= n; i++) {
		key = order[i]
		ours = wall[key, "ocirun"]
		printf "| %s | %s | %s | %s | %s | %s | %s |\n", key, of(key, "floor"), of(key, "ocirun"),
			of(key, "crun"), of(key, "runc"),
			(key, "floor") in cell ? sprintf("%.2f", ours / wall[key, "floor"]) : "",
			(key, "crun") in cell ? sprintf("%.2f", ours / wall[key, "crun"]) : ""
	}
	print "\nMemory of the largest process of a command, in KiB.\n"
	print "| | ocirun | crun | runc |\n|---|---|---|---|"
	for (i = 1; i <= n; i++) {
		key = order[i]
		if (key ~ /^(run|create|state|start|exec|kill|delete|list of 1000|config of 4 MiB)$/)
			printf "| %s | %s | %s | %s |\n", key, peak[key, "ocirun"], peak[key, "crun"],
				peak[key, "runc"]
	}
	if (n_idle) {
		print "\nMemory per container that waits for start, and that runs, in KiB.\n"
		print "| | | of the runtime's processes | of the kernel |\n|---|---|---|---|"
		for (i = 1; i <= n_idle; i++)
			print idle[i]
	}
	if (n_counts) {
		print "\nCounts of one command and all that it starts."
		print "Instructions are those in user space, of commands that valgrind can follow.\n"
		print "| | | system calls | page faults | instructions |\n|---|---|---|---|---|"
		for (i = 1; i <= n_counts; i++)
			print counts[i]
	}
}
