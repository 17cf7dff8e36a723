/* SPDX-License-Identifier: Apache-2.0 */
/* `kill`: a signal to init, or to all processes. */
#include "container.h"

#include "cgroup.h"
#include "pidfd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

/* A record that holds no cgroup leaves nobody but init to signal. */
static int kill_all(struct container *container, int signal, struct err *err)
{
	if (container->pidfd >= 0 && container->record.cgroups.n == 0 &&
	    pidfd_send_signal(container->pidfd, signal) < 0 && errno != ESRCH)
		return err_sys(err, "signal process %d", container->pid.pid);
	return cgroup_kill(&container->record.cgroups, signal, err);
}

/* Without a pid namespace of its own a container is not over with its init. */
static int kill_left_behind(struct container *container, struct err *err)
{
	pid_t *pids;
	size_t n;

	TRY(cgroup_pids(&container->record.cgroups, &pids, &n, err));
	free(pids);
	return n > 0 ? cgroup_kill(&container->record.cgroups, SIGKILL, err) : -ESRCH;
}

static int kill_open(struct container *container, int signal, bool all, struct err *err)
{
	/* Those that init left behind in a shared pid namespace are signalled even after its end. */
	if (all)
		return kill_all(container, signal, err);
	if (container->pidfd < 0 && signal == SIGKILL && container->has_pid &&
	    !container->record.has_own_pid_ns && container->record.cgroups.n) {
		int ret = kill_left_behind(container, err);

		if (ret != -ESRCH)
			return ret;
	}
	if (container->pidfd < 0)
		return err_set(err, ESRCH, "container not running: \"%s\"", container->id);
	if (pidfd_send_signal(container->pidfd, signal) < 0) {
		if (errno == ESRCH)
			return err_set(err, ESRCH, "container not running: \"%s\": no such process",
				       container->id);
		return err_sys(err, "signal process %d", container->pid.pid);
	}
	/* What is frozen dies when it goes on. */
	if (signal == SIGKILL && container->status == OPS_PAUSED)
		TRY(cgroup_freeze(&container->record.cgroups, false, err));
	/* Without a pid namespace of its own the container does not end with its init. */
	if (signal == SIGKILL && !container->record.has_own_pid_ns)
		return cgroup_kill(&container->record.cgroups, signal, err);
	return 0;
}

int op_kill(const struct ops_context *ctx, const char *id, int signal, bool all, struct err *err)
{
	struct container container;
	int ret = container_open(ctx, id, 0, &container, err);

	if (ret == 0)
		ret = kill_open(&container, signal, all, err);
	container_close(&container);
	return ret;
}
