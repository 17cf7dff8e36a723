/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single facts about this host and this process, for those who explain: causes of failures, checks
 * of a bundle, and the host's own check-up. Nothing is made or changed.
 */
#ifndef OCIRUN_EXEC_HOST_FACTS_H
#define OCIRUN_EXEC_HOST_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The oldest kernel that can be used: mount_setattr(2) came with it. */
#define HOST_KERNEL_MAJOR 5
#define HOST_KERNEL_MINOR 12

/* Whether the kernel is not older than Linux @major.@minor; also when nobody can tell. */
bool host_kernel_is_since(int major, int minor);

/* The effective capabilities of this process, bit CAP_x of each; 0 or -errno of capget(2). */
int host_capabilities(uint64_t *ret_effective);

/* CAP_x, effective in this process; not if nobody can tell. */
bool host_has_capability(unsigned capability);

/* The number in a file below /proc/sys ("user/max_pid_namespaces"), or -1. */
long host_sysctl(const char *name);

/* Whether the kernel has the filesystem now; one with modules may find more when it is asked. */
bool host_has_filesystem(const char *type);
bool host_has_modules(void);

/* Whether the filesystem lies on a block device; false also when the kernel does not have it now. */
bool host_needs_device(const char *type);

/* Active security modules. */
bool host_has_apparmor(void);
bool host_has_selinux(void);

/*
 * 1 when a mount below /proc, whose place goes to @ret_target, hides part of it, 0 when none does, or
 * -errno: a user namespace gets a procfs only where the whole of an older one is seen.
 */
int host_find_proc_cover(char *ret_target, size_t size);

/* The caller's name in /etc/passwd, or "". */
void host_own_name(char *name, size_t size);

/* A range of ids. */
struct host_ids {
	uint64_t first, count;
};

/*
 * Calls @visit with each range that @path (/etc/subuid, /etc/subgid) has for the caller's name or
 * id, until it returns true, which is the result; false at the end.
 */
bool host_find_subordinate(const char *path,
			   bool (*visit)(void *context, const struct host_ids *ids), void *context);

#endif
