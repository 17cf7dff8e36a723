/* SPDX-License-Identifier: Apache-2.0 */
/* Image and work directory, and criu's log in one of them. */
#include "criu_dirs.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* mkdir -p, private to the caller. */
static int make_dirs(const char *path, struct err *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return err_set(err, ENAMETOOLONG, "the path '%s' is too long", path);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST && (errno != EROFS || i == len)) {
			err_sys(err, "make the directory '%s'", part);
			return err_path(err, part);
		}
	}
	return 0;
}

static int open_dir(const char *path, const char *what, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		err_sys(err, "open the %s directory '%s'", what, path);
		return err_path(err, path);
	}
	return fd;
}

/*
 * What is there from another time is removed, a second name of a file that belongs elsewhere
 * included: criu would write through that too.
 */
static int clear_output(int dir_fd, const char *dir, const char *name, struct err *err)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "stat '%s/%s'", dir, name);
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ELOOP, "criu would write to '%s/%s', which is a link or no file", dir,
			name);
		err_hint(err, "remove it, or use another --work-path");
		return err_path(err, dir);
	}
	if (unlinkat(dir_fd, name, 0) < 0)
		return err_sys(err, "remove '%s/%s'", dir, name);
	return 0;
}

static int open_both(const struct ops_criu_options *options, bool is_dump, struct criu_dirs *dirs,
		     struct err *err)
{
	const char *stats = is_dump ? "stats-dump" : "stats-restore";
	int dir_fd;

	if (is_dump)
		TRY(make_dirs(options->image_path, err));
	dirs->image_fd = open_dir(options->image_path, "image", err);
	TRY(dirs->image_fd);
	if (options->work_path) {
		TRY(make_dirs(options->work_path, err));
		dirs->work_fd = open_dir(options->work_path, "work", err);
		TRY(dirs->work_fd);
	}
	dirs->path = options->work_path ? options->work_path : options->image_path;
	dirs->log = is_dump ? "dump.log" : "restore.log";
	dir_fd = options->work_path ? dirs->work_fd : dirs->image_fd;
	TRY(clear_output(dir_fd, dirs->path, dirs->log, err));
	return clear_output(dir_fd, dirs->path, stats, err);
}

int criu_dirs_open(const struct ops_criu_options *options, bool is_dump, struct criu_dirs *ret_dirs,
		   struct err *err)
{
	struct criu_dirs dirs = CRIU_DIRS_NONE;
	int ret = open_both(options, is_dump, &dirs, err);

	if (ret < 0)
		criu_dirs_close(&dirs);
	else
		*ret_dirs = dirs;
	return ret;
}

void criu_dirs_close(struct criu_dirs *dirs)
{
	fd_close(&dirs->image_fd);
	fd_close(&dirs->work_fd);
}

int criu_dirs_explain(const struct criu_dirs *dirs, struct err *err)
{
	err_path(err, dirs->path);
	return err_hint(err, "criu's log is '%s/%s'", dirs->path, dirs->log);
}
