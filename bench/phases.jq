# SPDX-License-Identifier: Apache-2.0
# A trace (ocirun --trace) as lines of process, phase, microseconds. What phases are made of is not
# told. The last line is what of the command is in none of them.
def tracks: [.traceEvents[] | select(.ph == "M" and .name == "thread_name") | { key: "\(.tid)", value: .args.name }]
	| from_entries;

tracks as $tracks
| [.traceEvents[] | select(.ph == "X")] as $spans
| $spans[0] as $command
| [$spans[1:] | group_by(.tid)[] | sort_by(.ts)
	| reduce .[] as $span ([]; if . != [] and $span.ts < .[-1].ts + .[-1].dur then . else . + [$span] end)]
| add | sort_by(.ts)
| (.[] | [$tracks["\(.tid)"], .name, .dur]),
	["runtime", "between phases", $command.dur - ([.[] | select(.tid == $command.tid) | .dur] | add)],
	["runtime", "all of them", $command.dur]
| @tsv
