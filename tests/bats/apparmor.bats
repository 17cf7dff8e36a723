#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.apparmorProfile where the kernel has AppArmor: the profile is the container's, and is enforced.

load bundle

has_apparmor() {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] && [ "$(id -u)" -eq 0 ] &&
		command -v apparmor_parser >/dev/null
}

setup_file() {
	has_apparmor || return 0
	make_rootfs
	PROFILE=ocirun-bats-$$
	export PROFILE
	cat >"$BATS_FILE_TMPDIR/profiles" <<-END
		profile $PROFILE flags=(attach_disconnected,mediate_deleted) {
		  file,
		  capability,
		  signal,
		  umount,
		  network,
		  deny /secret r,
		  deny /tmp/** w,
		  deny mount,
		}
		profile $PROFILE-other flags=(attach_disconnected,mediate_deleted) {
		  file,
		  signal,
		}
	END
	apparmor_parser --skip-cache --replace "$BATS_FILE_TMPDIR/profiles"
}

teardown_file() {
	[ -z "${PROFILE-}" ] || apparmor_parser --remove "$BATS_FILE_TMPDIR/profiles"
}

setup() {
	has_apparmor || skip "needs root, AppArmor enabled, and apparmor_parser"
	make_bundle
	config --arg profile "$PROFILE" '.process.apparmorProfile = $profile'
	echo hidden >"$ROOTFS/secret"
}

teardown() {
	remove_containers
}

@test "the container is confined by its profile, in enforce mode" {
	inside 'cat /proc/self/attr/apparmor/current' "$PROFILE (enforce)"
}

@test "what the profile denies is denied, what it allows is not" {
	container 'cat /secret; echo x >/tmp/x; mount -t tmpfs tmpfs /mnt; echo y >/y && cat /y'
	expect_part "$output" "can't open '/secret': Permission denied"
	expect_part "$output" "can't create /tmp/x: Permission denied"
	expect_part "$output" "mount: "
	expect_equal "${lines[-1]}" y
}

@test "without a profile the same is allowed" {
	config 'del(.process.apparmorProfile)'
	inside 'cat /secret; cat /proc/self/attr/apparmor/current' $'hidden\nunconfined'
}

@test "no new privileges go with it" {
	config '.process.noNewPrivileges = true'
	inside 'cat /proc/self/attr/apparmor/current; grep NoNewPrivs /proc/self/status' "$PROFILE (enforce)"$'\nNoNewPrivs:\t1'
}

@test "a user namespace and seccomp go with it" {
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }]
		| .linux.gidMappings = .linux.uidMappings
		| .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{ names: ["personality"], action: "SCMP_ACT_ERRNO" }] }'
	inside 'cat /proc/self/attr/apparmor/current' "$PROFILE (enforce)"
}

@test "exec is confined by the same, or by the one that is asked for" {
	script 'exec sleep 1000'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	run -0 ocirun exec "$ID" cat /proc/self/attr/apparmor/current
	expect_equal "$output" "$PROFILE (enforce)"
	run ocirun exec "$ID" cat /secret
	expect_part "$output" "Permission denied"
	run -0 ocirun exec --apparmor "$PROFILE-other" "$ID" cat /proc/self/attr/apparmor/current /secret
	expect_equal "$output" "$PROFILE-other (enforce)"$'\nhidden'
	jq -n --arg profile "$PROFILE-other" '{ cwd: "/", args: ["cat", "/proc/self/attr/apparmor/current"], env: ["PATH=/bin"],
		user: { uid: 0, gid: 0 }, apparmorProfile: $profile }' >"$BATS_TEST_TMPDIR/process.json"
	run -0 ocirun exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	expect_equal "$output" "$PROFILE-other (enforce)"
}

@test "a profile that is not loaded is refused by name, and nothing is left" {
	config '.process.apparmorProfile = "ocirun-bats-nobody"'
	refused /process/apparmorProfile ocirun-bats-nobody
}

@test "features and doctor say that it is there" {
	run -0 ocirun features
	expect_equal "$(jq .linux.apparmor.enabled <<<"$output")" true
	run ocirun doctor
	expect_part "$output" AppArmor
}
