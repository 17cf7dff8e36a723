# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What is compared, and where it runs: sourced by bench/run, bench/check and bench/order, which set $here (this
# folder), $top (the project) and $out (where to build).

# build_runtime: as it is released
build_runtime() {
	cmake -S "$top" -B "$out/release" -G Ninja -DCMAKE_BUILD_TYPE=Release -DOCIRUN_TESTS=OFF >/dev/null
	ninja -C "$out/release" >/dev/null
}

# commit_of PROGRAM: which commit it is of; with a "+" when it was built here, with more than that
commit_of() {
	"$1" --version | sed -n 's/^commit: //p' | tr -d '\n'
	case $1 in
	"$top"/*) git -C "$top" diff --quiet HEAD -- CMakeLists.txt cmake cmd runtime spec || printf + ;;
	esac
}

build_tools() {
	mkdir -p "$out"
	compile floor floor.c floor_life.c floor_process.c floor_root.c profile.c
	compile interleave interleave.c step.c
	compile count count.c
}

# compile NAME SOURCE...
compile() {
	(cd "$here" && gcc -std=gnu11 -D_GNU_SOURCE -O2 -static -Wall -Wextra -Wconversion -Werror \
		-o "$out/$1" "${@:2}")
}

# set_up: a private place for state and bundles, in a mount namespace of our own. crun does not run
# where cgroup v2 has a tree beside those of v1, so that nobody gets to see it.
set_up() {
	OCIRUN=${OCIRUN:-$out/release/cmd/ocirun/ocirun}
	CRUN=${CRUN:-crun} RUNC=${RUNC:-runc}
	commit=$(commit_of "$OCIRUN")
	# crun keeps a descriptor for each mount: see row_mounts-1000.
	ulimit -Sn "$(ulimit -Hn)"
	work=$out/work
	# Earlier layers may be left of a run that was killed; state lies where it does in production.
	mkdir -p "$work"
	mount -t tmpfs -o mode=755 bench "$work"
	if mountpoint -q /sys/fs/cgroup/unified; then
		umount /sys/fs/cgroup/unified
		mount -t tmpfs bench /sys/fs/cgroup/unified
	fi
	id=bench-$$
	"$top/bundles/make-rootfs" "$work/rootfs"
	mkdir -p "$work/rootfs/run"
	touch "$work/rootfs/etc/"{hosts,hostname,resolv.conf} "$work/rootfs/run/.containerenv"
	make_default_bundle
	make_engine_bundle podman
	make_engine_bundle docker
	make_sleep_bundle
}

# measure_times ROUNDS -- NAME [++ STEP COMMAND...]...: see bench/interleave.c
measure_times() {
	"$out/interleave" "$@" >"$work/raw" || return
	awk -f "$here/statistics.awk" -f "$here/summary.awk" "$work/raw"
}

tear_down() {
	local dir

	# Whatever failed: no cgroup of ours is left.
	for dir in "$work"/state-*/*/; do
		[ ! -d "$dir" ] || remove_container "$(basename "$(dirname "$dir")")" "$(basename "$dir")"
	done
	find /sys/fs/cgroup -depth -type d -path "*/$id*" -exec rmdir {} + 2>/dev/null || :
	umount -l "$work"
}

# remove_container STATE ID
remove_container() {
	case $1 in
	state-crun*) "$CRUN" --root "$work/$1" delete --force "$2" ;;
	state-runc*) "$RUNC" --root "$work/$1" delete --force "$2" ;;
	*) "$OCIRUN" --root "$work/$1" delete --force "$2" ;;
	esac >/dev/null 2>&1 || :
}

# An ociVersion that each of them knows.
make_default_bundle() {
	mkdir -p "$work/default/rootfs"
	mount --bind "$work/rootfs" "$work/default/rootfs"
	"$OCIRUN" spec --bundle "$work/default"
	change default '.ociVersion = "1.0.2" | .process.args = ["/bin/true"] | .process.terminal = false'
}

# make_engine_bundle NAME: of what was recorded of the engine, for a caller who may not raise limits
make_engine_bundle() {
	ARGS=/bin/true NOTTY=1 FIT=$(ulimit -Hn) CGROUP=/$id-engine \
		"$top/tests/real-configs/bundle.sh" "$1-default" "$work/$1" "$work/rootfs"
}

make_sleep_bundle() {
	mkdir -p "$work/sleep/rootfs"
	mount --bind "$work/rootfs" "$work/sleep/rootfs"
	cp "$work/default/config.json" "$work/sleep/"
	change sleep '.process.args = ["/bin/sleep", "10000"]'
}

# change BUNDLE JQ_ARGUMENT...: changes its config.json
change() {
	jq "${@:2}" "$work/$1/config.json" >"$work/changed"
	mv "$work/changed" "$work/$1/config.json"
}

# finished_filter BUNDLE: the instructions of its seccomp filter, as the runtime keeps them for start
finished_filter() {
	local state=$work/state-filter

	if ! [ -e "$work/$1.bpf" ]; then
		"$OCIRUN" --root "$state" create --bundle "$work/$1" "$id" >/dev/null 2>&1 </dev/null
		# Behind a header of 16 bytes; there is no listener's text in an engine's default.
		tail -c +17 "$state/$id/seccomp" >"$work/$1.bpf"
		"$OCIRUN" --root "$state" delete --force "$id"
	fi
	echo "$work/$1.bpf"
}
