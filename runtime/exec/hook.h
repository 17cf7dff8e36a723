/* SPDX-License-Identifier: Apache-2.0 */
/* Runs hooks: programs of the host (or of the container) that get the container's state. */
#ifndef OCIRUN_EXEC_HOOK_H
#define OCIRUN_EXEC_HOOK_H

#include "err.h"
#include "log.h"
#include "plan.h"
#include "trace.h"

/*
 * What hooks get of their container. The state, which they read from their standard input, is JSON
 * in two parts: status and pid come between them, since they are known last (and differ inside a
 * pid namespace).
 */
struct hook_state {
	const char *head;      /* {"ociVersion":"...","id":"..." */
	const char *tail;      /* ,"bundle":"...","annotations":{...}} */
	int cwd_fd;            /* the directory that they run in; -1: that of the runtime */
	const int *init_pidfd; /* with the end of this process a hook that still runs has failed; or
				  NULL: the hook runs on */
	const int *cancel_fd;  /* when it is readable a hook that still runs has failed; or NULL */
	struct trace *trace;   /* gets a span for each hook; NULL: nobody asks */
};

/*
 * Runs the hooks of @kind in their order and stops at the first that fails: by its exit status, a
 * signal, or because its timeout passed, upon which its process group is killed. A hook gets
 * exactly its env, null output, and no other descriptor; what it wrote to stderr is in the error.
 * A @pid of 0 is none, and is left out of the state.
 * Safe after clone3(2): allocates nothing.
 */
int hooks_run(const struct plan_hooks *hooks, enum plan_hook_kind kind,
	      const struct hook_state *state, const char *status, pid_t pid, struct err *err);

/*
 * Another program of the host, run as a hook is, but for the state: with its end, its timeout and
 * what it says it is the same.
 */
int hook_run_helper(const struct plan_hook *program, struct err *err);

/* The prestart and createRuntime hooks of @hooks, of all kinds: while the container is made. */
int hooks_run_early(const struct plan_hooks hooks[PLAN_HOOK_KINDS], const struct hook_state *state,
		    pid_t pid, struct err *err);

/* Spec: poststop hooks all run, whatever becomes of those before; one that fails is a warning. */
void hooks_run_poststop(const struct plan_hooks *hooks, const struct hook_state *state,
			const struct log *log);

#endif
