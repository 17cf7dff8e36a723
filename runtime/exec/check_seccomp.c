/* SPDX-License-Identifier: Apache-2.0 */
/* A seccomp profile under which nothing can be started: what comes between it and the program. */
#include "check.h"

#include "plan_seccomp.h"
#include "steps.h"

#include <linux/seccomp.h>
#include <string.h>

static bool is_denied_by(uint32_t action)
{
	uint32_t kind = action & SECCOMP_RET_ACTION_FULL;

	return kind == SECCOMP_RET_ERRNO || kind == SECCOMP_RET_KILL_PROCESS ||
	       kind == SECCOMP_RET_KILL_THREAD || kind == SECCOMP_RET_TRAP;
}

/* Whatever its arguments are. */
static bool is_denied(const struct plan_seccomp *seccomp, const char *name)
{
	bool is_named = false;

	for (size_t i = 0; i < seccomp->n_rules; i++) {
		const struct plan_seccomp_rule *rule = &seccomp->rules[i];

		for (size_t k = 0; k < rule->n_syscalls; k++) {
			if (strcmp(rule->syscalls[k].name, name) != 0)
				continue;
			if (!is_denied_by(rule->action))
				return false;
			is_named |= rule->n_args == 0;
		}
	}
	return is_named || is_denied_by(seccomp->default_action);
}

static bool always(const struct plan *plan)
{
	return plan->has_process;
}

static const struct {
	const char *name;
	bool (*is_needed)(const struct plan *plan);
	const char *text, *hint;
} rows[] = {
	{ "execve", always, "the profile denies execve, and no program can be started",
	  "allow it; `ocirun run --seccomp-learn FILE` writes what a program needs" },
	{ "capset", step_needs_admin,
	  "the profile denies capset, and the capability that loads it cannot be given up",
	  "allow it, or set /process/noNewPrivileges, with which the profile is loaded after "
	  "that" },
};

void check_seccomp(const struct check *check)
{
	const struct plan_seccomp *seccomp = check->plan->seccomp;

	for (size_t i = 0; seccomp && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].is_needed(check->plan) && is_denied(seccomp, rows[i].name))
			/* All of it: where a rule could not be read nobody knows. */
			problem_error(check->sink, "/linux/seccomp", rows[i].hint, "%s",
				      rows[i].text);
}
