/* SPDX-License-Identifier: Apache-2.0 */
/* Watching system calls: which filter is loaded, and what the container's own would have answered. */
#include "test.h"

#include "seccomp_subject.h"
#include "seccomp_watch.h"

#include <stdlib.h>
#include <sys/syscall.h>

static struct err err;

/* Nothing is called in these tests. */
static const struct seccomp_watch_request every = { .kind = SECCOMP_WATCH_ALL };
static const struct seccomp_watch_request denied = { .kind = SECCOMP_WATCH_DENIED };

static uint32_t answer(const struct seccomp_watch *watch, uint32_t arch, long nr)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };

	return seccomp_program_judge(seccomp_watch_program(watch), &data);
}

TEST(all_calls_are_handed_over_but_those_by_which_the_listener_comes)
{
	AUTO(seccomp_watch) struct seccomp_watch *watch = NULL;

	CHECK_INT(seccomp_watch_new(&every, NULL, &watch, &err), 0);
	CHECK_INT(seccomp_watch_fd(watch), -1);
	CHECK_INT(answer(watch, native(), SYS_read), SECCOMP_RET_ALLOW);
	CHECK_INT(answer(watch, native(), SYS_write), SECCOMP_RET_ALLOW);
	CHECK_INT(answer(watch, native(), SYS_openat), SECCOMP_RET_USER_NOTIF);
	/* The same numbers are other calls there. */
	CHECK_INT(answer(watch, SCMP_ARCH_X86, SYS_read), SECCOMP_RET_USER_NOTIF);
	CHECK_INT(answer(watch, SCMP_ARCH_AARCH64, SYS_write), SECCOMP_RET_USER_NOTIF);
}

TEST(each_answer_that_denies_is_handed_over_and_no_other)
{
	struct spec_seccomp spec = {
		.default_action = SPEC_SECCOMP_ERRNO,
		RULES({ CALLS("read", "write"), DOES(ALLOW) }, { CALLS("openat"), DOES(LOG) },
		      { CALLS("mkdirat"), DOES(KILL_PROCESS) }, { CALLS("fchmodat"), DOES(TRAP) },
		      { CALLS("fchownat"), DOES(TRACE) }),
	};
	AUTO(seccomp_watch) struct seccomp_watch *watch = NULL;
	AUTO(subject) struct subject s = { 0 };

	CHECK_INT(compile(&s, &spec), 0);
	CHECK_INT(seccomp_watch_new(&denied, s.program, &watch, &err), 0);
	CHECK_INT(answer(watch, native(), SYS_read), SECCOMP_RET_ALLOW);
	CHECK_INT(answer(watch, native(), SYS_openat), SECCOMP_RET_LOG);
	CHECK_INT(answer(watch, native(), SYS_mkdirat), SECCOMP_RET_USER_NOTIF);
	CHECK_INT(answer(watch, native(), SYS_fchmodat), SECCOMP_RET_USER_NOTIF);
	CHECK_INT(answer(watch, native(), SYS_fchownat), SECCOMP_RET_USER_NOTIF);
	CHECK_INT(answer(watch, native(), SYS_unlinkat), SECCOMP_RET_USER_NOTIF);
	CHECK_INT(answer(watch, native(), 1000), SECCOMP_RET_USER_NOTIF);
	CHECK_INT(answer(watch, SCMP_ARCH_AARCH64, SYS_read), SECCOMP_RET_USER_NOTIF);
	/* The container's own is as it was. */
	CHECK_INT(verdict(&s, native(), SYS_mkdirat, NULL), SECCOMP_RET_KILL_PROCESS);
}

/* Only what compiled programs are made of; a lie in one leads nowhere. */
TEST(a_program_that_is_none_kills)
{
	static const struct sock_filter programs[][2] = {
		{ BPF_STMT(BPF_RET | BPF_A, 0) },
		{ BPF_STMT(BPF_JMP | BPF_JA, 0xfffffff0), BPF_STMT(BPF_RET | BPF_K, 0) },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0xfffffffc), BPF_STMT(BPF_LDX | BPF_IMM, 0) },
	};
	struct seccomp_data data = { .arch = native() };

	for (size_t i = 0; i < N(programs); i++) {
		struct seccomp_program *program = malloc(sizeof(*program) + sizeof(programs[i]));

		program->n = N(programs[i]);
		memcpy(program->v, programs[i], sizeof(programs[i]));
		CHECK_INT(seccomp_program_judge(program, &data), SECCOMP_RET_KILL_PROCESS);
		seccomp_program_free(program);
	}
}

TEST_MAIN()
