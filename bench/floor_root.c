/* SPDX-License-Identifier: Apache-2.0 */
/* The root file system: mounts, devices, protected paths. */
#include "floor.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int root_fd;

static int in_root(const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
}

/* A directory of a file system that was just mounted is made. */
static int open_target(const char *target)
{
	char parent[64], *slash;
	int fd = in_root(target, O_PATH), parent_fd;

	if (fd >= 0)
		return fd;
	snprintf(parent, sizeof(parent), "%s", target);
	slash = strrchr(parent, '/');
	*slash = '\0';
	parent_fd = (int)MUST(in_root(parent, O_PATH | O_DIRECTORY));
	MUST(mkdirat(parent_fd, slash + 1, 0755));
	fd = (int)MUST(openat(parent_fd, slash + 1, O_PATH | O_CLOEXEC));
	close(parent_fd);
	return fd;
}

static void set_attr(int mnt_fd, unsigned int flags, unsigned int attr, bool is_private)
{
	struct mount_attr set = {
		.attr_set = attr,
		.attr_clr = attr & MOUNT_ATTR__ATIME ? MOUNT_ATTR__ATIME : 0,
		.propagation = is_private ? MS_PRIVATE : 0,
	};

	if (attr || is_private)
		MUST(mount_setattr(mnt_fd, "", AT_EMPTY_PATH | flags, &set, sizeof(set)));
}

static void attach(int mnt_fd, int target_fd)
{
	MUST(move_mount(mnt_fd, "", target_fd, "",
			MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
	close(mnt_fd);
	close(target_fd);
}

static int new_fs(const char *type, const char *const *params, unsigned int attr)
{
	int fs_fd = (int)MUST(fsopen(type, FSOPEN_CLOEXEC)), mnt_fd;

	MUST(fsconfig(fs_fd, FSCONFIG_SET_STRING, "source", type, 0));
	for (; params && params[0]; params += 2)
		MUST(fsconfig(fs_fd, params[1][0] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
			      params[0], params[1][0] ? params[1] : NULL, 0));
	MUST(fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	mnt_fd = (int)MUST(fsmount(fs_fd, FSMOUNT_CLOEXEC, attr));
	close(fs_fd);
	return mnt_fd;
}

static int bind(int dir_fd, const char *path, unsigned int flags)
{
	return (int)MUST(open_tree(dir_fd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags));
}

static int hierarchy_mount(const char *id, size_t i, unsigned int attr)
{
	char path[128];
	int mnt_fd;

	floor_cgroup_path(path, sizeof(path), id, i);
	mnt_fd = bind(AT_FDCWD, path, 0);
	set_attr(mnt_fd, 0, attr, false);
	return mnt_fd;
}

static void mount_cgroups(const struct floor_mount *mount, const char *id)
{
	const unsigned int attr = mount->attr & ~(unsigned int)MOUNT_ATTR_RDONLY;
	static const char *const mode[] = { "mode", "755", NULL };
	int target_fd = open_target(mount->target), tmp_fd = new_fs("tmpfs", mode, attr);

	MUST(move_mount(tmp_fd, "", target_fd, "",
			MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
	for (size_t i = 0; i < N_HIERARCHIES; i++) {
		int mnt_fd = hierarchy_mount(id, i, mount->attr);

		MUST(mkdirat(tmp_fd, floor_hierarchies[i], 0755));
		attach(mnt_fd, (int)MUST(openat(tmp_fd, floor_hierarchies[i], O_PATH | O_CLOEXEC)));
	}
	set_attr(tmp_fd, 0, mount->attr & MOUNT_ATTR_RDONLY, mount->is_private);
	close(tmp_fd);
	close(target_fd);
}

static void mount_one(const struct floor_mount *mount, int bundle_fd, const char *id)
{
	int mnt_fd;

	if (mount->type && strcmp(mount->type, "cgroup") == 0) {
		mount_cgroups(mount, id);
		return;
	}
	mnt_fd = mount->type ? new_fs(mount->type, mount->params, 0)
			     : bind(bundle_fd, mount->source, 0);
	set_attr(mnt_fd, 0, mount->attr, mount->is_private);
	attach(mnt_fd, open_target(mount->target));
}

static void make_devices(void)
{
	static const struct {
		const char *name;
		unsigned int major, minor;
	} nodes[] = { { "null", 1, 3 },   { "zero", 1, 5 },    { "full", 1, 7 },
		      { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 } };
	static const char *const links[] = {
		"/proc/self/fd",   "fd",     "/proc/self/fd/0", "stdin",
		"/proc/self/fd/1", "stdout", "/proc/self/fd/2", "stderr",
		"/proc/kcore",     "core",   "pts/ptmx",        "ptmx"
	};
	int fd = (int)MUST(in_root("/dev", O_PATH | O_DIRECTORY));

	for (size_t i = 0; i < LENGTH(nodes); i++)
		MUST(mknodat(fd, nodes[i].name, S_IFCHR | 0666,
			     makedev(nodes[i].major, nodes[i].minor)));
	for (size_t i = 0; i < LENGTH(links); i += 2)
		MUST(symlinkat(links[i], fd, links[i + 1]));
	close(fd);
}

static void make_readonly(const char *path)
{
	int target_fd = in_root(path, O_PATH), mnt_fd;

	if (target_fd < 0)
		return;
	mnt_fd = bind(target_fd, "", AT_EMPTY_PATH | AT_RECURSIVE);
	set_attr(mnt_fd, AT_RECURSIVE, MOUNT_ATTR_RDONLY, false);
	attach(mnt_fd, target_fd);
}

/* Directories share one empty file system, files share the null device. */
static void mask(const char *path, int *empty_fd, int *null_fd)
{
	int target_fd = in_root(path, O_PATH);
	struct stat st;
	int *fd;

	if (target_fd < 0)
		return;
	MUST(fstat(target_fd, &st));
	fd = S_ISDIR(st.st_mode) ? empty_fd : null_fd;
	if (*fd < 0)
		*fd = S_ISDIR(st.st_mode) ? new_fs("tmpfs", NULL, MOUNT_ATTR_RDONLY)
					  : bind(AT_FDCWD, "/dev/null", 0);
	attach(bind(*fd, "", AT_EMPTY_PATH), target_fd);
}

void floor_make_root(const struct floor_profile *profile, const char *bundle, const char *id)
{
	int bundle_fd = (int)MUST(open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC));
	int slash_fd = (int)MUST(open("/", O_PATH | O_CLOEXEC));

	MUST(mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL));
	root_fd = bind(bundle_fd, "rootfs", AT_RECURSIVE);
	MUST(move_mount(root_fd, "", slash_fd, "",
			MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
	close(slash_fd);
	for (const struct floor_mount *mount = profile->mounts; mount->target; mount++)
		mount_one(mount, bundle_fd, id);
	close(bundle_fd);
	make_devices();
}

void floor_enter_root(const struct floor_profile *profile)
{
	int empty_fd = -1, null_fd = -1;

	for (size_t i = 0; profile->readonly[i]; i++)
		make_readonly(profile->readonly[i]);
	for (size_t i = 0; profile->masked[i]; i++)
		mask(profile->masked[i], &empty_fd, &null_fd);
	if (profile->is_readonly)
		set_attr(root_fd, 0, MOUNT_ATTR_RDONLY, false);
	MUST(fchdir(root_fd));
	MUST(syscall(SYS_pivot_root, ".", "."));
	MUST(umount2(".", MNT_DETACH));
	MUST(chdir("/"));
}
