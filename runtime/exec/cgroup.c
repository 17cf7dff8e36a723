/* SPDX-License-Identifier: Apache-2.0 */
/* Making a container's cgroups, writing their values, and moving a process into them. */
#include "cgroup.h"

#include "cgroup_prepare.h"
#include "cgroupfs.h"
#include "device_filter.h"
#include "fd.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many values of a phase can wait for later ones: the rows with PLAN_CGROUP_DEFER. */
#define DEFERRED_MAX 8

struct cgroup_handle {
	const struct plan_cgroup *plan;
	struct unit *unit;         /* NULL: systemd has no part in it */
	struct cgroup_paths paths; /* as many as hierarchies; dir NULL: done without */
	int *fds;
};

void cgroup_handle_free(struct cgroup_handle *handle)
{
	if (!handle)
		return;
	for (size_t i = 0; handle->fds && i < handle->plan->n_hierarchies; i++)
		fd_close(&handle->fds[i]);
	free(handle->fds);
	free(handle->paths.v);
	free(handle);
}

const struct cgroup_paths *cgroup_handle_paths(const struct cgroup_handle *handle)
{
	return &handle->paths;
}

int cgroup_v2_fd(const struct cgroup_handle *handle)
{
	for (size_t i = 0; i < handle->plan->n_hierarchies; i++)
		if (handle->plan->hierarchies[i].is_v2)
			return handle->fds[i];
	return -1;
}

int cgroup_handle_fd(const struct cgroup_handle *handle, size_t hierarchy)
{
	return handle->fds[hierarchy];
}

/* ---- making ---- */

static int cpusets_fill(const struct cgroup_handle *handle, bool leaf, struct err *err)
{
	for (size_t i = 0; i < handle->plan->n_hierarchies; i++) {
		const struct plan_cgroup_hierarchy *h = &handle->plan->hierarchies[i];

		if (!h->is_v2 && handle->fds[i] >= 0 &&
		    cgroup_has_controller(h->controllers, "cpuset"))
			TRY(cgroup_fill_cpuset(h, leaf, err));
	}
	return 0;
}

/* Joining a cgroup of others, or one that stops whoever comes in, surprises everybody. */
static int refuse_unfit(const struct plan_cgroup_hierarchy *h, int fd, bool is_new, struct err *err)
{
	struct cgroupfs_pids pids = { 0 };
	char state[32] = "";
	bool is_frozen;
	size_t n;

	if (h->is_v2)
		is_frozen = cgroupfs_event(fd, "frozen") == 1;
	else
		is_frozen = cgroup_has_controller(h->controllers, "freezer") &&
			    cgroupfs_read(fd, "freezer.state", state, sizeof(state)) >= 0 &&
			    strcmp(state, "THAWED") != 0;
	if (is_frozen) {
		err_set(err, EBUSY, "container's cgroup unexpectedly frozen");
		return err_path(err, h->dir);
	}
	if (is_new)
		return 0;
	cgroupfs_pids(fd, &pids);
	n = pids.n;
	free(pids.v);
	if (n == 0)
		return 0;
	err_set(err, EBUSY, "container's cgroup is not empty: %zu process(es) found", n);
	err_path(err, h->dir);
	return err_hint(err, "give each container a linux.cgroupsPath of its own");
}

static bool is_permission(int ret)
{
	return ret == -EPERM || ret == -EACCES || ret == -EROFS;
}

static int make_one(struct cgroup_handle *handle, size_t i, struct err *err)
{
	const struct plan_cgroup_hierarchy *h = &handle->plan->hierarchies[i];
	struct cgroup_path *path = &handle->paths.v[handle->paths.n];
	unsigned created = 0;
	int fd = cgroupfs_make(h->dir, strlen(h->mount), &created);

	if (fd < 0 && is_permission(fd) && h->is_optional)
		return 0;
	if (fd < 0) {
		err_errno(err, fd, "make cgroup '%s'", h->dir);
		if (is_permission(fd) && h->needed[0])
			err_wrap(err,
				 "cannot set %s limit: container could not join or create cgroup",
				 h->needed);
		if (is_permission(fd))
			err_hint(err, "who is not root makes cgroups only where root has delegated "
				      "them; without cgroupsPath and limits none is needed");
		return err_path(err, h->dir);
	}
	handle->fds[i] = fd;
	*path = (struct cgroup_path){ h->is_v2, h->controllers, h->dir, created };
	handle->paths.n++;
	/* A unit is new, and so is its cgroup: what is in it is there for us. */
	if (handle->unit && created == 0)
		path->created_levels = 1;
	TRY(refuse_unfit(h, fd, path->created_levels, err));
	if (!h->is_v2)
		return 0;
	TRY(cgroup_enable_controllers(h, fd, err));
	return handle->plan->has_owner ? cgroup_give(h, fd, handle->plan->owner, err) : 0;
}

static int make_all(struct cgroup_handle *handle, struct err *err)
{
	const struct plan_cgroup *plan = handle->plan;

	for (size_t i = 0; i < plan->n_hierarchies; i++)
		TRY(make_one(handle, i, err));
	/* A set must lie within its parent's; and what would be inherited could collide with
	 * exclusive sets, so that a value that is given comes first. */
	TRY(cpusets_fill(handle, false, err));
	TRY(cgroup_apply(handle, PLAN_CGROUP_JOIN, err));
	return cpusets_fill(handle, true, err);
}

/* NULL when there is no memory. */
static struct cgroup_handle *handle_new(const struct plan_cgroup *plan, struct err *err)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = calloc(1, sizeof(*handle));
	size_t n = plan->n_hierarchies;

	if (handle) {
		handle->plan = plan;
		handle->paths.v = calloc(n + 1, sizeof(*handle->paths.v));
		handle->fds = malloc((n + 1) * sizeof(*handle->fds));
		for (size_t i = 0; handle->fds && i < n; i++)
			handle->fds[i] = -1;
	}
	if (!handle || !handle->fds || !handle->paths.v) {
		err_set(err, ENOMEM, "no memory for %zu cgroups", n);
		return NULL;
	}
	return TAKE(handle);
}

int cgroup_create(const struct plan_cgroup *plan, struct unit *unit,
		  struct cgroup_handle **ret_handle, struct err *err)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = handle_new(plan, err);
	int ret;

	if (!handle)
		return -err->code;
	handle->unit = unit;
	ret = make_all(handle, err);
	if (ret < 0) {
		struct err ignored = { 0 };

		if (unit)
			unit_settle(unit);
		cgroup_remove(&handle->paths, true, &ignored);
		return ret;
	}
	*ret_handle = TAKE(handle);
	return 0;
}

int cgroup_open(const struct plan_cgroup *plan, struct cgroup_handle **ret_handle, struct err *err)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = handle_new(plan, err);

	if (!handle)
		return -err->code;
	for (size_t i = 0; i < plan->n_hierarchies; i++) {
		const struct plan_cgroup_hierarchy *h = &plan->hierarchies[i];

		handle->fds[i] = cgroupfs_open(AT_FDCWD, h->dir);
		if (handle->fds[i] >= 0 || !h->needed[0])
			continue;
		err_errno(err, handle->fds[i], "open cgroup '%s' for %s", h->dir, h->needed);
		return err_path(err, h->dir);
	}
	*ret_handle = TAKE(handle);
	return 0;
}

/* How many levels of @h's directory are not there, and so will be made. */
static int count_missing(const struct plan_cgroup_hierarchy *h, unsigned *ret_levels,
			 struct err *err)
{
	size_t len = strlen(h->dir), root_len = strlen(h->mount);
	char dir[4096];

	if (len >= sizeof(dir)) {
		err_set(err, ENAMETOOLONG, "look for cgroup '%s'", h->dir);
		return err_path(err, h->dir);
	}
	memcpy(dir, h->dir, len + 1);
	*ret_levels = 0;
	while (len > root_len && access(dir, F_OK) < 0) {
		/* Making it will tell why it cannot be reached, or do without. */
		if (is_permission(-errno))
			break;
		if (errno != ENOENT) {
			err_sys(err, "look for cgroup '%s'", dir);
			return err_path(err, h->dir);
		}
		++*ret_levels;
		while (len > root_len && dir[len] != '/')
			len--;
		dir[len] = '\0';
	}
	return 0;
}

int cgroup_plan_paths(const struct plan_cgroup *plan, struct cgroup_path *ret_v, struct err *err)
{
	for (size_t i = 0; i < plan->n_hierarchies; i++) {
		const struct plan_cgroup_hierarchy *h = &plan->hierarchies[i];

		ret_v[i] = (struct cgroup_path){ h->is_v2, h->controllers, h->dir, 0 };
		TRY(count_missing(h, &ret_v[i].created_levels, err));
	}
	return 0;
}

/* ---- values ---- */

/* Of processors and nodes a cgroup may have those of the one above, of their time a share. */
static void explain_refusal(int fd, const struct plan_cgroup_hierarchy *h,
			    const struct plan_cgroup_write *w, int ret, struct err *err)
{
	char file[64], above[128];

	snprintf(file, sizeof(file), "../%s%s", w->file, h->is_v2 ? ".effective" : "");
	if (strncmp(w->file, "cpuset.", strlen("cpuset.")) == 0 &&
	    cgroupfs_read(fd, file, above, sizeof(above)) > 0)
		err_hint(err, "the cgroup above has %s", above);
	else if (ret == -EINVAL && (strncmp(w->file, "cpu.cfs_", strlen("cpu.cfs_")) == 0 ||
				    strcmp(w->file, "cpu.max") == 0))
		err_hint(err,
			 "a quota is 1000 at least and not below the burst, a period 1000 to "
			 "1000000 (microseconds), and their ratio exceeds that of no cgroup above");
	else if (ret == -ENODEV && strcspn(w->value, ":") < strcspn(w->value, " "))
		err_hint(err, "this host has no block device %.*s: `lsblk` lists those that it has",
			 (int)strcspn(w->value, " "), w->value);
}

static int hint_usage(struct err *err)
{
	return err_hint(err, "the cgroup's processes use that much, and nothing of it can be taken "
			     "from them: the limit, in bytes, has to be above it");
}

/* An error about a value, with what the kernel holds against it where that helps. */
static int explain_write(int fd, const struct plan_cgroup_hierarchy *h,
			 const struct plan_cgroup_write *w, int ret, struct err *err)
{
	char usage[64], path[PATH_MAX];

	err_errno(err, ret, "write '%s' to '%s/%s'", w->value, h->dir, w->file);
	if (ret == -EBUSY && w->usage_file &&
	    cgroupfs_read(fd, w->usage_file, usage, sizeof(usage)) > 0) {
		err_set(err, EBUSY, "unable to set memory limit to %s (current usage: %s): %s",
			w->value, usage, strerror(EBUSY));
		hint_usage(err);
	}
	explain_refusal(fd, h, w, ret, err);
	snprintf(path, sizeof(path), "%s/%s", h->dir, w->file);
	if (ret == -EINVAL && (w->flags & PLAN_CGROUP_DEFER))
		err_hint(err, "the cgroup's other values do not allow it: memory must stay below "
			      "memory+swap, period and burst must fit the quota");
	if (ret == -ENOENT)
		err_hint(err, "this kernel has no such setting, or the controller is not enabled");
	err_path(err, path);
	return err_pointer(err, w->origin);
}

static int check_usage(int fd, const struct plan_cgroup_write *w, struct err *err)
{
	char text[64];
	unsigned long long usage, limit;

	if (cgroupfs_read(fd, w->usage_file, text, sizeof(text)) < 0 ||
	    sscanf(text, "%llu", &usage) != 1 || sscanf(w->value, "%llu", &limit) != 1)
		return 0;
	if (limit >= usage)
		return 0;
	err_at(err, w->origin, EBUSY, "rejecting memory limit %llu because of its usage: %llu",
	       limit, usage);
	return hint_usage(err);
}

int cgroup_check_usage(const struct plan_cgroup *plan, struct err *err)
{
	for (size_t i = 0; i < plan->n_writes; i++) {
		const struct plan_cgroup_write *w = &plan->writes[i];

		if (!(w->flags & PLAN_CGROUP_CHECK_USAGE))
			continue;
		AUTO_FD fd = cgroupfs_open(AT_FDCWD, plan->hierarchies[w->hierarchy].dir);
		if (fd >= 0)
			TRY(check_usage(fd, w, err));
	}
	return 0;
}

static int write_value(int fd, const struct plan_cgroup_write *w, struct cgroupfs_file *last)
{
	int ret = cgroupfs_write_again(last, fd, w->file, w->value);

	if (ret == -ENOENT && w->alt_file)
		ret = cgroupfs_write(fd, w->alt_file, w->alt_value);
	return ret == -ENOENT && (w->flags & PLAN_CGROUP_MAY_MISS) ? 0 : ret;
}

static int write_one(const struct cgroup_handle *handle, const struct plan_cgroup_write *w,
		     bool may_defer, struct cgroupfs_file *last, struct err *err)
{
	int fd = handle->fds[w->hierarchy];
	int ret;

	if (fd < 0) /* made without: only values that may be missed are left */
		return 0;
	if (w->flags & PLAN_CGROUP_CHECK_USAGE)
		TRY(check_usage(fd, w, err));
	ret = write_value(fd, w, last);
	if (ret == -EINVAL && may_defer && (w->flags & PLAN_CGROUP_DEFER))
		return 1;
	if (ret < 0)
		return explain_write(fd, &handle->plan->hierarchies[w->hierarchy], w, ret, err);
	return 0;
}

static int apply(const struct cgroup_handle *handle, enum plan_cgroup_phase phase,
		 struct cgroupfs_file *last, struct err *err)
{
	const struct plan_cgroup *plan = handle->plan;
	const struct plan_cgroup_write *deferred[DEFERRED_MAX];
	size_t n_deferred = 0;

	for (size_t i = 0; i < plan->n_writes; i++) {
		const struct plan_cgroup_write *w = &plan->writes[i];
		int ret;

		if (w->phase != phase)
			continue;
		ret = write_one(handle, w, n_deferred < DEFERRED_MAX, last, err);
		TRY(ret);
		if (ret > 0)
			deferred[n_deferred++] = w;
	}
	for (size_t i = 0; i < n_deferred; i++)
		TRY(write_one(handle, deferred[i], false, last, err));
	return 0;
}

/* Where v1 has no list of devices. */
static int restrict_devices(const struct cgroup_handle *handle, struct err *err)
{
	const struct plan_cgroup *plan = handle->plan;
	int fd = plan->n_devices ? handle->fds[plan->devices_hierarchy] : -1;

	if (fd < 0 || handle->unit) /* made without, nothing to restrict, or systemd does */
		return 0;
	if (device_filter_attach(fd, plan->devices, plan->n_devices, err) < 0)
		return err_path(err, plan->hierarchies[plan->devices_hierarchy].dir);
	return 0;
}

/*
 * Told of one property, systemd writes all that it knows of, some of it rounded: what was written
 * before is written again, and cannot be wrong. But rules for devices begin with a denial of all, and
 * there is a process now.
 */
static int finish_unit(const struct cgroup_handle *handle, struct cgroupfs_file *last,
		       struct err *err)
{
	const struct plan_cgroup *plan = handle->plan;

	TRY(unit_finish(handle->unit, err));
	for (size_t i = 0; unit_has_late_properties(plan->unit) && i < plan->n_writes; i++)
		if (plan->writes[i].phase == PLAN_CGROUP_SETUP &&
		    strncmp(plan->writes[i].file, "devices.", strlen("devices.")) != 0)
			(void)write_value(handle->fds[plan->writes[i].hierarchy], &plan->writes[i],
					  last);
	return 0;
}

int cgroup_apply(const struct cgroup_handle *handle, enum plan_cgroup_phase phase, struct err *err)
{
	/* The rules for devices, a dozen in most containers, go to one file. */
	struct cgroupfs_file last = CGROUPFS_FILE_NONE;
	int ret;

	if (handle->unit && phase == PLAN_CGROUP_LAST)
		TRY(finish_unit(handle, &last, err));
	ret = apply(handle, phase, &last, err);
	fd_close(&last.fd);
	return ret < 0 ? ret : phase == PLAN_CGROUP_SETUP ? restrict_devices(handle, err) : 0;
}

bool cgroup_has_writes(const struct cgroup_handle *handle, enum plan_cgroup_phase phase)
{
	for (size_t i = 0; i < handle->plan->n_writes; i++)
		if (handle->plan->writes[i].phase == phase)
			return true;
	return handle->unit && phase == PLAN_CGROUP_LAST &&
	       unit_has_late_properties(handle->plan->unit);
}

void cgroup_settle(const struct cgroup_handle *handle)
{
	if (handle->unit && handle->plan->n_hierarchies == 1)
		unit_settle(handle->unit);
}

/* ---- joining ---- */

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
	if (h->is_v2 && is_permission(ret) && handle->unit && joining->pid)
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

	if (is_v2 && is_permission(ret) && unit->name && attach(unit, dir, getpid(), &ignored) == 0)
		return 0;
	return ret;
}

int cgroup_join_paths_self(const struct cgroup_paths *paths, const struct unit_ref *unit,
			   const char *v2_fallback, struct err *err)
{
	for (size_t i = 0; i < paths->n; i++) {
		const struct cgroup_path *path = &paths->v[i];
		int ret = join_dir_self(path->dir, path->is_v2, unit);

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
