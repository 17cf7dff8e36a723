# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A user without privileges to whom systemd has delegated a part of the tree of cgroup v2: to the user's
# own manager, and that to a service (Delegate=yes), from which containers are started.

load rootless

# Called by setup_file.
begin_delegation() {
	[ -d /run/systemd/system ] || { skip_file "the system is not run by systemd"; return; }
	[ -e /sys/fs/cgroup/cgroup.controllers ] || { skip_file "not a host of cgroup v2"; return; }
	make_user
	"$BATS_TEST_DIRNAME/../../bundles/make-rootfs" "$HOME_DIR/rootfs"
	chown -R "$USER_NAME:" "$HOME_DIR"
	loginctl enable-linger "$USER_NAME"
	SESSION=/run/user/$(id -u "$USER_NAME")
	export SESSION
	within 60 test -S "$SESSION/bus"
}

# Called by teardown_file.
end_delegation() {
	[ -n "${SESSION-}" ] || return 0
	loginctl disable-linger "$USER_NAME"
	loginctl terminate-user "$USER_NAME"
	within 60 test ! -e "$SESSION"
	remove_user
}

# Called by setup: ID, and the config.json of the user.
make_config() {
	skip_with_file
	ID=bats-$$-$BATS_SUITE_TEST_NUMBER
	rm -f "$HOME_DIR/config.json"
	mortal spec --rootless
	chmod 644 "$HOME_DIR/config.json"
	user_config '.process.terminal = false | .mounts |=
		map(select(.destination | startswith("/sys") | not)) + [
			{ destination: "/sys", type: "bind", source: "/sys", options: ["rbind", "ro"] },
			{ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"] }]'
}

# delegated COMMANDS: of a shell, in a service of the user's to which its cgroup, OWN, is
# delegated; the shell is in a cgroup below it, so that others can have controllers
delegated() {
	run --separate-stderr as_user "XDG_RUNTIME_DIR=$SESSION" timeout 120 systemd-run --user --wait --pipe --quiet --collect \
		--expand-environment=no -p Delegate=yes --working-directory="$HOME_DIR" -- /bin/bash -c '
		OWN=/sys/fs/cgroup$(cut -d : -f 3 /proc/self/cgroup)
		mkdir "$OWN/caller" && echo $$ >"$OWN/caller/cgroup.procs" || exit
		rt() { '"$BATS_FILE_TMPDIR"'/ocirun "$@"; }
		ID='"$ID"'
		'"$1" </dev/null
}

# a_container SCRIPT [JQ_FILTER]: its config.json
a_container() {
	user_config --arg text "$1" '.process.args = ["/bin/sh", "-c", $text] | '"${2:-.}"
}
