/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of what plans units of systemd. Private to this layer. */
#ifndef OCIRUN_PLAN_UNIT_BUILD_H
#define OCIRUN_PLAN_UNIT_BUILD_H

#include "cgroup_rows.h"
#include "plan_build.h"
#include "plan_unit.h"

/* What a property is made of, but for its values. */
struct unit_property_kind {
	const char *name;
	const char *signature;
	unsigned since;
	bool is_late;
};

/* A new unit for a container, in the slice and with the name of its cgroupsPath: unit.c. */
int unit_build(struct arena *arena, const struct spec *spec, const struct host *host,
	       const struct plan_request *request, struct plan_unit **ret_unit, struct err *err);

/* The path of its cgroup in every hierarchy, as far as it can be known. */
int unit_path(struct arena *arena, const struct plan_unit *unit, const struct host *host,
	      const char **ret_path, struct err *err);

/* Appends a property; the strings are constants or in the arena. */
void unit_add(struct cgroup_build *build, const struct unit_property_kind *kind, size_t n,
	      const char *const *values, const char *origin);

/* Those that every unit has. @id names the container. */
void unit_add_fixed(struct cgroup_build *build, const char *id);

/* A line for the unit and one for each property. */
void unit_print(const struct plan_unit *unit, void (*line)(void *context, const char *),
		void *context);

/* From the writes of the plan: unit_rows.c. */
int unit_add_values(struct cgroup_build *build);

/* DevicePolicy and DeviceAllow, which systemd applies again whenever it is reloaded: unit_device.c. */
int unit_add_devices(struct cgroup_build *build, const struct plan_cgroup_device *rules, size_t n);

/* The annotations org.systemd.property.NAME: unit_annotation.c. */
int unit_add_annotations(struct cgroup_build *build, const struct spec *spec);

/* ---- values of annotations, in the text form of GVariant: unit_value.c ---- */

struct unit_value {
	char type; /* of its elements: 's', 'b', or of a number as in D-Bus; 'd' has a fraction */
	bool is_array;
	size_t n;
	const char **v;
};

/* 0, or -EINVAL with *@ret_reason set. */
int unit_value_parse(struct arena *arena, const char *text, struct unit_value *ret_value,
		     const char **ret_reason);

#endif
