/* SPDX-License-Identifier: Apache-2.0 */
/* Putting problems together; long texts are cut, as those of errors are. */
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>

static void report(const struct problem_sink *sink, bool is_warning, const char *pointer,
		   const char *hint, const char *fmt, va_list ap)
{
	char text[ERR_TEXT_MAX];
	const struct problem problem = { is_warning, pointer, text, hint ? hint : "" };

	vsnprintf(text, sizeof(text), fmt, ap);
	sink->report(sink->context, &problem);
}

void problem_error(const struct problem_sink *sink, const char *pointer, const char *hint,
		   const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(sink, false, pointer, hint, fmt, ap);
	va_end(ap);
}

void problem_warning(const struct problem_sink *sink, const char *pointer, const char *hint,
		     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(sink, true, pointer, hint, fmt, ap);
	va_end(ap);
}

void problem_of_err(const struct problem_sink *sink, bool is_warning, const struct err *err)
{
	const struct problem problem = { is_warning, err->pointer, err->text, err->hint };

	sink->report(sink->context, &problem);
}
