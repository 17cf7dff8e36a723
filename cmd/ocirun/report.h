/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person or an engine gets to read besides a command's output: one line on stderr when the
 * command failed, and the log. Each line of the log is one remark or the one error; it is a file
 * (--log), or stderr without one.
 *
 * Engines parse the whole JSON log of a command that failed as one object. So remarks are written
 * when the command has succeeded; with an error they are in its object, as "warnings". Only with
 * --debug each is written as it comes.
 */
#ifndef OCIRUN_CMD_REPORT_H
#define OCIRUN_CMD_REPORT_H

#include "err.h"
#include "log.h"

#include <jansson.h>
#include <stdbool.h>

enum report_format {
	REPORT_TEXT, /* time="..." level=error msg="..." */
	REPORT_JSON, /* {"level":"error","msg":"...","time":"..."} */
};

struct report {
	const char *name; /* of the program */
	enum report_format format;
	int log_fd;     /* -1: no file */
	struct log log; /* for the library */
	json_t *held;   /* remarks in JSON that wait for the end; NULL: none */
};

/* A report to stderr, for what fails before the options are known. */
void report_init(struct report *report, const char *name);

/* Opens the log file @path (NULL: stderr), which is appended to. */
int report_open(struct report *report, const char *path, enum report_format format, bool debug,
		struct err *err);

/* Sees to it that the log file has none of the descriptors 3 to @last. */
int report_leave_fds(struct report *report, int last, struct err *err);

/* Says that the command failed: once on stderr, once in the log file. */
void report_error(struct report *report, const struct err *err);

/* Writes what is held back. */
void report_done(struct report *report);

#endif
