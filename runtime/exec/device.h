/* SPDX-License-Identifier: Apache-2.0 */
/* Device nodes and the links in /dev; runs in the child before pivot_root. */
#ifndef OCIRUN_EXEC_DEVICE_H
#define OCIRUN_EXEC_DEVICE_H

#include "err.h"
#include "mountapi.h"
#include "plan.h"

/*
 * Makes the node; one that is there already has to be the same device. Where nodes cannot be made
 * (a user namespace) the host's node of the same path is bound in.
 */
int device_make(const struct mount_ops *ops, int root_fd, const struct plan_device *device,
		struct err *err);

/* Makes the symbolic link; anything that is there already stays. */
int device_link(int root_fd, const struct plan_link *link, struct err *err);

#endif
