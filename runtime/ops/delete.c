/* SPDX-License-Identifier: Apache-2.0 */
/* `delete`: undoes create, from whatever point it had reached. */
#include "container.h"

#include "pidfd.h"
#include "trace.h"

#include <errno.h>
#include <signal.h>

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

/*
 * Who holds the lock may wait for init, or for a hook, for as long as that takes: when init ends, so
 * does the wait. Whatever the other operation wanted, its container is to go.
 */
static void end_init(const struct ops_context *ctx, const char *id, unsigned int flags)
{
	struct container container;
	struct err ignored;

	if (container_open(ctx, id, flags, &container, &ignored) == 0 && container.pidfd >= 0)
		pidfd_send_signal(container.pidfd, SIGKILL);
	container_close(&container);
}

int op_delete(const struct ops_context *ctx, const char *id, bool force, struct err *err)
{
	struct container container;
	unsigned int flags = CONTAINER_LOCKED | (force ? CONTAINER_DAMAGED_OK : 0);
	int ret = TRACED(
		ctx->trace, "open the container", id,
		container_open(ctx, id, flags | (force ? CONTAINER_NO_WAIT : 0), &container, err));

	if (ret == -EBUSY && force) {
		container_close(&container);
		end_init(ctx, id, flags & ~(unsigned int)CONTAINER_LOCKED);
		ret = container_open(ctx, id, flags, &container, err);
	}
	if (ret == 0)
		ret = delete_open(&container, force, err);
	container_close(&container);
	if (ret == -ENOENT && force) {
		err_clear(err);
		return 0;
	}
	return ret;
}
