/* SPDX-License-Identifier: Apache-2.0 */
/* statx(2) and statmount(2); the C library may be older than what the kernel tells. */
#include "mount_id.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif
#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#define STATMOUNT_MNT_BASIC_MASK 0x2u
#define STATMOUNT_BYTES          512

struct mount_id_request {
	uint32_t size;
	uint32_t spare;
	uint64_t mnt_id;
	uint64_t param;
};

int mount_id_of(int fd, struct mount_id *ret_id)
{
	struct statx old, unique;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &old) < 0 ||
	    statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID_UNIQUE, &unique) < 0)
		return -errno;
	if (!(old.stx_mask & STATX_MNT_ID))
		return -ENOSYS;
	ret_id->id = old.stx_mnt_id;
	ret_id->unique = unique.stx_mask & STATX_MNT_ID_UNIQUE ? unique.stx_mnt_id : 0;
	ret_id->inode = old.stx_ino;
	return 0;
}

int mount_id_exists(uint64_t unique)
{
	struct mount_id_request request = {
		.size = sizeof(request),
		.mnt_id = unique,
		.param = STATMOUNT_MNT_BASIC_MASK,
	};
	uint64_t buf[STATMOUNT_BYTES / sizeof(uint64_t)];

	if (syscall(SYS_statmount, &request, buf, sizeof(buf), 0) == 0)
		return 1;
	return errno == ENOENT ? 0 : -errno;
}
