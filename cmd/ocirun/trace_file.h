/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --trace FILE: what a command does and when, as a file of the trace event format that Perfetto,
 * chrome://tracing and `trace` read. The file is made first, so that a wrong path fails before
 * anything is done, and written also when the command fails.
 */
#ifndef OCIRUN_CMD_TRACE_FILE_H
#define OCIRUN_CMD_TRACE_FILE_H

#include "auto.h"
#include "err.h"
#include "trace.h"

struct cli;

/* The span of a program in the foreground: its time is not ours. */
#define TRACE_PROGRAM_RUNS "wait for the program's end"

/* The row that every command with a trace has. */
#define TRACE_OPTION(type, member)                                                                 \
	{                                                                                          \
		"trace", OPTION(type, member),                                                     \
			.value = "FILE",                                                           \
			.help = "write what is done and when to FILE: see 'trace'"                 \
	}

struct trace_file {
	struct cli *cli; /* NULL: there is none */
	const char *path;
	const char *title; /* what is traced: "run" */
	int fd;
	struct trace *trace;
	uint32_t span; /* of the whole command */
};
#define TRACE_FILE_NONE ((struct trace_file){ .fd = -1 })

/*
 * Has the operations of @cli traced. With @path NULL nothing is done. To be called when descriptors
 * that the container keeps are checked: the file gets none of their numbers.
 */
int trace_file_begin(struct cli *cli, const char *path, const char *title,
		     struct trace_file *ret_file, struct err *err);

/* Writes what there is so far. A failure is a warning: what is traced goes on. */
void trace_file_write(struct trace_file *file);

/* Writes the trace of a command that ended with @ret, and returns that; the operations go untraced. */
int trace_file_end(struct trace_file *file, int ret);

#endif
