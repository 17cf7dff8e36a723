/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of device rules. It goes through them from the last to the first, with those of the
 * wanted accesses that no rule has decided yet: a deny ends it when it meets one of them, an allow
 * takes its own out, and when none are left the answer is yes. What nothing decided is denied.
 */
#include "device_filter.h"

#include "bpf.h"
#include "fd.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* By which a later container knows the program as one of ours. */
#define NAME "ocirun_devices"

enum reg {
	REG_RESULT = BPF_REG_0,
	REG_CONTEXT = BPF_REG_1, /* struct bpf_cgroup_dev_ctx */
	REG_WANTED = BPF_REG_2,  /* accesses that are not decided yet */
	REG_TYPE = BPF_REG_3,
	REG_MAJOR = BPF_REG_4,
	REG_MINOR = BPF_REG_5,
	REG_MET = BPF_REG_0, /* the result is written last */
};

/* ---- instructions ---- */

struct writer {
	struct bpf_insn *insns;
	size_t n;
};

static void emit(struct writer *w, unsigned code, enum reg dst, enum reg src, int off, int32_t imm)
{
	w->insns[w->n++] = (struct bpf_insn){
		.code = (__u8)code,
		.dst_reg = dst & 0xf,
		.src_reg = src & 0xf,
		.off = (__s16)off,
		.imm = imm,
	};
}

static void emit_load(struct writer *w, enum reg dst, size_t offset)
{
	emit(w, BPF_LDX | BPF_MEM | BPF_W, dst, REG_CONTEXT, (int)offset, 0);
}

static void emit_copy(struct writer *w, enum reg dst, enum reg src)
{
	emit(w, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static void emit_and(struct writer *w, enum reg dst, int32_t mask)
{
	emit(w, BPF_ALU64 | BPF_AND | BPF_K, dst, 0, 0, mask);
}

/* Skips @n_insns when the condition BPF_JEQ or BPF_JNE holds. */
static void emit_skip_if(struct writer *w, unsigned condition, enum reg reg, int32_t value,
			 size_t n_insns)
{
	emit(w, BPF_JMP | condition | BPF_K, reg, 0, (int)n_insns, value);
}

static void emit_answer(struct writer *w, bool allow)
{
	emit(w, BPF_ALU64 | BPF_MOV | BPF_K, REG_RESULT, 0, 0, allow);
	emit(w, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}
#define ANSWER_INSNS 2

/* ---- rules ---- */

/* What the kernel calls the accesses of a rule. */
static int32_t kernel_access(unsigned access)
{
	return (access & PLAN_CGROUP_DEVICE_READ ? BPF_DEVCG_ACC_READ : 0) |
	       (access & PLAN_CGROUP_DEVICE_WRITE ? BPF_DEVCG_ACC_WRITE : 0) |
	       (access & PLAN_CGROUP_DEVICE_MKNOD ? BPF_DEVCG_ACC_MKNOD : 0);
}

/* No device has such a number: the kernel's have 12 and 20 bits. */
static bool matches_nothing(const struct plan_cgroup_device *rule)
{
	return rule->major > INT32_MAX || rule->minor > INT32_MAX;
}

static void emit_rule(struct writer *w, const struct plan_cgroup_device *rule)
{
	int32_t access = kernel_access(rule->access);
	size_t body = rule->allow ? 2 + ANSWER_INSNS : 3 + ANSWER_INSNS;
	bool has_major = rule->major >= 0, has_minor = rule->minor >= 0;

	emit_skip_if(w, BPF_JNE, REG_TYPE,
		     rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR,
		     has_major + has_minor + body);
	if (has_major)
		emit_skip_if(w, BPF_JNE, REG_MAJOR, (int32_t)rule->major, has_minor + body);
	if (has_minor)
		emit_skip_if(w, BPF_JNE, REG_MINOR, (int32_t)rule->minor, body);
	if (rule->allow) {
		emit_and(w, REG_WANTED, ~access);
		emit_skip_if(w, BPF_JNE, REG_WANTED, 0, ANSWER_INSNS);
	} else {
		emit_copy(w, REG_MET, REG_WANTED);
		emit_and(w, REG_MET, access);
		emit_skip_if(w, BPF_JEQ, REG_MET, 0, ANSWER_INSNS);
	}
	emit_answer(w, rule->allow);
}

size_t device_filter_compile(const struct plan_cgroup_device *rules, size_t n,
			     struct bpf_insn *insns)
{
	struct writer w = { .insns = insns };
	bool allow = false;

	/* access_type is the accesses and the type, 16 bits each. */
	emit_load(&w, REG_TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit_copy(&w, REG_WANTED, REG_TYPE);
	emit_and(&w, REG_TYPE, 0xffff);
	emit(&w, BPF_ALU64 | BPF_RSH | BPF_K, REG_WANTED, 0, 0, 16);
	emit_load(&w, REG_MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	emit_load(&w, REG_MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	for (size_t i = n; i-- > 0;) {
		/* 'a' is everything: what comes before it decides nothing any more, and the kernel
		 * takes no instruction that cannot be reached. */
		if (rules[i].type == 'a') {
			allow = rules[i].allow;
			break;
		}
		if (!matches_nothing(&rules[i]))
			emit_rule(&w, &rules[i]);
	}
	emit_answer(&w, allow);
	return w.n;
}

/* ---- the cgroup ---- */

static int load(const struct plan_cgroup_device *rules, size_t n, struct err *err)
{
	struct bpf_insn *insns = calloc(DEVICE_FILTER_ROOM(n), sizeof(*insns));
	int fd;

	if (!insns)
		return err_set(err, ENOMEM, "no memory for %zu device rules", n);
	fd = bpf_device_load(NAME, insns, device_filter_compile(rules, n, insns));
	free(insns);
	if (fd >= 0)
		return fd;
	err_errno(err, fd, "load the BPF program of %zu device rules", n);
	if (fd == -EPERM)
		err_hint(
			err,
			"it needs CAP_BPF or CAP_SYS_ADMIN on the host, and before Linux 5.11 room "
			"in the limit of locked memory (ulimit -l)");
	return fd;
}

/* The first program of ours from the @at-th id on, or -ENOENT. Moves @at behind it. */
static int next_of_ours(const uint32_t *ids, int n, int *at)
{
	while (*at < n) {
		int fd = bpf_open_named(ids[(*at)++], NAME);

		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

static void detach_from(int cgroup_fd, const uint32_t *ids, int n, int at)
{
	for (;;) {
		AUTO_FD fd = next_of_ours(ids, n, &at);

		if (fd < 0)
			return;
		bpf_device_detach(cgroup_fd, fd);
	}
}

/* Before Linux 5.6 the old one goes after the new one has come: both hold meanwhile. */
static int attach(int cgroup_fd, int fd)
{
	uint32_t ids[BPF_DEVICE_PROGRAMS_MAX];
	int n = bpf_device_query(cgroup_fd, ids), at = 0;
	AUTO_FD old_fd = next_of_ours(ids, n, &at);
	int ret = bpf_device_attach(cgroup_fd, fd, old_fd);

	if (ret == -EINVAL && old_fd >= 0) {
		at = 0;
		ret = bpf_device_attach(cgroup_fd, fd, -1);
	}
	if (ret == 0)
		detach_from(cgroup_fd, ids, n, at);
	return ret;
}

int device_filter_attach(int cgroup_fd, const struct plan_cgroup_device *rules, size_t n,
			 struct err *err)
{
	AUTO_FD fd = load(rules, n, err);
	int ret;

	if (fd < 0)
		return fd;
	ret = attach(cgroup_fd, fd);
	if (ret < 0) {
		err_errno(err, ret, "attach the BPF program of device rules");
		if (ret == -EPERM)
			err_hint(err, "a program of a cgroup above forbids others below it");
	}
	return ret;
}

int device_filter_is_attached(int cgroup_fd)
{
	uint32_t ids[BPF_DEVICE_PROGRAMS_MAX];
	int n = bpf_device_query(cgroup_fd, ids), at = 0;
	AUTO_FD fd = next_of_ours(ids, n, &at);

	return n < 0 ? n : fd >= 0;
}

void device_filter_detach(int cgroup_fd)
{
	uint32_t ids[BPF_DEVICE_PROGRAMS_MAX];

	detach_from(cgroup_fd, ids, bpf_device_query(cgroup_fd, ids), 0);
}
