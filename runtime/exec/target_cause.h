/* SPDX-License-Identifier: Apache-2.0 */
/* Why nothing could be made or opened at a place in the container, and what to do about it. */
#ifndef OCIRUN_EXEC_TARGET_CAUSE_H
#define OCIRUN_EXEC_TARGET_CAUSE_H

#include "err.h"

/*
 * Adds the hint to the error that is already in @err, if it knows one: which part of @target, a path
 * below @root_fd, is in the way. Returns -err->code.
 */
int target_explain(int root_fd, const char *target, struct err *err);

#endif
