/* SPDX-License-Identifier: Apache-2.0 */
/* Running commands with a deadline. */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_US   100000
#define HARNESS   125 /* exit status of a command that could not be run */
#define GRACE_SEC 5

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "sweep: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	exit(2);
}

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double seconds_until(double seconds)
{
	const char *slowness = getenv("SLOWNESS");

	return seconds_now() + seconds * (slowness ? strtod(slowness, NULL) : 1);
}

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

void interrupt_catch(void)
{
	const struct sigaction action = { .sa_handler = interrupt, .sa_flags = SA_RESTART };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool was_interrupted(void)
{
	return interrupted;
}

static void tick(int signal)
{
	(void)signal;
}

/*
 * Interrupts a wait again and again, so that none is missed that began just afterwards. A timer is
 * not inherited: each process that waits has its own.
 */
static void begin_ticks(void)
{
	static pid_t begun_by;
	const struct sigaction action = { .sa_handler = tick };
	const struct itimerval every = { { 0, TICK_US }, { 0, TICK_US } };

	if (begun_by == getpid())
		return;
	begun_by = getpid();
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

pid_t wait_until(double time, int *ret_status)
{
	pid_t pid;

	/* Mostly there is something, or will be soon: the clock is asked at ticks only. */
	begin_ticks();
	while ((pid = waitpid(-1, ret_status, __WALL)) < 0 && errno == EINTR)
		if (seconds_now() > time)
			return 0;
	return pid;
}

static void open_as(const char *path, int flags, int fd)
{
	int opened = open(path, flags, 0644);

	if (opened < 0 || dup2(opened, fd) < 0)
		_exit(HARNESS);
	if (opened != fd)
		close(opened);
}

void command_exec(const struct command *command)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;

	setpgid(0, 0);
	open_as("/dev/null", O_RDONLY, STDIN_FILENO);
	open_as(command->out ? command->out : "/dev/null", flags, STDOUT_FILENO);
	open_as(command->err ? command->err : "/dev/null", flags, STDERR_FILENO);
	signal(SIGALRM, SIG_DFL);
	if (command->uid &&
	    (setgroups(0, NULL) < 0 || setresgid(command->uid, command->uid, command->uid) < 0 ||
	     setresuid(command->uid, command->uid, command->uid) < 0))
		_exit(HARNESS);
	for (size_t i = 0; command->env && command->env[i]; i++)
		putenv((char *)(uintptr_t)command->env[i]);
	execv(command->argv[0], (char *const *)(uintptr_t)command->argv);
	_exit(HARNESS);
}

pid_t command_spawn(const struct command *command)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0)
		command_exec(command);
	return pid;
}

bool reap_children(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0)
		if (WIFSTOPPED(status))
			ptrace(PTRACE_DETACH, pid, 0L, 0L);
	return pid == 0;
}

struct outcome command_run(const struct command *command)
{
	struct outcome outcome = { .has_hung = false };
	double deadline = seconds_until(COMMAND_SECONDS);
	pid_t pid = command_spawn(command), got;

	/* Orphans that came to us end, or stop, meanwhile. */
	while ((got = wait_until(deadline, &outcome.status)) != pid) {
		if (got > 0 && WIFSTOPPED(outcome.status))
			ptrace(PTRACE_DETACH, got, 0L, 0L);
		if (got > 0)
			continue;
		if (got < 0 || outcome.has_hung)
			die("cannot wait for %s", command->argv[0]);
		outcome.has_hung = true;
		deadline = seconds_until(GRACE_SEC);
		kill(pid, SIGKILL);
	}
	return outcome;
}
