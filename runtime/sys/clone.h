/* SPDX-License-Identifier: Apache-2.0 */
/* Making processes: clone3(2), as fork(2) does it but with namespaces and a cgroup. */
#ifndef OCIRUN_SYS_CLONE_H
#define OCIRUN_SYS_CLONE_H

#include "clone_flags.h"

#include <sched.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ULL
#endif

struct clone_request {
	uint64_t flags;  /* CLONE_x */
	int exit_signal; /* 0 with CLONE_PARENT */
	int cgroup_fd;   /* with CLONE_INTO_CGROUP (Linux 5.7) */
	int *pidfd;      /* with CLONE_PIDFD */
};

/*
 * Returns twice: 0 in the child, its pid in the parent, or -1 with errno. The child has a copy of
 * the calling thread only: until execve(2) it may call async-signal-safe functions alone.
 */
pid_t clone_process(const struct clone_request *request);

#endif
