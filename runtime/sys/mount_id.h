/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel calls a mount. */
#ifndef OCIRUN_SYS_MOUNT_ID_H
#define OCIRUN_SYS_MOUNT_ID_H

#include <stdint.h>

struct mount_id {
	uint64_t id; /* as in /proc/PID/mountinfo; free for another mount when this one is gone */
	uint64_t unique; /* never used again until the next boot; 0 before Linux 6.8 */
	uint64_t inode;  /* of what @fd is */
};

/* The mount that the open file @fd lies on. 0 or -errno. */
int mount_id_of(int fd, struct mount_id *ret_id);

/*
 * Whether the mount @unique is in our mount namespace (statmount(2), Linux 6.8). 1 or 0; -errno when
 * that cannot be known.
 */
int mount_id_exists(uint64_t unique);

#endif
