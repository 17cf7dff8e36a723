/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile under test: planned, compiled, and its program run by a small BPF interpreter for any
 * architecture and without privileges.
 */
#ifndef OCIRUN_TESTS_UNIT_SECCOMP_SUBJECT_H
#define OCIRUN_TESTS_UNIT_SECCOMP_SUBJECT_H

#include "plan_seccomp.h"
#include "seccomp_program.h"
#include "seccomp_watch.h"
#include "spec.h"

#include <linux/seccomp.h>
#include <string.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define N(array)   (sizeof(array) / sizeof((array)[0]))
#define NO_VERDICT 0xdeadbeefu /* the program is not valid */
#define X32_BIT    0x40000000u

/* ---- the interpreter ---- */

static inline uint32_t load_word(const struct seccomp_data *data, uint32_t offset)
{
	uint32_t word;

	if (offset % sizeof(word) != 0 || offset > sizeof(*data) - sizeof(word))
		return NO_VERDICT;
	memcpy(&word, (const char *)data + offset, sizeof(word));
	return word;
}

static inline bool jump_test(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default:
		return (a & k) != 0; /* BPF_JSET */
	}
}

/* The verdict of @insns, and in @ret_steps (may be NULL) how many of them were run. */
static inline uint32_t interpret(const struct sock_filter *insns, size_t n,
				 const struct seccomp_data *data, size_t *ret_steps)
{
	uint32_t a = 0;
	size_t steps = 0;

	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *insn = &insns[pc];

		if (ret_steps)
			*ret_steps = ++steps;
		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = load_word(data, insn->k);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += jump_test(insn->code, a, insn->k) ? insn->jt : insn->jf;
			break;
		case BPF_RET | BPF_K:
			return insn->k;
		default:
			return NO_VERDICT;
		}
	}
	return NO_VERDICT;
}

/* ---- what is tested ---- */

struct subject {
	struct err err;
	struct arena *arena;
	struct plan_seccomp *plan;
	struct seccomp_program *program;
};

static inline int compile(struct subject *s, const struct spec_seccomp *spec)
{
	TRY(arena_new(16u << 20, &s->arena, &s->err));
	TRY(plan_build_seccomp(s->arena, spec, true, &s->plan, &s->err));
	return seccomp_program_compile(s->plan, &s->program, &s->err);
}

static inline void subject_auto(struct subject *s)
{
	seccomp_program_free(s->program);
	arena_free(s->arena);
}

/* By the interpreter above, and by that of seccomp_watch.h, which have to agree. */
static inline uint32_t verdict(const struct subject *s, uint32_t arch, uint32_t nr,
			       const uint64_t args[PLAN_SECCOMP_ARGS])
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };
	uint32_t said;

	if (!s->program)
		return NO_VERDICT;
	if (args)
		memcpy(data.args, args, sizeof(data.args));
	said = interpret(s->program->v, s->program->n, &data, NULL);
	return seccomp_program_judge(s->program, &data) == said ? said : NO_VERDICT;
}

/* What an operator means. */
static inline bool condition_holds(enum spec_seccomp_operator op, uint64_t arg, uint64_t value,
				   uint64_t value_two)
{
	switch (op) {
	case SPEC_SECCOMP_NE:
		return arg != value;
	case SPEC_SECCOMP_LT:
		return arg < value;
	case SPEC_SECCOMP_LE:
		return arg <= value;
	case SPEC_SECCOMP_EQ:
		return arg == value;
	case SPEC_SECCOMP_GE:
		return arg >= value;
	case SPEC_SECCOMP_GT:
		return arg > value;
	case SPEC_SECCOMP_MASKED_EQ:
		return (arg & value) == value_two;
	}
	return false;
}

static inline uint32_t native(void)
{
	return seccomp_arch_native();
}

#define ARGS(...) ((const uint64_t[PLAN_SECCOMP_ARGS]){ __VA_ARGS__ })

/* Parts of a spec: RULES({ CALLS("a", "b"), DOES(ERRNO), WHEN({ condition }, ...) }, ...) */
/* clang-format off */
#define STRINGS(...) { N(((const char *[]){ __VA_ARGS__ })), (const char *[]){ __VA_ARGS__ } }
#define ERRNO_VALUE(n) { .set = true, .value = (n) }
#define CALLS(...) .names = STRINGS(__VA_ARGS__)
#define DOES(what) .action = SPEC_SECCOMP_##what
#define WHEN(...)                                                                                  \
	.n_args = N(((struct spec_seccomp_arg[]){ __VA_ARGS__ })),                                 \
	.args = (struct spec_seccomp_arg[]){ __VA_ARGS__ }
#define RULES(...)                                                                                 \
	.n_rules = N(((struct spec_seccomp_rule[]){ __VA_ARGS__ })),                               \
	.rules = (struct spec_seccomp_rule[]){ __VA_ARGS__ }
/* clang-format on */

#endif
