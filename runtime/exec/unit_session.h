/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of ocirun-systemd, the program that speaks to systemd for us: see unit_wire.h. Nothing
 * here allocates: a copy of the runtime on its way into a container may use it. Private to this layer.
 */
#ifndef OCIRUN_EXEC_UNIT_SESSION_H
#define OCIRUN_EXEC_UNIT_SESSION_H

#include "err.h"
#include "unit_ref.h"
#include "unit_wire.h"

#include <limits.h>
#include <sys/types.h>

/* What all waiting for systemd takes at most, in one session. */
#define UNIT_WAIT_MS 10000

struct unit_session {
	struct unit_ref ref;
	int fd;
	pid_t pid;
	int64_t left_ms;
	struct unit_wire wire; /* the last request, then its reply */
};

/* The program that is run; -ENOENT with a hint when there is none. */
int unit_session_program(char ret_path[PATH_MAX], struct err *err);

int unit_session_open(const struct unit_ref *ref, struct unit_session *session, struct err *err);
void unit_session_close(struct unit_session *session);

/* Begins a request: the caller puts what the verb has beside what all have. */
void unit_session_begin(struct unit_session *session, const char *verb);

/* Sends it and gets the reply, whose texts follow the "ok"; or the error that it is. */
int unit_session_call(struct unit_session *session, struct err *err);

#endif
