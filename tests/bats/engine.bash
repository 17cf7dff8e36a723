# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of engines: configuration as the pages in docs/ have it, an image of busybox, and
# words for what takes its time.

load setup

TREE=$BATS_TEST_DIRNAME/../..

# page_block PAGE FILE: what docs/PAGE.md says is in FILE, with the program under test as the
# installed one. A page that says nothing about it fails.
page_block() {
	local text

	text=$(awk -v tag="file=$2" '
		inside && /^```/ { exit }
		inside { print }
		/^```/ && $NF == tag { inside = 1 }' "$TREE/docs/$1.md")
	[[ $text == *ocirun* ]] || {
		echo "docs/$1.md has no block for $2 with ocirun in it" >&2
		return 1
	}
	sed "s|/usr/bin/ocirun|$OCIRUN|g" <<<"$text"
}

# eventually COMMAND...: waits until it succeeds, at most 20 s
eventually() {
	local i

	for ((i = 0; i < 200; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	echo "this did not come true: $*"
	"$@"
}

# has_text TEXT COMMAND...: it prints that
has_text() {
	[[ $("${@:2}" 2>&1) == *"$1"* ]]
}

# prints TEXT COMMAND...: it prints that and nothing else
prints() {
	[ "$("${@:2}" 2>&1)" = "$1" ]
}

# on_terminal [STEP...] -- COMMAND...: as tests/agents/on_terminal.py has it; what the terminal
# showed is in $output, with its \r\n as \n
on_terminal() {
	run timeout -k 5 90 python3 "$TREE/tests/agents/on_terminal.py" "$@" 3>&-
	output=${output//$'\r'/}
}

# remove_cgroups NAME: those below a cgroup of that name, in every hierarchy, and itself
remove_cgroups() {
	find /sys/fs/cgroup -depth -type d \( -path "*/$1" -o -path "*/$1/*" \) \
		-exec rmdir {} + 2>/dev/null || :
}

# expect_no_cgroup ID: there is none with that in its name
expect_no_cgroup() {
	expect_equal "$(find /sys/fs/cgroup -type d -path "*${1:?}*")" ""
}

# needs_all_capabilities: for what an engine calls privileged
needs_all_capabilities() {
	local have all

	have=$(sed -n 's/^CapBnd:\t/0x/p' /proc/self/status)
	all=$(((1 << $(cat /proc/sys/kernel/cap_last_cap) + 1) - 1))
	((have == all)) || skip "the tests run without $(capsh --decode="$(printf %x $((all & ~have)))" |
		sed 's/.*=//')"
}

# make_image NAME [COMMAND]: $WORK/image.tar, an image of that name as the image-spec lays it out: one
# layer, a config, a manifest, an index. The layer is $WORK/rootfs.
make_image() {
	local layer config manifest blobs=$WORK/image/blobs/sha256

	"$TREE/bundles/make-rootfs" "$WORK/rootfs"
	mkdir -p "$blobs"
	tar -C "$WORK/rootfs" -cf "$WORK/layer" .
	layer=$(add_blob "$WORK/layer")
	jq -n --arg layer "sha256:$layer" --arg command "${2:-sh}" '{architecture: "amd64", os: "linux",
		config: {Env: ["PATH=/bin"], Cmd: ($command | split(" "))}, history: [{created_by: "a test"}],
		rootfs: {type: "layers", diff_ids: [$layer]}}' >"$WORK/config"
	config=$(add_blob "$WORK/config")
	jq -n --argjson config "$(descriptor config.v1+json "$config")" \
		--argjson layer "$(descriptor layer.v1.tar "$layer")" \
		'{schemaVersion: 2, config: $config, layers: [$layer]}' >"$WORK/manifest"
	manifest=$(add_blob "$WORK/manifest")
	jq -n --arg name "$1" --argjson manifest "$(descriptor manifest.v1+json "$manifest")" '{
		schemaVersion: 2, manifests: [$manifest | .annotations = {
			"io.containerd.image.name": $name,
			"org.opencontainers.image.ref.name": ($name | split(":") | last)}]}' \
		>"$WORK/image/index.json"
	echo '{"imageLayoutVersion": "1.0.0"}' >"$WORK/image/oci-layout"
	tar -C "$WORK/image" -cf "$WORK/image.tar" .
}

add_blob() {
	local digest

	digest=$(sha256sum "$1" | cut -d ' ' -f 1)
	mv "$1" "$WORK/image/blobs/sha256/$digest"
	echo "$digest"
}

# descriptor TYPE DIGEST
descriptor() {
	jq -n --arg type "application/vnd.oci.image.$1" --arg digest "sha256:$2" \
		--argjson size "$(stat -c %s "$WORK/image/blobs/sha256/$2")" \
		'{mediaType: $type, digest: $digest, size: $size}'
}
