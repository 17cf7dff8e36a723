/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ownership of file descriptors: AUTO_FD owns and closes at the end of its scope, fd_take() hands
 * over, a plain `int fd` parameter borrows, a `take_fd` parameter consumes.
 */
#ifndef OCIRUN_BASE_FD_H
#define OCIRUN_BASE_FD_H

#include <errno.h>
#include <unistd.h>

#define AUTO_FD __attribute__((cleanup(fd_auto_close))) int

/* Closes *@fd unless it is negative, keeps errno, and leaves -1. */
static inline void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static inline void fd_auto_close(int *fd)
{
	fd_close(fd);
}

/* The value of *@fd, which afterwards owns nothing. */
static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
