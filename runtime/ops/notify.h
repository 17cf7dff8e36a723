/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3) across the border of a container. The container gets a socket of its own, in a
 * directory of the state store that is mounted in it; whoever starts the program listens there, and
 * tells the service manager behind the caller's NOTIFY_SOCKET when the program says READY=1, with the
 * container's pid. Private to this layer, but for what ops.h offers of it.
 */
#ifndef OCIRUN_OPS_NOTIFY_H
#define OCIRUN_OPS_NOTIFY_H

#include "ops.h"

struct spec;

/*
 * Adds the mount and the variable to @spec of the container @id; not where there is no program, or no
 * mount namespace that could be changed: false.
 */
bool notify_add_to_spec(const struct ops_context *ctx, const char *id, struct spec *spec);

/* Makes the directory that is mounted. Nobody has to listen in it yet: `create` waits for nobody. */
int notify_make_dir(int dir_fd, struct err *err);

/*
 * Listens, before the program runs. *@ret_notify is NULL when the container has no such directory, or
 * nobody listens at @notify_socket: a variable that was left over from a service is no error.
 */
int notify_open(const struct ops_context *ctx, int dir_fd, const char *notify_socket,
		struct notify **ret_notify, struct err *err);

static inline void notify_auto(struct notify **owned)
{
	op_notify_free(*owned);
}

#endif
