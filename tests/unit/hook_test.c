/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks that are real programs: scripts in the test's directory. */
#include "test.h"

#include "deadline.h"
#include "fd.h"
#include "hook.h"
#include "log.h"
#include "pidfd.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ORIGIN "/hooks/createRuntime/0"

static struct err err;

static const struct hook_state state = {
	.head = "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\"",
	.tail = ",\"bundle\":\"/b\"}",
	.cwd_fd = -1,
};

static char *no_env[] = { NULL };

/* A hook that is the shell script @body, run in the test's directory. */
static struct plan_hook script(const char *name, const char *body)
{
	static char text[8192];
	static char *argv[8][2];
	static size_t next;
	struct plan_hook hook = { .envp = no_env, .origin = ORIGIN };

	snprintf(text, sizeof(text), "#!/bin/sh\ncd '%s' || exit 9\n%s\n", temp_dir(), body);
	temp_make_file(name, text, 0755);
	hook.argv = argv[next++ % 8];
	hook.argv[0] = strdup(temp_path(name));
	hook.path = hook.argv[0];
	return hook;
}

static int run_some(struct plan_hook *hooks, size_t n)
{
	const struct plan_hooks list = { .n = n, .v = hooks };
	int before = open_fd_count(), ret;

	memset(&err, 0, sizeof(err));
	ret = hooks_run(&list, PLAN_HOOK_CREATE_RUNTIME, &state, "creating", 42, &err);
	CHECK_INT(open_fd_count(), before);
	/* Nothing is left to be waited for. */
	CHECK_INT(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	return ret;
}

static int run(const char *body)
{
	struct plan_hook hook = script("hook", body);

	return run_some(&hook, 1);
}

TEST(hooks_run_one_after_the_other_and_stop_at_the_first_that_fails)
{
	struct plan_hook hooks[] = {
		script("h0", "sleep 0.1; echo 0 >>order"),
		script("h1", "echo 1 >>order; exit 3"),
		script("h2", "echo 2 >>order"),
	};

	hooks[1].origin = "/hooks/createRuntime/1";
	CHECK_INT(run_some(hooks, 3), -ECANCELED);
	CHECK_STR(temp_read("order"), "0\n1\n");
	CHECK_STR(err.text, "error running createRuntime hook #1: exit status 3");
	CHECK_STR(err.pointer, "/hooks/createRuntime/1");
	CHECK_STR(err.path, hooks[1].path);
	CHECK_INT(run_some(NULL, 0), 0);
}

TEST(a_hook_reads_the_state_and_nothing_else)
{
	CHECK_INT(run("cat >state"), 0);
	CHECK_STR(temp_read("state"), "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":"
				      "\"creating\",\"pid\":42,\"bundle\":\"/b\"}");
}

TEST(a_pid_of_none_is_not_in_the_state)
{
	struct plan_hook hook = script("hook", "cat >state");
	const struct plan_hooks list = { .n = 1, .v = &hook };

	CHECK_INT(hooks_run(&list, PLAN_HOOK_CREATE_RUNTIME, &state, "stopped", 0, &err), 0);
	CHECK_STR(temp_read("state"), "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":"
				      "\"stopped\",\"bundle\":\"/b\"}");
}

TEST(a_hook_runs_in_the_directory_that_it_is_given)
{
	char out[4096];
	char *argv[] = { "sh", "-c", out, NULL };
	struct plan_hook hook = {
		.path = "/bin/sh",
		.argv = argv,
		.envp = no_env,
		.origin = ORIGIN,
	};
	const struct plan_hooks list = { .n = 1, .v = &hook };
	struct hook_state there = state;

	snprintf(out, sizeof(out), "pwd >'%s'", temp_path("pwd"));
	there.cwd_fd = open("/usr", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK_INT(hooks_run(&list, PLAN_HOOK_CREATE_RUNTIME, &there, "creating", 42, &err), 0);
	CHECK_STR(temp_read("pwd"), "/usr\n");
	close(there.cwd_fd);
	there.cwd_fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	CHECK(hooks_run(&list, PLAN_HOOK_CREATE_RUNTIME, &there, "creating", 42, &err) < 0);
	CHECK(strstr(err.text, "enter the working directory of /bin/sh: Not a directory"));
	close(there.cwd_fd);
}

static size_t n_warnings;

static void count_warning(void *context, enum log_level level, const char *text)
{
	(void)context;
	CHECK_INT(level, LOG_LEVEL_WARNING);
	CHECK(strstr(text, "error running poststop hook #"));
	n_warnings++;
}

TEST(poststop_hooks_all_run_and_each_that_fails_is_a_warning)
{
	struct plan_hook hooks[] = {
		script("h0", "echo 0 >>order; exit 3"),
		script("h1", "echo 1 >>order"),
		script("h2", "echo 2 >>order; kill -9 $$"),
	};
	const struct plan_hooks list = { .n = 3, .v = hooks };
	const struct log log = { .emit = count_warning, .level = LOG_LEVEL_WARNING };

	hooks_run_poststop(&list, &state, &log);
	CHECK_STR(temp_read("order"), "0\n1\n2\n");
	CHECK_INT(n_warnings, 2);
}

/* Not by a shell, which has variables of its own: this program copies its own environment. */
TEST(the_environment_is_exactly_the_planned_one)
{
	char *env[] = { "A=1", "EMPTY=", "B=two words", "A=2", NULL };
	char *argv[] = { "any name", "if=/proc/self/environ", NULL, NULL };
	struct plan_hook hook = {
		.path = "/bin/dd",
		.argv = argv,
		.envp = env,
		.origin = ORIGIN,
	};
	char of[256];
	static const char want[] = "A=1\0EMPTY=\0B=two words\0A=2";
	const char *got;

	snprintf(of, sizeof(of), "of=%s", temp_path("environ"));
	argv[2] = of;
	setenv("CANARY", "of the caller", 1);
	CHECK_INT(run_some(&hook, 1), 0);
	got = temp_read("environ");
	CHECK(memcmp(got, want, sizeof(want)) == 0);
	CHECK_INT(got[sizeof(want)], 0);
}

TEST(a_hook_has_its_three_descriptors_and_no_other)
{
	struct plan_hook hook = script("hook", "exec ls /proc/self/fd >fds");
	int leaked = open("/dev/null", O_RDONLY); /* without close-on-exec */

	CHECK(leaked > 2);
	CHECK_INT(run_some(&hook, 1), 0);
	/* 3 is the directory that ls itself reads. */
	CHECK_STR(temp_read("fds"), "0\n1\n2\n3\n");
	close(leaked);
}

TEST(a_caller_without_the_first_three_descriptors_runs_hooks_as_well)
{
	struct plan_hook hook = script("hook", "cat >state && echo said >&2 && exit 5");
	int saved[3];

	for (int fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
		close(fd);
	}
	const struct plan_hooks list = { .n = 1, .v = &hook };
	int ret = hooks_run(&list, PLAN_HOOK_POSTSTOP, &state, "stopped", 0, &err);

	for (int fd = 0; fd < 3; fd++)
		dup2(saved[fd], fd);
	CHECK_INT(ret, -ECANCELED);
	CHECK_STR(err.text, "error running poststop hook #0: exit status 5, stderr: said");
	CHECK_CONTAINS(temp_read("state"), "\"id\":\"c1\"");
}

TEST(a_hook_that_still_runs_when_init_ends_has_failed)
{
	struct plan_hook hook = script("hook", "exec sleep 60");
	const struct plan_hooks list = { .n = 1, .v = &hook };
	struct hook_state watched = state;
	pid_t init = fork();
	int pidfd;

	if (init == 0) {
		usleep(50000);
		_exit(0);
	}
	pidfd = pidfd_open(init, 0);
	watched.init_pidfd = &pidfd;
	CHECK_INT(hooks_run(&list, PLAN_HOOK_PRESTART, &watched, "creating", init, &err), -ECHILD);
	CHECK_STR(err.text,
		  "error running prestart hook #0: the container's process ended meanwhile");
	close(pidfd);
	CHECK_INT(waitpid(init, NULL, 0), init);
	CHECK_INT(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

TEST(a_state_larger_than_a_pipe_arrives_whole)
{
	const size_t len = 1u << 20;
	struct plan_hook hook = script("hook", "sleep 0.2; exec cat >state");
	struct hook_state large = { .head = state.head, .cwd_fd = -1 };
	const struct plan_hooks list = { .n = 1, .v = &hook };
	char *tail = malloc(len + 64);

	snprintf(tail, len + 64, ",\"annotations\":{\"k\":\"%s\"}}", text_of('v', len));
	large.tail = tail;
	CHECK_INT(hooks_run(&list, PLAN_HOOK_PRESTART, &large, "creating", 1, &err), 0);
	CHECK_INT(strlen(temp_read("state")),
		  strlen(large.head) + strlen(tail) + strlen(",\"status\":\"creating\",\"pid\":1"));
	CHECK_CONTAINS(temp_read("state"), tail);
	/* One that does not read it is fine, and raises no signal in us. */
	hook = script("hook", "exec <&-; sleep 0.1");
	CHECK_INT(hooks_run(&list, PLAN_HOOK_PRESTART, &large, "creating", 1, &err), 0);
	hook = script("hook", "exit 0");
	CHECK_INT(hooks_run(&list, PLAN_HOOK_PRESTART, &large, "creating", 1, &err), 0);
	free(tail);
}

TEST(what_a_hook_says_is_in_the_error_as_one_line)
{
	char *large;

	CHECK_INT(run("printf 'two\\nlines\\t\\033[1m\\n\\n' >&2; exit 1"), -ECANCELED);
	CHECK_STR(err.text, "error running createRuntime hook #0: exit status 1, stderr: "
			    "two lines  [1m");
	/* More than is kept, and more than a pipe holds. */
	CHECK_INT(run("head -c 300000 /dev/zero | tr '\\0' x >&2; exit 2"), -ECANCELED);
	large = strstr(err.text, "stderr: ");
	CHECK(large && strspn(large + 8, "x") == 511);
	CHECK_INT(run("echo fine >&2"), 0);
	CHECK_STR(err.text, "");
}

TEST(a_signal_is_named)
{
	CHECK_INT(run("kill -9 $$"), -ECANCELED);
	CHECK_STR(err.text, "error running createRuntime hook #0: signal: killed");
}

TEST(a_program_that_is_missing_or_cannot_run_is_said)
{
	struct plan_hook hook = script("hook", "exit 0");
	char *argv[] = { "x", NULL };

	CHECK_INT(chmod(hook.path, 0644), 0);
	CHECK_INT(run_some(&hook, 1), -ECANCELED);
	CHECK_CONTAINS(err.text, "exit status 127, stderr: exec ");
	CHECK_CONTAINS(err.text, ": Permission denied");
	hook.path = "/no/such/hook";
	hook.argv = argv;
	CHECK_INT(run_some(&hook, 1), -ECANCELED);
	CHECK_CONTAINS(err.text, "exec /no/such/hook: No such file or directory");
	CHECK_STR(err.path, "/no/such/hook");
}

TEST(a_timeout_kills_the_whole_group)
{
	struct plan_hook hook = script("hook", "sleep 60 & echo $! >pid; sleep 60");
	int64_t begin = deadline_clock_ms();
	pid_t pid;

	hook.timeout_s = 1;
	CHECK_INT(run_some(&hook, 1), -ETIMEDOUT);
	CHECK_STR(err.text, "error running createRuntime hook #0: hook ran past specified timeout "
			    "of 1.0s");
	CHECK(deadline_clock_ms() - begin >= 1000 && deadline_clock_ms() - begin < 4000);
	pid = (pid_t)atoi(temp_read("pid"));
	CHECK(pid > 1);
	for (int i = 0; i < 100 && kill(pid, 0) == 0; i++) {
		char path[64], text[256] = "";
		AUTO_FD fd = -1;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (read(fd, text, sizeof(text) - 1) > 0 && strstr(text, ") Z ")))
			return; /* dead, though nobody has waited for it yet */
		usleep(10000);
	}
	CHECK(kill(pid, 0) < 0);
}

TEST(one_that_talks_without_end_is_still_killed_in_time)
{
	struct plan_hook hook = script("hook", "exec yes >&2");
	int64_t begin = deadline_clock_ms();

	hook.timeout_s = 1;
	CHECK_INT(run_some(&hook, 1), -ETIMEDOUT);
	CHECK(deadline_clock_ms() - begin < 4000);
	/* Nor does what it left behind keep us from its end. */
	begin = deadline_clock_ms();
	CHECK_INT(run("yes >&2 & exit 0"), 0);
	CHECK_INT(run("sleep 5 & exit 0"), 0);
	CHECK(deadline_clock_ms() - begin < 4000);
}

TEST(the_longest_timeout_is_no_short_one)
{
	struct plan_hook hook = script("hook", "sleep 0.2");

	hook.timeout_s = INT64_MAX;
	CHECK_INT(run_some(&hook, 1), 0);
	hook.timeout_s = INT64_MAX / 1000 + 1;
	CHECK_INT(run_some(&hook, 1), 0);
}

static void count_signal(int signal)
{
	(void)signal;
}

TEST(signals_of_the_caller_are_neither_changed_nor_passed_on)
{
	const struct sigaction counting = { .sa_handler = count_signal };
	struct sigaction now;
	sigset_t set, after;

	sigaction(SIGPIPE, &counting, NULL);
	signal(SIGTERM, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_INT(run("grep -E 'Sig(Ign|Blk)' /proc/self/status >signals"), 0);
	CHECK_STR(temp_read("signals"), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	sigprocmask(SIG_SETMASK, NULL, &after);
	CHECK(sigismember(&after, SIGUSR1) && !sigismember(&after, SIGPIPE));
	sigaction(SIGPIPE, NULL, &now);
	CHECK(now.sa_handler == count_signal);
}

/* `run` has it blocked, to read it later: it would end with the hook's. */
TEST(a_caller_that_blocks_sigpipe_does_not_find_that_of_a_hook)
{
	struct plan_hook hook = script("hook", "exec <&-");
	sigset_t set, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 300; i++)
		run_some(&hook, 1);
	sigpending(&pending);
	CHECK(!sigismember(&pending, SIGPIPE));
	raise(SIGPIPE);
	CHECK_INT(run("exec <&-"), 0);
	sigpending(&pending);
	CHECK(sigismember(&pending, SIGPIPE));
}

TEST_MAIN()
