/* SPDX-License-Identifier: Apache-2.0 */
/* Building and entering the root file system; see rootfs.h for the order. */
#include "rootfs.h"

#include "device.h"
#include "fd.h"
#include "mount.h"
#include "rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NULL_DEVICE makedev(1, 3)

int rootfs_open_tree(const struct mount_ops *ops, const struct plan_rootfs *rootfs, struct err *err)
{
	int fd = ops->tree_clone(AT_FDCWD, rootfs->path, true);

	if (fd < 0) {
		err_sys(err, "open the root file system '%s'", rootfs->path);
		err_path(err, rootfs->path);
		return err_pointer(err, "/root/path");
	}
	return fd;
}

/* Propagation of everything that the new namespace inherited. */
int rootfs_isolate(const struct plan_rootfs *rootfs, struct err *err)
{
	unsigned long flags = rootfs->propagation | (rootfs->rec_propagation ? MS_REC : 0);

	if (!rootfs->has_mount_ns)
		return 0;
	/* What is unbindable cannot be the source of our mounts: that comes after pivot_root. */
	if (rootfs->propagation == MS_UNBINDABLE)
		flags = MS_PRIVATE | MS_REC;
	if (mount(NULL, "/", NULL, flags, NULL) < 0) {
		err_sys(err, "set the propagation of the mounts to %#lx", flags);
		return err_pointer(err, "/linux/rootfsPropagation");
	}
	/*
	 * The root file system will be attached on "/", and a shared mount would show it to the host.
	 */
	if (rootfs->propagation == MS_SHARED && mount(NULL, "/", NULL, MS_PRIVATE, NULL) < 0)
		return err_sys(err, "make the root mount private");
	return 0;
}

/*
 * A copy of a shared mount is shared with it: pivot_root(2) refuses that, and what is mounted on it
 * would show up on the host. The copy becomes what config.json says after pivot_root.
 */
static int detach_propagation(const struct mount_ops *ops, const struct plan_rootfs *rootfs,
			      int tree_fd, struct err *err)
{
	bool is_slave = rootfs->propagation == MS_SLAVE;
	struct mount_attr attr = { .propagation = is_slave ? MS_SLAVE : MS_PRIVATE };

	/* rootfs_isolate() has reached it by then. */
	if (is_slave && rootfs->rec_propagation)
		return 0;
	if (ops->set_attr(tree_fd, false, &attr) < 0)
		return err_sys(err, "set the propagation of the root file system");
	return 0;
}

/*
 * What is mounted in a shared mount would show up on the host, and pivot_root(2) refuses to leave it.
 * The mount that holds @place_fd is found by its root: the first directory on the way up that is one.
 */
static int make_holder_private(const struct mount_ops *ops, int place_fd, struct err *err)
{
	struct mount_attr attr = { .propagation = MS_PRIVATE };
	AUTO_FD fd = fcntl(place_fd, F_DUPFD_CLOEXEC, 3);

	while (fd >= 0) {
		struct statx stx;
		int parent_fd;

		if (statx(fd, "", AT_EMPTY_PATH, 0, &stx) < 0)
			return err_sys(err, "statx");
		if (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT)
			return ops->set_attr(fd, false, &attr) < 0
				       ? err_sys(err, "make a mount private")
				       : 0;
		parent_fd = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		fd_close(&fd);
		fd = parent_fd;
	}
	return err_sys(err, "look for the root of a mount");
}

/*
 * Where the root file system is attached until pivot_root. "/" is the one directory that is sure to
 * be there and reachable for a mapped root too; lookups that start at our root directory do not see
 * what is stacked on it. But a hook of the host that enters the mount namespace, to mount something
 * at root.path, would be in the container's root at once: for hooks it is where it seems to be.
 */
static int open_place(const struct mount_ops *ops, const struct plan_rootfs *rootfs,
		      struct err *err)
{
	AUTO_FD fd = -1;

	if (rootfs->at_own_path)
		fd = open(rootfs->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "open /");
	/* isolate_mounts() has reached "/" itself, and all others unless it was told otherwise. */
	if (rootfs->at_own_path && (rootfs->propagation == MS_SHARED || !rootfs->rec_propagation))
		TRY(make_holder_private(ops, fd, err));
	return fd_take(&fd);
}

int rootfs_attach(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int tree_fd,
		  int *ret_root_fd, struct err *err)
{
	AUTO_FD own_fd = -1;
	AUTO_FD place_fd = -1;

	if (!rootfs->has_mount_ns) {
		own_fd = open(rootfs->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (own_fd < 0) {
			err_sys(err, "open the root file system '%s'", rootfs->path);
			err_hint(err, "with a joined mount namespace it is looked up there");
			return err_pointer(err, "/root/path");
		}
		*ret_root_fd = fd_take(&own_fd);
		return 0;
	}
	if (tree_fd < 0) {
		own_fd = rootfs_open_tree(ops, rootfs, err);
		TRY(own_fd);
	}
	TRY(detach_propagation(ops, rootfs, tree_fd < 0 ? own_fd : tree_fd, err));
	place_fd = open_place(ops, rootfs, err);
	TRY(place_fd);
	TRY(mount_attach(ops, tree_fd < 0 ? own_fd : tree_fd, place_fd, rootfs->path, err));
	*ret_root_fd = tree_fd < 0 ? fd_take(&own_fd) : fcntl(tree_fd, F_DUPFD_CLOEXEC, 3);
	return *ret_root_fd < 0 ? err_sys(err, "dup") : 0;
}

int rootfs_make_devices(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int root_fd,
			struct err *err)
{
	for (size_t i = 0; i < rootfs->n_devices; i++)
		TRY(device_make(ops, root_fd, &rootfs->devices[i], err));
	for (size_t i = 0; i < rootfs->n_links; i++)
		TRY(device_link(root_fd, &rootfs->links[i], err));
	return 0;
}

static int protect_readonly(const struct mount_ops *ops, int root_fd, const char *path,
			    struct err *err)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
	AUTO_FD target_fd = rootpath_open(root_fd, path, O_PATH);
	AUTO_FD mnt_fd = -1;

	if (target_fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, "open '%s' in the container", path);
	mnt_fd = ops->tree_clone(target_fd, "", true);
	if (mnt_fd < 0)
		return err_sys(err, "open_tree '%s'", path);
	if (ops->set_attr(mnt_fd, true, &readonly) < 0)
		return err_sys(err, "make '%s' read-only", path);
	return mount_attach(ops, mnt_fd, target_fd, path, err);
}

/* What files are masked with: the host's null device, and nothing that only calls itself so. */
static int open_null_mask(const struct mount_ops *ops, struct err *err)
{
	AUTO_FD mnt_fd = ops->tree_clone(AT_FDCWD, "/dev/null", false);
	struct stat st;

	if (mnt_fd < 0 || fstat(mnt_fd, &st) < 0)
		return err_sys(err, "open the host's /dev/null");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != NULL_DEVICE)
		return err_set(err, EINVAL, "the host's /dev/null is not the null device");
	return fd_take(&mnt_fd);
}

/* An empty directory that nobody can write: the first is made, the others are copies of it. */
static int open_dir_mask(const struct mount_ops *ops, int *first_fd, struct err *err)
{
	AUTO_FD fs_fd = -1;
	int mnt_fd;

	if (*first_fd >= 0) {
		mnt_fd = ops->tree_clone(*first_fd, "", false);
		return mnt_fd < 0 ? err_sys(err, "open_tree of the empty directory") : mnt_fd;
	}
	fs_fd = ops->fs_open("tmpfs");
	if (fs_fd < 0 || ops->fs_set(fs_fd, "ro", NULL) < 0 || ops->fs_create(fs_fd) < 0)
		return err_sys(err, "create an empty directory");
	mnt_fd = ops->fs_mount(fs_fd, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					      MOUNT_ATTR_NOEXEC);
	if (mnt_fd < 0)
		return err_sys(err, "fsmount of an empty directory");
	*first_fd = fcntl(mnt_fd, F_DUPFD_CLOEXEC, 3);
	return mnt_fd;
}

static int mask(const struct mount_ops *ops, int root_fd, const char *path, int *first_fd,
		struct err *err)
{
	AUTO_FD target_fd = rootpath_open(root_fd, path, O_PATH);
	AUTO_FD mnt_fd = -1;
	struct stat st;

	if (target_fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_sys(err, "open '%s' in the container", path);
	if (fstat(target_fd, &st) < 0)
		return err_sys(err, "stat '%s' in the container", path);
	mnt_fd = S_ISDIR(st.st_mode) ? open_dir_mask(ops, first_fd, err) : open_null_mask(ops, err);
	TRY(mnt_fd);
	return mount_attach(ops, mnt_fd, target_fd, path, err);
}

int rootfs_protect_paths(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int root_fd,
			 struct err *err)
{
	AUTO_FD first_fd = -1;

	for (size_t i = 0; i < rootfs->n_readonly_paths; i++)
		if (protect_readonly(ops, root_fd, rootfs->readonly_paths[i].path, err) < 0)
			return err_pointer(err, rootfs->readonly_paths[i].origin);
	for (size_t i = 0; i < rootfs->n_masked; i++)
		if (mask(ops, root_fd, rootfs->masked[i].path, &first_fd, err) < 0)
			return err_pointer(err, rootfs->masked[i].origin);
	return 0;
}

int rootfs_make_readonly(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int root_fd,
			 struct err *err)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };

	if (rootfs->readonly && ops->set_attr(root_fd, false, &readonly) < 0) {
		err_sys(err, "make the root file system read-only");
		return err_pointer(err, "/root/readonly");
	}
	return 0;
}

static int pivot(const struct plan_rootfs *rootfs, struct err *err)
{
	/* With both arguments ".", the old root is stacked below the new one: see pivot_root(2). */
	if (syscall(SYS_pivot_root, ".", ".") < 0) {
		err_sys(err, "pivot_root");
		if (err->code == EINVAL)
			err_hint(err, "a root on a ramdisk cannot be pivoted: use --no-pivot");
		return -err->code;
	}
	/* Mounts that are shared with the host would go there too when ours are detached. */
	if ((rootfs->propagation == MS_SHARED || !rootfs->rec_propagation) &&
	    mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return err_sys(err, "make the old root a slave");
	if (umount2(".", MNT_DETACH) < 0)
		return err_sys(err, "detach the old root");
	return 0;
}

/*
 * For roots that cannot be pivoted. The old tree stays reachable for a process that can leave a
 * chroot, so that at least its procfs and sysfs, which name the host, are taken away.
 */
static int move_root(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int root_fd,
		     struct err *err)
{
	static const char *const revealing[] = { "/proc", "/sys" };

	if (rootfs->at_own_path) {
		AUTO_FD slash_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (slash_fd < 0)
			return err_sys(err, "open /");
		/* ELOOP: it is there already, since its path could not be reached. */
		if (ops->attach(root_fd, slash_fd) < 0 && errno != ELOOP)
			return err_sys(err, "move the root file system to /");
	}
	for (size_t i = 0; i < sizeof(revealing) / sizeof(revealing[0]); i++) {
		/*
		 * One may be mounted over another; and mounts below that are shared with the host
		 * would go there too.
		 */
		while (mount(NULL, revealing[i], NULL, MS_SLAVE | MS_REC, NULL) == 0 &&
		       umount2(revealing[i], MNT_DETACH) == 0)
			;
		if (errno != EINVAL && mount("tmpfs", revealing[i], "tmpfs", 0, "") < 0)
			return err_sys(err, "hide the host's %s", revealing[i]);
	}
	return 0;
}

int rootfs_enter(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int root_fd,
		 struct err *err)
{
	struct mount_attr attr = { .propagation = rootfs->propagation };

	if (fchdir(root_fd) < 0)
		return err_sys(err, "enter the root file system");
	if (rootfs->has_mount_ns && !rootfs->no_pivot) {
		TRY(pivot(rootfs, err));
	} else {
		if (rootfs->has_mount_ns)
			TRY(move_root(ops, rootfs, root_fd, err));
		if (chroot(".") < 0)
			return err_sys(err, "chroot");
	}
	if (chdir("/") < 0)
		return err_sys(err, "chdir to the new root");
	/* A bind mount of a slave is one already; the other kinds are set on the new root. */
	if ((rootfs->has_mount_ns || rootfs->is_bound) && rootfs->propagation != MS_SLAVE &&
	    ops->set_attr(root_fd, rootfs->rec_propagation, &attr) < 0) {
		err_sys(err, "set the propagation of the root mount");
		return err_pointer(err, "/linux/rootfsPropagation");
	}
	return 0;
}
