/* SPDX-License-Identifier: Apache-2.0 */
#include "mount_cause.h"

#include "fd.h"
#include "host_facts.h"
#include "mountinfo.h"
#include "program_cause.h"
#include "rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int explain_proc(struct err *err)
{
	char target[ERR_HINT_MAX / 2];
	int ret = host_find_proc_cover(target, sizeof(target));

	if (ret < 0)
		return -err->code;
	if (ret == 0)
		return err_hint(err,
				"in a user namespace a procfs needs a pid namespace of its own: "
				"add {\"type\": \"pid\"} to /linux/namespaces");
	return err_hint(err,
			"in a user namespace a procfs can be made only where the whole of /proc is "
			"seen, and a mount covers '%s': bind /proc instead, or run where nothing "
			"covers it",
			target);
}

static int explain_sysfs(struct err *err)
{
	return err_hint(err,
			"in a user namespace a sysfs needs a network namespace of its own: add "
			"{\"type\": \"network\"} to /linux/namespaces, or bind /sys");
}

static int explain_mqueue(struct err *err)
{
	return err_hint(err, "in a user namespace an mqueue needs an ipc namespace of its own: add "
			     "{\"type\": \"ipc\"} to /linux/namespaces");
}

static const struct {
	const char *type;
	int (*explain)(struct err *err);
} refused[] = {
	{ "proc", explain_proc },
	{ "sysfs", explain_sysfs },
	{ "mqueue", explain_mqueue },
};

/* An error of the path @path of this host. */
static int explain_host_path(const char *path, struct err *err)
{
	char hint[ERR_HINT_MAX] = "";

	program_explain_path(path, "on this host", hint);
	if (!hint[0])
		return -err->code;
	err_path(err, path);
	return err_hint(err, "%s", hint);
}

/* Of directories with colons between them, what keeps one from being found. */
static int explain_host_paths(const char *paths, struct err *err)
{
	char path[PATH_MAX];

	while (*paths && !err->hint[0]) {
		size_t len = strcspn(paths, ":");

		/* With the dot, so that a file is no directory, rather than one without an execute bit. */
		if (len > 0 && len < sizeof(path) - sizeof("/.")) {
			snprintf(path, sizeof(path), "%.*s/.", (int)len, paths);
			explain_host_path(path, err);
		}
		paths += len + (paths[len] == ':');
	}
	return -err->code;
}

int mount_explain_param(const struct plan_mount *mount, const struct plan_fs_param *param,
			struct err *err)
{
	static const char *const dirs[] = { "lowerdir", "lowerdir+", "datadir+", "upperdir",
					    "workdir" };

	if (strcmp(mount->type, "overlay") != 0 || !param->value)
		return -err->code;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (strcmp(param->key, dirs[i]) == 0)
			return explain_host_paths(param->value, err);
	return -err->code;
}

int mount_explain_new(const struct plan_mount *mount, struct err *err)
{
	if (err->code == EINVAL && strcmp(mount->type, "overlay") == 0)
		return err_hint(err,
				"upperdir and workdir have to be two directories of one "
				"filesystem that can be an upper one, which an overlay cannot; "
				"the kernel's log says more");
	if (err->code == ENOTBLK)
		return err_hint(err, "the source has to be a block device: losetup makes one of a "
				     "file");
	if ((err->code == ENOENT || err->code == ENOTDIR) && mount->source &&
	    mount->source[0] == '/')
		return explain_host_path(mount->source, err);
	if (err->code == ENODEV)
		return err_hint(err,
				"this kernel has no filesystem type '%s'; see /proc/filesystems",
				mount->type);
	if (err->code != EPERM)
		return -err->code;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (strcmp(refused[i].type, mount->type) == 0)
			return refused[i].explain(err);
	return err_hint(err, "'%s' is not for user namespaces, or this needs CAP_SYS_ADMIN",
			mount->type);
}

int mount_explain_label(struct err *err)
{
	return err_hint(err, "/linux/mountLabel is a label of SELinux, which is not active on this "
			     "host, or has no such label");
}

static int explain_idmap_right(struct err *err)
{
	return err_hint(err, "an id-mapped mount needs CAP_SYS_ADMIN where the file system was "
			     "mounted, which a user has not: leave the mapping out");
}

int mount_explain_source(const struct plan_mount *mount, struct err *err)
{
	if (err->code == EPERM && mount->idmap)
		return explain_idmap_right(err);
	return explain_host_path(mount->source, err);
}

int mount_explain_target(int root_fd, const struct plan_mount *mount, int mnt_fd, struct err *err)
{
	AUTO_FD target_fd = rootpath_open(root_fd, mount->target, O_PATH);
	struct stat source, target;

	if (target_fd < 0 || fstat(mnt_fd, &source) < 0 || fstat(target_fd, &target) < 0)
		return -err->code;
	if (S_ISDIR(source.st_mode) == S_ISDIR(target.st_mode))
		return -err->code;
	return err_hint(err,
			S_ISDIR(source.st_mode)
				? "'%s' is a directory, but '%s' in the container is a file"
				: "'%s' is a file, but '%s' in the container is a directory",
			mount->source, mount->target);
}

int mount_explain_idmap(const struct plan_mount *mount, int mnt_fd, struct err *err)
{
	char type[32];

	if (err->code == EPERM)
		return explain_idmap_right(err);
	if (err->code != EINVAL)
		return -err->code;
	if (mountinfo_type_of(mnt_fd, type, sizeof(type)) < 0)
		return err_hint(err, "the filesystem of '%s' has no idmapped mounts",
				mount->source);
	return err_hint(err,
			"'%s' lies on %s, which has no idmapped mounts in this kernel, or its ids "
			"are mapped already",
			mount->source, type);
}
