#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What comes from an image by way of a config, a file or a name: it arrives as it is or is refused, costs
# little, and is not run, obeyed or shown to a terminal.

load hostile
load ../criu

setup_file() {
	hostile_setup_file
	find_criu
}

setup() {
	hostile_setup
}

teardown() {
	hostile_teardown
}

# ---- T20: lengths ----

# text_of LENGTH
text_of() {
	head -c "$1" /dev/zero | tr '\0' x
}

# arrives FILTER LENGTH: the filter puts $text somewhere, the container prints the length of what it has
arrives() {
	text_of "$2" >"$BATS_TEST_TMPDIR/text"
	config --rawfile text "$BATS_TEST_TMPDIR/text" "$1"
	attempt
	[ "$status" != 0 ] || [ "$output" = "$2" ] || escaped "$2 bytes became $output"
}

@test "T20 long texts arrive whole, or are refused" {
	local length

	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/config.json"
	for length in 4095 4096 65535 65536 65537 131071 131072 1048576; do
		cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
		row "variable $length" arrives '.process.env += ["X=" + $text]
			| .process.args = ["sh", "-c", "echo ${#X}"]' "$length"
		cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
		row "argument $length" arrives '.process.args = ["sh", "-c", "echo ${#1}", "sh", $text]' "$length"
		cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
		row "annotation $length" arrives '.annotations = { x: $text }
			| .hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c",
				"/usr/bin/jq -j .annotations.x | wc -c >'"$BATS_TEST_TMPDIR"'/seen"] }]
			| .process.args = ["echo", "'"$length"'"]' "$length"
		[ ! -s "$BATS_TEST_TMPDIR/seen" ] || row "annotation $length in the hook" \
			expect_equal "$(cat "$BATS_TEST_TMPDIR/seen")" "$length"
		rm -f "$BATS_TEST_TMPDIR/seen"
	done
	rows_hold
}

# too_long FILTER LENGTH: refused, and nothing is there
too_long() {
	text_of "$2" >"$BATS_TEST_TMPDIR/text"
	config --rawfile text "$BATS_TEST_TMPDIR/text" "$1"
	attempt && [ "$status" != 0 ]
}

@test "T20 names that are too long for the kernel are refused" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/config.json"
	local field

	for field in .hostname .domainname .process.cwd '.mounts[0].destination' .linux.cgroupsPath '.linux.maskedPaths[0]'; do
		cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
		row "$field" too_long "$field = \"/\" + \$text" 70000
	done
	rows_hold
}

@test "T20 many maps of ids arrive whole, or are refused" {
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [range(340) | { containerID: ., hostID: (100000 + 2 * .), size: 1 }]
		| .linux.gidMappings = .linux.uidMappings'
	script 'wc -l </proc/self/uid_map'
	chmod 755 "$BUNDLE" "$ROOTFS"
	attempt
	[ "$status" != 0 ] || expect_equal "$output" 340
}

# ---- T28: annotations ----

# says_nothing ANNOTATION VALUE: the container is as without it; that it is ignored may be said
says_nothing() {
	config --arg key "$1" --arg value "$2" '.annotations = { ($key): $value }'
	script 'id -u; grep CapEff /proc/self/status; cat /proc/self/cgroup | wc -l'
	attempt
	if [ "$status" = 0 ]; then
		output=$(grep -vF "level=warning msg=\"/annotations/$1: an annotation of crun, without a meaning" <<<"$output")
		[ -n "${PLAIN-}" ] || PLAIN=$output
		[ "$output" = "$PLAIN" ] || escaped "$output"
	fi
	[ ! -e "$BATS_TEST_TMPDIR/ran" ] || escaped "$1 was run"
}

@test "T28 annotations give no right and run nothing" {
	local key

	row none says_nothing x y
	for key in org.systemd.property.ExecStartPre org.systemd.property.ExecStart org.systemd.property.Delegate \
		org.systemd.property.User run.oci.hooks.stdout run.oci.handler run.oci.keep_original_groups \
		run.oci.delegate-cgroup run.oci.systemd.subgroup run.oci.mount_context_type run.oci.pidfd_receiver \
		run.oci.seccomp.receiver org.criu.config module.wasm.image/variant io.kubernetes.cri-o.Devices \
		org.opencontainers.runc.exec.fork; do
		row "$key" says_nothing "$key" "/bin/touch $BATS_TEST_TMPDIR/ran"
	done
	rows_hold
}

# ---- T29: what restore believes ----

# silent COMMAND...: with streams that criu knows how to make again
silent() {
	ocirun "$@" </dev/null >/dev/null 2>&1 3>&- 4>&-
}

# checkpointed: an image of a container that waits
checkpointed() {
	needs_criu
	script 'exec sleep 1000'
	silent run --detach --bundle "$BUNDLE" "$ID"
	run ocirun checkpoint --image-path "$BATS_TEST_TMPDIR/image" "$ID"
	expect_status 0
}

# restored [OPTION...]
restored() {
	silent restore --detach --bundle "$BUNDLE" --image-path "$BATS_TEST_TMPDIR/image" "$@" "$ID"
}

@test "T29 restore does not write its log through a link of the work directory" {
	checkpointed
	mkdir "$BATS_TEST_TMPDIR/work"
	ln -s "$DECOY/file" "$BATS_TEST_TMPDIR/work/restore.log"
	! restored --work-path "$BATS_TEST_TMPDIR/work" || ! is_ocirun
}

@test "T29 nor through one of the image" {
	checkpointed
	ln -s "$DECOY/file" "$BATS_TEST_TMPDIR/image/restore.log"
	! restored || ! is_ocirun
}

@test "T29 an image's own config.json is not the container's" {
	checkpointed
	jq '.hooks.createRuntime = [{ path: "/bin/touch", args: ["touch", "'"$BATS_TEST_TMPDIR"'/ran"] }]' \
		"$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/image/config.json"
	restored
	[ ! -e "$BATS_TEST_TMPDIR/ran" ] || escaped 'what the image says was run'
	expect_equal "$(ocirun state "$ID" | jq -r .status)" running
}

# ---- T30, T31: the environment ----

# variable_is TEXT: verbatim, or refused
variable_is() {
	config --arg text "$1" '.process.env = ["PATH=/bin", $text]'
	script 'cat /proc/1/environ | tr "\0" "\1"'
	attempt
	[ "$status" != 0 ] || [[ $output == *"$1"* ]] || escaped "'$1' became '$output'"
	[[ $output != *of-the-host* ]] || escaped "a variable of the caller: $output"
}

@test "T30 variables arrive verbatim, or are refused" {
	local text

	for text in $'X=a\nPATH=/evil' $'X=a\rb' $'X=\e[2Jb' 'X==' 'X=a=b' 'X=$(id)' 'X=`id`' 'X="' "X='" 'X=\' \
		$'X=a\tb' 'X=ü' $'X\nY=1' 'X Y=1' ' X=1' 'LD_PRELOAD=/evil.so' 'LD_LIBRARY_PATH=/lib' \
		'IFS=x' 'BASH_ENV=/evil' 'ENV=/dev/null' 'GLIBC_TUNABLES=glibc.malloc.check=3' '_=x' 'X='; do
		row "'${text//$'\n'/\\n}'" variable_is "$text"
	done
	rows_hold
}

@test "T31 a key without a value does not bring in the caller's" {
	local text

	export HOST_SECRET=of-the-host XDG_SECRET=of-the-host
	for text in HOST_SECRET HOST_SECRET= 'HOST_SECRET ' '*' 'HOST_*' '$HOST_SECRET' '${HOST_SECRET}' X=\$HOST_SECRET; do
		row "'$text'" variable_is "$text"
	done
	config '.process.env = ["PATH=/bin"]'
	row 'no key' variable_is X=1
	rows_hold
}

@test "T31 exec has none of the caller's variables" {
	export HOST_SECRET=of-the-host
	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	run ocirun exec --env X=1 "$ID" env
	expect_status 0
	[[ $output != *of-the-host* ]] || escaped "$output"
	run ocirun exec --env HOST_SECRET "$ID" env
	[[ $output != *of-the-host* ]] || escaped "$output"
}

# ---- T32: files of users ----

# users_are KIND FILE: it costs less than a second (five, on a busy machine) and 64 MiB
users_are() {
	local file=$ROOTFS/etc/$2 start=$SECONDS

	rm -f "$file"
	case $1 in
	fifo) mkfifo "$file" ;;
	huge) head -c 200M /dev/zero | tr '\0' 'x' >"$file" ;;
	lines) yes 'a:x:1:1::/:/bin/sh' | head -c 50M >"$file" ;;
	sparse) truncate -s 1T "$file" ;;
	zero) ln -s /dev/zero "$file" ;;
	device) mknod "$file" c 1 5 ;;
	directory) mkdir "$file" ;;
	loop) ln -s "$2" "$file" ;;
	environ) ln -s /proc/self/environ "$file" ;;
	out) ln -s "$DECOY/etc/passwd" "$file" ;;
	esac
	config '.process.env = ["PATH=/bin"]'
	script 'echo "$HOME"; sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID" ||
		{ ! is_ocirun && return 0; }
	run timeout -k 1 20 prlimit --as=$((256 << 20)) \
		"$OCIRUN" --root "$ROOT" exec --user somebody "$ID" true
	no_secret "$output"
	[ "$status" != 124 ] && [ "$status" != 137 ] || escaped "$1 $2 keeps the runtime for ever"
	run python3 - "$OCIRUN" --root "$ROOT" exec --user root "$ID" sh -c 'echo $HOME' <<-'END'
		import resource, subprocess, sys
		subprocess.run(sys.argv[1:], timeout=20, stdin=subprocess.DEVNULL)
		peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
		print("peak too high" if peak > 65536 else "peak fine", peak)
	END
	no_secret "$output"
	[[ $output == *'peak fine'* ]] || escaped "$1 $2: $output"
	[ $((SECONDS - start)) -lt 15 ] || escaped "$1 $2 took $((SECONDS - start)) s"
}

@test "T32 passwd is a FIFO" { users_are fifo passwd; }
@test "T32 passwd is 200 MB of one line" { users_are huge passwd; }
@test "T32 passwd is 50 MB of lines" { users_are lines passwd; }
@test "T32 passwd is a file of 1 TB with nothing in it" { users_are sparse passwd; }
@test "T32 passwd is a link to an endless device" { users_are zero passwd; }
@test "T32 passwd is an endless device" { users_are device passwd; }
@test "T32 passwd is a directory" { users_are directory passwd; }
@test "T32 passwd is a link to itself" { users_are loop passwd; }
@test "T32 passwd is a link to the reader's environment" { users_are environ passwd; }
@test "T32 passwd is a link out of the root" { users_are out passwd; }
@test "T32 group is a FIFO" { users_are fifo group; }
@test "T32 group is 200 MB of one line" { users_are huge group; }
@test "T32 group is an endless device" { users_are device group; }
@test "T32 group is a link out of the root" { users_are out group; }

# ---- T33: programs and libraries of the image ----

@test "T33 no program, library or name service of the image is run with the host's rights" {
	local name

	mkdir -p "$ROOTFS"/{lib,lib64,lib/x86_64-linux-gnu,usr/bin,usr/sbin,sbin,etc}
	for name in sbin/modprobe sbin/ldconfig usr/bin/newuidmap usr/bin/newgidmap bin/criu usr/sbin/nscd \
		usr/bin/getent lib/x86_64-linux-gnu/libnss_evil.so.2 lib/x86_64-linux-gnu/libc.so.6; do
		printf '#!/bin/sh\n: >/ran-%s\n' "$(basename "$name")" >"$ROOTFS/$name"
		chmod 755 "$ROOTFS/$name"
	done
	printf 'passwd: evil files\ngroup: evil files\n' >"$ROOTFS/etc/nsswitch.conf"
	echo /lib/x86_64-linux-gnu/libnss_evil.so.2 >"$ROOTFS/etc/ld.so.preload"
	printf 'alice:x:1000:1000::/:/bin/sh\n' >>"$ROOTFS/etc/passwd"
	script 'sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	ASAN_OPTIONS=detect_leaks=0 run strace -f -o "$BATS_TEST_TMPDIR/trace" -e trace=execve,execveat,open,openat,openat2,mmap \
		"$OCIRUN" --root "$ROOT" exec --user alice "$ID" true
	! is_ocirun || expect_status 0
	# By a descriptor of the root, or in it, a path does not show whose it is.
	if is_ocirun; then
		run grep -E 'libnss|nsswitch|evil|nscd|getent' <(grep -v ENOENT "$BATS_TEST_TMPDIR/trace")
		expect_equal "$output" '' || escaped "$output"
	fi
	[ -z "$(ls "$ROOTFS" | grep '^ran-')" ] || escaped "$(ls "$ROOTFS")"
}

# ---- T34: hooks ----

# hook_env FILTER WANTED
hook_env() {
	config --arg out "$BATS_TEST_TMPDIR/hook" '
		.process.env = ["PATH=/bin", "LD_PRELOAD=/evil.so", "IMAGE=secret", "HOME=/evil"]
		| .hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", "cat /proc/$$/environ | tr \"\\0\" \",\" >" + $out
				+ "; exec ls /proc/self/fd >" + $out + ".fds"] }]
		| '"$1"
	exec 7<"$DECOY"
	attempt
	exec 7<&-
	expect_status 0
	expect_equal "$(cat "$BATS_TEST_TMPDIR/hook")" "$2" || escaped "$(cat "$BATS_TEST_TMPDIR/hook")"
	# 3 is what ls has open itself.
	expect_equal "$(xargs <"$BATS_TEST_TMPDIR/hook.fds")" '0 1 2 3' ||
		! is_ocirun || escaped "$(cat "$BATS_TEST_TMPDIR/hook.fds")"
}

@test "T34 a hook without an environment has none" { hook_env . ''; }
@test "T34 a hook has the environment that is the hook's" {
	hook_env '.hooks.createRuntime[0].env = ["A=1", "PATH=/usr/bin:/bin"]' 'A=1,PATH=/usr/bin:/bin,'
}
@test "T34 a hook is not of the image, though its path is there too" {
	printf '#!/bin/sh\n: >/ran\n' >"$ROOTFS/bin/hook"
	chmod 755 "$ROOTFS/bin/hook"
	config '.hooks.createRuntime = [{ path: "/bin/hook" }]'
	denied
	[ ! -e "$ROOTFS/ran" ] && [ ! -e /ran ] || escaped 'it ran'
}

# ---- T37: texts of an image on the caller's terminal ----

# not_shown TEXT COMMAND...: it does not reach the terminal as it is
not_shown() {
	run "${@:2}"
	[[ $output != *"$1"* ]] || escaped "the text reached the terminal: $(printf %q "$output")"
}

@test "T37 a program's interpreter steers no terminal" {
	printf '#!/evil\e]0;title\a\n' >"$ROOTFS/bin/evil"
	chmod 755 "$ROOTFS/bin/evil"
	config '.process.args = ["evil"]'
	not_shown $'\e' ocirun run --bundle "$BUNDLE" "$ID"
	! is_ocirun || not_shown $'\e' ocirun check --bundle "$BUNDLE"
}

@test "T37 neither with control characters of 8 bits" {
	printf '#!/evil\xc2\x9b2J\n' >"$ROOTFS/bin/evil"
	chmod 755 "$ROOTFS/bin/evil"
	config '.process.args = ["evil"]'
	not_shown $'\xc2\x9b' ocirun run --bundle "$BUNDLE" "$ID"
	! is_ocirun || not_shown $'\xc2\x9b' ocirun check --bundle "$BUNDLE"
}

@test "T37 nor what a hook says, the name of a process, or of a mount" {
	config '.hooks.createContainer = [{ path: "/bin/sh", args: ["sh", "-c", "printf \"\\\\033[2J\" >&2; exit 1"] }]'
	not_shown $'\e' ocirun run --bundle "$BUNDLE" "$ID"
	config 'del(.hooks)'
	script 'cp /bin/busybox "/bin/$(printf "e\033vil")"; "/bin/$(printf "e\033vil")" true
		printf "x\033[2J" >/proc/self/comm; exec sleep 100'
	detached "$BATS_TEST_TMPDIR/log" ocirun run --detach --bundle "$BUNDLE" "$ID"
	not_shown $'\e' ocirun ps "$ID"
	! is_ocirun || not_shown $'\e' ocirun inspect "$ID"
}
