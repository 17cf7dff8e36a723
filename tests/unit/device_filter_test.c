/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of device rules, run here by an interpreter of the few instructions that it has, against
 * what the rules mean; and, for root, by the kernel.
 */
#include "test.h"

#include "bpf.h"
#include "cgroupfs.h"
#include "device_filter.h"
#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RULES_MAX 12
#define STEPS_MAX 1000

static struct err err;

/* ---- the interpreter ---- */

static uint64_t load(const struct bpf_cgroup_dev_ctx *context, int off)
{
	uint32_t value;

	memcpy(&value, (const char *)context + off, sizeof(value));
	return value;
}

/* The answer, or -1 for a program that the kernel would not take. */
static int run(const struct bpf_insn *insns, size_t n, const struct bpf_cgroup_dev_ctx *context)
{
	uint64_t reg[11] = { 0 };

	for (size_t at = 0; at < n; at++) {
		const struct bpf_insn *i = &insns[at];
		uint64_t *dst = &reg[i->dst_reg];
		uint64_t imm = (uint64_t)(int64_t)i->imm;

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			*dst = load(context, i->off);
			break;
		case BPF_ALU64 | BPF_MOV | BPF_X:
			*dst = reg[i->src_reg];
			break;
		case BPF_ALU64 | BPF_MOV | BPF_K:
			*dst = imm;
			break;
		case BPF_ALU64 | BPF_AND | BPF_K:
			*dst &= imm;
			break;
		case BPF_ALU64 | BPF_RSH | BPF_K:
			*dst >>= imm;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += *dst == imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP | BPF_JNE | BPF_K:
			at += *dst != imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP | BPF_EXIT:
			return (int)reg[BPF_REG_0];
		default:
			return -1;
		}
	}
	return -1;
}

/* ---- what the rules mean ---- */

struct access {
	char type;
	uint32_t major, minor;
	unsigned bits; /* PLAN_CGROUP_DEVICE_x */
};

static const struct {
	unsigned ours;
	uint32_t kernels;
} bits[] = {
	{ PLAN_CGROUP_DEVICE_READ, BPF_DEVCG_ACC_READ },
	{ PLAN_CGROUP_DEVICE_WRITE, BPF_DEVCG_ACC_WRITE },
	{ PLAN_CGROUP_DEVICE_MKNOD, BPF_DEVCG_ACC_MKNOD },
};
#define N_BITS (sizeof(bits) / sizeof(bits[0]))

static bool matches(const struct plan_cgroup_device *rule, const struct access *access,
		    unsigned bit)
{
	if (rule->type == 'a')
		return true;
	return rule->type == access->type && (rule->access & bit) &&
	       (rule->major < 0 || rule->major == access->major) &&
	       (rule->minor < 0 || rule->minor == access->minor);
}

/* Of those that match an access the last one decides; before all: deny. */
static bool is_allowed(const struct plan_cgroup_device *rules, size_t n,
		       const struct access *access)
{
	for (size_t b = 0; b < N_BITS; b++) {
		bool allow = false;

		if (!(access->bits & bits[b].ours))
			continue;
		for (size_t i = 0; i < n; i++)
			if (matches(&rules[i], access, bits[b].ours))
				allow = rules[i].allow;
		if (!allow)
			return false;
	}
	return true;
}

static int answer(const struct plan_cgroup_device *rules, size_t n, const struct access *access)
{
	struct bpf_insn insns[DEVICE_FILTER_ROOM(RULES_MAX)];
	size_t n_insns = device_filter_compile(rules, n, insns);
	struct bpf_cgroup_dev_ctx context = { .major = access->major, .minor = access->minor };

	CHECK(n_insns <= DEVICE_FILTER_ROOM(n));
	context.access_type = access->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
	for (size_t b = 0; b < N_BITS; b++)
		if (access->bits & bits[b].ours)
			context.access_type |= bits[b].kernels << 16;
	return run(insns, n_insns, &context);
}

/* ---- tests ---- */

#define ALL (-1)
#define R   PLAN_CGROUP_DEVICE_READ
#define W   PLAN_CGROUP_DEVICE_WRITE
#define M   PLAN_CGROUP_DEVICE_MKNOD
#define RWM PLAN_CGROUP_DEVICE_ALL

TEST(without_a_rule_everything_is_denied)
{
	CHECK_INT(answer(NULL, 0, &(struct access){ 'c', 1, 3, R }), 0);
}

TEST(of_two_accesses_at_once_each_may_be_allowed_by_another_rule)
{
	const struct plan_cgroup_device rules[] = {
		{ true, 'c', 10, 229, R, NULL },
		{ true, 'c', 10, ALL, W, NULL },
	};

	CHECK_INT(answer(rules, 2, &(struct access){ 'c', 10, 229, R | W }), 1);
	CHECK_INT(answer(rules, 2, &(struct access){ 'c', 10, 228, R | W }), 0);
	CHECK_INT(answer(rules, 2, &(struct access){ 'c', 10, 228, W }), 1);
	CHECK_INT(answer(rules, 2, &(struct access){ 'b', 10, 229, R }), 0);
}

TEST(a_number_that_no_device_has_matches_none)
{
	const struct plan_cgroup_device rules[] = {
		{ true, 'c', (1LL << 32) + 1, 3, RWM, NULL },
		{ true, 'c', 1, (1LL << 32) + 3, RWM, NULL },
	};

	CHECK_INT(answer(rules, 2, &(struct access){ 'c', 1, 3, R }), 0);
}

static struct plan_cgroup_device random_rule(void)
{
	static const char types[] = "bbccca";
	struct plan_cgroup_device rule = {
		.allow = rand() % 2,
		.type = types[(size_t)rand() % (sizeof(types) - 1)],
		.major = rand() % 3 - 1,
		.minor = rand() % 3 - 1,
		.access = 1 + (unsigned)rand() % RWM,
	};

	if (rule.type == 'a') {
		rule.major = rule.minor = ALL;
		rule.access = RWM;
	}
	return rule;
}

TEST(the_program_answers_as_the_rules_say)
{
	srand(1);
	for (int round = 0; round < 2000; round++) {
		struct plan_cgroup_device rules[RULES_MAX];
		size_t n = (size_t)rand() % (RULES_MAX + 1);

		for (size_t i = 0; i < n; i++)
			rules[i] = random_rule();
		for (unsigned a = 0; a < 2 * 2 * 2 * RWM; a++) {
			struct access access = { a & 1 ? 'b' : 'c', a >> 1 & 1, a >> 2 & 1,
						 1 + (a >> 3) };

			CHECK_INT(answer(rules, n, &access), is_allowed(rules, n, &access));
		}
	}
}

/* ---- the kernel ---- */

static char dir[256];

/* A cgroup of the test's own, of v2, or -1. */
static int make_cgroup(void)
{
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		char file[300];

		snprintf(file, sizeof(file), "%s/cgroup.controllers", mounts[i]);
		if (access(file, F_OK) < 0)
			continue;
		snprintf(dir, sizeof(dir), "%s/ocirun-unit-%d", mounts[i], getpid());
		if (rmdir(dir) == 0 || errno == ENOENT)
			return mkdir(dir, 0755) < 0 ? -1 : cgroupfs_open(AT_FDCWD, dir);
	}
	return -1;
}

TEST(the_kernel_takes_it_and_a_second_one_replaces_the_first)
{
	struct plan_cgroup_device rules[300];
	uint32_t first[BPF_DEVICE_PROGRAMS_MAX], second[BPF_DEVICE_PROGRAMS_MAX];
	AUTO_FD fd = geteuid() == 0 ? make_cgroup() : -1;

	if (fd < 0)
		test_skip("needs root and a cgroup of v2");
	for (size_t i = 0; i < 300; i++) {
		rules[i] = random_rule();
		if (rules[i].type == 'a')
			rules[i].type = 'c';
	}
	CHECK_INT(device_filter_attach(fd, rules, 300, &err), 0);
	CHECK_INT(bpf_device_query(fd, first), 1);
	rules[299].type = 'a';
	CHECK_INT(device_filter_attach(fd, rules, 300, &err), 0);
	CHECK_INT(bpf_device_query(fd, second), 1);
	CHECK(first[0] != second[0]);
	CHECK_INT(device_filter_is_attached(fd), 1);
	device_filter_detach(fd);
	CHECK_INT(bpf_device_query(fd, first), 0);
	rmdir(dir);
}

/* Of systemd, for one: an access has to please both. */
TEST(a_program_of_others_stays)
{
	const struct bpf_insn yes[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct plan_cgroup_device rule = { true, 'c', 1, 3, RWM, NULL };
	uint32_t ids[BPF_DEVICE_PROGRAMS_MAX];
	AUTO_FD fd = geteuid() == 0 ? make_cgroup() : -1;

	if (fd < 0)
		test_skip("needs root and a cgroup of v2");
	AUTO_FD others_fd = bpf_device_load("others", yes, 2);
	CHECK(others_fd >= 0);
	CHECK_INT(bpf_device_attach(fd, others_fd, -1), 0);
	CHECK_INT(device_filter_is_attached(fd), 0);
	CHECK_INT(device_filter_attach(fd, &rule, 1, &err), 0);
	CHECK_INT(device_filter_attach(fd, &rule, 1, &err), 0);
	CHECK_INT(bpf_device_query(fd, ids), 2);
	device_filter_detach(fd);
	CHECK_INT(bpf_device_query(fd, ids), 1);
	rmdir(dir);
}

TEST_MAIN()
