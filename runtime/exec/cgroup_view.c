/* SPDX-License-Identifier: Apache-2.0 */
/* The container's view of its cgroups, per hierarchy. */
#include "cgroup_view.h"

#include "fd.h"
#include "plan_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTROLLERS_MAX 256

/* The v1 filesystem's options: each controller is a flag, a named hierarchy has none. */
static int set_controllers(const struct mount_ops *ops, int fs_fd, const char *controllers)
{
	char word[CONTROLLERS_MAX];

	while (*controllers) {
		size_t len = strcspn(controllers, ",");

		snprintf(word, sizeof(word), "%.*s", (int)len, controllers);
		if (strncmp(word, "name=", 5) == 0) {
			if (ops->fs_set(fs_fd, "none", NULL) < 0 ||
			    ops->fs_set(fs_fd, "name", word + 5) < 0)
				return -1;
		} else if (ops->fs_set(fs_fd, word, NULL) < 0) {
			return -1;
		}
		controllers += len + (controllers[len] == ',');
	}
	return 0;
}

/* A mount of the hierarchy, detached; its root is what the cgroup namespace says. */
static int mount_hierarchy(const struct mount_context *ctx,
			   const struct plan_cgroup_hierarchy *hierarchy, uint64_t attr,
			   struct err *err)
{
	AUTO_FD fs_fd = ctx->ops->fs_open(hierarchy->is_v2 ? "cgroup2" : "cgroup");
	int mnt_fd;

	if (fs_fd < 0)
		return err_sys(err, "fsopen of the hierarchy %s", hierarchy->mount);
	if (!hierarchy->is_v2 && set_controllers(ctx->ops, fs_fd, hierarchy->controllers) < 0)
		return err_sys(err, "choose the controllers %s", hierarchy->controllers);
	if (ctx->ops->fs_create(fs_fd) < 0)
		return err_sys(err, "open the hierarchy %s", hierarchy->mount);
	mnt_fd = ctx->ops->fs_mount(fs_fd, (unsigned int)attr);
	return mnt_fd < 0 ? err_sys(err, "fsmount of the hierarchy %s", hierarchy->mount) : mnt_fd;
}

/* The container's directory of the hierarchy, detached; that of the caller where it has no other. */
static int bind_hierarchy(const struct mount_context *ctx,
			  const struct plan_cgroup_hierarchy *hierarchy, uint64_t attr,
			  struct err *err)
{
	/* What is a field, not a bit, can only be replaced as a whole. */
	struct mount_attr flags = {
		.attr_set = attr,
		.attr_clr = attr & MOUNT_ATTR__ATIME ? MOUNT_ATTR__ATIME : 0,
	};
	AUTO_FD mnt_fd = ctx->ops->tree_clone(AT_FDCWD, hierarchy->dir, false);

	if (mnt_fd < 0 && errno == ENOENT && hierarchy->own_dir)
		mnt_fd = ctx->ops->tree_clone(AT_FDCWD, hierarchy->own_dir, false);
	if (mnt_fd < 0)
		return err_sys(err, "open the cgroup '%s'", hierarchy->dir);
	if (attr && ctx->ops->set_attr(mnt_fd, false, &flags) < 0)
		return err_sys(err, "mount_setattr of the cgroup '%s'", hierarchy->dir);
	return fd_take(&mnt_fd);
}

static int open_hierarchy(const struct mount_context *ctx,
			  const struct plan_cgroup_hierarchy *hierarchy, uint64_t attr,
			  struct err *err)
{
	return ctx->has_cgroup_ns ? mount_hierarchy(ctx, hierarchy, attr, err)
				  : bind_hierarchy(ctx, hierarchy, attr, err);
}

/* One directory of the tmpfs, named as on the host, with the hierarchy on it. */
static int mount_in_tmpfs(const struct mount_context *ctx, int tmpfs_fd,
			  const struct plan_cgroup_hierarchy *hierarchy, uint64_t attr,
			  struct err *err)
{
	const char *name = strrchr(hierarchy->mount, '/');
	AUTO_FD mnt_fd = open_hierarchy(ctx, hierarchy, attr, err);
	AUTO_FD target_fd = -1;

	TRY(mnt_fd);
	name = name ? name + 1 : hierarchy->mount;
	if (mkdirat(tmpfs_fd, name, 0755) < 0 && errno != EEXIST)
		return err_sys(err, "make the directory '%s'", name);
	target_fd = openat(tmpfs_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (target_fd < 0)
		return err_sys(err, "open the directory '%s'", name);
	return mount_attach(ctx->ops, mnt_fd, target_fd, name, err);
}

/* cpu -> cpu,cpuacct and the like: programs look for a controller by its own name. */
static int link_controllers(int tmpfs_fd, const struct plan_cgroup_hierarchy *hierarchy,
			    struct err *err)
{
	const char *name = strrchr(hierarchy->mount, '/');
	const char *controllers = hierarchy->controllers;
	char word[CONTROLLERS_MAX];

	name = name ? name + 1 : hierarchy->mount;
	if (hierarchy->is_v2 || !strchr(controllers, ','))
		return 0;
	while (*controllers) {
		size_t len = strcspn(controllers, ",");

		snprintf(word, sizeof(word), "%.*s", (int)len, controllers);
		if (symlinkat(name, tmpfs_fd, word) < 0 && errno != EEXIST)
			return err_sys(err, "make the link '%s'", word);
		controllers += len + (controllers[len] == ',');
	}
	return 0;
}

static int open_tmpfs(const struct mount_context *ctx, uint64_t attr, struct err *err)
{
	AUTO_FD fs_fd = ctx->ops->fs_open("tmpfs");
	int mnt_fd;

	if (fs_fd < 0 || ctx->ops->fs_set(fs_fd, "mode", "755") < 0 ||
	    ctx->ops->fs_create(fs_fd) < 0)
		return err_sys(err, "create the tmpfs that holds the hierarchies");
	mnt_fd = ctx->ops->fs_mount(fs_fd, (unsigned int)attr);
	return mnt_fd < 0 ? err_sys(err, "fsmount of the tmpfs") : mnt_fd;
}

static int mount_v1(const struct mount_context *ctx, const struct plan_mount *mount, int target_fd,
		    struct err *err)
{
	struct mount_attr readonly = { .attr_set = mount->attr_set & MOUNT_ATTR_RDONLY };
	AUTO_FD tmpfs_fd = open_tmpfs(ctx, mount->attr_set & ~(uint64_t)MOUNT_ATTR_RDONLY, err);

	TRY(tmpfs_fd);
	/* Attached before its directories are: a detached tree takes no mounts before Linux 6.15. */
	TRY(mount_attach(ctx->ops, tmpfs_fd, target_fd, mount->target, err));
	for (size_t i = 0; i < ctx->cgroup->n_hierarchies; i++) {
		TRY(mount_in_tmpfs(ctx, tmpfs_fd, &ctx->cgroup->hierarchies[i], mount->attr_set,
				   err));
		TRY(link_controllers(tmpfs_fd, &ctx->cgroup->hierarchies[i], err));
	}
	if (readonly.attr_set && ctx->ops->set_attr(tmpfs_fd, false, &readonly) < 0)
		return err_sys(err, "make the tmpfs read-only");
	return fd_take(&tmpfs_fd);
}

int cgroup_view_check(const struct mount_context *ctx, struct err *err)
{
	if (ctx->cgroup && ctx->cgroup->n_hierarchies > 0)
		return 0;
	err_set(err, ENOTSUP, "there is no cgroup to show: this host has no cgroup hierarchies");
	return err_hint(err, "drop the mount, or mount cgroups on the host");
}

int cgroup_view_mount(const struct mount_context *ctx, const struct plan_mount *mount,
		      int target_fd, struct err *err)
{
	const struct plan_cgroup *cgroup = ctx->cgroup;
	AUTO_FD mnt_fd = -1;

	if (cgroup->n_hierarchies > 1 || !cgroup->hierarchies[0].is_v2)
		return mount_v1(ctx, mount, target_fd, err);
	mnt_fd = open_hierarchy(ctx, &cgroup->hierarchies[0], mount->attr_set, err);
	TRY(mnt_fd);
	TRY(mount_attach(ctx->ops, mnt_fd, target_fd, mount->target, err));
	return fd_take(&mnt_fd);
}
