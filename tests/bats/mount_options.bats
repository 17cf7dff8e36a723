#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# With which flags it is mounted, and how it propagates.

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
