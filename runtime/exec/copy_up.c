/* SPDX-License-Identifier: Apache-2.0 */
/* A recursive copy by descriptors: no link of the image is followed. Allocates only for readdir. */
#include "copy_up.h"

#include "fd.h"
#include "io.h"
#include "rootpath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define COPY_DEPTH_MAX 64
#define COPY_CHUNK     (1u << 20)
#define DIRENT_BUFFER  4096

struct dirent64_kernel {
	uint64_t d_ino;
	int64_t d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[];
};

static int copy_dir(int from_fd, int to_fd, int depth, struct err *err);

static int copy_xattrs(int from_fd, int to_fd, struct err *err)
{
	char names[4096], value[4096];
	ssize_t len = flistxattr(from_fd, names, sizeof(names));

	if (len < 0)
		return errno == ENOTSUP ? 0 : err_sys(err, "list extended attributes");
	for (const char *name = names; name < names + len; name += strlen(name) + 1) {
		ssize_t size = fgetxattr(from_fd, name, value, sizeof(value));

		if (size < 0)
			return err_sys(err, "read the attribute '%s'", name);
		/* tmpfs keeps security.* and trusted.*, and user.* since Linux 6.6. */
		if (fsetxattr(to_fd, name, value, (size_t)size, 0) < 0 && errno != ENOTSUP)
			return err_sys(err, "write the attribute '%s'", name);
	}
	return 0;
}

/*
 * In the order in which one does not undo another: a change of owner takes away set-id bits and
 * file capabilities.
 */
static int copy_metadata(int from_fd, int to_fd, const struct stat *st, struct err *err)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchown(to_fd, st->st_uid, st->st_gid) < 0)
		return err_sys(err, "copy the owner");
	TRY(copy_xattrs(from_fd, to_fd, err));
	if (fchmod(to_fd, st->st_mode & 07777) < 0 || futimens(to_fd, times) < 0)
		return err_sys(err, "copy mode and times");
	return 0;
}

static int copy_file(int from_dir, int to_dir, const char *name, const struct stat *st,
		     struct err *err)
{
	AUTO_FD from_fd = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	AUTO_FD to_fd = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct stat opened;
	ssize_t n;

	if (from_fd < 0 || to_fd < 0 || fstat(from_fd, &opened) < 0)
		return err_sys(err, "copy '%s'", name);
	/* A device in its place by now might have no end. */
	if (opened.st_ino != st->st_ino || opened.st_dev != st->st_dev)
		return err_set(err, EAGAIN, "copy '%s': another file has taken its place", name);
	do {
		n = sendfile(to_fd, from_fd, NULL, COPY_CHUNK);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return err_sys(err, "copy '%s'", name);
	return copy_metadata(from_fd, to_fd, st, err);
}

/* Of what cannot be opened for it: a link, a node. */
static int copy_times(int to_dir, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	return utimensat(to_dir, name, times, AT_SYMLINK_NOFOLLOW);
}

static int copy_link(int from_dir, int to_dir, const char *name, const struct stat *st,
		     struct err *err)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(from_dir, name, target, sizeof(target) - 1);

	if (len < 0)
		return err_sys(err, "read the link '%s'", name);
	target[len] = '\0';
	if (symlinkat(target, to_dir, name) < 0 ||
	    fchownat(to_dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    copy_times(to_dir, name, st) < 0)
		return err_sys(err, "copy the link '%s'", name);
	return 0;
}

static int copy_node(int to_dir, const char *name, const struct stat *st, struct err *err)
{
	if (mknodat(to_dir, name, st->st_mode, st->st_rdev) < 0 ||
	    fchownat(to_dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(to_dir, name, st->st_mode & 07777, 0) < 0 || copy_times(to_dir, name, st) < 0)
		return err_sys(err, "copy the node '%s'", name);
	return 0;
}

static int copy_subdir(int from_dir, int to_dir, const char *name, int depth, struct err *err)
{
	AUTO_FD from_fd = openat(from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_FD to_fd = -1;

	if (from_fd < 0 || mkdirat(to_dir, name, 0700) < 0)
		return err_sys(err, "copy the directory '%s'", name);
	to_fd = openat(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to_fd < 0)
		return err_sys(err, "open the copy of '%s'", name);
	return copy_dir(from_fd, to_fd, depth + 1, err);
}

static int copy_entry(int from_dir, int to_dir, const char *name, int depth, struct err *err)
{
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (fstatat(from_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "stat '%s'", name);
	switch (st.st_mode & S_IFMT) {
	case S_IFDIR:
		return copy_subdir(from_dir, to_dir, name, depth, err);
	case S_IFREG:
		return copy_file(from_dir, to_dir, name, &st, err);
	case S_IFLNK:
		return copy_link(from_dir, to_dir, name, &st, err);
	default:
		return copy_node(to_dir, name, &st, err);
	}
}

static int copy_dir(int from_fd, int to_fd, int depth, struct err *err)
{
	_Alignas(struct dirent64_kernel) char buf[DIRENT_BUFFER];
	struct stat st;
	long n;

	if (depth > COPY_DEPTH_MAX)
		return err_set(err, ELOOP, "tmpcopyup of more than %d levels", COPY_DEPTH_MAX);
	/* getdents64(2) itself: opendir(3) would allocate, which a forked child must not. */
	while ((n = syscall(SYS_getdents64, from_fd, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			const struct dirent64_kernel *entry = (const void *)(buf + at);

			TRY(copy_entry(from_fd, to_fd, entry->d_name, depth, err));
			at += entry->d_reclen;
		}
	}
	if (n < 0)
		return err_sys(err, "list a directory");
	if (fstat(from_fd, &st) < 0)
		return err_sys(err, "stat a directory");
	return copy_metadata(from_fd, to_fd, &st, err);
}

int copy_up(int root_fd, const char *path, int mnt_fd, struct err *err)
{
	AUTO_FD from_fd = rootpath_open(root_fd, path, O_RDONLY | O_DIRECTORY);
	AUTO_FD to_fd = openat(mnt_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (from_fd < 0 || to_fd < 0)
		return err_sys(err, "open '%s' for tmpcopyup", path);
	return copy_dir(from_fd, to_fd, 0, err);
}
