/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes that are not ours to wait for, told apart from later ones with the same number by
 * their start time. A pidfd (Linux 5.3) cannot change its process once it is open.
 */
#ifndef OCIRUN_SYS_PIDFD_H
#define OCIRUN_SYS_PIDFD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2, Linux 5.6): -1 with errno. */
int pidfd_open(pid_t pid, unsigned int flags);
int pidfd_send_signal(int pidfd, int signal);
int pidfd_getfd(int pidfd, int target_fd);

struct process_stat {
	char state;          /* 'R', 'S', 'Z', ... as in proc(5) */
	bool has_executed;   /* a program since it was forked */
	uint64_t start_time; /* clock ticks since boot */
	int wait_status;     /* of one that has ended, as in wait(2); 0 where we may not see it */
};

/* Reads /proc/PID/stat. 0, or -errno; -ESRCH when there is no such process. */
int process_stat_read(pid_t pid, struct process_stat *ret_stat);

/* Waits until the process behind @pidfd has ended. Whether it has within @timeout_ms (-1: ever). */
bool pidfd_wait(int pidfd, int timeout_ms);

#endif
