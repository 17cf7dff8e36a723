/* SPDX-License-Identifier: Apache-2.0 */
/* Making the process: directly, or through one that enters what init cannot enter by itself. */
#include "launch_parts.h"

#include "cgroup.h"
#include "child.h"
#include "clone.h"
#include "clone_cause.h"
#include "fd.h"
#include "io.h"
#include "pidfd.h"
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define INTERMEDIATE_EXIT_FAILED 1

/*
 * What the intermediate makes: offsets are set between unshare(2) and clone(2). A user namespace comes
 * along, whose superuser may do that where the caller may not.
 */
static uint64_t unshare_flags(const struct plan_namespaces *ns)
{
	return CLONE_NEWTIME | (ns->create & CLONE_NEWUSER);
}

static uint64_t clone_flags(const struct launch *launch)
{
	const struct plan_namespaces *ns = &launch->plan->ns;
	uint64_t later = CLONE_NEWCGROUP; /* by init itself, once it is in its cgroups */

	if (launch->request->target) /* all that there is to make exists */
		return 0;

	if (ns->time_offsets)
		later |= unshare_flags(ns);
	return ns->create & ~later;
}

/*
 * clone3 into the v2 cgroup where that is possible; elsewhere the process is moved afterwards. Children
 * of who is in it are in it.
 */
static pid_t clone_into_cgroup(struct launch *launch, struct clone_request *request)
{
	pid_t pid;

	if (launch->cgroup_v2_fd < 0 || launch->child.is_in_cgroup_v2)
		return clone_process(request);
	request->flags |= CLONE_INTO_CGROUP;
	request->cgroup_fd = launch->cgroup_v2_fd;
	launch->child.is_in_cgroup_v2 = true;
	pid = clone_process(request);
	if (pid >= 0)
		return pid;
	request->flags &= ~CLONE_INTO_CGROUP;
	launch->child.is_in_cgroup_v2 = false;
	return clone_process(request);
}

static pid_t clone_init(struct launch *launch, uint64_t flags, int exit_signal, int *pidfd)
{
	struct clone_request request = {
		.flags = flags | (pidfd ? CLONE_PIDFD : 0),
		.exit_signal = exit_signal,
		.pidfd = pidfd,
	};

	return clone_into_cgroup(launch, &request);
}

/* While /proc is the host's: in a mount namespace that is joined it is what others put there. */
static int open_time_offsets(struct err *err)
{
	int fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);

	return fd < 0 ? err_sys(err, "open /proc/self/timens_offsets") : fd;
}

static int set_time_offsets(const struct plan_namespaces *ns, int offsets_fd, struct err *err)
{
	int ret;

	if (unshare((int)unshare_flags(ns)) < 0) {
		err_sys(err, "unshare the time namespace");
		return clone_explain(unshare_flags(ns), err);
	}
	ret = io_write_all(offsets_fd, ns->time_offsets, strlen(ns->time_offsets));
	if (ret < 0) {
		err_errno(err, ret, "set the offsets of the time namespace");
		return err_pointer(err, "/linux/timeOffsets");
	}
	return 0;
}

/* Enters what init cannot enter by itself and makes init as a child of our own parent. */
static int intermediate_run(struct launch *launch, struct err *err)
{
	const struct plan_namespaces *ns = &launch->plan->ns;
	AUTO_FD offsets_fd = -1;
	pid_t pid;

	if (ns->time_offsets) {
		offsets_fd = open_time_offsets(err);
		TRY(offsets_fd);
	}
	if (launch->request->target)
		TRY(join_container(launch->request->target, &launch->plan->process,
				   launch->child.is_in_cgroup_v2, err));
	else
		TRY(join_enter(ns, &launch->child.join_fds, err));
	if (ns->time_offsets)
		TRY(set_time_offsets(ns, offsets_fd, err));
	fd_close(&offsets_fd);
	pid = clone_init(launch, clone_flags(launch) | CLONE_PARENT, 0, NULL);
	if (pid < 0) {
		err_sys(err, "clone the container's process");
		return clone_explain(clone_flags(launch), err);
	}
	if (pid == 0) {
		launch->child.is_joined = true;
		child_main(&launch->child);
	}
	return sync_send(launch->child.sync_fd, SYNC_PID, pid, -1, err);
}

/*
 * What we make stands in a pid namespace with others before it has run a line: nobody there may
 * trace it. Without root's rights the parent could not write the id maps of what is hidden.
 */
static bool can_hide(const struct launch *launch)
{
	return !launch->plan->ns.has_uid_gid_maps || geteuid() == 0;
}

__attribute__((noreturn)) static void intermediate_main(struct launch *launch)
{
	struct err err = { 0 };

	if (can_hide(launch))
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	trace_set_track(launch->request->trace, TRACE_JOINER);
	if (TRACED(launch->request->trace, "enter namespaces and clone", NULL,
		   intermediate_run(launch, &err)) == 0)
		_exit(0);
	sync_send_error(launch->child.sync_fd, &err);
	_exit(INTERMEDIATE_EXIT_FAILED);
}

void launch_reap_intermediate(struct launch *launch)
{
	while (launch->intermediate > 0 && waitpid(launch->intermediate, NULL, __WALL) < 0 &&
	       errno == EINTR)
		;
	launch->intermediate = 0;
}

/* It has joined the cgroup of a paused container, and ends when that is resumed: too late to wait for. */
static int leave_intermediate(struct launch *launch, int pidfd, struct err *err)
{
	pidfd_send_signal(pidfd, SIGKILL);
	launch->intermediate = 0;
	return err_set(err, EINTR, "interrupted");
}

/*
 * What the intermediate says. Init has a copy of its end of the socket, so that its own end, should
 * it be killed, is no end of file.
 */
static int receive_from_intermediate(struct launch *launch, int pidfd, struct sync_message *message,
				     struct err *err)
{
	const int *cancel_fd =
		launch->request->target ? launch->request->hook_state.cancel_fd : NULL;
	struct pollfd fds[] = {
		{ .fd = launch->sync_fd, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = cancel_fd ? *cancel_fd : -1, .events = POLLIN },
	};

	while (poll(fds, 3, -1) < 0)
		if (errno != EINTR)
			return err_sys(err, "poll");
	if (!fds[0].revents && !fds[1].revents)
		return leave_intermediate(launch, pidfd, err);
	/* It may have spoken just before its end. */
	if (!fds[0].revents && poll(fds, 1, 0) <= 0)
		return err_set(err, ECHILD, "the joining process was killed");
	return sync_receive(launch->sync_fd, message, err);
}

static int clone_by_intermediate(struct launch *launch, struct err *err)
{
	AUTO_FD pidfd = -1;
	struct clone_request request = {
		.flags = CLONE_PIDFD,
		.exit_signal = SIGCHLD,
		.pidfd = &pidfd,
	};
	struct sync_message message;

	/* Later it may be in a cgroup namespace that does not show the cgroup from which it comes. */
	launch->intermediate = launch->request->target ? clone_into_cgroup(launch, &request)
						       : clone_process(&request);
	if (launch->intermediate < 0)
		return err_sys(err, "clone");
	if (launch->intermediate == 0) {
		fd_close(&launch->sync_fd);
		intermediate_main(launch);
	}
	fd_close(&launch->child.sync_fd);
	TRY(receive_from_intermediate(launch, pidfd, &message, err));
	fd_close(&message.fd);
	if (message.type != SYNC_PID)
		return err_set(err, EPROTO, "got %s from the joining process while PID was awaited",
			       sync_type_name(message.type));
	launch->launched.pid = message.value;
	launch->launched.pidfd = pidfd_open(message.value, 0);
	if (launch->launched.pidfd < 0)
		return err_sys(err, "pidfd_open");
	return 0;
}

static int clone_directly(struct launch *launch, struct err *err)
{
	pid_t pid = clone_init(launch, clone_flags(launch), SIGCHLD, &launch->launched.pidfd);

	if (pid < 0) {
		err_sys(err, "clone the container's process");
		return clone_explain(clone_flags(launch), err);
	}
	if (pid == 0) {
		fd_close(&launch->sync_fd);
		child_main(&launch->child);
	}
	fd_close(&launch->child.sync_fd);
	launch->launched.pid = pid;
	return 0;
}

static bool needs_intermediate(const struct launch *launch)
{
	const struct join_target *target = launch->request->target;

	return target ? join_target_needs_intermediate(target)
		      : join_needs_intermediate(&launch->plan->ns);
}

/* That of init is its handle's and stays open. */
static int open_cgroup_v2(const struct launch *launch)
{
	const struct launch_request *request = launch->request;

	if (request->target)
		return join_open_cgroup_v2(request->target, &launch->plan->process);
	return request->cgroup ? cgroup_v2_fd(request->cgroup) : -1;
}

int launch_clone(struct launch *launch, struct err *err)
{
	struct trace *trace = launch->request->trace;
	int ret;

	launch->cgroup_v2_fd = open_cgroup_v2(launch);
	if (needs_intermediate(launch))
		ret = TRACED(trace, "clone through an intermediate process", NULL,
			     clone_by_intermediate(launch, err));
	else
		ret = TRACED(trace, "clone", NULL, clone_directly(launch, err));
	if (launch->launched.pid > 0)
		trace_set_pid(trace, TRACE_CONTAINER, launch->launched.pid);
	if (launch->intermediate > 0)
		trace_set_pid(trace, TRACE_JOINER, launch->intermediate);
	if (launch->request->target)
		fd_close(&launch->cgroup_v2_fd);
	return ret;
}
