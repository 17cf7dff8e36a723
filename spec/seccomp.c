/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp: the filter as the document words it; nothing is compiled here. */
#include "tables.h"

#include <linux/seccomp.h>

/* Linux 5.19 */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static const struct spec_name actions[] = {
	{ "SCMP_ACT_KILL", SPEC_SECCOMP_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SPEC_SECCOMP_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", SPEC_SECCOMP_KILL_THREAD },
	{ "SCMP_ACT_TRAP", SPEC_SECCOMP_TRAP },
	{ "SCMP_ACT_ERRNO", SPEC_SECCOMP_ERRNO },
	{ "SCMP_ACT_TRACE", SPEC_SECCOMP_TRACE },
	{ "SCMP_ACT_ALLOW", SPEC_SECCOMP_ALLOW },
	{ "SCMP_ACT_LOG", SPEC_SECCOMP_LOG },
	{ "SCMP_ACT_NOTIFY", SPEC_SECCOMP_NOTIFY },
};
static const struct field_names action_names = FIELD_NAMES("a seccomp action", actions);

static const struct spec_name operators[] = {
	{ "SCMP_CMP_NE", SPEC_SECCOMP_NE },
	{ "SCMP_CMP_LT", SPEC_SECCOMP_LT },
	{ "SCMP_CMP_LE", SPEC_SECCOMP_LE },
	{ "SCMP_CMP_EQ", SPEC_SECCOMP_EQ },
	{ "SCMP_CMP_GE", SPEC_SECCOMP_GE },
	{ "SCMP_CMP_GT", SPEC_SECCOMP_GT },
	{ "SCMP_CMP_MASKED_EQ", SPEC_SECCOMP_MASKED_EQ },
};
static const struct field_names operator_names = FIELD_NAMES("a seccomp operator", operators);

static const struct spec_name flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};
static const struct field_names flag_names = FIELD_NAMES("a seccomp flag", flags);

/* Kept as names: which of them this build can compile for is libseccomp's to say. */
static const struct spec_name architectures[] = {
	{ "SCMP_ARCH_X86", 0 },         { "SCMP_ARCH_X86_64", 0 },  { "SCMP_ARCH_X32", 0 },
	{ "SCMP_ARCH_ARM", 0 },         { "SCMP_ARCH_AARCH64", 0 }, { "SCMP_ARCH_LOONGARCH64", 0 },
	{ "SCMP_ARCH_M68K", 0 },        { "SCMP_ARCH_MIPS", 0 },    { "SCMP_ARCH_MIPS64", 0 },
	{ "SCMP_ARCH_MIPS64N32", 0 },   { "SCMP_ARCH_MIPSEL", 0 },  { "SCMP_ARCH_MIPSEL64", 0 },
	{ "SCMP_ARCH_MIPSEL64N32", 0 }, { "SCMP_ARCH_PPC", 0 },     { "SCMP_ARCH_PPC64", 0 },
	{ "SCMP_ARCH_PPC64LE", 0 },     { "SCMP_ARCH_S390", 0 },    { "SCMP_ARCH_S390X", 0 },
	{ "SCMP_ARCH_SH", 0 },          { "SCMP_ARCH_SHEB", 0 },    { "SCMP_ARCH_PARISC", 0 },
	{ "SCMP_ARCH_PARISC64", 0 },    { "SCMP_ARCH_RISCV64", 0 },
};
static const struct field_names architecture_names =
	FIELD_NAMES("a seccomp architecture", architectures);

static bool has_errno(enum spec_seccomp_action action)
{
	return action == SPEC_SECCOMP_ERRNO || action == SPEC_SECCOMP_TRACE;
}

static const struct field arg_fields[] = {
	/* A system call has six arguments. */
	{ "index", FIELD_MEMBER(struct spec_seccomp_arg, index), .is_required = true, .max = 5 },
	{ "value", FIELD_MEMBER(struct spec_seccomp_arg, value), .is_required = true },
	{ "valueTwo", FIELD_MEMBER(struct spec_seccomp_arg, value_two) },
	{ "op", FIELD_NAMED(struct spec_seccomp_arg, op, &operator_names), .is_required = true },
};
FIELD_ASSERT_ELEMENT(struct spec_seccomp_arg);
static const struct field_object arg_object = {
	FIELD_ROWS(struct spec_seccomp_arg, arg_fields),
};

/* spec: an errno for an action that has none must fail. */
static int check_rule(struct field_reader *r, void *object, const json_t *json)
{
	const struct spec_seccomp_rule *rule = object;

	(void)json;
	if (rule->errno_ret.set && !has_errno(rule->action))
		return field_problem_in(
			r, "errnoRet",
			"is given, but only SCMP_ACT_ERRNO and SCMP_ACT_TRACE use it");
	return 0;
}

static const struct field rule_fields[] = {
	{ "names", FIELD_MEMBER(struct spec_seccomp_rule, names), .is_required = true,
	  .has_one = true, .check_text = field_text_nonempty },
	{ "action", FIELD_NAMED(struct spec_seccomp_rule, action, &action_names),
	  .is_required = true },
	{ "errnoRet", FIELD_MEMBER(struct spec_seccomp_rule, errno_ret), .max = UINT32_MAX },
	{ "args", FIELD_STRUCT_LIST(struct spec_seccomp_rule, n_args, &arg_object) },
};
FIELD_ASSERT_ELEMENT(struct spec_seccomp_rule);
_Static_assert(offsetof(struct spec_seccomp_rule, args) ==
		       offsetof(struct spec_seccomp_rule, n_args) + sizeof(size_t),
	       "read as a list {n, v}");
static const struct field_object rule_object = {
	FIELD_ROWS(struct spec_seccomp_rule, rule_fields),
	.check = check_rule,
};

static int check_seccomp(struct field_reader *r, void *object, const json_t *json)
{
	struct spec_seccomp *seccomp = object;
	const json_t *list = json_object_get(json, "flags");

	seccomp->has_no_flags = json_is_array(list) && json_array_size(list) == 0;
	if (seccomp->default_errno_ret.set && !has_errno(seccomp->default_action))
		TRY(field_problem_in(
			r, "defaultErrnoRet",
			"is given, but only SCMP_ACT_ERRNO and SCMP_ACT_TRACE use it"));
	if (seccomp->listener_metadata && !seccomp->listener_path)
		TRY(field_problem_in(r, "listenerMetadata",
				     "is given, but there is no listenerPath"));
	return 0;
}

static const struct field seccomp_fields[] = {
	{ "defaultAction", FIELD_NAMED(struct spec_seccomp, default_action, &action_names),
	  .is_required = true },
	{ "defaultErrnoRet", FIELD_MEMBER(struct spec_seccomp, default_errno_ret),
	  .max = UINT32_MAX },
	{ "architectures", FIELD_MEMBER(struct spec_seccomp, architectures),
	  .names = &architecture_names },
	{ "flags", FIELD_NAMED_LIST(struct spec_seccomp, flags, &flag_names) },
	{ "listenerPath", FIELD_MEMBER(struct spec_seccomp, listener_path) },
	{ "listenerMetadata", FIELD_MEMBER(struct spec_seccomp, listener_metadata) },
	{ "syscalls", FIELD_STRUCT_LIST(struct spec_seccomp, n_rules, &rule_object) },
};
_Static_assert(offsetof(struct spec_seccomp, rules) ==
		       offsetof(struct spec_seccomp, n_rules) + sizeof(size_t),
	       "read as a list {n, v}");

const struct field_object spec_table_seccomp = {
	FIELD_ROWS_SET(struct spec_seccomp, seccomp_fields, set),
	.check = check_seccomp,
};
