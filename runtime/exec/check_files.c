/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the host that a plan names. */
#include "check.h"

#include "fd.h"
#include "io.h"
#include "namespace_names.h"
#include "plan_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_root(const struct check *check)
{
	const char *path = check->plan->rootfs.path;
	struct stat st;

	if (!path || check->plan->ns.join & CLONE_NEWNS) /* looked up in there */
		return;
	if (stat(path, &st) < 0)
		problem_error(check->sink, "/root/path", "it is relative to the bundle",
			      "the root file system '%s': %s", path, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		problem_error(check->sink, "/root/path", NULL,
			      "the root file system '%s' is no directory", path);
}

static void check_sources(const struct check *check)
{
	const struct plan_rootfs *rootfs = &check->plan->rootfs;

	if (check->plan->ns.join & CLONE_NEWNS)
		return;
	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];

		if (mount->kind == PLAN_MOUNT_BIND && access(mount->source, F_OK) < 0)
			problem_error(check->sink, mount->origin, NULL, "the source '%s': %s",
				      mount->source, strerror(errno));
	}
}

static void check_namespaces(const struct check *check)
{
	const struct plan_namespaces *ns = &check->plan->ns;

	for (size_t i = 0; i < ns->n; i++) {
		const struct plan_ns *one = &ns->v[i];
		AUTO_FD fd = one->path ? open(one->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
		const struct plan_ns_name *is;
		int type;

		if (!one->path)
			continue;
		if (fd < 0) {
			problem_error(check->sink, one->origin, NULL, "the namespace '%s': %s",
				      one->path, strerror(errno));
			continue;
		}
		type = ioctl(fd, NS_GET_NSTYPE);
		is = type < 0 ? NULL : plan_ns_find((uint64_t)type);
		if (!is)
			problem_error(check->sink, one->origin, NULL, "'%s' is no namespace",
				      one->path);
		else if (is->clone_flag != one->clone_flag)
			problem_error(check->sink, one->origin, NULL,
				      "'%s' is a namespace of type %s, not %s", one->path,
				      is->spec_name, plan_ns_find(one->clone_flag)->spec_name);
	}
}

/* A startContainer hook is a program of the container, which may be in one of its mounts. */
static void check_hooks(const struct check *check)
{
	for (size_t kind = 0; kind < PLAN_HOOK_KINDS; kind++) {
		const struct plan_hooks *hooks = &check->plan->hooks[kind];

		for (size_t i = 0; i < hooks->n && kind != PLAN_HOOK_START_CONTAINER; i++) {
			const struct plan_hook *hook = &hooks->v[i];
			struct stat st;

			if (access(hook->path, X_OK) < 0 || stat(hook->path, &st) < 0)
				problem_error(check->sink, hook->origin, NULL, "the hook '%s': %s",
					      hook->path, strerror(errno));
			else if (!S_ISREG(st.st_mode))
				problem_error(check->sink, hook->origin, NULL,
					      "the hook '%s' is no file", hook->path);
		}
	}
}

/* A cgroup that holds processes belongs to somebody. */
static void check_cgroups(const struct check *check)
{
	const struct plan_cgroup *cgroup = check->plan->cgroup;

	for (size_t i = 0; cgroup && i < cgroup->n_hierarchies; i++) {
		char path[4096], pids[64];

		snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup->hierarchies[i].dir);
		if (io_read_small(AT_FDCWD, path, pids, sizeof(pids)) <= 0)
			continue;
		problem_error(check->sink, "/linux/cgroupsPath", "choose another path",
			      "the cgroup '%s' holds processes already",
			      cgroup->hierarchies[i].dir);
		return;
	}
}

void check_files(const struct check *check)
{
	check_root(check);
	check_sources(check);
	check_namespaces(check);
	check_hooks(check);
	check_cgroups(check);
}
