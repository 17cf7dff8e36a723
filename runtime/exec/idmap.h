/* SPDX-License-Identifier: Apache-2.0 */
/* Id maps of user namespaces and of mounts; runs in the parent. */
#ifndef OCIRUN_EXEC_IDMAP_H
#define OCIRUN_EXEC_IDMAP_H

#include "err.h"
#include "plan.h"

/* Writes the uid and gid maps of the new user namespace of @pid. */
int idmap_write(pid_t pid, const struct plan_id_maps *uids, const struct plan_id_maps *gids,
		struct err *err);

/*
 * A user namespace that only carries the two maps, for an idmapped mount (Linux 5.12). The process
 * that made it is gone when this returns. fd or -errno.
 */
int idmap_open_userns(const struct plan_id_maps *uids, const struct plan_id_maps *gids,
		      struct err *err);

/* Gives the detached mount @mnt_fd the map of the user namespace @userns_fd. */
int idmap_mount(int mnt_fd, const struct plan_mount *mount, int userns_fd, struct err *err);

#endif
