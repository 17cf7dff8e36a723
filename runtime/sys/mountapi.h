/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's mount interface by file descriptor as a small table, so that a test can stand in
 * for the kernel. Every entry returns a descriptor or 0, or -1 with errno. Linux 5.12 has all of
 * them (mount_setattr(2) is the newest).
 */
#ifndef OCIRUN_SYS_MOUNTAPI_H
#define OCIRUN_SYS_MOUNTAPI_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/types.h>

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000 /* Linux 5.14 */
#endif

struct mount_ops {
	/* fsopen(2): a configuration context for a new instance of a filesystem. */
	int (*fs_open)(const char *type);
	/* fspick(2): one for the filesystem that is mounted at @path_fd. */
	int (*fs_pick)(int path_fd);
	/* fsconfig(2): a string parameter, or with a NULL value a flag. */
	int (*fs_set)(int fs_fd, const char *key, const char *value);
	/* fsconfig(2) FSCONFIG_CMD_CREATE and FSCONFIG_CMD_RECONFIGURE. */
	int (*fs_create)(int fs_fd);
	int (*fs_reconfigure)(int fs_fd);
	/* fsmount(2) with MOUNT_ATTR_x: a detached mount. */
	int (*fs_mount)(int fs_fd, unsigned int attr);
	/* open_tree(2) with OPEN_TREE_CLONE: a detached copy of what is mounted at the path. */
	int (*tree_clone)(int dir_fd, const char *path, bool recursive);
	/* mount_setattr(2) on the mount behind @mnt_fd, or on all below it as well. */
	int (*set_attr)(int mnt_fd, bool recursive, struct mount_attr *attr);
	/* mount(2) of a new filesystem, with MS_x and all its options in one text, on @target_fd. */
	int (*mount_on)(int target_fd, const char *source, const char *type, uint64_t flags,
			const char *data);
	/* move_mount(2): attaches a detached mount on top of @target_fd (O_PATH). */
	int (*attach)(int mnt_fd, int target_fd);
};

/* The real kernel. */
extern const struct mount_ops mount_kernel;

/*
 * The messages that the kernel left in a filesystem context ("e tmpfs: Bad value for 'size'"),
 * joined by "; " and without their level; "" when there are none.
 */
void mount_fs_log(int fs_fd, char *buf, size_t size);

#endif
