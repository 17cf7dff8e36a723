# SPDX-License-Identifier: Apache-2.0
# Replaces what is between the two marks of a document by the figures in the files table and goals.
function include(file, line) {
	while ((getline line <file) > 0)
		print line
}
/^<!-- end of figures -->$/ { is_inside = 0 }
!is_inside { print }
/^<!-- figures: / {
	is_inside = 1
	print "\nMeasured on " machine ".\n"
	include(table)
	print "\n```"
	include(goals)
	print "```\n"
}
