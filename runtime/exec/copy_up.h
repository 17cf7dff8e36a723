/* SPDX-License-Identifier: Apache-2.0 */
/* The mount option tmpcopyup: a new tmpfs starts with what the directory below it held. */
#ifndef OCIRUN_EXEC_COPY_UP_H
#define OCIRUN_EXEC_COPY_UP_H

#include "err.h"

/*
 * Copies the tree at @path below @root_fd into the root of the detached mount @mnt_fd: files,
 * directories, links, nodes, with owners, modes, times and extended attributes. A file with several
 * names becomes several files. 0 or -errno; the mount may then hold a part.
 */
int copy_up(int root_fd, const char *path, int mnt_fd, struct err *err);

#endif
