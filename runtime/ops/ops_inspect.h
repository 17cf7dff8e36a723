/* SPDX-License-Identifier: Apache-2.0 */
/* What a container really has, read from the kernel, beside what config.json asked for. */
#ifndef OCIRUN_OPS_OPS_INSPECT_H
#define OCIRUN_OPS_OPS_INSPECT_H

#include "ops.h"

#pragma GCC visibility push(default) /* what libocirun.a offers: see cmake/library.cmake */

struct ops_fact {
	const char
		*section; /* "namespaces", "process", "limits", "mounts", "cgroup", "descriptors" */
	const char *name; /* "network", "CapEff", "/proc", "memory.max" */
	const char *asked;  /* "": nothing was asked for, and any value is fine */
	const char *found;  /* "": the kernel has it not */
	const char *origin; /* JSON pointer of what asked, or "" */
	bool differs;       /* what was asked for is not what is there */
};

/* The texts are valid during the call. */
typedef int ops_fact_visit(void *context, const struct ops_fact *fact, struct err *err);

/*
 * Tells @visit each fact of a created, running or paused container, section by section. The program
 * may have changed some since it was started. Reads only. -ESRCH "container not running" otherwise.
 */
int op_inspect(const struct ops_context *ctx, const char *id, ops_fact_visit *visit, void *context,
	       struct err *err);

#pragma GCC visibility pop

#endif
