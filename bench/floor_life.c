/* SPDX-License-Identifier: Apache-2.0 */
/* What is done with a container that is there: all that is known of it is its pid, in a file. */
#include "floor.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

int floor_open(const char *dir, const char *file, int flags)
{
	char path[FLOOR_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return (int)MUST(open(path, flags | O_CLOEXEC, 0600));
}

void floor_write_pid(const char *dir, pid_t pid)
{
	int fd = floor_open(dir, "pid", O_WRONLY | O_CREAT | O_EXCL);
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static pid_t read_pid(const char *dir)
{
	int fd = floor_open(dir, "pid", O_RDONLY);
	char text[16] = "";

	MUST(read(fd, text, sizeof(text) - 1));
	close(fd);
	return (pid_t)strtol(text, NULL, 10);
}

/* The status is a letter in the process's stat. */
int floor_state(char **argv)
{
	char dir[32], text[1024];
	ssize_t n;
	int fd;

	snprintf(dir, sizeof(dir), "/proc/%d", read_pid(argv[0]));
	fd = floor_open(dir, "stat", O_RDONLY);
	n = MUST(read(fd, text, sizeof(text)));
	MUST(write(STDOUT_FILENO, text, (size_t)n));
	return 0;
}

int floor_start(char **argv)
{
	char path[FLOOR_PATH_MAX];
	int fd = floor_open(argv[0], "start", O_WRONLY);

	MUST(write(fd, "", 1));
	snprintf(path, sizeof(path), "%s/start", argv[0]);
	MUST(unlink(path));
	return 0;
}

int floor_kill(char **argv)
{
	int fd = (int)MUST(pidfd_open(read_pid(argv[0]), 0));

	MUST(pidfd_send_signal(fd, SIGKILL, NULL, 0));
	return 0;
}

/* ---- exec ---- */

static void join_cgroups(const char *id)
{
	char dir[128];

	for (size_t i = 0; i < N_HIERARCHIES; i++) {
		int fd;

		floor_cgroup_path(dir, sizeof(dir), id, i);
		fd = floor_open(dir, "tasks", O_WRONLY);
		MUST(write(fd, "0", 1));
		close(fd);
	}
}

/*
 * The namespace of processes is that of the next child only, so that all are joined first. Memory is
 * shared with the child until its execve(2): nothing is copied, and nothing hidden from the container.
 */
int floor_exec(char **argv)
{
	const struct floor_profile *profile = profile_find(argv[0]);
	const char *id = argv[1], *dir = argv[2];
	int fd = (int)MUST(pidfd_open(read_pid(dir), 0)), status;
	pid_t pid;

	join_cgroups(id);
	MUST(setns(fd, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS));
	pid = (pid_t)MUST(vfork());
	if (pid == 0) {
		floor_lead_session(id);
		floor_become_user(profile);
		floor_execute(argv + 3);
	}
	MUST(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
