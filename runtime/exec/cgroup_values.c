/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the values of a container's cgroups, and saying why the kernel refused one. */
#include "cgroup_handle.h"

#include "cgroupfs.h"
#include "device_filter.h"
#include "fd.h"
#include "unit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* How many values of a phase can wait for later ones: the rows with PLAN_CGROUP_DEFER. */
#define DEFERRED_MAX 8

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
