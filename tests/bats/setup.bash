# SPDX-License-Identifier: Apache-2.0
# What every bats file loads: the program under test, and words to state what is expected of it.
bats_require_minimum_version 1.5.0

OCIRUN=$(realpath "${OCIRUN:-$BATS_TEST_DIRNAME/../../build/cmd/ocirun/ocirun}")
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
