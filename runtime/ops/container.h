/* SPDX-License-Identifier: Apache-2.0 */
/* A container that exists, as the operations on it see it. Private to this layer. */
#ifndef OCIRUN_OPS_CONTAINER_H
#define OCIRUN_OPS_CONTAINER_H

#include "ops.h"
#include "record.h"
#include "store.h"

struct plan;
struct spec;

/* How long an operation waits for another one on the same container. */
#define CONTAINER_LOCK_MS 10000
/* How long the end of a killed process is waited for. */
#define CONTAINER_KILL_MS 10000

struct container {
	const struct ops_context *ctx;
	const char *id; /* borrowed from the caller */
	int root_fd;
	int dir_fd;
	bool is_locked; /* by us */
	struct arena *arena;
	bool has_record; /* a create that was killed may have left none */
	struct record record;
	bool has_pid;
	struct store_pid pid;
	int pidfd; /* of init when it is alive, else -1 */
	enum ops_status status;
};
#define CONTAINER_NONE ((struct container){ .root_fd = -1, .dir_fd = -1, .pidfd = -1 })

enum container_flag {
	CONTAINER_LOCKED = 1 << 0,     /* nobody else changes it meanwhile */
	CONTAINER_DAMAGED_OK = 1 << 1, /* an unreadable record counts as none */
	CONTAINER_NO_WAIT = 1 << 2,    /* -EBUSY at once when another operation has the lock */
};

/*
 * Opens the container @id and finds its status. @flags: CONTAINER_x, ORed. The caller calls
 * container_close(), also on failure. -ENOENT when it does not exist.
 */
int container_open(const struct ops_context *ctx, const char *id, unsigned int flags,
		   struct container *ret_container, struct err *err);
void container_close(struct container *container);

/* Lets others change it from here on. */
void container_unlock(struct container *container);

/* The configuration that counts: the copy made at create. The caller frees *@ret_spec. */
int container_load_spec(const struct container *container, struct spec **ret_spec, struct err *err);

/*
 * The plan of that configuration. Who needs a part of it only still has it made as a whole, without
 * cgroups where @manager is CGROUP_MANAGER_DISABLED. The caller calls plan_free().
 */
int container_load_plan(const struct container *container, enum cgroup_manager manager,
			struct plan **ret_plan, struct err *err);

/* Init's root directory, O_PATH. fd or -errno. */
int container_open_root(const struct container *container, struct err *err);

/* Runs the poststart hooks of the configuration that was copied at create. */
int container_run_poststart_hooks(const struct container *container, struct err *err);

/*
 * Kills every process of the container: init, and where the kernel does not end the others with it,
 * all that are in its cgroups. Waits for init's end.
 */
int container_kill(const struct container *container, struct err *err);

/*
 * Ends every process, removes the cgroups and the root's mount, runs the poststop hooks (a failing one is a warning) and
 * forgets the container: in this order, so that it can be done again when it is interrupted.
 */
int container_destroy(struct container *container, struct err *err);

#endif
