/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's /etc/passwd and /etc/group, read as the hostile files that they may be: looked
 * up inside the container's root, never through procfs, no FIFO or device is opened, a large file
 * is refused, and no code of the image (NSS) runs. Nothing is allocated.
 */
#ifndef OCIRUN_EXEC_PASSWD_H
#define OCIRUN_EXEC_PASSWD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The id that the digits from @text to @end stand for, below 2^32 - 1. -EINVAL or -ERANGE. */
int passwd_parse_id(const char *text, const char *end, uint32_t *ret_id);

/*
 * The first entry of that name below the root directory @root_fd. -ESRCH when there is none, or
 * why the file cannot be read: -EFBIG for a large one, -EINVAL for what is no ordinary file.
 */
int passwd_find_user(int root_fd, const char *name, uid_t *ret_uid, gid_t *ret_gid);
int passwd_find_group(int root_fd, const char *name, gid_t *ret_gid);

/* The groups that list the user @name, at most @max: how many, or as above. */
ssize_t passwd_find_memberships(int root_fd, const char *name, gid_t *ret_gids, size_t max);

/* The home directory of @uid, "/" when there is none that can be found. */
void passwd_find_home(int root_fd, uid_t uid, char *home, size_t size);

#endif
