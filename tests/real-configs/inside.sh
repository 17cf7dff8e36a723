# Read by a container's sh: prints what its process found, a line each. See asked.jq.
# $1: names of sysctls
while read -r key value; do
	case $key in
	Uid: | Gid: | Groups: | Cap???: | NoNewPrivs: | Seccomp:) echo "${key%:}" $value ;;
	esac
done </proc/self/status
echo "cwd $(pwd)"
echo "hostname $(hostname)"
echo "oom_score_adj $(cat /proc/self/oom_score_adj)"
echo "umask $(umask)"
while read -r line; do
	set -- "$1" $line
	case $line in
	'Max open files '*) echo "RLIMIT_NOFILE $5 $6" ;;
	'Max processes '*) echo "RLIMIT_NPROC $4 $5" ;;
	'Max core file size '*) echo "RLIMIT_CORE $6 $7" ;;
	esac
done </proc/self/limits
for name in $1; do
	echo "sysctl $name" $(cat "/proc/sys/$(echo "$name" | tr . /)")
done
while read -r _ _ _ _ target options _; do
	[ "$target" != / ] || echo "root ${options%%,*}"
	echo "mount $target"
done </proc/self/mountinfo
for name in cgroup ipc mnt net pid user uts; do
	echo "namespace $name $(readlink /proc/self/ns/$name)"
done
