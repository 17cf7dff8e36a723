/* SPDX-License-Identifier: Apache-2.0 */
/* clone3(2) without a stack of its own: the child goes on where the parent is. */
#include "clone.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * clone(2), whose flags lie above the signal in one word. Filters that can look at flags in registers
 * only say of clone3(2) that there is none; the C library falls back in the same way.
 */
static pid_t clone_by_registers(const struct clone_request *request)
{
	if (request->flags & (CSIGNAL | ~(uint64_t)UINT32_MAX)) {
		errno = ENOSYS;
		return -1;
	}
	return (pid_t)syscall(SYS_clone, request->flags | (unsigned int)request->exit_signal, NULL,
			      request->pidfd, NULL, NULL);
}

pid_t clone_process(const struct clone_request *request)
{
	struct clone_args args = {
		.flags = request->flags,
		.exit_signal = (unsigned int)request->exit_signal,
		.pidfd = (uintptr_t)request->pidfd,
		.cgroup = request->flags & CLONE_INTO_CGROUP ? (unsigned int)request->cgroup_fd : 0,
	};
	pid_t pid;

	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	return pid < 0 && errno == ENOSYS ? clone_by_registers(request) : pid;
}
