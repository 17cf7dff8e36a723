/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts what does not wobble, of a command and of all that it starts, until the command itself ends:
 * the system calls, and the command's page faults; or the instructions in user space, by single steps,
 * since there need be no counter in a virtual machine, and valgrind does not know newer system calls.
 *
 * usage: count COMMAND...      prints system calls and page faults; what is left running goes on
 *        count -i COMMAND...   prints instructions, at 20 microseconds each; what is left running dies
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

struct counts {
	unsigned long stops; /* twice for each system call, once for each instruction */
	struct rusage usage;
};

/* Counting begins with the command's exec, which is ours no more. Returns the command's status. */
static int follow(pid_t command, bool is_by_instruction, struct counts *ret_counts)
{
	const int wanted = is_by_instruction ? SIGTRAP : SYSCALL_STOP;
	bool is_begun = false;
	pid_t pid = command;
	int signal = 0, status;

	*ret_counts = (struct counts){ .stops = 0 };
	for (;;) {
		ptrace(is_by_instruction ? PTRACE_SINGLESTEP : PTRACE_SYSCALL, pid, NULL,
		       (void *)(long)signal);
		do {
			pid = wait4(-1, &status, __WALL, &ret_counts->usage);
			if (pid < 0) {
				perror("count: wait");
				exit(1);
			}
			if (pid == command && !WIFSTOPPED(status))
				return status;
		} while (!WIFSTOPPED(status));
		signal = signal_of(status);
		is_begun = is_begun || is_exec(status);
		/* Events, as that there is a new process, are no instructions. */
		ret_counts->stops += is_begun && WSTOPSIG(status) == wanted && !(status >> 16);
	}
}

int main(int argc, char **argv)
{
	bool is_by_instruction = argc > 1 && strcmp(argv[1], "-i") == 0;
	struct counts counts;
	int status;

	argv += 1 + is_by_instruction;
	if (!*argv) {
		fprintf(stderr, "usage: count [-i] COMMAND...\n");
		return 2;
	}
	status = follow(start(argv), is_by_instruction, &counts);
	if (status != 0) {
		fprintf(stderr, "count: %s failed with status %#x\n", *argv, (unsigned int)status);
		return 1;
	}
	if (is_by_instruction)
		printf("%lu\n", counts.stops);
	else
		printf("%lu %ld\n", counts.stops / 2, counts.usage.ru_minflt);
	return 0;
}
