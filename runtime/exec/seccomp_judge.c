/* SPDX-License-Identifier: Apache-2.0 */
/* The part of BPF that libseccomp and exec/seccomp_enosys.c make filters of. */
#include "seccomp_watch.h"

#include <linux/seccomp.h>
#include <string.h>

static uint32_t load_word(const struct seccomp_data *call, uint32_t offset)
{
	uint32_t word = 0;

	if (offset <= sizeof(*call) - sizeof(word))
		memcpy(&word, (const unsigned char *)call + offset, sizeof(word));
	return word;
}

static bool condition_holds(const struct sock_filter *insn, uint32_t value)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return value == insn->k;
	case BPF_JGT:
		return value > insn->k;
	case BPF_JGE:
		return value >= insn->k;
	default: /* BPF_JSET */
		return value & insn->k;
	}
}

uint32_t seccomp_program_judge(const struct seccomp_program *program,
			       const struct seccomp_data *call)
{
	uint32_t value = 0;

	for (size_t at = 0; at < program->n; at++) {
		const struct sock_filter *insn = &program->v[at];

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			value = load_word(call, insn->k);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			value &= insn->k;
			break;
		case BPF_JMP | BPF_JA:
			at += insn->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			at += condition_holds(insn, value) ? insn->jt : insn->jf;
			break;
		case BPF_RET | BPF_K:
			return insn->k;
		default:
			return SECCOMP_RET_KILL_PROCESS;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}
