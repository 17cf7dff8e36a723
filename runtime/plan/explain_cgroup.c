/* SPDX-License-Identifier: Apache-2.0 */
/* Cgroups as facts. */
#include "cgroup_rows.h"
#include "explainer.h"

const struct plan_section plan_section_cgroups = { "cgroups",
						   "Cgroups",
						   { "directory", "version", "controllers" } };
const struct plan_section plan_section_cgroup_values = { "cgroupValues",
							 "Values of cgroups",
							 { "file", "value", "when", "directory" } };
const struct plan_section plan_section_device_rules = {
	"deviceRules", "Device rules; the last that matches decides", { "access", "devices" }
};

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
