/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resctrl by directory descriptors. A class comes before the process; the process joins it before
 * its first step; a monitoring group lies in the class and is joined after it.
 */
#include "rdt.h"

#include "fd.h"
#include "io.h"
#include "mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DIR_MODE     0755
#define CONVENTIONAL "/sys/fs/resctrl"
#define SCHEMATA_MAX 65536
#define STATUS_MAX   256

DEFINE_AUTO(text, char *, free)

static int kernel_make_dir(int dir_fd, const char *name, mode_t mode)
{
	return mkdirat(dir_fd, name, mode) < 0 ? -errno : 0;
}

const struct rdt_ops rdt_kernel = { .make_dir = kernel_make_dir };

/* ---- the host ---- */

static bool is_resctrl(void *context, const struct mountinfo *mount)
{
	char *target = context;

	if (strcmp(mount->type, "resctrl") != 0 || strlen(mount->target) >= PATH_MAX)
		return false;
	strcpy(target, mount->target);
	return true;
}

static bool has_info(const char *mount, const char *resource)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/info/%s", mount, resource);
	return access(path, F_OK) == 0;
}

int rdt_find(struct arena *arena, struct host_rdt **ret_rdt, struct err *err)
{
	char mount[PATH_MAX] = CONVENTIONAL;
	struct statfs fs;
	int ret;

	*ret_rdt = NULL;
	/* The kernel makes this directory where it and the processor have what is asked for. */
	if (statfs(CONVENTIONAL, &fs) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "statfs " CONVENTIONAL);
	if (fs.f_type != RDTGROUP_SUPER_MAGIC &&
	    (ret = mountinfo_find(AT_FDCWD, MOUNTINFO_SELF, is_resctrl, mount)) <= 0)
		return ret ? err_errno(err, ret, "read " MOUNTINFO_SELF) : 0;
	*ret_rdt = ARENA_NEW(arena, struct host_rdt);
	(*ret_rdt)->mount = arena_strdup(arena, mount);
	(*ret_rdt)->has_l3 = has_info(mount, "L3");
	(*ret_rdt)->has_mb = has_info(mount, "MB");
	return 0;
}

struct rdt_paths rdt_plan_paths(const struct plan_rdt *plan)
{
	return (struct rdt_paths){
		.clos = plan->clos_dir,
		.mon = plan->mon_dir,
		/* spec: removed only if its name was not given, and if it was not there before. */
		.is_created = plan->is_own && access(plan->clos_dir, F_OK) < 0 && errno == ENOENT,
	};
}

/* ---- making ---- */

/* resctrl says in a file what the last call that failed did not like. */
static int err_rdt(struct err *err, int mount_fd, int ret, const char *what, const char *name)
{
	char status[STATUS_MAX];
	size_t len;

	err_errno(err, ret, "%s '%s'", what, name);
	len = strlen(err->text);
	if (io_read_small(mount_fd, "info/last_cmd_status", status, sizeof(status)) > 0 &&
	    strcmp(status, "ok") != 0)
		snprintf(err->text + len, sizeof(err->text) - len, " (last_cmd_status: %s)",
			 status);
	return -err->code;
}

/* @dir relative to the mount. */
static const char *below_mount(const struct plan_rdt *plan, const char *dir)
{
	const char *rest = dir + strlen(plan->mount);

	return *rest == '/' ? rest + 1 : ".";
}

/* 1 when it was made now, 0 when it was there. */
static int make_class(const struct rdt_ops *ops, int mount_fd, const struct plan_rdt *plan,
		      const struct rdt_paths *paths, struct err *err)
{
	const char *name = below_mount(plan, plan->clos_dir);
	int ret;

	if (plan->must_exist && faccessat(mount_fd, name, F_OK, 0) < 0) {
		err_sys(err,
			"clos dir not accessible (must be pre-created when schemata, "
			"l3CacheSchema and memBwSchema are empty): '%s'",
			plan->clos_dir);
		return err_pointer(err, plan->origin);
	}
	ret = strcmp(name, ".") == 0 ? -EEXIST : ops->make_dir(mount_fd, name, DIR_MODE);
	/* With a record that says it is ours, one that somebody else made would be removed. */
	if (ret == 0 || (ret == -EEXIST && !paths->is_created))
		return ret == 0;
	err_rdt(err, mount_fd, ret, "make the class of service", plan->clos_dir);
	return err_pointer(err, plan->origin);
}

static unsigned long bandwidth_gran(int mount_fd)
{
	char text[32];

	if (io_read_small(mount_fd, "info/MB/bandwidth_gran", text, sizeof(text)) <= 0)
		return 1;
	return strtoul(text, NULL, 10);
}

/* spec: a class that exists and is named has to be as config.json describes it. */
static int check_class(int mount_fd, int clos_fd, const struct plan_rdt *plan, struct err *err)
{
	char schemata[SCHEMATA_MAX];
	ssize_t len = io_read_small(clos_fd, "schemata", schemata, sizeof(schemata));
	unsigned long gran = bandwidth_gran(mount_fd);

	if (len < 0)
		return err_errno(err, (int)len, "read '%s/schemata'", plan->clos_dir);
	for (size_t i = 0; i < plan->n_lines; i++) {
		const struct plan_rdt_line *line = &plan->lines[i];

		if (!line->must_match || plan_rdt_matches(line->text, schemata, gran))
			continue;
		err_at(err, line->origin, EINVAL,
		       "'%s' is not what the class of service '%s' has: '%s'", line->text,
		       plan->clos_dir, schemata);
		return err_hint(err, "name another closID, or leave the schemata out");
	}
	return 0;
}

static int write_line(int mount_fd, int dir_fd, const char *line, struct err *err)
{
	AUTO(text) char *text = NULL;
	int ret;

	if (asprintf(&text, "%s\n", line) < 0) {
		text = NULL;
		return err_set(err, ENOMEM, "no memory for a line of schemata");
	}
	ret = io_write_file(dir_fd, "schemata", text);
	return ret < 0 ? err_rdt(err, mount_fd, ret, "write to schemata", line) : 0;
}

static int fill_class(const struct rdt_ops *ops, int mount_fd, const struct plan_rdt *plan,
		      bool is_new, struct err *err)
{
	AUTO_FD clos_fd = openat(mount_fd, below_mount(plan, plan->clos_dir),
				 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int ret;

	if (clos_fd < 0)
		return err_sys(err, "open the class of service '%s'", plan->clos_dir);
	if (!is_new && !plan->is_own)
		TRY(check_class(mount_fd, clos_fd, plan, err));
	for (size_t i = 0; i < plan->n_lines; i++)
		if (write_line(mount_fd, clos_fd, plan->lines[i].text, err) < 0)
			return err_pointer(err, plan->lines[i].origin);
	if (!plan->mon_dir)
		return 0;
	ret = ops->make_dir(mount_fd, below_mount(plan, plan->mon_dir), DIR_MODE);
	if (ret == 0 || ret == -EEXIST)
		return 0;
	err_rdt(err, mount_fd, ret, "make the monitoring group", plan->mon_dir);
	return err_pointer(err, "/linux/intelRdt/enableMonitoring");
}

int rdt_create(const struct rdt_ops *ops, int mount_fd, const struct plan_rdt *plan,
	       const struct rdt_paths *paths, struct err *err)
{
	int is_new = make_class(ops, mount_fd, plan, paths, err);
	int ret;

	TRY(is_new);
	ret = fill_class(ops, mount_fd, plan, is_new, err);
	if (ret < 0 && is_new)
		unlinkat(mount_fd, below_mount(plan, plan->clos_dir), AT_REMOVEDIR);
	return ret;
}

int rdt_make(const struct plan_rdt *plan, const struct rdt_paths *paths, struct err *err)
{
	AUTO_FD mount_fd = open(plan->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (mount_fd < 0)
		return err_sys(err, "open '%s'", plan->mount);
	if (rdt_create(&rdt_kernel, mount_fd, plan, paths, err) < 0)
		return err_pointer(err, plan->origin);
	return 0;
}

/* ---- what is there ---- */

static int join_one(const char *dir, const char *pid, struct err *err)
{
	AUTO_FD dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret;

	if (dir_fd < 0)
		return err_sys(err, "open '%s'", dir);
	ret = io_write_file(dir_fd, "tasks", pid);
	return ret < 0 ? err_errno(err, ret, "move process %s into '%s'", pid, dir) : 0;
}

int rdt_join(const struct rdt_paths *paths, pid_t pid, struct err *err)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	if (join_one(paths->clos, text, err) < 0 ||
	    (paths->mon && join_one(paths->mon, text, err) < 0))
		return err_pointer(err, "/linux/intelRdt");
	return 0;
}

static int check_update(const struct host_rdt *host, const struct rdt_paths *paths,
			const struct rdt_update *update, struct err *err)
{
	if (update->l3_cache_schema && (!host || !host->has_l3))
		return err_set(err, ENOTSUP, "Intel RDT/CAT: l3 cache schema is not enabled");
	if (update->mem_bw_schema && (!host || !host->has_mb))
		return err_set(err, ENOTSUP,
			       "Intel RDT/MBA: memory bandwidth schema is not enabled");
	if (paths->clos)
		return 0;
	err_set(err, ENOTSUP, "updating a non-existent Intel RDT configuration is not supported");
	return err_hint(err, "create the container with linux.intelRdt");
}

int rdt_write(const struct host_rdt *host, const struct rdt_paths *paths,
	      const struct rdt_update *update, char **ret_old, struct err *err)
{
	const char *lines[] = { update->l3_cache_schema, update->mem_bw_schema };
	AUTO_FD mount_fd = -1;
	AUTO_FD clos_fd = -1;
	char old[SCHEMATA_MAX];
	AUTO(text) char *copy = NULL;
	ssize_t len;

	TRY(check_update(host, paths, update, err));
	mount_fd = open(host->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	clos_fd = open(paths->clos, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mount_fd < 0 || clos_fd < 0)
		return err_sys(err, "open the class of service '%s'", paths->clos);
	len = io_read_small(clos_fd, "schemata", old, sizeof(old));
	if (len < 0)
		return err_errno(err, (int)len, "read '%s/schemata'", paths->clos);
	copy = strdup(old);
	if (!copy)
		return err_set(err, ENOMEM, "no memory for the schemata");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!lines[i] || write_line(mount_fd, clos_fd, lines[i], err) == 0)
			continue;
		rdt_write_back(paths, copy);
		return -err->code;
	}
	*ret_old = TAKE(copy);
	return 0;
}

void rdt_write_back(const struct rdt_paths *paths, const char *old)
{
	AUTO_FD clos_fd = open(paths->clos, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err ignored = { 0 };

	if (clos_fd >= 0)
		write_line(-1, clos_fd, old, &ignored);
}

static int remove_one(const char *dir, struct err *err)
{
	if (rmdir(dir) == 0 || errno == ENOENT)
		return 0;
	return err_sys(err, "unable to remove container's IntelRDT group '%s'", dir);
}

int rdt_remove(const struct rdt_paths *paths, struct err *err)
{
	if (paths->mon)
		TRY(remove_one(paths->mon, err));
	return paths->clos && paths->is_created ? remove_one(paths->clos, err) : 0;
}
