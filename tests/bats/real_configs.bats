#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What container engines ask for: each config.json that was recorded of them (tests/real-configs) runs,
# and its process finds what was asked for.

load setup

RECORDED=$BATS_TEST_DIRNAME/../real-configs

setup_file() {
	# Where a mapped root gets to: bats' own folders are closed to others.
	WORK=$(mktemp -d /tmp/ocirun-real.XXXXXX)
	chmod 755 "$WORK"
	export WORK CGROUP=/ocirun-real-$$ NOTTY=1 FIT=
	# Engines ask for limits that only CAP_SYS_RESOURCE may raise; without it, for what fits.
	capsh --has-p=cap_sys_resource 2>/dev/null || FIT=$(ulimit -Hn)
	"$BATS_TEST_DIRNAME/../../bundles/make-rootfs" "$WORK/rootfs"
	install -m 755 "$BATS_TEST_DIRNAME/../real-configs/inside.sh" "$WORK/rootfs/bin/inside"
}

teardown_file() {
	find /sys/fs/cgroup -depth -type d -path "*$CGROUP*" -exec rmdir {} \;
	rm -rf "$WORK"
}

setup() {
	BUNDLE=$WORK/bundle CONFIG=$WORK/bundle/config.json ID=ocirun-real-$$-$BATS_TEST_NUMBER
	ENTER=() HOLDER=
}

teardown() {
	[ -z "$HOLDER" ] || kill -KILL "$HOLDER"
	rm -rf "$BUNDLE" "$WORK/state"
}

# config FILTER [ARGUMENT...]: changes config.json; the arguments are $ARGS.positional
config() {
	jq "$1" "$CONFIG" --args -- "${@:2}" >"$WORK/changed"
	cat "$WORK/changed" >"$CONFIG"
}

make_bundle() {
	"$RECORDED/bundle.sh" "$1" "$BUNDLE" "$WORK/rootfs"
	# The engines' machine had two CPUs.
	[ "$(nproc)" -gt 1 ] || config '(.linux.resources.cpu?.cpus? | select(. == "0-1")) |= "0"'
	[ ${#ENTER[@]} = 0 ] || chown -R 1000:1000 "$BUNDLE"
}

# A bundle that runs has no error: whatever check foresees would be a false alarm.
run_bundle() {
	config '.process.args = $ARGS.positional' "$@"
	run "${ENTER[@]}" timeout 60 "$OCIRUN" --root "$WORK/state" check "$BUNDLE"
	expect_status 0
	run "${ENTER[@]}" timeout 60 "$OCIRUN" --root "$WORK/state" run --bundle "$BUNDLE" "$ID" </dev/null
	[ "$status" -eq 0 ] || cat "$CONFIG"
	expect_status 0
}

# hold MAP OPTION...: a process in namespaces of its own, which are made by unshare OPTION...; with
# a MAP in them as both id maps, which are lines of /proc/PID/uid_map
hold() {
	local map=$1 unshare

	shift
	unshare "$@" --fork --kill-child sleep 1000 3>&- </dev/null >/dev/null 2>&1 &
	unshare=$!
	until HOLDER=$(tr -d ' ' <"/proc/$unshare/task/$unshare/children") && [ -n "$HOLDER" ] &&
		grep -q sleep "/proc/$HOLDER/comm"; do
		kill -0 "$unshare"
		sleep 0.01
	done
	if [ -n "$map" ]; then
		# In one write, which bash's own printf does not do.
		env printf %s "$map" >"/proc/$HOLDER/uid_map"
		env printf %s "$map" >"/proc/$HOLDER/gid_map"
	fi
}

# expect_namespaces: those of config.json's list are new or those of $HOLDER, others the runtime's
expect_namespaces() {
	local name file path got theirs

	for name in cgroup ipc mount network pid user uts; do
		file=${name/mount/mnt} file=${file/network/net}
		got=$(sed -n "s/^namespace $file //p" <<<"$output")
		theirs=$("${ENTER[@]}" readlink "/proc/self/ns/$file")
		path=$(jq -r --arg name "$name" \
			'.linux.namespaces[] | select(.type == $name) | .path // "new"' "$CONFIG")
		echo "namespace $name: '$path', the runtime's $theirs, the container's $got"
		[ -n "$got" ]
		case $path in
		'') [ "$got" = "$theirs" ] ;;
		new) [ "$got" != "$theirs" ] ;;
		*) [ "$got" = "$(readlink "$path")" ] ;;
		esac
	done
}

# as_asked: the bundle's process ends with its own status, and finds what config.json says
as_asked() {
	local asked missing

	run_bundle /bin/true
	expect_equal "$(grep -v "can't raise ambient capability" <<<"$output")" ""
	# buildah asks for ambient capabilities that are not inheritable: one line warns of all.
	expect_equal "$(grep -c "can't raise ambient capability" <<<"$output")" "$(jq '.process.capabilities
		| if ((.ambient // []) - (.inheritable // [])) == [] then 0 else 1 end' "$CONFIG")"
	run_bundle /bin/sh /bin/inside "$(jq -r '.linux.sysctl // {} | keys | join(" ")' "$CONFIG")"
	asked=$(jq -rf "$RECORDED/asked.jq" "$CONFIG")
	[ -n "$asked" ]
	missing=$(comm -23 <(sort <<<"$asked") <(sort <<<"$output"))
	[ -z "$missing" ] || {
		printf 'asked for:\n%s\nfound:\n%s\n' "$missing" "$output"
		return 1
	}
	expect_namespaces
}

runs_as_asked() {
	make_bundle "$1"
	as_asked
}

needs_v1() {
	[ -d /sys/fs/cgroup/systemd ] || skip 'needs the hierarchy of systemd of cgroup v1'
}

@test "buildah-bud" { runs_as_asked buildah-bud; }
@test "buildah-run" { runs_as_asked buildah-run; }
@test "buildah-run-options" { runs_as_asked buildah-run-options; }
@test "cri-app" { runs_as_asked cri-app; }
@test "cri-hardened" { runs_as_asked cri-hardened; }
@test "cri-privileged" { runs_as_asked cri-privileged; }
@test "cri-sandbox" { runs_as_asked cri-sandbox; }
@test "cri-sandbox-privileged" { runs_as_asked cri-sandbox-privileged; }
@test "cri-sandbox-userns" { runs_as_asked cri-sandbox-userns; }
@test "cri-tty" { runs_as_asked cri-tty; }
@test "cri-userns" { runs_as_asked cri-userns; }
@test "ctr-default" { runs_as_asked ctr-default; }
@test "ctr-host" { runs_as_asked ctr-host; }
@test "ctr-options" { runs_as_asked ctr-options; }
@test "ctr-privileged" { runs_as_asked ctr-privileged; }
@test "ctr-tty" { runs_as_asked ctr-tty; }
@test "docker-default" { runs_as_asked docker-default; }
@test "docker-default-v2" { runs_as_asked docker-default-v2; }
@test "docker-host" { runs_as_asked docker-host; }
@test "docker-join" { runs_as_asked docker-join; }
@test "docker-options" { runs_as_asked docker-options; }
@test "docker-privileged" { runs_as_asked docker-privileged; }
@test "docker-tty" { runs_as_asked docker-tty; }
@test "docker-unconfined" { runs_as_asked docker-unconfined; }
@test "podman-default" { runs_as_asked podman-default; }
@test "podman-default-v2" { runs_as_asked podman-default-v2; }
@test "podman-host" { runs_as_asked podman-host; }
@test "podman-idmap" { runs_as_asked podman-idmap; }
@test "podman-options" { runs_as_asked podman-options; }
@test "podman-pod-infra" { runs_as_asked podman-pod-infra; }
@test "podman-pod-member" { runs_as_asked podman-pod-member; }
@test "podman-privileged" { runs_as_asked podman-privileged; }
@test "podman-systemd" { needs_v1; runs_as_asked podman-systemd; }
@test "podman-systemd-v2" { runs_as_asked podman-systemd-v2; }
@test "podman-tty" { runs_as_asked podman-tty; }
@test "podman-uidmap" { runs_as_asked podman-uidmap; }
@test "podman-unconfined" { runs_as_asked podman-unconfined; }

# A name that systemd would understand is a folder's name to the cgroupfs manager.
@test "cri-app-systemd: without a manager its cgroup is a plain path" {
	make_bundle cri-app-systemd
	config '.linux.cgroupsPath |= sub("^system.slice"; $ARGS.positional[0])' "${CGROUP#/}"
	as_asked
}

# needs_v2 CASE: runs, or on v1 says what cannot be set, and runs without it
needs_v2() {
	make_bundle "$1"
	if ! grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
		run -1 "$OCIRUN" --root "$WORK/state" run --bundle "$BUNDLE" "$ID"
		expect_part "$output" 'unified resource "memory.high" can'"'"'t be set'
		expect_part "$output" 'config.json: /linux/resources/unified/memory.high'
		expect_equal "${#lines[@]}" 1
		[ -z "$(ls -A "$WORK/state")" ]
		config 'del(.linux.resources.unified)'
	fi
	as_asked
}

@test "cri-app-v2: unified needs cgroup v2, and says so" { needs_v2 cri-app-v2; }
@test "podman-options-v2: unified needs cgroup v2, and says so" { needs_v2 podman-options-v2; }

# joins CASE UNSHARE_OPTION...: its namespaces are those of another process
joins() {
	local case=$1 map=

	shift
	[[ $* != *--user* ]] || map='0 131072 65536'
	hold "$map" --net --ipc --uts --pid "$@"
	JOIN=$HOLDER make_bundle "$case"
	as_asked
}

@test "docker-join joins another container's namespaces" { joins docker-join; }
@test "podman-pod-member joins its pod's namespaces" { joins podman-pod-member; }
@test "cri-app joins its sandbox's namespaces" { joins cri-app; }
@test "cri-privileged joins the host's namespaces by their paths" {
	JOIN=$$ make_bundle cri-privileged
	as_asked
}
@test "cri-sandbox-userns joins a user namespace" { joins cri-sandbox-userns --user; }
@test "cri-userns joins a user namespace and mounts with its id map" { joins cri-userns --user; }
@test "ctr-host joins an ipc namespace" { joins ctr-host; }
@test "docker-host joins the host's network namespace by its path" {
	JOIN=$$ make_bundle docker-host
	as_asked
}

# in_user_namespace CASE: as podman starts a runtime for an ordinary user, who is root there
in_user_namespace() {
	# Nobody in there may raise what a small machine has for all its users.
	ulimit -u unlimited 2>/dev/null || :
	hold $'0 1000 1\n1 100000 65536' --user --mount
	ENTER=(nsenter --target "$HOLDER" --user --mount --setuid 0 --setgid 0 --)
	install -d -o 1000 -g 1000 "$WORK/state"
	runs_as_asked "$1"
}

@test "podman-rootless" { in_user_namespace podman-rootless; }
@test "podman-rootless-keepid" { in_user_namespace podman-rootless-keepid; }
@test "podman-rootless-privileged" { in_user_namespace podman-rootless-privileged; }

@test "a limit that may not be raised is told with its line in config.json" {
	FIT= make_bundle podman-default
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1024, hard: 1048576}]'
	run capsh --drop=cap_sys_resource -- -c \
		'ulimit -Hn 4096; exec "$@"' _ "$OCIRUN" --root "$WORK/state" run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" 'RLIMIT_NOFILE'
	expect_part "$output" 'config.json: /process/rlimits/0'
	expect_part "$output" 'CAP_SYS_RESOURCE'
}

@test "an oom score that may not be lowered is told with its line in config.json" {
	FIT= make_bundle cri-sandbox
	run capsh --drop=cap_sys_resource -- -c 'exec "$@"' _ \
		"$OCIRUN" --root "$WORK/state" run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_part "$output" 'oom_score_adj to -998'
	expect_part "$output" 'config.json: /process/oomScoreAdj'
	expect_part "$output" 'CAP_SYS_RESOURCE'
}

@test "each recorded config has a test" {
	local case

	for case in "$RECORDED"/*/; do
		case=$(basename "$case")
		grep -qE "^@test .*(runs_as_asked|needs_v2|in_user_namespace) $case;" "$BATS_TEST_FILENAME" ||
			expect_equal "$case" cri-app-systemd
	done
}
