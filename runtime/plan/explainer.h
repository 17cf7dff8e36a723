/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of explain.c put facts together with. Private to this layer. */
#ifndef OCIRUN_PLAN_EXPLAINER_H
#define OCIRUN_PLAN_EXPLAINER_H

#include "plan.h"
#include "plan_explain.h"
#include "printer.h"

struct explainer {
	struct plan_explanation *explanation;
	struct printer text; /* a cell that is being put together */
	bool is_incomplete;  /* memory ran out somewhere: what was made is of no use */
};

/* Makes *@e, which must not be moved. The caller calls explainer_close() in the end. */
int explainer_open(struct explainer *e, struct plan_explanation *explanation, struct err *err);
void explainer_close(struct explainer *e);

/* Appends a fact. */
void explainer_add(struct explainer *e, const struct plan_fact *fact);

/* What was put into e->text since the last call; NULL when that is nothing. */
const char *explainer_cell(struct explainer *e);

/* A fact of two cells. Nothing when @value is NULL. */
void explainer_pair(struct explainer *e, const struct plan_section *section, const char *name,
		    const char *value, const char *origin);

/* The parts that have files of their own. */
void plan_explain_rootfs(struct explainer *e, const struct plan_rootfs *rootfs);
void plan_explain_cgroup(struct explainer *e, const struct plan_cgroup *cgroup);
void plan_explain_process(struct explainer *e, const struct plan_process *process);
void plan_explain_seccomp(struct explainer *e, const struct plan_seccomp *seccomp);

#endif
