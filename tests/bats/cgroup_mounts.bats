#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a container sees of cgroups.

load mounts

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
}

teardown() {
	remove_containers
	rmdir "/sys/fs/cgroup/pids/$ID" 2>/dev/null || :
}

cgroup_mount() {
	config --arg mode "$1" '.mounts += [{ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
		options: ["nosuid", "noexec", "nodev", $mode] }]'
}

# the hierarchies of this host, as the container is to see them
host_hierarchies() {
	awk '$3 ~ /^cgroup2?$/ { sub(/.*\//, "", $2); print $2 }' /proc/mounts | sort -u
}

@test "cgroup: each hierarchy, rooted at the container's cgroup, writable or not" {
	local namespaces mode

	[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ] || skip "no cgroup v1 here"
	cgroup_mount ro
	for namespaces in with without; do
		for mode in ro rw; do
			config --arg mode "$mode" --arg with "$namespaces" '.mounts[3].options[3] = $mode
				| .linux.namespaces |= map(select(.type != "cgroup"))
				| if $with == "with" then .linux.namespaces += [{ type: "cgroup" }] else . end'
			container "$look"'cd /sys/fs/cgroup; find . -maxdepth 1 -mindepth 1 -type d | sed s:./:: | sort; echo -
				flags /sys/fs/cgroup/pids; cat pids/cgroup.procs | head -n 1; mkdir pids/sub 2>/dev/null && rmdir pids/sub && echo made
				mkdir sub 2>/dev/null && rmdir sub && echo top; :'
			expect_status 0
			expect_equal "$(sed '/^-$/,$d' <<<"$output")" "$(host_hierarchies)"
			expect_equal "$(sed '1,/^-$/d' <<<"$output" | paste -sd' ')" \
				"$mode,nosuid,nodev,noexec,relatime 1$([ "$mode" = ro ] || echo ' made top')"
		done
	done
}

@test "cgroup: recursive options, times and propagation count too" {
	local namespaces

	[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ] || skip "no cgroup v1 here"
	cgroup_mount rro
	config '.mounts[3].options += ["noatime", "rshared"]'
	for namespaces in with without; do
		config --arg with "$namespaces" '.linux.namespaces |= map(select(.type != "cgroup"))
			| if $with == "with" then .linux.namespaces += [{ type: "cgroup" }] else . end'
		container "$look"'flags /sys/fs/cgroup; flags /sys/fs/cgroup/pids
			grep -c "/sys/fs/cgroup.* shared:" /proc/self/mountinfo; find /sys/fs/cgroup -maxdepth 1 -type d | wc -l'
		expect_status 0
		expect_equal "${lines[0]}" ro,nosuid,nodev,noexec,noatime
		expect_equal "${lines[1]}" ro,nosuid,nodev,noexec,noatime
		expect_equal "${lines[2]}" "${lines[3]}"
	done
}

@test "cgroup: a container that stays in its caller's sees that" {
	local namespaces

	[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ] || skip "no cgroup v1 here"
	mkdir "/sys/fs/cgroup/pids/$ID"
	cgroup_mount ro
	script 'echo /sys/fs/cgroup/pids/cgroup.pro*; cat /sys/fs/cgroup/pids/cgroup.procs; stat -c %i /sys/fs/cgroup/pids'
	for namespaces in with without; do
		config --arg with "$namespaces" '.linux.namespaces |= map(select(.type != "cgroup"))
			| if $with == "with" then .linux.namespaces += [{ type: "cgroup" }] else . end'
		run bash -c 'echo $$ >"/sys/fs/cgroup/pids/$ID/cgroup.procs"
			exec timeout 30 "$OCIRUN" --root "$ROOT" --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"'
		expect_status 0
		expect_equal "${lines[0]}" /sys/fs/cgroup/pids/cgroup.procs
		expect_equal "${lines[-1]}" "$(stat -c %i "/sys/fs/cgroup/pids/$ID")"
		expect_equal "$(find /sys/fs/cgroup -mindepth 2 -name "$ID")" "/sys/fs/cgroup/pids/$ID"
	done
}

@test "cgroup: where only v2 is mounted, it is what the container sees" {
	local mode namespaces

	grep -qw cgroup2 /proc/mounts || skip "no cgroup v2 here"
	cgroup_mount ro
	for namespaces in with without; do
		for mode in ro rw; do
			config --arg mode "$mode" --arg with "$namespaces" '.mounts[3].options[3] = $mode
				| .linux.namespaces |= map(select(.type != "cgroup"))
				| if $with == "with" then .linux.namespaces += [{ type: "cgroup" }] else . end'
			script "$look"'cd /sys/fs/cgroup; fs $PWD; flags $PWD; cat cgroup.procs | head -n 1
				mkdir sub 2>/dev/null && rmdir sub && echo made; :'
			run privately '
				umount -R -l /sys/fs/cgroup
				mount -t cgroup2 cgroup2 /sys/fs/cgroup
				ocirun run --bundle "$BUNDLE" "$ID"'
			expect_equal "$namespaces: ${output//$'\n'/ }" \
				"$namespaces: cgroup2 $mode,nosuid,nodev,noexec,relatime 1$([ "$mode" = ro ] || echo ' made')"
		done
	done
}
