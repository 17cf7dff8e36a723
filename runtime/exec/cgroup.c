/* SPDX-License-Identifier: Apache-2.0 */
/* Making a container's cgroups. Their values are written by cgroup_values.c. */
#include "cgroup_handle.h"

#include "cgroup_prepare.h"
#include "cgroupfs.h"
#include "fd.h"
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

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

void cgroup_settle(const struct cgroup_handle *handle)
{
	if (handle->unit && handle->plan->n_hierarchies == 1)
		unit_settle(handle->unit);
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

int cgroup_check_free(const struct plan_cgroup *plan, struct err *err)
{
	for (size_t i = 0; i < plan->n_hierarchies; i++) {
		const struct plan_cgroup_hierarchy *h = &plan->hierarchies[i];
		AUTO_FD fd = cgroupfs_open(AT_FDCWD, h->dir);

		if (fd >= 0)
			TRY(refuse_unfit(h, fd, false, err));
	}
	return 0;
}

static int make_one(struct cgroup_handle *handle, size_t i, struct err *err)
{
	const struct plan_cgroup_hierarchy *h = &handle->plan->hierarchies[i];
	struct cgroup_path *path = &handle->paths.v[handle->paths.n];
	unsigned created = 0;
	int fd = cgroupfs_make(h->dir, strlen(h->mount), &created);

	if (fd < 0 && cgroup_is_refusal(fd) && h->is_optional)
		return 0;
	if (fd < 0) {
		err_errno(err, fd, "make cgroup '%s'", h->dir);
		if (cgroup_is_refusal(fd) && h->needed[0])
			err_wrap(err,
				 "cannot set %s limit: container could not join or create cgroup",
				 h->needed);
		if (cgroup_is_refusal(fd))
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
		if (cgroup_is_refusal(-errno))
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
