/* SPDX-License-Identifier: Apache-2.0 */
/* Units as tables. What is accepted is what runc's own parsers accept. */
#include "amount.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	double factor;
};

#define KIB 1024.0

static const struct unit byte_units[] = {
	{ "", 1 },
	{ "b", 1 },
	{ "k", KIB },
	{ "kb", KIB },
	{ "kib", KIB },
	{ "m", KIB *KIB },
	{ "mb", KIB *KIB },
	{ "mib", KIB *KIB },
	{ "g", KIB *KIB *KIB },
	{ "gb", KIB *KIB *KIB },
	{ "gib", KIB *KIB *KIB },
	{ "t", KIB *KIB *KIB *KIB },
	{ "tb", KIB *KIB *KIB *KIB },
	{ "tib", KIB *KIB *KIB *KIB },
	{ "p", KIB *KIB *KIB *KIB *KIB },
	{ "pb", KIB *KIB *KIB *KIB *KIB },
	{ "pib", KIB *KIB *KIB *KIB *KIB },
	{ NULL, 0 },
};

/* The micro sign is U+00B5; U+03BC, the Greek letter, is written for it too. */
static const struct unit time_units[] = {
	{ "ns", 1 },  { "us", 1e3 }, { "\xc2\xb5s", 1e3 }, { "\xce\xbcs", 1e3 }, { "ms", 1e6 },
	{ "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 },      { NULL, 0 },
};

/* A decimal number without sign, exponent or blank in front; its length, or 0. */
static size_t read_number(const char *text, double *ret_number)
{
	size_t digits = strspn(text, "0123456789");
	size_t len = digits;

	if (text[len] == '.') {
		size_t more = strspn(text + len + 1, "0123456789");

		digits += more;
		len += 1 + more;
	}
	if (digits == 0)
		return 0;
	*ret_number = strtod(text, NULL);
	return len;
}

static int to_int(double number, int64_t *ret_int)
{
	if (number >= 9223372036854775808.0)
		return -EINVAL;
	*ret_int = (int64_t)number;
	return 0;
}

int amount_bytes(const char *text, int64_t *ret_bytes)
{
	size_t digits = strspn(text, "0123456789");
	double number;
	size_t len = read_number(text, &number);

	if (len == 0)
		return -EINVAL;
	/* Whole numbers are exact, however large. */
	if (digits == len && !text[len]) {
		long long whole;

		errno = 0;
		whole = strtoll(text, NULL, 10);
		if (errno)
			return -EINVAL;
		*ret_bytes = whole;
		return 0;
	}
	text += len;
	text += *text == ' ';
	for (const struct unit *unit = byte_units; unit->name; unit++)
		if (strcasecmp(text, unit->name) == 0)
			return to_int(number * unit->factor, ret_bytes);
	return -EINVAL;
}

/* The unit that @text begins with, up to the next digit. */
static const struct unit *find_time_unit(const char *text, size_t len)
{
	for (const struct unit *unit = time_units; unit->name; unit++)
		if (strlen(unit->name) == len && strncmp(text, unit->name, len) == 0)
			return unit;
	return NULL;
}

int amount_duration(const char *text, int64_t *ret_ns)
{
	double sum = 0;

	if (strcmp(text, "0") == 0) {
		*ret_ns = 0;
		return 0;
	}
	do {
		const struct unit *unit;
		double number;
		size_t len = read_number(text, &number);

		if (len == 0)
			return -EINVAL;
		text += len;
		len = strcspn(text, ".0123456789");
		unit = find_time_unit(text, len);
		if (!unit)
			return -EINVAL;
		sum += number * unit->factor;
		text += len;
	} while (*text);
	return to_int(sum, ret_ns);
}
