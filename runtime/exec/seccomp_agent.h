/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program outside of the container that decides the system calls of SCMP_ACT_NOTIFY, and how it
 * gets the listener at which they wait: by whoever says START, from the process that has just put
 * itself under the filter. See the end of the table in sync.h.
 */
#ifndef OCIRUN_EXEC_SECCOMP_AGENT_H
#define OCIRUN_EXEC_SECCOMP_AGENT_H

#include "err.h"

struct seccomp_watch;

struct seccomp_agent {
	const char *path;  /* of its socket: a unix stream */
	const char *state; /* the containerProcessState of config-linux.md, as JSON */
	struct seccomp_watch
		*watch; /* borrowed; not NULL: it listens itself, and nobody at a path */
};

/*
 * Hears the listener's number from the process behind @pidfd, sends the listener with the state to
 * the agent, or gives it to the watch, and tells the process, which has waited for that. On failure
 * it still waits.
 */
int seccomp_agent_serve(const struct seccomp_agent *agent, int sync_fd, int pidfd, struct err *err);

#endif
