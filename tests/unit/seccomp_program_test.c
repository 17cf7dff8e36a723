/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiled program as a whole: its architectures, the answer to new calls, real engines'
 * profiles against a model of them, and loading it.
 */
#include "test.h"

#include "io.h"
#include "load.h"
#include "seccomp_enosys.h"
#include "seccomp_subject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- architectures and new calls ---- */

#ifdef __x86_64__

TEST(calls_above_the_highest_named_one_get_enosys)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ERRNO,
		.architectures = STRINGS("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"),
		/* set_robust_list: 273, 530 and 311. It is refused, yet known to the profile. */
		RULES({ CALLS("read"), DOES(ALLOW) },
		      { CALLS("unshare", "set_robust_list"), DOES(ERRNO) }),
	};
	static const struct {
		uint32_t arch, nr, want;
	} rows[] = {
		{ SCMP_ARCH_X86_64, 0, SECCOMP_RET_ALLOW },
		{ SCMP_ARCH_X86_64, 1, SECCOMP_RET_ERRNO | EPERM },
		{ SCMP_ARCH_X86_64, 273, SECCOMP_RET_ERRNO | EPERM },
		{ SCMP_ARCH_X86_64, 274, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_X86_64, 1000, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_X86_64, 0x3fffffff, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_X86_64, 0x80000000, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_X86_64, X32_BIT, SECCOMP_RET_ALLOW },
		{ SCMP_ARCH_X86_64, X32_BIT | 530, SECCOMP_RET_ERRNO | EPERM },
		{ SCMP_ARCH_X86_64, X32_BIT | 531, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_X86_64, 0xffffffff, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_X86, 3, SECCOMP_RET_ALLOW },
		{ SCMP_ARCH_X86, 311, SECCOMP_RET_ERRNO | EPERM },
		{ SCMP_ARCH_X86, 312, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_X86, X32_BIT, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_AARCH64, 63, SECCOMP_RET_KILL_THREAD },
		{ SCMP_ARCH_AARCH64, 1000, SECCOMP_RET_KILL_THREAD },
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_STR(s.plan->archs[2].name, "SCMP_ARCH_X32");
	CHECK_INT(s.plan->archs[2].audit_arch, SCMP_ARCH_X86_64);
	for (size_t i = 0; i < N(rows); i++)
		if (verdict(&s, rows[i].arch, rows[i].nr, NULL) != rows[i].want)
			test_fail(__FILE__, __LINE__, "arch %#x nr %#x: %#x, not %#x", rows[i].arch,
				  rows[i].nr, verdict(&s, rows[i].arch, rows[i].nr, NULL),
				  rows[i].want);
}

TEST(abis_that_a_profile_does_not_list_are_killed)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ERRNO,
		RULES({ CALLS("read", "unshare"), DOES(ALLOW) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86_64, 0, NULL), SECCOMP_RET_ALLOW);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86_64, 1000, NULL), SECCOMP_RET_ERRNO | ENOSYS);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86_64, X32_BIT, NULL), SECCOMP_RET_KILL_THREAD);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86_64, X32_BIT | 1000, NULL), SECCOMP_RET_KILL_THREAD);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86, 3, NULL), SECCOMP_RET_KILL_THREAD);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86, 1000, NULL), SECCOMP_RET_KILL_THREAD);
}

TEST(the_native_abi_is_judged_though_it_is_not_listed)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ERRNO,
		.architectures = STRINGS("SCMP_ARCH_X86", "SCMP_ARCH_X86"),
		RULES({ CALLS("read", "unshare"), DOES(ALLOW) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(s.plan->n_archs, 2);
	CHECK_STR(s.plan->archs[0].name, "SCMP_ARCH_X86_64");
	CHECK_STR(s.plan->archs[1].origin, "/linux/seccomp/architectures/0");
	CHECK_INT(verdict(&s, SCMP_ARCH_X86_64, 0, NULL), SECCOMP_RET_ALLOW);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86_64, 1000, NULL), SECCOMP_RET_ERRNO | ENOSYS);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86, 3, NULL), SECCOMP_RET_ALLOW);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86_64, X32_BIT, NULL), SECCOMP_RET_KILL_THREAD);
}

TEST(a_call_of_another_abi_only_is_judged_there)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ALLOW,
		.architectures = STRINGS("SCMP_ARCH_X86"),
		RULES({ CALLS("chown32"), DOES(KILL_PROCESS) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86, 212, NULL), SECCOMP_RET_KILL_PROCESS);
	CHECK_INT(verdict(&s, SCMP_ARCH_X86_64, 212, NULL), SECCOMP_RET_ALLOW);
}

#endif

TEST(new_calls_are_left_to_permissive_defaults_and_tracers)
{
	static const struct {
		enum spec_seccomp_action action;
		uint32_t want;
	} rows[] = {
		{ SPEC_SECCOMP_ALLOW, SECCOMP_RET_ALLOW },
		{ SPEC_SECCOMP_LOG, SECCOMP_RET_LOG },
		{ SPEC_SECCOMP_TRACE, SECCOMP_RET_TRACE | EPERM },
		{ SPEC_SECCOMP_TRAP, SECCOMP_RET_ERRNO | ENOSYS },
		{ SPEC_SECCOMP_KILL_THREAD, SECCOMP_RET_ERRNO | ENOSYS },
		{ SPEC_SECCOMP_KILL_PROCESS, SECCOMP_RET_ERRNO | ENOSYS },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct spec_seccomp spec = {
			.default_action = rows[i].action,
			RULES({ CALLS("getppid"), DOES(ERRNO) }),
		};
		AUTO(subject) struct subject s = { 0 };

		CHECK_INT(compile(&s, &spec), 0);
		CHECK_INT(verdict(&s, native(), 9999, NULL), rows[i].want);
	}
}

TEST(unknown_calls_of_s390_come_as_number_0)
{
	static const struct plan_seccomp_arch archs[] = {
		{ .token = SCMP_ARCH_S390X, .audit_arch = SCMP_ARCH_S390X, .last_nr = 450 },
		{ .token = SCMP_ARCH_S390, .audit_arch = SCMP_ARCH_S390, .last_nr = 440 },
	};
	static const struct {
		uint32_t arch, nr, want;
	} rows[] = {
		{ SCMP_ARCH_S390X, 0, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_S390X, 1, SECCOMP_RET_ALLOW },
		{ SCMP_ARCH_S390X, 450, SECCOMP_RET_ALLOW },
		{ SCMP_ARCH_S390X, 451, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_S390, 0, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_S390, 440, SECCOMP_RET_ALLOW },
		{ SCMP_ARCH_S390, 441, SECCOMP_RET_ERRNO | ENOSYS },
		{ SCMP_ARCH_PPC64, 0, SECCOMP_RET_ALLOW },
		{ SCMP_ARCH_PPC64, 451, SECCOMP_RET_ALLOW },
	};
	struct sock_filter insns[SECCOMP_ENOSYS_MAX(2) + 1];
	size_t n = seccomp_enosys_emit(archs, N(archs), insns);

	insns[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < N(rows); i++) {
		struct seccomp_data data = { .nr = (int)rows[i].nr, .arch = rows[i].arch };

		CHECK_INT(interpret(insns, n, &data, NULL), rows[i].want);
	}
}

TEST(x32_shares_the_section_of_x86_64)
{
	static const struct plan_seccomp_arch archs[] = {
		{ .token = SCMP_ARCH_X86_64,
		  .audit_arch = SCMP_ARCH_X86_64,
		  .last_nr = PLAN_SECCOMP_ANY_NR },
		{ .token = SCMP_ARCH_X32, .audit_arch = SCMP_ARCH_X86_64, .last_nr = X32_BIT | 5 },
		{ .token = SCMP_ARCH_X86_64, .audit_arch = SCMP_ARCH_X86_64, .last_nr = 5 },
	};
	struct sock_filter insns[SECCOMP_ENOSYS_MAX(2) + 1];
	struct seccomp_data data = { .arch = SCMP_ARCH_X86_64 };
	size_t n = seccomp_enosys_emit(archs, 2, insns);

	insns[n] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	data.nr = X32_BIT | 6;
	CHECK_INT(interpret(insns, n + 1, &data, NULL), SECCOMP_RET_ERRNO | ENOSYS);
	data.nr = X32_BIT | 5;
	CHECK_INT(interpret(insns, n + 1, &data, NULL), SECCOMP_RET_ALLOW);
	data.nr = 6;
	CHECK_INT(interpret(insns, n + 1, &data, NULL), SECCOMP_RET_ALLOW);
	CHECK_INT(seccomp_enosys_emit(&archs[1], 2, insns), n);
}

/* As many sections as there can be: the way to the end is longer than a conditional jump. */
TEST(sections_of_all_architectures_find_the_end)
{
	struct plan_seccomp_arch archs[60] = { 0 };
	struct sock_filter insns[SECCOMP_ENOSYS_MAX(60) + 1];
	size_t n;

	for (uint32_t i = 0; i < N(archs); i++)
		archs[i] = (struct plan_seccomp_arch){ .token = 1 + i,
						       .audit_arch = 1 + i,
						       .last_nr = 100 * i };
	n = seccomp_enosys_emit(archs, N(archs), insns);
	CHECK(n > 256);
	insns[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	for (uint32_t i = 0; i < N(archs); i++) {
		struct seccomp_data at = { .nr = (int)(100 * i), .arch = 1 + i };
		struct seccomp_data above = { .nr = (int)(100 * i + 1), .arch = 1 + i };

		CHECK_INT(interpret(insns, n, &at, NULL), SECCOMP_RET_ALLOW);
		CHECK_INT(interpret(insns, n, &above, NULL), SECCOMP_RET_ERRNO | ENOSYS);
	}
}

TEST(a_long_profile_is_searched_as_a_tree)
{
	const char *names[200];
	struct spec_seccomp_rule rule = { .names = { 0, names }, .action = SPEC_SECCOMP_ERRNO };
	struct spec_seccomp spec = { .default_action = SPEC_SECCOMP_ALLOW,
				     .n_rules = 1,
				     .rules = &rule };
	AUTO(subject) struct subject s = { 0 };
	char *name;

	for (int nr = 0; nr < (int)N(names); nr++)
		if ((name = seccomp_syscall_resolve_num_arch(native(), nr)))
			names[rule.names.n++] = name;
	CHECK(rule.names.n > 100);
	CHECK_INT(compile(&s, &spec), 0);
	for (size_t i = 0; i < rule.names.n; i++) {
		struct seccomp_data data = { .arch = native(),
					     .nr = seccomp_syscall_resolve_name(names[i]) };
		size_t steps = 0;

		CHECK_INT(interpret(s.program->v, s.program->n, &data, &steps),
			  SECCOMP_RET_ERRNO | EPERM);
		CHECK(steps < 30);
		free((char *)names[i]);
	}
}

/* ---- real engines' profiles ---- */

#ifdef __x86_64__

static bool names_call(const struct spec_seccomp_rule *rule, uint32_t token, int nr)
{
	for (size_t i = 0; i < rule->names.n; i++)
		if (seccomp_syscall_resolve_name_arch(token, rule->names.v[i]) == nr)
			return true;
	return false;
}

/* One condition at most on each argument, as in all of these profiles. */
static bool conditions_hold(const struct spec_seccomp_rule *rule, const uint64_t *args)
{
	for (size_t i = 0; i < rule->n_args; i++)
		if (!condition_holds(rule->args[i].op, args[rule->args[i].index],
				     rule->args[i].value, rule->args[i].value_two))
			return false;
	return true;
}

static uint32_t action_of(enum spec_seccomp_action action, const struct spec_opt_uint *errno_ret)
{
	if (action == SPEC_SECCOMP_ALLOW)
		return SECCOMP_RET_ALLOW;
	return SECCOMP_RET_ERRNO | (errno_ret->set ? (uint32_t)errno_ret->value : EPERM);
}

static int highest_named(const struct spec_seccomp *spec, uint32_t token)
{
	int highest = -1;

	for (size_t i = 0; i < spec->n_rules; i++)
		for (size_t j = 0; j < spec->rules[i].names.n; j++) {
			int nr =
				seccomp_syscall_resolve_name_arch(token, spec->rules[i].names.v[j]);

			highest = nr > highest ? nr : highest;
		}
	return highest;
}

/* What the profile says, read off it rule by rule. */
static uint32_t model(const struct spec_seccomp *spec, uint32_t token, int highest, int nr,
		      const uint64_t *args)
{
	uint32_t said = action_of(spec->default_action, &spec->default_errno_ret);

	if (nr > highest)
		return SECCOMP_RET_ERRNO | ENOSYS;
	for (size_t i = 0; i < spec->n_rules; i++) {
		const struct spec_seccomp_rule *rule = &spec->rules[i];

		if (!names_call(rule, token, nr) || !conditions_hold(rule, args))
			continue;
		said = action_of(rule->action, &rule->errno_ret);
		if (rule->n_args == 0)
			return said;
	}
	return said;
}

static void compare_with_model(const char *name, const struct spec_seccomp *spec, uint32_t token,
			       int first_nr)
{
	static const uint64_t values[][PLAN_SECCOMP_ARGS] = {
		{ 0 },          { 8 },    { 0x20000 },    { 0x20008 },  { 0xffffffff },
		{ 0x10000000 }, { 0x11 }, { 0x7e020000 }, { 16, 0, 9 }, { 16, 0, 8 },
		{ 1, 0, 9 },    { 40 },   { 38 },
	};
	uint32_t audit_arch = token == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : token;
	int highest = highest_named(spec, token);
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, spec), 0);
	for (int nr = first_nr; nr < first_nr + 500; nr++)
		for (size_t i = 0; i < N(values); i++) {
			uint32_t want = model(spec, token, highest, nr, values[i]);
			uint32_t got = verdict(&s, audit_arch, (uint32_t)nr, values[i]);

			if (got != want)
				test_fail(__FILE__, __LINE__,
					  "%s: arch %#x, call %#x, row %zu: "
					  "%#x, not %#x",
					  name, token, nr, i, got, want);
		}
}

TEST(real_profiles_do_what_they_say)
{
	static const char *const names[] = { "docker-default", "podman-default", "podman-options",
					     "cri-app",        "cri-hardened",   "ctr-options" };

	for (size_t i = 0; i < N(names); i++) {
		AUTO(spec) struct spec *spec = NULL;
		struct err err = { 0 };
		char path[256], *text = NULL;
		size_t len = 0;

		snprintf(path, sizeof(path), SOURCE_DIR "/tests/real-configs/%s/config.json",
			 names[i]);
		CHECK_INT(io_read_file(AT_FDCWD, path, SPEC_MAX_BYTES, &text, &len, &err), 0);
		/* places to be filled in: "@BUNDLE@/mounts" */
		for (char *at = text; at && (at = strstr(at, "\"@")); at++)
			at[1] = '/';
		CHECK_INT(spec_parse(text, len, NULL, &spec, &err), 0);
		CHECK_STR(err.text, "");
		free(text);
		if (!spec)
			continue;
		compare_with_model(names[i], &spec->linux_.seccomp, SCMP_ARCH_X86_64, 0);
		compare_with_model(names[i], &spec->linux_.seccomp, SCMP_ARCH_X32, (int)X32_BIT);
	}
}

#endif

/* ---- in the kernel ---- */

static const struct spec_seccomp loadable = {
	.default_action = SPEC_SECCOMP_ALLOW,
	.n_rules = 2,
	.rules =
		(struct spec_seccomp_rule[]){
			{ CALLS("mkdir", "mkdirat"), DOES(ERRNO) },
			{ CALLS("getpriority"), DOES(ERRNO), .errno_ret = ERRNO_VALUE(ENETDOWN),
			  WHEN({ 1, 0x100000001, 0, SPEC_SECCOMP_EQ }) },
		},
};

/* The exit status of a child that runs @under after it has loaded the program. */
static int run_under(const struct subject *s, int (*under)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		struct err err = { 0 };

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    seccomp_program_load(s->program, s->plan->flags, &err) != 0)
			_exit(100);
		syscall(SYS_exit_group, under()); /* _exit() of a sanitizer does more */
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int probe_rules(void)
{
	if (mkdir("/proc/none", 0700) == 0 || errno != EPERM)
		return 1;
	if (syscall(SYS_getpriority, 0, 0x100000001) != -1 || errno != ENETDOWN)
		return 2;
	if (syscall(SYS_getpriority, 0, 1) == -1 && errno == ENETDOWN)
		return 3;
	return 0;
}

TEST(the_kernel_runs_a_loaded_program)
{
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &loadable), 0);
	CHECK_INT(run_under(&s, probe_rules), 0);
}

static int probe_new_call(void)
{
	if (syscall(SYS_getppid) != -1 || errno != EPERM)
		return 1;
	if (syscall(5000) != -1 || errno != ENOSYS)
		return 2;
	return 0;
}

TEST(the_kernel_answers_new_calls_with_enosys)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ERRNO,
		RULES({ CALLS("exit_group", "unshare"), DOES(ALLOW) }),
	};
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(run_under(&s, probe_new_call), 0);
}

TEST(loading_returns_a_listener_that_closes_on_exec)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ALLOW,
		.listener_path = "/run/agent.sock",
		RULES({ CALLS("mkdir"), DOES(NOTIFY) }),
	};
	AUTO(subject) struct subject s = { 0 };
	int fd;

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	fd = seccomp_program_load(s.program, s.plan->flags, &s.err);
	CHECK(fd > 2);
	CHECK_INT(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

TEST(a_flag_that_the_kernel_does_not_take_is_named)
{
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &loadable), 0);
	/* without a listener this one is refused by every kernel */
	CHECK_INT(seccomp_program_load(
			  s.program,
			  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV | SECCOMP_FILTER_FLAG_LOG, &s.err),
		  -EINVAL);
	CHECK_STR(s.err.pointer, "/linux/seccomp/flags");
	CHECK_STR(s.err.text, "the kernel does not take SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
}

TEST(a_program_that_the_kernel_refuses_is_not_blamed_on_a_flag)
{
	struct seccomp_program empty = { .n = 0 };
	struct err err = { 0 };

	CHECK_INT(seccomp_program_load(&empty,
				       SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV |
					       SECCOMP_FILTER_FLAG_NEW_LISTENER,
				       &err),
		  -EINVAL);
	CHECK_STR(err.pointer, "/linux/seccomp");
}

TEST_MAIN()
