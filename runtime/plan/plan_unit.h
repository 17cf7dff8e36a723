/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit of systemd that a container's cgroup belongs to when systemd is the one who makes it: a
 * transient scope, in a slice. Its properties are what systemd has to know so that it never writes
 * anything else to the cgroup than we do: they follow from the writes of the plan, which are made
 * all the same, since a property rounds, and for many files there is none.
 */
#ifndef OCIRUN_PLAN_PLAN_UNIT_H
#define OCIRUN_PLAN_PLAN_UNIT_H

#include "plan_cgroup.h"

struct plan_unit_property {
	const char *name;      /* "MemoryMax" */
	const char *signature; /* of D-Bus: "t", "s", "as", "a(ss)" */
	size_t n;
	const char *const *values; /* of the basic types in their order, as text */
	unsigned since; /* version of systemd; an older one does without. 0: it must have it */
	bool is_late;   /* set with PLAN_CGROUP_LAST: limits that set-up shall not meet */
	const char *origin;
};

struct plan_unit {
	const char *name;  /* "libpod-c1.scope" */
	const char *slice; /* "machine.slice" */
	bool is_user;      /* the user's own manager is asked, not that of the system */
	const char *origin;
	size_t n_properties;
	struct plan_unit_property *properties;
};

/*
 * Says where systemd has put the unit: @control_group, as it calls it, is the path in each hierarchy.
 * What a user's manager starts from cannot be known before.
 */
void plan_unit_move(struct arena *arena, struct plan_cgroup *plan, const char *control_group);

/* What a unit is called by people: systemd shows it, and the unit of another container has another. */
const char *plan_unit_description(struct arena *arena, const char *id);

#endif
