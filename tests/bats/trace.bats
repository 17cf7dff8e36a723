#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --trace writes what was done and when; `trace` shows it.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	TRACE=$BATS_TEST_TMPDIR/trace.json
}

teardown() {
	remove_containers
}

# spans [FILE]: "track: name detail" for each, in the order of the file
spans() {
	jq -r '(.traceEvents | map(select(.name == "thread_name") | { "\(.tid)": .args.name }) | add) as $tracks
		| .traceEvents[] | select(.ph == "X")
		| "\($tracks["\(.tid)"]): \(.name)" + (if .args.of then " " + .args.of else "" end)' \
		"${1-$TRACE}"
}

# has SPAN...: each is a line of what spans printed
has() {
	for span; do
		grep -qxF "$span" <<<"$output" || {
			echo "no '$span' in: $output"
			return 1
		}
	done
}

@test "run traces the steps of runtime and container, mounts and hooks by name" {
	config '.hooks = { createRuntime: [{ path: "/bin/true" }], startContainer: [{ path: "/bin/true" }] }'
	ocirun run --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	run -0 spans
	has "runtime: run" "runtime: read config.json" "runtime: plan" "runtime: clone" \
		"runtime: createRuntime /bin/true" "runtime: wait for the program" \
		"runtime: wait for the program's end" "runtime: forget the container" \
		"container's process: make mounts" "container's process: mount /proc" \
		"container's process: mount /dev/pts" \
		"container's process: startContainer /bin/true" "container's process: exec"
}

@test "every span of a run has ended, in nanoseconds that are those of its microseconds" {
	ocirun run --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	jq -e '[.traceEvents[] | select(.ph == "X")] | length > 20 and
		all(.args.unfinished == null and (.args.ns - .dur * 1000 | fabs) < 1)' "$TRACE"
}

@test "create and start are traced by their own files" {
	config '.process.args = ["sleep", "100"]'
	ocirun create --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	ocirun start --trace "$TRACE.start" "$ID"
	run -0 spans
	has "container's process: wait for start"
	[[ $output != *"process: exec"* ]]
	run -0 spans "$TRACE.start"
	has "runtime: start" "runtime: wait for the program" "container's process: exec"
	[[ $output != *"make mounts"* ]]
	# In both it is the same process.
	tid() {
		jq '.traceEvents[] | select(.args.name == "container'"'"'s process") | .tid' "$1"
	}
	expect_equal "$(tid "$TRACE")" "$(tid "$TRACE.start")"
	expect_equal "$(tid "$TRACE")" "$(ocirun state "$ID" | jq .pid)"
}

@test "start is traced also when create was not, and create when start is not" {
	config '.process.args = ["sleep", "100"]'
	ocirun create --bundle "$BUNDLE" "$ID"
	ocirun start --trace "$TRACE" "$ID"
	run -0 spans
	has "container's process: exec"
	ocirun delete --force "$ID"
	ocirun create --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	ocirun start "$ID"
}

@test "exec and delete are traced" {
	config '.process.args = ["sleep", "100"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID"
	ocirun exec --trace "$TRACE" "$ID" true
	run -0 spans
	has "runtime: exec" "joining process: enter namespaces and clone" \
		"container's process: join the container" "container's process: exec"
	ocirun delete --force --trace "$TRACE" "$ID"
	run -0 spans
	has "runtime: delete" "runtime: end processes" "runtime: remove cgroups"
}

@test "a container with a time namespace is traced in the time of the host" {
	config '.linux.namespaces += [{ type: "time" }] | .linux.timeOffsets = { monotonic: { secs: 100000 } }'
	ocirun run --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	jq -e '[.traceEvents[] | select(.ph == "X") | .ts + .dur] | max < 30000000 and min >= 0' "$TRACE"
}

@test "a run that fails is traced up to the step that failed" {
	config '.process.args = ["nosuch"]'
	run ocirun run --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_equal "$(jq -r '.traceEvents[] | select(.name == "find the program") | .args.failed' "$TRACE")" \
		"No such file or directory"
	run -0 spans
	has "runtime: undo"
	[[ $output != *"process: exec"* ]]
}

@test "a trace file that cannot be written fails before anything is done" {
	run ocirun run --trace /nonexistent/t --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" "open the trace file '/nonexistent/t'"
	[ ! -e "$ROOT/$ID" ]
}

@test "the container gets neither the trace nor its memory" {
	inside 'ls -l /proc/self/fd 2>/dev/null | grep -c -e trace -e memfd; true' 0 --trace "$TRACE"
	script 'cat /proc/self/maps | grep -c memfd; true'
	run ocirun run --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	expect_equal "$output" 0
}

@test "descriptors that the container keeps stay what they are" {
	script 'cat <&3; ls /proc/self/fd | wc -l'
	run ocirun run --trace "$TRACE" --preserve-fds 1 --bundle "$BUNDLE" "$ID" 3<<<hello
	expect_status 0
	expect_equal "${lines[0]}" hello
	# 0, 1, 2, 3, and the one that reads the directory
	expect_equal "${lines[1]}" 5
}

@test "without --trace no memory is made for one" {
	command -v strace >/dev/null || skip "strace is not installed"
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$BATS_TEST_TMPDIR/calls" -e trace=memfd_create,ftruncate \
		"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	run ! grep '"trace"' "$BATS_TEST_TMPDIR/calls"
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$BATS_TEST_TMPDIR/calls" -e trace=memfd_create,ftruncate \
		"$OCIRUN" --root "$ROOT" run --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	grep -q '"trace"' "$BATS_TEST_TMPDIR/calls"
}

@test "trace prints a line per span, plain in a pipe, as wide as the terminal says" {
	ocirun run --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	for width in 60 100 180; do
		COLUMNS=$width LC_ALL=C run -0 ocirun trace "$TRACE"
		expect_part "${lines[0]}" "ocirun run  "
		expect_part "$output" "  make mounts"
		expect_part "$output" "    mount /proc"
		expect_part "$output" "#"
		[[ $output != *$'\e'* ]]
		expect_equal "$(awk -v w="$width" 'length > w' <<<"$output")" ""
	done
	[ "$(spans | wc -l)" -eq "$(grep -c '#\|--*$' <<<"$output")" ]
}

@test "trace is in colour on a terminal, unless NO_COLOR is set" {
	ocirun run --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	TERM=xterm run -0 command script -qec "'$OCIRUN' trace '$TRACE'" /dev/null
	expect_part "$output" $'\e[0;32m'
	NO_COLOR=1 TERM=xterm run -0 command script -qec "'$OCIRUN' trace '$TRACE'" /dev/null
	[[ $output != *$'\e'* ]]
}

@test "trace writes a picture that stands alone, whatever the names are" {
	config '.mounts += [{ destination: "/<b>&\"", type: "tmpfs", source: "tmpfs" }]'
	ocirun run --trace "$TRACE" --bundle "$BUNDLE" "$ID"
	ocirun trace --svg "$TRACE.svg" "$TRACE"
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$TRACE.svg"
	grep -q '&lt;b&gt;&amp;' "$TRACE.svg"
	[ "$(grep -c '<rect class="\(work\|wait\|failed\)"' "$TRACE.svg")" -eq "$(spans | wc -l)" ]
	run ! grep -e href -e 'url(' "$TRACE.svg"
}

@test "trace refuses what is no trace" {
	echo '{}' >"$TRACE"
	run ocirun trace "$TRACE"
	expect_status 1
	expect_part "$output" "there are no traceEvents in it"
	echo '{' >"$TRACE"
	run ocirun trace "$TRACE"
	expect_status 1
	expect_part "$output" "is no JSON"
}

@test "trace refuses spans that no clock can have seen" {
	for times in '"ts": "a", "dur": 1' '"ts": 1' '"ts": 1, "dur": -1' '"ts": 1e308, "dur": 1e308'; do
		echo "{\"traceEvents\": [1, null, {\"ph\": \"X\", \"name\": \"x\", $times}]}" >"$TRACE"
		run timeout 10 "$OCIRUN" trace "$TRACE"
		expect_status 1
		expect_part "$output" 'event 2 is a span without a ts and dur'
	done
}
