/* SPDX-License-Identifier: Apache-2.0 */
/* cpuset(7), "List format": numbers and ranges, separated by commas; blanks around them are fine. */
#include "bit_list.h"

#include <stdlib.h>
#include <string.h>

#define LONG_BITS (8 * sizeof(unsigned long))

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " ");
}

/* Reads a number below @max. Returns what follows it and blanks, or NULL. */
static const char *read_number(const char *text, unsigned long max, unsigned long *ret_number)
{
	size_t digits;

	text = skip_blanks(text);
	digits = strspn(text, "0123456789");
	if (digits == 0)
		return NULL;
	*ret_number = strtoul(text, NULL, 10); /* ULONG_MAX when it is out of range */
	return *ret_number < max ? skip_blanks(text + digits) : NULL;
}

/* Reads "3" or "0-3" and sets its bits. Returns what follows it, or NULL. */
static const char *read_range(const char *text, unsigned long max, unsigned long *bits)
{
	unsigned long first, last;

	text = read_number(text, max, &first);
	if (!text)
		return NULL;
	last = first;
	if (*text == '-')
		text = read_number(text + 1, max, &last);
	if (!text || last < first)
		return NULL;
	for (; first <= last; first++)
		bits[first / LONG_BITS] |= 1ul << first % LONG_BITS;
	return text;
}

bool plan_read_bit_list(const char *text, unsigned long max, unsigned long *bits)
{
	for (;;) {
		text = read_range(text, max, bits);
		if (!text)
			return false;
		if (!*text)
			return true;
		if (*text++ != ',')
			return false;
	}
}
