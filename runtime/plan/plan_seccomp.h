/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls a container may make, in the terms of libseccomp: what exec/seccomp_program.c
 * compiles before the container's process exists. Names without a meaning here are already gone.
 */
#ifndef OCIRUN_PLAN_SECCOMP_H
#define OCIRUN_PLAN_SECCOMP_H

#include "arena.h"
#include "err.h"

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spec_seccomp;

/* The kernel takes 4096 instructions (BPF_MAXINSNS), and a rule is one at least. */
#define PLAN_SECCOMP_RULES_MAX 4096u
#define PLAN_SECCOMP_ARGS      6u

/* last_nr of an ABI whose highest numbers are not answered with ENOSYS. */
#define PLAN_SECCOMP_ANY_NR UINT32_MAX

/* An ABI whose calls the filter judges; those of any other are killed. */
struct plan_seccomp_arch {
	const char *name;    /* "SCMP_ARCH_X86_64" */
	uint32_t token;      /* as seccomp_arch_add(3) takes it */
	uint32_t audit_arch; /* as the kernel reports it; x32 shares that of x86_64 */
	uint32_t last_nr;    /* calls above it are newer than the profile and get ENOSYS */
	const char *origin;
};

struct plan_seccomp_syscall {
	const char *name;
	int nr; /* of the native ABI, or libseccomp's negative number for one of another ABI */
};

/* Done when all conditions hold; rules beside each other are alternatives. */
struct plan_seccomp_rule {
	size_t n_syscalls;
	struct plan_seccomp_syscall *syscalls;
	uint32_t action; /* SCMP_ACT_x with its errno */
	size_t n_args;
	struct scmp_arg_cmp *args; /* at most one for each argument */
	const char *origin;
};

struct plan_seccomp {
	uint32_t default_action;
	uint32_t flags;     /* SECCOMP_FILTER_FLAG_x for seccomp(2), the listener's among them */
	bool is_privileged; /* loaded while CAP_SYS_ADMIN is there: no_new_privs will not be set */
	const char *listener_path;     /* NULL: no rule notifies */
	const char *listener_metadata; /* NULL when absent */
	size_t n_archs;
	struct plan_seccomp_arch *archs; /* the native one first */
	size_t n_rules;
	struct plan_seccomp_rule *rules;
};

/*
 * Makes a plan of its own memory in @arena. A system call that libseccomp does not know is left
 * out, as is a rule that does what happens by default. -EINVAL for a profile that contradicts
 * itself, -ENOTSUP for an architecture that libseccomp does not know, -E2BIG for too many rules.
 */
int plan_build_seccomp(struct arena *arena, const struct spec_seccomp *seccomp, bool no_new_privs,
		       struct plan_seccomp **ret_seccomp, struct err *err);

/* ---- the names that are understood, for the builder and for `features` ---- */

enum {
	PLAN_SECCOMP_N_ACTIONS = 9,
	PLAN_SECCOMP_N_OPERATORS = 7,
	PLAN_SECCOMP_N_FLAGS = 4,
	PLAN_SECCOMP_N_ARCHS = 23,
};

struct plan_seccomp_action {
	const char *name;
	uint32_t value; /* SCMP_ACT_x, with 0 for the errno */
	bool has_errno;
};
struct plan_seccomp_operator {
	const char *name;
	enum scmp_compare value;
};
struct plan_seccomp_flag {
	const char *name;
	uint32_t value; /* SECCOMP_FILTER_FLAG_x */
};
struct plan_seccomp_arch_name {
	const char *name;
	const char *libseccomp_name; /* as seccomp_arch_resolve_name(3) takes it */
};

extern const struct plan_seccomp_action plan_seccomp_actions[PLAN_SECCOMP_N_ACTIONS];
extern const struct plan_seccomp_operator plan_seccomp_operators[PLAN_SECCOMP_N_OPERATORS];
extern const struct plan_seccomp_flag plan_seccomp_flags[PLAN_SECCOMP_N_FLAGS];
extern const struct plan_seccomp_arch_name plan_seccomp_archs[PLAN_SECCOMP_N_ARCHS];

/* The token of an architecture of the table; 0 when the libseccomp in use does not know it. */
uint32_t plan_seccomp_arch_token(const char *name);

#endif
