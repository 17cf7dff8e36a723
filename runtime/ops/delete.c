/* SPDX-License-Identifier: Apache-2.0 */
/* `delete`: undoes create, from whatever point it had reached. */
#include "container.h"

#include "trace.h"

#include <errno.h>

static int delete_open(struct container *container, bool force, struct err *err)
{
	bool is_idle = container->status == OPS_STOPPED || container->status == OPS_CREATED;

	if (!is_idle && !force) {
		err_set(err, EBUSY, "cannot delete container %s that is not stopped: %s",
			container->id, ops_status_name(container->status));
		return err_hint(err, "stop it first, or use --force");
	}
	return container_destroy(container, err);
}

int op_delete(const struct ops_context *ctx, const char *id, bool force, struct err *err)
{
	struct container container;
	unsigned int flags = CONTAINER_LOCKED | (force ? CONTAINER_DAMAGED_OK : 0);
	int ret = TRACED(ctx->trace, "open the container", id,
			 container_open(ctx, id, flags, &container, err));

	if (ret == 0)
		ret = delete_open(&container, force, err);
	container_close(&container);
	if (ret == -ENOENT && force) {
		err_clear(err);
		return 0;
	}
	return ret;
}
