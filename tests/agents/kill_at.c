/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kills a command at a system call, for tests: kill_at WHO N COMMAND [ARGUMENT...]. The calls of the
 * command and of all processes that it makes are counted by one counter; when the Nth is entered,
 * WHO gets SIGKILL: "caller", who makes it, "command", or "all" of them. Those that are left go on
 * by themselves. Where the command has ended before, nobody is killed.
 *
 * The exit status is 0 when somebody was killed and 3 when not; 3 means that N was large enough for a
 * sweep to end. What was killed where is printed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 64
#define NOBODY_KILLED 3

static pid_t traced[PROCESSES_MAX];
static size_t n_traced;

static void add(pid_t pid)
{
	for (size_t i = 0; i < n_traced; i++)
		if (traced[i] == pid)
			return;
	if (n_traced == PROCESSES_MAX)
		errx(1, "more than %d processes", PROCESSES_MAX);
	traced[n_traced++] = pid;
}

static void drop(pid_t pid)
{
	for (size_t i = 0; i < n_traced; i++)
		if (traced[i] == pid)
			traced[i] = traced[--n_traced];
}

static void kill_now(const char *who, pid_t caller, pid_t command)
{
	struct __ptrace_syscall_info info = { 0 };

	ptrace(PTRACE_GET_SYSCALL_INFO, caller, sizeof(info), &info);
	printf("%s killed at call %llu of %s\n", who, (unsigned long long)info.entry.nr,
	       caller == command ? "the command" : "another process");
	if (strcmp(who, "all") == 0)
		for (size_t i = 0; i < n_traced; i++)
			kill(traced[i], SIGKILL);
	else
		kill(strcmp(who, "caller") == 0 ? caller : command, SIGKILL);
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		raise(SIGSTOP);
		execv(argv[0], argv);
		err(1, "%s", argv[0]);
	}
	if (waitpid(pid, NULL, WUNTRACED) != pid)
		err(1, "waitpid");
	if (ptrace(PTRACE_SEIZE, pid, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
			   PTRACE_O_TRACEVFORK) < 0)
		err(1, "PTRACE_SEIZE");
	add(pid);
	kill(pid, SIGCONT);
	return pid;
}

static bool enters_call(pid_t pid, int status)
{
	struct __ptrace_syscall_info info = { 0 };

	return WSTOPSIG(status) == (SIGTRAP | 0x80) &&
	       ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0 &&
	       info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* What is delivered when a process goes on: stops of ptrace and of the group are no signals. */
static int signal_of(int status)
{
	return status >> 16 || WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(status);
}

int main(int argc, char **argv)
{
	long left = argc > 3 ? atol(argv[2]) : 0;
	pid_t command, pid;
	int status;

	if (left < 1)
		errx(1, "usage: kill_at caller|command|all N COMMAND [ARGUMENT...]");
	command = start(argv + 3);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			drop(pid);
			if (pid == command) /* the kernel lets the others go when we end */
				break;
			continue;
		}
		add(pid);
		if (left > 0 && enters_call(pid, status) && --left == 0)
			kill_now(argv[1], pid, command);
		ptrace(left > 0 ? PTRACE_SYSCALL : PTRACE_CONT, pid, 0, signal_of(status));
	}
	return left > 0 ? NOBODY_KILLED : 0;
}
