/* SPDX-License-Identifier: Apache-2.0 */
/* Why the kernel refused to make a process or namespaces, and what to do about it. */
#ifndef OCIRUN_EXEC_CLONE_CAUSE_H
#define OCIRUN_EXEC_CLONE_CAUSE_H

#include "err.h"

#include <stdint.h>

/*
 * For an error of clone3(2) or unshare(2) with the flags @flags (CLONE_NEWx) that is already in
 * @err: adds the hint. Reads the limits of /proc/sys/user. Returns -err->code.
 */
int clone_explain(uint64_t flags, struct err *err);

#endif
