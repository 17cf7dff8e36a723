#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A service manager that started the runtime is told when the container's program is ready.

load bundle

setup_file() {
	[ "$(id -u)" = 0 ] || { skip_file "needs root"; return; }
	command -v python3 >/dev/null || { skip_file "needs python3"; return; }
	make_rootfs
	"${CC:-cc}" -O1 -Wall -static -o "$BATS_FILE_TMPDIR/notify" "$BATS_TEST_DIRNAME/../agents/notify.c"
}

setup() {
	make_bundle
	cp "$BATS_FILE_TMPDIR/notify" "$ROOTFS/bin"
	OUT=$BATS_TEST_TMPDIR/out
	TOLD=$BATS_TEST_TMPDIR/told
	manager=
	export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/manager
}

teardown() {
	unset NOTIFY_SOCKET
	remove_containers
	[ -z "$manager" ] || kill "$manager"
}

# manage [ADDRESS]: a service manager that writes what it is told to $TOLD
manage() {
	python3 -c '
import os, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1].replace("@", "\0"))
out = open(sys.argv[2], "w", buffering=1)
while True:
    data, fds, _, _ = socket.recv_fds(server, 4096, 4)
    print(repr(data.decode()), len(fds), file=out)
    for fd in fds:
        os.close(fd)' "${1:-$NOTIFY_SOCKET}" "$TOLD" 3>&- 4>&- &
	manager=$!
	within 10 test -e "$TOLD"
}

create() {
	timeout 20 "$OCIRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&- 4>&-
}

pid() {
	ocirun state "$ID" | jq .pid
}

@test "start returns when the program says that it is ready, and tells its pid" {
	script 'sleep 0.5; echo about to; notify STATUS=working "$(printf "STATUS=done\nREADY=1")"; exec sleep 1000'
	manage
	create
	[ ! -s "$TOLD" ]
	run -0 timeout 20 "$OCIRUN" --root "$ROOT" start "$ID"
	expect_equal "$output" ''
	expect_equal "$(cat "$OUT")" 'about to'
	expect_equal "$(cat "$TOLD")" "'READY=1\\nMAINPID=$(pid)\\n' 0"$'\n'"'BARRIER=1' 1"
	expect_equal "$(ocirun state "$ID" | jq -r .status)" running
}

@test "start of a program that ends without a word returns, too" {
	script 'sleep 0.3; exit 3'
	manage
	create
	run -0 timeout 20 "$OCIRUN" --root "$ROOT" start "$ID"
	expect_equal "$(ocirun state "$ID" | jq -r .status)" stopped
	expect_equal "$(cat "$TOLD")" ''
}

@test "create waits for nobody, and needs nobody who listens" {
	script 'exec sleep 1000'
	create
	expect_equal "$(ocirun state "$ID" | jq -r .status)" created
	manage
	ocirun delete "$ID"
	create
	expect_equal "$(cat "$TOLD")" ''
}

@test "run --detach returns when the program is ready" {
	script 'sleep 0.5; echo about to; notify READY=1; exec sleep 1000'
	manage
	timeout 20 "$OCIRUN" --root "$ROOT" run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&- 4>&-
	expect_equal "$(cat "$OUT")" 'about to'
	expect_equal "$(cat "$TOLD")" "'READY=1\\nMAINPID=$(pid)\\n' 0"$'\n'"'BARRIER=1' 1"
}

@test "run in the foreground tells its own pid, and passes signals on before and after" {
	script 'trap "notify READY=1" USR1; trap "exit 7" TERM; echo up; while :; do sleep 0.05; done'
	manage
	"$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$OUT" 2>&1 3>&- 4>&- &
	pid=$! status=0
	within 10 grep -q up "$OUT"
	[ ! -s "$TOLD" ]
	kill -USR1 $pid
	within 10 test -s "$TOLD"
	expect_equal "$(cat "$TOLD")" "'READY=1\\nMAINPID=$pid\\n' 0"
	kill -TERM $pid
	wait $pid || status=$?
	expect_equal "$status" 7
	[ ! -e "$ROOT/$ID" ]
}

@test "an abstract address is one, too" {
	NOTIFY_SOCKET=@bats-notify-$$
	script 'notify READY=1; exec sleep 1000'
	manage
	create
	timeout 20 "$OCIRUN" --root "$ROOT" start "$ID"
	expect_part "$(cat "$TOLD")" READY=1
}

@test "users of the container may speak there, in a user namespace too; nobody can write" {
	script 'notify READY=1 && touch /run/notify/x 2>/dev/null || echo read-only; stat -c %a /run/notify; exec sleep 1000'
	config '.process.user = { uid: 1000, gid: 1000 }
		| .mounts += [{ destination: "/run", type: "tmpfs", source: "tmpfs" }]'
	manage
	for userns in '.' '.linux.namespaces += [{ type: "user" }]
			| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
			| .linux.gidMappings = .linux.uidMappings'; do
		config "$userns"
		(umask 077 && create)
		timeout 20 "$OCIRUN" --root "$ROOT" start "$ID"
		within 10 grep -q 755 "$OUT"
		expect_equal "$(cat "$OUT")" $'read-only\n755'
		ocirun delete --force "$ID"
		[ ! -e "$ROOT/$ID" ]
	done
	expect_equal "$(grep -c READY "$TOLD")" 2
}

@test "a NOTIFY_SOCKET where nobody listens is a warning, and nobody waits" {
	script 'exec sleep 1000'
	for command in create start 'run --detach'; do
		[[ $command == start ]] || ocirun delete --force "$ID"
		timeout 20 "$OCIRUN" --root "$ROOT" --log "$BATS_TEST_TMPDIR/log" $command \
			$([[ $command == start ]] || echo "--bundle $BUNDLE") "$ID" </dev/null >"$OUT" 2>&1 3>&- 4>&-
	done
	expect_equal "$(grep -c "nobody listens at NOTIFY_SOCKET '$NOTIFY_SOCKET'" "$BATS_TEST_TMPDIR/log")" 2
	expect_equal "$(ocirun state "$ID" | jq -r .status)" running
}

@test "while start waits the container can be looked at, paused and deleted" {
	local pid

	script 'exec sleep 1000'
	manage
	create
	"$OCIRUN" --root "$ROOT" start "$ID" >"$BATS_TEST_TMPDIR/start" 2>&1 3>&- 4>&- &
	pid=$!
	within 10 eval '[ "$(ocirun state "$ID" | jq -r .status)" = running ]'
	ocirun pause "$ID"
	ocirun resume "$ID"
	kill -0 $pid
	ocirun kill "$ID" KILL
	wait $pid
	ocirun delete "$ID"
}

@test "without one, empty, or without a mount namespace, the container has none" {
	script 'echo "[$NOTIFY_SOCKET]"; ls -d /run/notify 2>/dev/null || true'
	NOTIFY_SOCKET='' inside 'echo "[$NOTIFY_SOCKET]"; ls -d /run/notify 2>/dev/null || true' '[]'
	unset NOTIFY_SOCKET
	inside 'echo "[$NOTIFY_SOCKET]"; ls -d /run/notify 2>/dev/null || true' '[]'
	export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/manager
	manage
	config 'del(.mounts) | .linux.namespaces |= map(select(.type != "mount"))'
	inside 'echo "[$NOTIFY_SOCKET]"; ls -d /run/notify 2>/dev/null || true' '[]'
}

@test "a container with mounts in the runtime's mount namespace has one" {
	manage
	config '.linux.namespaces |= map(select(.type != "mount"))'
	script 'echo "$NOTIFY_SOCKET"; notify READY=1'
	run -0 unshare --mount timeout 20 "$OCIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_equal "$output" /run/notify/notify.sock
	within 10 grep -q READY=1 "$TOLD"
}

@test "delete removes what a privileged container has put beside the socket" {
	manage
	config '.process.capabilities = ({bounding: ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"]} |
		.effective = .bounding | .permitted = .bounding)'
	script 'mount -o remount,rw,bind /run/notify && mkdir -p /run/notify/a/b/c &&
		touch /run/notify/a/file && ln -s / /run/notify/a/b/link && notify READY=1 && sleep 100'
	create
	ocirun start "$ID"
	[ -L "$ROOT/$ID/notify/a/b/link" ]
	ocirun delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
}
