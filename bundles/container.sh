# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A container driven from outside. Its process is a shell that reads commands from a fifo, so that
# they are run by the container's own first process: there `echo $$` is its pid.
#
# The caller sets $OCIRUN (the runtime) and $work (a directory of its own), and calls
# container_remove_all before it ends. Functions return non-zero when the runtime fails.

runtime() {
	"$OCIRUN" --root "$work/state" "$@"
}

# container_start ID BUNDLE: creates and starts it, sets $container and $container_pid
container_start() {
	local id=$1 bundle=$2

	mkfifo "$work/$id.in" "$work/$id.out"
	# Open for reading and writing, so that neither end waits for the other.
	exec {to_container}<>"$work/$id.in" {from_container}<>"$work/$id.out"
	runtime create --bundle "$bundle" "$id" \
		<"$work/$id.in" >"$work/$id.out" 2>"$work/$id.err" || {
		cat "$work/$id.err" >&2
		return 1
	}
	container=$id
	container_pid=$(runtime state "$id" | sed -n 's/.*"pid": *\([0-9]\{1,\}\).*/\1/p')
	runtime start "$id"
}

# inside COMMAND: the container's shell runs it; prints what it printed, returns its status.
inside() {
	local line

	# shellcheck disable=SC2016 # "$?" is the status in the container.
	printf '{ %s\n} 2>&1\necho "==> $?"\n' "$1" >&"$to_container"
	while IFS= read -r -t 10 line <&"$from_container"; do
		if [[ $line =~ ^"==> "([0-9]+)$ ]]; then
			return "${BASH_REMATCH[1]}"
		fi
		printf '%s\n' "$line"
	done
	echo "no answer from container $container to: $1" >&2
	return 124
}

container_remove_all() {
	local dir

	for dir in "$work"/state/*/; do
		[ -d "$dir" ] || continue
		runtime delete --force "$(basename "$dir")" || return
	done
}
