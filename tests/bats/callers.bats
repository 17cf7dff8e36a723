#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command lines of engines, as they were recorded, in the surroundings that engines leave to a
# runtime: inherited descriptors, ignored and blocked signals, nearly no environment.

load bundle

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file 'needs root'; return; }
	command -v python3 >/dev/null || { skip_file 'needs python3'; return; }
	make_rootfs
}

setup() {
	make_bundle
	LOG=$BATS_TEST_TMPDIR/log.json PID_FILE=$BATS_TEST_TMPDIR/pid OUT=$BATS_TEST_TMPDIR/out
	# What a program sees of its caller: descriptors (4 is ls's own) and signals.
	SEES='ls /proc/self/fd | tr "\n" " "; grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status | tr -d "\t\n"; echo'
	WANT='0 1 2 3 SigBlk:0000000000000000SigIgn:0000000000000000SigCgt:0000000000000000'
}

teardown() {
	touch "$BATS_TEST_TMPDIR/over"
	remove_containers
	[ -z "${ID-}" ] || "$OCIRUN" delete --force "$ID"
}

# as_caller STATE... -- ARGUMENT...: the runtime, called by somebody in that state (tests/agents)
as_caller() {
	local words=()

	while [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	timeout -k 5 30 python3 "$BATS_TEST_DIRNAME/../agents/as_caller.py" "${words[@]}" -- \
		"$OCIRUN" "${@:2}"
}

# quiet COMMAND...: it succeeds, and says nothing; for those that leave nobody behind who holds a pipe
quiet() {
	run "$@" 3>&- </dev/null
	expect_status 0
	expect_equal "$output" ''
}

# piped FILE COMMAND...: as shims do, 0 is the null device, 1 and 2 a pipe that is read to its end
piped() {
	local file=$1 fifo=$BATS_TEST_TMPDIR/fifo

	shift
	rm -f "$fifo"
	mkfifo "$fifo"
	cat "$fifo" >"$file" 3>&- &
	READER=$!
	"$@" </dev/null >"$fifo" 2>&1 3>&-
}

status_of() {
	ocirun state "$ID" | jq -r .status
}

until_status() {
	local i

	for ((i = 0; i < 200; i++)); do
		[ "$(status_of)" != "$1" ] || return 0
		sleep 0.05
	done
	echo "$(status_of), not $1"
	return 1
}

expect_digits() {
	[[ $(od -An -c "$1" | tr -d ' \n') =~ ^[0-9]+$ ]]
}

# process_file ARGUMENT...: a process object, as engines write them for exec
process_file() {
	jq -n '{user: {uid: 0, gid: 0}, cwd: "/", env: ["PATH=/bin"], args: $ARGS.positional}' \
		--args -- "$@" >"$BATS_TEST_TMPDIR/process.json"
}

# ---- containerd's shim, by go-runc; dockerd ----

# shim ARGUMENT...: its listening socket is inherited, and the runtime is to die with it
shim() {
	as_caller listener death=SIGKILL -- --root "$ROOT" --log "$LOG" --log-format json "$@"
}

@test "containerd: a container from create to delete" {
	script "$SEES; sleep 100"
	piped "$OUT" shim create --bundle "$BUNDLE" --pid-file "$PID_FILE" --no-new-keyring "$ID"
	expect_digits "$PID_FILE"
	expect_equal "$(shim state "$ID" | jq -r '"\(.status) \(.pid)"')" "created $(cat "$PID_FILE")"
	quiet shim start "$ID"
	process_file sh -c "$SEES; exit 3"
	piped "$BATS_TEST_TMPDIR/exec" shim exec --process "$BATS_TEST_TMPDIR/process.json" --detach \
		--pid-file "$BATS_TEST_TMPDIR/exec.pid" "$ID"
	wait "$READER"
	expect_digits "$BATS_TEST_TMPDIR/exec.pid"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/exec")" "$WANT"
	expect_equal "$(shim ps --format json "$ID" | jq -c .)" "$(shim ps --format json "$ID")"
	expect_equal "$(shim ps --format json "$ID" | jq "index($(cat "$PID_FILE"))")" 0
	quiet shim pause "$ID"
	quiet shim resume "$ID"
	run shim events --stats "$ID"
	expect_equal "$(jq -r '.type + .id' <<<"$output")" "stats$ID"
	run shim update --resources=- "$ID" <<<'{"pids": {"limit": 50}}'
	expect_status 0
	quiet shim kill "$ID" 15
	quiet shim kill --all "$ID" 9
	until_status stopped
	quiet shim delete "$ID"
	# From another process, when all is over.
	quiet shim delete --force "$ID"
	expect_equal "$(cat "$OUT")" "$WANT"
	[ ! -s "$LOG" ]
}

@test "containerd: the reader of the output gets its end with the container, and with each exec" {
	script 'sleep 100'
	piped "$OUT" shim create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
	quiet shim start "$ID"
	kill -0 "$READER"
	quiet shim kill "$ID" KILL
	timeout 10 tail --pid="$READER" -f /dev/null
}

@test "containerd: the last error is the log's last object" {
	config '.process.args = ["nosuch"]'
	run shim create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
	expect_status 1
	expect_equal "$(jq -r 'select(.level == "error") | .msg' "$LOG")" "${output#ocirun: }"
	expect_part "$output" 'executable file not found in $PATH'
	[ ! -e "$PID_FILE" ]
	run shim delete "$ID"
	expect_status 1
	expect_part "$output" 'container does not exist'
	quiet shim delete --force "$ID"
}

@test "docker: zero-valued and empty members of an update mean unset" {
	config '.process.args = ["sleep", "100"] | .linux.resources.pids.limit = 40'
	piped "$OUT" shim run --detach --bundle "$BUNDLE" "$ID"
	run shim update --resources=- "$ID" <<<'{"memory": {"limit": 0}, "cpu": {"shares": 0, "cpus": ""},
		"blockIO": {"weight": 0}, "pids": {"limit": 60}, "devices": [{"allow": false, "access": "rwm"}]}'
	expect_status 0
	process_file sh -c 'echo x >/dev/null'
	quiet shim exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
}

# ---- podman and conmon ----

# conmon ARGUMENT...: it ignores SIGPIPE, and has descriptors for its sockets and pipes
conmon() {
	as_caller ignore=SIGPIPE pipes=3 -- --root "$ROOT" --log-format=json --log="$LOG" "$@"
}

# podman ARGUMENT...: no environment but an empty XDG_RUNTIME_DIR, and a signal that cleanup blocks
podman() {
	env -i PATH="$PATH" XDG_RUNTIME_DIR= python3 "$BATS_TEST_DIRNAME/../agents/as_caller.py" \
		block=SIGUSR1 -- env -u PATH "$OCIRUN" "$@"
}

@test "conmon: a container and an exec in it" {
	script "$SEES; sleep 100"
	piped "$OUT" conmon create --bundle "$BUNDLE" --pid-file "$PID_FILE" --no-pivot --no-new-keyring "$ID"
	quiet podman --root "$ROOT" start "$ID"
	process_file sh -c "$SEES"
	piped "$BATS_TEST_TMPDIR/exec" conmon exec --pid-file "$BATS_TEST_TMPDIR/exec.pid" \
		--process "$BATS_TEST_TMPDIR/process.json" --detach "$ID"
	wait "$READER"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/exec")" "$WANT"
	# Two of those that it has open are for the process.
	piped "$BATS_TEST_TMPDIR/exec" conmon exec --pid-file "$BATS_TEST_TMPDIR/exec.pid" \
		--process "$BATS_TEST_TMPDIR/process.json" --detach --preserve-fds 2 "$ID"
	wait "$READER"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/exec")" "${WANT/3/3 4 5}"
	expect_equal "$(cat "$OUT")" "$WANT"
	quiet podman --root "$ROOT" kill "$ID" 15
	quiet podman --root "$ROOT" kill --all "$ID" 9
	until_status stopped
	quiet podman --root "$ROOT" delete --force "$ID"
	[ ! -s "$LOG" ]
}

@test "podman: the whole log of a command that failed is one object" {
	config '.process.args = ["/bin/nosuch"] | .mounts += [{destination: "mnt", type: "tmpfs", source: "t"}]'
	run conmon create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
	expect_status 1
	expect_equal "$(jq -s length "$LOG")" 1
	expect_equal "$(jq -r .level "$LOG")" error
	expect_part "$(jq -r .msg "$LOG")" 'no such file or directory'
}

@test "podman: cleanup with an empty XDG_RUNTIME_DIR finds root's containers, USR1 stays blocked for it alone" {
	script "$SEES; sleep 100"
	"$OCIRUN" create --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&-
	quiet podman start "$ID"
	quiet podman pause "$ID"
	quiet podman resume "$ID"
	quiet podman kill "$ID" 9
	quiet podman delete --force "$ID"
	[ ! -e "/run/ocirun/$ID" ]
	expect_equal "$(cat "$OUT")" "$WANT"
}

@test "podman: without cgroups" {
	config '.process.args = ["sleep", "100"]'
	piped "$OUT" conmon --cgroup-manager disabled create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
	quiet podman --root "$ROOT" --cgroup-manager disabled start "$ID"
	expect_equal "$(find /sys/fs/cgroup -name "$ID")" ''
	quiet podman --root "$ROOT" --cgroup-manager disabled delete --force "$ID"
	wait "$READER"
	[ ! -e "/proc/$(cat "$PID_FILE")/exe" ]
}

# ---- CRI-O ----

@test "CRI-O: start, kill by name, kill -a, update without devices, delete" {
	config '.process.args = ["sleep", "100"]'
	run ocirun features
	expect_equal "$(jq -r '[.ociVersionMin, .ociVersionMax] | map(type) | unique | join(" ")' <<<"$output")" string
	expect_equal "$(jq '.linux.mountExtensions.idmap.enabled, (.mountOptions | index("rro") != null)' <<<"$output" |
		uniq)" true
	piped "$OUT" ocirun --root "$ROOT" create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
	expect_equal "$(status_of)" created
	quiet ocirun start "$ID"
	run ocirun update --resources - "$ID" <<<'{"devices": [{"allow": false, "access": "rwm"}], "cpu": {"shares": 512}}'
	expect_status 0
	quiet ocirun exec "$ID" sh -c 'echo x >/dev/null'
	quiet ocirun kill "$ID" SIGTERM
	quiet ocirun kill "$ID" KILL
	until_status stopped
	quiet ocirun kill -a "$ID" 9
	quiet ocirun delete --force "$ID"
	run ocirun state "$ID"
	expect_status 1
	expect_part "$output" 'container does not exist'
}

@test "CRI: kill --all 9, twice, of what init left in a shared pid namespace; then delete, and delete --force" {
	local left

	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	script 'sleep 100 & echo $! >/left; exit 0'
	piped "$OUT" shim create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
	quiet shim start "$ID"
	until_status stopped
	left=$(cat "$ROOTFS/left")
	[ -e "/proc/$left/exe" ]
	quiet shim kill --all "$ID" 9
	quiet shim kill --all "$ID" 9
	wait "$READER"
	[ ! -e "/proc/$left/exe" ]
	quiet shim delete "$ID"
	quiet shim delete --force "$ID"
	expect_equal "$(find /sys/fs/cgroup -name "$ID")" ''
}

# ---- conmon-rs ----

@test "conmon-rs: exec -d with the program's options behind the id, and no --" {
	config '.process.args = ["sleep", "100"]'
	piped "$OUT" as_caller pipes=2 -- --root="$ROOT" create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
	quiet as_caller -- --root="$ROOT" start "$ID"
	piped "$BATS_TEST_TMPDIR/exec" as_caller pipes=2 -- --root="$ROOT" exec -d \
		--pid-file="$BATS_TEST_TMPDIR/exec.pid" "$ID" sh -e -c 'echo "$@"; ls /proc/self/fd | wc -l' -- -d --tty -x
	wait "$READER"
	expect_digits "$BATS_TEST_TMPDIR/exec.pid"
	expect_equal "$(cat "$BATS_TEST_TMPDIR/exec")" $'-d --tty -x\n4'
}

# ---- buildah ----

# buildah ARGUMENT...: a dozen pipes are inherited
buildah() {
	as_caller pipes=6 -- --root "$ROOT" "$@"
}

@test "buildah: asks for the state all the time, and knows four statuses" {
	local poller

	script "$SEES; until [ -e /go ]; do sleep 0.1; done"
	# From before the container is there: an error, or one of those that it knows.
	(
		until [ -e "$BATS_TEST_TMPDIR/over" ]; do
			buildah state "$ID" >"$BATS_TEST_TMPDIR/answer" 2>"$BATS_TEST_TMPDIR/said" &&
				jq -r .status "$BATS_TEST_TMPDIR/answer" || cat "$BATS_TEST_TMPDIR/said"
			sleep 0.01
		done >"$BATS_TEST_TMPDIR/statuses"
	) 3>&- &
	poller=$!
	piped "$OUT" buildah create --bundle "$BUNDLE" --pid-file "$PID_FILE" --no-new-keyring "$ID"
	quiet buildah start "$ID"
	until grep -q running "$BATS_TEST_TMPDIR/statuses"; do
		kill -0 "$poller"
		sleep 0.05
	done
	touch "$ROOTFS/go"
	until_status stopped
	quiet buildah delete "$ID"
	wait "$READER"
	touch "$BATS_TEST_TMPDIR/over"
	wait "$poller"
	expect_equal "$(grep -vE '^(creating|created|running|stopped)$|container does not exist' \
		"$BATS_TEST_TMPDIR/statuses")" ''
	expect_equal "$(cat "$OUT")" "$WANT"
}

@test "buildah: kill with and without a signal" {
	script 'trap "exit 3" TERM; while :; do sleep 0.1; done'
	piped "$OUT" buildah create --bundle "$BUNDLE" --pid-file "$PID_FILE" "$ID"
	quiet buildah start "$ID"
	quiet buildah kill "$ID" SIGCONT
	quiet buildah kill "$ID"
	until_status stopped
	quiet buildah delete "$ID"
}
