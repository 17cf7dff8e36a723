/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile means: actions, conditions, flags, and what is refused. */
#include "test.h"

#include "seccomp_subject.h"

#include <errno.h>
#include <sys/syscall.h>

/* ---- actions ---- */

TEST(each_action_becomes_the_kernels_value)
{
	static const struct {
		enum spec_seccomp_action action;
		struct spec_opt_uint errno_ret;
		uint32_t want;
	} rows[] = {
		{ SPEC_SECCOMP_KILL_THREAD, { 0 }, SECCOMP_RET_KILL_THREAD },
		{ SPEC_SECCOMP_KILL_PROCESS, { 0 }, SECCOMP_RET_KILL_PROCESS },
		{ SPEC_SECCOMP_TRAP, { 0 }, SECCOMP_RET_TRAP },
		{ SPEC_SECCOMP_ERRNO, { 0 }, SECCOMP_RET_ERRNO | EPERM },
		{ SPEC_SECCOMP_ERRNO, ERRNO_VALUE(0), SECCOMP_RET_ERRNO },
		{ SPEC_SECCOMP_ERRNO, ERRNO_VALUE(4094), SECCOMP_RET_ERRNO | 4094 },
		{ SPEC_SECCOMP_TRACE, { 0 }, SECCOMP_RET_TRACE | EPERM },
		{ SPEC_SECCOMP_TRACE, ERRNO_VALUE(65535), SECCOMP_RET_TRACE | 65535 },
		{ SPEC_SECCOMP_LOG, { 0 }, SECCOMP_RET_LOG },
		{ SPEC_SECCOMP_NOTIFY, { 0 }, SECCOMP_RET_USER_NOTIF },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct spec_seccomp_rule rule = { CALLS("getppid"), .action = rows[i].action,
						  .errno_ret = rows[i].errno_ret };
		struct spec_seccomp spec = { .default_action = SPEC_SECCOMP_ALLOW,
					     .listener_path = "/run/agent.sock",
					     .n_rules = 1,
					     .rules = &rule };
		AUTO(subject) struct subject s = { 0 };

		CHECK_INT(compile(&s, &spec), 0);
		CHECK_INT(verdict(&s, native(), SYS_getppid, NULL), rows[i].want);
		CHECK_INT(verdict(&s, native(), SYS_getpid, NULL), SECCOMP_RET_ALLOW);
	}
}

TEST(each_default_action_becomes_the_kernels_value)
{
	static const struct {
		enum spec_seccomp_action action;
		struct spec_opt_uint errno_ret;
		uint32_t want;
	} rows[] = {
		{ SPEC_SECCOMP_KILL_THREAD, { 0 }, SECCOMP_RET_KILL_THREAD },
		{ SPEC_SECCOMP_KILL_PROCESS, { 0 }, SECCOMP_RET_KILL_PROCESS },
		{ SPEC_SECCOMP_TRAP, { 0 }, SECCOMP_RET_TRAP },
		{ SPEC_SECCOMP_ERRNO, { 0 }, SECCOMP_RET_ERRNO | EPERM },
		{ SPEC_SECCOMP_ERRNO, ERRNO_VALUE(6), SECCOMP_RET_ERRNO | 6 },
		{ SPEC_SECCOMP_TRACE, ERRNO_VALUE(7), SECCOMP_RET_TRACE | 7 },
		{ SPEC_SECCOMP_LOG, { 0 }, SECCOMP_RET_LOG },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct spec_seccomp spec = {
			.default_action = rows[i].action,
			.default_errno_ret = rows[i].errno_ret,
			RULES({ CALLS("getppid", "unshare"), DOES(ALLOW) }),
		};
		AUTO(subject) struct subject s = { 0 };

		CHECK_INT(compile(&s, &spec), 0);
		CHECK_INT(verdict(&s, native(), SYS_getpid, NULL), rows[i].want);
		CHECK_INT(verdict(&s, native(), SYS_getppid, NULL), SECCOMP_RET_ALLOW);
	}
}

TEST(a_rule_that_does_what_happens_anyway_is_left_out)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ERRNO,
		RULES({ CALLS("getpid"), DOES(ERRNO), .errno_ret = ERRNO_VALUE(EPERM) },
		      { CALLS("getppid"), DOES(ERRNO), .errno_ret = ERRNO_VALUE(EINVAL) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(s.plan->n_rules, 1);
	CHECK_INT(verdict(&s, native(), SYS_getpid, NULL), SECCOMP_RET_ERRNO | EPERM);
	CHECK_INT(verdict(&s, native(), SYS_getppid, NULL), SECCOMP_RET_ERRNO | EINVAL);
}

TEST(names_that_libseccomp_does_not_know_are_left_out)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ALLOW,
		RULES({ CALLS("no_such_call", "getppid"), DOES(ERRNO) },
		      { CALLS("no_such_call_either"), DOES(KILL_PROCESS) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(s.plan->n_rules, 1);
	CHECK_INT(s.plan->rules[0].n_syscalls, 1);
	CHECK_INT(verdict(&s, native(), SYS_getppid, NULL), SECCOMP_RET_ERRNO | EPERM);
}

TEST(a_plan_points_nowhere_into_the_spec)
{
	char name[] = "getppid", path[] = "/run/agent.sock", metadata[] = "m";
	const char *names[] = { name };
	struct spec_seccomp_arg arg = { .op = SPEC_SECCOMP_EQ, .value = 7 };
	struct spec_seccomp_rule rule = {
		.names = { 1, names }, .action = SPEC_SECCOMP_NOTIFY, .n_args = 1, .args = &arg
	};
	struct spec_seccomp spec = { .default_action = SPEC_SECCOMP_ALLOW,
				     .listener_path = path,
				     .listener_metadata = metadata,
				     .n_rules = 1,
				     .rules = &rule };
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	memset(name, 'x', sizeof(name) - 1);
	memset(path, 'x', sizeof(path) - 1);
	metadata[0] = 'x';
	memset(&arg, 0, sizeof(arg));
	CHECK_STR(s.plan->rules[0].syscalls[0].name, "getppid");
	CHECK_INT(s.plan->rules[0].args[0].datum_a, 7);
	CHECK_STR(s.plan->rules[0].origin, "/linux/seccomp/syscalls/0");
	CHECK_STR(s.plan->listener_path, "/run/agent.sock");
	CHECK_STR(s.plan->listener_metadata, "m");
}

/* ---- conditions ---- */

static const uint64_t boundaries[] = {
	0,
	1,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x100000000,
	0x100000001,
	0x1ffffffff,
	0x7fffffffffffffff,
	0x8000000000000000,
	0xffffffff00000000,
	0xfffffffffffffffe,
	0xffffffffffffffff,
};

/* One rule on argument @index, probed with each boundary value. */
static void check_operator(enum spec_seccomp_operator op, uint32_t index, uint64_t value,
			   uint64_t value_two)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ALLOW,
		RULES({ CALLS("getppid"), DOES(ERRNO), WHEN({ index, value, value_two, op }) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	for (size_t i = 0; i < N(boundaries); i++) {
		uint64_t args[PLAN_SECCOMP_ARGS] = { 0 };
		uint32_t want = condition_holds(op, boundaries[i], value, value_two)
					? SECCOMP_RET_ERRNO | EPERM
					: SECCOMP_RET_ALLOW;
		uint32_t got;

		args[index] = boundaries[i];
		got = verdict(&s, native(), SYS_getppid, args);
		if (got != want)
			test_fail(__FILE__, __LINE__,
				  "%s %#llx, %#llx with argument %u = %#llx: %#x, not %#x",
				  plan_seccomp_operators[op].name, (unsigned long long)value,
				  (unsigned long long)value_two, index,
				  (unsigned long long)boundaries[i], got, want);
	}
}

TEST(operators_compare_all_64_bits)
{
	for (enum spec_seccomp_operator op = SPEC_SECCOMP_NE; op <= SPEC_SECCOMP_GT; op++)
		for (size_t i = 0; i < N(boundaries); i++)
			check_operator(op, (uint32_t)(i % PLAN_SECCOMP_ARGS), boundaries[i], 0);
}

TEST(masked_eq_takes_the_mask_first)
{
	for (size_t i = 0; i < N(boundaries); i++)
		for (size_t j = 0; j < N(boundaries); j++)
			check_operator(SPEC_SECCOMP_MASKED_EQ, 5, boundaries[i],
				       boundaries[i] & boundaries[j]);
}

TEST(conditions_on_different_arguments_must_all_hold)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ERRNO,
		RULES({ CALLS("socket"), DOES(ALLOW),
			WHEN({ 0, 1, 0, SPEC_SECCOMP_EQ }, { 2, 9, 0, SPEC_SECCOMP_EQ }) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(verdict(&s, native(), SYS_socket, ARGS(1, 0, 9)), SECCOMP_RET_ALLOW);
	CHECK_INT(verdict(&s, native(), SYS_socket, ARGS(1, 0, 8)), SECCOMP_RET_ERRNO | EPERM);
	CHECK_INT(verdict(&s, native(), SYS_socket, ARGS(2, 0, 9)), SECCOMP_RET_ERRNO | EPERM);
	CHECK_INT(verdict(&s, native(), SYS_socket, ARGS(2, 0, 8)), SECCOMP_RET_ERRNO | EPERM);
}

TEST(conditions_on_one_argument_are_alternatives)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ERRNO,
		RULES({ CALLS("socket"), DOES(ALLOW),
			WHEN({ 0, 1, 0, SPEC_SECCOMP_EQ }, { 0, 2, 0, SPEC_SECCOMP_EQ }) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(verdict(&s, native(), SYS_socket, ARGS(1)), SECCOMP_RET_ALLOW);
	CHECK_INT(verdict(&s, native(), SYS_socket, ARGS(2)), SECCOMP_RET_ALLOW);
	CHECK_INT(verdict(&s, native(), SYS_socket, ARGS(3)), SECCOMP_RET_ERRNO | EPERM);
}

TEST(alternatives_on_one_argument_do_not_free_the_others)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ERRNO,
		RULES({ CALLS("socket"), DOES(ALLOW),
			WHEN({ 0, 1, 0, SPEC_SECCOMP_EQ }, { 2, 9, 0, SPEC_SECCOMP_EQ },
			     { 0, 2, 0, SPEC_SECCOMP_EQ }, { 2, 8, 0, SPEC_SECCOMP_EQ }) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	for (uint64_t family = 0; family < 4; family++)
		for (uint64_t protocol = 7; protocol < 11; protocol++) {
			bool is_allowed =
				(family == 1 || family == 2) && (protocol == 8 || protocol == 9);

			CHECK_INT(verdict(&s, native(), SYS_socket, ARGS(family, 0, protocol)),
				  is_allowed ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM);
		}
}

TEST(rules_beside_each_other_are_alternatives)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ERRNO,
		RULES({ CALLS("dup3"), DOES(ALLOW), WHEN({ 0, 1, 0, SPEC_SECCOMP_EQ }) },
		      { CALLS("dup3"), DOES(ALLOW), WHEN({ 1, 3, 0, SPEC_SECCOMP_EQ }) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(verdict(&s, native(), SYS_dup3, ARGS(1, 0)), SECCOMP_RET_ALLOW);
	CHECK_INT(verdict(&s, native(), SYS_dup3, ARGS(0, 3)), SECCOMP_RET_ALLOW);
	CHECK_INT(verdict(&s, native(), SYS_dup3, ARGS(3, 1)), SECCOMP_RET_ERRNO | EPERM);
}

/* ---- names ---- */

TEST(tables_agree_with_the_enums_they_are_indexed_by)
{
	CHECK_STR(plan_seccomp_actions[SPEC_SECCOMP_ERRNO].name, "SCMP_ACT_ERRNO");
	CHECK_STR(plan_seccomp_actions[SPEC_SECCOMP_NOTIFY].name, "SCMP_ACT_NOTIFY");
	CHECK_STR(plan_seccomp_operators[SPEC_SECCOMP_MASKED_EQ].name, "SCMP_CMP_MASKED_EQ");
	for (size_t i = 0; i < PLAN_SECCOMP_N_ACTIONS; i++)
		CHECK(plan_seccomp_actions[i].name);
	for (size_t i = 0; i < PLAN_SECCOMP_N_OPERATORS; i++)
		CHECK(plan_seccomp_operators[i].name);
	for (size_t i = 0; i < PLAN_SECCOMP_N_ARCHS; i++)
		CHECK_CONTAINS(plan_seccomp_archs[i].name, "SCMP_ARCH_");
	CHECK_INT(plan_seccomp_arch_token("SCMP_ARCH_X32"), SCMP_ARCH_X32);
	CHECK_INT(plan_seccomp_arch_token("SCMP_ARCH_VAX"), 0);
}

/* ---- flags and the listener ---- */

TEST(flags_are_the_kernels_and_default_to_spec_allow)
{
	static const struct {
		uint64_t flags;
		bool is_empty;
		uint32_t want;
	} rows[] = {
		{ 0, false, SECCOMP_FILTER_FLAG_SPEC_ALLOW },
		{ 0, true, 0 },
		{ SECCOMP_FILTER_FLAG_TSYNC, false, 0 },
		{ SECCOMP_FILTER_FLAG_LOG, false, SECCOMP_FILTER_FLAG_LOG },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct spec_seccomp spec = { .default_action = SPEC_SECCOMP_ALLOW,
					     .flags = rows[i].flags,
					     .has_no_flags = rows[i].is_empty };
		AUTO(subject) struct subject s = { 0 };

		CHECK_INT(compile(&s, &spec), 0);
		CHECK_INT(s.plan->flags, rows[i].want);
	}
}

TEST(a_notifying_rule_asks_for_the_listener)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ALLOW,
		.flags = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
		.listener_path = "/run/agent.sock",
		RULES({ CALLS("mkdir"), DOES(NOTIFY) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(s.plan->flags,
		  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV | SECCOMP_FILTER_FLAG_NEW_LISTENER);
	CHECK_STR(s.plan->listener_path, "/run/agent.sock");
}

TEST(a_listener_without_a_notifying_rule_is_ignored)
{
	struct spec_seccomp spec = { .default_action = SPEC_SECCOMP_ALLOW,
				     .listener_path = "/run/agent.sock" };
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_STR(s.plan->listener_path, NULL);
	CHECK_INT(s.plan->flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
}

/* ---- what is refused ---- */

struct refusal {
	struct spec_seccomp spec;
	int ret;
	const char *pointer, *text;
};

static void check_refusal(const struct refusal *row)
{
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &row->spec), row->ret);
	CHECK_STR(s.err.pointer, row->pointer);
	CHECK_CONTAINS(s.err.text, row->text);
}

#define FINE                                                                                       \
	{                                                                                          \
		CALLS("read"), DOES(ERRNO)                                                         \
	}
#define ONE(...) RULES(FINE, FINE, FINE, { __VA_ARGS__ })

TEST(contradictions_are_refused_with_their_place)
{
	const struct refusal rows[] = {
		{ { .default_action = SPEC_SECCOMP_NOTIFY, .listener_path = "/a" },
		  -EINVAL,
		  "/linux/seccomp/defaultAction",
		  "SCMP_ACT_NOTIFY cannot be used as default action" },
		{ { .default_action = SPEC_SECCOMP_KILL_PROCESS,
		    .default_errno_ret = ERRNO_VALUE(1) },
		  -EINVAL,
		  "/linux/seccomp/defaultErrnoRet",
		  "SCMP_ACT_KILL_PROCESS has no errno to return" },
		{ { .default_action = SPEC_SECCOMP_ERRNO, .default_errno_ret = ERRNO_VALUE(4095) },
		  -EINVAL,
		  "/linux/seccomp/defaultErrnoRet",
		  "at most 4094, not 4095" },
		{ { .default_action = SPEC_SECCOMP_ALLOW,
		    ONE(CALLS("read"), DOES(TRACE), .errno_ret = ERRNO_VALUE(65536)) },
		  -EINVAL,
		  "/linux/seccomp/syscalls/3/errnoRet",
		  "at most 65535, not 65536" },
		{ { .default_action = SPEC_SECCOMP_ALLOW,
		    ONE(CALLS("read"), DOES(LOG), .errno_ret = ERRNO_VALUE(1)) },
		  -EINVAL,
		  "/linux/seccomp/syscalls/3/errnoRet",
		  "SCMP_ACT_LOG has no errno to return" },
		{ { .default_action = SPEC_SECCOMP_ALLOW, ONE(CALLS("mkdir"), DOES(NOTIFY)) },
		  -EINVAL,
		  "/linux/seccomp/syscalls/3/action",
		  "SCMP_ACT_NOTIFY needs an agent that listens" },
		{ { .default_action = SPEC_SECCOMP_ALLOW,
		    .listener_path = "/a",
		    ONE(CALLS("mkdir", "write"), DOES(NOTIFY)) },
		  -EINVAL,
		  "/linux/seccomp/syscalls/3/names/1",
		  "SCMP_ACT_NOTIFY cannot be used for the write syscall" },
		{ { .default_action = SPEC_SECCOMP_ALLOW,
		    .listener_path = "agent.sock",
		    ONE(CALLS("mkdir"), DOES(NOTIFY)) },
		  -EINVAL,
		  "/linux/seccomp/listenerPath",
		  "\"agent.sock\" is not an absolute path" },
		{ { .default_action = SPEC_SECCOMP_ALLOW, .listener_metadata = "m" },
		  -EINVAL,
		  "/linux/seccomp/listenerMetadata",
		  "without listenerPath" },
		{ { .default_action = SPEC_SECCOMP_ALLOW,
		    .flags = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
		  -EINVAL,
		  "/linux/seccomp/flags",
		  "needs a rule with the action SCMP_ACT_NOTIFY" },
		{ { .default_action = SPEC_SECCOMP_ALLOW,
		    ONE(CALLS("read"), DOES(ERRNO),
			WHEN({ 0, 1, 0, SPEC_SECCOMP_EQ }, { 6, 1, 0, SPEC_SECCOMP_EQ })) },
		  -EINVAL,
		  "/linux/seccomp/syscalls/3/args/1/index",
		  "a system call has no argument 6" },
		{ { .default_action = SPEC_SECCOMP_ALLOW,
		    .architectures = STRINGS("SCMP_ARCH_X86_64", "SCMP_ARCH_VAX") },
		  -ENOTSUP,
		  "/linux/seccomp/architectures/1",
		  "seccomp architecture 'SCMP_ARCH_VAX' is not known to libseccomp" },
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		{ { .default_action = SPEC_SECCOMP_ALLOW,
		    .architectures = STRINGS("SCMP_ARCH_S390X") },
		  -EINVAL,
		  "/linux/seccomp/architectures/0",
		  "SCMP_ARCH_S390X has another byte order" },
#endif
	};

	for (size_t i = 0; i < N(rows); i++)
		check_refusal(&rows[i]);
}

TEST(rules_that_no_filter_can_hold_are_refused)
{
	static struct spec_seccomp_arg args[3 * 17];
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ALLOW,
		RULES({ CALLS("read"), DOES(ERRNO), .n_args = N(args), .args = args }),
	};
	AUTO(subject) struct subject s = { 0 };

	for (uint32_t i = 0; i < N(args); i++)
		args[i] = (struct spec_seccomp_arg){ i % 3, i, 0, SPEC_SECCOMP_EQ };
	CHECK_INT(compile(&s, &spec), -E2BIG);
	CHECK_STR(s.err.pointer, "/linux/seccomp/syscalls/0/args");
	CHECK_CONTAINS(s.err.text, "more than 4096 combinations");
}

TEST(a_program_longer_than_the_kernels_limit_is_refused)
{
	static struct spec_seccomp_arg args[4000];
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ALLOW,
		RULES({ CALLS("read"), DOES(ERRNO), .n_args = N(args), .args = args }),
	};
	AUTO(subject) struct subject s = { 0 };

	for (uint32_t i = 0; i < N(args); i++)
		args[i] = (struct spec_seccomp_arg){ 0, (uint64_t)i << 32, 0, SPEC_SECCOMP_EQ };
	CHECK_INT(compile(&s, &spec), -E2BIG);
	CHECK_CONTAINS(s.err.text, "the kernel takes 4096");
}

TEST_MAIN()
