/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan in words, for people: sections of facts, each a row of cells, in the order in which things
 * are done. How they are shown (as a tree, JSON, a picture) is the caller's matter. All texts are
 * as config.json has them: what does not print is not escaped.
 */
#ifndef OCIRUN_PLAN_PLAN_EXPLAIN_H
#define OCIRUN_PLAN_PLAN_EXPLAIN_H

#include "auto.h"
#include "err.h"

#include <stddef.h>

struct arena;
struct plan;
struct plan_seccomp;

#define PLAN_FACT_CELLS 6

/* Whom the container has a thing with. */
enum plan_sharing {
	PLAN_SHARING_UNSAID, /* a setting: nothing that could be shared */
	PLAN_SHARING_OWN,
	PLAN_SHARING_HOST,
	PLAN_SHARING_OTHER, /* with whoever has the namespace that is joined */
};

/* Sections have fixed addresses: they can be compared. */
struct plan_section {
	const char *name;                     /* for programs: "mounts" */
	const char *title;                    /* for people */
	const char *columns[PLAN_FACT_CELLS]; /* for both; NULL behind the last */
};

extern const struct plan_section plan_section_namespaces, plan_section_ids, plan_section_names,
	plan_section_sysctls, plan_section_net_devices, plan_section_unit,
	plan_section_unit_properties, plan_section_cgroups, plan_section_cgroup_values,
	plan_section_device_rules, plan_section_rdt, plan_section_root, plan_section_mounts,
	plan_section_devices, plan_section_links, plan_section_paths, plan_section_process,
	plan_section_environment, plan_section_capabilities, plan_section_limits,
	plan_section_seccomp, plan_section_syscall, plan_section_hooks, plan_section_annotations;

struct plan_fact {
	const struct plan_section *section;
	const char *cells[PLAN_FACT_CELLS]; /* as the section's columns; NULL: empty */
	const char *origin;                 /* JSON pointer of what asked for it; "" */
	enum plan_sharing sharing;
};

struct plan_explanation {
	struct arena *arena;
	size_t n;
	struct plan_fact *v; /* those of a section are together */
};

/* The caller frees *@ret_explanation. It borrows texts of @plan. */
int plan_explain(const struct plan *plan, struct plan_explanation **ret_explanation,
		 struct err *err);

/*
 * Adds what @seccomp (which may be NULL) does with the system call @name, rule by rule. -EINVAL for
 * a name that libseccomp does not know.
 */
int plan_explain_syscall(struct plan_explanation *explanation, const struct plan_seccomp *seccomp,
			 const char *name, struct err *err);

void plan_explanation_free(struct plan_explanation *explanation);
DEFINE_AUTO(plan_explanation, struct plan_explanation *, plan_explanation_free)

#endif
