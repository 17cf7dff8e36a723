#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# events: statistics as the kernel counts them, and what happens when memory runs out.

load setup
load resources

setup() {
	resources_setup
	needs memory cpu cpuset pids
	[ "$CG_VERSION" = 2 ] || needs cpuacct
}

teardown() {
	[ -z "${EVENTS-}" ] || kill "$EVENTS" 2>/dev/null || true
	resources_teardown
	[ -z "${DISK-}" ] || rm -rf "$DISK"
}

# events ARGUMENT...: in the background, into the file "events"
events() {
	"$OCIRUN" --root "$ROOT" events "$@" >events 2>errors 3>&- &
	EVENTS=$!
}

# watching: events has what the kernel tells of in its hands
watching() {
	ls -l "/proc/$EVENTS/fd" | grep -qE 'eventfd|inotify'
}

# has N TYPE: whether the file has at least N events of a type
has() {
	[ "$(jq -c "select(.type == \"$2\")" events 2>/dev/null | wc -l)" -ge "$1" ]
}

# ended: events has ended, with success
ended() {
	! kill -0 "$EVENTS" 2>/dev/null && wait "$EVENTS"
}

# oom_kills: how many processes the kernel has killed for want of memory
oom_kills() {
	value memory "$([ "$CG_VERSION" = 1 ] && echo oom_control || echo events)" | awk '/^oom_kill / { print $2 }'
}

# Uses 64 MiB when the file /out/go is there, in a child or in init itself.
hungry() {
	mkdir out
	sh_config "while [ ! -e /out/go ]; do sleep 0.05; done; $1" '
		.linux.resources.memory = { limit: 20971520, swap: 20971520 }
		| .mounts += [{ destination: "/out", type: "bind", source: "'"$PWD"'/out", options: ["bind"] }]'
	start
}

@test "--stats prints one line with the names that engines read" {
	local last=$(($(nproc --all) - 1)) keys='"percpu","percpu_kernel","percpu_user",'
	config '.linux.resources = { memory: { limit: 33554432 }, pids: { limit: 20 }, cpu: { cpus: "'$last'" } }'
	start
	run -0 rt events --stats c1
	expect_equal "${#lines[@]}" 1
	[[ $output == '{"type":"stats","id":"c1","data":{"cpu":{"usage":{'* ]]
	echo "$output" >line
	expect_equal "$(jq -c '.data | keys_unsorted' line)" \
		'["cpu","cpuset","memory","pids","blkio","hugetlb","intel_rdt","network_interfaces"]'
	# v2 counts neither by processor nor the kernel's memory by itself.
	[ "$CG_VERSION" = 1 ] || keys=
	expect_equal "$(jq -c '.data.cpu.usage | keys' line)" "[\"kernel\",$keys\"total\",\"user\"]"
	expect_equal "$(jq -c '[.data.memory | (.usage, .swap) | has("limit") and has("failcnt")]' line)" '[true,true]'
	expect_equal "$(jq -c '.data.memory.kernel | has("limit")' line)" "$([ "$CG_VERSION" = 1 ] && echo true || echo false)"
	expect_equal "$(jq -c .data.cpuset.cpus line)" "[$last]"
	expect_equal "$(jq -c .data.memory.usage.limit line)" 33554432
	expect_equal "$(jq -c .data.pids line)" '{"current":1,"limit":20}'
	expect_equal "$(jq -c .data.network_interfaces line)" null
}

@test "the numbers are those of the kernel's files" {
	needs_version 1
	config '.linux.resources = { memory: { limit: 33554432 } }'
	start
	rt pause c1 # so that they stay what they are, once the kernel has tidied up
	rt events --stats c1 >line
	expect_equal "$(jq .data.cpu.usage.total line)" "$(value cpuacct usage)"
	expect_equal "$(jq -c .data.cpu.usage.percpu line)" \
		"$(value cpuacct usage_percpu | tr -s ' ' '\n' | jq -cs .)"
	expect_equal "$(jq .data.cpuset.sched_relax_domain_level line)" "$(value cpuset sched_relax_domain_level)"
	expect_equal "$(jq .data.cpuset.sched_load_balance line)" 1
	same_memory() {
		rt events --stats c1 >line
		[ "$(jq -c '.data.memory | [.usage.usage, .usage.max, .swap.usage, .kernel.usage]' line)" = \
			"[$(value memory usage_in_bytes),$(value memory max_usage_in_bytes),$(value memory \
				memsw.usage_in_bytes),$(value memory kmem.usage_in_bytes)]" ] &&
			[ "$(jq -S -c .data.memory.raw line)" = "$(value memory stat |
				jq -R 'split(" ") | { (.[0]): (.[1] | tonumber) }' | jq -s -S -c add)" ]
	}
	wait_for same_memory
}

# number FILE [KEY]: of the kernel's, that of a key where each line has one
number() {
	awk -v key="${2-}" 'key == "" { print $1 } key != "" && $1 == key { print $2 }' "/sys/fs/cgroup/$CG/$1"
}

# of_memory: what our line says of memory and swap, as a list; from_files: what it has to be
of_memory() {
	rt events --stats c1 | jq -c '.data.memory |
		[.usage.limit, .usage.usage, .usage.max, .usage.failcnt, .swap.limit, .swap.usage, .cache // 0, .raw.anon]'
}

from_files() {
	local limit usage
	limit=$(number memory.max) usage=$(number memory.current)
	echo "[$limit,$usage,$(number memory.peak),$(number memory.events max),$((limit + $(number memory.swap.max)
		)),$((usage + $(number memory.swap.current))),$(number memory.stat file),$(number memory.stat anon)]"
}

@test "the numbers are those of the kernel's files, with v2 those that v1 would have had" {
	needs_version 2
	config '.linux.resources = { memory: { limit: 33554432, swap: 50331648 }, pids: { limit: 20 } }'
	start
	rt pause c1 # so that they stay what they are, once the kernel has tidied up
	same_memory() { [ "$(of_memory)" = "$(from_files)" ]; }
	wait_for same_memory
	rt events --stats c1 >line
	expect_equal "$(jq -c '.data.cpu.usage | [.total, .user, .kernel]' line)" \
		"[$(($(number cpu.stat usage_usec) * 1000)),$(($(number cpu.stat user_usec) * 1000)),$(($(number cpu.stat system_usec) * 1000))]"
	expect_equal "$(jq -c .data.pids line)" "{\"current\":$(number pids.current),\"limit\":$(number pids.max)}"
	expect_equal "$(jq -c '.data.cpuset.mems' line)" '[0]'
	expect_equal "$(jq '.data.memory.raw | length' line)" "$(wc -l <"/sys/fs/cgroup/$CG/memory.stat")"
}

@test "block I/O is counted by device and direction" {
	needs_version 2
	needs io
	# Not in memory, as /tmp may be.
	DISK=$(mktemp -d /var/tmp/ocirun-bats-XXXXXX)
	[ -e "/sys/dev/block/$(findmnt -no MAJ:MIN --target "$DISK" | tr -d " ")" ] || skip "no disk below /var/tmp"
	sh_config 'dd if=/dev/zero of=/out/file bs=64k count=16 conv=fsync && exec sleep 1000' \
		'.mounts += [{ destination: "/out", type: "bind", source: "'"$DISK"'", options: ["bind"] }]'
	start
	written() { [ "$(rt events --stats c1 | jq '[.data.blkio.ioServiceBytesRecursive[]? | select(.op == "Write") | .value] | add // 0')" -ge 1048576 ]; }
	wait_for written
	rt events --stats c1 >line
	expect_equal "$(jq -c '.data.blkio.ioServiceBytesRecursive[] | select(.op == "Write") | "\(.major // 0):\(.minor // 0) wbytes=\(.value)"' line)" \
		"\"$(sed 's/^\([0-9:]*\) .*\(wbytes=[0-9]*\).*/\1 \2/' "/sys/fs/cgroup/$CG/io.stat" | grep -v 'wbytes=0')\""
}

@test "processor time, its throttling and block I/O are counted" {
	sh_config 'while :; do :; done' '.linux.resources.cpu = { quota: 10000, period: 100000 }'
	start
	throttled() { [ "$(rt events --stats c1 | jq '.data.cpu.throttling.throttledTime // 0')" -gt 0 ]; }
	wait_for throttled
	rt events --stats c1 >line
	[ "$(jq .data.cpu.usage.user line)" -gt 0 ]
	[ "$(jq .data.cpu.throttling.periods line)" -ge "$(jq .data.cpu.throttling.throttledPeriods line)" ]
}

@test "pressure is told where the kernel counts it" {
	[ -e /proc/pressure/cpu ] && [ -e /sys/fs/cgroup/unified/cgroup.procs -o "$CG_VERSION" = 2 ] || skip "no pressure in cgroups"
	config
	start
	rt events --stats c1 >line
	for what in cpu memory blkio; do
		expect_equal "$(jq -c ".data.$what.psi.some | keys_unsorted" line)" '["avg10","avg60","avg300","total"]'
		expect_equal "$(jq -c ".data.$what.psi.full | keys_unsorted" line)" '["avg10","avg60","avg300","total"]'
	done
}

@test "huge pages are listed by their size" {
	local dir size
	dir=$(find /sys/fs/cgroup/unified /sys/fs/cgroup/hugetlb -maxdepth 0 2>/dev/null | head -1)
	[ -d /sys/kernel/mm/hugepages ] && grep -qs hugetlb "${dir:-/sys/fs/cgroup}/cgroup.controllers" ||
		skip "no hugetlb controller"
	config
	start
	rt events --stats c1 >line
	for size in /sys/kernel/mm/hugepages/hugepages-*kB; do
		size=${size##*-}
		[ "${size%kB}" -ge 1048576 ] && size=$((${size%kB} >> 20))GB || size=$((${size%kB} >> 10))MB
		expect_equal "$(jq ".data.hugetlb[\"$size\"].failcnt" line)" 0
	done
}

@test "a line comes each interval, and the command ends with the container" {
	config
	start
	events --interval 100ms c1
	wait_for has 3 stats
	rt delete --force c1
	wait_for ended
	expect_equal "$(cat errors)" ""
	expect_equal "$(jq -r .id events | sort -u)" c1
}

@test "the interval is that of Go's durations, and not zero" {
	config
	start
	for interval in 0 0s -1s 5 s 1x 1m30 "1 s" ""; do
		run -1 --separate-stderr rt events --interval="${interval:-x}" c1
		expect_part "$stderr" "interval"
	done
	for interval in 1h30m 1.5s .1s 250us 1000000ns; do
		run -0 rt events --stats --interval "$interval" c1
	done
}

@test "a child that is killed for want of memory is reported, and really was" {
	hungry 'dd if=/dev/zero of=/dev/null bs=64M count=1; echo $? >/out/status; exec sleep 1000'
	events --interval 1h c1
	wait_for watching
	expect_equal "$(cat events)" ""
	touch out/go
	wait_for test -s out/status
	expect_equal "$(cat out/status)" 137
	expect_equal "$(oom_kills)" 1
	wait_for has 1 oom
	expect_equal "$(jq -c . events)" '{"type":"oom","id":"c1"}'
}

@test "when memory ends the container itself, that is the last line" {
	hungry 'exec dd if=/dev/zero of=/dev/null bs=64M count=1'
	events --interval 1h c1
	wait_for watching
	touch out/go
	wait_for ended
	expect_equal "$(cat events)" '{"type":"oom","id":"c1"}'
	expect_equal "$(status_of)" stopped
}

@test "that holds also for who looks only when all is over" {
	stopped() { [ "$(status_of)" = stopped ]; }
	hungry 'exec dd if=/dev/zero of=/dev/null bs=64M count=1'
	events --interval 1h c1
	wait_for watching
	kill -STOP "$EVENTS"
	touch out/go
	wait_for stopped
	kill -CONT "$EVENTS"
	wait_for ended
	expect_equal "$(cat events)" '{"type":"oom","id":"c1"}'
}

@test "a container that is deleted was not out of memory" {
	config '.linux.resources.memory.limit = 33554432'
	start
	events --interval 1h c1
	wait_for watching
	kill -STOP "$EVENTS"
	rt delete --force c1
	sleep 0.5 # the kernel tells of the removal a little later
	kill -CONT "$EVENTS"
	wait_for ended
	expect_equal "$(cat events)" ""
}

@test "events of a paused container are told, of a stopped one or of nobody not" {
	config
	start
	rt pause c1
	expect_equal "$(rt events --stats c1 | jq -r .type)" stats
	rt kill c1 KILL
	stopped() { [ "$(status_of)" = stopped ]; }
	wait_for stopped
	run -1 --separate-stderr rt events --stats c1
	expect_part "$stderr" "container not running"
	run -1 --separate-stderr rt events nobody
	expect_part "$stderr" "container does not exist"
}

@test "without a cgroup there is nothing to count, but no error" {
	config 'del(.linux.cgroupsPath) | del(.mounts[] | select(.type == "cgroup"))'
	rt --cgroup-manager disabled run --detach c1 </dev/null >output 2>&1 3>&-
	run -0 rt events --stats c1
	expect_equal "$(jq -c .data.pids <<<"$output")" '{}'
	events --interval 100ms c1
	wait_for has 1 stats
	rt kill c1 KILL
	wait_for ended
}

@test "a reader that goes away ends the command" {
	config
	start
	(trap '' PIPE; rt events --interval 50ms c1 2>errors 3>&- | head -2 >events)
	has 2 stats
}
