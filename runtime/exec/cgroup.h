/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's cgroups, from the first directory to the last. The order at create:
 *
 *	cgroup_create()                   directories, and what a process needs before it can join
 *	cgroup_join() or _join_self()     in the host's mount namespace, before the child unshares
 *	                                  its cgroup namespace: its root is where the child is then
 *	cgroup_apply(PLAN_CGROUP_SETUP)   before hooks run; they may change it
 *	cgroup_apply(PLAN_CGROUP_LAST)    when the child has nothing left to do but execve(2)
 *
 * The last step sets the limits of memory and tasks, which must not count what setting up needs:
 * with v1 a limit below the usage is refused, with v2 it kills, and helpers of hooks are tasks.
 */
#ifndef OCIRUN_EXEC_CGROUP_H
#define OCIRUN_EXEC_CGROUP_H

#include "auto.h"
#include "cgroup_paths.h"
#include "err.h"
#include "plan_cgroup.h"
#include "unit_ref.h"

#include <stdbool.h>
#include <sys/types.h>

struct cgroup_handle;
struct unit;

/*
 * Refuses cgroups of @plan that are there already and hold processes or are frozen: before systemd is asked to
 * make them, which says of the one that its unit is loaded, and takes the other over.
 */
int cgroup_check_free(const struct plan_cgroup *plan, struct err *err);

/*
 * Makes the cgroups of @plan, which the handle borrows. Refuses one that holds processes or is
 * frozen. On failure what was made is removed. The caller frees *@ret_handle. With @unit, which is
 * borrowed too, systemd has made some of them already; those it removes itself.
 */
int cgroup_create(const struct plan_cgroup *plan, struct unit *unit,
		  struct cgroup_handle **ret_handle, struct err *err);

/*
 * Opens cgroups of @plan that exist, for cgroup_apply(). One that is not there is an error when a
 * value belongs to it.
 */
int cgroup_open(const struct plan_cgroup *plan, struct cgroup_handle **ret_handle, struct err *err);

/* Closes descriptors; the cgroups stay. */
void cgroup_handle_free(struct cgroup_handle *handle);
DEFINE_AUTO(cgroup_handle, struct cgroup_handle *, cgroup_handle_free)

/* For the state record and cgroup_remove(); belongs to the handle. */
const struct cgroup_paths *cgroup_handle_paths(const struct cgroup_handle *handle);

/*
 * What the paths will be, from the host's directories as they are: for a record written before. What
 * cannot be looked for is an error: were it taken for there, nobody would remove it later.
 */
int cgroup_plan_paths(const struct plan_cgroup *plan, struct cgroup_path *ret_v, struct err *err);

/* The v2 cgroup for CLONE_INTO_CGROUP, or -1; belongs to the handle. */
int cgroup_v2_fd(const struct cgroup_handle *handle);

/* The directory of a hierarchy, by its index in the plan, or -1; belongs to the handle. */
int cgroup_handle_fd(const struct cgroup_handle *handle, size_t hierarchy);

/*
 * The container's process is in its v2 cgroup, so that the one that systemd was given for a beginning
 * can go; where there are v1 ones too that waits for the last phase.
 */
void cgroup_settle(const struct cgroup_handle *handle);

/*
 * Writes the values of one phase, and tells systemd of them before. Errors name the key, the file and
 * the value.
 */
int cgroup_apply(const struct cgroup_handle *handle, enum plan_cgroup_phase phase, struct err *err);

/* Whether cgroup_apply() would write anything in @phase. */
bool cgroup_has_writes(const struct cgroup_handle *handle, enum plan_cgroup_phase phase);

/*
 * Moves a process into all cgroups; with @is_in_v2 it was cloned into the v2 one. Each write takes
 * a lock of the whole system for writing: some 25 us, but for the first one after a pause, which
 * waits for an RCU grace period, 10 ms (Linux 6.18, two CPUs; nine v1 hierarchies).
 */
int cgroup_join(const struct cgroup_handle *handle, pid_t pid, bool is_in_v2, struct err *err);

/*
 * The same from inside the process, which must have one thread: a v1 cgroup takes a thread that
 * moves itself without that lock. After CLONE_INTO_CGROUP, which needs no lock either, all of the
 * joining takes 0.2 ms, pause or not; moving into v2 by a write brings the lock back.
 */
int cgroup_join_self(const struct cgroup_handle *handle, bool is_in_v2, struct err *err);

/* Whether the process may be refused to move itself, so that cgroup_join() has to do it. */
bool cgroup_join_needs_parent(const struct cgroup_handle *handle);

/*
 * Moves the calling process, which must have one thread, into the cgroups of a container that
 * exists. A v2 one takes no process when controllers are enabled below it, or may have been removed
 * when init has left it: @v2_fallback is joined then, unless that is NULL. What a user may not do by
 * a write is asked of systemd, where the container has a @unit of it. @is_in_v2 as above. Allocates nothing.
 */
int cgroup_join_paths_self(const struct cgroup_paths *paths, const struct unit_ref *unit,
			   bool is_in_v2, const char *v2_fallback, struct err *err);

/* Whether the v2 cgroup @dir can have use for a fallback; no promise that it takes a process. */
bool cgroup_may_refuse(const char *dir);

/* ---- a container that exists; cgroups that are not there are fine everywhere ---- */

/*
 * Signals every process. SIGKILL reaches those that are forked meanwhile too, and the frozen ones;
 * processes are then gone or about to go.
 */
int cgroup_kill(const struct cgroup_paths *paths, int signal, struct err *err);

/* The processes, of nested cgroups too, sorted. The caller frees *@ret_pids. */
int cgroup_pids(const struct cgroup_paths *paths, pid_t **ret_pids, size_t *ret_n, struct err *err);

/* Refuses limits of @plan that are below the usage, where it asks for that. */
int cgroup_check_usage(const struct plan_cgroup *plan, struct err *err);

/* Writes all values of @plan (of plan_build_cgroup_update()), or leaves the old ones. */
int cgroup_update(const struct plan_cgroup *plan, struct err *err);

/* Stops or continues all processes; waits at most 10 s until the last one has stopped. */
int cgroup_freeze(const struct cgroup_paths *paths, bool freeze, struct err *err);

/* The directory whose freezer stops them; NULL: none. Borrowed. */
const char *cgroup_freezer_dir(const struct cgroup_paths *paths);

/* 1 or 0. */
int cgroup_is_frozen(const struct cgroup_paths *paths, struct err *err);

/*
 * Removes what was created, nested cgroups included, and created parents that are empty. With @wait
 * processes that are about to exit are waited for, at most 10 s; the error names one that stays, and
 * is -EBUSY then.
 */
int cgroup_remove(const struct cgroup_paths *paths, bool wait, struct err *err);

#endif
