/* SPDX-License-Identifier: Apache-2.0 */
/* process: what runs in the container, as whom and with which limits. */
#include "tables.h"

#include <linux/ioprio.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/resource.h>

/* Reserved in the kernel and not implemented, but a word of the spec. */
#ifndef SCHED_ISO
#define SCHED_ISO 4
#endif
/* Linux 3.15; not in every libc's resource.h. */
#ifndef RLIMIT_RTTIME
#define RLIMIT_RTTIME 15
#endif

/* ---- rlimits ---- */

static const struct spec_name rlimit_types[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
};
static const struct field_names rlimit_type_names =
	FIELD_NAMES("a resource limit of Linux", rlimit_types);

static const struct field rlimit_fields[] = {
	{ "type", FIELD_NAMED(struct spec_rlimit, resource, &rlimit_type_names),
	  .is_required = true },
	{ "soft", FIELD_MEMBER(struct spec_rlimit, soft), .is_required = true },
	{ "hard", FIELD_MEMBER(struct spec_rlimit, hard), .is_required = true },
};
FIELD_ASSERT_ELEMENT(struct spec_rlimit);

static const struct field_object rlimit_object = {
	FIELD_ROWS(struct spec_rlimit, rlimit_fields),
};

/* spec: two limits of one type must be an error. */
static int check_rlimits(struct field_reader *r, const void *member)
{
	const __typeof__(((struct spec_process *)0)->rlimits) *limits = member;
	uint64_t seen = 0;

	for (size_t i = 0; i < limits->n; i++) {
		uint64_t bit = UINT64_C(1) << limits->v[i].resource;

		if (seen & bit)
			TRY(field_problem_at(r, i, "has the type of an earlier limit, \"%s\"",
					     field_name_of(&rlimit_type_names,
							   (uint64_t)limits->v[i].resource)));
		seen |= bit;
	}
	return 0;
}

/* ---- capabilities ---- */

bool spec_parse_capability(const char *text, uint64_t *ret_bit)
{
	cap_value_t value;

	/* cap_from_name() also takes lower case and numbers; the spec has names as in headers. */
	if (strncmp(text, "CAP_", 4) != 0 || text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")] ||
	    cap_from_name(text, &value) < 0 || value < 0 || value > 63)
		return false;
	*ret_bit = UINT64_C(1) << value;
	return true;
}
static const struct field_names capability_names = {
	.what = "a known capability",
	.lookup = spec_parse_capability,
};

static const struct field capability_fields[] = {
	{ "bounding", FIELD_NAMED_LIST(struct spec_capabilities, bounding, &capability_names) },
	{ "effective", FIELD_NAMED_LIST(struct spec_capabilities, effective, &capability_names) },
	{ "inheritable",
	  FIELD_NAMED_LIST(struct spec_capabilities, inheritable, &capability_names) },
	{ "permitted", FIELD_NAMED_LIST(struct spec_capabilities, permitted, &capability_names) },
	{ "ambient", FIELD_NAMED_LIST(struct spec_capabilities, ambient, &capability_names) },
};
static const struct field_object capabilities_object = {
	FIELD_ROWS_SET(struct spec_capabilities, capability_fields, set),
};

/* ---- scheduler ---- */

static const struct spec_name scheduler_policies[] = {
	{ "SCHED_OTHER", SCHED_NORMAL },
	{ "SCHED_FIFO", SCHED_FIFO },
	{ "SCHED_RR", SCHED_RR },
	{ "SCHED_BATCH", SCHED_BATCH },
	{ "SCHED_ISO", SCHED_ISO },
	{ "SCHED_IDLE", SCHED_IDLE },
	{ "SCHED_DEADLINE", SCHED_DEADLINE },
};
static const struct field_names scheduler_policy_names =
	FIELD_NAMES("a scheduling policy", scheduler_policies);

static const struct spec_name scheduler_flags[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
};
static const struct field_names scheduler_flag_names =
	FIELD_NAMES("a scheduling flag", scheduler_flags);

/* The kernel would say no more than "Invalid argument". */
static int check_scheduler(struct field_reader *r, void *object, const json_t *json)
{
	const struct spec_scheduler *scheduler = object;

	(void)json;
	if (scheduler->priority != 0 && scheduler->policy != SCHED_FIFO &&
	    scheduler->policy != SCHED_RR)
		return field_problem_in(r, "priority",
					"is %d, expected 0 unless policy is SCHED_FIFO or SCHED_RR",
					scheduler->priority);
	if ((scheduler->runtime || scheduler->deadline || scheduler->period) &&
	    scheduler->policy != SCHED_DEADLINE)
		return field_problem(r, "has a runtime, deadline or period, but its policy is not "
					"SCHED_DEADLINE");
	return 0;
}

static const struct field scheduler_fields[] = {
	{ "policy", FIELD_NAMED(struct spec_scheduler, policy, &scheduler_policy_names),
	  .is_required = true },
	{ "nice", FIELD_MEMBER(struct spec_scheduler, nice), .min = -20, .max = 19 },
	{ "priority", FIELD_MEMBER(struct spec_scheduler, priority) },
	{ "flags", FIELD_NAMED_LIST(struct spec_scheduler, flags, &scheduler_flag_names) },
	{ "runtime", FIELD_MEMBER(struct spec_scheduler, runtime) },
	{ "deadline", FIELD_MEMBER(struct spec_scheduler, deadline) },
	{ "period", FIELD_MEMBER(struct spec_scheduler, period) },
};
static const struct field_object scheduler_object = {
	FIELD_ROWS_SET(struct spec_scheduler, scheduler_fields, set),
	.check = check_scheduler,
};

/* ---- smaller objects ---- */

static const struct spec_name io_classes[] = {
	{ "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
	{ "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
	{ "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
};
static const struct field_names io_class_names = FIELD_NAMES("an I/O class", io_classes);

static const struct field io_priority_fields[] = {
	{ "class", FIELD_NAMED(struct spec_io_priority, class, &io_class_names),
	  .is_required = true },
	{ "priority", FIELD_MEMBER(struct spec_io_priority, priority), .min = 0, .max = 7 },
};
static const struct field_object io_priority_object = {
	FIELD_ROWS_SET(struct spec_io_priority, io_priority_fields, set),
};

static const struct field console_size_fields[] = {
	{ "height", FIELD_MEMBER(struct spec_console_size, height), .is_required = true },
	{ "width", FIELD_MEMBER(struct spec_console_size, width), .is_required = true },
};
static const struct field_object console_size_object = {
	FIELD_ROWS_SET(struct spec_console_size, console_size_fields, set),
};

static const struct field user_fields[] = {
	{ "uid", FIELD_MEMBER(struct spec_user, uid) },
	{ "gid", FIELD_MEMBER(struct spec_user, gid) },
	{ "umask", FIELD_MEMBER(struct spec_user, umask), .max = UINT32_MAX },
	{ "additionalGids", FIELD_MEMBER(struct spec_user, additional_gids) },
	{ "username", FIELD_IGNORED("it is for Windows") },
};
static const struct field_object user_object = {
	FIELD_ROWS(struct spec_user, user_fields),
};

static int check_cpu_list(struct field_reader *r, const char *text)
{
	if (!text[strspn(text, "0123456789, -")])
		return 0;
	return field_problem(r, "is %s, expected a list of CPUs like \"0-3,7\"",
			     field_quote(text).text);
}

static const struct field cpu_affinity_fields[] = {
	{ "initial", FIELD_MEMBER(struct spec_process, cpu_affinity_initial),
	  .check_text = check_cpu_list },
	{ "final", FIELD_MEMBER(struct spec_process, cpu_affinity_final),
	  .check_text = check_cpu_list },
};
static const struct field_object cpu_affinity_object = {
	FIELD_ROWS(struct spec_process, cpu_affinity_fields),
};

/* ---- process ---- */

static int check_args(struct field_reader *r, const void *member)
{
	const struct spec_strings *args = member;

	if (args->n > 0 && !args->v[0][0])
		return field_problem_at(r, 0, "is an empty string, expected a program");
	return 0;
}

static const struct field process_fields[] = {
	{ "terminal", FIELD_MEMBER(struct spec_process, terminal) },
	{ "consoleSize", FIELD_STRUCT(struct spec_process, console_size, &console_size_object) },
	{ "user", FIELD_STRUCT(struct spec_process, user, &user_object) },
	{ "args", FIELD_MEMBER(struct spec_process, args), .has_one = true, .check = check_args },
	{ "env", FIELD_MEMBER(struct spec_process, env), .check_text = field_text_env },
	{ "cwd", FIELD_MEMBER(struct spec_process, cwd), .is_required = true,
	  .check_text = field_text_absolute },
	{ "capabilities", FIELD_STRUCT(struct spec_process, capabilities, &capabilities_object) },
	{ "rlimits", FIELD_STRUCT_LIST(struct spec_process, rlimits, &rlimit_object),
	  .check = check_rlimits },
	{ "noNewPrivileges", FIELD_MEMBER(struct spec_process, no_new_privileges) },
	{ "apparmorProfile", FIELD_MEMBER(struct spec_process, apparmor_profile) },
	/* What the kernel takes: proc(5), oom_score_adj. */
	{ "oomScoreAdj", FIELD_MEMBER(struct spec_process, oom_score_adj), .min = -1000,
	  .max = 1000 },
	{ "selinuxLabel", FIELD_MEMBER(struct spec_process, selinux_label) },
	{ "scheduler", FIELD_STRUCT(struct spec_process, scheduler, &scheduler_object) },
	{ "ioPriority", FIELD_STRUCT(struct spec_process, io_priority, &io_priority_object) },
	{ "execCPUAffinity", FIELD_GROUP(&cpu_affinity_object) },
	{ "commandLine", FIELD_IGNORED("it is for Windows") },
};
FIELD_ASSERT_ROWS(process_fields);

const struct field_object spec_table_process = {
	FIELD_ROWS_SET(struct spec_process, process_fields, set),
};
