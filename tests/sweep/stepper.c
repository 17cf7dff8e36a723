/* SPDX-License-Identifier: Apache-2.0 */
/* One system call after the other. */
#include "stepper.h"

#include <elf.h>
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACEES_MAX 64
#define STOP_EVENT  (PTRACE_EVENT_STOP << 8)
/* Up to its fault a command has stopped a thousand times, on a machine that may be busy. */
#define APPROACH_SECONDS 60.0
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

struct tracee {
	pid_t pid;
	bool fails;     /* the call under way is to fail ... */
	bool is_undone; /* ... and the kernel does not see it */
	int error;
};

struct stepper {
	const struct fault *fault;
	struct stepped *stepped;
	pid_t main_pid;
	bool is_main_over;
	bool is_free;    /* the fault has come: no call is looked at any more */
	bool is_leaving; /* whoever stops is let go */
	struct tracee tracees[TRACEES_MAX];
	size_t n;
};

/* ---- the processor's registers ---- */

#if defined(__x86_64__)
static void forbid_call(pid_t pid)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, orig_rax), -1L);
}

static void set_result(pid_t pid, long result)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rax), result);
}
#elif defined(__aarch64__)
static void forbid_call(pid_t pid)
{
	int nr = -1;
	struct iovec io = { &nr, sizeof(nr) };

	ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &io);
}

static void set_result(pid_t pid, long result)
{
	struct user_regs_struct regs;
	struct iovec io = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io) < 0)
		return;
	regs.regs[0] = (unsigned long long)result;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &io);
}
#endif

/* ---- who is traced ---- */

static struct tracee *find(struct stepper *stepper, pid_t pid)
{
	for (size_t i = 0; i < stepper->n; i++)
		if (stepper->tracees[i].pid == pid)
			return &stepper->tracees[i];
	return NULL;
}

static struct tracee *add(struct stepper *stepper, pid_t pid)
{
	if (stepper->n == TRACEES_MAX)
		die("more than %d processes", TRACEES_MAX);
	stepper->tracees[stepper->n] = (struct tracee){ .pid = pid };
	return &stepper->tracees[stepper->n++];
}

static void forget(struct stepper *stepper, pid_t pid)
{
	struct tracee *tracee = find(stepper, pid);

	if (tracee)
		*tracee = stepper->tracees[--stepper->n];
}

/* ---- what a call is ---- */

const char *syscall_name(long nr)
{
	static char name[64];
	char *found = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)nr);

	snprintf(name, sizeof(name), "%s", found ? found : "?");
	free(found);
	return name;
}

/* Which argument is a path. */
static int path_index(long nr)
{
	static const struct {
		long nr;
		int index;
	} rows[] = {
		{ SYS_openat, 1 },
		{ SYS_openat2, 1 },
		{ SYS_mkdirat, 1 },
		{ SYS_unlinkat, 1 },
		{ SYS_renameat, 1 },
		{ SYS_renameat2, 1 },
		{ SYS_open_tree, 1 },
		{ SYS_newfstatat, 1 },
		{ SYS_faccessat, 1 },
		{ SYS_faccessat2, 1 },
		{ SYS_readlinkat, 1 },
		{ SYS_statx, 1 },
		{ SYS_symlinkat, 0 },
		{ SYS_linkat, 1 },
		{ SYS_mknodat, 1 },
		{ SYS_chdir, 0 },
		{ SYS_fsopen, 0 },
		{ SYS_execve, 0 },
		{ SYS_statfs, 0 },
		{ SYS_mount, 1 },
		{ SYS_umount2, 0 },
#if defined(__x86_64__)
		{ SYS_mkdir, 0 },
		{ SYS_rmdir, 0 },
		{ SYS_unlink, 0 },
		{ SYS_rename, 0 },
		{ SYS_access, 0 },
		{ SYS_readlink, 0 },
		{ SYS_open, 0 },
		{ SYS_chmod, 0 },
#endif
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].nr == nr)
			return rows[i].index;
	return -1;
}

static void read_text(pid_t pid, unsigned long long address, char *buf, size_t size)
{
	struct iovec to = { buf, size - 1 };
	struct iovec from = { (void *)(uintptr_t)address, size - 1 };
	/* Up to the end of the page only, which is there. */
	size_t room = 4096 - address % 4096;

	if (from.iov_len > room)
		from.iov_len = room;
	memset(buf, 0, size);
	process_vm_readv(pid, &to, 1, &from, 1, 0);
}

static void note(struct stepper *stepper, const struct tracee *tracee,
		 const struct __ptrace_syscall_info *info)
{
	struct stepped *stepped = stepper->stepped;
	long nr = (long)info->entry.nr;
	int index = path_index(nr);
	char text[256] = "";

	if (index >= 0)
		read_text(tracee->pid, info->entry.args[index], text, sizeof(text));
	else if (nr == SYS_write || nr == SYS_pwrite64)
		read_text(tracee->pid, info->entry.args[1], text, 60);
	text[strcspn(text, "\n")] = '\0';
	stepped->was_hit = true;
	snprintf(stepped->where, sizeof(stepped->where), "%s: %s(%lld%s%s%s)",
		 tracee->pid == stepper->main_pid ? "parent" : "child", syscall_name(nr),
		 (long long)info->entry.args[0], text[0] ? ", \"" : "", text, text[0] ? "\"" : "");
}

/* ---- faults ---- */

static bool is_victim(const struct stepper *stepper, pid_t pid)
{
	switch (stepper->fault->kind) {
	case FAULT_KILL_PARENT:
		return pid == stepper->main_pid;
	case FAULT_KILL_CHILD:
		return pid != stepper->main_pid;
	default:
		return true;
	}
}

static void kill_victims(struct stepper *stepper)
{
	for (size_t i = 0; i < stepper->n; i++)
		if (is_victim(stepper, stepper->tracees[i].pid))
			kill(stepper->tracees[i].pid, SIGKILL);
	stepper->is_free = true;
}

/* What close(2) closes is closed whatever it returns: as Linux does it. */
static void let_fail(struct tracee *tracee, long nr, int error)
{
	tracee->fails = true;
	tracee->is_undone = nr != SYS_close;
	tracee->error = error;
	if (tracee->is_undone)
		forbid_call(tracee->pid);
}

/*
 * Not those that do not return, those whose results are no errors whatever they are, and that
 * without which the C library does not start.
 */
bool stepper_can_fail(long nr)
{
	static const long rows[] = {
		SYS_exit,
		SYS_exit_group,
		SYS_rt_sigreturn,
		SYS_brk,
		SYS_umask,
		SYS_getpid,
		SYS_gettid,
		SYS_getuid,
		SYS_geteuid,
		SYS_getegid,
		SYS_getgid,
		SYS_getppid,
#if defined(__x86_64__)
		SYS_arch_prctl,
#endif
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i] == nr)
			return false;
	return true;
}

static void enter_call(struct stepper *stepper, struct tracee *tracee,
		       const struct __ptrace_syscall_info *info)
{
	const struct fault *fault = stepper->fault;
	struct stepped *stepped = stepper->stepped;
	long nr = (long)info->entry.nr;
	size_t point = ++stepped->points;

	if (point <= stepped->max_calls)
		stepped->calls[point - 1] =
			(struct step_call){ nr, tracee->pid != stepper->main_pid };
	if (fault->kind == FAULT_MISSING) {
		if (nr != fault->nr)
			return;
		if (!stepped->was_hit)
			note(stepper, tracee, info);
		let_fail(tracee, nr, fault->error);
		return;
	}
	if (fault->kind == FAULT_NONE || point != fault->point)
		return;
	if (fault->kind == FAULT_ERROR && !stepper_can_fail(nr))
		return;
	note(stepper, tracee, info);
	if (fault->kind == FAULT_ERROR)
		let_fail(tracee, nr, fault->error);
	else
		kill_victims(stepper);
}

static void leave_call(struct stepper *stepper, struct tracee *tracee)
{
	if (!tracee->fails)
		return;
	tracee->fails = false;
	set_result(tracee->pid, -tracee->error);
	if (stepper->fault->kind == FAULT_ERROR)
		stepper->is_free = true;
}

/* ---- stops ---- */

static void at_call(struct stepper *stepper, struct tracee *tracee)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->pid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && !stepper->is_free)
		enter_call(stepper, tracee, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		leave_call(stepper, tracee);
}

static void go_on(const struct stepper *stepper, const struct tracee *tracee, int signal)
{
	bool is_watched = !stepper->is_free || tracee->fails;

	ptrace(is_watched ? PTRACE_SYSCALL : PTRACE_CONT, tracee->pid, 0L, (long)signal);
}

static void let_go(struct stepper *stepper, pid_t pid, int signal)
{
	ptrace(PTRACE_DETACH, pid, 0L, (long)signal);
	forget(stepper, pid);
}

static void at_stop(struct stepper *stepper, pid_t pid, int status)
{
	struct tracee *tracee = find(stepper, pid);
	int event = status >> 16, signal = 0;

	if (!tracee)
		tracee = add(stepper, pid);
	if (!event && WSTOPSIG(status) == (SIGTRAP | 0x80))
		at_call(stepper, tracee);
	else if (!event)
		signal = WSTOPSIG(status);
	if (stepper->is_leaving || (event == PTRACE_EVENT_EXEC && pid != stepper->main_pid))
		let_go(stepper, pid, signal);
	else
		go_on(stepper, tracee, signal);
}

static void at_end(struct stepper *stepper, pid_t pid, int status)
{
	forget(stepper, pid);
	if (pid != stepper->main_pid)
		return;
	stepper->stepped->outcome.status = status;
	stepper->is_main_over = true;
}

/* One event; false when there is none by that time, or nobody to wait for. */
static bool step(struct stepper *stepper, double deadline)
{
	int status;
	pid_t pid = wait_until(deadline, &status);

	if (pid <= 0)
		return false;
	if (WIFSTOPPED(status))
		at_stop(stepper, pid, status);
	else
		at_end(stepper, pid, status);
	return true;
}

/* The command is over; what it left goes on without us. */
static void leave(struct stepper *stepper)
{
	double deadline = seconds_until(COMMAND_SECONDS);

	stepper->is_leaving = stepper->is_free = true;
	for (size_t i = 0; i < stepper->n; i++)
		ptrace(PTRACE_INTERRUPT, stepper->tracees[i].pid, 0L, 0L);
	while (stepper->n > 0 && step(stepper, deadline))
		;
}

/* ---- begin ---- */

static void seize(struct stepper *stepper, pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, 0L, (long)OPTIONS) < 0)
		die("trace process %d: %s", pid, strerror(errno));
	add(stepper, pid);
}

/* The command waits until it is traced. */
static pid_t spawn(struct stepper *stepper, const struct command *command)
{
	int go[2];
	pid_t pid;
	char byte;

	if (pipe2(go, 02000000 /* O_CLOEXEC */) < 0)
		die("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		close(go[1]);
		(void)!read(go[0], &byte, 1);
		command_exec(command);
	}
	seize(stepper, pid);
	close(go[0]);
	close(go[1]);
	return pid;
}

/* Calls count from the command's own execve(2) on. */
static void run_to_exec(struct stepper *stepper)
{
	for (;;) {
		int status, signal = 0;
		pid_t pid = waitpid(stepper->main_pid, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0 || !WIFSTOPPED(status))
			die("the command cannot be run");
		if (status >> 16 == PTRACE_EVENT_EXEC)
			break;
		if (!(status >> 16))
			signal = WSTOPSIG(status);
		ptrace(PTRACE_CONT, pid, 0L, (long)signal);
	}
	ptrace(PTRACE_SYSCALL, stepper->main_pid, 0L, 0L);
}

void stepper_run(const struct command *command, const struct fault *fault, pid_t also_pid,
		 struct stepped *stepped)
{
	struct stepper stepper = { .fault = fault, .stepped = stepped };
	bool has_begun = false; /* the time that the command has to end in spite of the fault */
	double deadline;

	stepped->points = 0;
	stepped->was_hit = false;
	stepped->where[0] = '\0';
	stepped->outcome = (struct outcome){ .has_hung = false };
	if (also_pid) {
		seize(&stepper, also_pid);
		ptrace(PTRACE_INTERRUPT, also_pid, 0L, 0L);
	}
	stepper.main_pid = spawn(&stepper, command);
	run_to_exec(&stepper);
	deadline = seconds_until(APPROACH_SECONDS);
	while (!stepper.is_main_over) {
		if (stepped->was_hit && !has_begun) {
			has_begun = true;
			deadline = seconds_until(COMMAND_SECONDS);
		}
		if (step(&stepper, deadline))
			continue;
		if (stepped->outcome.has_hung)
			die("process %d cannot be killed", stepper.main_pid);
		stepped->outcome.has_hung = stepper.is_free = true;
		kill(stepper.main_pid, SIGKILL);
		deadline = seconds_until(COMMAND_SECONDS);
	}
	leave(&stepper);
}
