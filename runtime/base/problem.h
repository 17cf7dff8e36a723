/* SPDX-License-Identifier: Apache-2.0 */
/* Problems that are collected, where a struct err is the one that ends an operation. */
#ifndef OCIRUN_BASE_PROBLEM_H
#define OCIRUN_BASE_PROBLEM_H

#include "err.h"

#include <stdbool.h>

#pragma GCC visibility push(default) /* what libocirun.a offers: see cmake/library.cmake */

/* Its texts are valid during the call that reports it only. */
struct problem {
	bool is_warning;     /* legal, but surprising */
	const char *pointer; /* JSON pointer into config.json, or "" */
	const char *text;    /* one line, no final stop */
	const char *hint;    /* what to do, or "" */
};

struct problem_sink {
	void (*report)(void *context, const struct problem *problem);
	void *context;
};

/* Puts a problem together and reports it; @hint may be NULL. */
void problem_error(const struct problem_sink *sink, const char *pointer, const char *hint,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void problem_warning(const struct problem_sink *sink, const char *pointer, const char *hint,
		     const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Reports what would have ended an operation. */
void problem_of_err(const struct problem_sink *sink, bool is_warning, const struct err *err);

#pragma GCC visibility pop

#endif
