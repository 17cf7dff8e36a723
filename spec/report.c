/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong, in words: JSON pointers, values as text, and the way to the sink and the error. */
#include "field.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 100u

/* Appends the character @c to the string of @len bytes in @buf, escaped if it would not print. */
static size_t append_printable(char *buf, size_t size, size_t len, unsigned char c)
{
	int n;

	if (c < 0x20 || c == 0x7f)
		n = snprintf(buf + len, size - len, "\\u%04x", (unsigned)c);
	else
		n = snprintf(buf + len, size - len, "%c", c);
	return len + (size_t)n < size ? len + (size_t)n : size - 1;
}

void field_pointer_append(char *pointer, size_t size, const char *key)
{
	size_t len = strlen(pointer);

	len = append_printable(pointer, size, len, '/');
	for (; *key && len < size - 1; key++) {
		if (*key == '~' || *key == '/') {
			len = append_printable(pointer, size, len, '~');
			len = append_printable(pointer, size, len, *key == '~' ? '0' : '1');
		} else {
			len = append_printable(pointer, size, len, (unsigned char)*key);
		}
	}
}

static void pointer_of(const struct field_frame *frame, char *pointer, size_t size)
{
	char index[24];

	if (!frame)
		return;
	pointer_of(frame->up, pointer, size);
	if (!frame->key)
		snprintf(index, sizeof(index), "%zu", frame->index);
	field_pointer_append(pointer, size, frame->key ? frame->key : index);
}

/* The number of bytes before @max that keeps UTF-8 sequences whole. */
static size_t cut_utf8(const char *text, size_t max)
{
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

/* Appends @text to @to: control characters escaped, cut (with dots) before it gets too long. */
static void append_text(struct field_text *to, const char *text, const char *also_escaped)
{
	/* Room for an escape, the dots, and a closing quote. */
	const size_t end = sizeof(to->text) - sizeof("\\u000a...\"");
	size_t len = strlen(text), shown = len > TEXT_MAX ? cut_utf8(text, TEXT_MAX) : len;
	size_t at = strlen(to->text);
	size_t i;

	for (i = 0; i < shown && at < end; i++) {
		if (strchr(also_escaped, text[i]))
			to->text[at++] = '\\';
		at = append_printable(to->text, sizeof(to->text), at, (unsigned char)text[i]);
	}
	if (i < len) {
		/* What is not escaped takes as many bytes in both texts. */
		at -= i - cut_utf8(text, i);
		snprintf(to->text + at, sizeof(to->text) - at, "...");
	}
}

struct field_text field_quote(const char *text)
{
	struct field_text quoted = { "\"" };

	append_text(&quoted, text, "\"\\");
	strcat(quoted.text, "\"");
	return quoted;
}

struct field_text field_printable(const char *text)
{
	struct field_text printable = { "" };

	append_text(&printable, text, "");
	return printable;
}

static struct field_text describe_real(double value)
{
	struct field_text text;
	size_t len;

	/* As JSON writes it: a real number without a fraction keeps its ".0". */
	snprintf(text.text, sizeof(text.text), "%.15g", value);
	if (!strpbrk(text.text, ".e")) {
		len = strlen(text.text);
		snprintf(text.text + len, sizeof(text.text) - len, ".0");
	}
	len = strlen(text.text);
	snprintf(text.text + len, sizeof(text.text) - len, " (a real number)");
	return text;
}

struct field_text field_describe(const struct field_reader *r, const json_t *value)
{
	struct field_text text;
	const char *digits = field_big_integer(r, value);

	if (digits) {
		size_t len = strspn(digits, "-0123456789");

		snprintf(text.text, sizeof(text.text), "%.*s%s", (int)(len < 40 ? len : 40), digits,
			 len < 40 ? "" : "...");
		return text;
	}
	switch (json_typeof(value)) {
	case JSON_STRING:
		text = field_quote(json_string_value(value));
		snprintf(text.text + strlen(text.text), sizeof(text.text) - strlen(text.text),
			 " (a string)");
		return text;
	case JSON_REAL:
		return describe_real(json_real_value(value));
	case JSON_INTEGER:
		snprintf(text.text, sizeof(text.text), "%lld",
			 (long long)json_integer_value(value));
		return text;
	case JSON_TRUE:
		return (struct field_text){ "true (a boolean)" };
	case JSON_FALSE:
		return (struct field_text){ "false (a boolean)" };
	case JSON_NULL:
		return (struct field_text){ "null" };
	case JSON_ARRAY:
		return (struct field_text){ "an array" };
	case JSON_OBJECT:
		break;
	}
	return (struct field_text){ "an object" };
}

/* The one place where a problem leaves: to the sink, and the first one to the error. */
static int report(struct field_reader *r, const char *pointer, int errnum, bool is_warning,
		  const char *fmt, va_list ap)
{
	struct spec_problem problem = { .is_warning = is_warning, .pointer = pointer };
	char text[ERR_TEXT_MAX];
	size_t len = 0;

	if (!pointer[0])
		len = (size_t)snprintf(text, sizeof(text), "the document ");
	vsnprintf(text + len, sizeof(text) - len, fmt, ap);
	problem.text = text;
	if (!is_warning && r->problems++ == 0)
		err_at(r->err, pointer, errnum, "%s%s%s", pointer, pointer[0] ? " " : "", text);
	if (!r->sink)
		return -errnum;
	r->sink->report(r->sink->context, &problem);
	return 0;
}

static int report_frame(struct field_reader *r, const struct field_frame *frame, bool is_warning,
			const char *fmt, va_list ap)
{
	char pointer[FIELD_POINTER_MAX] = "";

	pointer_of(frame, pointer, sizeof(pointer));
	return report(r, pointer, EINVAL, is_warning, fmt, ap);
}

int field_problem(struct field_reader *r, const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = report_frame(r, r->frame, false, fmt, ap);
	va_end(ap);
	return ret;
}

int field_problem_type(struct field_reader *r, const json_t *json, const char *expected)
{
	return field_problem(r, "is %s, expected %s", field_describe(r, json).text, expected);
}

int field_problem_at(struct field_reader *r, size_t index, const char *fmt, ...)
{
	const struct field_frame frame = { .up = r->frame, .index = index };
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = report_frame(r, &frame, false, fmt, ap);
	va_end(ap);
	return ret;
}

int field_problem_in(struct field_reader *r, const char *key, const char *fmt, ...)
{
	const struct field_frame frame = { .up = r->frame, .key = key };
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = report_frame(r, &frame, false, fmt, ap);
	va_end(ap);
	return ret;
}

int field_problem_pointer(struct field_reader *r, const char *pointer, int errnum, const char *fmt,
			  ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = report(r, pointer, errnum, false, fmt, ap);
	va_end(ap);
	return ret;
}

void field_warning(struct field_reader *r, const char *fmt, ...)
{
	va_list ap;

	if (!r->sink)
		return;
	va_start(ap, fmt);
	report_frame(r, r->frame, true, fmt, ap);
	va_end(ap);
}
