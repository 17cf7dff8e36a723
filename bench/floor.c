/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's floor: what `ocirun run` of the default bundle asks of the kernel, and nothing else.
 * No config is read, no state kept, nothing checked, no limit of any kind found out: the list of
 * system calls is written down here. What a runtime takes longer than this is its own.
 *
 * usage: floor ROOTFS PROGRAM   (as root; a cgroup "floor" must not exist)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define CGROUPS   "/sys/fs/cgroup"
#define LENGTH(x) (sizeof(x) / sizeof((x)[0]))

static const char *const v1[] = { "systemd", "pids",   "blkio",	  "freezer", "devices",
				  "memory",  "cpuset", "cpuacct", "cpu" };
static int cgroup_fds[LENGTH(v1)];
static int root_fd;

__attribute__((noreturn)) static void fail(const char *what)
{
	perror(what);
	_exit(1);
}

#define MUST(call)                                                                                 \
	__extension__({                                                                            \
		long ret_ = (long)(call);                                                          \
		if (ret_ < 0)                                                                      \
			fail(#call);                                                               \
		ret_;                                                                              \
	})

static int in_root(const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
}

/* A name that is followed by a value, or by "" for a flag; NULL ends the list. */
static void mount_new(const char *type, const char *target, unsigned int attr,
		      const char *const *params)
{
	int target_fd = in_root(target, O_PATH | O_DIRECTORY);
	int fs_fd = (int)MUST(fsopen(type, FSOPEN_CLOEXEC));
	struct mount_attr set = {
		.attr_set = attr,
		.attr_clr = attr & MOUNT_ATTR__ATIME ? MOUNT_ATTR__ATIME : 0,
	};
	int mnt_fd;

	if (target_fd < 0) {
		char parent[64];
		char *slash;
		int parent_fd;

		snprintf(parent, sizeof(parent), "%s", target);
		slash = strrchr(parent, '/');
		*slash = '\0';
		parent_fd = (int)MUST(in_root(parent, O_PATH | O_DIRECTORY));
		MUST(mkdirat(parent_fd, slash + 1, 0755));
		target_fd = (int)MUST(openat(parent_fd, slash + 1, O_PATH | O_CLOEXEC));
		close(parent_fd);
	}
	MUST(fsconfig(fs_fd, FSCONFIG_SET_STRING, "source", type, 0));
	for (; params && params[0]; params += 2)
		MUST(fsconfig(fs_fd, params[1][0] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
			      params[0], params[1][0] ? params[1] : NULL, 0));
	MUST(fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	mnt_fd = (int)MUST(fsmount(fs_fd, FSMOUNT_CLOEXEC, 0));
	if (attr)
		MUST(mount_setattr(mnt_fd, "", AT_EMPTY_PATH, &set, sizeof(set)));
	MUST(move_mount(mnt_fd, "", target_fd, "",
			MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
	close(fs_fd);
	close(mnt_fd);
	close(target_fd);
}

static void mount_all(void)
{
	const unsigned int safe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	static const char *const dev[] = { "mode", "755", "size", "65536k", NULL };
	static const char *const pts[] = { "newinstance", "",  "ptmxmode", "0666", "mode",
					   "0620",	  "gid", "5",	     NULL };
	static const char *const shm[] = { "mode", "1777", "size", "65536k", NULL };
	static const char *const mode[] = { "mode", "755", NULL };

	mount_new("proc", "/proc", 0, NULL);
	mount_new("tmpfs", "/dev", MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME, dev);
	mount_new("devpts", "/dev/pts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, pts);
	mount_new("tmpfs", "/dev/shm", safe, shm);
	mount_new("mqueue", "/dev/mqueue", safe, NULL);
	mount_new("sysfs", "/sys", safe | MOUNT_ATTR_RDONLY, NULL);
	mount_new("tmpfs", "/sys/fs/cgroup", safe, mode);
	for (size_t i = 0; i < LENGTH(v1); i++) {
		const char *const named[] = { "none", "", "name", "systemd", NULL };
		const char *const one[] = { v1[i], "", NULL };
		char target[64];

		snprintf(target, sizeof(target), "/sys/fs/cgroup/%s", v1[i]);
		mount_new("cgroup", target, safe | MOUNT_ATTR_RDONLY, i == 0 ? named : one);
	}
}

static void make_devices(void)
{
	static const struct {
		const char *name;
		unsigned int major, minor;
	} nodes[] = { { "null", 1, 3 },	  { "zero", 1, 5 },    { "full", 1, 7 },
		      { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 } };
	static const char *const links[] = { "/proc/self/fd",	"fd",	  "/proc/self/fd/0",
					     "stdin",		"/proc/self/fd/1", "stdout",
					     "/proc/self/fd/2", "stderr", "/proc/kcore",
					     "core",		"pts/ptmx", "ptmx" };

	for (size_t i = 0; i < LENGTH(nodes); i++) {
		int fd = (int)MUST(in_root("/dev", O_PATH | O_DIRECTORY));

		MUST(mknodat(fd, nodes[i].name, S_IFCHR | 0666,
			     makedev(nodes[i].major, nodes[i].minor)));
		close(fd);
	}
	for (size_t i = 0; i < LENGTH(links); i += 2) {
		int fd = (int)MUST(in_root("/dev", O_PATH | O_DIRECTORY));

		MUST(symlinkat(links[i], fd, links[i + 1]));
		close(fd);
	}
}

static void protect_paths(void)
{
	static const char *const readonly[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
						"/proc/sysrq-trigger" };
	static const char *const masked[] = { "/proc/acpi", "/proc/asound",	   "/proc/kcore",
					      "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
					      "/proc/timer_stats", "/proc/sched_debug",
					      "/sys/firmware", "/proc/scsi" };
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < LENGTH(readonly); i++) {
		int target_fd = in_root(readonly[i], O_PATH), mnt_fd;

		if (target_fd < 0)
			continue;
		mnt_fd = (int)MUST(open_tree(target_fd, "",
					     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
						     AT_RECURSIVE));
		MUST(mount_setattr(mnt_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &ro, sizeof(ro)));
		MUST(move_mount(mnt_fd, "", target_fd, "",
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
		close(mnt_fd);
		close(target_fd);
	}
	for (size_t i = 0; i < LENGTH(masked); i++) {
		int target_fd = in_root(masked[i], O_PATH), mnt_fd;
		struct stat st;

		if (target_fd < 0)
			continue;
		MUST(fstat(target_fd, &st));
		if (S_ISDIR(st.st_mode)) {
			int fs_fd = (int)MUST(fsopen("tmpfs", FSOPEN_CLOEXEC));

			MUST(fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
			mnt_fd = (int)MUST(fsmount(fs_fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY));
			close(fs_fd);
		} else {
			mnt_fd = (int)MUST(open_tree(AT_FDCWD, "/dev/null",
						     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
		}
		MUST(move_mount(mnt_fd, "", target_fd, "",
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
		close(mnt_fd);
		close(target_fd);
	}
}

static void become_user(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const uint64_t caps = 1ull << CAP_AUDIT_WRITE | 1ull << CAP_KILL |
			      1ull << CAP_NET_BIND_SERVICE;
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)caps, .permitted = (uint32_t)caps },
	};
	struct rlimit64 files = { 1024, 1024 };

	MUST(prlimit64(0, RLIMIT_NOFILE, &files, NULL));
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(caps & 1ull << cap))
			MUST(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0));
	MUST(syscall(SYS_setgroups, 0, NULL));
	MUST(syscall(SYS_setresgid, 0, 0, 0));
	MUST(syscall(SYS_setresuid, 0, 0, 0));
	MUST(syscall(SYS_capset, &header, data));
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

__attribute__((noreturn)) static void container(const char *rootfs, char **argv)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	struct ifreq lo = { .ifr_name = "lo" };
	int slash_fd, fd;

	for (size_t i = 0; i < LENGTH(v1); i++) {
		fd = (int)MUST(openat(cgroup_fds[i], "tasks", O_WRONLY | O_CLOEXEC));
		MUST(write(fd, "0", 1));
		close(fd);
	}
	MUST(unshare(CLONE_NEWCGROUP));
	MUST(setsid());
	MUST(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "_ses.floor"));
	fd = (int)MUST(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	lo.ifr_flags = IFF_UP;
	MUST(ioctl(fd, SIOCSIFFLAGS, &lo));
	close(fd);
	MUST(sethostname("floor", 5));
	MUST(mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL));
	root_fd = (int)MUST(open_tree(AT_FDCWD, rootfs,
				      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
	slash_fd = (int)MUST(open("/", O_PATH | O_CLOEXEC));
	MUST(move_mount(root_fd, "", slash_fd, "",
			MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
	mount_all();
	make_devices();
	protect_paths();
	MUST(mount_setattr(root_fd, "", AT_EMPTY_PATH, &ro, sizeof(ro)));
	MUST(fchdir(root_fd));
	MUST(syscall(SYS_pivot_root, ".", "."));
	MUST(umount2(".", MNT_DETACH));
	MUST(chdir("/"));
	become_user();
	MUST(syscall(SYS_close_range, 3, ~0U, 0));
	execv(argv[0], argv);
	fail("execv");
}

static void cgroup_path(char *path, size_t size, size_t i)
{
	snprintf(path, size, CGROUPS "/%s/floor", v1[i]);
}

/* A new cpuset takes no process before it has these. */
static void copy_cpuset(int fd, const char *file)
{
	char path[128], value[64];
	ssize_t n;
	int from, to;

	snprintf(path, sizeof(path), CGROUPS "/cpuset/%s", file);
	from = (int)MUST(open(path, O_RDONLY | O_CLOEXEC));
	n = MUST(read(from, value, sizeof(value)));
	to = (int)MUST(openat(fd, file, O_WRONLY | O_CLOEXEC));
	MUST(write(to, value, (size_t)n));
	close(from);
	close(to);
}

int main(int argc, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
		.exit_signal = SIGCHLD,
	};
	char path[128];
	int status;
	long pid;

	if (argc < 3) {
		fprintf(stderr, "usage: floor ROOTFS PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	for (size_t i = 0; i < LENGTH(v1); i++) {
		cgroup_path(path, sizeof(path), i);
		MUST(mkdir(path, 0755));
		cgroup_fds[i] = (int)MUST(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		if (strcmp(v1[i], "cpuset") == 0) {
			copy_cpuset(cgroup_fds[i], "cpuset.cpus");
			copy_cpuset(cgroup_fds[i], "cpuset.mems");
		}
	}
	pid = MUST(syscall(SYS_clone3, &args, sizeof(args)));
	if (pid == 0)
		container(argv[1], argv + 2);
	MUST(waitpid((pid_t)pid, &status, 0));
	for (size_t i = 0; i < LENGTH(v1); i++) {
		cgroup_path(path, sizeof(path), i);
		MUST(rmdir(path));
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
