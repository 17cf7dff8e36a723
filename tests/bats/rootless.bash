# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Users without privileges, made for a file of tests and removed with it. Their lines of /etc/subuid
# and /etc/subgid are removed with them.

load setup

# Called by setup_file: makes the user USER_NAME, whose home is HOME_DIR, without further ids.
make_user() {
	[ "$(id -u)" -eq 0 ] || skip "needs root to make a user"
	USER_NAME=ocirun-$$
	HOME_DIR=$BATS_FILE_TMPDIR/home
	export USER_NAME HOME_DIR
	# A test may be far below what only root can enter.
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
	useradd --no-create-home --home-dir "$HOME_DIR" --shell /bin/sh --user-group \
		--key SUB_UID_COUNT=0 --key SUB_GID_COUNT=0 "$USER_NAME"
	give_nothing
	mkdir "$HOME_DIR"
	# The program may be where only root can enter, too.
	install -m 755 "$OCIRUN" "$BATS_FILE_TMPDIR/ocirun"
}

# Called by teardown_file. What a container left may still have to be reaped.
remove_user() {
	local until=$((SECONDS + 20))

	[ -n "${USER_NAME:-}" ] || return 0
	until userdel "$USER_NAME" 2>"$BATS_FILE_TMPDIR/said"; do
		[ "$SECONDS" -lt "$until" ] || {
			cat "$BATS_FILE_TMPDIR/said"
			return 1
		}
		sleep 0.1
	done
}

# give KIND FIRST COUNT: a line in /etc/subKINDid, KIND being u or g
give() {
	local last=$(($2 + $3 - 1))

	usermod "--add-sub$1ids" "$2-$last" "$USER_NAME"
}

# give_nothing: no such line, whatever the system gave the user when it was made
give_nothing() {
	local kind line first count

	for kind in u g; do
		while read -r line; do
			IFS=: read -r _ first count <<<"$line"
			usermod "--del-sub${kind}ids" "$first-$((first + count - 1))" "$USER_NAME"
		done < <(grep "^$USER_NAME:" "/etc/sub${kind}id")
	done
}

# as_user COMMAND...: in the user's home, with its environment, as a shell of it would run it
as_user() {
	(
		cd "$HOME_DIR"
		exec timeout --foreground -k 5 30 setpriv --reuid "$USER_NAME" --regid "$USER_NAME" --init-groups \
			--inh-caps=-all env -i PATH=/usr/local/bin:/usr/bin:/bin "HOME=$HOME_DIR" \
			"XDG_RUNTIME_DIR=$HOME_DIR/run" "$@"
	)
}

# mortal ARGUMENT...: ocirun, by the user
mortal() {
	as_user "$BATS_FILE_TMPDIR/ocirun" "$@"
}

# user_config [JQ_ARGUMENT...] FILTER: changes the config.json in the user's home
user_config() {
	jq "$@" <"$HOME_DIR/config.json" >"$BATS_TEST_TMPDIR/config.new"
	cat "$BATS_TEST_TMPDIR/config.new" >"$HOME_DIR/config.json"
}

# user_script TEXT: what the shell of its container will run
user_script() {
	user_config --arg text "$1" '.process.terminal = false | .process.args = ["/bin/sh", "-c", $text]'
}

# prints WANTED: a container of it does, and is well
prints() {
	run mortal run "$ID" </dev/null
	expect_status 0
	expect_equal "$output" "$1"
}
