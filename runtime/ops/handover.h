/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller gets of a new process: its terminal, its pidfd, its pid. Private to this layer. */
#ifndef OCIRUN_OPS_HANDOVER_H
#define OCIRUN_OPS_HANDOVER_H

#include "launch.h"
#include "ops.h"

/* Connected sockets of the caller; -1 for those it did not name. */
struct handover {
	int console_fd;
	int pidfd_fd;
};
#define HANDOVER_NONE ((struct handover){ .console_fd = -1, .pidfd_fd = -1 })

/* Connects before anything is made, so that a wrong path costs nothing. */
int handover_connect(const struct ops_create_options *options, struct handover *ret_handover,
		     struct err *err);
void handover_close(struct handover *handover);

/* Sends the terminal's master, with its name, and the pidfd, with "standard". */
int handover_send(const struct handover *handover, struct launched *launched, struct err *err);

/* Writes the pid in digits, under a temporary name that is then renamed. */
int handover_write_pid_file(const char *path, pid_t pid, struct err *err);

#endif
