/* SPDX-License-Identifier: Apache-2.0 */
/* What a new cgroup needs: of those above it, and for its owner. */
#include "cgroup_prepare.h"

#include "cgroupfs.h"
#include "fd.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool cgroup_has_controller(const char *controllers, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = controllers; *at; at += strspn(at, ",")) {
		size_t n = strcspn(at, ",");

		if (n == len && strncmp(at, name, n) == 0)
			return true;
		at += n;
	}
	return false;
}

/* ---- v1: a cpuset takes a process when it has CPUs and memory nodes ---- */

static int cpuset_inherit(int parent_fd, int fd, const char *file, struct err *err)
{
	char value[CGROUPFS_VALUE_MAX];
	ssize_t len = cgroupfs_read(fd, file, value, sizeof(value));
	int ret;

	if (len != 0)
		return len < 0 ? err_errno(err, (int)len, "read %s", file) : 0;
	len = cgroupfs_read(parent_fd, file, value, sizeof(value));
	if (len < 0)
		return err_errno(err, (int)len, "read the parent's %s", file);
	ret = cgroupfs_write(fd, file, value);
	return ret < 0 ? err_errno(err, ret, "write '%s' to %s", value, file) : 0;
}

int cgroup_fill_cpuset(const struct plan_cgroup_hierarchy *h, bool leaf, struct err *err)
{
	AUTO_FD parent_fd = cgroupfs_open(AT_FDCWD, h->mount);
	const char *at = h->path;

	if (parent_fd < 0)
		return err_errno(err, parent_fd, "open '%s'", h->mount);
	while (*at) {
		size_t n = strcspn(at + 1, "/");
		char name[NAME_MAX + 1];

		if (!leaf && !at[n + 1])
			break;
		snprintf(name, sizeof(name), "%.*s", (int)n, at + 1);
		AUTO_FD fd = cgroupfs_open(parent_fd, name);
		if (fd < 0)
			return err_errno(err, fd, "open cpuset '%s'", name);
		if (cpuset_inherit(parent_fd, fd, "cpuset.cpus", err) < 0 ||
		    cpuset_inherit(parent_fd, fd, "cpuset.mems", err) < 0)
			return err_wrap(err, "cpuset '%s'", h->dir);
		fd_close(&parent_fd);
		parent_fd = fd_take(&fd);
		at += n + 1;
	}
	return 0;
}

/* ---- v2: controllers are enabled from the top down ---- */

static bool has_all_words(const char *list, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, " ");
		const char *at = list;

		while (*at && !(strncmp(at, words, n) == 0 && (at[n] == ' ' || !at[n])))
			at += strcspn(at, " ") + strspn(at + strcspn(at, " "), " ");
		if (!*at)
			return false;
		words += n;
		words += strspn(words, " ");
	}
	return true;
}

/*
 * "+a +b" in one write, or, when that fails, those that can be had one by one. -EBUSY: the cgroup holds
 * processes. Then none is tried: some could be had, but would make a threaded domain of it, which stays
 * one, and in which no container can be.
 */
static void enable_controllers(int dir_fd, const char *controllers)
{
	char all[CGROUPFS_VALUE_MAX], one[64];
	size_t len = 0;
	int ret;

	all[0] = '\0';
	for (const char *at = controllers; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		len += (size_t)snprintf(all + len, sizeof(all) - len, "+%.*s ", (int)n, at);
		if (len >= sizeof(all))
			return;
		at += n;
	}
	ret = cgroupfs_write(dir_fd, "cgroup.subtree_control", all);
	if (ret == 0 || ret == -EBUSY)
		return;
	for (const char *at = controllers; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		snprintf(one, sizeof(one), "+%.*s", (int)n, at);
		cgroupfs_write(dir_fd, "cgroup.subtree_control", one);
		at += n;
	}
}

/* Why a controller that is asked for could not be enabled for the children of a cgroup. */
static int explain_not_enabled(int dir_fd, const struct plan_cgroup_hierarchy *h, const char *dir,
			       struct err *err)
{
	char type[64] = "", pid[16] = "";

	/* The root has no type, and may hold processes. */
	cgroupfs_read(dir_fd, "cgroup.type", type, sizeof(type));
	cgroupfs_read(dir_fd, "cgroup.procs", pid, sizeof(pid));
	if (strstr(type, "threaded") || strstr(type, "invalid"))
		err_set(err, EOPNOTSUPP,
			"cannot enable cgroup controllers '%s' below '%s': it is in %s mode",
			h->needed, dir, type);
	else if (type[0] && pid[0])
		err_set(err, EBUSY,
			"cannot enable cgroup controllers '%s' below '%s', which holds processes",
			h->needed, dir);
	else
		err_set(err, ENOTSUP, "cannot enable cgroup controllers '%s' below '%s'", h->needed,
			dir);
	return err_hint(
		err,
		"set linux.cgroupsPath to a place below a cgroup without processes of its own");
}

int cgroup_enable_controllers(const struct plan_cgroup_hierarchy *h, int leaf_fd, struct err *err)
{
	char have[CGROUPFS_VALUE_MAX], dir[4096];
	size_t at = strlen(h->mount), len = strlen(h->dir);

	/* cgroup.controllers of a cgroup is what its parent enabled. */
	if (cgroupfs_read(leaf_fd, "cgroup.controllers", have, sizeof(have)) >= 0 &&
	    has_all_words(have, h->controllers))
		return 0;
	if (len >= sizeof(dir))
		return err_set(err, ENAMETOOLONG, "cgroup '%s'", h->dir);
	for (memcpy(dir, h->dir, len + 1); at < len; at += 1 + strcspn(h->dir + at + 1, "/")) {
		dir[at] = '\0';
		AUTO_FD fd = cgroupfs_open(AT_FDCWD, dir);
		dir[at] = '/';
		if (fd < 0)
			return err_errno(err, fd, "open cgroup above '%s'", h->dir);
		if (cgroupfs_read(fd, "cgroup.subtree_control", have, sizeof(have)) >= 0 &&
		    has_all_words(have, h->controllers))
			continue;
		enable_controllers(fd, h->controllers);
		if (cgroupfs_read(fd, "cgroup.subtree_control", have, sizeof(have)) < 0)
			have[0] = '\0';
		if (!has_all_words(have, h->needed)) {
			dir[at] = '\0';
			return explain_not_enabled(fd, h, dir, err);
		}
	}
	return 0;
}

/* ---- v2: delegation ---- */

/* Linux 4.15 tells; before, these. */
#define DELEGATE_FILE    "/sys/kernel/cgroup/delegate"
#define DELEGATE_DEFAULT "cgroup.procs\ncgroup.subtree_control\ncgroup.threads"

static int give(int dir_fd, const char *name, uid_t owner)
{
	int ret = fchownat(dir_fd, name, owner, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;

	/* Not every kernel has, and not every cgroup, all of these files. */
	return ret == -ENOENT ? 0 : ret;
}

static int give_all(int fd, uid_t owner, char *files)
{
	TRY(give(fd, ".", owner));
	for (char *save, *file = strtok_r(files, "\n", &save); file;
	     file = strtok_r(NULL, "\n", &save))
		if (!strchr(file, '/'))
			TRY(give(fd, file, owner));
	return 0;
}

int cgroup_give(const struct plan_cgroup_hierarchy *h, int fd, uid_t owner, struct err *err)
{
	char files[CGROUPFS_VALUE_MAX];
	int ret;

	if (io_read_small(AT_FDCWD, DELEGATE_FILE, files, sizeof(files)) <= 0)
		strcpy(files, DELEGATE_DEFAULT);
	ret = give_all(fd, owner, files);
	if (ret == 0 || ret == -EPERM)
		return 0;
	err_errno(err, ret, "give cgroup '%s' to user %u", h->dir, owner);
	return err_path(err, h->dir);
}
