/* SPDX-License-Identifier: Apache-2.0 */
/* Cgroups as facts. */
#include "cgroup_rows.h"
#include "explainer.h"
#include "plan_unit.h"

#include <string.h>

const struct plan_section plan_section_cgroups = { "cgroups",
						   "Cgroups",
						   { "directory", "version", "controllers" } };
const struct plan_section plan_section_cgroup_values = { "cgroupValues",
							 "Values of cgroups",
							 { "file", "value", "when", "directory" } };
const struct plan_section plan_section_device_rules = {
	"deviceRules", "Device rules; the last that matches decides", { "access", "devices" }
};

const struct plan_section plan_section_unit = { "unit",
						"Unit of systemd, which makes the cgroup",
						{ "name", "slice", "manager" } };
const struct plan_section plan_section_unit_properties = {
	"unitProperties", "Properties of the unit", { "name", "type", "when", "since", "value" }
};

/* @n values, which are one to the reader: a pair of a list of pairs, or all there are. */
static void explain_property_values(struct explainer *e, const struct plan_unit_property *property,
				    const char *const *values, size_t n)
{
	struct plan_fact fact = {
		.section = &plan_section_unit_properties,
		.cells = { property->name, property->signature,
			   property->is_late ? "when set-up is over" : "at its start" },
		.origin = property->origin,
		.sharing = PLAN_SHARING_OWN,
	};

	if (property->since)
		printer_put(&e->text, "systemd %u", property->since);
	fact.cells[3] = explainer_cell(e);
	for (size_t i = 0; i < n; i++)
		printer_put(&e->text, "%s%s", i ? " " : "", values[i]);
	fact.cells[4] = explainer_cell(e);
	explainer_add(e, &fact);
}

static void explain_property(struct explainer *e, const struct plan_unit_property *property)
{
	bool is_pairs = strcmp(property->signature, "a(ss)") == 0;
	size_t step = is_pairs ? 2 : property->n;

	if (property->n == 0)
		explain_property_values(e, property, NULL, 0);
	for (size_t i = 0; i < property->n; i += step)
		explain_property_values(e, property, property->values + i, step);
}

static void explain_unit(struct explainer *e, const struct plan_unit *unit)
{
	explainer_add(e, &(struct plan_fact){
				 .section = &plan_section_unit,
				 .cells = { unit->name, unit->slice,
					    unit->is_user ? "the user's" : "the system's" },
				 .origin = unit->origin,
				 .sharing = PLAN_SHARING_OWN,
			 });
	for (size_t i = 0; i < unit->n_properties; i++)
		explain_property(e, &unit->properties[i]);
}

static void explain_write(struct explainer *e, const struct plan_cgroup *cgroup,
			  const struct plan_cgroup_write *w)
{
	static const char *const when[] = {
		[PLAN_CGROUP_SETUP] = "before hooks run",
		[PLAN_CGROUP_JOIN] = "before a process joins",
		[PLAN_CGROUP_LAST] = "when set-up is over",
	};
	const struct plan_fact fact = {
		.section = &plan_section_cgroup_values,
		.cells = { w->file, w->value, when[w->phase],
			   cgroup->hierarchies[w->hierarchy].dir },
		.origin = w->origin,
		.sharing = PLAN_SHARING_OWN,
	};

	explainer_add(e, &fact);
}

void plan_explain_cgroup(struct explainer *e, const struct plan_cgroup *cgroup)
{
	if (cgroup && cgroup->unit)
		explain_unit(e, cgroup->unit);
	for (size_t i = 0; cgroup && i < cgroup->n_hierarchies; i++) {
		const struct plan_cgroup_hierarchy *h = &cgroup->hierarchies[i];

		explainer_add(e, &(struct plan_fact){
					 .section = &plan_section_cgroups,
					 .cells = { h->dir, h->is_v2 ? "v2" : "v1",
						    h->controllers[0] ? h->controllers : NULL },
					 .sharing = PLAN_SHARING_OWN,
				 });
	}
	for (size_t i = 0; cgroup && i < cgroup->n_writes; i++)
		explain_write(e, cgroup, &cgroup->writes[i]);
	for (size_t i = 0; cgroup && i < cgroup->n_devices; i++) {
		char text[CG_DEVICE_TEXT_MAX];

		cgroup_device_format(&cgroup->devices[i], text, sizeof(text));
		explainer_pair(e, &plan_section_device_rules,
			       cgroup->devices[i].allow ? "allowed" : "denied",
			       arena_strdup(e->explanation->arena, text),
			       cgroup->devices[i].origin);
	}
}
