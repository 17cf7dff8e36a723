/* SPDX-License-Identifier: Apache-2.0 */
/* What `run` makes of the system calls that it is told of: a profile, or lines about denied ones. */
#ifndef OCIRUN_CMD_SECCOMP_LEARN_H
#define OCIRUN_CMD_SECCOMP_LEARN_H

#include "auto.h"
#include "err.h"
#include "log.h"
#include "seccomp_call.h"

#include <stddef.h>

/* The calls that were seen, each once. */
struct seccomp_lesson {
	size_t n, room;
	struct seccomp_seen *v;
	size_t n_unknown; /* calls that no profile can name */
	bool is_out_of_memory;
	int fd; /* of the file that gets the profile */
};
#define SECCOMP_LESSON_NONE                                                                        \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/* Opens the file now, so that a long run is not lost in the end. */
int seccomp_lesson_begin(struct seccomp_lesson *lesson, const char *path, struct err *err);

/* The visit of SECCOMP_WATCH_ALL, with the lesson as its context. */
void seccomp_lesson_add(void *context, const struct seccomp_call *call);

/*
 * Writes a profile, as linux.seccomp of config.json and as podman and docker take it, that allows
 * what was seen and what a process needs to end, and answers EPERM to the rest.
 */
int seccomp_lesson_write(struct seccomp_lesson *lesson, const struct log *log, struct err *err);
void seccomp_lesson_done(struct seccomp_lesson *lesson);
static inline void seccomp_lesson_auto(struct seccomp_lesson *owned)
{
	seccomp_lesson_done(owned);
}

/* The visit of SECCOMP_WATCH_DENIED, with a struct log as its context: a warning each. */
void seccomp_explain_call(void *context, const struct seccomp_call *call);

#endif
