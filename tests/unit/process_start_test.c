/* SPDX-License-Identifier: Apache-2.0 */
/* What the child does last, as far as it needs no privilege: directory, limits, signals. */
#include "test.h"

#include "fd.h"
#include "process_start.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err err;

static int enter(const char *cwd)
{
	const struct plan_process process = { .cwd = cwd };

	memset(&err, 0, sizeof(err));
	return process_enter_cwd(&process, &err);
}

TEST(the_working_directory_is_entered_or_said_to_be_wrong)
{
	char *now;

	CHECK_INT(enter(temp_dir()), 0);
	now = getcwd(NULL, 0);
	CHECK_STR(now, temp_dir());
	free(now);
	CHECK_INT(enter("/no/such"), -ENOENT);
	CHECK_STR(err.text, "chdir to cwd (\"/no/such\") set in config.json failed: "
			    "no such file or directory");
	CHECK_STR(err.pointer, "/process/cwd");
	temp_make_file("file", "", 0644);
	CHECK_INT(enter(temp_path("file")), -ENOTDIR);
	CHECK_INT(enter(text_of('/', 5000)), -ENAMETOOLONG);
}

TEST(a_directory_outside_of_the_root_is_refused)
{
	AUTO_FD outside_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FD proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char cwd[64];

	if (chroot(temp_dir()) < 0)
		test_skip("needs the right to chroot");
	CHECK_INT(fchdir(outside_fd), 0);
	CHECK_INT(enter("."), -EPERM);
	CHECK_STR(err.text, "cwd '.' is outside of the container's root");
	CHECK_STR(err.pointer, "/process/cwd");
	CHECK_INT(fchdir(proc_fd), 0);
	snprintf(cwd, sizeof(cwd), "self/fd/%d", outside_fd);
	CHECK_INT(enter(cwd), -EPERM);
	/* For what the runner removes at the end. */
	CHECK_INT(fchdir(outside_fd), 0);
	CHECK_INT(chroot("."), 0);
}

TEST(a_directory_that_is_gone_is_refused)
{
	temp_make_dir("gone");
	CHECK_INT(chdir(temp_path("gone")), 0);
	CHECK_INT(rmdir(temp_path("gone")), 0);
	CHECK_INT(enter("."), -EPERM);
	CHECK_INT(chdir("/"), 0);
}

TEST(limits_are_set_and_a_wrong_one_is_named)
{
	struct plan_rlimit limits[] = {
		{ RLIMIT_CORE, 0, 0, "RLIMIT_CORE", "/process/rlimits/0" },
		{ RLIMIT_NOFILE, 200, 100, "RLIMIT_NOFILE", "/process/rlimits/1" },
	};
	const struct plan_process process = { .n_rlimits = 2, .rlimits = limits };
	struct rlimit now;

	CHECK_INT(process_set_rlimits(&process, 0, &err), -EINVAL);
	CHECK_STR(err.text, "error setting rlimit type RLIMIT_NOFILE to soft 200, hard 100: "
			    "Invalid argument");
	CHECK_STR(err.pointer, "/process/rlimits/1");
	CHECK_INT(getrlimit(RLIMIT_CORE, &now), 0);
	CHECK(now.rlim_cur == 0 && now.rlim_max == 0);
	limits[1].soft = 100;
	CHECK_INT(process_set_rlimits(&process, 0, &err), 0);
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &now), 0);
	CHECK(now.rlim_cur == 100 && now.rlim_max == 100);
}

TEST(signals_are_as_a_new_process_expects_them)
{
	struct sigaction now;
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	for (int signum = 1; signum < NSIG; signum++)
		signal(signum, SIG_IGN);
	CHECK_INT(process_reset_signals(), 0);
	sigprocmask(SIG_SETMASK, NULL, &set);
	for (int signum = 1; signum < NSIG; signum++) {
		CHECK(!sigismember(&set, signum) || signum == 32 || signum == 33);
		if (sigaction(signum, NULL, &now) == 0)
			CHECK(now.sa_handler == SIG_DFL);
	}
}

TEST(descriptors_are_marked_from_the_first_on)
{
	int low = fcntl(0, F_DUPFD, 50), high = fcntl(0, F_DUPFD, 60);

	process_close_on_exec_from(55);
	CHECK_INT(fcntl(low, F_GETFD), 0);
	CHECK_INT(fcntl(high, F_GETFD), FD_CLOEXEC);
}

TEST_MAIN()
