/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command under ptrace(2), together with all processes that it makes, and lets something go
 * wrong at one system call. The calls of all of them are counted by one counter, which is what a
 * point is; processes that run another program (the container's, a hook) are let go.
 */
#ifndef OCIRUN_TEST_STEPPER_H
#define OCIRUN_TEST_STEPPER_H

#include "command.h"

#include <stddef.h>

enum fault_kind {
	FAULT_NONE,
	FAULT_KILL_PARENT, /* the command's own process */
	FAULT_KILL_CHILD,  /* all others */
	FAULT_KILL_ALL,
	FAULT_ERROR,   /* the call fails with an error */
	FAULT_MISSING, /* every such call fails with an error: the kernel does not have it */
	FAULT_ALLOC,   /* an allocation fails: not by ptrace, see alloc_fail.c */
};

struct fault {
	enum fault_kind kind;
	size_t point; /* from 1 */
	int error;
	long nr; /* of FAULT_MISSING */
};

struct step_call {
	long nr;
	bool is_child;
};

struct stepped {
	struct outcome outcome;
	bool was_hit;
	size_t points;
	char where[512];         /* the call that was hit */
	struct step_call *calls; /* NULL, or room for the calls of the first max_calls points */
	size_t max_calls;
};

/* @also_pid, unless 0, is a process that is followed besides. */
void stepper_run(const struct command *command, const struct fault *fault, pid_t also_pid,
		 struct stepped *stepped);

/* Whether a call is a point of FAULT_ERROR. */
bool stepper_can_fail(long nr);

const char *syscall_name(long nr);

#endif
