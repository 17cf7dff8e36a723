#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Namespaces that are created, joined by path or shared with the host, and what is set in them.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
}

teardown() {
	remove_containers
}

# type in config.json, and name in /proc/PID/ns
names="pid:pid network:net ipc:ipc uts:uts mount:mnt user:user cgroup:cgroup time:time"

# ids_of PROC_DIR: "name id" of each namespace, a line each
ids_of() {
	local name

	for name in $names; do
		echo "${name#*:} $(readlink "$1/ns/${name#*:}")"
	done
}

# The same, to be run in a container.
ids_inside='for n in pid net ipc uts mnt user cgroup time; do echo "$n $(readlink /proc/self/ns/$n)"; done'

# same LIST NAME: the id of that namespace in a list of ids_of
id_in() {
	sed -n "s/^$2 //p" <<<"$1"
}

# namespaces JSON: without those that need one, hostname and what is in it go too
namespaces() {
	config --argjson list "$1" '.linux.namespaces = $list | del(.hostname)'
}

map_ids() {
	config '.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }]'
	chown -R 100000:200000 "$ROOTFS"
}

# other JSON: a second container $ID-other with these namespaces that waits; sets OTHER to its pid
other() {
	cp "$BUNDLE/config.json" "$BUNDLE/kept.json"
	config '.process.args = ["sleep", "1000"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID-other" </dev/null >/dev/null 2>&1
	OTHER=$(ocirun state "$ID-other" | jq .pid)
	mv "$BUNDLE/kept.json" "$BUNDLE/config.json"
}

# joined NAME...: entries of /linux/namespaces that join those of $OTHER
joined() {
	local name

	for name in $names; do
		[[ " $* " == *" ${name%:*} "* ]] || continue
		printf '{ "type": "%s", "path": "/proc/%s/ns/%s" }\n' "${name%:*}" "$OTHER" "${name#*:}"
	done | jq -s .
}

# expect_joined NAME...: in $output these are those of $OTHER, and no others are
expect_joined() {
	local name theirs

	theirs=$(ids_of "/proc/$OTHER")
	for name in $names; do
		if [[ " $* " == *" ${name%:*} "* ]]; then
			expect_equal "$name $(id_in "$output" "${name#*:}")" "$name $(id_in "$theirs" "${name#*:}")"
		else
			[ "$(id_in "$output" "${name#*:}")" != "$(id_in "$theirs" "${name#*:}")" ] || {
				echo "$name is joined too"
				return 1
			}
		fi
	done
}

@test "each type of namespace is created, and no other" {
	local name one host

	host=$(ids_of /proc/self)
	for one in $names; do
		namespaces "[{ \"type\": \"mount\" }, { \"type\": \"${one%:*}\" }]"
		config '.linux.namespaces |= unique | del(.linux.uidMappings, .linux.gidMappings)'
		[ "$one" != user:user ] || map_ids
		# Without both its namespaces there is no procfs of its own to mount.
		config '.mounts = [{ destination: "/proc", type: "bind", source: "/proc", options: ["rbind"] }]'
		[ "$one" != pid:pid ] || config '.mounts = [{ destination: "/proc", type: "proc" }]'
		container "$ids_inside"
		expect_status 0
		for name in $names; do
			if [ "$name" = "$one" ] || [ "$name" = mount:mnt ]; then
				[ "$(id_in "$output" "${name#*:}")" != "$(id_in "$host" "${name#*:}")" ]
				[[ $(id_in "$output" "${name#*:}") == "${name#*:}:["* ]]
			else
				expect_equal "$one: $(id_in "$output" "${name#*:}")" "$one: $(id_in "$host" "${name#*:}")"
			fi
		done
	done
}

@test "all eight types together" {
	local name host

	host=$(ids_of /proc/self)
	map_ids
	config '.linux.namespaces = [{ type: "time" }, { type: "cgroup" }, { type: "user" }, { type: "uts" },
		{ type: "ipc" }, { type: "network" }, { type: "pid" }, { type: "mount" }]'
	container "$ids_inside; echo pid \$\$"
	expect_status 0
	expect_equal "${lines[8]}" "pid 1"
	for name in $names; do
		[ "$(id_in "$output" "${name#*:}")" != "$(id_in "$host" "${name#*:}")" ]
	done
}

@test "each type of namespace is joined by path, and no other" {
	local one

	map_ids
	config '.linux.namespaces += [{ type: "cgroup" }, { type: "time" }]
		| del(.linux.uidMappings, .linux.gidMappings)'
	other
	for one in pid network ipc uts cgroup time; do
		namespaces "$(joined $one)"
		config '.linux.namespaces += [{ type: "mount" }]'
		container "$ids_inside"
		expect_status 0
		expect_joined "$one" user
	done
}

@test "network, ipc and uts are joined with a new pid namespace" {
	other
	namespaces "$(joined network ipc uts)"
	config '.linux.namespaces += [{ type: "pid" }, { type: "mount" }]'
	container "$ids_inside; echo pid \$\$; hostname"
	expect_status 0
	expect_joined network ipc uts user cgroup time
	expect_equal "${lines[8]}" "pid 1"
	expect_equal "${lines[9]}" "bats"
}

@test "a joined pid namespace shows the other container's processes" {
	other
	namespaces "$(joined pid)"
	config '.linux.namespaces += [{ type: "network" }, { type: "mount" }]'
	container 'tr "\0" " " </proc/1/cmdline; [ $$ -gt 1 ] && echo second'
	expect_status 0
	expect_equal "$output" "sleep 1000 second"
	expect_part "$(ocirun state "$ID-other")" '"status":"running"'
}

@test "a joined user namespace owns the new ones" {
	map_ids
	config '.linux.namespaces += [{ type: "user" }]'
	other
	namespaces "$(joined user)"
	config '.linux.namespaces += [{ type: "pid" }, { type: "network" }, { type: "mount" }, { type: "ipc" },
		{ type: "uts" }, { type: "cgroup" }]
		| .hostname = "owned" | .linux.sysctl = { "net.ipv4.ip_forward": "1" }'
	container "$ids_inside; id -u; cat /proc/self/uid_map /proc/self/gid_map | tr -s ' '; hostname"
	expect_status 0
	expect_joined user time
	expect_equal "${lines[8]}" 0
	expect_equal "${lines[9]}" " 0 100000 65536"
	expect_equal "${lines[10]}" " 0 200000 65536"
	expect_equal "${lines[11]}" owned
}

@test "user, network and mount of another container are joined, and its mounts stay as they are" {
	local before name pid

	map_ids
	config '.linux.namespaces += [{ type: "user" }]'
	other
	before=$(cat "/proc/$OTHER/mountinfo")
	namespaces "$(joined user network mount)"
	config '.linux.namespaces += [{ type: "uts" }] | .root.path = "/" | del(.mounts)'
	nsenter --target "$OTHER" --user --mount /bin/sh -c 'echo theirs >/dev/marker'
	config '.process.args = ["sleep", "1000"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 ||
		cat "$BATS_TEST_TMPDIR/said"
	pid=$(ocirun state "$ID" | jq .pid)
	for name in user net mnt; do
		expect_equal "$(readlink "/proc/$pid/ns/$name")" "$(readlink "/proc/$OTHER/ns/$name")"
	done
	[ "$(readlink "/proc/$pid/ns/uts")" != "$(readlink "/proc/$OTHER/ns/uts")" ]
	expect_equal "$(cat "/proc/$pid/root/dev/marker")" theirs
	expect_equal "$(cat "/proc/$OTHER/mountinfo")" "$before"
}

@test "all namespaces of another container are joined" {
	map_ids
	config '.linux.namespaces += [{ type: "user" }, { type: "cgroup" }, { type: "time" }]'
	other
	namespaces "$(joined pid network ipc uts mount user cgroup time)"
	config '.root.path = "/" | del(.mounts)'
	container "$ids_inside; cat /proc/1/cmdline | tr '\0' ' '"
	expect_status 0
	expect_joined pid network ipc uts mount user cgroup time
	expect_equal "${lines[8]}" "sleep 1000 "
}

@test "a user namespace whose devices lie in the root itself can be made again" {
	map_ids
	config '.linux.namespaces += [{ type: "user" }] | del(.mounts)'
	inside '[ -c /dev/null ] && echo device' device
	[ -f "$ROOTFS/dev/null" ]
	inside '[ -c /dev/null ] && echo device' device
}

@test "a new user namespace comes with a joined network" {
	other
	map_ids
	namespaces "$(joined network)"
	config '.linux.namespaces += [{ type: "user" }, { type: "pid" }, { type: "mount" }]'
	container "$ids_inside; cat /proc/self/uid_map | tr -s ' '"
	expect_status 0
	expect_joined network cgroup time
	expect_equal "${lines[8]}" " 0 100000 65536"
}

@test "a new user namespace comes with a joined pid and time namespace" {
	config '.linux.namespaces += [{ type: "time" }] | .linux.timeOffsets.boottime.secs = 500000'
	other
	config 'del(.linux.timeOffsets)'
	map_ids
	namespaces "$(joined pid time)"
	config '.linux.namespaces += [{ type: "user" }, { type: "mount" }]
		| .mounts[0] = { destination: "/proc", type: "bind", source: "/proc", options: ["rbind"] }'
	container "readlink /proc/self/ns/time; [ \$(cut -d. -f1 /proc/uptime) -gt 500000 ] && echo later"
	expect_status 0
	expect_equal "${lines[1]}" later
}

@test "a path that is no namespace is refused" {
	local path

	for path in /dev/null /etc/passwd /; do
		config --arg path "$path" '.linux.namespaces[1] = { type: "network", path: $path }'
		refused /linux/namespaces/1 "'$path' is not a namespace"
	done
	config '.linux.namespaces[1].path = "/nonexistent"'
	refused /linux/namespaces/1 "open the net namespace '/nonexistent': No such file or directory"
	config '.linux.namespaces[1].path = "relative"'
	refused /linux/namespaces/1 relative
}

@test "a path of another type of namespace is refused" {
	config '.linux.namespaces[1].path = "/proc/self/ns/ipc"'
	refused /linux/namespaces/1 "'/proc/self/ns/ipc' is a namespace of type ipc, not of type network"
}

@test "a fifo as the path of a namespace does not block" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	config --arg path "$BATS_TEST_TMPDIR/fifo" '.linux.namespaces[1].path = $path'
	refused /linux/namespaces/1 "is not a namespace"
}

@test "the type of a namespace counts once, and has to be known" {
	config '.linux.namespaces += [{ type: "pid" }]'
	refused /linux/namespaces/5 "type of an earlier namespace"
	config '.linux.namespaces[5].type = "nope"'
	refused /linux/namespaces/5 nope
	config 'del(.linux.namespaces[5].type)'
	refused /linux/namespaces/5 type
}

@test "several ranges of ids are mapped" {
	map_ids
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 10 },
			{ containerID: 10, hostID: 300000, size: 90 },
			{ containerID: 5000, hostID: 400000, size: 1 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 1 },
			{ containerID: 77, hostID: 210000, size: 2 }]
		| .process.user = { uid: 5000, gid: 77, additionalGids: [78] }'
	inside "cat /proc/self/uid_map /proc/self/gid_map | tr -s ' '; id -u; id -G" " 0 100000 10
 10 300000 90
 5000 400000 1
 0 200000 1
 77 210000 2
5000
77 78"
}

@test "what is created in a container with mapped ids belongs to the mapped user" {
	map_ids
	config '.linux.namespaces += [{ type: "user" }] | .process.user = { uid: 7, gid: 8 }'
	chmod 777 "$ROOTFS/tmp"
	inside 'echo new >/tmp/file; stat -c %u:%g /tmp/file' 7:8
	expect_equal "$(stat -c %u:%g "$ROOTFS/tmp/file")" 100007:200008
}

@test "mappings without 0 are enough for a container whose user they have" {
	config '.linux.namespaces += [{ type: "user" }] | .process.user = { uid: 1000, gid: 1000 }
		| .linux.uidMappings = [{ containerID: 1000, hostID: 100000, size: 10 }]
		| .linux.gidMappings = .linux.uidMappings'
	inside 'id -u; stat -c %u:%g /dev /dev/fd; echo x >/dev/null' $'1000\n1000:1000\n1000:1000'
}

@test "mappings that cannot be are refused" {
	config '.linux.namespaces += [{ type: "user" }]'
	refused /linux/uidMappings "needs mappings"
	map_ids
	config '.linux.uidMappings += [{ containerID: 100, hostID: 900000, size: 1 }]'
	refused /linux/uidMappings/1 overlap
	config 'del(.linux.uidMappings[1]) | .process.user.uid = 70000'
	refused /process/user/uid "not mapped"
	config '.process.user.uid = 0 | .linux.namespaces |= map(select(.type != "user"))'
	refused /linux/uidMappings "namespace"
}

@test "the root file system needs not be reachable for the mapped root" {
	map_ids
	config '.linux.namespaces += [{ type: "user" }]'
	chmod 700 "$BATS_TEST_TMPDIR"
	inside 'id -u' 0
}

@test "the source of a mount needs not be reachable for the mapped root" {
	map_ids
	mkdir -p -m 755 "$BATS_TEST_TMPDIR/closed/data"
	echo data >"$BATS_TEST_TMPDIR/closed/data/file"
	chmod 700 "$BATS_TEST_TMPDIR/closed"
	config --arg source "$BATS_TEST_TMPDIR/closed/data" '.linux.namespaces += [{ type: "user" }]
		| .mounts += [{ destination: "/data", type: "bind", source: $source, options: ["rbind"] },
			{ destination: "/file", type: "bind", source: ($source + "/file"), options: ["bind", "ro"] }]'
	inside 'cat /data/file /file' $'data\ndata'
}

@test "nor where the caller is root of a user namespace itself, with the mounts of the host" {
	local around source=$BATS_TEST_TMPDIR/closed

	mkdir "$source"
	echo data >"$source/file"
	cp "$OCIRUN" "$BUNDLE/ocirun"
	chown -R 100000:100000 "$source" "$BUNDLE"
	chown -R 100001:100001 "$ROOTFS"
	chmod 700 "$source"
	unshare --user --mount sleep 1000 3>&- &
	around=$!
	wait_for grep -qx sleep "/proc/$around/comm"
	echo 0 100000 65536 >"/proc/$around/uid_map"
	echo 0 100000 65536 >"/proc/$around/gid_map"
	config --arg source "$source/file" '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 1, size: 1000 }]
		| .linux.gidMappings = .linux.uidMappings
		| .process.args = ["cat", "/file"]
		| .mounts += [{ destination: "/file", type: "bind", source: $source, options: ["bind"] }]'
	run nsenter --target "$around" --user --mount --setuid 0 --setgid 0 "$BUNDLE/ocirun" \
		--root "$BUNDLE/state" --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	kill "$around"
	expect_status 0
	expect_equal "$output" data
}

@test "the root file system of a user namespace may lie on tmpfs and be an overlay" {
	local options

	map_ids
	config '.linux.namespaces += [{ type: "user" }] | .root.path = "other"'
	mkdir "$BUNDLE/other"
	script 'touch /made && stat -f -c %T / && stat -c %u:%g /made'
	run -0 privately '
		mount -t tmpfs -o mode=755 none "$BUNDLE/other"
		cp -a "$ROOTFS/." "$BUNDLE/other"
		ocirun run --bundle "$BUNDLE" "$ID"'
	expect_equal "$output" $'tmpfs\n0:0'
	mkdir "$BUNDLE"/{upper,work}
	chown 100000:200000 "$BUNDLE/upper"
	options=lowerdir=$ROOTFS,upperdir=$BUNDLE/upper,workdir=$BUNDLE/work
	run -0 privately "mount -t overlay -o '$options' none '$BUNDLE/other'"'
		ocirun run --bundle "$BUNDLE" "$ID"'
	expect_equal "${lines[1]}" 0:0
	expect_equal "$(stat -c %u:%g "$BUNDLE/upper/made")" 100000:200000
}

@test "hostname and domainname" {
	local host

	host=$(hostname)
	config '.hostname = "one.two" | .domainname = "example"'
	inside 'cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname' "one.two
example"
	expect_equal "$(hostname)" "$host"
	config --arg name "$(printf 'x%.0s' {1..65})" '.hostname = $name'
	refused /hostname "64 at most"
	config '.hostname = "x" | .linux.namespaces |= map(select(.type != "uts"))'
	refused /hostname uts
	config 'del(.hostname)'
	refused /domainname uts
}

@test "without a hostname the name of the host stays" {
	config 'del(.hostname)'
	inside hostname "$(hostname)"
}

@test "sysctls of the network, ipc and uts namespaces are set, and not on the host" {
	local before

	before=$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni /proc/sys/fs/mqueue/queues_max)
	config '.linux.sysctl = {
		"net.ipv4.ip_forward": "1",
		"net.ipv4.ping_group_range": "0 10",
		"net/ipv4/ip_unprivileged_port_start": "77",
		"kernel.shmmni": "123",
		"kernel.sem": "251 32001 101 129",
		"fs.mqueue.queues_max": "111",
		"kernel.domainname": "by.sysctl" }'
	inside 'cd /proc/sys; cat net/ipv4/ip_forward net/ipv4/ping_group_range \
		net/ipv4/ip_unprivileged_port_start kernel/shmmni kernel/sem fs/mqueue/queues_max \
		kernel/domainname | tr "\t" " "' "1
0 10
77
123
251 32001 101 129
111
by.sysctl"
	expect_equal "$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni /proc/sys/fs/mqueue/queues_max)" "$before"
}

@test "sysctls of a user namespace's network are set" {
	map_ids
	config '.linux.namespaces += [{ type: "user" }] | .linux.sysctl = { "net.ipv4.ip_forward": "1" }'
	inside 'cat /proc/sys/net/ipv4/ip_forward' 1
}

@test "sysctls that would change the host are refused" {
	local key

	for key in kernel.panic vm.swappiness fs.file-max kernel.core_pattern kernel.hostname \
		kernel.domainname2 net/../kernel/panic net//ipv4 kernel.shmmni2 net.ipv4.; do
		config --arg key "$key" '.linux.sysctl = { ($key): "1" }'
		refused "/linux/sysctl/" sysctl
	done
	config '.linux.sysctl = { "net.ipv4.ip_forward": "1" }
		| .linux.namespaces |= map(select(.type != "network"))'
	refused /linux/sysctl/net.ipv4.ip_forward network
	config '.linux.sysctl = { "kernel.shmmni": "1" } | .linux.namespaces |= map(select(.type != "ipc"))'
	refused /linux/sysctl/kernel.shmmni ipc
}

@test "a sysctl that the kernel does not take is an error with its name" {
	config '.linux.sysctl = { "net.ipv4.nope": "1" }'
	refused /linux/sysctl/net.ipv4.nope "No such file or directory"
	config '.linux.sysctl = { "net.ipv4.ip_forward": "nonsense" }'
	refused /linux/sysctl/net.ipv4.ip_forward "Invalid argument"
}

@test "time offsets shift the boot time and the monotonic clock" {
	local before

	before=$(cut -d. -f1 /proc/uptime)
	config '.linux.namespaces += [{ type: "time" }]
		| .linux.timeOffsets = { boottime: { secs: 604800, nanosecs: 500 }, monotonic: { secs: 86400 } }'
	container 'cat /proc/self/timens_offsets | tr -s " \t" " "; cut -d. -f1 /proc/uptime; \
		sed -n "/^now at/s/[^0-9]//gp" /proc/timer_list'
	expect_status 0
	expect_equal "${lines[0]}" "monotonic 86400 0"
	expect_equal "${lines[1]}" "boottime 604800 500"
	[ "${lines[2]}" -ge $((before + 604800)) ]
	[ "${lines[2]}" -lt $((before + 604800 + 60)) ]
	[ "$(cut -d. -f1 /proc/uptime)" -lt $((before + 60)) ]
}

@test "negative time offsets, in a user namespace too" {
	local before

	before=$(cut -d. -f1 /proc/uptime)
	config '.linux.namespaces += [{ type: "time" }] | .linux.timeOffsets = { boottime: { secs: -10 } }'
	container 'cut -d. -f1 /proc/uptime'
	expect_status 0
	[ "$output" -lt "$before" ]
	map_ids
	config '.linux.namespaces += [{ type: "user" }] | .linux.timeOffsets = { boottime: { secs: 1000000 } }'
	container 'cut -d. -f1 /proc/uptime; id -u'
	expect_status 0
	[ "${lines[0]}" -ge 1000000 ]
	expect_equal "${lines[1]}" 0
}

@test "time offsets go with cgroup, network and pid namespaces" {
	config '.linux.namespaces += [{ type: "time" }, { type: "cgroup" }]
		| .linux.timeOffsets = { boottime: { secs: 1000000 } }'
	container "$ids_inside; echo \$\$; cut -d. -f1 /proc/uptime; cat /proc/self/cgroup"
	expect_status 0
	expect_equal "${lines[8]}" 1
	[ "${lines[9]}" -ge 1000000 ]
	[ "$(id_in "$output" cgroup)" != "$(readlink /proc/self/ns/cgroup)" ]
	# Rooted at the container's own cgroup.
	expect_part "${lines[10]}" ":/"
	[[ ${lines[10]} == *:/ ]]
}

@test "time offsets go with a joined mount namespace, whatever its /proc is" {
	other
	config '.linux.namespaces += [{ type: "time" }] | .linux.timeOffsets.boottime.secs = 1000000 | .mounts = []'
	config --argjson mount "$(joined mount)" '.linux.namespaces[4] = $mount[0] | .root.path = "/"'
	container 'cut -d" " -f1 /proc/uptime | cut -d. -f1'
	expect_status 0
	[ "$output" -ge 1000000 ]
}

@test "a joined time namespace has its offsets" {
	config '.linux.namespaces += [{ type: "time" }] | .linux.timeOffsets.boottime.secs = 500000'
	other
	config --argjson time "$(joined time)" '.linux.namespaces[5] = $time[0]'
	refused /linux/timeOffsets "new time namespace"
	config 'del(.linux.timeOffsets)'
	container 'readlink /proc/self/ns/time; cut -d. -f1 /proc/uptime'
	expect_status 0
	expect_equal "${lines[0]}" "$(readlink "/proc/$OTHER/ns/time")"
	[ "${lines[1]}" -gt 500000 ]
}

@test "time offsets without a time namespace, or out of range, are refused" {
	config '.linux.timeOffsets.boottime.secs = 5'
	refused /linux/timeOffsets time
	config '.linux.namespaces += [{ type: "time" }] | .linux.timeOffsets.boottime.nanosecs = 1000000000'
	refused /linux/timeOffsets/boottime/nanosecs "second or more"
	config '.linux.timeOffsets.boottime = { secs: -100000000 }'
	refused /linux/timeOffsets "offsets of the time namespace"
}

@test "loopback is up in a new network namespace" {
	config '.process.capabilities = (["bounding", "permitted", "effective"] | map({ (.): ["CAP_NET_RAW"] }) | add)'
	inside 'ifconfig lo | grep -o "UP LOOPBACK RUNNING"; ping -c 1 -W 2 127.0.0.1 >/dev/null && echo pong' \
		"UP LOOPBACK RUNNING
pong"
}

@test "a cgroup namespace is rooted at the container's cgroup" {
	config '.linux.namespaces += [{ type: "cgroup" }]'
	container 'cut -d: -f3 /proc/self/cgroup | sort -u'
	expect_status 0
	expect_equal "$output" /
	config '.linux.namespaces |= map(select(.type != "cgroup"))'
	container 'cut -d: -f3 /proc/self/cgroup | sort -u'
	expect_status 0
	expect_part "$output" "/$ID"
}
