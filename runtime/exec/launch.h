/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The namespace launcher: the parent's side of making a container's process out of a plan. See
 * sync.h for the conversation and child.c for the other side.
 */
#ifndef OCIRUN_EXEC_LAUNCH_H
#define OCIRUN_EXEC_LAUNCH_H

#include "err.h"
#include "hook.h"
#include "log.h"
#include "plan.h"

#include <stdbool.h>
#include <sys/types.h>

struct cgroup_handle;
struct join_target;
struct rdt_paths;
struct root_mount;
struct seccomp_agent;
struct seccomp_program;

struct launch_request {
	const struct plan *plan;
	const struct join_target *target;      /* NULL: a container's init is made */
	struct cgroup_handle *cgroup;          /* made, PLAN_CGROUP_SETUP applied; NULL: none */
	const struct rdt_paths *rdt;           /* made; NULL: none */
	const struct seccomp_program *seccomp; /* compiled already; NULL: none */
	/* Its cancel_fd is for every wait that may be long: beside hooks, for a paused container. */
	struct hook_state hook_state;
	int start_fd; /* create: the listening socket that init waits on; run: -1 */
	int lock_fd;  /* holds the caller's lock, which must not outlive it in a copy; or -1 */
	bool starts_at_once; /* the caller has nothing to do between launch() and the program */
	bool new_keyring;
	unsigned int preserve_fds;
	const struct log *log;
	struct trace *trace; /* NULL: nobody asks */
	/* Called with init's pid before it has any effect, so that it is never forgotten; or NULL. */
	int (*record)(void *context, pid_t pid, struct err *err);
	/* The same with the root's mount, before it is attached in a mount namespace of others. */
	int (*record_root)(void *context, const struct root_mount *mount, struct err *err);
	void *context;
};

/* A container's process that waits for its start. */
struct launched {
	pid_t pid;
	int pidfd;
	int console_fd;       /* the terminal's master, or -1 */
	int sync_fd;          /* run only */
	bool is_started;      /* START was sent */
	const int *cancel_fd; /* who waits for the program gives up when it is readable; or NULL */
};
#define LAUNCHED_NONE ((struct launched){ .pid = -1, .pidfd = -1, .console_fd = -1, .sync_fd = -1 })

/*
 * Makes the process and brings it to where only the program is left to be run; prestart and
 * createRuntime hooks run meanwhile. On failure the process is gone. The caller calls
 * launched_done() in the end. With starts_at_once the program may run before this returns;
 * launch_start() is called all the same.
 */
int launch(const struct launch_request *request, struct launched *ret_launched, struct err *err);

/*
 * For `run`: lets the program run. @agent gets the listener of a filter that has one; else NULL.
 * @trace is that of launch(). 0 once execve(2) has succeeded. On failure the process is gone.
 */
int launch_start(struct launched *launched, const struct seccomp_agent *agent, struct trace *trace,
		 struct err *err);

/*
 * Says START to the init @pid behind @pidfd, which waits at @start_fd, connected: as launch_start()
 * from elsewhere, but on failure init may be there yet. Init's last steps are in @trace too.
 */
int launch_start_connected(int start_fd, pid_t pid, int pidfd, const struct seccomp_agent *agent,
			   struct trace *trace, struct err *err);

/* Kills the process and waits for its end. */
void launched_kill(struct launched *launched);

/* Closes the descriptors. */
void launched_done(struct launched *launched);

#endif
