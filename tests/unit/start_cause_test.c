/* SPDX-License-Identifier: Apache-2.0 */
/* Of a process that says nothing more: whether it runs its program, and how it ended if not. */
#include "start_cause.h"

#include "fd.h"
#include "pidfd.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct subject {
	pid_t pid;
	int pidfd;
};

/* A process that executes @program, which is to close its end of a pipe; or is ended by @killer. */
static struct subject fork_subject(const char *program, int killer)
{
	char *const argv[] = { (char *)program, "1000", NULL };
	struct subject subject;
	int fds[2];
	char c;

	if (pipe(fds) < 0)
		abort();
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	subject.pid = fork();
	if (subject.pid == 0) {
		close(fds[0]);
		if (program)
			execv(program, argv);
		if (killer) {
			signal(killer, SIG_DFL); /* a sanitizer may have a handler there */
			raise(killer);
		}
		_exit(3);
	}
	subject.pidfd = pidfd_open(subject.pid, 0);
	close(fds[1]);
	CHECK_INT(read(fds[0], &c, 1), 0);
	close(fds[0]);
	return subject;
}

static void end_subject(struct subject *subject)
{
	kill(subject->pid, SIGKILL);
	waitpid(subject->pid, NULL, 0);
	fd_close(&subject->pidfd);
}

TEST(a_program_that_runs_has_been_executed)
{
	struct subject subject = fork_subject("/bin/sleep", 0);
	struct err err = { 0 };

	CHECK_INT(start_explain_end(subject.pid, subject.pidfd, &err), 0);
	end_subject(&subject);
}

TEST(a_program_that_has_ended_has_been_executed)
{
	struct subject subject = fork_subject("/bin/false", 0);
	struct err err = { 0 };

	CHECK(pidfd_wait(subject.pidfd, 5000));
	CHECK_INT(start_explain_end(subject.pid, subject.pidfd, &err), 0);
	end_subject(&subject);
}

TEST(of_a_process_that_is_waited_for_nobody_can_tell)
{
	struct subject subject = fork_subject(NULL, SIGSYS);
	struct err err = { 0 };

	waitpid(subject.pid, NULL, 0);
	CHECK_INT(start_explain_end(subject.pid, subject.pidfd, &err), 0);
	fd_close(&subject.pidfd);
}

TEST(who_was_killed_before_did_not_execute_anything)
{
	static const struct {
		int signal;
		const char *text, *hint;
	} rows[] = {
		{ SIGSYS, "was killed before it executed the program: SIGSYS", "allow execve" },
		{ SIGKILL, "was killed before it executed the program: SIGKILL", "memory limit" },
		{ SIGSEGV, "was killed before it executed the program: SIGSEGV", "exit_group" },
		{ SIGTERM, "was killed before it executed the program: SIGTERM", "" },
		{ 0, "ended before it executed the program", "allow them" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct subject subject = fork_subject(NULL, rows[i].signal);
		struct err err = { 0 };

		CHECK_INT(start_explain_end(subject.pid, subject.pidfd, &err), -ECANCELED);
		CHECK_CONTAINS(err.text, rows[i].text);
		CHECK_CONTAINS(err.hint, rows[i].hint);
		end_subject(&subject);
	}
}

TEST_MAIN()
