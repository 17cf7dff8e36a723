/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies between the caller's input and output and the master of a container's terminal. Never
 * blocks for one direction while the other has work, and never makes the caller's descriptors
 * non-blocking: their description may be shared with a shell.
 */
#ifndef OCIRUN_CMD_RELAY_H
#define OCIRUN_CMD_RELAY_H

#include "auto.h"
#include "err.h"

#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* poll(2) promises room for this much in a pipe: writing more at once could block. */
#define RELAY_BUFFER PIPE_BUF

struct relay_buffer {
	size_t start, end; /* what is between them is still to be written */
	char data[RELAY_BUFFER];
};

struct relay {
	int console_fd; /* owned; -1 after the caller's output has failed */
	int in_fd;      /* -1 after its end */
	int out_fd;
	/* No descriptor of the terminal is open just now: poll(2) would return at once, for ever. */
	bool is_hung_up;
	bool is_drained; /* nothing more will come from the container */
	/* in_fd is a terminal in whose background we are: it is not read until the caller clears this. */
	bool is_background;
	struct relay_buffer to_console, to_caller;
};

enum {
	RELAY_IN,
	RELAY_OUT,
	RELAY_CONSOLE,
	RELAY_FDS,
};

/*
 * Consumes @take_console_fd, whose description nobody shares: it becomes non-blocking. Borrows the
 * others.
 */
int relay_begin(struct relay *ret_relay, int take_console_fd, int in_fd, int out_fd,
		struct err *err);

void relay_end(struct relay *relay);

static inline void relay_auto(struct relay *relay)
{
	relay_end(relay);
}

#define RELAY_NONE                                                                                 \
	{                                                                                          \
		.console_fd = -1, .in_fd = -1, .out_fd = -1                                        \
	}

/* What to poll for; @has_ended: the process has, and only the rest of its output is wanted. */
void relay_watch(const struct relay *relay, bool has_ended, struct pollfd fds[RELAY_FDS]);

/* Copies what poll(2) found to be possible. */
void relay_copy(struct relay *relay, bool has_ended, const struct pollfd fds[RELAY_FDS]);

/* After the end of the process: all of its output has been written. */
bool relay_is_done(const struct relay *relay);

#endif
