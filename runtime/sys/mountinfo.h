/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/PID/mountinfo, for explaining what failed or is there, and for finding what is not where it
 * was: it grows with the number of mounts, so nothing on the usual way of a container reads it. No
 * allocation; see proc_pid_mountinfo(5).
 */
#ifndef OCIRUN_SYS_MOUNTINFO_H
#define OCIRUN_SYS_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A mount; octal escapes of the target are left as they are. Valid during a visit. */
struct mountinfo {
	uint64_t id;
	uint64_t parent; /* the mount that it is on; its own when that is outside of our root */
	dev_t device;    /* of the filesystem, as st_dev of what lies in it */
	const char *target;
	const char *options; /* of the mount: "rw,nosuid" */
	const char *type;
};

/*
 * Calls @visit with each mount of the file @path, relative to @dir_fd as openat(2) has it, until it
 * returns true, which is the result; false at the end.
 */
bool mountinfo_find(int dir_fd, const char *path,
		    bool (*visit)(void *context, const struct mountinfo *mount), void *context);

#define MOUNTINFO_SELF "/proc/self/mountinfo"

/* Takes the octal escapes of a target away, in place. */
void mountinfo_unescape(char *text);

/* The type of the filesystem that the open file @fd lies on: "ext4". 0, or -ENOENT. */
int mountinfo_type_of(int fd, char *buf, size_t size);

#endif
