/* SPDX-License-Identifier: Apache-2.0 */
/* setns(2), in an order that works with the privileges at hand. */
#include "join.h"

#include "cgroup.h"
#include "clone.h"
#include "fd.h"
#include "namespace_names.h"
#include "process_start.h"
#include "program_cause.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool join_needs_intermediate(const struct plan_namespaces *ns)
{
	bool owner_changes = ns->create & CLONE_NEWUSER;

	/* A new owner would have no right to enter what belongs to the old one. */
	return ns->needs_intermediate || (owner_changes && ns->join);
}

/* The word that config.json has for it. */
static const char *type_name(uint64_t clone_flag)
{
	const struct plan_ns_name *name = plan_ns_find(clone_flag);

	return name ? name->spec_name : "unknown";
}

static int open_one(const struct plan_ns *ns, struct err *err)
{
	AUTO_FD fd = open(ns->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int type;

	if (fd < 0) {
		char hint[ERR_HINT_MAX] = "";

		err_sys(err, "open the %s namespace '%s'", ns->name, ns->path);
		program_explain_path(ns->path, "on this host", hint);
		if (hint[0])
			err_hint(err, "%s", hint);
		return -err->code;
	}
	type = ioctl(fd, NS_GET_NSTYPE);
	if (type < 0)
		return err_set(err, EINVAL, "'%s' is not a namespace", ns->path);
	if ((uint64_t)type != ns->clone_flag)
		return err_set(err, EINVAL, "'%s' is a namespace of type %s, not of type %s",
			       ns->path, type_name((unsigned int)type), type_name(ns->clone_flag));
	return fd_take(&fd);
}

int join_open(const struct plan_namespaces *ns, struct join_fds *ret_fds, struct err *err)
{
	struct join_fds fds = JOIN_FDS_NONE;

	for (size_t i = 0; i < ns->n; i++) {
		if (!ns->v[i].path)
			continue;
		fds.v[i] = open_one(&ns->v[i], err);
		if (fds.v[i] < 0) {
			join_close(&fds);
			err_path(err, ns->v[i].path);
			return err_pointer(err, ns->v[i].origin);
		}
	}
	*ret_fds = fds;
	return 0;
}

void join_close(struct join_fds *fds)
{
	for (size_t i = 0; i < PLAN_NS_MAX; i++)
		fd_close(&fds->v[i]);
}

/* Enters all of @flags; those refused with EPERM are left in *@ret_refused when that is given. */
static int enter(const struct plan_namespaces *ns, const struct join_fds *fds, uint64_t flags,
		 uint64_t *ret_refused, struct err *err)
{
	for (size_t i = 0; i < ns->n; i++) {
		const struct plan_ns *one = &ns->v[i];

		if (fds->v[i] < 0 || !(one->clone_flag & flags))
			continue;
		if (setns(fds->v[i], (int)one->clone_flag) == 0)
			continue;
		if (errno == EPERM && ret_refused) {
			*ret_refused |= one->clone_flag;
			continue;
		}
		err_sys(err, "join the %s namespace '%s'", one->name, one->path);
		return err_pointer(err, one->origin);
	}
	return 0;
}

int join_enter(const struct plan_namespaces *ns, const struct join_fds *fds, struct err *err)
{
	uint64_t others = ns->join & ~(uint64_t)(CLONE_NEWUSER | CLONE_NEWNS);
	bool has_user = ns->join & CLONE_NEWUSER;
	uint64_t refused = 0;

	TRY(enter(ns, fds, others, has_user ? &refused : NULL, err));
	TRY(enter(ns, fds, CLONE_NEWUSER, NULL, err));
	TRY(enter(ns, fds, refused, NULL, err));
	return enter(ns, fds, CLONE_NEWNS, NULL, err);
}

int join_open_cgroup_v2(const struct join_target *target, const struct plan_process *process)
{
	const struct cgroup_paths *paths = target->cgroups;

	if (process->initial_cpus || target->cgroup_v2_fallback)
		return -1;
	for (size_t i = 0; i < paths->n; i++)
		if (paths->v[i].is_v2)
			return open(paths->v[i].dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return -1;
}

int join_container(const struct join_target *target, const struct plan_process *process,
		   bool is_in_v2, struct err *err)
{
	/* The paths of cgroups are the host's: they come first. */
	TRY(process_set_initial_cpus(process, err));
	TRY(cgroup_join_paths_self(target->cgroups, target->unit, is_in_v2,
				   target->cgroup_v2_fallback, err));
	TRY(process_set_final_cpus(process, err));
	if (target->namespaces && setns(target->pidfd, (int)target->namespaces) < 0) {
		if (errno == ESRCH)
			return err_set(err, ESRCH, "container not running: its init has ended");
		return err_sys(err, "join the namespaces of the container");
	}
	if (target->root_fd >= 0 && (fchdir(target->root_fd) < 0 || chroot(".") < 0))
		return err_sys(err, "enter the container's root");
	return 0;
}

bool join_target_needs_intermediate(const struct join_target *target)
{
	return target->namespaces & (CLONE_NEWPID | CLONE_NEWTIME);
}
