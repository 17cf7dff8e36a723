/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/PID/mountinfo, for explaining what failed or is there, and for finding what is not where it
 * was: it grows with the number of mounts, so nothing on the usual way of a container reads it. No
 * allocation, and a line at a time; see proc_pid_mountinfo(5).
 */
#ifndef OCIRUN_SYS_MOUNTINFO_H
#define OCIRUN_SYS_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A mount; its texts are valid during a visit. Paths have no escapes left, the rest is the kernel's. */
struct mountinfo {
	uint64_t id;
	uint64_t parent;  /* the mount that it is on; its own when that is outside of our root */
	dev_t device;     /* of the filesystem, as st_dev of what lies in it */
	const char *root; /* what of its filesystem it shows: "/" is all */
	const char *target;
	const char *options;       /* of the mount: "rw,nosuid" */
	const char *type;          /* "ext4" */
	const char *super_options; /* of the filesystem; a very long text is cut off */
};

/* Whether it has seen enough. */
typedef bool mountinfo_visit(void *context, const struct mountinfo *mount);

/*
 * Calls @visit with each mount of the file @path, relative to @dir_fd as openat(2) has it, in the
 * kernel's order: what lies on top comes later. 1 when @visit returned true, 0 at the end, or -errno
 * when the file cannot be read: then nothing is known of what was not visited.
 */
int mountinfo_find(int dir_fd, const char *path, mountinfo_visit *visit, void *context);

#define MOUNTINFO_SELF "/proc/self/mountinfo"

/*
 * The type of the filesystem that the open file @fd lies on: "ext4". 0, -ENOENT: it is mounted nowhere
 * in our namespace, or -errno.
 */
int mountinfo_type_of(int fd, char *buf, size_t size);

#endif
