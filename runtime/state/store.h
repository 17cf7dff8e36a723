/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state store: a directory per container below the state root, 0700, never reached through a
 * link. What lies in one:
 *
 *   state.json    the intent record: written before the first side effect of create, so that
 *                 delete can clean up after a create that was killed at any point
 *   config.json   the copy of the configuration that counts, whatever happens to the bundle's
 *   seccomp       the compiled filter and its agent, when there is one: `exec` need not compile it
 *                 again
 *   pid           init's pid and start time; init does nothing before it is written
 *   notify/       the container's notify socket, in a directory that is mounted in it; see ops/notify.h
 *   start.new     the socket at which init will wait for `start`, while it is still being made
 *   start         the same, once init waits; gone when it was started
 *
 * What may be read while it is written has a temporary name first and is renamed. The directory
 * itself is what is locked (flock(2)): the lock ends with its holder, however that ends.
 */
#ifndef OCIRUN_STATE_STORE_H
#define OCIRUN_STATE_STORE_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STORE_ID_MAX        255u
#define STORE_STATE         "state.json"
#define STORE_CONFIG        "config.json"
#define STORE_SECCOMP       "seccomp"
#define STORE_PID           "pid"
#define STORE_START_NEW     "start.new"
#define STORE_START         "start"
#define STORE_NOTIFY        "notify"
#define STORE_NOTIFY_SOCKET STORE_NOTIFY "/notify.sock"

/* Whether @id may name a container: [A-Za-z0-9_+-][A-Za-z0-9_+.-]*, at most STORE_ID_MAX. */
int store_check_id(const char *id, struct err *err);

/*
 * Opens the state root; with @is_made it is made, with its parents, when it is missing. It has to be
 * a directory of the caller's that nobody else can write. fd or -errno; -ENOENT when there is none.
 */
int store_open(const char *root, bool is_made, struct err *err);

/* Makes the directory of a new container and locks it. fd, or -EEXIST when the id is taken. */
int store_create(int root_fd, const char *id, struct err *err);

/* Opens a container's directory without a lock. fd, or -ENOENT when there is no such container. */
int store_find(int root_fd, const char *id, struct err *err);

/*
 * Opens and locks it; another holder is waited for at most @timeout_ms. -ENOENT also when the
 * container was deleted meanwhile, -EBUSY when the time is over.
 */
int store_lock(int root_fd, const char *id, int timeout_ms, struct err *err);

/*
 * Ends the lock and closes *@dir_fd. Closing alone would not end it while a process that another
 * thread of the caller's made meanwhile has a copy, as an init has until its hooks are done.
 */
void store_unlock(int *dir_fd);

/* Whether somebody holds the lock now. */
bool store_is_locked(int dir_fd);

/* Writes a file that nobody reads before the intent record is there: without a temporary name. */
int store_write_new(int dir_fd, const char *name, const char *data, size_t len, struct err *err);

/* Replaces the file @name of a container. */
int store_write(int dir_fd, const char *name, const char *data, size_t len, struct err *err);

/* The file's content, malloc()ed with a NUL behind it. */
int store_read(int dir_fd, const char *name, char **ret_data, size_t *ret_len, struct err *err);

/* Removes all files and the directory itself, the intent record last. Idempotent. */
int store_remove(int root_fd, const char *id, int dir_fd, struct err *err);

/* Calls @visit with the id of each container. Stops at a negative result, which is returned. */
int store_list(int root_fd, int (*visit)(void *context, const char *id, struct err *err),
	       void *context, struct err *err);

/* Init's pid and start time. */
struct store_pid {
	pid_t pid;
	uint64_t start_time; /* clock ticks since boot, as in /proc/PID/stat */
};
int store_write_pid(int dir_fd, const struct store_pid *pid, struct err *err);

/* -ENOENT when none was written (completely). */
int store_read_pid(int dir_fd, struct store_pid *ret_pid);

#endif
