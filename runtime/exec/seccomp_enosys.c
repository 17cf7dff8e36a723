/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One section per architecture, which a call of another one jumps over:
 *
 *	      ld  arch
 *	      jeq ARCH, else next section
 *	      ld  nr
 *	      jgt LAST_NR, else pass
 *	      ret ENOSYS
 *	pass: ja  end
 *	      jeq ... (next section)
 *	end:  (libseccomp's program)
 *
 * Conditional jumps have 8 bits and stay inside their section; `ja` has 32. Only instructions
 * appear that Linux 5.11 understands when it works out which calls are always allowed, so that
 * those still bypass the whole program.
 */
#include "seccomp_enosys.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#define X32_SYSCALL_BIT 0x40000000u /* in nr; arch is that of x86_64 */

#define LOAD(field)                                                                                \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define RET_ENOSYS  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)
#define JUMP_TO_END BPF_STMT(BPF_JMP | BPF_JA, 0) /* the distance is filled in at last */
#define JUMP_IF(test, k, if_true, if_false)                                                        \
	BPF_JUMP(BPF_JMP | BPF_##test | BPF_K, k, if_true, if_false)

struct section {
	size_t n;
	struct sock_filter v[6];
};

static uint32_t last_nr_of(const struct plan_seccomp_arch *archs, size_t n_archs, uint32_t token)
{
	for (size_t i = 0; i < n_archs; i++)
		if (archs[i].token == token)
			return archs[i].last_nr;
	return PLAN_SECCOMP_ANY_NR;
}

/* An x32 call that the profile does not admit goes on to libseccomp's program, which kills it. */
static struct section x86_64_section(uint32_t last_nr, uint32_t last_nr_x32)
{
	return (struct section){
		.n = 6,
		.v = {
			LOAD(nr),
			JUMP_IF(JSET, X32_SYSCALL_BIT, 1, 0),
			JUMP_IF(JGT, last_nr, 1, 2),
			JUMP_IF(JGT, last_nr_x32, 0, 1),
			RET_ENOSYS,
			JUMP_TO_END,
		},
	};
}

/*
 * On s390 large numbers are passed beside number 0, and a call that the kernel does not know is
 * left at 0. That was setup(2), which no program uses.
 */
static struct section s390_section(uint32_t last_nr)
{
	return (struct section){
		.n = 5,
		.v = {
			LOAD(nr),
			JUMP_IF(JEQ, 0, 1, 0),
			JUMP_IF(JGT, last_nr, 0, 1),
			RET_ENOSYS,
			JUMP_TO_END,
		},
	};
}

static struct section plain_section(uint32_t last_nr)
{
	return (struct section){
		.n = 4,
		.v = {
			LOAD(nr),
			JUMP_IF(JGT, last_nr, 0, 1),
			RET_ENOSYS,
			JUMP_TO_END,
		},
	};
}

static struct section section_of(const struct plan_seccomp_arch *archs, size_t n_archs, size_t i)
{
	switch (archs[i].token) {
	case SCMP_ARCH_X86_64:
	case SCMP_ARCH_X32:
		return x86_64_section(last_nr_of(archs, n_archs, SCMP_ARCH_X86_64),
				      last_nr_of(archs, n_archs, SCMP_ARCH_X32));
	case SCMP_ARCH_S390:
	case SCMP_ARCH_S390X:
		return s390_section(archs[i].last_nr);
	default:
		return plain_section(archs[i].last_nr);
	}
}

/* Two ABIs of one architecture share the section of the first. */
static bool has_section_before(const struct plan_seccomp_arch *archs, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (archs[j].audit_arch == archs[i].audit_arch &&
		    archs[j].last_nr != PLAN_SECCOMP_ANY_NR)
			return true;
	return false;
}

size_t seccomp_enosys_emit(const struct plan_seccomp_arch *archs, size_t n_archs,
			   struct sock_filter *insns)
{
	size_t n = 0;

	for (size_t i = 0; i < n_archs; i++) {
		struct section section;

		if (archs[i].last_nr == PLAN_SECCOMP_ANY_NR || has_section_before(archs, i))
			continue;
		if (n == 0)
			insns[n++] = (struct sock_filter)LOAD(arch);
		section = section_of(archs, n_archs, i);
		insns[n++] = (struct sock_filter)JUMP_IF(JEQ, archs[i].audit_arch, 0,
							 (uint8_t)section.n);
		memcpy(&insns[n], section.v, section.n * sizeof(section.v[0]));
		n += section.n;
	}
	for (size_t i = 0; i < n; i++)
		if (insns[i].code == (BPF_JMP | BPF_JA))
			insns[i].k = (uint32_t)(n - i - 1);
	return n;
}
