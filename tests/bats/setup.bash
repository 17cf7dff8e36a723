# SPDX-License-Identifier: Apache-2.0
# What every bats file loads: the program under test, and words to state what is expected of it.
bats_require_minimum_version 1.5.0

OCIRUN=$(realpath "${OCIRUN:-${BASH_SOURCE[0]%/*}/../../build/cmd/ocirun/ocirun}")
export OCIRUN

# Each prints what came instead when it does not hold.
expect_status() {
	[ "$status" -eq "$1" ] || {
		echo "exit status $status, not $1: $output ${stderr-}"
		return 1
	}
}

expect_equal() {
	[ "$1" = "$2" ] || {
		echo "'$1' is not '$2'"
		return 1
	}
}

expect_part() {
	[[ $1 == *"$2"* ]] || {
		echo "'$1' has no '$2' in it"
		return 1
	}
}

# edit_json FILE [JQ_ARGUMENT...] FILTER: changes the file
edit_json() {
	jq "${@:2}" <"$1" >"$1.new"
	mv "$1.new" "$1"
}

# wait_for COMMAND...: until it succeeds, at most 10 s; more where the machine is emulated (SLOWNESS)
wait_for() {
	within $((10 * ${SLOWNESS:-1})) "$@"
}

# within SECONDS COMMAND...: waits until the command succeeds
within() {
	local until=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || {
			echo "not within the time: $*"
			return 1
		}
		sleep 0.02
	done
}

# detached LOG COMMAND...: what it leaves running has neither bats' descriptors, which would keep bats
# waiting, nor its output, which is shown when the command fails
detached() {
	"${@:2}" </dev/null >"$1" 2>&1 3>&- 4>&- || {
		cat "$1"
		return 1
	}
}

# as_subreaper COMMAND... [-- COMMAND...]: tests/agents/subreaper.py says what it does and prints
as_subreaper() {
	command -v python3 >/dev/null || skip 'needs python3'
	timeout 60 python3 "${BASH_SOURCE[0]%/*}/../agents/subreaper.py" "$@" 3>&-
}

# delete_all ROOT COMMAND...: whatever containers are left in that state root; the command is the program
# with its global options, run as the user that made them. A test that was skipped has no state root.
delete_all() {
	local dir

	[ -n "$1" ] || return 0
	for dir in "$1"/*/; do
		[ ! -d "$dir" ] || "${@:2}" delete --force "$(basename "$dir")"
	done
}

# skip_file REASON: called by setup_file, which then returns: every test of the file is skipped. (skip
# itself fails there, in the bats of Debian 12.)
skip_file() {
	export FILE_IS_SKIPPED=$1
}

# Called by setup, first; make_bundle does it too.
skip_with_file() {
	[ -z "${FILE_IS_SKIPPED-}" ] || skip "$FILE_IS_SKIPPED"
}

# Whether the program is a build with sanitizers, in which a process that may not exit runs on for ever.
is_sanitized() {
	grep -qs '^OCIRUN_SANITIZE:BOOL=ON' "$(realpath "$(dirname "$OCIRUN")")/../../CMakeCache.txt"
}
