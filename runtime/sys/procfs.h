/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of procfs, opened so that nothing mounted over them or linked from them can take their
 * place: a write that an image redirected is the way out of many a container.
 */
#ifndef OCIRUN_SYS_PROCFS_H
#define OCIRUN_SYS_PROCFS_H

#include "err.h"

/* The host's /proc as O_PATH, checked to be the root of a procfs. fd or -errno. */
int procfs_open(struct err *err);

/*
 * Writes @value with one write(2) to the existing file @path ("sys/kernel/msgmax") below
 * @proc_fd. No mount is crossed and no magic link followed. 0 or -errno, without description.
 */
int procfs_write(int proc_fd, const char *path, const char *value);

#endif
