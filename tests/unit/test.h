/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unit test program is a file of TEST(name) { ... } and TEST_MAIN(). A name states the behaviour.
 * Each test runs in a process of its own: a crash fails that test only. The program prints a line
 * per test and closes with "N passed, N failed"; arguments choose tests by a part of their name.
 */
#ifndef OCIRUN_TESTS_UNIT_TEST_H
#define OCIRUN_TESTS_UNIT_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *test);
int test_main(int argc, char **argv);
void test_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void test_skip(const char *why) __attribute__((noreturn));

void test_check_int(const char *file, int line, const char *what, int64_t got, int64_t want);
void test_check_str(const char *file, int line, const char *what, const char *got,
		    const char *want);
void test_check_contains(const char *file, int line, const char *what, const char *got,
			 const char *part);

#define TEST(name)                                                                                 \
	static void test_##name(void);                                                             \
	static struct test entry_##name = { #name, test_##name, NULL };                            \
	__attribute__((constructor)) static void register_##name(void)                             \
	{                                                                                          \
		test_register(&entry_##name);                                                      \
	}                                                                                          \
	static void test_##name(void)

#define TEST_MAIN()                                                                                \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		return test_main(argc, argv);                                                      \
	}

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			test_fail(__FILE__, __LINE__, "not true: %s", #cond);                      \
	} while (0)
#define CHECK_INT(got, want)                                                                       \
	test_check_int(__FILE__, __LINE__, #got, (int64_t)(got), (int64_t)(want))
#define CHECK_STR(got, want)      test_check_str(__FILE__, __LINE__, #got, (got), (want))
#define CHECK_CONTAINS(got, part) test_check_contains(__FILE__, __LINE__, #got, (got), (part))

#endif
