# SPDX-License-Identifier: Apache-2.0
# First the results, then the goals of bench/figures.bash: a line for each goal whose row was measured.
BEGIN { FS = "\t" }
FNR == NR {
	step = $1 "/" $2
	gsub(" ", "_", step)
	wall[step, $3] = $5; ours_to[step, $3] = $8; growth[step, $3] = $9; peak[step, $3] = $11
	next
}
{
	split($0, goal, " ")
	what = goal[1]; kind = goal[2]; other = goal[3]
	got = floor = 0
	if (kind == "wall") {
		got = ours_to[what, other]
		if (other != "floor" && wall[what, other])
			floor = wall[what, "floor"] / wall[what, other]
	} else if (kind == "peak") {
		if (peak[what, other])
			got = peak[what, "ocirun"] / peak[what, other]
	} else {
		got = growth[what, "ocirun"]
		floor = growth[what, "floor"]
		if (kind == "above-floor") {
			if (floor)
				got /= floor
			floor = 0
		}
		other = "among " other
	}
	if (!got)
		next
	line = sprintf("%-6s %-26s %-11s %5.2f x %-8s goal %-4s%s%s", got <= goal[4] ? "met" : "MISSED", what, kind,
		got, other, goal[4], floor ? sprintf("  the floor: %.2f", floor) : "", \
		goal[5] ? "  (our own goal)" : "")
	sub(/ +$/, "", line)
	print line
}
