/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libseccomp turns the rules into BPF; the answer for calls newer than the profile is put in
 * front. libseccomp's own loading is not used: it would allocate in the child, and ties the flags
 * to what the library knows instead of what the kernel takes.
 */
#include "seccomp_program.h"

#include "fd.h"
#include "io.h"
#include "seccomp_enosys.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

/*
 * Above this many calls they are searched as a binary tree instead of one after the other. As in
 * runc; libseccomp before 2.5.5 makes wrong trees of no calls at all.
 */
#define BINARY_TREE_FROM 32u

/* To be raised with every change to what is made of a plan: kept programs have it in their key. */
#define PROGRAM_FORMAT 2u

DEFINE_AUTO(scmp_filter, scmp_filter_ctx, seccomp_release)

void seccomp_program_free(struct seccomp_program *program)
{
	free(program);
}

/* ---- compiling ---- */

/*
 * One ABI after the other: of three at once libseccomp 2.5 makes the same program, but takes five times
 * as long as of each alone. What it answers to calls of another ABI is a mark, in whose place the
 * program goes on with that of the next ABI; behind the last one the process is killed.
 */
struct compilation {
	const struct plan_seccomp *plan;
	uint32_t mark; /* an action that is in no rule */
	struct seccomp_program *program;
};

static bool is_used(const struct plan_seccomp *plan, uint32_t action)
{
	if (plan->default_action == action)
		return true;
	for (size_t i = 0; i < plan->n_rules; i++)
		if (plan->rules[i].action == action)
			return true;
	return false;
}

static uint32_t unused_action(const struct plan_seccomp *plan)
{
	uint32_t data = SECCOMP_RET_DATA;

	/* There are fewer rules than numbers: PLAN_SECCOMP_RULES_MAX. */
	while (is_used(plan, SCMP_ACT_TRACE(data)))
		data--;
	return SCMP_ACT_TRACE(data);
}

static int add_rules(scmp_filter_ctx filter, const struct plan_seccomp *plan, struct err *err)
{
	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct plan_seccomp_rule *rule = &plan->rules[i];

		for (size_t j = 0; j < rule->n_syscalls; j++) {
			int ret = seccomp_rule_add_array(filter, rule->action, rule->syscalls[j].nr,
							 (unsigned int)rule->n_args, rule->args);

			if (ret < 0) {
				err_errno(err, ret, "add the seccomp rule for %s",
					  rule->syscalls[j].name);
				return err_pointer(err, rule->origin);
			}
		}
	}
	return 0;
}

static int optimize(scmp_filter_ctx filter, const struct plan_seccomp *plan, struct err *err)
{
	size_t n_syscalls = 0;
	int ret;

	for (size_t i = 0; i < plan->n_rules; i++)
		n_syscalls += plan->rules[i].n_syscalls;
	if (n_syscalls <= BINARY_TREE_FROM)
		return 0;
	ret = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return ret < 0 ? err_errno(err, ret, "make the seccomp filter a binary tree") : 0;
}

/* A filter begins with the native ABI, and is not to end with it. */
static int set_arch(scmp_filter_ctx filter, const struct plan_seccomp_arch *arch, struct err *err)
{
	int ret;

	if (arch->token == seccomp_arch_native())
		return 0;
	ret = seccomp_arch_add(filter, arch->token);
	if (ret == 0)
		ret = seccomp_arch_remove(filter, seccomp_arch_native());
	if (ret == -EDOM)
		return err_at(err, arch->origin, EINVAL,
			      "seccomp architecture %s has another byte order than this machine",
			      arch->name);
	if (ret < 0) {
		err_errno(err, ret, "add the seccomp architecture %s", arch->name);
		return err_pointer(err, arch->origin);
	}
	return 0;
}

/* The instructions of @filter are written to a file in memory, and read behind those that are there. */
static int append(struct compilation *c, scmp_filter_ctx filter, struct err *err)
{
	AUTO_FD fd = memfd_create("seccomp", MFD_CLOEXEC);
	struct seccomp_program *program;
	size_t at = c->program->n;
	off_t bytes;
	int ret;

	if (fd < 0)
		return err_sys(err, "memfd_create");
	ret = seccomp_export_bpf(filter, fd);
	if (ret < 0)
		return err_errno(err, ret, "compile the seccomp filter");
	bytes = lseek(fd, 0, SEEK_END);
	if (bytes < 0)
		return err_sys(err, "read the compiled seccomp filter");

	/* And one more, for the end. */
	program = realloc(c->program,
			  sizeof(*program) + (at + 1) * sizeof(program->v[0]) + (size_t)bytes);
	if (!program)
		return err_set(err, ENOMEM, "no memory for a seccomp filter");
	c->program = program;
	if (pread(fd, &program->v[at], (size_t)bytes, 0) != bytes)
		return err_sys(err, "read the compiled seccomp filter");
	program->n += (size_t)bytes / sizeof(program->v[0]);
	return 0;
}

/* Goes on behind the end from wherever another ABI was found since instruction @from. */
static void replace_marks(struct compilation *c, size_t from)
{
	struct seccomp_program *program = c->program;

	for (size_t i = from; i < program->n; i++) {
		struct sock_filter *insn = &program->v[i];

		if (insn->code == (BPF_RET | BPF_K) && insn->k == c->mark)
			*insn = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
							     (uint32_t)(program->n - i - 1));
	}
}

static int compile_arch(struct compilation *c, const struct plan_seccomp_arch *arch,
			struct err *err)
{
	AUTO(scmp_filter) scmp_filter_ctx filter = seccomp_init(c->plan->default_action);
	size_t from = c->program->n;
	int ret;

	if (!filter)
		return err_at(err, "/linux/seccomp/defaultAction", EINVAL,
			      "libseccomp refuses the default action 0x%x",
			      c->plan->default_action);
	TRY(set_arch(filter, arch, err));
	ret = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, c->mark);
	if (ret < 0)
		return err_errno(err, ret, "set the answer to calls of other architectures");
	TRY(optimize(filter, c->plan, err));
	TRY(add_rules(filter, c->plan, err));
	TRY(append(c, filter, err));
	replace_marks(c, from);
	return 0;
}

static int compile(struct compilation *c, struct err *err)
{
	const struct plan_seccomp *plan = c->plan;

	c->program->n = seccomp_enosys_emit(plan->archs, plan->n_archs, c->program->v);
	for (size_t i = 0; i < plan->n_archs; i++)
		TRY(compile_arch(c, &plan->archs[i], err));
	c->program->v[c->program->n++] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD);
	if (c->program->n > BPF_MAXINSNS)
		return err_at(err, "/linux/seccomp", E2BIG,
			      "the seccomp filter has %zu instructions, the kernel takes %d",
			      c->program->n, BPF_MAXINSNS);
	return 0;
}

int seccomp_program_compile(const struct plan_seccomp *plan, struct seccomp_program **ret_program,
			    struct err *err)
{
	struct compilation c = { .plan = plan, .mark = unused_action(plan) };
	size_t room = SECCOMP_ENOSYS_MAX(plan->n_archs) + 1;
	int ret;

	c.program = malloc(sizeof(*c.program) + room * sizeof(c.program->v[0]));
	if (!c.program)
		return err_set(err, ENOMEM, "no memory for a seccomp filter");
	ret = compile(&c, err);
	if (ret < 0)
		seccomp_program_free(c.program);
	else
		*ret_program = c.program;
	return ret;
}

/* ---- the key of a program ---- */

/* Counts when `at` is NULL, else writes. */
struct key {
	char *at;
	size_t len;
};

static void key_add(struct key *key, const void *data, size_t len)
{
	if (key->at)
		memcpy(key->at + key->len, data, len);
	key->len += len;
}

static void key_add_number(struct key *key, uint64_t number)
{
	key_add(key, &number, sizeof(number));
}

/* Each list is preceded by its length, so that no two plans read the same. */
static void key_add_rule(struct key *key, const struct plan_seccomp_rule *rule)
{
	key_add_number(key, rule->action);
	key_add_number(key, rule->n_syscalls);
	for (size_t i = 0; i < rule->n_syscalls; i++)
		key_add_number(key, (uint64_t)(int64_t)rule->syscalls[i].nr);
	key_add_number(key, rule->n_args);
	for (size_t i = 0; i < rule->n_args; i++) {
		key_add_number(key, rule->args[i].arg);
		key_add_number(key, rule->args[i].op);
		key_add_number(key, rule->args[i].datum_a);
		key_add_number(key, rule->args[i].datum_b);
	}
}

static void key_add_plan(struct key *key, const struct plan_seccomp *plan)
{
	const struct scmp_version *version = seccomp_version();
	struct utsname host;

	uname(&host);
	key_add_number(key, PROGRAM_FORMAT);
	key_add(key, OCIRUN_VERSION, sizeof(OCIRUN_VERSION));
	key_add_number(key, version->major);
	key_add_number(key, version->minor);
	key_add_number(key, version->micro);
	key_add(key, host.machine, sizeof(host.machine));
	key_add(key, host.release, sizeof(host.release));
	key_add_number(key, plan->default_action);
	key_add_number(key, plan->n_archs);
	for (size_t i = 0; i < plan->n_archs; i++) {
		key_add_number(key, plan->archs[i].token);
		key_add_number(key, plan->archs[i].last_nr);
	}
	key_add_number(key, plan->n_rules);
	for (size_t i = 0; i < plan->n_rules; i++)
		key_add_rule(key, &plan->rules[i]);
}

int seccomp_program_key(const struct plan_seccomp *plan, void **ret_key, size_t *ret_len,
			struct err *err)
{
	struct key key = { 0 };
	size_t len;

	key_add_plan(&key, plan);
	len = key.len;
	key = (struct key){ .at = malloc(len) };
	if (!key.at)
		return err_set(err, ENOMEM, "no memory for the key of a seccomp program");
	key_add_plan(&key, plan);
	*ret_key = key.at;
	*ret_len = len;
	return 0;
}

/* ---- loading ---- */

static long set_filter(uint32_t flags, const struct sock_fprog *fprog)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, fprog);
}

/* The kernel looks at the flags before the program: without one, EINVAL means the flag. */
static int explain_einval(uint32_t flags, struct err *err)
{
	for (size_t i = 0; i < PLAN_SECCOMP_N_FLAGS; i++) {
		uint32_t flag = plan_seccomp_flags[i].value;

		/* of the flags that only go with others, the listener's is known since 5.0 */
		if (!(flags & flag))
			continue;
		flag |= flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
		if (set_filter(flag, NULL) < 0 && errno == EINVAL)
			return err_at(err, "/linux/seccomp/flags", EINVAL,
				      "the kernel does not take %s", plan_seccomp_flags[i].name);
	}
	return err_at(err, "/linux/seccomp", EINVAL,
		      "load the seccomp filter: the kernel refuses it");
}

int seccomp_program_load(const struct seccomp_program *program, uint32_t flags, struct err *err)
{
	const struct sock_fprog fprog = {
		.len = (unsigned short)program->n,
		.filter = (struct sock_filter *)program->v,
	};
	long ret = set_filter(flags, &fprog);

	if (ret >= 0)
		return (int)ret;
	if (errno == EINVAL)
		return explain_einval(flags, err);
	err_sys(err, "load the seccomp filter");
	return err_pointer(err, "/linux/seccomp");
}
