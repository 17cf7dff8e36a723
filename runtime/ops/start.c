/* SPDX-License-Identifier: Apache-2.0 */
/* `start`: tells the waiting init to run its program. */
#include "container.h"

#include "fd.h"
#include "launch.h"
#include "pidfd.h"
#include "scm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static int start_open(struct container *container, struct err *err)
{
	AUTO_FD fd = -1;

	if (container->status == OPS_STOPPED)
		return err_set(err, ESRCH, "cannot start a container that has stopped");
	if (container->status != OPS_CREATED) {
		err_set(err, EBUSY, "cannot start an already running container");
		return err_hint(err,
				"its status is \"%s\"; only a created container can be started",
				ops_status_name(container->status));
	}
	fd = scm_connect(SOCK_SEQPACKET, container->dir_fd, STORE_START);
	if (fd < 0)
		return err_errno(err, fd, "reach the container's init");
	TRY(launch_start_connected(fd, err));
	if (unlinkat(container->dir_fd, STORE_START, 0) < 0 && errno != ENOENT)
		return err_sys(err, "remove the start socket");
	/* Spec: a poststart hook that fails stops the container. */
	if (container_run_late_hooks(container, false, err) < 0) {
		pidfd_send_signal(container->pidfd, SIGKILL);
		pidfd_wait(container->pidfd, CONTAINER_KILL_MS);
		return -err->code;
	}
	return 0;
}

int op_start(const struct ops_context *ctx, const char *id, struct err *err)
{
	struct container container;
	int ret = container_open(ctx, id, CONTAINER_LOCKED, &container, err);

	if (ret == 0)
		ret = start_open(&container, err);
	container_close(&container);
	return ret;
}
