/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/self/mountinfo, for explaining what failed: it grows with the number of mounts, so nothing
 * that succeeds reads it. No allocation; see proc_pid_mountinfo(5).
 */
#ifndef OCIRUN_SYS_MOUNTINFO_H
#define OCIRUN_SYS_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A mount; octal escapes of the target are left as they are. Valid during a visit. */
struct mountinfo {
	dev_t device; /* of the filesystem, as st_dev of what lies in it */
	const char *target;
	const char *type;
};

/* Calls @visit with each mount until it returns true, which is the result; false at the end. */
bool mountinfo_find(bool (*visit)(void *context, const struct mountinfo *mount), void *context);

/* The type of the filesystem that the open file @fd lies on: "ext4". 0, or -ENOENT. */
int mountinfo_type_of(int fd, char *buf, size_t size);

#endif
