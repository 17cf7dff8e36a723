/* SPDX-License-Identifier: Apache-2.0 */
/* What the child does last, as far as it needs no privilege: directory, program, limits, signals. */
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
static char path[PATH_MAX];

static int find(const char *name, const char *path_env)
{
	char *argv[] = { (char *)name, NULL };
	char *envp[] = { "PATHS=/nowhere", (char *)path_env, "PATH=/second", NULL };
	const struct plan_process process = { .argv = argv, .envp = path_env ? envp : &envp[3] };

	memset(&err, 0, sizeof(err));
	path[0] = '\0';
	return process_find_program(&process, path, &err);
}

/* bin1 has a directory and a file that cannot be run in front of what bin2 has. */
static void make_bins(void)
{
	CHECK_INT(chdir(temp_dir()), 0);
	temp_make_dir("bin1");
	temp_make_dir("bin2");
	temp_make_dir("bin1/directory");
	temp_make_file("bin1/plain", "", 0644);
	temp_make_file("bin2/plain", "", 0755);
	temp_make_file("bin2/directory", "", 0755);
	temp_make_file("bin2/program", "", 0755);
	temp_make_file("bin2/never", "", 0644);
	temp_make_file("here", "", 0755);
	temp_make_link("no/such", "bin1/program");
}

TEST(a_name_without_a_slash_is_looked_up_in_path)
{
	static const struct {
		const char *name, *env, *found;
		int ret;
	} rows[] = {
		{ "program", "PATH=bin1:bin2", "bin2/program", 0 },
		{ "program", "PATH=bin2/:bin1", "bin2//program", 0 },
		{ "plain", "PATH=bin1:bin2", "bin2/plain", 0 },
		{ "directory", "PATH=bin1:bin2", "bin2/directory", 0 },
		{ "here", "PATH=bin1:", "./here", 0 },
		{ "here", "PATH=:bin1", "./here", 0 },
		{ "here", "PATH=bin1::bin2", "./here", 0 },
		{ "here", "PATH=", "./here", 0 },
		{ "here", "PATH=bin1:bin2", NULL, -ENOENT },
		{ "never", "PATH=bin1:bin2", NULL, -EACCES },
		{ "directory", "PATH=bin1", NULL, -ENOENT },
		{ "", "PATH=bin1:bin2", NULL, -ENOENT },
		{ "sh", NULL, "/bin/sh", 0 },
	};

	make_bins();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_INT(find(rows[i].name, rows[i].env), rows[i].ret);
		if (rows[i].found)
			CHECK_STR(path, rows[i].found);
		else
			CHECK_STR(err.pointer, "/process/args/0");
	}
}

TEST(errors_are_those_that_callers_match)
{
	make_bins();
	CHECK_INT(find("nope", "PATH=bin1"), -ENOENT);
	CHECK_STR(err.text, "exec: \"nope\": executable file not found in $PATH");
	CHECK_INT(find("never", "PATH=bin2"), -EACCES);
	CHECK_STR(err.text, "exec: \"never\": permission denied");
	CHECK_INT(find("/no/such", "PATH=bin1"), -ENOENT);
	CHECK_STR(err.text, "exec /no/such: no such file or directory");
	CHECK_INT(find("./bin2/never", "PATH=bin1"), -EACCES);
	CHECK_STR(err.text, "exec ./bin2/never: permission denied");
	CHECK_INT(find("./bin1", "PATH=bin1"), -EISDIR);
	CHECK_STR(err.text, "exec ./bin1: is a directory");
	CHECK_INT(find("./here/below", "PATH=bin1"), -ENOTDIR);
	CHECK_STR(err.text, "exec ./here/below: not a directory");
}

TEST(names_and_directories_that_are_too_long_are_no_overflow)
{
	static char text[2 * PATH_MAX];

	make_bins();
	snprintf(text, sizeof(text), "/%s", text_of('n', PATH_MAX));
	CHECK_INT(find(text, "PATH=bin1"), -ENAMETOOLONG);
	snprintf(text, sizeof(text), "/%s", text_of('/', PATH_MAX - 2));
	CHECK_INT(find(text, "PATH=bin1"), -EISDIR);
	CHECK_INT(find(text_of('n', PATH_MAX), "PATH=bin1:bin2"), -ENOENT);
	/* The directory behind the long one still counts. */
	snprintf(text, sizeof(text), "PATH=%s:bin2", text_of('d', PATH_MAX));
	CHECK_INT(find("program", text), 0);
	CHECK_STR(path, "bin2/program");
}

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
	process_reset_signals();
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
