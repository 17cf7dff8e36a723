/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fsconfig(2) takes texts of 255 bytes, mount(2) a page of all options together: an overlay of many
 * or of long lower directories needs that.
 */
#ifndef OCIRUN_EXEC_MOUNT_LEGACY_H
#define OCIRUN_EXEC_MOUNT_LEGACY_H

#include "err.h"
#include "mount.h"

#include <stdbool.h>

/* Whether some text of the new filesystem is too long for fsconfig(2). */
bool mount_is_too_long(const struct plan_mount *mount);

/*
 * Makes the filesystem by mount(2), right on @target_fd. Returns the new mount, which is attached, as
 * O_PATH, or -errno.
 */
int mount_legacy(const struct mount_context *ctx, const struct plan_mount *mount, int target_fd,
		 struct err *err);

#endif
