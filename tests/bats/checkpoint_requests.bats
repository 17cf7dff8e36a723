#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# checkpoint and restore: what they say, refuse and ask of criu, without one or with one that is made up.

load criu

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	remove_containers
}

@test "help lists the options that callers look for" {
	for option in image-path work-path parent-path leave-running tcp-established \
		tcp-skip-in-flight link-remap ext-unix-sk shell-job lazy-pages status-fd page-server \
		file-locks pre-dump manage-cgroups-mode empty-ns auto-dedup; do
		for command in checkpoint restore; do
			run -0 ocirun "$command" --help
			expect_part "$output" "--$option"
		done
	done
	for option in bundle detach pid-file console-socket no-subreaper no-pivot lsm-profile \
		lsm-mount-context; do
		expect_part "$output" "--$option"
	done
}

@test "restore --lsm-mount-context without a value says what callers look for" {
	run -1 ocirun restore --lsm-mount-context
	expect_part "$output" 'flag needs an argument: -lsm-mount-context'
}

@test "without criu one error says so, and nothing has changed" {
	start_counter
	mkdir image
	run -1 env PATH=/nonexistent "$OCIRUN" --root "$ROOT" checkpoint --image-path image "$ID"
	expect_equal "$output" "ocirun: criu is not installed: there is no program 'criu' in \$PATH; hint: checkpoint and restore are done by CRIU, see https://criu.org"
	expect_equal "$(status_of)" running
	answers 1
	ocirun delete --force "$ID"
	run -1 env PATH=/nonexistent "$OCIRUN" --root "$ROOT" restore --image-path image \
		--bundle "$BUNDLE" --detach "$ID"
	expect_part "$output" 'criu is not installed'
	nothing_left
}

@test "only what runs can be checkpointed" {
	fake_criu 'exit 1'
	run -1 checkpoint
	expect_part "$output" 'container does not exist'
	config '.process.args = ["sleep", "1000"]'
	ocirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	run -1 checkpoint
	expect_equal "$output" 'ocirun: container cannot be checkpointed in created state'
	ocirun start "$ID"
	ocirun kill "$ID" KILL
	wait_for is stopped
	run -1 checkpoint
	expect_equal "$output" 'ocirun: container cannot be checkpointed in stopped state'
}

@test "wrong values of options are refused" {
	fake_criu 'exit 1'
	start_counter
	for address in 1.2.3.4 :99 1.2.3.4: '[]:5'; do
		run -1 checkpoint --page-server "$address"
		expect_part "$output" 'Use --page-server ADDRESS:PORT to specify page server'
	done
	for port in x 0 65536 -1 1x; do
		run -1 checkpoint --page-server "1.2.3.4:$port"
		expect_part "$output" 'Invalid port number'
	done
	run -1 checkpoint --manage-cgroups-mode some
	expect_part "$output" 'expected default or soft or full or strict or ignore'
	run -1 checkpoint --empty-ns ipc
	expect_part "$output" 'namespace "ipc" is not supported'
	run -1 checkpoint --status-fd x
	expect_part "$output" 'invalid --status-fd argument x'
	run -1 checkpoint --status-fd 99
	expect_part "$output" 'invalid --status-fd argument 99: Bad file descriptor'
	run -1 checkpoint --status-fd 5 5</dev/null
	expect_part "$output" 'invalid --status-fd argument 5: not writable'
	run -1 checkpoint --parent-path "$PWD"
	expect_part "$output" '--parent-path must be relative'
	run -1 checkpoint --parent-path ../nosuch
	expect_part "$output" "invalid --parent-path: '../nosuch'"
	touch file
	run -1 checkpoint --parent-path ../file
	expect_part "$output" "invalid --parent-path: '../file' is no directory"
	answers 1
}

@test "a criu that is too old is refused" {
	# version 3.15
	fake_criu 'printf "\010\012\020\001\122\004\010\003\020\017" >&3'
	start_counter
	run -1 checkpoint
	expect_part "$output" 'CRIU version 3.15.0 must be 3.16 or higher'
	answers 1
}

@test "a criu that dies, or says what is no message, is an error" {
	start_counter
	fake_criu 'exit 1'
	run -1 checkpoint
	expect_part "$output" 'criu ended without an answer'
	for hex in '\001' '\010\012' '\010\012\020\001\122\377' '\010\012\020\001\122\377\377\377\377\377\377\377\377\377\001'; do
		fake_criu "printf '$hex' >&3"
		run -1 checkpoint
		expect_part "$output" 'that are no response'
	done
	fake_criu 'dd if=/dev/zero bs=100000 count=1 >&3'
	run -1 checkpoint
	expect_part "$output" 'receive from criu: Message too long'
	fake_criu 'printf "\010\001\020\001" >&3'
	run -1 checkpoint
	expect_part "$output" 'CRIU version check failed: criu answered DUMP to VERSION'
	answers 1
}

@test "the reason that criu gives is in the error, on one line" {
	start_counter
	fake_criu 'printf "\010\001\020\000\070\005\112\006a\nb\033c\n" >&3'
	run -1 checkpoint
	expect_part "$output" 'criu failed: type DUMP errno 5: a b c'
	expect_equal "${#lines[@]}" 1
}

# asked TYPE: criu says that its version is 4.2, and what it is asked next is in the file request
asked() {
	fake_criu "
		dd bs=65536 count=1 <&3 >'$PWD/got' 2>/dev/null
		case \$(od -An -tx1 '$PWD/got' | tr -d ' ') in
		080a) $VERSION_4_2 ;;
		*) mv '$PWD/got' '$PWD/request' ;;
		esac"
}

@test "every option of checkpoint reaches criu under its number" {
	start_counter
	asked
	mkdir -p image parent
	while read -r option hex; do
		rm -f request
		# shellcheck disable=SC2086 # an option and its value
		run -1 checkpoint ${option//=/ }
		expect_part "$output" 'criu ended without an answer'
		expect_part "$(hex request)" "$hex"
	done <<-END
		--leave-running 1801
		--ext-unix-sk 2001
		--tcp-established 2801
		--shell-job 3801
		--file-locks 4001
		--page-server=1.2.3.4:300 5a0c0a07312e322e332e3410ac02
		--page-server=[::1]:300 5a080a033a3a3110ac02
		--parent-path=../parent 72092e2e2f706172656e747801
		--auto-dedup 800101
		--link-remap 900101
		--manage-cgroups-mode=ignore 900200
		--manage-cgroups-mode=soft 900203
		--manage-cgroups-mode=full 900204
		--manage-cgroups-mode=strict 900205
		--manage-cgroups-mode=default 900206
		--tcp-skip-in-flight f00201
		--empty-ns=network b0028080808004
	END
	answers 1
}

@test "--status-fd gets a zero byte once criu serves pages, and its end" {
	start_counter
	fake_criu "
		dd bs=65536 count=1 <&3 >'$PWD/got' 2>/dev/null
		case \$(od -An -tx1 -N2 '$PWD/got' | tr -d ' ') in
		080a) $VERSION_4_2 ;;
		# features: lazy pages
		0809) printf '\\010\\011\\020\\001\\102\\002\\020\\001' >&3 ;;
		# status-ready; and when that is answered, success
		0801) printf '\\010\\006\\020\\001\\052\\016\\012\\014status-ready' >&3
			dd bs=65536 count=1 <&3 >'$PWD/answer' 2>/dev/null
			printf '\\010\\001\\020\\001' >&3 ;;
		esac"
	exec {STATUS}<> <(:)
	exec {READ}<"/proc/self/fd/$STATUS" {WRITE}>"/proc/self/fd/$STATUS" {STATUS}>&-
	checkpoint --lazy-pages --status-fd "$WRITE"
	exec {WRITE}>&-
	expect_equal "$(hex <&"$READ")" 00
	expect_equal "$(hex answer)" 08061801
}

@test "lazy pages that criu or the kernel has not are refused" {
	start_counter
	fake_criu "
		dd bs=65536 count=1 <&3 >'$PWD/got' 2>/dev/null
		case \$(od -An -tx1 -N2 '$PWD/got' | tr -d ' ') in
		080a) $VERSION_4_2 ;;
		0809) printf '\\010\\011\\020\\001\\102\\002\\020\\000' >&3 ;;
		esac"
	run -1 checkpoint --lazy-pages
	expect_part "$output" 'criu is missing features: [LazyPages]'
	answers 1
}

@test "a log that is a link is refused, and what it leads to is untouched" {
	fake_criu 'exit 1'
	start_counter
	echo precious >victim
	for name in dump.log stats-dump; do
		rm -rf work
		mkdir work
		ln -s ../victim "work/$name"
		run -1 checkpoint
		expect_part "$output" "criu would write to '$PWD/work/$name', which is a link"
		rm -rf image
		mkdir image
		ln -s ../victim "image/$name"
		run -1 ocirun checkpoint --image-path image "$ID"
		expect_part "$output" "criu would write to 'image/$name', which is a link"
	done
	answers 1
	ocirun delete --force "$ID"
	for name in restore.log stats-restore; do
		rm -rf work image
		mkdir work image
		ln -s ../victim "work/$name"
		run -1 restore --detach
		expect_part "$output" "criu would write to '$PWD/work/$name', which is a link"
		nothing_left
	done
	expect_equal "$(cat victim)" precious
}

@test "a second name of another file is no log either" {
	fake_criu 'exit 1'
	start_counter
	echo precious >victim
	mkdir image
	ln victim image/dump.log
	run -1 ocirun checkpoint --image-path image "$ID"
	expect_part "$output" 'criu ended without an answer'
	expect_equal "$(cat victim)" precious
	[ ! -e image/dump.log ]
}

@test "a list of descriptors that is a link, or no list, is refused" {
	fake_criu 'exit 1'
	mkdir image
	run -1 restore --detach
	expect_part "$output" 'open descriptors.json of the image: No such file or directory'
	for text in '' '{}' '[1]' '[[]]' 'x' '["a"'; do
		printf '%s' "$text" >image/descriptors.json
		run -1 restore --detach
		expect_part "$output" 'descriptors.json of the image is no array of texts'
	done
	echo '["a"]' >list
	ln -sf ../list image/descriptors.json
	run -1 restore --detach
	expect_part "$output" 'open descriptors.json of the image: Too many levels of symbolic links'
	head -c 100000 /dev/zero >list
	ln -f list image/descriptors.json
	run -1 restore --detach
	expect_part "$output" 'descriptors.json of the image: '
	nothing_left
}
