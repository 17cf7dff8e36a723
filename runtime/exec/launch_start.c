/* SPDX-License-Identifier: Apache-2.0 */
/* From START to the program, and the end of a process that does not get there. */
#include "launch_parts.h"

#include "fd.h"
#include "pidfd.h"
#include "plan_seccomp.h"
#include "seccomp_agent.h"
#include "seccomp_watch.h"
#include "start_cause.h"
#include "sync.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

/* Behind START: hooks, and calls that wait for the answer of a seccomp agent. */
const int *launch_start_cancel_fd(const struct launch_request *request)
{
	const struct plan *plan = request->plan;
	bool has_agent = plan->seccomp && plan->seccomp->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;

	return plan->hooks[PLAN_HOOK_START_CONTAINER].n || has_agent ? request->hook_state.cancel_fd
								     : NULL;
}

int launch_await(int sync_fd, const int *cancel_fd, struct err *err)
{
	struct pollfd fds[] = {
		{ .fd = sync_fd, .events = POLLIN },
		{ .fd = cancel_fd ? *cancel_fd : -1, .events = POLLIN },
	};

	if (!cancel_fd)
		return 0;
	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return err_sys(err, "poll");
	return fds[0].revents ? 0 : err_set(err, EINTR, "interrupted");
}

/* Calls on the way to the program are watched too, and would wait for us for ever. */
static int watch_until_word(struct seccomp_watch *watch, int sync_fd, const int *cancel_fd,
			    struct err *err)
{
	struct pollfd fds[] = {
		{ .fd = sync_fd, .events = POLLIN },
		{ .events = POLLIN },
		{ .fd = cancel_fd ? *cancel_fd : -1, .events = POLLIN },
	};

	while (!fds[0].revents) {
		fds[1].fd = seccomp_watch_fd(watch);
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		TRY(seccomp_watch_serve(watch, fds[1].revents, err));
		if (fds[2].revents && !fds[0].revents)
			return err_set(err, EINTR, "interrupted");
	}
	return 0;
}

/* The other end of the talk is gone: somebody killed the process that waited for its start. */
static int explain_gone(int ret, struct err *err)
{
	if (ret != -EPIPE && ret != -ECONNRESET)
		return ret;
	return err_set(err, ESRCH, "the container's process has ended before its start");
}

/* What comes between START and the program: a listener for the agent, where there is one. */
static int expect_exec(const struct launched *launched, const struct seccomp_agent *agent,
		       struct trace *trace, struct err *err)
{
	struct sync_message message = { .fd = -1 };
	int sync_fd = launched->sync_fd;

	if (agent)
		TRY(TRACED(trace, "serve the seccomp agent", NULL,
			   seccomp_agent_serve(agent, sync_fd, launched->pidfd, err)));
	if (agent && agent->watch)
		TRY(watch_until_word(agent->watch, sync_fd, launched->cancel_fd, err));
	TRY(launch_await(sync_fd, launched->cancel_fd, err));
	TRY(explain_gone(
		TRACED(trace, "wait for the program", NULL, sync_receive(sync_fd, &message, err)),
		err));
	trace_end_track(trace, TRACE_CONTAINER);
	fd_close(&message.fd);
	if (message.type != SYNC_EOF)
		return err_set(err, EPROTO, "got %s from the container's process after START",
			       sync_type_name(message.type));
	return start_explain_end(launched->pid, launched->pidfd, err);
}

int launch_start_connected(int start_fd, pid_t pid, int pidfd, const struct seccomp_agent *agent,
			   struct trace *trace, struct err *err)
{
	const struct launched launched = { .pid = pid, .pidfd = pidfd, .sync_fd = start_fd };

	TRY(explain_gone(sync_send(start_fd, SYNC_START, 0, trace ? trace->fd : -1, err), err));
	return expect_exec(&launched, agent, trace, err);
}

int launch_start(struct launched *launched, const struct seccomp_agent *agent, struct trace *trace,
		 struct err *err)
{
	int ret = 0;

	if (!launched->is_started) { /* the process has the trace already */
		ret = explain_gone(sync_send(launched->sync_fd, SYNC_START, 0, -1, err), err);
		/* It is ours: how it ended is still there. A memory limit has just been set. */
		if (ret == -ESRCH)
			start_explain_end(launched->pid, launched->pidfd, err);
	}
	if (ret == 0)
		ret = expect_exec(launched, agent, trace, err);

	if (ret < 0)
		launched_kill(launched);
	return ret;
}

void launched_kill(struct launched *launched)
{
	siginfo_t info;

	if (launched->pidfd < 0)
		return;
	pidfd_send_signal(launched->pidfd, SIGKILL);
	while (waitid(P_PIDFD, (id_t)launched->pidfd, &info, WEXITED | __WALL) < 0 &&
	       errno == EINTR)
		;
}

void launched_done(struct launched *launched)
{
	fd_close(&launched->pidfd);
	fd_close(&launched->console_fd);
	fd_close(&launched->sync_fd);
}
