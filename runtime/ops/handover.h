/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller gets of a new process: its terminal, its pidfd, its pid. Private to this layer. */
#ifndef OCIRUN_OPS_HANDOVER_H
#define OCIRUN_OPS_HANDOVER_H

#include "launch.h"
#include "ops.h"
#include "spec.h"

/* Connected sockets of the caller; -1 for those it did not name. */
struct handover {
	int console_fd;
	int pidfd_fd;
};
#define HANDOVER_NONE ((struct handover){ .console_fd = -1, .pidfd_fd = -1 })

/*
 * Whether somebody will hold the terminal, when there is one, and whether there is one for whom
 * the console socket names.
 */
int handover_check_terminal(bool has_terminal, bool relays_terminal, const char *console_socket,
			    struct err *err);

/* A relayed terminal has the size of the window, and config.json counts where there is none. */
void handover_size_terminal(uint16_t rows, uint16_t columns, struct plan_process *process);

/* Connects before anything is made, so that a wrong path costs nothing. */
int handover_connect(const char *console_socket, const char *pidfd_socket,
		     struct handover *ret_handover, struct err *err);
void handover_close(struct handover *handover);

/* Tells the process of @n sockets that it is passed: nothing when there are none. */
void handover_tell_sockets(int n, struct spec *spec);

/* Sends the terminal's master, with its name, and the pidfd, with @payload. */
int handover_send(const struct handover *handover, struct launched *launched, const char *payload,
		  struct err *err);

/*
 * Writes the pid in digits. The file gets its name when it is whole, so that a caller that is killed
 * leaves no other; only to replace one, or where the filesystem has no files without a name, it has
 * a temporary name for a moment, ".NAME.new", which the next write to the same path cleans up.
 */
int handover_write_pid_file(const char *path, pid_t pid, struct err *err);

#endif
