/* SPDX-License-Identifier: Apache-2.0 */
/* clone3(2) without a stack of its own: the child goes on where the parent is. */
#include "clone.h"

#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t clone_process(const struct clone_request *request)
{
	struct clone_args args = {
		.flags = request->flags,
		.exit_signal = (unsigned int)request->exit_signal,
		.pidfd = (uintptr_t)request->pidfd,
		.cgroup = request->flags & CLONE_INTO_CGROUP ? (unsigned int)request->cgroup_fd : 0,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}
