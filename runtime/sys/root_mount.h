/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount that holds a container's root, and all its other mounts, in a mount namespace that is not
 * the container's own: what the state record keeps of it.
 */
#ifndef OCIRUN_SYS_ROOT_MOUNT_H
#define OCIRUN_SYS_ROOT_MOUNT_H

#include "mount_id.h"

#define ROOT_MOUNT_BOOT_BYTES 40

struct root_mount {
	struct mount_id mount; /* id 0: there is none */
	uint64_t ns_inode;     /* the mount namespace that it is in */
	const char *ns_path;   /* where that was joined by, absolute; NULL: inherited. Borrowed. */
	char boot[ROOT_MOUNT_BOOT_BYTES]; /* numbers of another boot mean nothing */
};

#endif
