/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program criu as a child process of ours (`criu swrk`), and the conversation with it. It is
 * started for one request, over a SOCK_SEQPACKET pair:
 *
 *   runtime                         criu
 *   a request            ->
 *                        <-  NOTIFY   something is about to happen or has happened, any number of
 *   NOTIFY, success or not ->         times; where it was not a success criu undoes what it did
 *                        <-  the request's type, success or not; then it exits
 *
 * It never dies with us: the end of the socket makes it undo what it did too, while its own death
 * would leave processes behind that are half dumped or half restored.
 */
#ifndef OCIRUN_EXEC_CRIU_H
#define OCIRUN_EXEC_CRIU_H

#include "criu_rpc.h"
#include "err.h"
#include "plan.h"

#include <limits.h>

struct cgroup_handle;

#define CRIU_FIRST_FD 4 /* descriptors that are passed on are numbered from here in criu */
#define CRIU_FDS_MAX  8

/* What restored processes inherit from criu itself. */
struct criu_place {
	const struct plan *plan;
	const struct cgroup_handle *cgroup; /* NULL: none */
	bool new_keyring;
};

struct criu_task {
	const char *program;
	enum criu_type type;
	struct criu_opts *opts;         /* of a restore, work_dir_fd and cgroup_roots are changed */
	const struct criu_place *place; /* of a CRIU_RESTORE, else NULL */
	bool keeps_stdio;               /* else it gets /dev/null for all three */
	int lock_fd; /* holds the caller's lock, which must not outlive it in a copy */
	size_t n_fds;
	int fds[CRIU_FDS_MAX]; /* borrowed */
	/* A failure is told to criu and ends in criu_run(). What is taken of *@fd becomes -1 there. */
	int (*notify)(void *context, const struct criu_response *event, int *fd, struct err *err);
	void *context;
};

/* Finds criu as a shell would, in $PATH. -ENOENT with what to do about it. */
int criu_find(char ret_path[PATH_MAX], struct err *err);

/* Fails when it is older than what we speak. */
int criu_check_version(const char *program, struct err *err);

/* Fails when one of @needed is missing, in criu or in the kernel. */
int criu_check_features(const char *program, const struct criu_features *needed, struct err *err);

/*
 * Carries @task out and waits for the end of criu. *@ret_is_logged: the failure is criu's own, whose
 * log says more.
 */
int criu_run(const struct criu_task *task, bool *ret_is_logged, struct err *err);

#endif
