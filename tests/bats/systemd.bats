#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --systemd-cgroup where systemd runs the host, with cgroup v2: root's containers and a user's. The values
# are read from the kernel's files and from systemctl, not from ocirun.

load bundle

PROGRAM=$(dirname "$OCIRUN")/../ocirun-systemd/ocirun-systemd
INSTALLED=/usr/local/libexec/ocirun/ocirun-systemd

setup_file() {
	[ "$(id -u)" -eq 0 ] || { skip_file "needs root"; return; }
	[ -d /run/systemd/system ] || { skip_file "systemd does not run here"; return; }
	[ -e /sys/fs/cgroup/cgroup.controllers ] || { skip_file "needs cgroup v2"; return; }
	[ -x "$PROGRAM" ] || { skip_file "built without libsystemd"; return; }
	make_rootfs
	if [ ! -e "$INSTALLED" ]; then
		install -D "$PROGRAM" "$INSTALLED"
		touch "$BATS_FILE_TMPDIR/installed"
	fi
	export USER_NAME=ocirun-$$
	useradd --create-home --shell /bin/sh "$USER_NAME"
	loginctl enable-linger "$USER_NAME"
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
	install -m 755 "$OCIRUN" "$BATS_FILE_TMPDIR/ocirun"
}

teardown_file() {
	[ -n "${USER_NAME-}" ] || return 0
	loginctl disable-linger "$USER_NAME"
	systemctl stop "user@$(id -u "$USER_NAME").service"
	wait_for userdel --remove "$USER_NAME"
	[ ! -e "$BATS_FILE_TMPDIR/installed" ] || rm -r "${INSTALLED%/*}"
}

setup() {
	skip_with_file
	make_bundle
	SLICE=ocirun_bats-a.slice
	UNIT=t-$ID.scope
	DIR=/sys/fs/cgroup/ocirun_bats.slice/$SLICE/$UNIT
	config --arg path "$SLICE:t:$ID" '.linux.cgroupsPath = $path
		| .linux.namespaces += [{type: "cgroup"}] | .process.args = ["sleep", "1000"]'
}

teardown() {
	[ -z "${FILE_IS_SKIPPED-}" ] || return 0
	remove_containers
	[ ! -e "$DIR" ]
	expect_equal "$(systemctl list-units --all --plain --no-legend "*$ID*")" ''
}

start() {
	detached "$BATS_TEST_TMPDIR/run.log" ocirun --systemd-cgroup run --detach --bundle "$BUNDLE" "$ID"
}

# value FILE WANTED: of the container's cgroup
value() {
	expect_equal "$1: $(cat "$DIR/$1")" "$1: $2"
}

# property NAME WANTED: of its unit
property() {
	expect_equal "$1: $(systemctl show --property "$1" --value "$UNIT")" "$1: $2"
}

LIMITS='.linux.resources = {
	memory: {limit: 67108864, reservation: 33554432, swap: 134217728},
	cpu: {shares: 2048, quota: 55000, period: 100000, cpus: "0", mems: "0"},
	pids: {limit: 77}, blockIO: {weight: 500},
	unified: {"memory.high": "62914560", "memory.oom.group": "1"}}'

expect_limits() {
	value memory.max 67108864
	value memory.low 33554432
	value memory.swap.max 67108864
	value memory.high 62914560
	value memory.oom.group 1
	value cpu.weight 174
	value cpu.max '55000 100000'
	value cpuset.cpus 0
	value cpuset.mems 0
	value pids.max 77
}

@test "the scope lies in its slice, delegated, with the limits as properties and in the files" {
	config "$LIMITS"
	start
	value cgroup.procs "$(ocirun state "$ID" | jq .pid)"
	expect_limits
	property Slice "$SLICE"
	property Delegate yes
	property MemoryMax 67108864
	property MemoryLow 33554432
	property MemorySwapMax 67108864
	property MemoryHigh 62914560
	property CPUWeight 174
	property CPUQuotaPerSecUSec 550ms
	property AllowedCPUs 0
	property TasksMax 77
	property DevicePolicy strict
}

@test "what was asked for is there after a daemon-reload, and after others have set a property" {
	config "$LIMITS"
	start
	systemctl daemon-reload
	systemctl set-property --runtime "$UNIT" CPUWeight=200
	systemctl set-property --runtime "$UNIT" CPUWeight=174
	expect_limits
}

@test "a cgroup that is there, with processes or frozen, is refused before systemd is asked" {
	start
	run -1 ocirun --systemd-cgroup create --bundle "$BUNDLE" "$ID-2"
	expect_part "$output" "container's cgroup is not empty"
	expect_equal "$(ocirun state "$ID" | jq -r .status)" running
	ocirun delete --force "$ID"
	mkdir -p "$DIR"
	echo 1 >"$DIR/cgroup.freeze"
	for _ in once twice; do
		run -1 ocirun --systemd-cgroup create --bundle "$BUNDLE" "$ID"
		expect_part "$output" "container's cgroup unexpectedly frozen"
	done
	rmdir "$DIR"
	expect_equal "$(ls "$ROOT")" ''
}

@test "a quota that systemd rounds is in the file as it was asked for" {
	config '.linux.resources = {cpu: {quota: 55500, period: 100000}, pids: {limit: 7}}'
	start
	value cpu.max '55500 100000'
	property CPUQuotaPerSecUSec 560ms
	ocirun update --pids-limit 8 "$ID"
	value cpu.max '55500 100000'
	value pids.max 8
}

@test "device rules hold, also after a daemon-reload" {
	[ -e /dev/fuse ] || modprobe fuse
	config '.linux.devices = [{path: "/dev/fuse", type: "c", major: 10, minor: 229}]
		| .linux.resources.devices = [{allow: false, access: "rwm"},
			{allow: true, type: "c", major: 10, minor: 229, access: "r"}]'
	start
	for _ in before after; do
		ocirun exec "$ID" sh -c ': </dev/fuse; : >/dev/null'
		run ocirun exec "$ID" sh -c ': <>/dev/fuse'
		expect_status 1
		expect_part "$output" 'Operation not permitted'
		systemctl daemon-reload
	done
}

@test "an idle container has the weight that systemd calls idle" {
	config '.linux.resources.cpu = {shares: 2048, idle: 1}'
	start
	value cpu.idle 1
	property CPUWeight idle
	ocirun update --cpu-idle 0 "$ID"
	value cpu.idle 0
	systemctl daemon-reload
	value cpu.idle 0
	for _ in before after; do
		run -0 ocirun update --cpu-share 200 --cpu-idle 1 "$ID"
		expect_part "$output" 'unable to apply both'
		value cpu.idle 1
	done
}

@test "an update changes both, one that fails neither" {
	config "$LIMITS"
	start
	ocirun update --memory 50331648 --memory-swap 100663296 --pids-limit 50 --cpu-quota 20000 "$ID"
	value memory.max 50331648
	value memory.swap.max 50331648
	value cpu.max '20000 100000'
	property MemoryMax 50331648
	property TasksMax 50
	property CPUQuotaPerSecUSec 200ms
	value cpu.weight 174
	run ocirun update --pids-limit 60 --cpuset-mems 63 "$ID"
	expect_status 1
	value pids.max 50
	property TasksMax 50
	systemctl daemon-reload
	value pids.max 50
}

@test "a cgroup that can be written is the container's user's" {
	config '.linux.namespaces += [{ type: "user" }] | .process.user.uid = 7
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }]
		| .linux.gidMappings = .linux.uidMappings
		| .mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] },
			{ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup" }]'
	script 'mkdir /sys/fs/cgroup/below && exec sleep 1000'
	start
	wait_for test -d "$DIR/below"
	expect_equal "$(stat -c %u "$DIR" "$DIR/cgroup.procs" "$DIR/memory.max" | paste -sd,)" 100007,100007,0
	systemctl daemon-reload
	expect_equal "$(stat -c %u "$DIR")" 100007
}

@test "annotations set properties" {
	config '.annotations = {"org.systemd.property.TimeoutStopSec": "7",
		"org.systemd.property.After": "[\"dbus.service\"]",
		"org.systemd.property.CollectMode": "\"inactive\"",
		"org.systemd.property.MemoryHigh": "uint64 33554432"}'
	start
	property TimeoutStopUSec 7s
	property CollectMode inactive
	value memory.high 33554432
	expect_part "$(systemctl show --property After --value "$UNIT")" dbus.service
}

@test "limits do not count what making the container takes" {
	config '.linux.resources = {memory: {limit: 524288}, pids: {limit: 1}} | .process.args = ["true"]'
	run ocirun --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	expect_status 0
}

@test "exec, pause, resume and kill find the cgroup" {
	start
	run ocirun exec "$ID" cat /proc/self/cgroup
	expect_equal "$output" '0::/'
	ocirun pause "$ID"
	value cgroup.freeze 1
	ocirun resume "$ID"
	value cgroup.freeze 0
	ocirun kill "$ID" KILL
	wait_for expect_equal "$(ocirun state "$ID" | jq -r .status)" stopped || true
	ocirun delete --force "$ID"
}

@test "create, start and delete leave no unit" {
	detached "$BATS_TEST_TMPDIR/log" ocirun --systemd-cgroup create --bundle "$BUNDLE" "$ID"
	property ActiveState active
	ocirun start "$ID"
	ocirun kill "$ID" KILL
	within 10 ocirun delete "$ID"
	property LoadState not-found
}

@test "a container that was killed for lack of memory leaves no failed unit" {
	config '.linux.resources = {memory: {limit: 4194304, swap: 4194304}}
		| .annotations = {"org.systemd.property.CollectMode": "\"inactive\""}'
	script 'sleep 1; x=$(yes | head -c 50000000)'
	start
	wait_for [ ! -e "$DIR" ]
	ocirun delete --force "$ID"
}

@test "a name that another unit has is refused, and that unit lives on" {
	detached "$BATS_TEST_TMPDIR/log" systemd-run --scope --unit "$UNIT" sleep 1000 &
	wait_for systemctl --quiet is-active "$UNIT"
	run ocirun --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" 'already'
	systemctl --quiet is-active "$UNIT"
	systemctl stop "$UNIT"
	wait $! || true
}

@test "a runtime that is killed at any time leaves what delete --force removes" {
	local delay pid

	for delay in 0.01 0.05 0.1 0.2 0.3 0.5; do
		"$OCIRUN" --root "$ROOT" --systemd-cgroup create --bundle "$BUNDLE" "$ID" \
			</dev/null >/dev/null 2>&1 3>&- 4>&- &
		pid=$!
		sleep "$delay"
		kill -9 "$pid" || true
		wait "$pid" || true
		ocirun delete --force "$ID"
		[ ! -e "$ROOT/$ID" ]
		wait_for [ ! -e "$DIR" ]
		wait_for expect_equal "$(systemctl list-units --all --plain --no-legend "$UNIT")" ''
	done
}

# ---- a user's ----

# as_user COMMAND...: in a session's scope, as a login has it
as_user() {
	local uid

	uid=$(id -u "$USER_NAME")
	timeout --foreground -k 5 60 setpriv --reuid "$USER_NAME" --regid "$USER_NAME" --init-groups \
		env -i PATH=/usr/bin:/bin "HOME=/home/$USER_NAME" "XDG_RUNTIME_DIR=/run/user/$uid" "$@"
}

mortal() {
	as_user "$BATS_FILE_TMPDIR/ocirun" --root "/run/user/$(id -u "$USER_NAME")/ocirun" "$@"
}

# user_bundle FILTER: of the user, as `spec --rootless` makes it
user_bundle() {
	local dir=/home/$USER_NAME/bundle

	rm -rf "$dir"
	mkdir "$dir"
	cp -a "$BATS_FILE_TMPDIR/rootfs" "$dir/rootfs"
	chown "$USER_NAME:" "$dir"
	mortal spec --rootless --bundle "$dir"
	edit_json "$dir/config.json" --arg path "user.slice:t:$ID" '.process.terminal = false
		| .linux.cgroupsPath = $path | .process.args = ["sleep", "1000"] | '"$1"
	chown -R "$USER_NAME:" "$dir"
	cd "$dir"
	UID_DIR=/sys/fs/cgroup/user.slice/user-$(id -u "$USER_NAME").slice/user@$(id -u "$USER_NAME").service
	DIR=$UID_DIR/user.slice/$UNIT
}

@test "a user's container is made by the user's manager, with limits, exec, update and delete" {
	user_bundle '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 30}}'
	detached "$BATS_TEST_TMPDIR/log" mortal --systemd-cgroup run --detach "$ID"
	value memory.max 67108864
	value pids.max 30
	run mortal exec "$ID" cat /proc/self/cgroup
	expect_status 0
	expect_part "$output" "$UNIT"$'\n' || expect_equal "$output" '0::/'
	mortal exec --detach "$ID" sleep 900
	expect_equal "$(wc -l <"$DIR/cgroup.procs")" 2
	mortal update --memory 50331648 "$ID"
	value memory.max 50331648
	expect_equal "$(as_user systemctl --user show --property MemoryMax --value "$UNIT")" 50331648
	mortal delete --force "$ID"
	[ ! -e "$DIR" ]
	expect_equal "$(as_user systemctl --user list-units --all --plain --no-legend "$UNIT")" ''
}

@test "a user without a manager gets an error that says what to do" {
	user_bundle .
	run as_user env XDG_RUNTIME_DIR=/nonexistent "$BATS_FILE_TMPDIR/ocirun" \
		--root "/home/$USER_NAME/state" --systemd-cgroup run "$ID"
	expect_status 1
	expect_part "$output" "no systemd answers at 'unix:path=/nonexistent/systemd/private;"
	expect_part "$output" 'loginctl enable-linger'
}
