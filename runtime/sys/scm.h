/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets: one datagram with at most one descriptor, and sockets at long paths. */
#ifndef OCIRUN_SYS_SCM_H
#define OCIRUN_SYS_SCM_H

#include <sys/types.h>

/*
 * Sends @len bytes and, unless it is -1, the descriptor @fd. Never raises SIGPIPE. 0 or -errno.
 */
int scm_send(int socket_fd, const void *data, size_t len, int fd);

/* The same for a stream, however long @data is: the descriptor comes with the first byte. */
int scm_send_stream(int socket_fd, const void *data, size_t len, int fd);

/*
 * Receives one datagram of at most @size bytes and a descriptor (-1 when none came; close-on-exec).
 * The count; 0 at end of file; or -errno. Descriptors beyond the first are closed.
 */
ssize_t scm_recv(int socket_fd, void *data, size_t size, int *ret_fd);

/* Connects a new socket of @type to the one at @path below @dir_fd (or AT_FDCWD). fd or -errno. */
int scm_connect(int type, int dir_fd, const char *path);

/* The same to an abstract name, which is in no file system. */
int scm_connect_abstract(int type, const char *name);

/* Binds a socket for datagrams at @name in @dir_fd, as scm_listen(), but anybody may send to it. */
int scm_bind_for_all(int dir_fd, const char *name);

/*
 * Binds and listens at @name in @dir_fd, of which nobody else may write. The socket is for its owner
 * alone, whatever the umask. fd or -errno.
 */
int scm_listen(int type, int dir_fd, const char *name);

#endif
