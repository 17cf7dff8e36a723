/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the program of a process was executed, and why not when its end was all that it said. */
#ifndef OCIRUN_EXEC_START_CAUSE_H
#define OCIRUN_EXEC_START_CAUSE_H

#include "err.h"

#include <sys/types.h>

/*
 * Its end of the talk is closed, by execve(2) or by its death: 0 for the first. The process has the
 * pid @pid here, need not be our child, and may have been waited for.
 */
int start_explain_end(pid_t pid, int pidfd, struct err *err);

#endif
