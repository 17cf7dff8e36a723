/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter as lines of text. */
#include "plan_seccomp.h"
#include "printer.h"

#include <inttypes.h>

void printer_action(struct printer *p, uint32_t action)
{
	for (size_t i = 0; i < PLAN_SECCOMP_N_ACTIONS; i++) {
		const struct plan_seccomp_action *row = &plan_seccomp_actions[i];
		uint32_t data = row->has_errno ? SECCOMP_RET_DATA : 0;

		if (row->value != (action & ~data))
			continue;
		printer_put(p, "%s", row->name);
		if (row->has_errno)
			printer_put(p, "(%" PRIu32 ")", action & data);
		return;
	}
}

static void put_arg(struct printer *p, const struct scmp_arg_cmp *arg)
{
	const char *op = "?";

	for (size_t i = 0; i < PLAN_SECCOMP_N_OPERATORS; i++)
		if (plan_seccomp_operators[i].value == arg->op)
			op = plan_seccomp_operators[i].name;
	printer_put(p, " arg%u %s %" PRIu64, arg->arg, op, arg->datum_a);
	if (arg->op == SCMP_CMP_MASKED_EQ)
		printer_put(p, " %" PRIu64, arg->datum_b);
}

static void print_rule(struct printer *p, const struct plan_seccomp_rule *rule)
{
	printer_put(p, "seccomp rule ");
	printer_action(p, rule->action);
	for (size_t i = 0; i < rule->n_args; i++)
		put_arg(p, &rule->args[i]);
	printer_put(p, " of");
	for (size_t i = 0; i < rule->n_syscalls; i++) {
		printer_put(p, " ");
		printer_word(p, rule->syscalls[i].name);
	}
	printer_end(p, rule->origin);
}

void plan_print_seccomp(struct printer *p, const struct plan_seccomp *seccomp)
{
	printer_put(p, "seccomp %s no_new_privs, default ",
		    seccomp->is_privileged ? "without" : "with");
	printer_action(p, seccomp->default_action);
	for (size_t i = 0; i < PLAN_SECCOMP_N_FLAGS; i++)
		if (seccomp->flags & plan_seccomp_flags[i].value)
			printer_put(p, " %s", plan_seccomp_flags[i].name);
	printer_end(p, "/linux/seccomp");
	if (seccomp->listener_path) {
		printer_text(p, "seccomp listener ", seccomp->listener_path);
		printer_text(p, " metadata ", seccomp->listener_metadata);
		printer_end(p, "/linux/seccomp/listenerPath");
	}
	for (size_t i = 0; i < seccomp->n_archs; i++) {
		printer_put(p, "seccomp arch %s", seccomp->archs[i].name);
		printer_end(p, seccomp->archs[i].origin);
	}
	for (size_t i = 0; i < seccomp->n_rules; i++)
		print_rule(p, &seccomp->rules[i]);
}
