/* SPDX-License-Identifier: Apache-2.0 */
/* Each entry of mount_kernel is one system call. */
#include "mountapi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int kernel_fs_open(const char *type)
{
	return fsopen(type, FSOPEN_CLOEXEC);
}

static int kernel_fs_pick(int path_fd)
{
	return fspick(path_fd, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
}

static int kernel_fs_set(int fs_fd, const char *key, const char *value)
{
	return fsconfig(fs_fd, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value, 0);
}

static int kernel_fs_create(int fs_fd)
{
	return fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int kernel_fs_reconfigure(int fs_fd)
{
	return fsconfig(fs_fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
}

static int kernel_fs_mount(int fs_fd, unsigned int attr)
{
	return fsmount(fs_fd, FSMOUNT_CLOEXEC, attr);
}

static int kernel_tree_clone(int dir_fd, const char *path, bool recursive)
{
	unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;

	return open_tree(dir_fd, path, flags | (recursive ? AT_RECURSIVE : 0));
}

static int kernel_set_attr(int mnt_fd, bool recursive, struct mount_attr *attr)
{
	unsigned int flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);

	return mount_setattr(mnt_fd, "", flags, attr, sizeof(*attr));
}

static int kernel_attach(int mnt_fd, int target_fd)
{
	return move_mount(mnt_fd, "", target_fd, "",
			  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* mount(2) knows paths only: that of a descriptor leads there and nowhere else. */
static int kernel_mount_on(int target_fd, const char *source, const char *type, uint64_t flags,
			   const char *data)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", target_fd);
	return mount(source, path, type, flags, data);
}

const struct mount_ops mount_kernel = {
	.fs_open = kernel_fs_open,
	.fs_pick = kernel_fs_pick,
	.fs_set = kernel_fs_set,
	.fs_create = kernel_fs_create,
	.fs_reconfigure = kernel_fs_reconfigure,
	.fs_mount = kernel_fs_mount,
	.tree_clone = kernel_tree_clone,
	.set_attr = kernel_set_attr,
	.mount_on = kernel_mount_on,
	.attach = kernel_attach,
};

void mount_fs_log(int fs_fd, char *buf, size_t size)
{
	char line[256];
	size_t used = 0;
	ssize_t n;

	buf[0] = '\0';
	/* Each read(2) takes one message out of the context's ring. */
	while ((n = read(fs_fd, line, sizeof(line) - 1)) > 0) {
		const char *text = line;
		int added;

		if (line[n - 1] == '\n')
			n--;
		line[n] = '\0';
		if (n > 2 && line[1] == ' ')
			text += 2;
		added = snprintf(buf + used, size - used, "%s%s", used ? "; " : "", text);
		if (added < 0 || (size_t)added >= size - used)
			return;
		used += (size_t)added;
	}
}
