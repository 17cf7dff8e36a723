/* SPDX-License-Identifier: Apache-2.0 */
/* The child's part: making it. See bound_root.h. */
#include "bound_root.h"

#include "fd.h"
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int explain_refusal(struct err *err)
{
	if (err->code != EPERM)
		return -err->code;
	err_hint(err,
		 "to mount in a mount namespace takes CAP_SYS_ADMIN in the user namespace that "
		 "it belongs to: add {\"type\": \"mount\"}");
	return err_pointer(err, "/linux/namespaces");
}

int bound_root_check(const struct mount_ops *ops, const struct plan_rootfs *rootfs, struct err *err)
{
	AUTO_FD fd = ops->tree_clone(AT_FDCWD, rootfs->path, false);

	if (fd >= 0)
		return 0;
	err_sys(err, "mount in the mount namespace that ocirun is in");
	return explain_refusal(err);
}

/*
 * A copy of a shared mount is shared with it, and what is attached to a shared one becomes so: nothing
 * is mounted in between. Whether events of the host still arrive is for config.json to say.
 */
static int cut_off(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int tree_fd,
		   struct err *err)
{
	struct mount_attr attr = {
		.propagation = rootfs->propagation == MS_SLAVE ? MS_SLAVE : MS_PRIVATE,
	};

	if (ops->set_attr(tree_fd, true, &attr) < 0)
		return err_sys(err, "keep what is mounted in the root file system in there");
	return 0;
}

/* By any name: what is mounted on "/" becomes the root of whoever enters the namespace. */
static int check_place(int place_fd, const struct plan_rootfs *rootfs, struct err *err)
{
	AUTO_FD slash_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_id place, slash;
	int ret = slash_fd < 0 ? -errno : mount_id_of(slash_fd, &slash);

	if (ret == 0)
		ret = mount_id_of(place_fd, &place);
	if (ret < 0)
		return err_errno(err, ret, "find the mount of '%s'", rootfs->path);
	if (place.id != slash.id || place.inode != slash.inode)
		return 0;
	err_at(err, "/root/path", EINVAL,
	       "'%s' is \"/\", which everybody has in this mount namespace", rootfs->path);
	return err_hint(err, "add {\"type\": \"mount\"} to /linux/namespaces");
}

int bound_root_open(const struct mount_ops *ops, const struct plan_rootfs *rootfs,
		    int *ret_place_fd, int *ret_tree_fd, struct err *err)
{
	AUTO_FD place_fd = open(rootfs->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FD tree_fd = -1;

	if (place_fd < 0) {
		err_sys(err, "open the root file system '%s'", rootfs->path);
		err_hint(err, "with a joined mount namespace it is looked up there");
		return err_pointer(err, "/root/path");
	}
	TRY(check_place(place_fd, rootfs, err));
	tree_fd = ops->tree_clone(place_fd, "", true);
	if (tree_fd < 0) {
		err_sys(err, "bind the root file system '%s'", rootfs->path);
		explain_refusal(err);
		return err_pointer(err, "/root/path");
	}
	TRY(cut_off(ops, rootfs, tree_fd, err));
	*ret_place_fd = fd_take(&place_fd);
	*ret_tree_fd = fd_take(&tree_fd);
	return 0;
}

int bound_root_attach(const struct mount_ops *ops, const struct plan_rootfs *rootfs, int place_fd,
		      int tree_fd, struct err *err)
{
	TRY(mount_attach(ops, tree_fd, place_fd, rootfs->path, err));
	return cut_off(ops, rootfs, tree_fd, err);
}
