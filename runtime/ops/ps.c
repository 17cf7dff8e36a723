/* SPDX-License-Identifier: Apache-2.0 */
/* `ps`: which processes a container has. */
#include "container.h"

#include "cgroup.h"

#include <errno.h>
#include <stdlib.h>

/* Without a cgroup nobody but init is known to belong to the container. */
static int init_alone(const struct container *container, pid_t **ret_pids, size_t *ret_n,
		      struct err *err)
{
	*ret_pids = NULL;
	*ret_n = 0;
	if (container->pidfd < 0)
		return 0;
	*ret_pids = malloc(sizeof(**ret_pids));
	if (!*ret_pids)
		return err_set(err, ENOMEM, "no memory for a process id");
	**ret_pids = container->pid.pid;
	*ret_n = 1;
	return 0;
}

int op_ps(const struct ops_context *ctx, const char *id, pid_t **ret_pids, size_t *ret_n,
	  struct err *err)
{
	struct container container;
	int ret = container_open(ctx, id, 0, &container, err);

	if (ret == 0 && container.record.cgroups.n)
		ret = cgroup_pids(&container.record.cgroups, ret_pids, ret_n, err);
	else if (ret == 0)
		ret = init_alone(&container, ret_pids, ret_n, err);
	container_close(&container);
	return ret;
}
