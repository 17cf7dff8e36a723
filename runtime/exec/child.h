/* SPDX-License-Identifier: Apache-2.0 */
/* A container's process, init or one of exec, from clone3(2) to execve(2). */
#ifndef OCIRUN_EXEC_CHILD_H
#define OCIRUN_EXEC_CHILD_H

#include "hook.h"
#include "join.h"
#include "mountapi.h"
#include "plan.h"
#include "trace.h"

struct cgroup_handle;
struct seccomp_program;

/* A page that parent and child share: what the child is doing, should it die without a word. */
struct child_progress {
	const char *volatile step;
};

/*
 * What the child finds when it starts, all of it prepared by the parent. The child has copies of
 * the parent's descriptors; those named here are all it uses.
 */
struct child {
	const struct plan *plan;
	const struct mount_ops *mount_ops;
	const struct seccomp_program *seccomp; /* NULL: none */
	struct hook_state hook_state;
	struct join_fds join_fds;
	int proc_fd;                        /* exec: the host's procfs, or -1 */
	const struct cgroup_handle *cgroup; /* to join; NULL: none, or the parent has done it */
	bool is_in_cgroup_v2;               /* by CLONE_INTO_CGROUP */
	bool waits_for_cgroup;              /* the parent has to do it, and comes first */
	int sync_fd;                        /* to the parent */
	int start_fd;      /* create: the socket that `start` connects to; run: -1 */
	int lock_fd;       /* of the parent alone, or -1 */
	int rootfs_fd;     /* a detached tree, or -1 */
	int *mount_fds;    /* per mount: a detached tree, or -1 */
	bool is_traceable; /* by the caller, who has no other way to its descriptors */
	bool new_keyring;
	unsigned int preserve_fds;        /* from 3 on */
	bool is_joined;                   /* an intermediate has entered the joined namespaces */
	const struct join_target *target; /* exec: the container that is entered; else NULL */
	struct child_progress *progress;
	struct trace *trace; /* NULL: nobody asks */
};

/* Carries the plan out and becomes the container's program; on failure sends the error and ends. */
void child_main(struct child *child) __attribute__((noreturn));

#endif
