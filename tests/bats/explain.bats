#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# explain says what create would do, and does nothing.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	export LC_ALL=C
}

# fact SECTION FILTER: one member of the explanation as JSON
fact() {
	ocirun explain --format json "$BUNDLE" | jq -c ".$1[] | $2"
}

# In columns of C locale, of what run printed.
widest() {
	awk 'length > w { w = length } END { print w }' <<<"$output"
}

@test "a mount that becomes read-only last is shown as read-only" {
	config '.mounts += [{ destination: "/late", type: "tmpfs", source: "tmpfs", options: ["ro"] }]'
	run -0 ocirun explain "$BUNDLE"
	expect_part "$(grep /late <<<"$output")" rdonly
}

@test "explain shows namespaces, cgroups, mounts, devices, capabilities and hooks" {
	config '.hooks = { createRuntime: [{ path: "/bin/true" }] } |
		.process.capabilities = { bounding: ["CAP_CHOWN"] } |
		.mounts += [{ destination: "/data", source: "/srv", options: ["rbind", "ro"] }]'
	run -0 ocirun explain "$BUNDLE"
	for part in "network" "its own" "the host's" "/sys/fs/cgroup" "/dev/pts" "newinstance" "/data" \
		"/srv" "/dev/null" "CAP_CHOWN" "createRuntime" "there is no filter"; do
		expect_part "$output" "$part"
	done
}

@test "explain needs no rootfs and leaves nothing behind" {
	rm -r "$ROOTFS"
	run -0 ocirun explain "$BUNDLE"
	[ ! -e "$ROOT" ]
	[ -z "$(find /sys/fs/cgroup -maxdepth 2 -name ID)" ]
}

@test "explain as JSON has an array per section and says where each fact comes from" {
	config '.linux.namespaces += [{ type: "cgroup" }] | .mounts += [{ destination: "/data", source: "/srv", options: ["bind"] }]'
	expect_equal "$(fact namespaces 'select(.name == "network") | [.whose, .of, .pointer]')" \
		'["its own","container","/linux/namespaces/1"]'
	expect_equal "$(fact namespaces 'select(.name == "user") | [.whose, .of, .pointer]')" \
		"[\"the host's\",\"host\",null]"
	expect_equal "$(fact mounts 'select(.target == "/data") | [.type, .source, .of, .pointer]')" \
		'["bind","/srv","host","/mounts/3"]'
}

@test "the cgroup values are those that a container then has" {
	config '.linux.resources.pids.limit = 77'
	file=$(fact cgroupValues 'select(.pointer == "/linux/resources/pids/limit") | .directory + "/" + .file' | jq -r .)
	config '.process.args = ["sleep", "100"]'
	ocirun run --detach --bundle "$BUNDLE" "$ID"
	expect_equal "$(cat "${file/ID/$ID}")" 77
	ocirun delete --force "$ID"
}

@test "--id names the container" {
	run -0 ocirun explain --id "$ID" --format json "$BUNDLE"
	jq -e --arg id "/$ID" 'all(.cgroups[]; .directory | endswith($id))' <<<"$output"
}

@test "--syscall says what the filter does with one call" {
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{ names: ["chmod", "fchmodat"], action: "SCMP_ACT_ERRNO", errnoRet: 13,
		  args: [{ index: 1, value: 511, op: "SCMP_CMP_EQ" }] }] }'
	COLUMNS=200 run -0 ocirun explain --syscall chmod "$BUNDLE"
	expect_part "$output" "SCMP_ACT_ERRNO(EACCES)  if argument 1 == 511"
	expect_part "$output" "SCMP_ACT_ALLOW          otherwise"
	run -0 ocirun explain --syscall openat "$BUNDLE"
	expect_part "$output" "SCMP_ACT_ALLOW  always"
	# What it says is what happens.
	container 'chmod 777 /bin/../etc || chmod 755 /etc'
	expect_status 0
	expect_part "$output" "Permission denied"
	expect_equal "$(ocirun explain --format json "$BUNDLE" |
		jq -r '.seccomp[] | select(.what == "flags").names')" SECCOMP_FILTER_FLAG_SPEC_ALLOW
	run -1 ocirun explain --syscall nosuch "$BUNDLE"
	expect_part "$output" "'nosuch' is no system call that libseccomp knows"
}

@test "the tree is plain in a pipe and no wider than the terminal" {
	for width in 40 60 100 160; do
		COLUMNS=$width run -0 ocirun explain "$BUNDLE"
		[[ $output != *$'\e'* ]]
		[ "$(widest)" -le "$width" ]
	done
}

@test "in a pipe nothing of the tree is cut: each pointer and value is there" {
	config '.linux.cgroupsPath = ("/" + ("long" * 20)) | .linux.resources.memory = {limit: 67108864}
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{action: "SCMP_ACT_ERRNO",
			names: ["mkdir", "chmod", "chown", "mknod", "rmdir", "unlink", "rename", "link"]}]}'
	run -0 ocirun explain "$BUNDLE"
	[[ $output != *...* ]]
	for what in $(ocirun explain --format json "$BUNDLE" |
		jq -r '.. | strings | select(test("^/linux/|^/mounts/|[.]limit_in_bytes$|^memory[.]max$"))'); do
		expect_part "$output" "$what"
	done
	expect_part "$output" rename
}

@test "the tree is in colour on a terminal, unless NO_COLOR is set" {
	TERM=xterm run -0 command script -qec "'$OCIRUN' explain '$BUNDLE'" /dev/null
	expect_part "$output" $'\e[0;33m'
	NO_COLOR=1 TERM=xterm run -0 command script -qec "'$OCIRUN' explain '$BUNDLE'" /dev/null
	[[ $output != *$'\e'* ]]
}

@test "lines are drawn where the locale has them" {
	run -0 ocirun explain "$BUNDLE"
	expect_part "$output" "|- "
	LC_ALL=C.UTF-8 run -0 ocirun explain "$BUNDLE"
	expect_part "$output" "├─ "
}

@test "what an image or a user wrote cannot steer the terminal" {
	config '.process.args = ["\u001b[31mred"]'
	run -0 ocirun explain "$BUNDLE"
	[[ $output != *$'\e'* ]]
	expect_part "$output" '\x1b[31mred'
}

@test "the picture and the page stand alone and are well-formed, whatever the names are" {
	config '.mounts += [{ destination: "/<b>&\"", source: "/srv", options: ["bind"] }]'
	ocirun explain --format svg "$BUNDLE" >"$BATS_TEST_TMPDIR/p.svg"
	ocirun explain --format html "$BUNDLE" >"$BATS_TEST_TMPDIR/p.html"
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$BATS_TEST_TMPDIR/p.svg"
	for file in p.svg p.html; do
		grep -q '&lt;b&gt;&amp;' "$BATS_TEST_TMPDIR/$file"
		run ! grep -e '<b>' -e href -e 'src=' -e '<script' "$BATS_TEST_TMPDIR/$file"
	done
	grep -q '<h2>Mounts, in this order</h2>' "$BATS_TEST_TMPDIR/p.html"
}

@test "a config that cannot be carried out is refused with its pointer" {
	config '.hostname = "x" | .linux.namespaces |= map(select(.type != "uts"))'
	run -1 ocirun explain "$BUNDLE"
	expect_part "$output" "/hostname"
}

# lines_of FILE: the text of the picture, a line for each of its
lines_of() {
	python3 -c 'import sys, xml.dom.minidom
for text in xml.dom.minidom.parse(sys.argv[1]).getElementsByTagName("text"):
    print("".join(part.firstChild.data for part in text.getElementsByTagName("tspan")) or text.firstChild.data)' "$1"
}

@test "the picture shows a long path whole, in lines that fit" {
	local long

	long=/volumes/$(printf '%064d' 7)/$(printf 'name-%.0s' {1..30})/end
	config --arg long "$long" '.mounts += [{ destination: $long, source: "/srv", options: ["bind"] }]'
	ocirun explain --format svg "$BUNDLE" >"$BATS_TEST_TMPDIR/p.svg"
	run lines_of "$BATS_TEST_TMPDIR/p.svg"
	expect_part "$(tr -d '\n' <<<"$output")" "$long from /srv  bind"
	[[ $output != *…* ]]
	expect_equal "$(awk 'length > 46' <<<"$output")" ""
	# As high as what is in it.
	python3 -c 'import sys, xml.dom.minidom
svg = xml.dom.minidom.parse(sys.argv[1]).documentElement
lowest = max(float(text.getAttribute("y")) for text in svg.getElementsByTagName("text"))
sys.exit(not lowest < float(svg.getAttribute("height")) < lowest + 60)' "$BATS_TEST_TMPDIR/p.svg"
}
