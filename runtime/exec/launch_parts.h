/* SPDX-License-Identifier: Apache-2.0 */
/* What launch.c shares with its parts. Private to this layer. */
#ifndef OCIRUN_EXEC_LAUNCH_PARTS_H
#define OCIRUN_EXEC_LAUNCH_PARTS_H

#include "child.h"
#include "launch.h"

/* Everything that lives as long as one call of launch(). */
struct launch {
	const struct launch_request *request;
	const struct plan *plan;
	struct child child;
	int sync_fd;      /* to the child */
	int cgroup_v2_fd; /* in which processes are made (Linux 5.7), or -1 */
	struct launched launched;
	pid_t intermediate;
};

/* Makes the process, which runs child_main(). */
int launch_clone(struct launch *launch, struct err *err);

/*
 * Until there is something to receive at @sync_fd; -EINTR when @cancel_fd, which may be NULL, is readable
 * before.
 */
int launch_await(int sync_fd, const int *cancel_fd, struct err *err);

/* The caller's cancel_fd where the way from START to the program may be long; else NULL. */
const int *launch_start_cancel_fd(const struct launch_request *request);

/*
 * Waits for the end of the intermediate, if there was one. Init is our child, not its: while it goes
 * away, init is at work.
 */
void launch_reap_intermediate(struct launch *launch);

#endif
