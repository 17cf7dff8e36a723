/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "signals.h"

#include <errno.h>
#include <signal.h>

TEST(signals_have_names_and_numbers)
{
	static const struct {
		const char *text;
		int signal; /* -1: unknown */
	} rows[] = {
		{ "TERM", SIGTERM },
		{ "SIGTERM", SIGTERM },
		{ "sigterm", SIGTERM },
		{ "kill", SIGKILL },
		{ "SigHup", SIGHUP },
		{ "9", 9 },
		{ "0", 0 },
		{ "64", 64 },
		{ "WINCH", SIGWINCH },
		{ "IO", SIGIO },
		{ "POLL", SIGPOLL },
		{ "SIGCLD", SIGCHLD },
		{ "iot", SIGABRT },
		{ "STKFLT", SIGSTKFLT },
		{ "RTMIN", 34 },
		{ "SIGRTMIN+3", 37 },
		{ "rtmax-1", 63 },
		{ "RTMAX", 64 },
		{ "", -1 },
		{ "SIG", -1 },
		{ "FOO", -1 },
		{ "65", -1 },
		{ "-9", -1 },
		{ "9x", -1 },
		{ " 9", -1 },
		{ "4294967305", -1 },
		{ "SIG9", -1 },
		{ "RTMIN+99", -1 },
		{ "RTMIN-1", -1 },
		{ "RTMAX+1", -1 },
		{ "RTMIN+", -1 },
		{ "SIGSIGTERM", -1 },
		{ "RTMIN3", -1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = { 0 };
		int signal = -1;

		CHECK_INT(signal_parse(rows[i].text, &signal, &err),
			  rows[i].signal < 0 ? -EINVAL : 0);
		CHECK_INT(signal, rows[i].signal);
	}
}

TEST_MAIN()
