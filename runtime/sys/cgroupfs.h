/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls that cgroup file systems are used with, by directory descriptor. No policy. All return
 * -errno for a failure and describe nothing.
 */
#ifndef OCIRUN_SYS_CGROUPFS_H
#define OCIRUN_SYS_CGROUPFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CGROUPFS_VALUE_MAX 4096

/* A descriptor for the other calls, and for CLONE_INTO_CGROUP. */
int cgroupfs_open(int dir_fd, const char *dir);

/*
 * Makes @dir (absolute) and the parents that are missing below its first @root_len bytes, and
 * opens it. Others may make and remove the same parents meanwhile. *@ret_created gets the number of
 * directories, from @dir upwards, that were made by this call; after a failure none is left.
 */
int cgroupfs_make(const char *dir, size_t root_len, unsigned *ret_created);

/* rmdir(2); a directory that is not there is fine. */
int cgroupfs_remove(int dir_fd, const char *name);

/* The value of a file without its last newline, and its length. */
ssize_t cgroupfs_read(int dir_fd, const char *file, char *buf, size_t size);
int cgroupfs_write(int dir_fd, const char *file, const char *value);

/* A file that stays open between writes: the one that was written last. */
struct cgroupfs_file {
	int fd; /* the caller closes it */
	int dir_fd;
	const char *name;
};

#define CGROUPFS_FILE_NONE ((struct cgroupfs_file){ .fd = -1 })

/* As cgroupfs_write(), without opening what @last has open; @file is to outlive it. */
int cgroupfs_write_again(struct cgroupfs_file *last, int dir_fd, const char *file,
			 const char *value);

/* A line "<key> 1" or "<key> 0" of cgroup.events (v2): "populated", "frozen". 1 or 0. */
int cgroupfs_event(int dir_fd, const char *key);

struct cgroupfs_pids {
	size_t n, room;
	pid_t *v; /* the caller frees it */
};

/*
 * Appends the processes of a cgroup and of those below it. Of a threaded one on v2, where there is
 * no list of processes, those are the threads.
 */
int cgroupfs_pids(int dir_fd, struct cgroupfs_pids *pids);

/* Writes @value to @file of a cgroup and of all below it. A file that is not there is fine. */
int cgroupfs_write_tree(int dir_fd, const char *file, const char *value);

/* Removes the cgroups below one, deepest first. */
int cgroupfs_remove_children(int dir_fd);

#endif
