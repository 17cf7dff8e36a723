/* SPDX-License-Identifier: Apache-2.0 */
/* Why a mount failed, beyond what its error says, and what to do about it. */
#ifndef OCIRUN_EXEC_MOUNT_CAUSE_H
#define OCIRUN_EXEC_MOUNT_CAUSE_H

#include "err.h"
#include "plan.h"

/* Each adds a hint to the error that is already in @err, if it knows one. Returns -err->code. */

/* Making an instance of a filesystem failed. */
int mount_explain_new(const struct plan_mount *mount, struct err *err);

/* An option of a filesystem was refused. */
int mount_explain_param(const struct plan_mount *mount, const struct plan_fs_param *param,
			struct err *err);

/* A filesystem took no label: an option that each has where SELinux is active. */
int mount_explain_label(struct err *err);

/* The source of a bind mount could not be opened, or its ids, with @mnt_fd, not be mapped. */
int mount_explain_source(const struct plan_mount *mount, struct err *err);
int mount_explain_idmap(const struct plan_mount *mount, int mnt_fd, struct err *err);

/* A bind mount's source, @mnt_fd, could not be put on its target below @root_fd. */
int mount_explain_target(int root_fd, const struct plan_mount *mount, int mnt_fd, struct err *err);

#endif
