# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A socket that takes the descriptor of a terminal or a process.

# take_descriptor SOCKET: in the background, as $taker; tests/agents/on_socket.py has what is in
# SOCKET.got, SOCKET.out and SOCKET.in
take_descriptor() {
	command -v python3 >/dev/null || skip 'needs python3'
	rm -f "$1" "$1".*
	: >"$1.in"
	: >"$1.out"
	python3 "$BATS_TEST_DIRNAME/../agents/on_socket.py" "$1" 3>&- 4>&- &
	taker=$!
	for _ in $(seq 200); do
		[ ! -S "$1" ] || return 0
		sleep 0.05
	done
	return 1
}
