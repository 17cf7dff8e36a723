/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is below may be a container's work, as deep as it likes, and move while it is removed. So nobody
 * walks down in it, and ".." is not asked: a directory's directories are moved to the top, and what is
 * at the top has no depth when its turn comes.
 */
#include "tree.h"

#include "fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree {
	int top_fd;
	unsigned int number; /* names that were given at the top */
};

typedef int visit_entry(struct tree *tree, int dir_fd, const char *name);

int tree_remove_file(int dir_fd, const char *name)
{
	return unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* A user whose container took the rights to a directory from it has no others to go by. */
static void take_back(int dir_fd, const char *name)
{
	AUTO_FD fd = -1;
	char path[32];

	if (geteuid() == 0)
		return;
	fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)!chmod(path, 0700); /* what needs it fails, and says so */
}

/* Calls @visit for each entry of the directory, until it fails. */
static int visit_all(int dir_fd, const char *name, visit_entry *visit, struct tree *tree)
{
	AUTO_FD fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int ret = 0;

	if (!dir)
		return -errno;
	fd_take(&fd);
	if (tree->top_fd < 0)
		tree->top_fd = dirfd(dir);
	while (ret == 0 && (errno = 0, entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			ret = visit(tree, dirfd(dir), entry->d_name);
	if (ret == 0)
		ret = -errno;
	closedir(dir);
	return ret;
}

/* Names that are there already are passed over: each of them once. */
static int move_to_top(struct tree *tree, int dir_fd, const char *name)
{
	char text[16];

	take_back(dir_fd, name);
	do {
		snprintf(text, sizeof(text), "%u", tree->number++);
		if (renameat(dir_fd, name, tree->top_fd, text) == 0)
			return 0;
	} while (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR);
	return -errno;
}

static int flatten(struct tree *tree, int dir_fd, const char *name)
{
	int ret = tree_remove_file(dir_fd, name);

	return ret == -EISDIR ? move_to_top(tree, dir_fd, name) : ret;
}

static int remove_at_top(struct tree *tree, int dir_fd, const char *name)
{
	int ret = tree_remove_file(dir_fd, name);

	if (ret != -EISDIR)
		return ret;
	take_back(dir_fd, name);
	ret = visit_all(dir_fd, name, flatten, tree);
	return ret == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 ? -errno : ret;
}

int tree_remove(int dir_fd, const char *name)
{
	struct tree tree = { .top_fd = -1 };
	int ret = tree_remove_file(dir_fd, name);

	if (ret != -EISDIR)
		return ret;
	take_back(dir_fd, name);
	for (;;) {
		tree.top_fd = -1;
		ret = visit_all(dir_fd, name, remove_at_top, &tree);
		if (ret < 0 || unlinkat(dir_fd, name, AT_REMOVEDIR) == 0)
			return ret;
		/* What was moved to the top behind where its list had been read. */
		if (errno != ENOTEMPTY)
			return -errno;
	}
}
