/* SPDX-License-Identifier: Apache-2.0 */
/* The watch of a container's system calls, once its process is the caller's. */
#include "ops.h"
#include "seccomp_watch.h"

int op_watch_fd(const struct seccomp_watch *watch)
{
	return seccomp_watch_fd(watch);
}

int op_watch_serve(struct seccomp_watch *watch, int events, struct err *err)
{
	return seccomp_watch_serve(watch, events, err);
}

void op_watch_free(struct seccomp_watch *watch)
{
	seccomp_watch_free(watch);
}
