/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups and creation inside a root directory. */
#include "rootpath.h"

#include "deadline.h"
#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How long a lookup may lose against renames: an attacker must not hold us up for ever. */
#define RACE_DEADLINE_MS 2000
#define LINKS_MAX        40 /* as the kernel's own limit */

int rootpath_open_strict(int root_fd, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = (unsigned int)(flags | O_CLOEXEC),
		.mode = mode,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve,
	};
	long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

	if (fd < 0 && (errno == EAGAIN || errno == EINTR)) {
		struct deadline deadline = deadline_in_ms(RACE_DEADLINE_MS);

		while (fd < 0 && (errno == EAGAIN || errno == EINTR) &&
		       !deadline_has_passed(deadline))
			fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	}
	return (int)fd;
}

int rootpath_open(int root_fd, const char *path, int flags)
{
	return rootpath_open_strict(root_fd, path, flags, 0, 0);
}

/*
 * mkdirat(2) with a mode that the caller's umask has no say in; the new directory's O_PATH. From a
 * set-group-ID directory it inherits that bit, as what is made in the container would.
 */
static int make_one_dir(int parent_fd, const char *name, mode_t mode)
{
	AUTO_FD fd = -1;
	struct stat st;

	/* EEXIST: somebody else was faster, or a dangling link is there: O_NOFOLLOW tells. */
	if (mkdirat(parent_fd, name, mode) < 0 && errno != EEXIST)
		return -1;
	fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || fchmod(fd, mode | (st.st_mode & S_ISGID)) < 0)
		return -1;
	return openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Opens the existing directory @path (its first @len bytes), or -1. */
static int open_prefix(int root_fd, const char *path, size_t len)
{
	char prefix[PATH_MAX];

	if (len >= sizeof(prefix)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(prefix, path, len);
	prefix[len] = '\0';
	return rootpath_open(root_fd, len ? prefix : ".", O_PATH | O_DIRECTORY);
}

/* The directory of the longest existing prefix of @path; *@ret_len is that prefix's length. */
static int open_longest_prefix(int root_fd, const char *path, size_t *ret_len)
{
	size_t len = strlen(path);
	int fd = open_prefix(root_fd, path, len);

	while (fd < 0 && errno == ENOENT && len > 0) {
		while (len > 0 && path[len - 1] == '/')
			len--;
		while (len > 0 && path[len - 1] != '/')
			len--;
		fd = open_prefix(root_fd, path, len);
	}
	*ret_len = len;
	return fd;
}

/*
 * The link @name in @dir_fd, which is the first @len bytes of @path, leads to nothing: images have
 * such links to what is only mounted later (/etc/resolv.conf to below /run). Sets @ret_path to where
 * it leads, with @rest behind it, for a new lookup from the root. -1: it is no link.
 */
static int follow_dangling(int dir_fd, const char *name, const char *path, size_t len,
			   const char *rest, char ret_path[PATH_MAX])
{
	int errnum = errno;
	char link[PATH_MAX];
	ssize_t link_len = readlinkat(dir_fd, name, link, sizeof(link) - 1);
	int n;

	if (link_len < 0) {
		errno = errnum;
		return -1;
	}
	link[link_len] = '\0';
	n = snprintf(ret_path, PATH_MAX, "%.*s/%s%s", link[0] == '/' ? 0 : (int)len, path, link,
		     rest);
	if (n >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

static int make_dir(int root_fd, const char *path, mode_t mode, int links)
{
	size_t len;
	AUTO_FD fd = open_longest_prefix(root_fd, path, &len);
	char name[NAME_MAX + 1], leads_to[PATH_MAX];

	if (fd < 0)
		return -1;
	for (const char *at = path + len; *at; at += strcspn(at, "/")) {
		int next;

		at += strspn(at, "/");
		len = strcspn(at, "/");
		if (len == 0)
			break;
		if (len > NAME_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(name, at, len);
		name[len] = '\0';
		/* Below what was just made there is nothing to go up to. */
		if (strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			errno = EINVAL;
			return -1;
		}
		next = make_one_dir(fd, name, mode);
		if (next < 0) {
			if (links == LINKS_MAX || (errno != ENOTDIR && errno != ELOOP) ||
			    follow_dangling(fd, name, path, (size_t)(at - path), at + len,
					    leads_to) < 0)
				return -1;
			return make_dir(root_fd, leads_to, mode, links + 1);
		}
		fd_close(&fd);
		fd = next;
	}
	return fd_take(&fd);
}

int rootpath_make_dir(int root_fd, const char *path, mode_t mode)
{
	return make_dir(root_fd, path, mode, 0);
}

int rootpath_make_parent(int root_fd, const char *path, const char **ret_name)
{
	const char *name = strrchr(path, '/');
	char parent[PATH_MAX];
	size_t len;

	name = name ? name + 1 : path;
	len = (size_t)(name - path);
	if (len >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(parent, path, len);
	parent[len] = '\0';
	*ret_name = name;
	return rootpath_make_dir(root_fd, len ? parent : "/", 0755);
}

static int make_file(int root_fd, const char *path, mode_t mode, int links)
{
	int existing = rootpath_open(root_fd, path, O_PATH);
	char leads_to[PATH_MAX];
	const char *name;

	if (existing >= 0 || errno != ENOENT)
		return existing;

	AUTO_FD parent_fd = rootpath_make_parent(root_fd, path, &name);
	if (parent_fd < 0)
		return -1;
	/* O_EXCL does not follow a link, dangling or not. */
	AUTO_FD fd = openat(parent_fd, name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0 && errno != EEXIST)
		return -1;
	if (fd < 0 && links < LINKS_MAX &&
	    follow_dangling(parent_fd, name, path, (size_t)(name - path), "", leads_to) == 0)
		return make_file(root_fd, leads_to, mode, links + 1);
	return openat(parent_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int rootpath_make_file(int root_fd, const char *path, mode_t mode)
{
	return make_file(root_fd, path, mode, 0);
}
