/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last steps of child.c, from no_new_privs to the program: the wait for the start, and what is
 * done under the container's own seccomp filter, which may answer any system call as it likes.
 */
#include "steps.h"

#include "fd.h"
#include "process_start.h"
#include "program.h"
#include "seccomp_program.h"
#include "sync.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

int step_set_no_new_privs(struct init *init, struct err *err)
{
	(void)init;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? err_sys(err, "set no_new_privs") : 0;
}

/* The waiting ends, and with it the trace of `create`; that of `start` begins. */
static void take_trace(struct init *init, int fd)
{
	if (fd < 0 || trace_attach(&init->start_trace, fd, TRACE_CONTAINER) < 0)
		return;
	init->child->trace = &init->start_trace;
	init->child->hook_state.trace = &init->start_trace;
}

__attribute__((noreturn)) static void end_by_signal(int signal)
{
	_exit(128 + signal);
}

/*
 * The kernel keeps from a namespace's first process what it does not handle: a created container
 * would live on after SIGTERM. execve(2) makes the dispositions default again.
 */
static void heed_signals(void)
{
	static const struct sigaction end = { .sa_handler = end_by_signal };
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &end, NULL);
}

/* `start` connects and says START; anyone else who connects (to see whether we wait) hangs up. */
static int await_start_command(struct init *init, struct err *err)
{
	struct child *child = init->child;

	fd_close(&child->sync_fd);
	for (;;) {
		AUTO_FD fd = accept4(child->start_fd, NULL, NULL, SOCK_CLOEXEC);
		struct sync_message message;

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			return err_sys(err, "wait for start");
		/* Hanging up on `start` would tell it that the program runs. */
		if (sync_receive(fd, &message, err) < 0) {
			sync_send_error(fd, err);
			continue;
		}
		if (message.type == SYNC_START)
			take_trace(init, message.fd);
		fd_close(&message.fd);
		if (message.type != SYNC_START)
			continue;
		child->sync_fd = fd_take(&fd);
		return 0;
	}
}

int step_await_start(struct init *init, struct err *err)
{
	if (init->child->start_fd >= 0 && getpid() == 1)
		heed_signals();
	TRY(sync_send(init->child->sync_fd, SYNC_READY, 0, -1, err));
	if (init->child->start_fd >= 0)
		return await_start_command(init, err);
	return sync_expect(init->child->sync_fd, SYNC_START, err);
}

/*
 * A change of user has hidden us, and the filter may forbid to say so. The program, which the caller
 * may trace as well, comes next.
 */
static int show_descriptors(struct init *init, struct err *err)
{
	if (init->child->is_traceable && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return err_sys(err, "become dumpable");
	return 0;
}

/* From here on a call may have to wait for the agent: it gets the listener before all else. */
int step_load_seccomp(struct init *init, struct err *err)
{
	uint32_t flags = init->plan->seccomp->flags;
	AUTO_FD listener_fd = -1;
	int ret;

	if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		TRY(show_descriptors(init, err));
	ret = seccomp_program_load(init->child->seccomp, flags, err);
	if (ret < 0 || !(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return ret;
	listener_fd = ret;
	TRY(sync_write(init->child->sync_fd, SYNC_SECCOMP_FD, listener_fd, err));
	return sync_read(init->child->sync_fd, SYNC_SECCOMP_TAKEN, err);
}

int step_drop_admin(struct init *init, struct err *err)
{
	int ret = process_set_capabilities(&init->plan->process, err);

	if (ret == -EPERM || ret == -ENOSYS)
		err_hint(err,
			 "the seccomp profile denies it: allow capget, capset and prctl, or set "
			 "noNewPrivileges, with which the filter is loaded after them");
	return ret;
}

int step_run_start_container_hooks(struct init *init, struct err *err)
{
	int ret = step_run_hooks(init, PLAN_HOOK_START_CONTAINER, -1, "created", err);

	if (init->child->seccomp && (ret == -EPERM || ret == -EACCES || ret == -ENOSYS))
		err_hint(err,
			 "the seccomp profile, under which a startContainer hook runs, denies what "
			 "starts and watches one: allow clone, pipe2, fcntl, poll, waitid and "
			 "setpgid, or make it a createContainer hook");
	return ret;
}

int step_exec_program(struct init *init, struct err *err)
{
	return program_exec(&init->plan->process, &init->program, err);
}
