/* SPDX-License-Identifier: Apache-2.0 */
/* The container's terminal: made in its own devpts, its master handed to the parent. */
#ifndef OCIRUN_EXEC_CONSOLE_H
#define OCIRUN_EXEC_CONSOLE_H

#include "err.h"
#include "mountapi.h"
#include "plan.h"

/*
 * Opens a pseudoterminal of the devpts at /dev/pts below @root_fd. *@ret_slave comes from the
 * master itself (TIOCGPTPEER, Linux 4.13), never from a path of the image. 0 or -errno.
 */
int console_open(int root_fd, const struct plan_process *process, int *ret_master, int *ret_slave,
		 struct err *err);

/* Binds the terminal on /dev/console below @root_fd. */
int console_mount(const struct mount_ops *ops, int root_fd, int slave_fd, struct err *err);

/* Makes the terminal the controlling one and standard input, output and error. */
int console_become(const struct plan_process *process, int slave_fd, struct err *err);

#endif
