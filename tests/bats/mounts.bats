#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is mounted, with which options, and how it propagates; paths that are masked or read-only.

load bundle

setup_file() {
	make_rootfs
}

setup() {
	make_bundle
	SOURCE=$BATS_TEST_TMPDIR/source
	mkdir "$SOURCE"
	export SOURCE
}

teardown() {
	remove_containers
	rmdir "/sys/fs/cgroup/pids/$ID" 2>/dev/null || :
}

# mounts JSON: adds entries to those of every container
mounts() {
	config --argjson list "$1" '.mounts += $list'
}

# bind DESTINATION OPTION...: adds $SOURCE
bind() {
	config --arg source "$SOURCE" '.mounts += [{ destination: $ARGS.positional[0], source: $source,
		type: "bind", options: $ARGS.positional[1:] }]' --args "$@"
}

# prints, in a container, the flags of the mount at that place, or its type, or those of the filesystem
look='flags() { awk -v m="$1" "\$5 == m { print \$6 }" /proc/self/mountinfo; }
fs() { awk -v m="$1" "\$5 == m { sub(/.* - /, \"\"); print \$1 }" /proc/self/mountinfo; }
sb() { awk -v m="$1" "\$5 == m { sub(/.* - /, \"\"); print \$3 }" /proc/self/mountinfo; }
'

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

# OPTIONS -> the mount's flags, each sorted
attributes='
defaults                 rw,relatime
rw                       rw,relatime
ro                       ro,relatime
ro,rw                    rw,relatime
suid                     rw,relatime
nosuid                   rw,nosuid,relatime
nosuid,suid              rw,relatime
dev                      rw,relatime
nodev                    rw,nodev,relatime
nodev,dev                rw,relatime
exec                     rw,relatime
noexec                   rw,noexec,relatime
noexec,exec              rw,relatime
atime                    rw,relatime
noatime                  rw,noatime
noatime,atime            rw,relatime
diratime                 rw,relatime
nodiratime               rw,nodiratime,relatime
nodiratime,diratime      rw,relatime
relatime                 rw,relatime
noatime,relatime         rw,relatime
norelatime               rw,relatime
strictatime              rw
noatime,strictatime      rw
nostrictatime            rw,relatime
strictatime,nostrictatime rw,relatime
symfollow                rw,relatime
nosymfollow              rw,relatime,nosymfollow
nosymfollow,symfollow    rw,relatime
rro                      ro,relatime
rro,rrw                  rw,relatime
rrw                      rw,relatime
rnosuid                  rw,nosuid,relatime
nosuid,rsuid             rw,relatime
rnodev                   rw,nodev,relatime
nodev,rdev               rw,relatime
rnoexec                  rw,noexec,relatime
noexec,rexec             rw,relatime
rnoatime                 rw,noatime
noatime,ratime           rw,relatime
rnodiratime              rw,nodiratime,relatime
nodiratime,rdiratime     rw,relatime
rrelatime                rw,relatime
rnorelatime              rw,relatime
rstrictatime             rw
strictatime,rnostrictatime rw,relatime
rnosymfollow             rw,relatime,nosymfollow
nosymfollow,rsymfollow   rw,relatime
ro,nosuid,nodev,noexec,noatime ro,nosuid,nodev,noexec,noatime
'

# expect_flags KIND TYPE [EXTRA_OPTION]: a mount for each row of $attributes in one container
expect_flags() {
	local options wanted number=0 rows

	rows=$(sed '/^$/d' <<<"$attributes")
	config --arg rows "$rows" --arg source "$SOURCE" --arg type "$1" --arg extra "${2-}" '
		.mounts += [$rows | split("\n") | to_entries[] | {
			destination: "/m/\(.key)", type: $type, source: $source,
			options: (($extra | split(" ")) + (.value | split(" ")[0] | split(","))) }]'
	container "$look"'n=0; while [ -d /m/$n ]; do flags /m/$n; n=$((n + 1)); done'
	expect_status 0
	while read -r options wanted; do
		expect_equal "$options: ${lines[number]}" "$options: $wanted"
		number=$((number + 1))
	done <<<"$rows"
	expect_equal "${#lines[@]}" "$number"
}

@test "every option that is a flag of the mount, for a new filesystem" {
	expect_flags tmpfs
}

@test "every option that is a flag of the mount, for a bind mount" {
	expect_flags bind bind
}

@test "every option that is a flag of the filesystem" {
	local row options wanted rows="sync:rw,sync
sync,async:rw
async:rw
dirsync:rw,dirsync
lazytime:rw,lazytime
lazytime,nolazytime:rw
nolazytime:rw
iversion:rw
noiversion:rw
silent:rw
loud:rw
mand:rw,mand
mand,nomand:rw
nomand:rw"

	for row in $rows; do
		options=${row%:*} wanted=${row#*:}
		config --arg options "$options" '.mounts[3] = { destination: "/t", type: "tmpfs", source: "t",
			options: ($options | split(",")) }'
		container "$look"'sb /t; flags /t'
		expect_status 0
		# The filesystem adds options of its own.
		expect_equal "$options: $(tr , '\n' <<<"${lines[0]}" | grep -Ex 'rw|ro|sync|dirsync|lazytime|mand' | paste -sd,)" \
			"$options: $wanted"
		expect_equal "${lines[1]}" rw,relatime
	done
}

@test "an option in the table of the spec is never given to the filesystem as data" {
	local option options

	options="async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev
		nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private
		ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodiratime rnoexec rnorelatime
		rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid
		rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable"
	for option in $options; do
		case $option in bind | rbind | remount) continue ;; esac
		config --arg option "$option" \
			'.mounts += [{ destination: "/t/\($option)", type: "tmpfs", source: "t", options: [$option] }]'
	done
	# A tmpfs refuses an option that it does not know.
	inside 'ls /t | wc -l' "$(($(wc -w <<<"$options") - 3))"
}

# OPTIONS -> flags of an rbind mount and of the mount below it, which was nosuid,nodev,noexec,noatime
recursive='
rbind                    rw,relatime                 rw,nosuid,nodev,noexec,noatime
rbind,ro                 ro,relatime                 rw,nosuid,nodev,noexec,noatime
rbind,rro                ro,relatime                 ro,nosuid,nodev,noexec,noatime
rbind,rro,rw             rw,relatime                 ro,nosuid,nodev,noexec,noatime
rbind,rro,rrw            rw,relatime                 rw,nosuid,nodev,noexec,noatime
rbind,rsuid              rw,relatime                 rw,nodev,noexec,noatime
rbind,rdev               rw,relatime                 rw,nosuid,noexec,noatime
rbind,rexec              rw,relatime                 rw,nosuid,nodev,noatime
rbind,rrelatime          rw,relatime                 rw,nosuid,nodev,noexec,relatime
rbind,rstrictatime       rw                          rw,nosuid,nodev,noexec
rbind,rnoatime           rw,noatime                  rw,nosuid,nodev,noexec,noatime
rbind,ratime             rw,relatime                 rw,nosuid,nodev,noexec,relatime
rbind,rnodiratime        rw,nodiratime,relatime      rw,nosuid,nodev,noexec,noatime,nodiratime
rbind,rnosuid            rw,nosuid,relatime          rw,nosuid,nodev,noexec,noatime
rbind,rnodev             rw,nodev,relatime           rw,nosuid,nodev,noexec,noatime
rbind,rnoexec            rw,noexec,relatime          rw,nosuid,nodev,noexec,noatime
rbind,rnosymfollow       rw,relatime,nosymfollow     rw,nosuid,nodev,noexec,noatime,nosymfollow
rbind,rnosymfollow,rsymfollow rw,relatime            rw,nosuid,nodev,noexec,noatime
rbind,nosuid             rw,nosuid,relatime          rw,nosuid,nodev,noexec,noatime
'

@test "recursive options reach the mounts below, the others do not" {
	local options above below number=0 rows

	rows=$(sed '/^$/d' <<<"$recursive" | tr -s ' ')
	config --arg rows "$rows" --arg source "$SOURCE" '.mounts += [$rows | split("\n") | to_entries[] | {
		destination: "/m/\(.key)", source: $source, options: (.value | split(" ")[0] | split(",")) }]'
	script "$look"'n=0; while [ -d /m/$n ]; do echo "$(flags /m/$n) $(flags /m/$n/sub)"; n=$((n + 1)); done'
	run privately '
		mount -t tmpfs above "$SOURCE"
		mkdir "$SOURCE/sub"
		mount -t tmpfs -o nosuid,nodev,noexec,noatime below "$SOURCE/sub"
		ocirun run --bundle "$BUNDLE" "$ID"'
	expect_status 0
	while read -r options above below; do
		expect_equal "$options: ${lines[number]}" "$options: $above $below"
		number=$((number + 1))
	done <<<"$rows"
	expect_equal "${#lines[@]}" "$number"
}

# prints how a mount propagates: its optional fields without numbers
look_propagation='propagation() { awk -v m="$1" "\$5 == m { t = \"\"; for (i = 7; \$i != \"-\"; i++) t = t \$i \" \"
	gsub(/:[0-9]*/, \"\", t); print (t == \"\") ? \"private\" : t }" /proc/self/mountinfo; }
'

@test "propagation options of a bind mount, of its submount with r" {
	local option number=0 wanted=("private private" "shared private" "shared shared" "private private"
		"private private" "unbindable private" "unbindable unbindable" "private private")

	for option in private shared rshared rprivate slave unbindable runbindable rslave; do
		bind "/m/$number" rbind "$option"
		number=$((number + 1))
	done
	script "$look_propagation"'for n in 0 1 2 3 4 5 6 7; do echo $(propagation /m/$n) $(propagation /m/$n/sub); done'
	run privately '
		mount -t tmpfs above "$SOURCE"
		mkdir "$SOURCE/sub"
		mount -t tmpfs below "$SOURCE/sub"
		ocirun run --bundle "$BUNDLE" "$ID"'
	expect_status 0
	for ((number = 0; number < 8; number++)); do
		expect_equal "$number ${lines[number]}" "$number ${wanted[number]}"
	done
}

@test "mounts of the host arrive through rslave and rshared, and in no other way" {
	local option

	for option in rslave rshared rprivate; do
		bind "/v/$option" rbind "$option"
	done
	config '.process.args = ["sleep", "1000"]
		| .linux.rootfsPropagation = "rshared"'
	run privately '
		mount -t tmpfs above "$SOURCE"
		mkdir "$SOURCE/sub"
		mount --make-shared "$SOURCE"
		ocirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null
		pid=$(ocirun state "$ID" | jq .pid)
		mount -t tmpfs later "$SOURCE/sub"
		awk "/ later /{ print \$5 }" "/proc/$pid/mountinfo" | sort
		ocirun delete --force "$ID"'
	expect_equal "$output" "/v/rshared/sub
/v/rslave/sub"
}

@test "rootfsPropagation: the root mount has it, and the host gets none of the mounts" {
	local name wanted

	script "$look_propagation"'propagation /'
	for name in default private rprivate slave rslave unbindable runbindable shared rshared; do
		config --arg name "$name" '.linux.rootfsPropagation = $name'
		[ "$name" != default ] || config 'del(.linux.rootfsPropagation)'
		case $name in
		default | *slave) wanted=master ;;
		*private) wanted=private ;;
		*unbindable) wanted=unbindable ;;
		*shared) wanted=shared ;;
		esac
		run privately '
			mount --bind "$BUNDLE" "$BUNDLE"
			mount -t tmpfs above "$SOURCE"
			mkdir "$SOURCE/sub"
			mount -t tmpfs below "$SOURCE/sub"
			mount --make-rshared /
			before=$(cat /proc/self/mountinfo)
			ocirun run --bundle "$BUNDLE" "$ID"
			[ "$before" = "$(cat /proc/self/mountinfo)" ] || echo the host is changed'
		expect_equal "$name: ${lines[0]% }" "$name: $wanted"
		expect_equal "$name: ${#lines[@]}" "$name: 1"
	done
	config '.linux.rootfsPropagation = "nope"'
	refused /linux/rootfsPropagation nope
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

@test "masked paths are empty and cannot be written" {
	mkdir "$ROOTFS/secret"
	echo secret | tee "$ROOTFS/secret/file" >"$ROOTFS/file"
	config '.linux.maskedPaths = ["/secret", "/file", "/proc/version", "/nonexistent", "/file/below"]'
	inside 'ls -A /secret; cat /file; stat -c "%F %t:%T" /file /proc/version
		touch /secret/new 2>/dev/null || echo no; [ -e /nonexistent ] || echo none; cat /proc/version' \
		"character special file 1:3
character special file 1:3
no
none"
	expect_equal "$(cat "$ROOTFS/file" "$ROOTFS/secret/file")" "secret
secret"
}

@test "a masked path that is a link masks what it leads to" {
	echo secret >"$ROOTFS/real"
	ln -s real "$ROOTFS/link"
	config '.linux.maskedPaths = ["/link"]'
	inside 'cat /link /real' ""
}

@test "readonlyPaths cannot be written, with what is mounted below" {
	mkdir "$ROOTFS/fixed"
	echo old >"$ROOTFS/fixed/file"
	echo old >"$ROOTFS/single"
	mounts '[{ "destination": "/fixed/tmp", "type": "tmpfs", "source": "t", "options": ["nosuid", "noexec"] }]'
	config '.linux.readonlyPaths = ["/fixed", "/single", "/proc/sys", "/nonexistent"]'
	inside "$look"'for f in /fixed/file /fixed/new /fixed/tmp/new /single /proc/sys/kernel/panic; do
			(echo x >$f) 2>&1 | grep -o "Read-only file system"; done; cat /fixed/file /single; flags /fixed/tmp | sort -u' \
		"Read-only file system
Read-only file system
Read-only file system
Read-only file system
Read-only file system
old
old
ro,nosuid,noexec,relatime
rw,nosuid,noexec,relatime"
}

@test "the root among maskedPaths is refused, among readonlyPaths it is read-only" {
	config '.linux.maskedPaths = ["/etc/.."]'
	refused /linux/maskedPaths/0 "cannot be masked"
	config 'del(.linux.maskedPaths) | .linux.readonlyPaths = ["/etc", "/"]'
	inside 'echo x 2>/dev/null >/file || echo root; echo x 2>/dev/null >/dev/file && echo dev' $'root\ndev'
}

@test "a read-only root cannot be written, the tmpfs in it can" {
	config '.root.readonly = true'
	mounts '[{ "destination": "/tmp", "type": "tmpfs", "source": "t" }, { "destination": "/made/here", "type": "tmpfs", "source": "t" }]'
	inside "$look"'touch /x 2>&1 | grep -o "Read-only file system"; for d in /tmp /made/here /dev; do touch $d/x && echo $d; done
		flags /' "Read-only file system
/tmp
/made/here
/dev
ro,relatime"
}

@test "default devices and links" {
	inside 'for d in null zero full random urandom tty; do stat -c "%n %t:%T %a %u:%g %F" /dev/$d; done
		for l in fd stdin stdout stderr core ptmx; do echo "$l $(readlink /dev/$l)"; done
		head -c 4 /dev/zero | md5sum; head -c 9 /dev/urandom | wc -c; (echo x >/dev/full) 2>&1 | grep -o "No space"
		echo x >/dev/null; echo out >/dev/stdout' "/dev/null 1:3 666 0:0 character special file
/dev/zero 1:5 666 0:0 character special file
/dev/full 1:7 666 0:0 character special file
/dev/random 1:8 666 0:0 character special file
/dev/urandom 1:9 666 0:0 character special file
/dev/tty 5:0 666 0:0 character special file
fd /proc/self/fd
stdin /proc/self/fd/0
stdout /proc/self/fd/1
stderr /proc/self/fd/2
core /proc/kcore
ptmx pts/ptmx
$(head -c 4 /dev/zero | md5sum)
9
No space
out"
}

@test "default devices in a user namespace are the host's" {
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }]'
	chown -R 100000:200000 "$ROOTFS"
	inside 'for d in null zero full random urandom tty; do stat -c "%n %t:%T %a" /dev/$d; done; head -c 4 /dev/zero | wc -c' \
		"/dev/null 1:3 666
/dev/zero 1:5 666
/dev/full 1:7 666
/dev/random 1:8 666
/dev/urandom 1:9 666
/dev/tty 5:0 666
4"
}

@test "devices of config.json: kinds, modes and owners" {
	config '.linux.devices = [
		{ path: "/dev/kmsg2", type: "c", major: 1, minor: 11, fileMode: 384, uid: 7, gid: 8 },
		{ path: "/dev/sub/disk", type: "b", major: 7, minor: 200, fileMode: 25008 },
		{ path: "/dev/pipe", type: "p", fileMode: 420, uid: 3 },
		{ path: "/dev/unbuffered", type: "u", major: 1, minor: 3 },
		{ path: "/run/elsewhere", type: "c", major: 1, minor: 5 },
		{ path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 438, gid: 9 }]'
	inside 'stat -c "%n %t:%T %a %u:%g %F" /dev/kmsg2 /dev/sub/disk /dev/pipe /dev/unbuffered /run/elsewhere /dev/null' \
		"/dev/kmsg2 1:b 600 7:8 character special file
/dev/sub/disk 7:c8 660 0:0 block special file
/dev/pipe 0:0 644 3:0 fifo
/dev/unbuffered 1:3 666 0:0 character special file
/run/elsewhere 1:5 666 0:0 character special file
/dev/null 1:3 666 0:9 character special file"
}

@test "a device whose place is taken by another file is refused" {
	touch "$ROOTFS/run/taken"
	config '.linux.devices = [{ path: "/run/taken", type: "c", major: 1, minor: 3 }]'
	refused /linux/devices/0 "another file"
	rm "$ROOTFS/run/taken"
	mknod "$ROOTFS/run/taken" c 1 5
	refused /linux/devices/0 "another file"
	rm "$ROOTFS/run/taken"
	mknod "$ROOTFS/run/taken" c 1 3
	inside 'stat -c %t:%T /run/taken' 1:3
	config '.linux.devices = [{ path: "/dev/zzz", type: "c", major: 1, minor: 3 }, { path: "/dev/zzz", type: "p" }]'
	refused /linux/devices/1 zzz
}

@test "with the host's /dev mounted nothing is made in it" {
	local before

	mkdir "$SOURCE/dev"
	cp -a /dev/null "$SOURCE/dev"
	before=$(ls "$SOURCE/dev")
	config --arg s "$SOURCE/dev" '.mounts = [.mounts[0], { destination: "/dev", source: $s, type: "bind", options: ["rbind"] }]'
	inside 'ls /dev' null
	expect_equal "$(ls "$SOURCE/dev")" "$before"
	config '.mounts[1].source = "/dev"'
	inside '[ -c /dev/zero ] && echo there' there
}

@test "pivot_root: nothing of the host is left, with --no-pivot nothing is seen" {
	container 'cut -d" " -f5 /proc/self/mountinfo'
	expect_status 0
	expect_equal "$output" "/
/proc
/dev
/dev/pts"
	container 'ls /; pwd; ls /proc/1/root/' --no-pivot
	expect_status 0
	[[ $output != *"$(basename "$BATS_RUN_TMPDIR")"* ]]
	expect_equal "$(grep -cx bin <<<"$output")" 2
	config '.linux.rootfsPropagation = "private"'
	refused /linux/rootfsPropagation "not safe" --no-pivot
}

# the decoy's content, owners, modes and times, and what is mounted in it
decoy_state() {
	find "$DECOY" -printf '%P %y %m %U:%G %s %T@ %C@\n' | sort
	find "$DECOY" -type f -exec md5sum {} + | sort
	grep "$DECOY" /proc/self/mountinfo || true
}

@test "--no-pivot takes no mount away from the host, whatever is shared with it" {
	local propagation

	script true
	for propagation in shared rshared slave rslave unbindable; do
		config ".linux.rootfsPropagation = \"$propagation\""
		run unshare --mount --propagation private bash -c '
			mount --make-rshared /
			cut -d " " -f 5 /proc/self/mountinfo | sort >"$BUNDLE/before"
			"$OCIRUN" --root "$ROOT" run --no-pivot --bundle "$BUNDLE" "$ID" || exit
			cut -d " " -f 5 /proc/self/mountinfo | sort | diff "$BUNDLE/before" -'
		[ "$status" = 0 ] || echo "$propagation"
		expect_status 0
	done
	expect_equal "$(find /sys/fs/cgroup -name "$ID")" ''
}

@test "links of the image do not lead mounts out of the root" {
	local kind type before

	DECOY=$BATS_TEST_TMPDIR/decoy
	mkdir -p "$DECOY/dir"
	echo host >"$DECOY/file"
	ln -s "$DECOY" "$ROOTFS/absolute"
	ln -s "$DECOY/file" "$ROOTFS/absolute-file"
	ln -s "../../../../../../../..$DECOY" "$ROOTFS/dotdot"
	ln -s "$DECOY/missing/there" "$ROOTFS/dangling"
	ln -s loop "$ROOTFS/loop"
	ln -s /proc/self/root "$ROOTFS/magic"
	before=$(decoy_state)
	mkdir "$SOURCE/dir"
	echo container >"$SOURCE/file"
	for kind in absolute absolute-file dotdot dangling loop absolute/dir dotdot/dir absolute/new/sub \
		dotdot/new absolute/file dotdot/file dangling/sub loop/sub "magic$DECOY" "magic/tmp"; do
		for type in tmpfs dir file cgroup device masked readonly cwd; do
			cp "$BUNDLE/config.json" "$BUNDLE/kept.json"
			case $type in
			tmpfs) config --arg at "/$kind" '.mounts += [{ destination: $at, type: "tmpfs", options: ["tmpcopyup"] }]' ;;
			cgroup) config --arg at "/$kind" '.mounts += [{ destination: $at, type: "cgroup" }]' ;;
			dir | file) config --arg at "/$kind" --arg s "$SOURCE/$type" \
				'.mounts += [{ destination: $at, source: $s, options: ["bind"] }]' ;;
			device) config --arg at "/$kind" '.linux.devices = [{ path: $at, type: "c", major: 1, minor: 3 }]' ;;
			masked) config --arg at "/$kind" '.linux.maskedPaths = [$at]' ;;
			readonly) config --arg at "/$kind" '.linux.readonlyPaths = [$at]' ;;
			cwd) config --arg at "/$kind" '.process.cwd = $at' ;;
			esac
			# It may work inside, or be refused: what counts is the host.
			container 'touch written'
			expect_equal "$kind $type $(decoy_state)" "$kind $type $before"
			mv "$BUNDLE/kept.json" "$BUNDLE/config.json"
		done
	done
}

@test "an absolute link is followed inside the root" {
	mkdir -p "$ROOTFS/real/place"
	ln -s /real "$ROOTFS/alias"
	ln -s ../../real/place "$ROOTFS/etc/up"
	touch "$SOURCE/file"
	bind /alias/place bind
	inside 'ls /real/place' file
	config '.mounts[3].destination = "/etc/up"'
	inside 'ls /real/place' file
}

@test "what a dangling link leads to is made inside the root" {
	echo nameserver >"$SOURCE/file"
	ln -s ../run/resolve/stub.conf "$ROOTFS/etc/resolv.conf"
	ln -s /run/later "$ROOTFS/later"
	config --arg s "$SOURCE" '.mounts += [
		{ destination: "/etc/resolv.conf", source: "\($s)/file", options: ["bind"] },
		{ destination: "/later/sub", source: $s, options: ["bind"] }]'
	inside 'cat /etc/resolv.conf; ls /run/later/sub' "nameserver
file"
}

@test "a /dev that is a link of the image gets no device nodes on the host" {
	local before

	DECOY=$BATS_TEST_TMPDIR/decoy
	mkdir "$DECOY"
	before=$(decoy_state)
	rmdir "$ROOTFS/dev"
	ln -s "$DECOY" "$ROOTFS/dev"
	config '.mounts = [.mounts[0]]'
	container true
	expect_equal "$(decoy_state)" "$before"
	config '.mounts += [{ destination: "/dev", type: "tmpfs" }]'
	container true
	expect_equal "$(decoy_state)" "$before"
}

@test "a /proc or /sys that is no ordinary directory is refused" {
	mkdir "$ROOTFS/other"
	rmdir "$ROOTFS/proc" "$ROOTFS/sys"
	ln -s other "$ROOTFS/proc"
	refused /mounts/0 "must be mounted on ordinary directory"
	rm "$ROOTFS/proc"
	touch "$ROOTFS/proc"
	refused /mounts/0 "must be mounted on ordinary directory"
	rm "$ROOTFS/proc"
	ln -s /other "$ROOTFS/sys"
	mounts '[{ "destination": "/sys", "type": "sysfs", "source": "sysfs" }]'
	refused /mounts/3 "must be mounted on ordinary directory"
}

@test "mounts inside /proc are refused, but for files that describe the machine" {
	local path

	for path in /proc/sys /proc/self /proc//self/attr /proc/./1 /tmp/../proc/sys/kernel proc/bus /proc/cpuinfo/x \
		/proc/sysrq-trigger /proc/self/../fs; do
		config --arg at "$path" '.mounts[3] = { destination: $at, type: "tmpfs", source: "t" }'
		refused /mounts/3 "cannot be mounted because it is inside /proc"
	done
	bind /proc bind
	config 'del(.mounts[3])'
	refused /mounts/3 "procfs"
	echo fake >"$SOURCE/uptime"
	config --arg s "$SOURCE" '.mounts[3] = { destination: "/proc/uptime", source: "\($s)/uptime", options: ["bind"] }'
	inside 'cat /proc/uptime' fake
}

@test "a cgroup mount does not follow a link of the image into /proc" {
	[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ] || skip "no cgroup v1 here"
	ln -s /proc/self "$ROOTFS/link"
	config '.mounts += [{ destination: "/link/attr", type: "cgroup", source: "cgroup", options: ["ro"] }]'
	refused /mounts/3 "cannot be mounted because it is inside /proc"
}

cgroup_mount() {
	config --arg mode "$1" '.mounts += [{ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
		options: ["nosuid", "noexec", "nodev", $mode] }]'
}

# the hierarchies of this host, as the container is to see them
host_hierarchies() {
	awk '$3 ~ /^cgroup2?$/ { sub(/.*\//, "", $2); print $2 }' /proc/mounts | sort -u
}

@test "cgroup: each hierarchy, rooted at the container's cgroup, writable or not" {
	local namespaces mode

	[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ] || skip "no cgroup v1 here"
	cgroup_mount ro
	for namespaces in with without; do
		for mode in ro rw; do
			config --arg mode "$mode" --arg with "$namespaces" '.mounts[3].options[3] = $mode
				| .linux.namespaces |= map(select(.type != "cgroup"))
				| if $with == "with" then .linux.namespaces += [{ type: "cgroup" }] else . end'
			container "$look"'cd /sys/fs/cgroup; find . -maxdepth 1 -mindepth 1 -type d | sed s:./:: | sort; echo -
				flags /sys/fs/cgroup/pids; cat pids/cgroup.procs | head -n 1; mkdir pids/sub 2>/dev/null && rmdir pids/sub && echo made
				mkdir sub 2>/dev/null && rmdir sub && echo top; :'
			expect_status 0
			expect_equal "$(sed '/^-$/,$d' <<<"$output")" "$(host_hierarchies)"
			expect_equal "$(sed '1,/^-$/d' <<<"$output" | paste -sd' ')" \
				"$mode,nosuid,nodev,noexec,relatime 1$([ "$mode" = ro ] || echo ' made top')"
		done
	done
}

@test "cgroup: recursive options, times and propagation count too" {
	local namespaces

	[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ] || skip "no cgroup v1 here"
	cgroup_mount rro
	config '.mounts[3].options += ["noatime", "rshared"]'
	for namespaces in with without; do
		config --arg with "$namespaces" '.linux.namespaces |= map(select(.type != "cgroup"))
			| if $with == "with" then .linux.namespaces += [{ type: "cgroup" }] else . end'
		container "$look"'flags /sys/fs/cgroup; flags /sys/fs/cgroup/pids
			grep -c "/sys/fs/cgroup.* shared:" /proc/self/mountinfo; find /sys/fs/cgroup -maxdepth 1 -type d | wc -l'
		expect_status 0
		expect_equal "${lines[0]}" ro,nosuid,nodev,noexec,noatime
		expect_equal "${lines[1]}" ro,nosuid,nodev,noexec,noatime
		expect_equal "${lines[2]}" "${lines[3]}"
	done
}

@test "cgroup: a container that stays in its caller's sees that" {
	local namespaces

	[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ] || skip "no cgroup v1 here"
	mkdir "/sys/fs/cgroup/pids/$ID"
	cgroup_mount ro
	script 'echo /sys/fs/cgroup/pids/cgroup.pro*; cat /sys/fs/cgroup/pids/cgroup.procs; stat -c %i /sys/fs/cgroup/pids'
	for namespaces in with without; do
		config --arg with "$namespaces" '.linux.namespaces |= map(select(.type != "cgroup"))
			| if $with == "with" then .linux.namespaces += [{ type: "cgroup" }] else . end'
		run bash -c 'echo $$ >"/sys/fs/cgroup/pids/$ID/cgroup.procs"
			exec timeout 30 "$OCIRUN" --root "$ROOT" --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"'
		expect_status 0
		expect_equal "${lines[0]}" /sys/fs/cgroup/pids/cgroup.procs
		expect_equal "${lines[-1]}" "$(stat -c %i "/sys/fs/cgroup/pids/$ID")"
		expect_equal "$(find /sys/fs/cgroup -mindepth 2 -name "$ID")" "/sys/fs/cgroup/pids/$ID"
	done
}

@test "cgroup: where only v2 is mounted, it is what the container sees" {
	local mode namespaces

	grep -qw cgroup2 /proc/mounts || skip "no cgroup v2 here"
	cgroup_mount ro
	for namespaces in with without; do
		for mode in ro rw; do
			config --arg mode "$mode" --arg with "$namespaces" '.mounts[3].options[3] = $mode
				| .linux.namespaces |= map(select(.type != "cgroup"))
				| if $with == "with" then .linux.namespaces += [{ type: "cgroup" }] else . end'
			script "$look"'cd /sys/fs/cgroup; fs $PWD; flags $PWD; cat cgroup.procs | head -n 1
				mkdir sub 2>/dev/null && rmdir sub && echo made; :'
			run privately '
				umount -R -l /sys/fs/cgroup
				mount -t cgroup2 cgroup2 /sys/fs/cgroup
				ocirun run --bundle "$BUNDLE" "$ID"'
			expect_equal "$namespaces: ${output//$'\n'/ }" \
				"$namespaces: cgroup2 $mode,nosuid,nodev,noexec,relatime 1$([ "$mode" = ro ] || echo ' made')"
		done
	done
}
