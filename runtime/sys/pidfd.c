/* SPDX-License-Identifier: Apache-2.0 */
/* pidfds and start times. */
#include "pidfd.h"

#include "deadline.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers of fields in proc(5). */
#define STAT_STATE      3
#define STAT_FLAGS      9
#define STAT_START_TIME 22
#define STAT_EXIT_CODE  52

#define PF_FORKNOEXEC 0x40 /* of the kernel's task flags */

int pidfd_open(pid_t pid, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

int pidfd_send_signal(int pidfd, int signal)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int pidfd_getfd(int pidfd, int target_fd)
{
	return (int)syscall(SYS_pidfd_getfd, pidfd, target_fd, 0);
}

int process_stat_read(pid_t pid, struct process_stat *ret_stat)
{
	char path[32], buf[1024];
	const char *at;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	len = io_read_small(AT_FDCWD, path, buf, sizeof(buf));
	if (len < 0)
		return len == -ENOENT ? -ESRCH : (int)len;
	/* The second field is the name in parentheses, which may hold anything. */
	at = strrchr(buf, ')');
	if (!at || at[1] != ' ')
		return -EPROTO;
	at += 2;
	ret_stat->state = *at;
	for (int field = STAT_STATE + 1; field <= STAT_EXIT_CODE; field++) {
		at = strchr(at, ' ');
		if (!at)
			return -EPROTO;
		at++;
		if (field == STAT_FLAGS)
			ret_stat->has_executed = !(strtoul(at, NULL, 10) & PF_FORKNOEXEC);
		else if (field == STAT_START_TIME)
			ret_stat->start_time = strtoull(at, NULL, 10);
		else if (field == STAT_EXIT_CODE)
			ret_stat->wait_status = (int)strtol(at, NULL, 10);
	}
	return 0;
}

bool pidfd_wait(int pidfd, int timeout_ms)
{
	struct deadline deadline = deadline_in_ms(timeout_ms);
	struct pollfd pfd = { .fd = pidfd, .events = POLLIN };
	int n;

	do {
		n = poll(&pfd, 1, deadline_left_ms(deadline));
	} while (n < 0 && errno == EINTR);
	return n > 0;
}
