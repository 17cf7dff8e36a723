/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's floor: what a command asks of the kernel, and nothing else. No config is read, no
 * state kept but a pid, nothing checked: the list of system calls is written down here and in
 * profile.c. What a runtime takes longer than this is its own.
 *
 * usage: floor run PROFILE ID BUNDLE FILTER PROGRAM...
 *        floor create PROFILE ID BUNDLE DIR PROGRAM...
 *        floor exec PROFILE ID DIR PROGRAM...
 *        floor state|start|kill DIR
 *        floor delete ID DIR
 *
 * As root, with cgroup v1; ID becomes the name of a cgroup. FILTER holds the instructions of a
 * finished seccomp filter, or is "-". DIR is where a created container's pid is kept.
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

/* What is asked for. */
struct request {
	const struct floor_profile *profile;
	const char *id, *bundle;
	const char *dir; /* of a container that waits for `start`, else NULL */
	char **program;
};

void floor_fail(const char *call)
{
	perror(call);
	_exit(1);
}

/* ---- the container ---- */

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

__attribute__((noreturn)) static void container(const struct request *request, int sync_fd)
{
	const struct floor_profile *profile = request->profile;
	const char *id = request->id;
	int start_fd = request->dir ? floor_open(request->dir, "start", O_RDWR) : -1;
	char byte = 0;

	for (size_t i = 0; i < N_HIERARCHIES; i++) {
		int fd = (int)MUST(openat(cgroup_fds[i], "tasks", O_WRONLY | O_CLOEXEC));

		MUST(write(fd, "0", 1));
		close(fd);
	}
	floor_lead_session(id);
	raise_loopback();
	MUST(sethostname(id, strlen(id)));
	write_sysctls(profile->sysctls);
	floor_make_root(profile, request->bundle, id);
	if (profile->hook) {
		MUST(write(sync_fd, &byte, 1));
		MUST(read(sync_fd, &byte, 1));
	}
	floor_enter_root(profile);
	floor_become_user(profile);
	if (request->dir) {
		MUST(write(sync_fd, &byte, 1));
		MUST(read(start_fd, &byte, 1));
	}
	floor_execute(request->program);
}

/* ---- its parent ---- */

void floor_cgroup_path(char *path, size_t size, const char *id, size_t hierarchy)
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

static void make_cgroups(const struct floor_profile *profile, const char *id)
{
	static const char *const all[] = { "a", NULL };
	const char *const pids_max[] = { profile->pids_max, NULL };
	char path[128];

	for (size_t i = 0; i < N_HIERARCHIES; i++) {
		const char *name = floor_hierarchies[i];
		int *fd = &cgroup_fds[i];

		floor_cgroup_path(path, sizeof(path), id, i);
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

/* Until the container's process runs its program, or waits for `start`. */
static pid_t make_container(const struct request *request)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
		.exit_signal = SIGCHLD,
	};
	const struct floor_profile *profile = request->profile;
	int fds[2] = { -1, -1 };
	char byte = 0;
	pid_t pid;

	if (profile->hook || request->dir)
		MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
	make_cgroups(profile, request->id);
	pid = (pid_t)MUST(syscall(SYS_clone3, &args, sizeof(args)));
	if (pid == 0)
		container(request, fds[1]);
	if (profile->oom_score_adj)
		set_oom_score(pid, profile->oom_score_adj);
	if (profile->hook) {
		MUST(read(fds[0], &byte, 1));
		run_hook(profile->hook);
		MUST(write(fds[0], &byte, 1));
	}
	if (request->dir)
		MUST(read(fds[0], &byte, 1));
	return pid;
}

static void remove_cgroups(const char *id)
{
	char path[128];

	for (size_t i = 0; i < N_HIERARCHIES; i++) {
		floor_cgroup_path(path, sizeof(path), id, i);
		MUST(rmdir(path));
	}
}

/* ---- commands ---- */

/* PROFILE ID BUNDLE FILTER PROGRAM... */
static int command_run(char **argv)
{
	const struct request request = {
		.profile = profile_find(argv[0]),
		.id = argv[1],
		.bundle = argv[2],
		.program = &argv[4],
	};
	int status;

	if (strcmp(argv[3], "-") != 0)
		floor_read_filter(argv[3]);
	MUST(waitpid(make_container(&request), &status, 0));
	remove_cgroups(request.id);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* PROFILE ID BUNDLE DIR PROGRAM... */
static int command_create(char **argv)
{
	const struct request request = {
		.profile = profile_find(argv[0]),
		.id = argv[1],
		.bundle = argv[2],
		.dir = argv[3],
		.program = &argv[4],
	};
	char path[FLOOR_PATH_MAX];

	snprintf(path, sizeof(path), "%s/start", request.dir);
	MUST(mkfifo(path, 0600));
	floor_write_pid(request.dir, make_container(&request));
	return 0;
}

/* ID DIR */
static int command_delete(char **argv)
{
	char path[FLOOR_PATH_MAX];

	remove_cgroups(argv[0]);
	snprintf(path, sizeof(path), "%s/pid", argv[1]);
	MUST(unlink(path));
	return 0;
}

static const struct command {
	const char *name;
	int n_arguments; /* at least */
	bool has_profile;
	int (*run)(char **argv);
} commands[] = {
	{ "run", 5, true, command_run },        { "create", 5, true, command_create },
	{ "state", 1, false, floor_state },     { "start", 1, false, floor_start },
	{ "exec", 4, true, floor_exec },        { "kill", 1, false, floor_kill },
	{ "delete", 2, false, command_delete },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < LENGTH(commands); i++) {
		const struct command *command = &commands[i];

		if (strcmp(command->name, argv[1]) == 0 && argc - 2 >= command->n_arguments &&
		    (!command->has_profile || profile_find(argv[2])))
			return command->run(argv + 2);
	}
	fprintf(stderr, "usage: floor COMMAND ARGUMENT...: see bench/floor.c\n");
	return 2;
}
