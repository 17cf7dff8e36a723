/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attacker of a race: swap NAME OTHER exchanges two names for ever, as fast as the kernel does
 * it; swap --link NAME TARGET makes and removes a link, and whatever else appears there, so that
 * there is one now and then.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int makes_link = argc > 1 && strcmp(argv[1], "--link") == 0;
	const char *name, *other;

	if (argc != 3 + makes_link)
		errx(2, "usage: swap [--link] NAME OTHER");
	/* Not longer than the test that started it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	name = argv[1 + makes_link];
	other = argv[2 + makes_link];
	for (;;) {
		if (!makes_link) {
			if (renameat2(AT_FDCWD, name, AT_FDCWD, other, RENAME_EXCHANGE) < 0)
				err(1, "renameat2");
			continue;
		}
		if (symlink(other, name) < 0 && errno != EEXIST)
			err(1, "symlink");
		if (remove(name) < 0 && errno != ENOENT && errno != ENOTEMPTY)
			err(1, "remove");
	}
}
