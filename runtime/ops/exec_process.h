/* SPDX-License-Identifier: Apache-2.0 */
/* The process object that `exec` runs. Private to this layer. */
#ifndef OCIRUN_OPS_EXEC_PROCESS_H
#define OCIRUN_OPS_EXEC_PROCESS_H

#include "container.h"
#include "spec.h"

/* A spec whose process is the one to run, and who owns what it is made of. */
struct exec_process {
	struct spec *spec;
	struct spec *config;   /* of the container, where a file leaves settings open; else NULL */
	struct arena *changes; /* lists that options add to, which no document bounds */
};

/*
 * Reads the process from the file that @options name, or changes the container's own. @process is
 * zeroed; the caller calls exec_process_done(), also after a failure.
 */
int exec_process_load(const struct container *container, const struct ops_exec_options *options,
		      struct exec_process *process, struct err *err);
void exec_process_done(struct exec_process *process);

#endif
