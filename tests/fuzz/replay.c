/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In place of libFuzzer: gives the target the inputs that are kept, once each, and what may never be
 * forgotten: none at all. Closes with "N passed, N failed, N skipped", as a unit test does. Arguments
 * are files and directories; without them it is the target's own corpus.
 */
#include "fuzz.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned int n_inputs;

static int replay(const char *path, const struct stat *st, int type)
{
	uint8_t *data;
	size_t size;
	FILE *in;

	if (type != FTW_F)
		return 0;
	in = fopen(path, "re");
	data = malloc((size_t)st->st_size + 1);
	if (!in || !data) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	size = fread(data, 1, (size_t)st->st_size, in);
	fclose(in);
	/* The last line before a crash says which it was. */
	printf("%s\n", path);
	fflush(stdout);
	/* In memory of its size: a sanitizer sees the byte that is read behind it. */
	data = realloc(data, size ? size : 1);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	n_inputs++;
	return 0;
}

int main(int argc, char **argv)
{
	static char own[] = CORPUS;
	char *only[] = { NULL, own, NULL };
	const uint8_t none = 0;

	LLVMFuzzerTestOneInput(&none, 0);
	if (argc == 1)
		argv = only;
	for (char **path = argv + 1; *path; path++) {
		if (ftw(*path, replay, 16) != 0) {
			perror(*path);
			return EXIT_FAILURE;
		}
	}
	printf("%u passed, %u failed, 0 skipped\n", n_inputs, n_inputs == 0);
	return n_inputs ? EXIT_SUCCESS : EXIT_FAILURE;
}
