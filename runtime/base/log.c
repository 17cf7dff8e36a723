/* SPDX-License-Identifier: Apache-2.0 */
/* Formatting of remarks; long ones are cut. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#define LOG_TEXT_MAX 2048

static void emit(const struct log *log, enum log_level level, const char *fmt, va_list ap)
{
	char text[LOG_TEXT_MAX];

	if (!log || !log->emit || level < log->level)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	log->emit(log->context, level, text);
}

void log_debug(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(log, LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}

void log_warning(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(log, LOG_LEVEL_WARNING, fmt, ap);
	va_end(ap);
}
