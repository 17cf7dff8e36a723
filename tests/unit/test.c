/* SPDX-License-Identifier: Apache-2.0 */
/* The runner behind test.h: one forked process per test. */
#include "test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_SKIPPED 77

static struct test *tests;
static int failures;

void test_register(struct test *test)
{
	struct test **end = &tests;

	while (*end)
		end = &(*end)->next;
	*end = test;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	failures++;
	printf("    %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

void test_skip(const char *why)
{
	printf("    skipped: %s\n", why);
	fflush(stdout);
	exit(EXIT_SKIPPED);
}

void test_check_int(const char *file, int line, const char *what, int64_t got, int64_t want)
{
	if (got != want)
		test_fail(file, line, "%s is %lld, not %lld", what, (long long)got,
			  (long long)want);
}

void test_check_str(const char *file, int line, const char *what, const char *got, const char *want)
{
	if (!got || !want ? got != want : strcmp(got, want) != 0)
		test_fail(file, line, "%s is\n      \"%s\", not\n      \"%s\"", what,
			  got ? got : "(NULL)", want ? want : "(NULL)");
}

void test_check_contains(const char *file, int line, const char *what, const char *got,
			 const char *part)
{
	if (!got || !strstr(got, part))
		test_fail(file, line, "%s is\n      \"%s\", without\n      \"%s\"", what,
			  got ? got : "(NULL)", part);
}

static int run_one(const struct test *test)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		test->run();
		fflush(stdout);
		exit(failures ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 1;
	if (WIFSIGNALED(status)) {
		printf("    killed by signal %d\n", WTERMSIG(status));
		return 1;
	}
	return WEXITSTATUS(status);
}

static bool is_chosen(const struct test *test, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(test->name, argv[i]))
			return true;
	return argc == 1;
}

int test_main(int argc, char **argv)
{
	int passed = 0, failed = 0, skipped = 0;

	for (const struct test *test = tests; test; test = test->next) {
		int ret;

		if (!is_chosen(test, argc, argv))
			continue;
		ret = run_one(test);
		if (ret == EXIT_SKIPPED)
			skipped++;
		else if (ret)
			failed++;
		else
			passed++;
		printf("%s %s\n", ret == EXIT_SKIPPED ? "skip" : ret ? "FAIL" : "ok  ", test->name);
	}
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed ? 1 : 0;
}
