#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.netDevices: devices of the host move into the container's network namespace. Each test is
# the host: a network namespace of its own, with devices that the test has made. They are ends of
# veth pairs, which every kernel with containers has.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	HOST=ocirun-bats-host-$$-$BATS_SUITE_TEST_NUMBER
	JOINED=ocirun-bats-joined-$$-$BATS_SUITE_TEST_NUMBER
	ip netns add "$HOST"
	host link add dev0 type veth peer name peer0
	host link set peer0 up
}

teardown() {
	remove_containers
	ip netns del "$HOST"
	[ ! -e "/run/netns/$JOINED" ] || ip netns del "$JOINED"
}

# host, joined ARGUMENT...: ip in the network namespace that is the host, or that is joined
host() {
	ip -n "$HOST" "$@"
}
joined() {
	ip -n "$JOINED" "$@"
}

# The runtime's network namespace is that of the test.
ocirun() {
	nsenter --net="/run/netns/$HOST" timeout --foreground -k 5 30 "$OCIRUN" --root "$ROOT" "$@"
}

join() {
	ip netns add "$JOINED"
	config --arg path "/run/netns/$JOINED" \
		'(.linux.namespaces[] | select(.type == "network")).path = $path'
}

# devices JSON: what config.json asks for
devices() {
	config --argjson devices "$1" '.linux.netDevices = $devices'
}

# The devices beside lo that a container has, in order of their names.
names_inside='ls /sys/class/net | grep -v "^lo$" | sort | tr "\n" " "'

sees_names() {
	config '.mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs" }]'
	inside "$names_inside" "$1"
}

# addresses_of NAME: what the joined namespace has of global scope, one a line, sorted
addresses_of() {
	joined -j address show dev "$1" | jq -r '.[].addr_info[] | select(.scope == "global") |
		"\(.local)/\(.prefixlen)"' | sort
}

has_devices_on_host() {
	local name

	for name in "$@"; do
		host link show "$name" >/dev/null
	done
}

@test "a device moves, and is up" {
	devices '{ "dev0": {} }'
	inside 'ip -o link show dev0 | grep -o "[<,]UP[,>]" | tr -d "<,>"' UP
	run host link show dev0
	[ "$status" -ne 0 ]
}

@test "a device gets a new name" {
	devices '{ "dev0": { "name": "inside0" } }'
	sees_names 'inside0 '
}

@test "several devices move, each to its name" {
	host link add dev1 type veth peer name peer1
	devices '{ "dev0": { "name": "b0" }, "dev1": { "name": "a0" }, "peer1": {} }'
	sees_names 'a0 b0 peer1 '
}

@test "two devices exchange their names on the way" {
	host link add dev1 type veth peer name peer1
	host link set dev0 address 02:00:00:00:00:10
	host link set dev1 address 02:00:00:00:00:11
	devices '{ "dev0": { "name": "dev1" }, "dev1": { "name": "dev0" } }'
	config '.mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs" }]'
	inside 'cat /sys/class/net/dev0/address /sys/class/net/dev1/address' \
		'02:00:00:00:00:11
02:00:00:00:00:10'
}

@test "a template gets the first free number" {
	join
	joined link add eth0 type veth peer name other
	devices '{ "dev0": { "name": "eth%d" }, "peer0": { "name": "eth%d" } }'
	container true
	expect_status 0
	expect_equal "$(joined -j link | jq -r '.[].ifname' | sort | tr '\n' ' ')" 'eth0 eth1 eth2 lo other '
}

@test "a template that has the host's name for a device inside moves all the same" {
	join
	joined link add dev0 type veth peer name other
	devices '{ "dev0": { "name": "dev%d" } }'
	host address add 192.0.2.1/24 dev dev0
	container true
	expect_status 0
	expect_equal "$(addresses_of dev1)" 192.0.2.1/24
	expect_equal "$(addresses_of dev0)" ''
}

@test "a device whose host name is taken inside moves under another name" {
	join
	joined link add dev0 type veth peer name other
	host address add 192.0.2.1/24 dev dev0
	devices '{ "dev0": { "name": "free0" } }'
	container true
	expect_status 0
	expect_equal "$(addresses_of free0)" 192.0.2.1/24
}

@test "permanent global addresses of every family are kept, in their order" {
	join
	host link set dev0 up
	host address add 192.0.2.1/24 dev dev0
	host address add 192.0.2.2/24 dev dev0
	host address add 10.1.2.3 peer 10.1.2.4/32 dev dev0
	host address add 198.51.100.7/25 broadcast 198.51.100.127 dev dev0
	host address add 2001:db8::1/64 dev dev0 nodad
	host address add 2001:db8::2/128 dev dev0 nodad
	devices '{ "dev0": { "name": "in0" } }'
	container true
	expect_status 0
	expect_equal "$(addresses_of in0)" "10.1.2.3/32
192.0.2.1/24
192.0.2.2/24
198.51.100.7/25
2001:db8::1/64
2001:db8::2/128"
	run -0 joined -4 address show dev in0
	expect_part "$output" "10.1.2.3 peer 10.1.2.4/32"
	expect_part "$output" "brd 198.51.100.127"
	expect_part "$output" "192.0.2.2/24 scope global secondary in0"
}

@test "addresses of other scopes and with a lifetime are not kept" {
	join
	host link set dev0 up
	host address add 198.51.100.1/24 dev dev0 scope link
	host address add 127.0.0.33/8 dev dev0 scope host
	host address add 203.0.113.3/24 dev dev0 valid_lft 3600 preferred_lft 1800
	host address add 2001:db8::3/64 dev dev0 valid_lft 3600 preferred_lft 1800 nodad
	host address add 192.0.2.4/24 dev dev0
	devices '{ "dev0": {} }'
	container true
	expect_status 0
	run -0 joined -j address show dev dev0
	expect_equal "$(jq -r '.[].addr_info[] | select(.family == "inet") | .local' <<<"$output")" 192.0.2.4
	expect_equal "$(jq -r '.[].addr_info[] | select(.family == "inet6" and .scope == "global") |
		.local' <<<"$output")" ''
}

@test "flags, metric, label and deprecation of an address are kept" {
	join
	host address add 192.0.2.1/24 dev dev0 metric 77 noprefixroute label dev0:one
	host address add 2001:db8::1/64 dev dev0 preferred_lft 0 nodad noprefixroute
	devices '{ "dev0": { "name": "in0" } }'
	container true
	expect_status 0
	run -0 joined address show dev in0
	expect_part "$output" "192.0.2.1/24 metric 77 scope global noprefixroute in0:one"
	[[ $output =~ 2001:db8::1/64\ scope\ global\ ([a-z\ ]*) ]]
	for flag in nodad deprecated noprefixroute; do
		expect_part "${BASH_REMATCH[1]}" "$flag"
	done
	expect_equal "$(joined route show dev in0)" ''
}

@test "mtu, hardware address, alias and queue length are kept" {
	join
	host link set dev0 mtu 1234 address 02:00:00:00:00:42 alias 'the one' txqueuelen 77
	devices '{ "dev0": { "name": "in0" } }'
	container true
	expect_status 0
	run -0 joined -d link show dev in0
	expect_part "$output" "mtu 1234"
	expect_part "$output" "qlen 77"
	expect_part "$output" 02:00:00:00:00:42
	expect_part "$output" 'alias the one'
}

@test "a moved device carries packets" {
	host address add 192.0.2.1/24 dev dev0
	host address add 192.0.2.9/24 dev peer0
	devices '{ "dev0": { "name": "eth0" } }'
	config '.process.capabilities = { bounding: ["CAP_NET_RAW"], permitted: ["CAP_NET_RAW"],
		effective: ["CAP_NET_RAW"] }'
	inside 'ping -c 1 -W 10 192.0.2.9 >/dev/null && echo answered' answered
}

@test "a device that is up on the host moves, too" {
	host link set dev0 up
	devices '{ "dev0": { "name": "in0" } }'
	sees_names 'in0 '
}

@test "devices are there for hooks of the runtime" {
	devices '{ "dev0": { "name": "in0" } }'
	config --arg out "$BATS_TEST_TMPDIR/seen" '.process.args = ["true"] | .hooks.createRuntime = [{
		path: "/bin/sh", args: ["sh", "-c",
			"nsenter --net=/proc/$(jq .pid)/ns/net ip -o link show in0 >\($out)"],
		env: ["PATH=/bin:/usr/bin:/sbin:/usr/sbin"]
	}]'
	run -0 ocirun run --bundle "$BUNDLE" "$ID"
	expect_part "$(cat "$BATS_TEST_TMPDIR/seen")" in0
}

@test "a device stays in a joined network namespace when the container is deleted" {
	join
	devices '{ "dev0": { "name": "in0" } }'
	config '.process.args = ["sleep", "1000"]'
	ocirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	joined link show in0
	ocirun delete --force "$ID"
	joined link show in0
}

@test "devices move into a network namespace that a user namespace owns" {
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }]'
	chown -R 100000:200000 "$ROOTFS"
	host address add 192.0.2.1/24 dev dev0
	devices '{ "dev0": { "name": "eth%d" } }'
	inside 'ip -o -4 address show eth0 | grep -o "192[^ ]*/24"' 192.0.2.1/24
}

@test "devices move into a joined network namespace beside a new user namespace" {
	join
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }]'
	chown -R 100000:200000 "$ROOTFS"
	host address add 192.0.2.1/24 dev dev0
	devices '{ "dev0": {} }'
	inside 'ip -o -4 address show dev0 | grep -o "192[^ ]*/24"' 192.0.2.1/24
	expect_equal "$(addresses_of dev0)" 192.0.2.1/24
}

# ---- errors, which leave the devices where they were ----

@test "a device that is missing is named" {
	devices '{ "dev0": {}, "nodev0": {} }'
	refused /linux/netDevices/nodev0 'there is no network device "nodev0"'
	has_devices_on_host dev0
}

@test "a name that is taken inside is an error" {
	join
	joined link add in0 type veth peer name other
	devices '{ "peer0": {}, "dev0": { "name": "in0" } }'
	refused /linux/netDevices/dev0 'already has a device "in0"'
	has_devices_on_host dev0 peer0
}

@test "the host's name counts when no other is given" {
	join
	joined link add dev0 type veth peer name other
	devices '{ "dev0": {} }'
	refused /linux/netDevices/dev0 'already has a device "dev0"'
	has_devices_on_host dev0
}

@test "lo cannot move: every network namespace has its own" {
	devices '{ "dev0": {}, "lo": {} }'
	refused /linux/netDevices/lo 'already has a device "lo"'
	devices '{ "lo": { "name": "lo2" } }'
	refused /linux/netDevices/lo 'move network device "lo": Invalid argument'
	has_devices_on_host dev0
}

@test "two devices cannot get one name" {
	devices '{ "dev0": { "name": "x0" }, "peer0": { "name": "x0" } }'
	refused /linux/netDevices/peer0 'cannot both become "x0"'
	has_devices_on_host dev0 peer0
}

@test "without a network namespace nothing moves" {
	devices '{ "dev0": {} }'
	config '.linux.namespaces |= map(select(.type != "network"))'
	refused /linux/netDevices 'unable to move network devices without a NET namespace'
	has_devices_on_host dev0
}

@test "the runtime's own network namespace by path is none" {
	devices '{ "dev0": {} }'
	config --arg path "/run/netns/$HOST" \
		'(.linux.namespaces[] | select(.type == "network")).path = $path'
	refused /linux/netDevices 'unable to move network devices without a NET namespace'
	has_devices_on_host dev0
}

@test "features say that devices are moved" {
	run -0 --separate-stderr "$OCIRUN" features
	expect_equal "$(jq .linux.netDevices.enabled <<<"$output")" true
}
