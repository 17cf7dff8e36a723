/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts what does not wobble, of a command and of all that it starts, until the command itself ends:
 * the system calls, and the command's page faults; or the instructions in user space, by single steps,
 * since there need be no counter in a virtual machine, and valgrind does not know newer system calls.
 *
 * usage: count COMMAND...      prints system calls and page faults; what is left running goes on
 *        count -i COMMAND...   prints instructions, at 20 microseconds each; what is left running dies
 *        count -w COMMAND...   the same way, where in the command's program they were: from where it
 *                              begins in memory, in hexadecimal, each place when it was first there
 */
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
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

#define PROGRAM_MAX (4UL << 20) /* bytes of which the places are told */

enum mode { CALLS, INSTRUCTIONS, PLACES };

struct counts {
	unsigned long stops; /* twice for each system call, once for each instruction */
	struct rusage usage;
	uintptr_t base;            /* where the command's program begins in memory */
	bool was_run[PROGRAM_MAX]; /* by the distance from there */
};

/* Its program headers come behind the header of the file. */
static uintptr_t program_base(pid_t pid)
{
	Elf64_auxv_t auxv = { .a_type = AT_NULL };
	uintptr_t base = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	file = fopen(path, "r");
	while (file && fread(&auxv, sizeof(auxv), 1, file) == 1)
		if (auxv.a_type == AT_PHDR)
			base = auxv.a_un.a_val - sizeof(Elf64_Ehdr);
	if (file)
		fclose(file);
	if (base == 0) {
		fprintf(stderr, "count: cannot tell where the program is in memory\n");
		exit(1);
	}
	return base;
}

/* Copies of the process have it in the same place, and what they execute lies elsewhere. */
static void tell_place(pid_t pid, struct counts *counts)
{
	struct __ptrace_syscall_info info;
	uintptr_t place;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0)
		return;
	place = (uintptr_t)info.instruction_pointer - counts->base;
	if (place >= PROGRAM_MAX || counts->was_run[place])
		return;
	counts->was_run[place] = true;
	printf("%jx\n", (uintmax_t)place);
}

/* Counting begins with the command's exec, which is ours no more. Returns the command's status. */
static int follow(pid_t command, enum mode mode, struct counts *ret_counts)
{
	const bool is_by_instruction = mode != CALLS;
	const int wanted = is_by_instruction ? SIGTRAP : SYSCALL_STOP;
	bool is_begun = false;
	pid_t pid = command;
	int signal = 0, status;

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
		if (!is_begun && is_exec(status)) {
			is_begun = true;
			if (mode == PLACES)
				ret_counts->base = program_base(pid);
		}
		/* Events, as that there is a new process, are no instructions. */
		if (!is_begun || WSTOPSIG(status) != wanted || status >> 16)
			continue;
		ret_counts->stops++;
		if (mode == PLACES)
			tell_place(pid, ret_counts);
	}
}

static enum mode mode_of(const char *argument)
{
	if (argument && strcmp(argument, "-i") == 0)
		return INSTRUCTIONS;
	return argument && strcmp(argument, "-w") == 0 ? PLACES : CALLS;
}

int main(int argc, char **argv)
{
	static struct counts counts;
	enum mode mode = mode_of(argv[1]);
	int status;

	(void)argc;
	argv += mode == CALLS ? 1 : 2;
	if (!*argv) {
		fprintf(stderr, "usage: count [-i|-w] COMMAND...\n");
		return 2;
	}
	status = follow(start(argv), mode, &counts);
	if (status != 0) {
		fprintf(stderr, "count: %s failed with status %#x\n", *argv, (unsigned int)status);
		return 1;
	}
	if (mode == CALLS)
		printf("%lu %ld\n", counts.stops / 2, counts.usage.ru_minflt);
	if (mode == INSTRUCTIONS)
		printf("%lu\n", counts.stops);
	return 0;
}
