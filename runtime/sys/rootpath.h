/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths of a container, resolved by the kernel inside its root directory: openat2(2) with
 * RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS (Linux 5.6). Links of a hostile image lead to files of
 * that image only. Paths are never joined to the root's path as text.
 *
 * All functions return -1 with errno on failure. A lookup that the kernel gave up because a rename
 * or mount raced with it (EAGAIN) is tried again for a bounded time.
 */
#ifndef OCIRUN_SYS_ROOTPATH_H
#define OCIRUN_SYS_ROOTPATH_H

#include <stdint.h>
#include <sys/types.h>

/* Opens an existing @path below @root_fd. @flags as open(2); O_CLOEXEC is added. */
int rootpath_open(int root_fd, const char *path, int flags);

/* The same; @resolve adds RESOLVE_x restrictions, and O_CREAT uses @mode. */
int rootpath_open_strict(int root_fd, const char *path, int flags, mode_t mode, uint64_t resolve);

/*
 * An O_PATH descriptor of the directory @path, which is made with all its parents when it is
 * missing. Links in the part that exists are followed inside the root; a dangling one is ENOTDIR,
 * never followed to make something. @mode is not subject to the umask.
 */
int rootpath_make_dir(int root_fd, const char *path, mode_t mode);

/*
 * An O_PATH descriptor of the directory that holds the last component of @path, made when it is
 * missing; *@ret_name points at that component inside @path.
 */
int rootpath_make_parent(int root_fd, const char *path, const char **ret_name);

/* An O_PATH descriptor of the file @path; an empty regular one is made when nothing is there. */
int rootpath_make_file(int root_fd, const char *path, mode_t mode);

#endif
