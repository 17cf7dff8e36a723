# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the tests of a life: a container that sleeps, and words for what is done to it.

load bundle

# lifecycle_setup: the bundle of a test; what its container says comes to $OUT
lifecycle_setup() {
	make_bundle
	OUT=$BATS_TEST_TMPDIR/out
	config '.process.args = ["sleep", "1000"]'
}

# create [OPTION...]: what the container says comes to $OUT
create() {
	ocirun create --bundle "$BUNDLE" "$@" "$ID" </dev/null >"$OUT" 2>&1 || {
		cat "$OUT"
		return 1
	}
}

# run_detached [OPTION...]
run_detached() {
	ocirun run --detach --bundle "$BUNDLE" "$@" "$ID" </dev/null >"$OUT" 2>&1 || {
		cat "$OUT"
		return 1
	}
}

# state [FILTER]
state() {
	ocirun state "$ID" | jq -r "${1:-.status}"
}

status_is() {
	[ "$(state)" = "$1" ]
}

said() {
	[ "$(cat "$OUT")" = "$1" ]
}

is_gone() {
	[[ ! -e /proc/$1/stat || $(cut -d ' ' -f 3 "/proc/$1/stat") == Z ]]
}

no_own_pid_ns() {
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
}
