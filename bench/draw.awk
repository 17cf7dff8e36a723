# SPDX-License-Identifier: Apache-2.0
# The wall times as a drawing (SVG): for each step a bar per program, as a share of the slowest, with
# a line from the 10th to the 90th percentile.
BEGIN {
	FS = "\t"
	n_colours = split("floor #9aa0a6 ocirun #1a73e8 crun #f9ab00 runc #d93025", pairs, " ")
	for (i = 1; i < n_colours; i += 2)
		colour[pairs[i]] = pairs[i + 1]
	left = 190; width = 560; bar = 12; gap = 14; top = 56
}
$1 == "idle" || $1 == "counts" || $1 == "phases" { next }
{
	step = $1 == "podman" ? "run, podman" : $1 == "podman-first" ? "run, podman, first" : \
	       $1 == "docker" ? "run, docker" : $2
	if (!(step in count))
		order[++n] = step
	at = ++count[step]
	program[step, at] = $3; median[step, at] = $5; p10[step, at] = $6; p90[step, at] = $7
	if ($7 > slowest[step])
		slowest[step] = $7
	height += bar
}
function ms(us) { return us < 100000 ? sprintf("%.1f ms", us / 1000) : sprintf("%.0f ms", us / 1000) }
function text(x, y, anchor, s) {
	printf "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, s
}
END {
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"860\" height=\"%d\" ", \
		top + height + n * gap + 20
	print "font-family=\"sans-serif\" font-size=\"11\">"
	print "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
	print "<g fill=\"#202124\">"
	print "<text x=\"20\" y=\"22\" font-size=\"15\">Time of each command: shorter is better</text>"
	x = 190
	for (i = 1; i < n_colours; i += 2) {
		printf "<rect x=\"%d\" y=\"32\" width=\"10\" height=\"10\" fill=\"%s\"/>\n", x, pairs[i + 1]
		text(x + 14, 41, "start", pairs[i])
		x += 80
	}
	y = top
	for (i = 1; i <= n; i++) {
		step = order[i]
		text(left - 10, y + count[step] * bar / 2 + 4, "end", step)
		for (j = 1; j <= count[step]; j++) {
			scale = width / slowest[step]
			printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", left, y, \
				median[step, j] * scale, bar - 2, colour[program[step, j]]
			printf "<path d=\"M%.1f %dH%.1f\" stroke=\"#202124\"/>\n", left + p10[step, j] * scale, \
				y + bar / 2 - 1, left + p90[step, j] * scale
			text(left + p90[step, j] * scale + 6, y + bar - 3, "start", ms(median[step, j]))
			y += bar
		}
		y += gap
	}
	print "</g>\n</svg>"
}
