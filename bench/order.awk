# SPDX-License-Identifier: Apache-2.0
# From a link map, and then files of places in the program, one for each command that was run: the sections
# of its text in which those are, each when it comes first, as lines of a linker script.
FNR == 1 { file++ }
file == 1 { read_map(); next }
{
	at = section_of(hex($1))
	if (at && !(at in is_told)) {
		is_told[at]
		printf "\t\t%s\n", pattern[at]
	}
}

# A section is a line of its name, address, size and file, or two when the name is long.
function read_map() {
	if ($1 ~ /^\.text/ && NF == 4)
		add($1, $2, $3, $4)
	else if (name != "" && $1 ~ /^0x/ && NF == 3)
		add(name, $1, $2, $3)
	name = $1 ~ /^\.text/ && NF == 1 ? $1 : ""
}

function add(section, address, size, path) {
	if (hex(size) == 0 || hex(address) == 0)
		return
	n++
	start[n] = hex(address)
	end[n] = start[n] + hex(size)
	sub(/.*\//, "", path)
	# A member of a library is libc.a(malloc.o) there, and libc.a:malloc.o in a linker script.
	if (sub(/\(/, ":", path))
		sub(/\)$/, "", path)
	pattern[n] = "*" path "(" section ")"
}

# Sections are in the order of their addresses.
function section_of(place, low, high, middle) {
	low = 1
	high = n
	while (low < high) {
		middle = int((low + high + 1) / 2)
		if (start[middle] <= place)
			low = middle
		else
			high = middle - 1
	}
	return start[low] <= place && place < end[low] ? low : 0
}

function hex(text, value, i) {
	sub(/^0x/, "", text)
	for (i = 1; i <= length(text); i++)
		value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return value + 0
}
