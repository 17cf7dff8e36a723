/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Staying with a container's process until it ends: signals are passed on, orphans are reaped, a
 * terminal is relayed. Changes the signal mask (and the subreaper flag) of the whole process: this
 * is a matter of the program, never of the library.
 */
#ifndef OCIRUN_CMD_FOREGROUND_H
#define OCIRUN_CMD_FOREGROUND_H

#include "auto.h"
#include "err.h"
#include "ops.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct foreground {
	int signal_fd; /* -1: not begun */
	int cancel_fd; /* for struct ops_context: a signal has come that ends programs */
	sigset_t old_mask;
};

#define FOREGROUND_NONE                                                                            \
	{                                                                                          \
		.signal_fd = -1, .cancel_fd = -1                                                   \
	}

/* Keeps all signals for foreground_wait(); with @subreaper, orphans become our children. */
int foreground_begin(struct foreground *fg, bool subreaper, struct err *err);

/*
 * Waits for our child, relaying its terminal and serving its watch where it has them, and returns
 * what a shell would: its exit status, or 128+N when signal N killed it. Closes the descriptors of
 * *@take_process.
 */
int foreground_wait(struct foreground *fg, struct ops_process *take_process, struct err *err);

/* Restores what foreground_begin() changed, except the subreaper flag. */
void foreground_end(struct foreground *fg);

static inline void foreground_auto(struct foreground *fg)
{
	foreground_end(fg);
}

#endif
