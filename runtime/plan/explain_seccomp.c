/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter as facts: in brief, and for one system call. */
#include "explainer.h"
#include "plan_seccomp.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const struct plan_section plan_section_seccomp = { "seccomp",
						   "System calls",
						   { "what", "action", "calls", "names" } };
const struct plan_section plan_section_syscall = { "syscall",
						   "This system call",
						   { "name", "action", "when" } };

/* "SCMP_ACT_ERRNO(EPERM)" */
static const char *action_cell(struct explainer *e, uint32_t action)
{
	const char *name = NULL;

	if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		name = strerrorname_np((int)(action & SECCOMP_RET_DATA));
	if (name)
		printer_put(&e->text, "SCMP_ACT_ERRNO(%s)", name);
	else
		printer_action(&e->text, action);
	return explainer_cell(e);
}

/* Rules that do the same, with or without conditions, as one fact. */
static void explain_like(struct explainer *e, const struct plan_seccomp *seccomp, size_t first)
{
	const struct plan_seccomp_rule *like = &seccomp->rules[first];
	struct plan_fact fact = { .section = &plan_section_seccomp, .origin = like->origin };
	const char *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < seccomp->n_rules; i++) {
		const struct plan_seccomp_rule *rule = &seccomp->rules[i];

		if (rule->action != like->action || !rule->n_args != !like->n_args)
			continue;
		if (i < first) /* it was told with that one */
			break;
		for (size_t k = 0; k < rule->n_syscalls; k++) {
			const char *name = rule->syscalls[k].name;

			if (last && strcmp(last, name) == 0) /* another condition */
				continue;
			printer_put(&e->text, "%s%s", n++ ? " " : "", name);
			last = name;
		}
	}
	if (!n) {
		explainer_cell(e);
		return;
	}
	fact.cells[3] = explainer_cell(e);
	fact.cells[0] = like->n_args ? "with some arguments" : "always";
	fact.cells[1] = action_cell(e, like->action);
	fact.cells[2] = arena_printf(e->explanation->arena, "%zu", n);
	explainer_add(e, &fact);
}

static void add_names(struct explainer *e, const char *what, const char *names, const char *origin)
{
	if (names)
		explainer_add(e, &(struct plan_fact){ .section = &plan_section_seccomp,
						      .cells = { what, NULL, NULL, names },
						      .origin = origin });
}

void plan_explain_seccomp(struct explainer *e, const struct plan_seccomp *seccomp)
{
	size_t n_flags = 0;

	if (!seccomp) {
		explainer_add(e, &(struct plan_fact){ &plan_section_seccomp,
						      { "all", "allowed: there is no filter" },
						      "",
						      PLAN_SHARING_HOST });
		return;
	}
	for (size_t i = 0; i < seccomp->n_rules; i++)
		explain_like(e, seccomp, i);
	explainer_pair(e, &plan_section_seccomp, "all others",
		       action_cell(e, seccomp->default_action), "/linux/seccomp/defaultAction");
	for (size_t i = 0; i < seccomp->n_archs; i++)
		printer_put(&e->text, "%s%s", i ? " " : "", seccomp->archs[i].name);
	add_names(e, "architectures", explainer_cell(e), "/linux/seccomp/architectures");
	for (size_t i = 0; i < PLAN_SECCOMP_N_FLAGS; i++)
		if (seccomp->flags & plan_seccomp_flags[i].value)
			printer_put(&e->text, "%s%s", n_flags++ ? " " : "",
				    plan_seccomp_flags[i].name);
	add_names(e, "flags", explainer_cell(e), "/linux/seccomp/flags");
	add_names(e, "agent", seccomp->listener_path, "/linux/seccomp/listenerPath");
}

/* ---- one system call ---- */

static void put_condition(struct explainer *e, const struct scmp_arg_cmp *arg)
{
	static const char *const signs[] = {
		[SCMP_CMP_NE] = "!=", [SCMP_CMP_LT] = "<",  [SCMP_CMP_LE] = "<=",
		[SCMP_CMP_EQ] = "==", [SCMP_CMP_GE] = ">=", [SCMP_CMP_GT] = ">",
	};

	if (arg->op == SCMP_CMP_MASKED_EQ)
		printer_put(&e->text, "(argument %u & 0x%" PRIx64 ") == 0x%" PRIx64, arg->arg,
			    arg->datum_a, arg->datum_b);
	else
		printer_put(&e->text, "argument %u %s %" PRIu64, arg->arg, signs[arg->op],
			    arg->datum_a);
}

/* Whether there is a rule without conditions. */
static bool explain_rules(struct explainer *e, const struct plan_seccomp *seccomp, const char *name)
{
	bool is_decided = false;

	for (size_t i = 0; i < seccomp->n_rules; i++) {
		const struct plan_seccomp_rule *rule = &seccomp->rules[i];
		struct plan_fact fact = { .section = &plan_section_syscall,
					  .cells = { name, NULL, "always" },
					  .origin = rule->origin };
		bool is_named = false;

		for (size_t k = 0; k < rule->n_syscalls; k++)
			is_named |= strcmp(rule->syscalls[k].name, name) == 0;
		if (!is_named)
			continue;
		is_decided |= rule->n_args == 0;
		for (size_t k = 0; k < rule->n_args; k++) {
			printer_put(&e->text, "%s", k ? " and " : "if ");
			put_condition(e, &rule->args[k]);
		}
		if (rule->n_args)
			fact.cells[2] = explainer_cell(e);
		fact.cells[1] = action_cell(e, rule->action);
		explainer_add(e, &fact);
	}
	return is_decided;
}

static void explain_call(struct explainer *e, const struct plan_seccomp *seccomp, const char *name,
			 int nr)
{
	struct plan_fact rest = { .section = &plan_section_syscall,
				  .cells = { name, NULL, "otherwise" } };
	size_t before = e->explanation->n;

	if (!seccomp) {
		rest.cells[1] = "allowed";
		rest.cells[2] = "always: there is no filter";
		explainer_add(e, &rest);
		return;
	}
	if (explain_rules(e, seccomp, name))
		return;
	if (e->explanation->n == before)
		rest.cells[2] = "always";
	rest.origin = "/linux/seccomp/defaultAction";
	/* A call that the profile cannot know is answered as a kernel without it would. */
	if (nr > 0 && seccomp->n_archs && (uint32_t)nr > seccomp->archs[0].last_nr) {
		rest.cells[1] = "fails with ENOSYS: it is newer than the profile";
	} else {
		rest.cells[1] = action_cell(e, seccomp->default_action);
	}
	explainer_add(e, &rest);
}

int plan_explain_syscall(struct plan_explanation *explanation, const struct plan_seccomp *seccomp,
			 const char *name, struct err *err)
{
	int nr = seccomp_syscall_resolve_name(name);
	struct explainer e;

	if (nr == __NR_SCMP_ERROR) {
		err_set(err, EINVAL, "'%s' is no system call that libseccomp knows", name);
		return err_hint(err, "names are those of the manual: openat, clone3");
	}
	TRY(explainer_open(&e, explanation, err));
	explain_call(&e, seccomp, name, nr);
	explainer_close(&e);
	return 0;
}
