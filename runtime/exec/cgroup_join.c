/* SPDX-License-Identifier: Apache-2.0 */
/* Moving a process into a container's cgroups. */
#include "cgroup_handle.h"

#include "cgroupfs.h"
#include "fd.h"
#include "unit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * A user may move processes only below what was delegated as a whole, and a session is not: then it is
 * the user's manager that can. The rest of @dir behind the unit's name is below the unit's cgroup.
 */
static int attach(const struct unit_ref *unit, const char *dir, pid_t pid, struct err *err)
{
	const char *sub = strstr(dir, unit->name);

	return unit_attach(unit, sub ? sub + strlen(unit->name) : "", pid, err);
}

/* What a hierarchy of version 1 is told by: a whole process, or the thread that asks. */
struct joining {
	const char *file_v1;
	const char *text;
	pid_t pid; /* 0: the caller, who may have another pid where systemd is */
	bool is_in_v2;
};

static int join_one(const struct cgroup_handle *handle, size_t i, const struct joining *joining,
		    struct err *err)
{
	const struct plan_cgroup_hierarchy *h = &handle->plan->hierarchies[i];
	int ret = cgroupfs_write(handle->fds[i], h->is_v2 ? "cgroup.procs" : joining->file_v1,
				 joining->text);

	if (ret == 0)
		return 0;
	if (h->is_v2 && cgroup_is_refusal(ret) && handle->unit && joining->pid)
		return attach(unit_ref(handle->unit), h->dir, joining->pid, err);
	err_errno(err, ret, "move process %s into cgroup '%s'", joining->text, h->dir);
	if (ret == -EBUSY || ret == -EOPNOTSUPP)
		err_hint(err,
			 "cgroups with controllers enabled below them, or below threaded ones, "
			 "hold no processes");
	return err_path(err, h->dir);
}

static int join_all(const struct cgroup_handle *handle, const struct joining *joining,
		    struct err *err)
{
	for (size_t i = 0; i < handle->plan->n_hierarchies; i++)
		if (handle->fds[i] >= 0 &&
		    !(handle->plan->hierarchies[i].is_v2 && joining->is_in_v2))
			TRY(join_one(handle, i, joining, err));
	return 0;
}

int cgroup_join(const struct cgroup_handle *handle, pid_t pid, bool is_in_v2, struct err *err)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	return join_all(handle, &(struct joining){ "cgroup.procs", text, pid, is_in_v2 }, err);
}

int cgroup_join_self(const struct cgroup_handle *handle, bool is_in_v2, struct err *err)
{
	return join_all(handle, &(struct joining){ "tasks", "0", 0, is_in_v2 }, err);
}

bool cgroup_join_needs_parent(const struct cgroup_handle *handle)
{
	return handle->unit && handle->plan->unit->is_user;
}

static int join_dir_self(const char *dir, bool is_v2, const struct unit_ref *unit)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, is_v2 ? "cgroup.procs" : "tasks");
	int ret = n < PATH_MAX ? cgroupfs_write(AT_FDCWD, path, "0") : -ENAMETOOLONG;
	struct err ignored;

	if (is_v2 && cgroup_is_refusal(ret) && unit->name &&
	    attach(unit, dir, getpid(), &ignored) == 0)
		return 0;
	return ret;
}

int cgroup_join_paths_self(const struct cgroup_paths *paths, const struct unit_ref *unit,
			   bool is_in_v2, const char *v2_fallback, struct err *err)
{
	for (size_t i = 0; i < paths->n; i++) {
		const struct cgroup_path *path = &paths->v[i];
		int ret = path->is_v2 && is_in_v2 ? 0 : join_dir_self(path->dir, path->is_v2, unit);

		if (ret == 0)
			continue;
		if (path->is_v2 && v2_fallback && join_dir_self(v2_fallback, true, unit) == 0)
			continue;
		err_errno(err, ret, "error adding pid %d to cgroups: '%s'", getpid(), path->dir);
		return err_path(err, path->dir);
	}
	return 0;
}

bool cgroup_may_refuse(const char *dir)
{
	char enabled[CGROUPFS_VALUE_MAX];
	AUTO_FD fd = cgroupfs_open(AT_FDCWD, dir);

	return fd < 0 || cgroupfs_read(fd, "cgroup.subtree_control", enabled, sizeof(enabled)) != 0;
}
