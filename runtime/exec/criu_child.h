/* SPDX-License-Identifier: Apache-2.0 */
/* From a copy of the runtime to criu. Private to exec/criu.c. */
#ifndef OCIRUN_EXEC_CRIU_CHILD_H
#define OCIRUN_EXEC_CRIU_CHILD_H

#include "criu.h"

/*
 * Runs criu with @socket_fd as its descriptor 3. A failure is sent to @sync_fd, which is closed when
 * the program runs.
 */
void criu_child_main(const struct criu_task *task, int socket_fd, int sync_fd)
	__attribute__((noreturn));

#endif
