/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where an error's text is put together. Allocates nothing. */
#include "err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void text_set(struct err *err, int errnum, const char *fmt, va_list ap)
{
	err->code = errnum;
	err->pointer[0] = '\0';
	err->path[0] = '\0';
	err->hint[0] = '\0';
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
}

static void text_append_errno(struct err *err)
{
	size_t len = strlen(err->text);

	snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror(err->code));
}

int err_set(struct err *err, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_set(err, errnum, fmt, ap);
	va_end(ap);
	return -errnum;
}

int err_sys(struct err *err, const char *fmt, ...)
{
	int errnum = errno;
	va_list ap;

	va_start(ap, fmt);
	text_set(err, errnum, fmt, ap);
	va_end(ap);
	text_append_errno(err);
	return -errnum;
}

int err_errno(struct err *err, int errnum, const char *fmt, ...)
{
	va_list ap;

	errnum = errnum < 0 ? -errnum : errnum;
	va_start(ap, fmt);
	text_set(err, errnum, fmt, ap);
	va_end(ap);
	text_append_errno(err);
	return -errnum;
}

int err_at(struct err *err, const char *pointer, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_set(err, errnum, fmt, ap);
	va_end(ap);
	snprintf(err->pointer, sizeof(err->pointer), "%s", pointer ? pointer : "");
	return -errnum;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char old[ERR_TEXT_MAX];
	size_t len;
	va_list ap;

	memcpy(old, err->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", old);
	return -err->code;
}

int err_pointer(struct err *err, const char *pointer)
{
	if (!err->pointer[0] && pointer)
		snprintf(err->pointer, sizeof(err->pointer), "%s", pointer);
	return -err->code;
}

int err_path(struct err *err, const char *path)
{
	if (!err->path[0] && path)
		snprintf(err->path, sizeof(err->path), "%s", path);
	return -err->code;
}

int err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err->hint[0]) {
		va_start(ap, fmt);
		vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
		va_end(ap);
	}
	return -err->code;
}

void err_clear(struct err *err)
{
	err->code = 0;
	err->text[0] = '\0';
	err->pointer[0] = '\0';
	err->path[0] = '\0';
	err->hint[0] = '\0';
}
