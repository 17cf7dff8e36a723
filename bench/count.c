/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts what does not wobble: the system calls of a command and of all that it starts, until the
 * command itself ends, and its page faults. What it leaves running goes on.
 *
 * usage: count COMMAND...      prints both numbers
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC)
#define SYSCALL_STOP (SIGTRAP | 0x80)

/* The command starts when we have it; what it prints is not among our numbers. */
static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)OPTIONS) < 0) {
		perror("count");
		exit(1);
	}
	return pid;
}

/* What a stopped process is to get when it goes on: 0, unless somebody sent it a signal. */
static int signal_of(int status)
{
	int signal = WSTOPSIG(status);

	/* New processes begin with SIGSTOP. */
	return status >> 16 || signal == SYSCALL_STOP || signal == SIGTRAP || signal == SIGSTOP
		       ? 0
		       : signal;
}

static bool is_exec(int status)
{
	return status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8);
}

/* Counting begins with the command's exec, which is ours no more. */
static int follow(pid_t command, unsigned long *ret_calls, struct rusage *ret_usage)
{
	unsigned long stops = 0;
	bool is_begun = false;
	pid_t pid = command;
	int signal = 0, status;

	for (;;) {
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal);
		do {
			pid = wait4(-1, &status, __WALL, ret_usage);
			if (pid < 0) {
				perror("count: wait");
				exit(1);
			}
			if (pid == command && !WIFSTOPPED(status)) {
				*ret_calls = stops / 2; /* once before it, once after it */
				return status;
			}
		} while (!WIFSTOPPED(status));
		signal = signal_of(status);
		is_begun = is_begun || is_exec(status);
		stops += is_begun && WSTOPSIG(status) == SYSCALL_STOP;
	}
}

int main(int argc, char **argv)
{
	struct rusage usage;
	unsigned long calls;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: count COMMAND...\n");
		return 2;
	}
	status = follow(start(argv + 1), &calls, &usage);
	if (status != 0) {
		fprintf(stderr, "count: %s failed with status %#x\n", argv[1],
			(unsigned int)status);
		return 1;
	}
	printf("%lu %ld\n", calls, usage.ru_minflt);
	return 0;
}
