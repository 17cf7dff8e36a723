/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount executor: sources and targets are descriptors, targets are resolved inside the
 * container's root by the kernel. A mount is complete (filesystem, options) before it is attached,
 * so that no state in between is ever visible.
 */
#include "mount.h"

#include "cgroup_view.h"
#include "copy_up.h"
#include "fd.h"
#include "mount_cause.h"
#include "mount_legacy.h"
#include "rootpath.h"
#include "target_cause.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

/* Describes a failed filesystem context by errno and what the kernel said in it. */
static int err_fs(struct err *err, int fs_fd, const char *what, const char *name)
{
	int errnum = errno;
	char messages[512];

	mount_fs_log(fs_fd, messages, sizeof(messages));
	errno = errnum;
	if (messages[0])
		return err_set(err, errnum, "%s '%s': %s (%s)", what, name, strerror(errnum),
			       messages);
	return err_sys(err, "%s '%s'", what, name);
}

int mount_attach(const struct mount_ops *ops, int mnt_fd, int target_fd, const char *target,
		 struct err *err)
{
	if (ops->attach(mnt_fd, target_fd) < 0)
		return err_sys(err, "move_mount to '%s'", target);
	return 0;
}

static int set_attributes(const struct mount_ops *ops, int mnt_fd, const struct plan_mount *mount,
			  struct err *err)
{
	struct mount_attr own = { .attr_set = mount->attr_set, .attr_clr = mount->attr_clear };
	struct mount_attr all = {
		.attr_set = mount->rec_attr_set,
		.attr_clr = mount->rec_attr_clear,
	};

	if ((all.attr_set || all.attr_clr) && ops->set_attr(mnt_fd, true, &all) < 0)
		return err_sys(err, "mount_setattr, recursively");
	if ((own.attr_set || own.attr_clr) && ops->set_attr(mnt_fd, false, &own) < 0)
		return err_sys(err, "mount_setattr");
	return 0;
}

static int set_propagation(const struct mount_ops *ops, int mnt_fd, const struct plan_mount *mount,
			   struct err *err)
{
	struct mount_attr attr = { .propagation = mount->propagation };

	if (mount->propagation && ops->set_attr(mnt_fd, mount->rec_propagation, &attr) < 0)
		return err_sys(err, "set the propagation");
	return 0;
}

/* As other runtimes do it: a tmpfs is as open as the directory that it covers, or -1: as /tmp. */
static int set_tmpfs_mode(const struct mount_context *ctx, const struct plan_mount *mount,
			  int covered_fd, int fs_fd, struct err *err)
{
	struct stat st;
	char mode[16];

	if (covered_fd < 0 || strcmp(mount->type, "tmpfs") != 0)
		return 0;
	for (size_t i = 0; i < mount->n_params; i++)
		if (strcmp(mount->params[i].key, "mode") == 0)
			return 0;
	if (fstat(covered_fd, &st) < 0)
		return err_sys(err, "stat '%s' in the container", mount->target);
	snprintf(mode, sizeof(mode), "%o", st.st_mode & 07777);
	if (ctx->ops->fs_set(fs_fd, "mode", mode) < 0)
		return err_fs(err, fs_fd, "set option", "mode");
	return 0;
}

/* A new instance of a filesystem, detached. fd or -errno. */
static int new_filesystem(const struct mount_context *ctx, const struct plan_mount *mount,
			  int covered_fd, struct err *err)
{
	AUTO_FD fs_fd = ctx->ops->fs_open(mount->type);
	int mnt_fd;

	if (fs_fd < 0) {
		err_sys(err, "fsopen '%s'", mount->type);
		return mount_explain_new(mount, err);
	}
	if (mount->source && ctx->ops->fs_set(fs_fd, "source", mount->source) < 0)
		return err_fs(err, fs_fd, "set source", mount->source);
	for (size_t i = 0; i < mount->n_params; i++) {
		const struct plan_fs_param *param = &mount->params[i];

		if (ctx->ops->fs_set(fs_fd, param->key, param->value) < 0) {
			err_fs(err, fs_fd, "set option", param->key);
			return mount_explain_param(mount, param, err);
		}
	}
	TRY(set_tmpfs_mode(ctx, mount, covered_fd, fs_fd, err));
	if (ctx->label && ctx->ops->fs_set(fs_fd, ctx->label_option, ctx->label) < 0) {
		err_fs(err, fs_fd, "set context", ctx->label);
		return mount_explain_label(err);
	}
	if (ctx->ops->fs_create(fs_fd) < 0) {
		err_fs(err, fs_fd, "create filesystem", mount->type);
		return mount_explain_new(mount, err);
	}
	mnt_fd = ctx->ops->fs_mount(fs_fd, 0);
	if (mnt_fd >= 0)
		return mnt_fd;
	err_fs(err, fs_fd, "fsmount", mount->type);
	return mount_explain_new(mount, err);
}

/* A tmpfs on a directory that was not there before is one of its own: open to all, as /tmp. */
static int open_tmpfs_target(const struct mount_context *ctx, const struct plan_mount *mount,
			     bool *ret_is_new)
{
	int fd = rootpath_open(ctx->root_fd, mount->target, O_PATH | O_DIRECTORY);

	*ret_is_new = fd < 0 && errno == ENOENT;
	return fd;
}

static int open_strictly(const struct mount_context *ctx, const struct plan_mount *mount,
			 struct err *err)
{
	int fd = rootpath_open_strict(ctx->root_fd, mount->target,
				      O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS);

	if (fd >= 0 || errno == ENOENT)
		return fd < 0 ? -ENOENT : fd;
	if (errno == ELOOP || errno == ENOTDIR)
		return err_set(
			err, errno,
			"filesystem \"%s\" must be mounted on ordinary directory, and '%s' is "
			"not one",
			mount->type, mount->target);
	return err_sys(err, "open '%s' in the container", mount->target);
}

static int make_target_dir(const struct mount_context *ctx, const struct plan_mount *mount,
			   struct err *err)
{
	mode_t mode = mount->target_mode ? mount->target_mode : 0755;
	int fd = rootpath_make_dir(ctx->root_fd, mount->target, mode);

	if (fd >= 0)
		return fd;
	err_sys(err, "make the directory '%s' in the container", mount->target);
	return target_explain(ctx->root_fd, mount->target, err);
}

/*
 * procfs and sysfs must not be led elsewhere by a link of the image: what is masked in them would not
 * be where they are. Neither by one that was not there yet when we looked: after it is made, the
 * directory is looked for again.
 */
static int open_strict_target(const struct mount_context *ctx, const struct plan_mount *mount,
			      struct err *err)
{
	int fd = open_strictly(ctx, mount, err);

	if (fd != -ENOENT)
		return fd;
	AUTO_FD made_fd = make_target_dir(ctx, mount, err);
	TRY(made_fd);
	fd = open_strictly(ctx, mount, err);
	return fd == -ENOENT ? err_sys(err, "open '%s' in the container", mount->target) : fd;
}

/* The directory to mount on. */
static int open_target_dir(const struct mount_context *ctx, const struct plan_mount *mount,
			   bool *ret_is_new, struct err *err)
{
	int fd = -1;

	*ret_is_new = false;
	if (strcmp(mount->type, "proc") == 0 || strcmp(mount->type, "sysfs") == 0)
		return open_strict_target(ctx, mount, err);
	if (strcmp(mount->type, "tmpfs") == 0)
		fd = open_tmpfs_target(ctx, mount, ret_is_new);
	return fd >= 0 ? fd : make_target_dir(ctx, mount, err);
}

/*
 * The plan refuses targets below /proc by their name; a link of the image can lead there by any
 * name, and what is mounted there would deceive whoever reads or writes that file.
 */
static int check_target(const struct plan_mount *mount, int target_fd, struct err *err)
{
	struct statfs fs;

	if (mount->may_be_in_procfs)
		return 0;
	if (fstatfs(target_fd, &fs) < 0)
		return err_sys(err, "statfs '%s' in the container", mount->target);
	if (fs.f_type == PROC_SUPER_MAGIC)
		return err_set(err, EINVAL,
			       "\"%s\" cannot be mounted because it is inside /proc, where a link "
			       "leads to",
			       mount->target);
	return 0;
}

static int exec_new(const struct mount_context *ctx, const struct plan_mount *mount,
		    int *ret_mnt_fd, struct err *err)
{
	bool is_new, is_attached = mount_is_too_long(mount);
	AUTO_FD target_fd = open_target_dir(ctx, mount, &is_new, err);
	AUTO_FD mnt_fd = -1;

	TRY(target_fd);
	TRY(check_target(mount, target_fd, err));
	mnt_fd = is_attached ? mount_legacy(ctx, mount, target_fd, err)
			     : new_filesystem(ctx, mount, is_new ? -1 : target_fd, err);
	TRY(mnt_fd);
	if (mount->copy_up)
		TRY(copy_up(ctx->root_fd, mount->target, mnt_fd, err));
	TRY(set_attributes(ctx->ops, mnt_fd, mount, err));
	if (!is_attached)
		TRY(mount_attach(ctx->ops, mnt_fd, target_fd, mount->target, err));
	TRY(set_propagation(ctx->ops, mnt_fd, mount, err));
	if (mount->late_attr_set)
		*ret_mnt_fd = fd_take(&mnt_fd);
	return 0;
}

/* What its source forbids, a mount of a user namespace cannot allow, whoever makes it. */
static int check_locked(const struct plan_mount *mount, int mnt_fd, struct err *err)
{
	static const struct {
		uint64_t attr;
		unsigned long flag;
		const char *option;
	} rows[] = {
		{ MOUNT_ATTR_RDONLY, ST_RDONLY, "rw" },
		{ MOUNT_ATTR_NOSUID, ST_NOSUID, "suid" },
		{ MOUNT_ATTR_NODEV, ST_NODEV, "dev" },
		{ MOUNT_ATTR_NOEXEC, ST_NOEXEC, "exec" },
	};
	uint64_t cleared = mount->attr_clear & ~mount->attr_set & mount->attr_locked;
	struct statvfs fs;

	if (!cleared)
		return 0;
	if (fstatvfs(mnt_fd, &fs) < 0)
		return err_sys(err, "statvfs '%s'", mount->source);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((cleared & rows[i].attr) && (fs.f_flag & rows[i].flag))
			return err_set(err, EPERM,
				       "option \"%s\" would take away what its source has, in a "
				       "user namespace: operation not permitted",
				       rows[i].option);
	return 0;
}

/* A copy of a shared mount is shared with it: what is mounted in the one shows in the other. */
static int cut_off(const struct mount_ops *ops, int mnt_fd, const struct plan_mount *mount,
		   struct err *err)
{
	struct mount_attr attr = { .propagation = MS_SLAVE };

	if (mount->is_cut_off && ops->set_attr(mnt_fd, true, &attr) < 0)
		return err_sys(err, "make the mount a slave of its source");
	return 0;
}

/* A detached copy of what lies at the source, on the host or (@root_fd) in the container's root. */
static int clone_source(const struct mount_ops *ops, const struct plan_mount *mount, int root_fd,
			struct err *err)
{
	AUTO_FD path_fd = root_fd < 0 ? -1 : rootpath_open(root_fd, mount->root_source, O_PATH);
	AUTO_FD mnt_fd = -1;

	if (root_fd < 0)
		mnt_fd = ops->tree_clone(AT_FDCWD, mount->source, mount->recursive);
	else if (path_fd >= 0)
		mnt_fd = ops->tree_clone(path_fd, "", mount->recursive);
	if (mnt_fd < 0) {
		err_sys(err, "open the source '%s'", mount->source);
		if (root_fd < 0)
			mount_explain_source(mount, err);
		return err_path(err, mount->source);
	}
	TRY(check_locked(mount, mnt_fd, err));
	TRY(set_attributes(ops, mnt_fd, mount, err));
	TRY(cut_off(ops, mnt_fd, mount, err));
	return fd_take(&mnt_fd);
}

/* Says which mount it is that failed. */
static int err_mount(struct err *err, const struct plan_mount *mount)
{
	err_wrap(err, "error mounting \"%s\" to rootfs at \"%s\"",
		 mount->source ? mount->source : mount->type, mount->target);
	err_path(err, mount->target);
	return err_pointer(err, mount->origin);
}

int mount_open_source(const struct mount_ops *ops, const struct plan_mount *mount, struct err *err)
{
	int fd = clone_source(ops, mount, -1, err);

	return fd < 0 ? err_mount(err, mount) : fd;
}

static bool is_root_of_host(const char *path)
{
	struct stat st, root;

	return stat(path, &st) == 0 && stat("/", &root) == 0 && st.st_ino == root.st_ino &&
	       st.st_dev == root.st_dev;
}

int mount_open_root_sources(const struct mount_ops *ops, const struct plan_rootfs *rootfs,
			    int *mnt_fds, struct err *err)
{
	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];

		if (mount->kind != PLAN_MOUNT_BIND || !mount->recursive || mount->root_source ||
		    mount->idmap || mnt_fds[i] >= 0)
			continue;
		if (!rootfs->is_bound && !is_root_of_host(mount->source))
			continue;
		mnt_fds[i] = mount_open_source(ops, mount, err);
		TRY(mnt_fds[i]);
	}
	return 0;
}

/* What the source is decides what the target has to be. */
static int open_target_like(const struct mount_context *ctx, const struct plan_mount *mount,
			    int mnt_fd, struct err *err)
{
	struct stat st;
	int fd;

	if (fstat(mnt_fd, &st) < 0)
		return err_sys(err, "stat the source '%s'", mount->source);
	fd = S_ISDIR(st.st_mode) ? rootpath_make_dir(ctx->root_fd, mount->target, 0755)
				 : rootpath_make_file(ctx->root_fd, mount->target, 0644);
	if (fd >= 0)
		return fd;
	err_sys(err, "make the mount point '%s' in the container", mount->target);
	mount_explain_target(ctx->root_fd, mount, mnt_fd, err);
	return target_explain(ctx->root_fd, mount->target, err);
}

/* A bind mount over /proc must bring a procfs, or what is written there would go astray. */
static int check_proc_source(const struct plan_mount *mount, int mnt_fd, struct err *err)
{
	struct statfs fs;

	if (!mount->must_be_procfs)
		return 0;
	if (fstatfs(mnt_fd, &fs) < 0)
		return err_sys(err, "statfs '%s'", mount->source);
	if (fs.f_type != PROC_SUPER_MAGIC)
		return err_set(err, EINVAL, "'%s' cannot be mounted on /proc: it is no procfs",
			       mount->source);
	return 0;
}

/* The source of a bind mount that the parent did not open. */
static int open_own_source(const struct mount_context *ctx, const struct plan_mount *mount,
			   struct err *err)
{
	AUTO_FD mnt_fd = clone_source(ctx->ops, mount, mount->root_source ? ctx->root_fd : -1, err);

	TRY(mnt_fd);
	if (mount->idmap)
		TRY(ctx->map_ids(ctx->context, mount, mnt_fd, err));
	return fd_take(&mnt_fd);
}

static int exec_bind(const struct mount_context *ctx, const struct plan_mount *mount,
		     int *source_fd, struct err *err)
{
	AUTO_FD own_fd = -1;
	AUTO_FD target_fd = -1;
	int mnt_fd = *source_fd;

	if (mnt_fd < 0) {
		own_fd = open_own_source(ctx, mount, err);
		TRY(own_fd);
		mnt_fd = own_fd;
	}
	TRY(check_proc_source(mount, mnt_fd, err));
	target_fd = open_target_like(ctx, mount, mnt_fd, err);
	TRY(target_fd);
	TRY(check_target(mount, target_fd, err));
	if (mount_attach(ctx->ops, mnt_fd, target_fd, mount->target, err) < 0)
		return mount_explain_target(ctx->root_fd, mount, mnt_fd, err);
	return set_propagation(ctx->ops, mnt_fd, mount, err);
}

static int reconfigure(const struct mount_context *ctx, const struct plan_mount *mount,
		       int target_fd, struct err *err)
{
	AUTO_FD fs_fd = ctx->ops->fs_pick(target_fd);

	if (fs_fd < 0)
		return err_sys(err, "fspick '%s'", mount->target);
	for (size_t i = 0; i < mount->n_params; i++)
		if (ctx->ops->fs_set(fs_fd, mount->params[i].key, mount->params[i].value) < 0)
			return err_fs(err, fs_fd, "set option", mount->params[i].key);
	if (ctx->ops->fs_reconfigure(fs_fd) < 0)
		return err_fs(err, fs_fd, "reconfigure", mount->target);
	return 0;
}

static int exec_remount(const struct mount_context *ctx, const struct plan_mount *mount,
			int *mnt_fd, struct err *err)
{
	AUTO_FD target_fd = rootpath_open(ctx->root_fd, mount->target, O_PATH);

	(void)mnt_fd;
	if (target_fd < 0) {
		err_sys(err, "open '%s' in the container", mount->target);
		return target_explain(ctx->root_fd, mount->target, err);
	}
	TRY(set_attributes(ctx->ops, target_fd, mount, err));
	if (mount->n_params)
		TRY(reconfigure(ctx, mount, target_fd, err));
	return set_propagation(ctx->ops, target_fd, mount, err);
}

static int exec_cgroup(const struct mount_context *ctx, const struct plan_mount *mount,
		       int *unused_fd, struct err *err)
{
	AUTO_FD target_fd = -1;
	AUTO_FD mnt_fd = -1;

	bool is_new;

	(void)unused_fd;
	TRY(cgroup_view_check(ctx, err));
	target_fd = open_target_dir(ctx, mount, &is_new, err);
	TRY(target_fd);
	TRY(check_target(mount, target_fd, err));
	mnt_fd = cgroup_view_mount(ctx, mount, target_fd, err);
	TRY(mnt_fd);
	return set_propagation(ctx->ops, mnt_fd, mount, err);
}

static int (*const executors[])(const struct mount_context *ctx, const struct plan_mount *mount,
				int *mnt_fd, struct err *err) = {
	[PLAN_MOUNT_NEW] = exec_new,
	[PLAN_MOUNT_BIND] = exec_bind,
	[PLAN_MOUNT_REMOUNT] = exec_remount,
	[PLAN_MOUNT_CGROUP] = exec_cgroup,
};

int mount_exec(const struct mount_context *ctx, const struct plan_mount *mount, int *mnt_fd,
	       struct err *err)
{
	return executors[mount->kind](ctx, mount, mnt_fd, err) < 0 ? err_mount(err, mount) : 0;
}

int mount_finish(const struct mount_ops *ops, const struct plan_mount *mount, int mnt_fd,
		 struct err *err)
{
	struct mount_attr attr = { .attr_set = mount->late_attr_set };

	if (!mount->late_attr_set || ops->set_attr(mnt_fd, false, &attr) == 0)
		return 0;
	err_sys(err, "mount_setattr");
	return err_mount(err, mount);
}
