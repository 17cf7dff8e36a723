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
#include <sys/mman.h>
#include <sys/syscall.h>

/*
 * Above this many calls they are searched as a binary tree instead of one after the other. As in
 * runc; libseccomp before 2.5.5 makes wrong trees of no calls at all.
 */
#define BINARY_TREE_FROM 32u

DEFINE_AUTO(scmp_filter, scmp_filter_ctx, seccomp_release)

void seccomp_program_free(struct seccomp_program *program)
{
	free(program);
}

/* ---- compiling ---- */

static int add_archs(scmp_filter_ctx filter, const struct plan_seccomp *plan, struct err *err)
{
	for (size_t i = 0; i < plan->n_archs; i++) {
		const struct plan_seccomp_arch *arch = &plan->archs[i];
		int ret = seccomp_arch_add(filter, arch->token);

		if (ret == -EEXIST) /* the native one */
			continue;
		if (ret == -EDOM)
			return err_at(err, arch->origin, EINVAL,
				      "seccomp architecture %s has another byte order than this "
				      "machine",
				      arch->name);
		if (ret < 0) {
			err_errno(err, ret, "add the seccomp architecture %s", arch->name);
			return err_pointer(err, arch->origin);
		}
	}
	return 0;
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

/* The program of @filter is written to a file in memory, and read behind what stands before it. */
static int assemble(const struct plan_seccomp *plan, scmp_filter_ctx filter,
		    struct seccomp_program **ret_program, struct err *err)
{
	AUTO(seccomp_program) struct seccomp_program *program = NULL;
	AUTO_FD fd = memfd_create("seccomp", MFD_CLOEXEC);
	size_t room = SECCOMP_ENOSYS_MAX(plan->n_archs);
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

	program = malloc(sizeof(*program) + room * sizeof(program->v[0]) + (size_t)bytes);
	if (!program)
		return err_set(err, ENOMEM, "no memory for a seccomp filter");
	program->n = seccomp_enosys_emit(plan->archs, plan->n_archs, program->v);
	if (pread(fd, &program->v[program->n], (size_t)bytes, 0) != bytes)
		return err_sys(err, "read the compiled seccomp filter");
	program->n += (size_t)bytes / sizeof(program->v[0]);
	if (program->n > BPF_MAXINSNS)
		return err_at(err, "/linux/seccomp", E2BIG,
			      "the seccomp filter has %zu instructions, the kernel takes %d",
			      program->n, BPF_MAXINSNS);

	*ret_program = TAKE(program);
	return 0;
}

int seccomp_program_compile(const struct plan_seccomp *plan, struct seccomp_program **ret_program,
			    struct err *err)
{
	AUTO(scmp_filter) scmp_filter_ctx filter = seccomp_init(plan->default_action);

	if (!filter)
		return err_at(err, "/linux/seccomp/defaultAction", EINVAL,
			      "libseccomp refuses the default action 0x%x", plan->default_action);
	TRY(add_archs(filter, plan, err));
	TRY(optimize(filter, plan, err));
	TRY(add_rules(filter, plan, err));
	return assemble(plan, filter, ret_program, err);
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
