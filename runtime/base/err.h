/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors as values. A function returns 0 or -errno and, when it fails, describes the failure in
 * the struct err that its caller gave it. The struct has fixed buffers: describing an error
 * allocates nothing, and one struct crosses the parent-child socket as one datagram.
 *
 * Wrap an error only where you add a fact. The library never prints one; cmd/ prints it once.
 */
#ifndef OCIRUN_BASE_ERR_H
#define OCIRUN_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#define ERR_TEXT_MAX    1024
#define ERR_POINTER_MAX 256
#define ERR_PATH_MAX    512
#define ERR_HINT_MAX    384

#pragma GCC visibility push(default) /* what libocirun.a offers: see cmake/library.cmake */

struct err {
	int code;                      /* a positive errno; 0 while nothing failed */
	char text[ERR_TEXT_MAX];       /* what failed and why, one line, no final stop */
	char pointer[ERR_POINTER_MAX]; /* JSON pointer of the line in config.json, or "" */
	char path[ERR_PATH_MAX];       /* the file or directory that the failure is about, or "" */
	char hint[ERR_HINT_MAX];       /* what the user can do about it, or "" */
};

/* Propagation: returns the negative value of @expr from the calling function. */
#define TRY(expr)                                                                                  \
	do {                                                                                       \
		int try_ret_ = (expr);                                                             \
		if (try_ret_ < 0)                                                                  \
			return try_ret_;                                                           \
	} while (0)

/* Sets text and code; pointer, path and hint are cleared. Returns -@errnum. */
int err_set(struct err *err, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set() with the value of errno, whose description is appended: "<text>: <strerror>". */
int err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* As err_sys() for a call that returned -@errnum (0 or positive values are taken as they are). */
int err_errno(struct err *err, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set(), and names the JSON pointer that the failure is about. */
int err_at(struct err *err, const char *pointer, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Puts "<prefix>: " in front of the text of an error that is already set. Returns -err->code. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Each adds a fact to an error that is already set, unless a callee gave one. Returns -err->code. */
int err_pointer(struct err *err, const char *pointer);
int err_path(struct err *err, const char *path);
int err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forgets an error, for callers that try something else instead. */
void err_clear(struct err *err);

#pragma GCC visibility pop

#endif
