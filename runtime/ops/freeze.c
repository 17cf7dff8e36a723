/* SPDX-License-Identifier: Apache-2.0 */
/* `pause` and `resume`: what the freezer of the container's cgroup does. */
#include "container.h"

#include "cgroup.h"

#include <errno.h>

static int pause_open(const struct container *container, struct err *err)
{
	if (container->status == OPS_PAUSED)
		return err_set(err, ESRCH, "container not running: \"%s\" is paused already",
			       container->id);
	if (container->status != OPS_RUNNING && container->status != OPS_CREATED)
		return err_set(err, ESRCH, "container not running: \"%s\"", container->id);
	return cgroup_freeze(&container->record.cgroups, true, err);
}

static int resume_open(const struct container *container, struct err *err)
{
	if (container->status != OPS_PAUSED)
		return err_set(err, EINVAL, "container not paused: \"%s\" is %s", container->id,
			       ops_status_name(container->status));
	return cgroup_freeze(&container->record.cgroups, false, err);
}

/* Locked: no other command meets a container that is half stopped. */
static int change(const struct ops_context *ctx, const char *id,
		  int (*apply)(const struct container *container, struct err *err), struct err *err)
{
	struct container container;
	int ret = container_open(ctx, id, CONTAINER_LOCKED, &container, err);

	if (ret == 0)
		ret = apply(&container, err);
	container_close(&container);
	return ret;
}

int op_pause(const struct ops_context *ctx, const char *id, struct err *err)
{
	return change(ctx, id, pause_open, err);
}

int op_resume(const struct ops_context *ctx, const char *id, struct err *err)
{
	return change(ctx, id, resume_open, err);
}
