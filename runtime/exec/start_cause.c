/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that dies loses its memory first and closes its descriptors then; execve(2) gives it new
 * memory first. So whoever has memory after its end of the talk was closed runs its program, which
 * one system call tells. Of the others, the kernel keeps until they are waited for whether they have
 * executed anything. Of those that nobody can tell any more, that they have is assumed: they must
 * have ended at once, and a program may.
 */
#include "start_cause.h"

#include "pidfd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_WAIT_MS 1000 /* it is about to end: the time is for a machine that has much to do */

static bool has_memory(pid_t pid)
{
	char path[32], program[1];

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return readlink(path, program, sizeof(program)) >= 0;
}

static int explain_signal(int signal, struct err *err)
{
	const char *name = sigabbrev_np(signal);

	err_set(err, ECANCELED,
		"the container's process was killed before it executed the program: %s%s",
		name ? "SIG" : "signal ", name ? name : "?");
	if (signal == SIGSYS)
		return err_hint(err,
				"the seccomp profile kills it for a system call on the way there: "
				"allow execve, without noNewPrivileges capget, capset and prctl, "
				"and what startContainer hooks need");
	/* What exit_group(2) does not end, _exit(3) has to. */
	if (signal == SIGSEGV)
		return err_hint(err, "so ends a process that its seccomp profile lets neither "
				     "execute a program nor exit: allow execve and exit_group");
	if (signal == SIGKILL)
		return err_hint(err, "somebody killed it, or the memory limit is too low for it to "
				     "start: the kernel's log says so");
	return -err->code;
}

/* Whoever waited for it was quicker than we were. */
static int explain_nothing_left(struct err *err)
{
	err_set(err, ECANCELED, "the container's process ended before it executed the program");
	return err_hint(err, "nobody can tell any more how it ended: a seccomp profile that kills "
			     "it on the way there, or denies execve and sendmsg, has that effect");
}

int start_explain_end(pid_t pid, int pidfd, struct err *err)
{
	struct process_stat stat;

	if (has_memory(pid) || process_stat_read(pid, &stat) < 0 || stat.has_executed)
		return 0;
	/* How it ends shows in what is left of it. It was its own number while that is there. */
	pidfd_wait(pidfd, END_WAIT_MS);
	if (process_stat_read(pid, &stat) < 0 || pidfd_send_signal(pidfd, 0) < 0)
		return explain_nothing_left(err);
	if (WIFSIGNALED(stat.wait_status))
		return explain_signal(WTERMSIG(stat.wait_status), err);
	err_set(err, ECANCELED, "the container's process ended before it executed the program");
	return err_hint(err, "it could not say why: a seccomp profile that denies execve and "
			     "sendmsg has that effect; allow them");
}
