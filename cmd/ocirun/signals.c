/* SPDX-License-Identifier: Apache-2.0 */
/* Names of signals. */
#include "signals.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SIGNAL_MAX 64 /* of the kernel */

/* Second names, which sigabbrev_np() does not give. */
static const struct {
	const char *name;
	int signal;
} aliases[] = {
	{ "CLD", SIGCHLD },
	{ "IO", SIGIO },
	{ "IOT", SIGIOT },
};

/* The whole of @text as a decimal number without a sign; -1 when it is none. */
static int number(const char *text)
{
	char *end;
	long value;

	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	value = strtol(text, &end, 10);
	return *end != '\0' || errno || value > SIGNAL_MAX ? -1 : (int)value;
}

/* "RTMIN", "RTMIN+n", "RTMAX", "RTMAX-n" */
static int realtime(const char *name)
{
	bool is_min = strncasecmp(name, "RTMIN", 5) == 0;
	int offset = 0;

	if (!is_min && strncasecmp(name, "RTMAX", 5) != 0)
		return -1;
	name += 5;
	if (*name == (is_min ? '+' : '-'))
		offset = number(name + 1);
	else if (*name != '\0')
		return -1;
	if (offset < 0 || offset > SIGRTMAX - SIGRTMIN)
		return -1;
	return is_min ? SIGRTMIN + offset : SIGRTMAX - offset;
}

static int named(const char *name)
{
	for (int signal = 1; signal < SIGNAL_MAX; signal++) {
		const char *abbreviation = sigabbrev_np(signal);

		if (abbreviation && strcasecmp(name, abbreviation) == 0)
			return signal;
	}
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (strcasecmp(name, aliases[i].name) == 0)
			return aliases[i].signal;
	}
	return -1;
}

int signal_parse(const char *text, int *ret_signal, struct err *err)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	int signal = number(text);

	if (signal < 0)
		signal = named(name);
	if (signal < 0)
		signal = realtime(name);
	if (signal < 0)
		return err_set(err, EINVAL, "unknown signal \"%s\"", text);
	*ret_signal = signal;
	return 0;
}
