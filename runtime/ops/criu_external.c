/* SPDX-License-Identifier: Apache-2.0 */
/* From a plan to criu's options. */
#include "criu_external.h"

#include "criu.h"
#include "fd.h"
#include "plan_cgroup.h"
#include "rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_LEVEL       4 /* what its authors ask for when something has failed */
#define CONFIG_KEY      "org.criu.config"
#define CONFIG_DEFAULT  "/etc/criu/runc.conf"
#define MASK            "/dev/null"
#define BYTES_PER_MOUNT (PATH_MAX + 512)

/* One mount from outside. */
struct external {
	const char *target, *name, *source;
	bool is_mask;
};
struct externals {
	size_t n;
	struct external *v;
};

static size_t count_externals(const struct plan *plan)
{
	const struct plan_rootfs *rootfs = &plan->rootfs;
	size_t n_hierarchies = plan->shown_cgroup ? plan->shown_cgroup->n_hierarchies : 0;

	return rootfs->n_mounts * (1 + n_hierarchies) + rootfs->n_devices + rootfs->n_masked;
}

int criu_check_root(bool is_bound, struct err *err)
{
	if (!is_bound)
		return 0;
	err_at(err, "/linux/namespaces", ENOTSUP,
	       "a container with mounts in a mount namespace that is not its own cannot be "
	       "checkpointed or restored");
	return err_hint(err, "add {\"type\": \"mount\"} without \"path\"");
}

size_t criu_external_bytes(const struct plan *plan)
{
	return 65536 + count_externals(plan) * BYTES_PER_MOUNT;
}

/* ---- options ---- */

/* An annotation names another file of options, or with an empty value none. */
static const char *config_file(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_annotations; i++)
		if (strcmp(plan->annotations[i].key, CONFIG_KEY) == 0)
			return plan->annotations[i].value[0] ? plan->annotations[i].value : NULL;
	return CONFIG_DEFAULT;
}

void criu_set_common(const struct ops_criu_options *options, const struct criu_dirs *dirs,
		     const struct plan *plan, struct criu_opts *opts)
{
	static const enum criu_cgroup_mode modes[] = {
		[OPS_CGROUPS_DEFAULT] = CRIU_CGROUP_DEFAULT,
		[OPS_CGROUPS_SOFT] = CRIU_CGROUP_SOFT,
		[OPS_CGROUPS_FULL] = CRIU_CGROUP_FULL,
		[OPS_CGROUPS_STRICT] = CRIU_CGROUP_STRICT,
		[OPS_CGROUPS_IGNORE] = CRIU_CGROUP_IGNORE,
	};

	opts->images_dir_fd = dirs->image_fd;
	opts->work_dir_fd = dirs->work_fd;
	opts->log_file = dirs->log;
	opts->log_level = LOG_LEVEL;
	opts->config_file = config_file(plan);
	opts->cgroup_mode = (int32_t)modes[options->cgroups_mode];
	opts->manage_cgroups = true;
	opts->notify_scripts = true;
	opts->orphan_pts_master = true;
	/* Interfaces and addresses are made by who runs the runtime. */
	opts->empty_ns = CLONE_NEWNET;
	opts->auto_dedup = options->auto_dedup;
	opts->ext_unix_sk = options->ext_unix_sk;
	opts->file_locks = options->file_locks;
	opts->lazy_pages = options->lazy_pages;
	opts->link_remap = options->link_remap;
	opts->shell_job = options->shell_job;
	opts->tcp_established = options->tcp_established;
}

/* ---- mounts ---- */

static void add(struct externals *externals, const char *target, const char *source)
{
	externals->v[externals->n++] = (struct external){ target, target, source, false };
}

/* Without a cgroup namespace the hierarchies are bind mounts: see exec/cgroup_view.c. */
static void add_cgroup_view(struct arena *arena, const struct plan *plan, const char *target,
			    struct externals *externals)
{
	const struct plan_cgroup *cgroup = plan->shown_cgroup;

	if (!cgroup || ((plan->ns.create | plan->ns.join) & CLONE_NEWCGROUP))
		return;
	if (cgroup->n_hierarchies == 1 && cgroup->hierarchies[0].is_v2) {
		add(externals, target, cgroup->hierarchies[0].dir);
		return;
	}
	for (size_t i = 0; i < cgroup->n_hierarchies; i++) {
		const struct plan_cgroup_hierarchy *hierarchy = &cgroup->hierarchies[i];
		const char *name = strrchr(hierarchy->mount, '/');

		add(externals, arena_printf(arena, "%s/%s", target, name ? name + 1 : ""),
		    hierarchy->dir);
	}
}

static void find_externals(struct arena *arena, const struct plan *plan,
			   struct externals *externals)
{
	const struct plan_rootfs *rootfs = &plan->rootfs;

	externals->n = 0;
	externals->v = ARENA_ARRAY(arena, struct external, count_externals(plan));
	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];

		if (mount->kind == PLAN_MOUNT_BIND)
			add(externals, mount->target, mount->source);
		else if (mount->kind == PLAN_MOUNT_CGROUP)
			add_cgroup_view(arena, plan, mount->target, externals);
	}
	/* Bind mounts where nodes could not be made; elsewhere nothing is mounted there. */
	for (size_t i = 0; i < rootfs->n_devices; i++)
		add(externals, rootfs->devices[i].path, rootfs->devices[i].path);
	for (size_t i = 0; i < rootfs->n_masked; i++)
		externals->v[externals->n++] =
			(struct external){ rootfs->masked[i].path, MASK, MASK, true };
}

/* Where the target lies, as the kernel knows it; NULL when there is no such thing (any more). */
static const char *find_target(struct arena *arena, const struct external *external, int root_fd)
{
	AUTO_FD fd = rootpath_open(root_fd, external->target, O_PATH);
	char link[64], path[PATH_MAX];
	struct stat st;
	ssize_t len;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	/* Directories are masked with a file system of the container's own. */
	if (external->is_mask && S_ISDIR(st.st_mode))
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path));
	return len > 0 && len < (ssize_t)sizeof(path) ? arena_strndup(arena, path, (size_t)len)
						      : NULL;
}

int criu_dump_mounts(struct arena *arena, const struct plan *plan, int root_fd,
		     struct criu_opts *opts, struct err *err)
{
	struct criu_pairs *pairs = &opts->ext_mounts;
	struct externals externals;

	if (access("/proc/self/fd", X_OK) < 0)
		return err_sys(err, "look into /proc/self/fd");
	find_externals(arena, plan, &externals);
	pairs->v = ARENA_ARRAY(arena, struct criu_pair, externals.n);
	for (size_t i = 0; i < externals.n; i++) {
		const char *target = find_target(arena, &externals.v[i], root_fd);

		if (target)
			pairs->v[pairs->n++] = (struct criu_pair){ target, externals.v[i].name };
	}
	return 0;
}

void criu_restore_mounts(struct arena *arena, const struct plan *plan, struct criu_opts *opts)
{
	struct criu_pairs *pairs = &opts->ext_mounts;
	struct externals externals;
	bool has_mask = false;

	find_externals(arena, plan, &externals);
	pairs->v = ARENA_ARRAY(arena, struct criu_pair, externals.n);
	for (size_t i = 0; i < externals.n; i++) {
		const struct external *external = &externals.v[i];

		/* All masks have one name. */
		if (external->is_mask && has_mask)
			continue;
		has_mask |= external->is_mask;
		pairs->v[pairs->n++] = (struct criu_pair){ external->name, external->source };
	}
}

/* ---- namespaces ---- */

/* What CRIU can leave alone, and what images of runc call it. */
static const char *external_key(const struct plan_ns *ns)
{
	switch (ns->clone_flag) {
	case CLONE_NEWNET:
		return "extRootNetNS";
	case CLONE_NEWPID:
		return "extRootPidNS";
	default:
		return NULL;
	}
}

int criu_dump_namespaces(struct arena *arena, const struct plan *plan, pid_t pid,
			 struct criu_opts *opts, struct err *err)
{
	for (size_t i = 0; i < plan->ns.n; i++) {
		const struct plan_ns *ns = &plan->ns.v[i];
		const char *key = external_key(ns);
		char path[64];
		struct stat st;

		if (!ns->path || !key)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, ns->name);
		if (stat(path, &st) < 0)
			return err_sys(err, "stat '%s'", path);
		opts->external.v[opts->external.n++] = arena_printf(
			arena, "%s[%llu]:%s", ns->name, (unsigned long long)st.st_ino, key);
	}
	return 0;
}

int criu_restore_namespaces(struct arena *arena, const struct plan *plan,
			    const struct join_fds *joined, struct criu_opts *opts, int *ret_fds,
			    size_t *ret_n, struct err *err)
{
	struct criu_inherit_fds *inherit = &opts->inherit_fds;
	struct criu_pairs *join = &opts->join_ns;
	size_t n = 0;

	join->v = ARENA_ARRAY(arena, struct criu_pair, plan->ns.n);
	for (size_t i = 0; i < plan->ns.n; i++) {
		const struct plan_ns *ns = &plan->ns.v[i];
		const char *key = external_key(ns);

		if (!ns->path)
			continue;
		if (ns->clone_flag == CLONE_NEWCGROUP)
			return err_at(err, ns->origin, ENOTSUP,
				      "criu cannot restore into an existing cgroup namespace");
		if (!key) {
			join->v[join->n++] = (struct criu_pair){ ns->name, ns->path };
			continue;
		}
		inherit->v[inherit->n++] = (struct criu_inherit_fd){ key, CRIU_FIRST_FD + (int)n };
		ret_fds[n++] = joined->v[i];
	}
	*ret_n = n;
	return 0;
}
