#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is mounted: types, binds, copies, mappings of ids, and in which order.

load mounts

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	make_source
}

teardown() {
	remove_containers
}

@test "proc, sysfs, tmpfs, devpts and mqueue" {
	mounts '[{ "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro", "nosuid"] },
		{ "destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["mode=1777", "size=64k"] },
		{ "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nodev"] }]'
	inside "$look"'for m in /proc /sys /dev /dev/pts /dev/shm /dev/mqueue; do echo "$m $(fs $m) $(flags $m)"; done
		stat -c %a /dev/shm /dev; grep -c . /proc/1/comm; ls /sys/class/net; ls /dev/pts
		dd if=/dev/zero of=/dev/shm/big bs=1k count=65 2>&1 | grep -c "No space"' \
		"/proc proc rw,relatime
/sys sysfs ro,nosuid,relatime
/dev tmpfs rw,nosuid,relatime
/dev/pts devpts rw,relatime
/dev/shm tmpfs rw,relatime
/dev/mqueue mqueue rw,nodev,relatime
1777
755
1
lo
ptmx
1"
}

@test "overlay" {
	mkdir -p "$SOURCE"/{lower,upper,work}
	echo low >"$SOURCE/lower/file"
	config --arg s "$SOURCE" '.mounts += [{ destination: "/merged", type: "overlay", source: "overlay",
		options: ["lowerdir=\($s)/lower", "upperdir=\($s)/upper", "workdir=\($s)/work"] }]'
	inside 'cat /merged/file; echo up >/merged/file; cat /merged/file' "low
up"
	expect_equal "$(cat "$SOURCE/lower/file" "$SOURCE/upper/file")" "low
up"
}

@test "one string of several options reaches the filesystem as all of them" {
	mounts '[{ "destination": "/t", "type": "tmpfs", "options": ["size=1m,nr_inodes=10", "mode=700"] }]'
	inside "$look"'sb /t | grep -o "size=1024k,nr_inodes=10,mode=700"' size=1024k,nr_inodes=10,mode=700
}

@test "overlay: options in one string, of a path with a comma in it" {
	mkdir "$SOURCE"/{"lo,w",upper,work}
	echo low >"$SOURCE/lo,w/file"
	config --arg s "$SOURCE" '.mounts += [{ destination: "/merged", type: "overlay", source: "overlay",
		options: ["lowerdir=\($s)/lo\\,w,upperdir=\($s)/upper,workdir=\($s)/work"] }]'
	inside 'cat /merged/file' low
}

@test "overlay whose lower directories have long names" {
	long=$(printf 'a-long-name%.0s' {1..20})
	mkdir -p "$BUNDLE/$long/"{1,2,3,upper,work}
	echo 1 >"$BUNDLE/$long/1/one"
	echo 3 >"$BUNDLE/$long/3/three"
	config --arg dir "$BUNDLE/$long" '.mounts += [{ destination: "/mnt", type: "overlay", source: "overlay",
		options: ["nodev", "lowerdir=\($dir)/1:\($dir)/2:\($dir)/3", "upperdir=\($dir)/upper",
			"workdir=\($dir)/work"] }]'
	inside 'cat /mnt/one /mnt/three; echo new >/mnt/new; grep " /mnt " /proc/self/mountinfo | grep -c nodev' $'1\n3\n1'
	expect_equal "$(cat "$BUNDLE/$long/upper/new")" new
}

@test "an unknown filesystem, or an option that it does not know, is an error at that mount" {
	mounts '[{ "destination": "/x", "type": "nofs", "source": "x" }]'
	refused /mounts/3 nofs
	config '.mounts[3] = { destination: "/x", type: "tmpfs", options: ["sise=3k"] }'
	refused /mounts/3 sise
	config 'del(.mounts[3].type)'
	refused /mounts/3 "no type"
}

@test "bind of a directory and of a file, whose mount points are made" {
	mkdir "$SOURCE/dir"
	echo text >"$SOURCE/file"
	config --arg s "$SOURCE" '.mounts += [
		{ destination: "/a/b/c", source: "\($s)/dir", options: ["bind"] },
		{ destination: "/a/d/file", source: "\($s)/file", options: ["bind", "ro"] },
		{ destination: "/etc/passwd", source: "\($s)/file", type: "none", options: ["rbind"] }]'
	inside 'echo new >/a/b/c/new; cat /a/d/file /etc/passwd; echo x 2>/dev/null >/a/d/file || echo refused' "text
text
refused"
	expect_equal "$(cat "$SOURCE/dir/new")" new
	[ -d "$ROOTFS/a/b/c" ] && [ -f "$ROOTFS/a/d/file" ]
	expect_equal "$(stat -c %a "$ROOTFS/a/b/c" "$ROOTFS/a/b")" "755
755"
}

@test "a relative source is in the bundle" {
	mkdir "$BUNDLE/volume"
	echo here >"$BUNDLE/volume/file"
	mounts '[{ "destination": "/v", "source": "volume", "options": ["bind"] }]'
	inside 'cat /v/file' here
}

@test "a bind mount without its source is refused" {
	bind /x bind
	rmdir "$SOURCE"
	refused /mounts/3 "$SOURCE': No such file or directory"
	config 'del(.mounts[3].source)'
	refused /mounts/3 "no source"
}

@test "a directory on a file, and a file on a directory, are refused" {
	bind /etc/passwd bind
	refused /mounts/3 "Not a directory"
	expect_part "$output" "'$SOURCE' is a directory, but '/etc/passwd' in the container is a file"
	rmdir "$SOURCE"
	touch "$SOURCE"
	config '.mounts[3].destination = "/tmp"'
	refused /mounts/3 "'$SOURCE' is a file, but '/tmp' in the container is a directory"
}

@test "rbind brings what is mounted below, bind does not" {
	run privately '
		mkdir "$SOURCE/sub"
		mount -t tmpfs below "$SOURCE/sub"
		touch "$SOURCE/sub/file"
		bind /rec rbind
		bind /one bind
		script "ls /rec/sub /one/sub"
		ocirun run --bundle "$BUNDLE" "$ID"'
	expect_equal "$output" "/one/sub:

/rec/sub:
file"
}

@test "the host's root is seen as the host sees it, not as the container does" {
	ln -s / "$BATS_TEST_TMPDIR/root"
	touch "$BATS_TEST_TMPDIR/on-the-host"
	config --arg link "$BATS_TEST_TMPDIR/root" '.mounts += [
		{ destination: "/all", source: "/", options: ["rbind"] },
		{ destination: "/one", source: "/", options: ["bind"] },
		{ destination: "/link", source: $link, options: ["rbind"] }]'
	inside "ls /all/$BATS_TEST_TMPDIR/on-the-host /link/$BATS_TEST_TMPDIR/on-the-host; ls /one | xargs" \
		"/all/$BATS_TEST_TMPDIR/on-the-host
/link/$BATS_TEST_TMPDIR/on-the-host
$(ls / | xargs)"
}

@test "remount changes what is mounted there" {
	mounts '[{ "destination": "/t", "type": "tmpfs", "source": "t", "options": ["nosuid", "size=64k"] },
		{ "destination": "/t", "type": "tmpfs", "source": "t", "options": ["remount", "nosuid", "ro", "size=32k"] }]'
	bind /b rbind
	bind /b bind remount ro nodev
	inside "$look"'echo "$(flags /t) $(sb /t | grep -o size=32k) $(flags /b)"' "ro,nosuid,relatime size=32k ro,nodev,relatime"
	mounts '[{ "destination": "/nothing", "type": "tmpfs", "source": "t", "options": ["remount"] }]'
	refused /mounts/7 /nothing
}

@test "tmpcopyup copies contents, owners, modes and attributes" {
	local dir=$ROOTFS/full pid tries

	mkdir -p "$dir/sub/deep"
	echo text >"$dir/sub/deep/file"
	dd if=/dev/urandom of="$dir/big" bs=1M count=3 status=none
	ln -s /nowhere "$dir/link"
	mkfifo "$dir/fifo"
	chown 11:12 "$dir/sub/deep/file" "$dir"
	chmod 4751 "$dir/sub/deep/file"
	chown -h 13:14 "$dir/link"
	chmod 1730 "$dir"
	setfattr -n trusted.mark -v kept "$dir/sub/deep/file"
	setfattr -n security.mark -v kept "$dir/sub"
	script 'cd /full; for f in . sub sub/deep sub/deep/file big link fifo; do
		stat -c "%n %a %u:%g %F %Y" $f; done; readlink link; md5sum <big; sleep 1000'
	config '.process.capabilities = { bounding: ["CAP_DAC_OVERRIDE"], permitted: ["CAP_DAC_OVERRIDE"],
		effective: ["CAP_DAC_OVERRIDE"] }'
	mounts '[{ "destination": "/full", "type": "tmpfs", "source": "t", "options": ["tmpcopyup"] }]'
	ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out"
	pid=$(ocirun state "$ID" | jq .pid)
	for ((tries = 0; tries < 100; tries++)); do
		[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -lt 9 ] || break
		sleep 0.05
	done
	cd "$dir"
	diff "$BATS_TEST_TMPDIR/out" <(for f in . sub sub/deep sub/deep/file big link fifo; do
		stat -c "%n %a %u:%g %F %Y" "$f"
	done; readlink link; md5sum <big)
	cd /
	expect_equal "$(getfattr --only-values -n trusted.mark "/proc/$pid/root/full/sub/deep/file")" kept
	expect_equal "$(getfattr --only-values -n security.mark "/proc/$pid/root/full/sub")" kept
	echo changed >"/proc/$pid/root/full/big"
	expect_equal "$(stat -c %s "$dir/big")" 3145728
}

@test "idmap with mappings of its own" {
	echo x >"$SOURCE/file"
	chown 0:0 "$SOURCE"
	chown 1000:1001 "$SOURCE/file"
	bind /m bind idmap
	config '.mounts[3] += { uidMappings: [{ containerID: 1000, hostID: 5000, size: 10 }],
		gidMappings: [{ containerID: 1001, hostID: 6001, size: 10 }] }'
	inside 'stat -c %u:%g /m/file' 5000:6001
	config '.mounts[3].options = ["bind"]'
	inside 'stat -c %u:%g /m/file' 5000:6001
	expect_equal "$(stat -c %u:%g "$SOURCE/file")" 1000:1001
	config 'del(.mounts[3].gidMappings)'
	refused /mounts/3/gidMappings "required along with uidMappings"
}

@test "idmap with the mappings of the container" {
	echo x >"$SOURCE/file"
	chown 0:0 "$SOURCE"
	chown 1000:1001 "$SOURCE/file"
	bind /m bind idmap
	refused /mounts/3 mappings
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }]'
	chown -R 100000:200000 "$ROOTFS"
	inside 'stat -c %u:%g /m/file; echo new >/m/new; stat -c %u:%g /m/new' "1000:1001
0:0"
	expect_equal "$(stat -c %u:%g "$SOURCE/new")" 0:0
}

@test "ridmap maps the mounts below too, idmap does not" {
	local options='{ uidMappings: [{ containerID: 0, hostID: 5000, size: 10 }],
		gidMappings: [{ containerID: 0, hostID: 6000, size: 10 }] }'

	bind /one rbind idmap
	bind /all rbind ridmap
	config ".mounts[3] += $options | .mounts[4] += $options"
	script 'stat -c "%n %u:%g" /one /one/sub /all /all/sub'
	run privately '
		mount -t tmpfs above "$SOURCE"
		mkdir "$SOURCE/sub"
		mount -t tmpfs below "$SOURCE/sub"
		ocirun run --bundle "$BUNDLE" "$ID"'
	expect_equal "$output" "/one 5000:6000
/one/sub 0:0
/all 5000:6000
/all/sub 5000:6000"
}

@test "idmap is for bind mounts" {
	mounts '[{ "destination": "/t", "type": "tmpfs", "source": "t",
		"uidMappings": [{ "containerID": 0, "hostID": 1, "size": 1 }],
		"gidMappings": [{ "containerID": 0, "hostID": 1, "size": 1 }] }]'
	refused /mounts/3 "bind-mounts"
}

@test "a relative destination is below the root, with a warning" {
	bind some/where bind
	touch "$SOURCE/file"
	container 'ls /some/where'
	expect_status 0
	expect_part "$output" 'is relative'
	expect_equal "${lines[-1]}" file
}

@test "mounts are made in the order of the file" {
	mkdir "$SOURCE/t"
	touch "$SOURCE/t/early"
	mounts '[{ "destination": "/m/t", "type": "tmpfs", "source": "first" }]'
	bind /m bind
	mounts '[{ "destination": "/n", "type": "tmpfs", "source": "a" }, { "destination": "/n/x", "type": "tmpfs", "source": "b" }]'
	inside 'ls /m/t; grep -o " /[mn][^ ]* " /proc/self/mountinfo' "early
 /m/t 
 /m 
 /n 
 /n/x "
}
