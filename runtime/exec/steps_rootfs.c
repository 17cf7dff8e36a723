/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of child.c that build the root file system, in their order. */
#include "steps.h"

#include "bound_root.h"
#include "fd.h"
#include "mount.h"
#include "rootfs.h"
#include "rootpath.h"
#include "sync.h"

#include <sched.h>

/* In a mount namespace of others: known to the parent before it is there, or nobody would undo it. */
static int attach_bound(struct init *init, struct err *err)
{
	const struct mount_ops *ops = init->child->mount_ops;
	const struct plan_rootfs *rootfs = &init->plan->rootfs;
	int sync_fd = init->child->sync_fd;
	AUTO_FD place_fd = -1;
	AUTO_FD tree_fd = -1;

	TRY(bound_root_open(ops, rootfs, &place_fd, &tree_fd, err));
	TRY(sync_send(sync_fd, SYNC_ROOT_MOUNT, 0, tree_fd, err));
	TRY(sync_expect(sync_fd, SYNC_ROOT_RECORDED, err));
	TRY(bound_root_attach(ops, rootfs, place_fd, tree_fd, err));
	init->root_fd = fd_take(&tree_fd);
	return 0;
}

int step_attach_rootfs(struct init *init, struct err *err)
{
	const struct mount_ops *ops = init->child->mount_ops;
	const struct plan_rootfs *rootfs = &init->plan->rootfs;

	TRY(rootfs_isolate(rootfs, err));
	TRY(mount_open_root_sources(ops, rootfs, init->child->mount_fds, err));
	if (rootfs->is_bound)
		return attach_bound(init, err);
	return rootfs_attach(ops, rootfs, init->child->rootfs_fd, &init->root_fd, err);
}

/* The superuser of a user namespace may not: the parent does, and says when it has. */
static int map_mount_ids(void *context, const struct plan_mount *mount, int mnt_fd, struct err *err)
{
	struct init *init = context;
	int32_t index = (int32_t)(mount - init->plan->rootfs.mounts);

	TRY(sync_send(init->child->sync_fd, SYNC_MAP_MOUNT, index, mnt_fd, err));
	return sync_expect(init->child->sync_fd, SYNC_MOUNT_MAPPED, err);
}

int step_make_mounts(struct init *init, struct err *err)
{
	const struct plan_rootfs *rootfs = &init->plan->rootfs;
	const struct mount_context ctx = {
		.ops = init->child->mount_ops,
		.root_fd = init->root_fd,
		.cgroup = init->plan->shown_cgroup,
		.has_cgroup_ns = (init->plan->ns.create | init->plan->ns.join) & CLONE_NEWCGROUP,
		.label = rootfs->mount_label,
		.label_option = rootfs->label_option,
		.map_ids = map_mount_ids,
		.context = init,
	};

	for (size_t i = 0; i < rootfs->n_mounts; i++)
		TRY(TRACED(init->child->trace, "mount", rootfs->mounts[i].target,
			   mount_exec(&ctx, &rootfs->mounts[i], &init->child->mount_fds[i], err)));
	return 0;
}

int step_make_devices(struct init *init, struct err *err)
{
	return rootfs_make_devices(init->child->mount_ops, &init->plan->rootfs, init->root_fd, err);
}

int step_make_cwd(struct init *init, struct err *err)
{
	AUTO_FD fd = rootpath_make_dir(init->root_fd, init->plan->process.cwd, 0755);

	/* What stands in the way is told when the directory is entered, as the container's user. */
	(void)err;
	(void)fd;
	return 0;
}

int step_protect_paths(struct init *init, struct err *err)
{
	return rootfs_protect_paths(init->child->mount_ops, &init->plan->rootfs, init->root_fd,
				    err);
}

int step_make_readonly(struct init *init, struct err *err)
{
	const struct plan_rootfs *rootfs = &init->plan->rootfs;

	for (size_t i = 0; i < rootfs->n_mounts; i++)
		TRY(mount_finish(init->child->mount_ops, &rootfs->mounts[i],
				 init->child->mount_fds[i], err));
	return rootfs_make_readonly(init->child->mount_ops, &init->plan->rootfs, init->root_fd,
				    err);
}

int step_enter_rootfs(struct init *init, struct err *err)
{
	return rootfs_enter(init->child->mount_ops, &init->plan->rootfs, init->root_fd, err);
}
