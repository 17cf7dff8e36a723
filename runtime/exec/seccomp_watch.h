/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching the system calls of a container: a filter that hands them to us (user notification, Linux
 * 5.5 for letting one go on), who are told and then do what the container's own filter would have
 * done. Every call that is handed over costs two switches of processes: for finding out, not for
 * every day.
 */
#ifndef OCIRUN_EXEC_SECCOMP_WATCH_H
#define OCIRUN_EXEC_SECCOMP_WATCH_H

#include "auto.h"
#include "err.h"
#include "seccomp_call.h"
#include "seccomp_program.h"

struct seccomp_watch;

/*
 * @own is the container's filter, which is copied; with SECCOMP_WATCH_ALL it may be NULL, and is not
 * applied. So is *@request. The caller frees *@ret_watch.
 */
int seccomp_watch_new(const struct seccomp_watch_request *request,
		      const struct seccomp_program *own, struct seccomp_watch **ret_watch,
		      struct err *err);
void seccomp_watch_free(struct seccomp_watch *watch);
DEFINE_AUTO(seccomp_watch, struct seccomp_watch *, seccomp_watch_free)

/* The filter that is loaded instead of the container's own, with a listener; the watch's. */
const struct seccomp_program *seccomp_watch_program(const struct seccomp_watch *watch);

/* From now on the watch listens at @take_listener_fd. */
void seccomp_watch_listen(struct seccomp_watch *watch, int take_listener_fd);

/* To be polled for POLLIN; -1 while nobody listens, and once nobody is under the filter any more. */
int seccomp_watch_fd(const struct seccomp_watch *watch);

/*
 * After poll(2) on it: with POLLIN in @events takes the call that waits, tells of it and answers it.
 * 0 or -errno.
 */
int seccomp_watch_serve(struct seccomp_watch *watch, int events, struct err *err);

/*
 * What @program, one of seccomp_program_compile()'s, answers to a call: SECCOMP_RET_x with its data.
 */
uint32_t seccomp_program_judge(const struct seccomp_program *program,
			       const struct seccomp_data *call);

#endif
