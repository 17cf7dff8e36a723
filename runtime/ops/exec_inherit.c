/* SPDX-License-Identifier: Apache-2.0 */
/* A setting is a row; its number is its bit in the state record, so that rows are only added. */
#include "exec_inherit.h"

#include "annotation.h"

#define SETTING(name, has, take)                                                                   \
	static bool has_##name(const struct spec *s)                                               \
	{                                                                                          \
		return has;                                                                        \
	}                                                                                          \
	static void take_##name(const struct spec *from, struct spec *to)                          \
	{                                                                                          \
		take;                                                                              \
	}

SETTING(capabilities, s->process.capabilities.set,
	to->process.capabilities = from->process.capabilities)
SETTING(rlimits, s->process.rlimits.n, to->process.rlimits = from->process.rlimits)
SETTING(apparmor, s->process.apparmor_profile,
	to->process.apparmor_profile = from->process.apparmor_profile)
SETTING(selinux, s->process.selinux_label, to->process.selinux_label = from->process.selinux_label)
SETTING(umask, s->process.user.umask.set, to->process.user.umask = from->process.user.umask)
SETTING(oom_score, s->process.oom_score_adj.set,
	to->process.oom_score_adj = from->process.oom_score_adj)
SETTING(scheduler, s->process.scheduler.set, to->process.scheduler = from->process.scheduler)
SETTING(io_priority, s->process.io_priority.set,
	to->process.io_priority = from->process.io_priority)
SETTING(affinity, s->process.cpu_affinity_initial || s->process.cpu_affinity_final,
	to->process.cpu_affinity_initial = from->process.cpu_affinity_initial;
	to->process.cpu_affinity_final = from->process.cpu_affinity_final)
SETTING(personality, s->linux_.personality.set, to->linux_.personality = from->linux_.personality)
SETTING(memory_policy, s->linux_.memory_policy.set,
	to->linux_.memory_policy = from->linux_.memory_policy)
SETTING(groups, plan_annotation(s, ANNOTATION_KEEP_GROUPS), to->annotations = from->annotations)

#define ROW(name, beside)                                                                          \
	{                                                                                          \
		has_##name, take_##name, beside                                                    \
	}

/* What kind of scheduler can be had depends on the CPUs of the container's cgroup. */
static const struct {
	bool (*has)(const struct spec *spec);
	void (*take)(const struct spec *from, struct spec *to);
	bool needs_config; /* more of it than the process object */
} rows[] = {
	ROW(capabilities, false), ROW(rlimits, false),      ROW(apparmor, false),
	ROW(selinux, false),      ROW(umask, false),        ROW(oom_score, false),
	ROW(scheduler, true),     ROW(io_priority, false),  ROW(affinity, false),
	ROW(personality, true),   ROW(memory_policy, true), ROW(groups, true),
};

uint32_t exec_settings(const struct spec *spec)
{
	uint32_t settings = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].has(spec))
			settings |= UINT32_C(1) << i;
	return settings;
}

bool exec_needs_config(uint32_t settings)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].needs_config && settings & (UINT32_C(1) << i))
			return true;
	return false;
}

void exec_inherit(uint32_t settings, const struct spec *config, struct spec *spec)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (settings & (UINT32_C(1) << i))
			rows[i].take(config, spec);
}
