/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a program is not found or cannot be executed, in one sentence: the first complaint about
 * container runtimes is "no such file or directory" for a file that is there. Called by who
 * would have executed it, in that root and as that user: plain system calls, no allocation. The file
 * may be the image's: nothing in it is believed, and what it names is only looked at.
 */
#ifndef OCIRUN_EXEC_PROGRAM_CAUSE_H
#define OCIRUN_EXEC_PROGRAM_CAUSE_H

#include "err.h"

/* Each leaves @hint as it is when nothing is found. @where ends "is not there": "in the container". */

/* Why @path cannot be found or executed, as far as directories, links, modes and mounts go. */
void program_explain_path(const char *path, const char *where, char hint[ERR_HINT_MAX]);

/* Where @name lies instead, when none of @dirs, as in PATH, has it. */
void program_explain_search(const char *dirs, const char *name, char hint[ERR_HINT_MAX]);

/* What the file's own first bytes ask for that is not there: an interpreter, another machine. */
void program_explain_format(const char *path, const char *where, char hint[ERR_HINT_MAX]);

#endif
