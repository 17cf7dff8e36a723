/* SPDX-License-Identifier: Apache-2.0 */
/* The options that create and run share. */
#ifndef OCIRUN_CMD_CREATE_OPTIONS_H
#define OCIRUN_CMD_CREATE_OPTIONS_H

#include "commands.h"
#include "ops.h"
#include "options.h"

struct create_values {
	const char *bundle;
	const char *config;
	const char *console_socket;
	const char *pidfd_socket;
	const char *pid_file;
	bool no_pivot;
	bool no_new_keyring;
	int preserve_fds;
	const char *trace;
};

extern const struct option create_options[];

#define PRESERVE_FDS_MAX (1 << 20) /* the kernel's default limit of a process, fs.nr_open */

/* Sockets from descriptor 3 on that a service manager passes to us: see sd_listen_fds(3). */
int listen_fds(void);

/* The address of the service manager that started us, see sd_notify(3), or NULL. */
const char *notify_socket(void);

/*
 * Makes the caller's descriptors from 3 to 3+@n-1 inheritable again, the last of which is open:
 * -EBADF. Those between that are not open stay so in the container.
 */
int preserve_fds(struct cli *cli, int n, struct err *err);

/*
 * As the library takes them; strings are borrowed. Descriptors that the container keeps become
 * inheritable: see preserve_fds().
 */
int create_options_read(struct cli *cli, const struct create_values *values, const char *id,
			struct ops_create_options *ret_options, struct err *err);

#endif
