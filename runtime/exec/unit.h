/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit of systemd that makes a container's cgroup. The order at create, each step an exchange
 * with systemd but the third:
 *
 *	unit_start()       a scope, with a process of ours in it: it takes one to have one
 *	                   (the cgroup's other files are written: cgroup.c)
 *	unit_settle()      that process ends, since the container's is in the cgroup
 *	unit_finish()      limits of memory and tasks, which were not to meet the setting up
 *
 * Each waits for 10 s at most, all of them together too; nothing of a unit that could not be started
 * stays. A scope ends with its last process, so that one whose runtime was killed does not stay
 * either: our process in it ends with us.
 */
#ifndef OCIRUN_EXEC_UNIT_H
#define OCIRUN_EXEC_UNIT_H

#include "arena.h"
#include "auto.h"
#include "err.h"
#include "plan_unit.h"
#include "unit_ref.h"

#include <stdbool.h>
#include <sys/types.h>

struct unit;

/*
 * Where the manager is, from the environment of a user where that is meant, and from what is always so:
 * its own socket first, then the bus.
 */
const char *unit_bus(struct arena *arena, bool is_user);

/*
 * Asks the manager at @bus for no more than the version of systemd; *@ret_program is whom we asked it
 * through, "" when that program is not there.
 */
int unit_greet(struct arena *arena, const char *bus, const char **ret_program,
	       unsigned long long *ret_version, struct err *err);

/*
 * Starts it. @plan is borrowed. *@ret_control_group, which lives until something else is asked of the
 * unit, is the path that plan_unit_move() wants.
 */
int unit_start(const struct plan_unit *plan, const struct unit_ref *ref, struct unit **ret_unit,
	       const char **ret_control_group, struct err *err);
void unit_settle(struct unit *unit);
int unit_finish(struct unit *unit, struct err *err);

/* Which one it is; belongs to it. */
const struct unit_ref *unit_ref(const struct unit *unit);

/* Whether unit_finish() has something to ask for. */
bool unit_has_late_properties(const struct plan_unit *plan);

/* Ends what unit_start() has begun. */
int unit_end(struct unit *unit, struct err *err);

/* Closes descriptors, ends the process that is ours; the unit stays as long as it has another one. */
void unit_free(struct unit *unit);
DEFINE_AUTO(unit, struct unit *, unit_free)

/* ---- one that exists ---- */

/*
 * Has systemd move a process into the unit's cgroup, or into @sub below it ("/sub"; "" for none): who is
 * not root may do so only between cgroups that were delegated together. Allocates nothing.
 */
int unit_attach(const struct unit_ref *ref, const char *sub, pid_t pid, struct err *err);

/*
 * Stops it and forgets it; one that is not there is fine. With a @description (plan_unit_description())
 * one that is described otherwise is left alone: it is another container's.
 */
int unit_stop(const struct unit_ref *ref, const char *description, struct err *err);

/* Other values: the properties of @plan. */
int unit_update(const struct unit_ref *ref, const struct plan_unit *plan, struct unit **ret_unit,
		struct err *err);
/* Those of before, when something else failed afterwards. */
int unit_update_undo(struct unit *unit, struct err *err);

#endif
