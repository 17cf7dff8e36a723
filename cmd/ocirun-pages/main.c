/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ocirun-pages DIR: writes the manual pages and completions of ocirun below DIR, as they lie below
 * /usr/share, from the tables that ocirun itself is driven by. Part of the build; not installed.
 */
#include "pages.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	const char *path;
	void (*print)(void);
} completions[] = {
	{ "bash-completion/completions/ocirun", print_bash },
	{ "fish/vendor_completions.d/ocirun.fish", print_fish },
	{ "zsh/vendor-completions/_ocirun", print_zsh },
};

/* The directories above the last component. */
static int make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

/* What is printed from now on goes into DIR/PATH. */
static void begin_file(const char *dir, const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	if (make_parents(full) < 0 || !freopen(full, "w", stdout)) {
		fprintf(stderr, "ocirun-pages: %s: %s\n", full, strerror(errno));
		exit(EXIT_FAILURE);
	}
}

int main(int argc, char **argv)
{
	char path[NAME_MAX];

	if (argc != 2) {
		fprintf(stderr, "usage: ocirun-pages DIR\n");
		return EXIT_FAILURE;
	}
	begin_file(argv[1], "man/man8/ocirun.8");
	print_man(NULL);
	for (const struct command *const *c = commands; *c; c++) {
		snprintf(path, sizeof(path), "man/man8/ocirun-%s.8", (*c)->name);
		begin_file(argv[1], path);
		print_man(*c);
	}
	for (size_t i = 0; i < sizeof(completions) / sizeof(completions[0]); i++) {
		begin_file(argv[1], completions[i].path);
		completions[i].print();
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("ocirun-pages");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
