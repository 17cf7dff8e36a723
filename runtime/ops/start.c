/* SPDX-License-Identifier: Apache-2.0 */
/* `start`: tells the waiting init to run its program. */
#include "container.h"

#include "agent.h"
#include "fd.h"
#include "filter.h"
#include "launch.h"
#include "notify.h"
#include "scm.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* What cannot be started ends; what failed stays the error. */
static int end(const struct container *container, const struct err *err)
{
	struct err kill_err = { 0 };

	if (container_kill(container, &kill_err) < 0)
		log_warning(container->ctx->log, "%s", kill_err.text);
	return -err->code;
}

static int start_program(const struct container *container, int start_fd, struct err *err)
{
	const struct record_process process = {
		.pid = container->pid.pid,
		.init_pid = container->pid.pid,
		.status = ops_status_name(container->status),
	};
	AUTO(filter) struct filter filter = { .program = NULL };
	AUTO(agent) struct seccomp_agent *agent = NULL;

	TRY(filter_load(container->dir_fd, &filter, err));
	trace_set_pid(container->ctx->trace, TRACE_CONTAINER, container->pid.pid);
	TRY(agent_new(&filter.plan, &container->record, &process, &agent, err));
	if (launch_start_connected(start_fd, container->pid.pid, container->pidfd, agent,
				   container->ctx->trace, err) < 0)
		return end(container, err);
	return 0;
}

static int refuse_stopped(struct err *err)
{
	return err_set(err, ESRCH, "cannot start a container that has stopped");
}

static int start_open(struct container *container, const char *notify_socket,
		      struct notify **ret_notify, struct err *err)
{
	AUTO_FD fd = -1;

	if (container->status == OPS_STOPPED)
		return refuse_stopped(err);
	if (container->status != OPS_CREATED) {
		err_set(err, EBUSY, "cannot start an already running container");
		return err_hint(err,
				"its status is \"%s\"; only a created container can be started",
				ops_status_name(container->status));
	}
	fd = scm_connect(SOCK_SEQPACKET, container->dir_fd, STORE_START);
	/* It was killed meanwhile. */
	if (fd == -ECONNREFUSED)
		return refuse_stopped(err);
	if (fd < 0)
		return err_errno(err, fd, "reach the container's init");
	/* Before the program runs, which may say at once that it is ready. */
	TRY(notify_open(container->ctx, container->dir_fd, notify_socket, ret_notify, err));
	TRY(TRACED(container->ctx->trace, "start the program", NULL,
		   start_program(container, fd, err)));
	if (unlinkat(container->dir_fd, STORE_START, 0) < 0 && errno != ENOENT)
		return err_sys(err, "remove the start socket");
	/* Spec: a poststart hook that fails stops the container. */
	return container_run_poststart_hooks(container, err) < 0 ? end(container, err) : 0;
}

int op_start(const struct ops_context *ctx, const char *id, const char *notify_socket,
	     struct err *err)
{
	AUTO(notify) struct notify *notify = NULL;
	struct container container;
	int ret = TRACED(ctx->trace, "open the container", id,
			 container_open(ctx, id, CONTAINER_LOCKED, &container, err));

	if (ret == 0)
		ret = start_open(&container, notify_socket, &notify, err);
	if (ret == 0 && notify) {
		/* However long that takes, nobody else has to wait for it. */
		container_unlock(&container);
		op_notify_wait(notify, container.pid.pid, container.pidfd);
	}
	container_close(&container);
	return ret;
}
