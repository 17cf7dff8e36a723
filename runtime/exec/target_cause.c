/* SPDX-License-Identifier: Apache-2.0 */
#include "target_cause.h"

#include "fd.h"
#include "rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/* One directory after the other, down to the whole path. */
struct walk {
	char path[PATH_MAX], parent[PATH_MAX];
	bool is_last;
	struct stat st; /* of the path, or of its parent where the path is not there */
	int errnum;     /* why the path could not be opened */
};

typedef bool explain_step(const struct walk *walk, struct err *err);

static bool explain_file(const struct walk *walk, struct err *err)
{
	if (walk->errnum || S_ISDIR(walk->st.st_mode))
		return false;
	err_hint(err,
		 walk->is_last ? "'%s' in the container is no directory, and one is needed there"
			       : "'%s' in the container is no directory: nothing can be below it",
		 walk->path);
	return true;
}

static bool explain_loop(const struct walk *walk, struct err *err)
{
	if (walk->errnum != ELOOP)
		return false;
	err_hint(err, "'%s' in the container is a link that leads back to itself", walk->path);
	return true;
}

static bool explain_readonly(const struct walk *walk, struct err *err)
{
	if (walk->errnum != ENOENT)
		return false;
	err_hint(err,
		 "'%s' is not there, and '%s' is read-only: make it in the image, or list the "
		 "mount that is read-only later",
		 walk->path, walk->parent);
	return true;
}

static bool explain_owner(const struct walk *walk, struct err *err)
{
	if (!walk->errnum)
		return false;
	err_hint(err,
		 "'%s' cannot be made or entered by the container's root: '%s' has mode %04o and "
		 "belongs to %u:%u, as seen in the container",
		 walk->path, walk->parent, walk->st.st_mode & 07777, walk->st.st_uid,
		 walk->st.st_gid);
	return true;
}

static const struct {
	int errnum;
	explain_step *explain;
} rows[] = {
	{ ENOTDIR, explain_file },    { EEXIST, explain_file },  { ELOOP, explain_loop },
	{ EROFS, explain_readonly },  { EACCES, explain_owner }, { EPERM, explain_owner },
	{ EOVERFLOW, explain_owner },
};

static void look(int root_fd, struct walk *walk)
{
	AUTO_FD fd = rootpath_open(root_fd, walk->path, O_PATH);

	walk->errnum = fd < 0 ? errno : 0;
	if (fd >= 0)
		fstat(fd, &walk->st);
}

static void walk_down(int root_fd, const char *target, explain_step *explain, struct err *err)
{
	struct walk walk = { .parent = "/", .path = "/" };
	size_t len = 0;

	look(root_fd, &walk);
	for (;;) {
		len += strspn(target + len, "/");
		len += strcspn(target + len, "/");
		if (len >= sizeof(walk.path))
			return;
		memcpy(walk.path, target, len);
		walk.path[len] = '\0';
		walk.is_last = !target[len];
		look(root_fd, &walk);
		if (explain(&walk, err) || walk.is_last)
			return;
		memcpy(walk.parent, walk.path, len + 1);
	}
}

int target_explain(int root_fd, const char *target, struct err *err)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].errnum == err->code)
			walk_down(root_fd, target, rows[i].explain, err);
	return -err->code;
}
