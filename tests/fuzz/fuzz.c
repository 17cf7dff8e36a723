/* SPDX-License-Identifier: Apache-2.0 */
/* What targets have in common. */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
	abort();
}

void fuzz_check_error(int ret, const struct err *err)
{
	FUZZ_CHECK(ret <= 0);
	if (ret == 0)
		return;
	FUZZ_CHECK(err->code == -ret);
	FUZZ_CHECK(err->text[0]);
	FUZZ_CHECK(memchr(err->text, '\0', sizeof(err->text)));
	FUZZ_CHECK(memchr(err->pointer, '\0', sizeof(err->pointer)));
	FUZZ_CHECK(!err->pointer[0] || err->pointer[0] == '/');
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

char *fuzz_line(char **rest)
{
	return strsep(rest, "\n");
}

/* ---- files ---- */

static char dir_path[] = "/dev/shm/ocirun-fuzz-XXXXXX";
static int dir_fd = -1;
static char names[8][64];
static size_t n_names;

static void remove_dir(void)
{
	for (size_t i = 0; i < n_names; i++)
		unlinkat(dir_fd, names[i], 0);
	unlinkat(dir_fd, "etc", AT_REMOVEDIR);
	rmdir(dir_path);
}

int fuzz_dir(void)
{
	if (dir_fd >= 0)
		return dir_fd;
	if (!mkdtemp(dir_path))
		abort();
	dir_fd = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0 || mkdirat(dir_fd, "etc", 0755) < 0)
		abort();
	atexit(remove_dir);
	return dir_fd;
}

const char *fuzz_dir_path(void)
{
	fuzz_dir();
	return dir_path;
}

void fuzz_file(const char *name, const void *data, size_t size)
{
	int fd = openat(fuzz_dir(), name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	size_t i;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) < 0)
		abort();
	for (i = 0; i < n_names && strcmp(names[i], name) != 0; i++)
		;
	if (i == n_names && n_names < sizeof(names) / sizeof(names[0]))
		snprintf(names[n_names++], sizeof(names[0]), "%s", name);
}
