# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# An engine as an ordinary user runs it. The user is there in namespaces of the tests only, with
# subordinate ids, a runtime directory and the devices that udev opens to everybody; what the tests
# leave when they are killed is a folder.

load engine

# begin_user PAGE NAME: called by setup_file: the user with the containers.conf of docs/PAGE.md, the
# image $WORK/image.tar, and $HOLDER, the process in whose namespaces the user is
begin_user() {
	WORK=$(mktemp -d "/tmp/ocirun-$2.XXXXXX")
	export WORK USER_ID=14711 HOME_DIR=$WORK/home
	chmod 755 "$WORK"
	cp "$OCIRUN" "$WORK/ocirun"
	make_image busybox:test
	mkdir -p "$HOME_DIR/.config/containers"
	OCIRUN=$WORK/ocirun page_block "$1" /etc/containers/containers.conf \
		>"$HOME_DIR/.config/containers/containers.conf"
	cat >>"$HOME_DIR/.config/containers/containers.conf" <<-EOF
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
		log_driver = "k8s-file"
	EOF
	chown -R "$USER_ID:$USER_ID" "$HOME_DIR"
	make_user
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --net --propagation slave bash -c '
		mount --make-rshared /
		# A mount on a single file is gone when somebody renames another one to its name.
		mount -t overlay -o "lowerdir=$WORK/etc:/etc" overlay /etc
		for device in net/tun fuse; do
			[ ! -e "/dev/$device" ] || mount --bind "$WORK/${device#net/}" "/dev/$device"
		done
		mount -t tmpfs tmpfs /run
		mount -t tmpfs tmpfs /dev/shm
		install -d -m 700 -o "$USER_ID" -g "$USER_ID" "/run/user/$USER_ID"
		ip link set lo up
		exec sleep 100000' 3>&- </dev/null >"$WORK/log" 2>&1 &
	export HOLDER=$!
	eventually prints sleep cat "/proc/$HOLDER/comm"
}

# The files that know a user, and devices for it.
make_user() {
	mkdir "$WORK/etc"
	cp /etc/passwd /etc/group "$WORK/etc"
	echo "tester:x:$USER_ID:$USER_ID::$HOME_DIR:/bin/sh" >>"$WORK/etc/passwd"
	echo "tester:x:$USER_ID:" >>"$WORK/etc/group"
	echo tester:400000:65536 | tee "$WORK/etc/subuid" >"$WORK/etc/subgid"
	mknod -m 666 "$WORK/tun" c 10 200
	mknod -m 666 "$WORK/fuse" c 10 229
}

# Called by teardown_file.
end_user() {
	kill "$HOLDER"
	rm -rf "$WORK"
}

# As a login makes the user's first process, in the groups $MEMBERSHIPS too. An engine's helpers would
# keep bats' descriptor 3 open.
as_user() {
	nsenter --target "$HOLDER" --mount --net --wd="$HOME_DIR" setpriv --reuid "$USER_ID" \
		--regid "$USER_ID" --groups "${MEMBERSHIPS:-$USER_ID}" --inh-caps -all env -i HOME="$HOME_DIR" USER=tester \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin XDG_RUNTIME_DIR="/run/user/$USER_ID" "$@" 3>&-
}

# No container of the user's is left.
expect_nothing_left() {
	expect_equal "$(nsenter --target "$HOLDER" --mount find "/run/user/$USER_ID/ocirun" \
		-mindepth 1 -not -path '*/.seccomp*')" ""
}
