/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target is a file NAME_fuzz.c with LLVMFuzzerTestOneInput(): bytes that a parser gets, and what
 * has to hold whatever they are. libFuzzer calls it with what it makes up (run), and each test run with
 * the inputs that are kept in corpus/NAME (replay.c).
 */
#ifndef OCIRUN_TESTS_FUZZ_H
#define OCIRUN_TESTS_FUZZ_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What has to hold: the program ends here when it does not. */
#define FUZZ_CHECK(cond)                                                                           \
	do {                                                                                       \
		if (!(cond))                                                                       \
			fuzz_fail(__FILE__, __LINE__, #cond);                                      \
	} while (0)
void fuzz_fail(const char *file, int line, const char *what) __attribute__((noreturn));

/* An error that says something, in one line, of a call that returned @ret. */
void fuzz_check_error(int ret, const struct err *err);

/* The input as text: malloc()ed, with a NUL behind it. */
char *fuzz_text(const uint8_t *data, size_t size);

/* Cuts the next text, which ends at a newline, from *@rest; NULL behind the last. */
char *fuzz_line(char **rest);

/* A directory of this process's own, for parsers that read files; removed when it ends. */
int fuzz_dir(void);
const char *fuzz_dir_path(void);
void fuzz_file(const char *name, const void *data, size_t size);

#endif
