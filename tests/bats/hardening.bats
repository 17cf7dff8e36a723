#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the compiler and the linker do for the program's safety is really in it.

load setup

setup_file() {
	export BUILD PROGRAM=$OCIRUN LIBRARY
	BUILD=$(realpath "$(dirname "$OCIRUN")/../..")
	LIBRARY=$BUILD/libocirun.a
	[ -e "$LIBRARY" ] || skip_file "$OCIRUN is in no build directory"
	! is_sanitized || skip_file "a build with sanitizers is no release"
}

setup() {
	skip_with_file
}

# has_line PATTERN: in $output
has_line() {
	grep -qE "$1" <<<"$output" || {
		echo "no line '$1' in:"
		echo "$output"
		return 1
	}
}

has_no_line() {
	! grep -E "$1" <<<"$output"
}

# What the program's own code, without the libraries', takes from elsewhere.
undefined() {
	run -0 nm -u "$LIBRARY"
}

@test "it is loaded at a random address" {
	run -0 readelf -hW "$PROGRAM"
	has_line '^ *Type: +DYN '
	run -0 readelf -dW "$PROGRAM"
	has_line 'FLAGS_1.*\bPIE\b'
	has_no_line 'TEXTREL'
}

@test "it needs no loader and no library that could be replaced" {
	run -0 readelf -lW "$PROGRAM"
	has_no_line 'INTERP|Requesting program interpreter'
	run -0 readelf -dW "$PROGRAM"
	has_no_line 'NEEDED|RPATH|RUNPATH'
}

@test "its relocated tables are read-only" {
	run -0 readelf -lW "$PROGRAM"
	has_line 'GNU_RELRO'
	# The table of functions is among them.
	has_line '^ +[0-9]+ +\.tdata .*\.got '
	run -0 readelf -dW "$PROGRAM"
	has_line '\(FLAGS\) +BIND_NOW'
	has_line 'FLAGS_1.*\bNOW\b'
}

@test "nothing is both writable and executable, the stack least of all" {
	run -0 readelf -lW "$PROGRAM"
	has_line 'GNU_STACK .* RW  '
	has_no_line ' (LOAD|GNU_STACK) .* R?WE '
	# That of the data, whose relocated part becomes read-only.
	expect_equal "$(grep -cE '^ +LOAD .* RW' <<<"$output")" 1
}

@test "overflows of the stack are noticed" {
	undefined
	has_line ' __stack_chk_fail$'
	run -0 nm "$PROGRAM"
	has_line ' __stack_chk_fail$'
}

@test "functions of the C library that write to buffers are the checking ones" {
	undefined
	has_line ' __snprintf_chk$'
	has_line ' __memcpy_chk$'
	# Those whose buffer has a size that only the program knows remain.
	has_no_line ' (v?sprintf|v?f?printf|strcat|strncat|strcpy)$'
}

@test "indirect jumps have marked targets in all of the program's own code" {
	[ "$(uname -m)" = x86_64 ] || skip "of x86 only"
	run -0 readelf -nW "$LIBRARY"
	has_line 'x86 feature: IBT, SHSTK'
	# The program is marked when the C library's archive is, which Debian's is not.
	run -0 readelf -nW "$(cc -print-file-name=libc.a)"
	if grep -q 'x86 feature: .*IBT' <<<"$output"; then
		run -0 readelf -nW "$PROGRAM"
		has_line 'x86 feature: IBT, SHSTK'
	fi
	run -0 objdump -d --no-show-raw-insn "$LIBRARY"
	has_line '\bendbr64\b'
}

@test "it has no rights of its own" {
	run -0 env DESTDIR="$BATS_TEST_TMPDIR/dest" cmake --install "$BUILD" --prefix /usr --component ocirun
	run -0 find "$BATS_TEST_TMPDIR/dest" -perm /6022 ! -type l
	expect_equal "$output" ""
	run -0 getcap -r "$BATS_TEST_TMPDIR/dest"
	expect_equal "$output" ""
	[ -x "$BATS_TEST_TMPDIR/dest/usr/bin/ocirun" ]
}
