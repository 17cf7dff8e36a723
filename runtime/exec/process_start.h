/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What turns a cloned copy of the runtime into the container's process: session, limits, ids,
 * capabilities, working directory, signals. Everything here runs in the child between
 * clone3(2) and execve(2), makes plain system calls and allocates nothing.
 */
#ifndef OCIRUN_EXEC_PROCESS_START_H
#define OCIRUN_EXEC_PROCESS_START_H

#include "err.h"
#include "plan.h"

/* Default disposition for every signal, and an empty mask: callers ignore and block some. 0, -errno. */
int process_reset_signals(void);

/* Marks every descriptor from @first on as close-on-exec (close_range(2), Linux 5.11). */
void process_close_on_exec_from(unsigned int first);

/* A session keyring of the process's own, not its caller's. */
int process_new_keyring(struct err *err);

/* Sets the limits of process @pid (0: the caller); by the parent when the child may not. */
int process_set_rlimits(const struct plan_process *process, pid_t pid, struct err *err);

/* CPUs of the caller before, and after it joined the container's cgroup. */
int process_set_initial_cpus(const struct plan_process *process, struct err *err);
int process_set_final_cpus(const struct plan_process *process, struct err *err);

/* All CPUs that the cgroup has: those of our caller are no matter of the container's. */
void process_reset_cpus(void);

/* Scheduler, I/O priority, personality and memory policy. */
int process_set_scheduling(const struct plan_process *process, struct err *err);

/*
 * Drops the bounding set, becomes the user, and sets the capabilities; CAP_SYS_ADMIN stays
 * permitted and effective when @keep_admin, for a seccomp filter that is still to be loaded.
 */
int process_become_user(const struct plan_process *process, bool keep_admin, struct err *err);

/* The capabilities as planned, after process_become_user() with @keep_admin. */
int process_set_capabilities(const struct plan_process *process, struct err *err);

/*
 * Makes the pipes and sockets among the standard streams the user's, who could not open
 * /dev/stdout otherwise. Files and terminals of the caller stay its own.
 */
void process_give_stdio(const struct plan_process *process);

/*
 * Standard streams that are the host's null device become the container's own one, where it has one:
 * the host's is on a mount that the container does not know, so that no checkpoint could name it.
 */
void process_use_own_null(void);

/* Enters the working directory, and checks that it lies inside the container. */
int process_enter_cwd(const struct plan_process *process, struct err *err);

#endif
