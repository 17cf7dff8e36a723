/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversation between the runtime (parent) and the container's init (child), over a
 * SOCK_SEQPACKET pair. This table is the protocol:
 *
 *   parent                              child
 *                                    <- PID        from an intermediate only: init's pid
 *   record the pid, write id maps,
 *   with those also join its cgroups
 *                                 GO ->            the child is known: it may have effects that
 *                                                  outlive it, and its id maps are there
 *                                    <- ROOT_MOUNT the root's detached tree, in a mount namespace of
 *   record it                                      others only
 *                      ROOT_RECORDED ->            it may be attached
 *                                    <- MAP_MOUNT  a mount's number and its detached tree, for
 *                                                  a source in the container's root that gets an
 *   idmap                                          id map
 *                       MOUNT_MAPPED ->
 *                                    <- RUN_HOOKS  mounts are made; with hooks only
 *   prestart, createRuntime
 *                         HOOKS_DONE ->            createContainer hooks, pivot_root
 *                                    <- CONSOLE    with the terminal's master; with one only
 *                                    <- RLIMITS    in a user namespace: the child may not itself
 *   prlimit
 *                        RLIMITS_SET ->
 *                                    <- READY      nothing is left but the program
 *   the last cgroup limits; record "created"
 *                              START ->            run; `create` ends the talk here instead. Sent
 *                                                  with GO when nothing remains to be done between.
 *                                                  From `start` with memory for a trace, if it has
 *                                    <- SECCOMP_FD the listener's number, with one only
 *   the listener goes to the agent
 *                      SECCOMP_TAKEN ->
 *                                    <- ERROR      at any point: a struct err, then the child exits
 *
 * End of file from the child after START means that execve(2) succeeded, before that it died; end
 * of file from the parent means that the parent died, and the child follows. What the child says
 * and hears under its seccomp filter passes by write(2) and read(2), which every filter allows:
 * sendmsg(2) may be forbidden, or wait for the agent that is to get the listener. So the listener
 * comes as a number, and is fetched with pidfd_getfd(2).
 */
#ifndef OCIRUN_EXEC_SYNC_H
#define OCIRUN_EXEC_SYNC_H

#include "err.h"

#include <stdint.h>

enum sync_type {
	SYNC_EOF, /* never sent */
	SYNC_PID,
	SYNC_GO,
	SYNC_ROOT_MOUNT,
	SYNC_ROOT_RECORDED,
	SYNC_MAP_MOUNT,
	SYNC_MOUNT_MAPPED,
	SYNC_RUN_HOOKS,
	SYNC_HOOKS_DONE,
	SYNC_CONSOLE,
	SYNC_RLIMITS,
	SYNC_RLIMITS_SET,
	SYNC_READY,
	SYNC_START,
	SYNC_SECCOMP_FD,
	SYNC_SECCOMP_TAKEN,
	SYNC_ERROR,
};

struct sync_message {
	uint32_t type;
	int32_t value; /* PID: the pid; SECCOMP_FD: that of the descriptor; MAP_MOUNT: an index */
	/* CONSOLE: the terminal's master, START: a trace, x_MOUNT: a tree; the receiver owns it. */
	int fd; /* else -1 */
};

/* A connected pair, close-on-exec; fds[0] for the parent. 0 or -errno. */
int sync_pair(int ret_fds[2], struct err *err);

/* Sends a message, with a descriptor unless @fd is -1. 0 or -errno. */
int sync_send(int sync_fd, enum sync_type type, int32_t value, int fd, struct err *err);

/* sync_send() without a descriptor, and sync_expect(), under a seccomp filter. */
int sync_write(int sync_fd, enum sync_type type, int32_t value, struct err *err);
int sync_read(int sync_fd, enum sync_type type, struct err *err);

/* Sends @err to the other side, by write(2). Nothing can be done when that fails too. */
void sync_send_error(int sync_fd, const struct err *err);

/*
 * Receives the next message. End of file is a message of type SYNC_EOF. For a message of type
 * SYNC_ERROR *@err is what the other side sent, and its negative code the result.
 */
int sync_receive(int sync_fd, struct sync_message *ret_message, struct err *err);

/* Receives a message that has to be @type: anything else is -EPROTO, end of file -ECONNRESET. */
int sync_expect(int sync_fd, enum sync_type type, struct err *err);

const char *sync_type_name(uint32_t type);

#endif
