/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From linux.seccomp to plan_seccomp.h. What a profile means is decided here, as runc does it:
 *
 * - conditions on different arguments must all hold; several on one argument are alternatives;
 * - a name that libseccomp does not know is skipped: profiles list calls of newer kernels and of
 *   other machines, and without a rule they get the default action anyway;
 * - a rule that does what happens by default is skipped: libseccomp refuses it;
 * - a call above the highest one that the profile names is newer than its author knew. It gets
 *   ENOSYS instead of a default EPERM, so that a libc falls back to what it used before.
 */
#include "plan_seccomp.h"

#include "spec.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

/* Linux 5.19; older headers lack it */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define ERRNO_MAX       4094u   /* libseccomp takes less than the kernel's MAX_ERRNO */
#define RETURN_DATA_MAX 0xffffu /* SECCOMP_RET_DATA: what a tracer is given */

/* clang-format off */
const struct plan_seccomp_action plan_seccomp_actions[PLAN_SECCOMP_N_ACTIONS] = {
	/*                              name                     value                  errno */
	[SPEC_SECCOMP_KILL_THREAD]  = { "SCMP_ACT_KILL_THREAD",  SCMP_ACT_KILL_THREAD,  false },
	[SPEC_SECCOMP_KILL_PROCESS] = { "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, false },
	[SPEC_SECCOMP_TRAP]         = { "SCMP_ACT_TRAP",         SCMP_ACT_TRAP,         false },
	[SPEC_SECCOMP_ERRNO]        = { "SCMP_ACT_ERRNO",        SCMP_ACT_ERRNO(0),     true },
	[SPEC_SECCOMP_TRACE]        = { "SCMP_ACT_TRACE",        SCMP_ACT_TRACE(0),     true },
	[SPEC_SECCOMP_ALLOW]        = { "SCMP_ACT_ALLOW",        SCMP_ACT_ALLOW,        false },
	[SPEC_SECCOMP_LOG]          = { "SCMP_ACT_LOG",          SCMP_ACT_LOG,          false },
	[SPEC_SECCOMP_NOTIFY]       = { "SCMP_ACT_NOTIFY",       SCMP_ACT_NOTIFY,       false },
	[SPEC_SECCOMP_NOTIFY + 1]   = { "SCMP_ACT_KILL",         SCMP_ACT_KILL,         false },
};

const struct plan_seccomp_operator plan_seccomp_operators[PLAN_SECCOMP_N_OPERATORS] = {
	[SPEC_SECCOMP_NE]        = { "SCMP_CMP_NE",        SCMP_CMP_NE },
	[SPEC_SECCOMP_LT]        = { "SCMP_CMP_LT",        SCMP_CMP_LT },
	[SPEC_SECCOMP_LE]        = { "SCMP_CMP_LE",        SCMP_CMP_LE },
	[SPEC_SECCOMP_EQ]        = { "SCMP_CMP_EQ",        SCMP_CMP_EQ },
	[SPEC_SECCOMP_GE]        = { "SCMP_CMP_GE",        SCMP_CMP_GE },
	[SPEC_SECCOMP_GT]        = { "SCMP_CMP_GT",        SCMP_CMP_GT },
	[SPEC_SECCOMP_MASKED_EQ] = { "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ }, /* value: mask */
};

const struct plan_seccomp_flag plan_seccomp_flags[PLAN_SECCOMP_N_FLAGS] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC",              SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG",                SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW",         SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};

const struct plan_seccomp_arch_name plan_seccomp_archs[PLAN_SECCOMP_N_ARCHS] = {
	{ "SCMP_ARCH_X86",         "x86" },
	{ "SCMP_ARCH_X86_64",      "x86_64" },
	{ "SCMP_ARCH_X32",         "x32" },
	{ "SCMP_ARCH_ARM",         "arm" },
	{ "SCMP_ARCH_AARCH64",     "aarch64" },
	{ "SCMP_ARCH_LOONGARCH64", "loongarch64" }, /* libseccomp 2.6 */
	{ "SCMP_ARCH_M68K",        "m68k" },        /* libseccomp 2.6 */
	{ "SCMP_ARCH_MIPS",        "mips" },
	{ "SCMP_ARCH_MIPS64",      "mips64" },
	{ "SCMP_ARCH_MIPS64N32",   "mips64n32" },
	{ "SCMP_ARCH_MIPSEL",      "mipsel" },
	{ "SCMP_ARCH_MIPSEL64",    "mipsel64" },
	{ "SCMP_ARCH_MIPSEL64N32", "mipsel64n32" },
	{ "SCMP_ARCH_PPC",         "ppc" },
	{ "SCMP_ARCH_PPC64",       "ppc64" },
	{ "SCMP_ARCH_PPC64LE",     "ppc64le" },
	{ "SCMP_ARCH_S390",        "s390" },
	{ "SCMP_ARCH_S390X",       "s390x" },
	{ "SCMP_ARCH_SH",          "sh" },          /* libseccomp 2.6 */
	{ "SCMP_ARCH_SHEB",        "sheb" },        /* libseccomp 2.6 */
	{ "SCMP_ARCH_PARISC",      "parisc" },
	{ "SCMP_ARCH_PARISC64",    "parisc64" },
	{ "SCMP_ARCH_RISCV64",     "riscv64" },
};

/* clang-format on */

uint32_t plan_seccomp_arch_token(const char *name)
{
	for (size_t i = 0; i < PLAN_SECCOMP_N_ARCHS; i++)
		if (strcmp(plan_seccomp_archs[i].name, name) == 0)
			return seccomp_arch_resolve_name(plan_seccomp_archs[i].libseccomp_name);
	return 0;
}

/* "/linux/seccomp/syscalls/3/errnoRet" */
static const char *pointer_to(struct arena *arena, const char *object, const char *member)
{
	return arena_printf(arena, "%s/%s", object, member);
}

/* ---- actions ---- */

static int read_action(enum spec_seccomp_action action, const struct spec_opt_uint *errno_ret,
		       const char *errno_pointer, uint32_t *ret_action, struct err *err)
{
	const struct plan_seccomp_action *row = &plan_seccomp_actions[action];
	uint64_t max = action == SPEC_SECCOMP_ERRNO ? ERRNO_MAX : RETURN_DATA_MAX;
	uint64_t data = errno_ret->set ? errno_ret->value : EPERM;

	if (!row->has_errno) {
		if (errno_ret->set)
			return err_at(err, errno_pointer, EINVAL, "%s has no errno to return",
				      row->name);
		data = 0;
	}
	if (data > max)
		return err_at(err, errno_pointer, EINVAL, "%s returns at most %llu, not %llu",
			      row->name, (unsigned long long)max, (unsigned long long)data);
	*ret_action = row->value | (uint32_t)data;
	return 0;
}

/*
 * The runtime learns the listener's number from the container's process by write(2); no agent
 * could let that call pass, as it is given the listener only afterwards.
 */
static int check_notify(struct arena *arena, const struct spec_seccomp *seccomp,
			const struct spec_seccomp_rule *rule, const char *origin, struct err *err)
{
	if (!seccomp->listener_path) {
		err_at(err, pointer_to(arena, origin, "action"), EINVAL,
		       "SCMP_ACT_NOTIFY needs an agent that listens");
		return err_hint(err, "name its socket in /linux/seccomp/listenerPath");
	}
	for (size_t i = 0; i < rule->names.n; i++)
		if (strcmp(rule->names.v[i], "write") == 0) {
			err_at(err, arena_printf(arena, "%s/names/%zu", origin, i), EINVAL,
			       "SCMP_ACT_NOTIFY cannot be used for the write syscall");
			return err_hint(err, "the runtime itself calls write(2) before the agent "
					     "can answer; other calls may be notified of");
		}
	return 0;
}

/* ---- conditions on arguments ---- */

/* How many conditions there are on each argument, and how many alternatives that makes. */
static int count_alternatives(struct arena *arena, const struct spec_seccomp_rule *rule,
			      const char *origin, size_t counts[PLAN_SECCOMP_ARGS], size_t *ret_n,
			      struct err *err)
{
	size_t n = 1;

	memset(counts, 0, PLAN_SECCOMP_ARGS * sizeof(*counts));
	for (size_t i = 0; i < rule->n_args; i++) {
		if (rule->args[i].index >= PLAN_SECCOMP_ARGS)
			return err_at(err, arena_printf(arena, "%s/args/%zu/index", origin, i),
				      EINVAL, "a system call has no argument %u, only 0 to 5",
				      rule->args[i].index);
		counts[rule->args[i].index]++;
	}
	for (size_t index = 0; index < PLAN_SECCOMP_ARGS; index++) {
		if (counts[index] > PLAN_SECCOMP_RULES_MAX)
			n = PLAN_SECCOMP_RULES_MAX + 1;
		else if (counts[index] > 0 && n <= PLAN_SECCOMP_RULES_MAX)
			n *= counts[index];
	}
	if (n > PLAN_SECCOMP_RULES_MAX)
		return err_at(err, pointer_to(arena, origin, "args"), E2BIG,
			      "the conditions have more than %u combinations",
			      PLAN_SECCOMP_RULES_MAX);
	*ret_n = n;
	return 0;
}

/* There are more than @nth of them. */
static const struct spec_seccomp_arg *nth_condition(const struct spec_seccomp_rule *rule,
						    uint32_t index, size_t nth)
{
	const struct spec_seccomp_arg *arg = rule->args;

	while (arg->index != index || nth-- > 0)
		arg++;
	return arg;
}

/* Alternative @number takes one condition of each argument, as digits of a mixed-base number. */
static void fill_alternative(struct arena *arena, const struct spec_seccomp_rule *rule,
			     const size_t counts[PLAN_SECCOMP_ARGS], size_t number,
			     struct plan_seccomp_rule *planned)
{
	planned->args = ARENA_ARRAY(arena, struct scmp_arg_cmp, PLAN_SECCOMP_ARGS);
	for (uint32_t index = 0; index < PLAN_SECCOMP_ARGS; index++) {
		const struct spec_seccomp_arg *arg;

		if (counts[index] == 0)
			continue;
		arg = nth_condition(rule, index, number % counts[index]);
		number /= counts[index];
		planned->args[planned->n_args++] = (struct scmp_arg_cmp){
			.arg = index,
			.op = plan_seccomp_operators[arg->op].value,
			.datum_a = arg->value,
			.datum_b = arg->value_two,
		};
	}
}

/* ---- rules ---- */

static void resolve_names(struct arena *arena, const struct spec_strings *names,
			  struct plan_seccomp_rule *planned)
{
	planned->syscalls = ARENA_ARRAY(arena, struct plan_seccomp_syscall, names->n);
	for (size_t i = 0; i < names->n; i++) {
		int nr = seccomp_syscall_resolve_name(names->v[i]);

		if (nr == __NR_SCMP_ERROR)
			continue;
		planned->syscalls[planned->n_syscalls++] = (struct plan_seccomp_syscall){
			.name = arena_strdup(arena, names->v[i]),
			.nr = nr,
		};
	}
}

/* @plan->rules has room for all alternatives of @rule. */
static int add_rule(struct arena *arena, const struct spec_seccomp *seccomp,
		    const struct spec_seccomp_rule *rule, const char *origin,
		    struct plan_seccomp *plan, struct err *err)
{
	struct plan_seccomp_rule planned = { .origin = origin };
	size_t counts[PLAN_SECCOMP_ARGS];
	size_t n_alternatives;

	TRY(read_action(rule->action, &rule->errno_ret, pointer_to(arena, origin, "errnoRet"),
			&planned.action, err));
	TRY(count_alternatives(arena, rule, origin, counts, &n_alternatives, err));
	if (planned.action == SCMP_ACT_NOTIFY) {
		TRY(check_notify(arena, seccomp, rule, origin, err));
		plan->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	}
	if (planned.action == plan->default_action)
		return 0;
	resolve_names(arena, &rule->names, &planned);
	if (planned.n_syscalls == 0)
		return 0;

	for (size_t i = 0; i < n_alternatives; i++) {
		plan->rules[plan->n_rules] = planned;
		fill_alternative(arena, rule, counts, i, &plan->rules[plan->n_rules++]);
	}
	return 0;
}

static int add_rules(struct arena *arena, const struct spec_seccomp *seccomp,
		     struct plan_seccomp *plan, struct err *err)
{
	const char **origins = ARENA_ARRAY(arena, const char *, seccomp->n_rules);
	size_t n_max = 0;

	for (size_t i = 0; i < seccomp->n_rules; i++) {
		size_t counts[PLAN_SECCOMP_ARGS];
		size_t n;

		origins[i] = arena_printf(arena, "/linux/seccomp/syscalls/%zu", i);
		TRY(count_alternatives(arena, &seccomp->rules[i], origins[i], counts, &n, err));
		n_max += n;
		if (n_max > PLAN_SECCOMP_RULES_MAX)
			return err_at(err, origins[i], E2BIG, "more than %u seccomp rules",
				      PLAN_SECCOMP_RULES_MAX);
	}

	plan->rules = ARENA_ARRAY(arena, struct plan_seccomp_rule, n_max);
	for (size_t i = 0; i < seccomp->n_rules; i++)
		TRY(add_rule(arena, seccomp, &seccomp->rules[i], origins[i], plan, err));
	return 0;
}

/* ---- architectures ---- */

/* The highest number, in the ABI @token, of all calls that the profile names. */
static uint32_t last_nr_named(const struct spec_seccomp *seccomp, uint32_t token)
{
	int last = -1;

	for (size_t i = 0; i < seccomp->n_rules; i++)
		for (size_t j = 0; j < seccomp->rules[i].names.n; j++) {
			const char *name = seccomp->rules[i].names.v[j];
			int nr = seccomp_syscall_resolve_name_arch(token, name);

			if (nr > last)
				last = nr;
		}
	return last < 0 ? PLAN_SECCOMP_ANY_NR : (uint32_t)last;
}

/* Where new calls pass by default a tracer or the kernel answers; where they get ENOSYS, too. */
static bool hides_new_calls(uint32_t default_action)
{
	return default_action != SCMP_ACT_ALLOW && default_action != SCMP_ACT_LOG &&
	       default_action != SCMP_ACT_ERRNO(ENOSYS) &&
	       (default_action & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE;
}

static void add_arch(const struct spec_seccomp *seccomp, uint32_t token, const char *origin,
		     struct plan_seccomp *plan)
{
	struct plan_seccomp_arch *arch = &plan->archs[plan->n_archs];

	for (size_t i = 0; i < plan->n_archs; i++)
		if (plan->archs[i].token == token)
			return;
	for (size_t i = 0; i < PLAN_SECCOMP_N_ARCHS; i++)
		if (plan_seccomp_arch_token(plan_seccomp_archs[i].name) == token)
			arch->name = plan_seccomp_archs[i].name;
	arch->token = token;
	arch->audit_arch = token == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : token;
	arch->last_nr = hides_new_calls(plan->default_action) ? last_nr_named(seccomp, token)
							      : PLAN_SECCOMP_ANY_NR;
	arch->origin = origin;
	plan->n_archs++;
}

/* libseccomp always judges the native ABI; a profile that leaves it out means it all the same. */
static int add_archs(struct arena *arena, const struct spec_seccomp *seccomp,
		     struct plan_seccomp *plan, struct err *err)
{
	const struct spec_strings *names = &seccomp->architectures;

	plan->archs = ARENA_ARRAY(arena, struct plan_seccomp_arch, names->n + 1);
	add_arch(seccomp, seccomp_arch_native(), "/linux/seccomp", plan);
	for (size_t i = 0; i < names->n; i++) {
		const char *origin = arena_printf(arena, "/linux/seccomp/architectures/%zu", i);
		uint32_t token = plan_seccomp_arch_token(names->v[i]);
		const struct scmp_version *version = seccomp_version();

		if (token == 0)
			return err_at(err, origin, ENOTSUP,
				      "seccomp architecture '%s' is not known to libseccomp "
				      "%u.%u.%u",
				      names->v[i], version->major, version->minor, version->micro);
		add_arch(seccomp, token, origin, plan);
	}
	return 0;
}

/* ---- the whole ---- */

static int add_flags(const struct spec_seccomp *seccomp, struct plan_seccomp *plan, struct err *err)
{
	/*
	 * Before Linux 5.16 a filter turned on the mitigation of speculative store bypass unless
	 * asked not to; runc asks for that where a profile says nothing, and so do we.
	 */
	uint32_t flags = seccomp->flags || seccomp->has_no_flags ? (uint32_t)seccomp->flags
								 : SECCOMP_FILTER_FLAG_SPEC_ALLOW;

	/* The filter is loaded by a process of one thread: there is nothing to synchronize. */
	flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_TSYNC;
	plan->flags |= flags;

	if ((flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) &&
	    !(plan->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return err_at(err, "/linux/seccomp/flags", EINVAL,
			      "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs a rule with the "
			      "action SCMP_ACT_NOTIFY");
	return 0;
}

static int add_listener(struct arena *arena, const struct spec_seccomp *seccomp,
			struct plan_seccomp *plan, struct err *err)
{
	if (seccomp->listener_metadata && !seccomp->listener_path)
		return err_at(err, "/linux/seccomp/listenerMetadata", EINVAL,
			      "listenerMetadata must not be set without listenerPath");
	if (!(plan->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return 0; /* the runtime-spec: the path is ignored */
	/* `start` and `exec` connect as well, wherever they are called. */
	if (seccomp->listener_path[0] != '/')
		return err_at(err, "/linux/seccomp/listenerPath", EINVAL,
			      "\"%s\" is not an absolute path", seccomp->listener_path);
	plan->listener_path = arena_strdup(arena, seccomp->listener_path);
	if (seccomp->listener_metadata)
		plan->listener_metadata = arena_strdup(arena, seccomp->listener_metadata);
	return 0;
}

int plan_build_seccomp(struct arena *arena, const struct spec_seccomp *seccomp, bool no_new_privs,
		       struct plan_seccomp **ret_seccomp, struct err *err)
{
	struct plan_seccomp *plan = ARENA_NEW(arena, struct plan_seccomp);

	if (seccomp->default_action == SPEC_SECCOMP_NOTIFY)
		return err_at(err, "/linux/seccomp/defaultAction", EINVAL,
			      "SCMP_ACT_NOTIFY cannot be used as default action");
	TRY(read_action(seccomp->default_action, &seccomp->default_errno_ret,
			"/linux/seccomp/defaultErrnoRet", &plan->default_action, err));
	TRY(add_archs(arena, seccomp, plan, err));
	TRY(add_rules(arena, seccomp, plan, err));
	TRY(add_flags(seccomp, plan, err));
	TRY(add_listener(arena, seccomp, plan, err));
	plan->is_privileged = !no_new_privs;

	*ret_seccomp = plan;
	return 0;
}
