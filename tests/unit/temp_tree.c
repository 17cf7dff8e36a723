/* SPDX-License-Identifier: Apache-2.0 */
/* Each test is a process of its own, so that one directory a process is enough. */
#include "temp_tree.h"

#include "fd.h"
#include "io.h"
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PATHS 16

static char dir[] = "/tmp/ocirun-unit-XXXXXX";
static pid_t maker;

static void remove_dir(void)
{
	pid_t pid;

	if (getpid() != maker)
		return;
	pid = fork();
	if (pid == 0) {
		execl("/bin/rm", "rm", "-rf", dir, NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

const char *temp_dir(void)
{
	if (!maker) {
		maker = getpid();
		if (!mkdtemp(dir))
			abort();
		atexit(remove_dir);
	}
	return dir;
}

const char *temp_path(const char *name)
{
	static char paths[PATHS][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % PATHS];

	snprintf(path, PATH_MAX, "%s%s%s", temp_dir(), name[0] ? "/" : "", name);
	return path;
}

int temp_open_dir(const char *name)
{
	int fd;

	mkdir(temp_path(name), 0755);
	fd = open(temp_path(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

void temp_make_dir(const char *name)
{
	CHECK_INT(mkdir(temp_path(name), 0755), 0);
}

void temp_make_file(const char *name, const char *text, mode_t mode)
{
	AUTO_FD fd = open(temp_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(io_write_all(fd, text, strlen(text)), 0);
	CHECK_INT(fchmod(fd, mode), 0);
}

void temp_make_link(const char *target, const char *name)
{
	CHECK_INT(symlink(target, temp_path(name)), 0);
}

const char *temp_read(const char *name)
{
	static char *text;
	AUTO_FD fd = open(temp_path(name), O_RDONLY | O_CLOEXEC);
	const size_t room = 4u << 20;
	ssize_t len = 0;

	if (!text)
		text = malloc(room + 1);
	if (!text)
		abort();
	if (fd >= 0)
		len = io_read_some(fd, text, room);
	CHECK(len >= 0);
	text[len] = '\0';
	return text;
}

int open_fd_count(void)
{
	DIR *list = opendir("/proc/self/fd");
	int n = -1; /* the list itself is one */

	while (readdir(list))
		n++;
	closedir(list);
	return n - 2; /* "." and ".." */
}

const char *text_of(char c, size_t len)
{
	static char *text;

	free(text);
	text = malloc(len + 1);
	if (!text)
		abort();
	memset(text, c, len);
	text[len] = '\0';
	return text;
}
