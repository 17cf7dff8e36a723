/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of a process: found and run by its user, in the container's root. Why it cannot be run
 * is looked for in time: once a seccomp filter is loaded, looking may not be allowed any more.
 */
#ifndef OCIRUN_EXEC_PROGRAM_H
#define OCIRUN_EXEC_PROGRAM_H

#include "err.h"
#include "plan.h"

#include <limits.h>

struct program {
	char path[PATH_MAX];
	char hint[ERR_HINT_MAX]; /* what speaks against it: for when execve(2) fails, or "" */
};

/*
 * Finds what argv[0] means, with the container's PATH. The errors' texts are those that callers
 * match; the hint has the cause.
 */
int program_find(const struct plan_process *process, struct program *ret_program, struct err *err);

/* execve(2); returns with an error only. */
int program_exec(const struct plan_process *process, const struct program *program,
		 struct err *err);

/* strerror(3) as a caller of runc reads it: in lower case. */
const char *program_errno_text(int errnum);

#endif
