/* SPDX-License-Identifier: Apache-2.0 */
/* The process as facts. */
#include "explainer.h"
#include "process_names.h"

#include <inttypes.h>
#include <linux/ioprio.h>
#include <string.h>
#include <sys/personality.h>

const struct plan_section plan_section_process = { "process", "Process", { "name", "value" } };
const struct plan_section plan_section_environment = { "environment",
						       "Environment",
						       { "variable", "value" } };
const struct plan_section plan_section_capabilities = { "capabilities",
							"Capabilities",
							{ "sets", "capabilities" } };
const struct plan_section plan_section_limits = { "limits",
						  "Resource limits",
						  { "name", "soft", "hard" } };

static void add(struct explainer *e, const char *name, const char *origin)
{
	explainer_pair(e, &plan_section_process, name, explainer_cell(e), origin);
}

static void explain_user(struct explainer *e, const struct plan_process *process)
{
	printer_put(&e->text, "%u:%u", process->uid, process->gid);
	add(e, "user and group", "/process/user");
	if (process->keeps_groups)
		printer_put(&e->text, "those of the caller");
	for (size_t i = 0; i < process->n_gids; i++)
		printer_put(&e->text, "%s%u", i ? " " : "", process->gids[i]);
	add(e, "further groups", "/process/user/additionalGids");
	if (process->has_umask)
		printer_put(&e->text, "%04o", process->umask);
	add(e, "umask", "/process/user/umask");
}

static void explain_program(struct explainer *e, const struct plan_process *process)
{
	for (char **arg = process->argv; *arg; arg++)
		printer_put(&e->text, "%s%s", arg == process->argv ? "" : " ", *arg);
	add(e, "program", "/process/args");
	explainer_pair(e, &plan_section_process, "working directory", process->cwd, "/process/cwd");
	explainer_pair(e, &plan_section_process, "terminal", process->terminal ? "yes" : "no",
		       "/process/terminal");
	explain_user(e, process);
	explainer_pair(e, &plan_section_process, "no_new_privs",
		       process->no_new_privs ? "yes" : "no, set-user-ID programs work",
		       "/process/noNewPrivileges");
	explainer_pair(e, &plan_section_process, "AppArmor profile", process->apparmor_profile,
		       "/process/apparmorProfile");
	explainer_pair(e, &plan_section_process, "SELinux label", process->selinux_label,
		       "/process/selinuxLabel");
}

static void explain_scheduling(struct explainer *e, const struct plan_process *process)
{
	if (process->has_oom_score_adj)
		printer_put(&e->text, "%d", process->oom_score_adj);
	add(e, "oom_score_adj", "/process/oomScoreAdj");
	if (process->has_scheduler)
		printer_put(&e->text, "%s, nice %" PRId32 ", priority %" PRIu32,
			    plan_scheduler_name(process->scheduler.policy), process->scheduler.nice,
			    process->scheduler.priority);
	add(e, "scheduler", "/process/scheduler");
	if (process->has_io_priority)
		printer_put(&e->text, "class %d, level %d",
			    (int)IOPRIO_PRIO_CLASS(process->io_priority),
			    (int)IOPRIO_PRIO_DATA(process->io_priority));
	add(e, "I/O priority", "/process/ioPriority");
	if (process->has_personality)
		printer_put(&e->text, "%s",
			    process->personality == PER_LINUX32 ? "LINUX32" : "LINUX");
	add(e, "personality", "/linux/personality");
	if (process->has_memory_policy)
		plan_print_memory_policy(&e->text, process);
	add(e, "memory policy", "/linux/memoryPolicy");
}

static void explain_environment(struct explainer *e, const struct plan_process *process)
{
	struct arena *arena = e->explanation->arena;

	for (char **entry = process->envp; *entry; entry++) {
		size_t len = strcspn(*entry, "=");

		explainer_pair(e, &plan_section_environment, arena_strndup(arena, *entry, len),
			       *entry + len + ((*entry)[len] == '='), NULL);
	}
	if (!process->env_has_home)
		explainer_pair(e, &plan_section_environment, "HOME",
			       "(of the user, from the container's /etc/passwd)", NULL);
}

/* Sets that are equal, as most are, share a row. */
static void explain_capabilities(struct explainer *e, const struct plan_capabilities *caps)
{
	const struct {
		const char *name;
		uint64_t mask;
	} sets[] = {
		{ "bounding", caps->bounding },   { "effective", caps->effective },
		{ "permitted", caps->permitted }, { "inheritable", caps->inheritable },
		{ "ambient", caps->ambient },
	};
	const size_t n = sizeof(sets) / sizeof(sets[0]);
	bool is_done[sizeof(sets) / sizeof(sets[0])] = { false };

	for (size_t i = 0; i < n; i++) {
		const char *names, *between = "";

		if (is_done[i])
			continue;
		for (size_t k = i; k < n; k++) {
			if (sets[k].mask != sets[i].mask)
				continue;
			is_done[k] = true;
			printer_put(&e->text, "%s%s", between, sets[k].name);
			between = ", ";
		}
		names = explainer_cell(e);
		for (unsigned bit = 0; bit < 64; bit++)
			if (sets[i].mask & (UINT64_C(1) << bit))
				printer_put(&e->text, "%s ", plan_capability_name(bit).text);
		explainer_pair(e, &plan_section_capabilities, names,
			       sets[i].mask ? explainer_cell(e) : "none", "/process/capabilities");
	}
}

static void put_limit(struct explainer *e, uint64_t value)
{
	if (value == UINT64_MAX)
		printer_put(&e->text, "unlimited");
	else
		printer_put(&e->text, "%" PRIu64, value);
}

static void explain_limits(struct explainer *e, const struct plan_process *process)
{
	for (size_t i = 0; i < process->n_rlimits; i++) {
		const struct plan_rlimit *rlimit = &process->rlimits[i];
		struct plan_fact fact = { .section = &plan_section_limits,
					  .cells = { rlimit->name },
					  .origin = rlimit->origin };

		put_limit(e, rlimit->soft);
		fact.cells[1] = explainer_cell(e);
		put_limit(e, rlimit->hard);
		fact.cells[2] = explainer_cell(e);
		explainer_add(e, &fact);
	}
}

void plan_explain_process(struct explainer *e, const struct plan_process *process)
{
	explain_program(e, process);
	explain_scheduling(e, process);
	explain_environment(e, process);
	explain_capabilities(e, &process->caps);
	explain_limits(e, process);
}
