/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of a process: found and run by its user, in the container's root. Why it cannot be run
 * is looked for when execve(2) has failed; or before, for once a seccomp filter is loaded, looking
 * may not be allowed any more.
 */
#ifndef OCIRUN_EXEC_PROGRAM_H
#define OCIRUN_EXEC_PROGRAM_H

#include "err.h"
#include "plan.h"

#include <limits.h>
#include <stdbool.h>

struct program {
	char path[PATH_MAX];
	bool is_foreseen;        /* hint is what there is to say */
	char hint[ERR_HINT_MAX]; /* what speaks against it: for when execve(2) fails, or "" */
};

/*
 * Finds what argv[0] means, with the container's PATH. The errors' texts are those that callers
 * match; the hint has the cause.
 */
int program_find(const struct plan_process *process, struct program *ret_program, struct err *err);

/* Finds in the file itself what execve(2) would stumble over. */
void program_foresee(struct program *program);

/* execve(2); returns with an error only. Looks into the file then, unless that was done. */
int program_exec(const struct plan_process *process, struct program *program, struct err *err);

/* strerror(3) as a caller of runc reads it: in lower case. */
const char *program_errno_text(int errnum);

#endif
