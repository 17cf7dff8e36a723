/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing whole things: EINTR and short transfers end here. */
#ifndef OCIRUN_BASE_IO_H
#define OCIRUN_BASE_IO_H

#include "err.h"

#include <stddef.h>
#include <sys/types.h>

/* Writes all @len bytes. 0 or -errno. */
int io_write_all(int fd, const void *data, size_t len);

/* Reads until end of file or @max bytes; the count, or -errno. */
ssize_t io_read_some(int fd, void *buf, size_t max);

/*
 * Reads a whole regular file (or, with a path of NULL, the open file @dir_fd) into a malloc()ed
 * buffer with a NUL behind it. More than @max bytes is -EFBIG; a directory, FIFO or device is
 * refused with -EINVAL and never blocked on. The caller frees *@ret_data.
 */
int io_read_file(int dir_fd, const char *path, size_t max, char **ret_data, size_t *ret_len,
		 struct err *err);

/*
 * The same for what a caller hands over, which may be a pipe ("<(...)" of a shell): read to its
 * end, however long that takes.
 */
int io_read_stream(const char *path, size_t max, char **ret_data, size_t *ret_len, struct err *err);

/* Reads a small kernel file (procfs, cgroupfs) into @buf with a NUL; strips one final newline. */
ssize_t io_read_small(int dir_fd, const char *path, char *buf, size_t size);

/* Opens an existing file for writing and writes @text with one write(2). 0 or -errno. */
int io_write_file(int dir_fd, const char *path, const char *text);

#endif
