/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's floor: what `run` of a bundle asks of the kernel, and nothing else. No config is
 * read, no state kept, nothing checked: the list of system calls is written down here and in
 * profile.c. What a runtime takes longer than this is its own.
 *
 * usage: floor PROFILE ID BUNDLE PROGRAM [FILTER]
 *
 * As root, with cgroup v1; ID becomes the name of a cgroup. FILTER holds the instructions of a
 * finished seccomp filter.
 */
#include "floor.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CGROUPS "/sys/fs/cgroup"

const char *const floor_hierarchies[N_HIERARCHIES] = { "systemd", "pids",    "blkio",
						       "freezer", "devices", "memory",
						       "cpuset",  "cpuacct", "cpu" };
static int cgroup_fds[N_HIERARCHIES];
static const char *id;
static struct sock_filter filter[BPF_MAXINSNS];
static unsigned short filter_len;

void floor_fail(const char *call)
{
	perror(call);
	_exit(1);
}

/* ---- the container ---- */

static void become_user(const struct floor_profile *profile)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const uint64_t caps = profile->caps;
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)caps, .permitted = (uint32_t)caps },
	};
	struct sock_fprog program = { .len = filter_len, .filter = filter };

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(caps & 1ull << cap))
			MUST(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0));
	MUST(syscall(SYS_setgroups, profile->n_gids, profile->gids));
	MUST(syscall(SYS_setresgid, 0, 0, 0));
	MUST(syscall(SYS_setresuid, 0, 0, 0));
	if (profile->has_no_new_privs)
		MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	/* Without no_new_privs a filter takes a capability that goes right afterwards. */
	if (filter_len)
		MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
			     &program));
	MUST(syscall(SYS_capset, &header, data));
}

static void set_limits(const struct floor_limit *limit)
{
	for (; limit && limit->value; limit++) {
		struct rlimit64 value;

		MUST(prlimit64(0, (unsigned int)limit->resource, NULL, &value));
		if (value.rlim_max > limit->value)
			value.rlim_max = limit->value;
		value.rlim_cur = value.rlim_max;
		MUST(prlimit64(0, (unsigned int)limit->resource, &value, NULL));
	}
}

static void write_sysctls(const struct floor_write *sysctl)
{
	for (; sysctl && sysctl->file; sysctl++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/proc/sys/%s", sysctl->file);
		fd = (int)MUST(open(path, O_WRONLY | O_CLOEXEC));
		MUST(write(fd, sysctl->value, strlen(sysctl->value)));
		close(fd);
	}
}

static void raise_loopback(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = (int)MUST(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	lo.ifr_flags = IFF_UP;
	MUST(ioctl(fd, SIOCSIFFLAGS, &lo));
	close(fd);
}

__attribute__((noreturn)) static void
container(const struct floor_profile *profile, const char *bundle, const char *program, int sync_fd)
{
	char *const argv[] = { (char *)program, NULL };
	char *const envp[] = { "PATH=/bin", "TERM=xterm", "HOME=/", NULL };
	char byte = 0;

	for (size_t i = 0; i < N_HIERARCHIES; i++) {
		int fd = (int)MUST(openat(cgroup_fds[i], "tasks", O_WRONLY | O_CLOEXEC));

		MUST(write(fd, "0", 1));
		close(fd);
	}
	MUST(setsid());
	MUST(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, id));
	raise_loopback();
	MUST(sethostname(id, strlen(id)));
	write_sysctls(profile->sysctls);
	floor_make_root(profile, bundle);
	if (profile->hook) {
		MUST(write(sync_fd, &byte, 1));
		MUST(read(sync_fd, &byte, 1));
	}
	floor_enter_root(profile);
	set_limits(profile->limits);
	become_user(profile);
	MUST(syscall(SYS_close_range, 3, ~0U, 0));
	execve(program, argv, envp);
	floor_fail("execve");
}

/* ---- its parent ---- */

void floor_cgroup_path(char *path, size_t size, size_t hierarchy)
{
	snprintf(path, size, CGROUPS "/%s/%s", floor_hierarchies[hierarchy], id);
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

static void write_values(int dir_fd, const char *file, const char *const *values)
{
	int fd = (int)MUST(openat(dir_fd, file, O_WRONLY | O_CLOEXEC));

	for (; *values; values++)
		MUST(write(fd, *values, strlen(*values)));
	close(fd);
}

static void make_cgroups(const struct floor_profile *profile)
{
	static const char *const all[] = { "a", NULL };
	const char *const pids_max[] = { profile->pids_max, NULL };
	char path[128];

	for (size_t i = 0; i < N_HIERARCHIES; i++) {
		const char *name = floor_hierarchies[i];
		int *fd = &cgroup_fds[i];

		floor_cgroup_path(path, sizeof(path), i);
		MUST(mkdir(path, 0755));
		*fd = (int)MUST(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		if (strcmp(name, "cpuset") == 0) {
			copy_cpuset(*fd, "cpuset.cpus");
			copy_cpuset(*fd, "cpuset.mems");
		} else if (strcmp(name, "devices") == 0) {
			write_values(*fd, "devices.deny", all);
			write_values(*fd, "devices.allow", profile->device_rules);
		} else if (strcmp(name, "pids") == 0 && profile->pids_max) {
			write_values(*fd, "pids.max", pids_max);
		}
	}
}

static void read_filter(const char *path)
{
	int fd = (int)MUST(open(path, O_RDONLY | O_CLOEXEC));

	filter_len = (unsigned short)((size_t)MUST(read(fd, filter, sizeof(filter))) /
				      sizeof(filter[0]));
	close(fd);
}

static void run_hook(const char *path)
{
	char *const argv[] = { (char *)path, NULL }, *const envp[] = { NULL };
	pid_t pid = (pid_t)MUST(vfork());

	if (pid == 0) {
		execve(path, argv, envp);
		_exit(127);
	}
	MUST(waitpid(pid, NULL, 0));
}

static void set_oom_score(pid_t pid, const char *value)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	fd = (int)MUST(open(path, O_WRONLY | O_CLOEXEC));
	MUST(write(fd, value, strlen(value)));
	close(fd);
}

static int run(const struct floor_profile *profile, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
		.exit_signal = SIGCHLD,
	};
	int fds[2] = { -1, -1 }, status;
	char path[128], byte;
	pid_t pid;

	if (profile->hook)
		MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
	make_cgroups(profile);
	pid = (pid_t)MUST(syscall(SYS_clone3, &args, sizeof(args)));
	if (pid == 0)
		container(profile, argv[3], argv[4], fds[1]);
	if (profile->oom_score_adj)
		set_oom_score(pid, profile->oom_score_adj);
	if (profile->hook) {
		MUST(read(fds[0], &byte, 1));
		run_hook(profile->hook);
		MUST(write(fds[0], &byte, 1));
	}
	MUST(waitpid(pid, &status, 0));
	for (size_t i = 0; i < N_HIERARCHIES; i++) {
		floor_cgroup_path(path, sizeof(path), i);
		MUST(rmdir(path));
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	const struct floor_profile *profile = argc < 5 ? NULL : profile_find(argv[1]);

	if (!profile) {
		fprintf(stderr, "usage: floor default|podman|docker ID BUNDLE PROGRAM [FILTER]\n");
		return 2;
	}
	id = argv[2];
	if (argc > 5)
		read_filter(argv[5]);
	return run(profile, argv);
}
