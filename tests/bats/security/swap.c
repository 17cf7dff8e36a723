/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attacker of a race: swap NAME OTHER exchanges two names for ever, as fast as the kernel does
 * it; swap --remove NAME OTHER moves NAME there and back, so that now and then there is none.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>

int main(int argc, char **argv)
{
	int removes = argc > 1 && strcmp(argv[1], "--remove") == 0;
	const char *name, *other;

	if (argc != 3 + removes)
		errx(2, "usage: swap [--remove] NAME OTHER");
	/* Not longer than the test that started it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	name = argv[1 + removes];
	other = argv[2 + removes];
	for (;;) {
		if (removes) {
			if (rename(name, other) < 0 || rename(other, name) < 0)
				err(1, "rename");
		} else if (renameat2(AT_FDCWD, name, AT_FDCWD, other, RENAME_EXCHANGE) < 0) {
			err(1, "renameat2");
		}
	}
}
