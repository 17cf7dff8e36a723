/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel is asked for and has not. */
#include "check.h"

#include "io.h"
#include "namespace_names.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define KERNEL_MAJOR 5
#define KERNEL_MINOR 12

static void check_version(const struct check *check)
{
	struct utsname name;
	int major = 0, minor = 0;

	if (uname(&name) < 0 || sscanf(name.release, "%d.%d", &major, &minor) != 2)
		return;
	if (major < KERNEL_MAJOR || (major == KERNEL_MAJOR && minor < KERNEL_MINOR))
		problem_error(check->sink, "", "mount_setattr(2) came with it",
			      "this is Linux %s, and %d.%d is the oldest that can be used",
			      name.release, KERNEL_MAJOR, KERNEL_MINOR);
}

/* ---- namespaces ---- */

/* Of the caller's user namespace: each namespace that is made counts there. */
static bool is_limited_to_none(const char *file)
{
	char path[64], value[32];

	snprintf(path, sizeof(path), "/proc/sys/user/%s", file);
	return io_read_small(AT_FDCWD, path, value, sizeof(value)) > 0 && atol(value) <= 0;
}

static void check_namespaces(const struct check *check)
{
	const struct plan_namespaces *ns = &check->plan->ns;

	for (size_t i = 0; i < ns->n; i++) {
		char path[64], limit[32];

		snprintf(path, sizeof(path), "/proc/self/ns/%s", ns->v[i].name);
		snprintf(limit, sizeof(limit), "max_%.8s_namespaces", ns->v[i].name);
		if (access(path, F_OK) < 0)
			problem_error(check->sink, ns->v[i].origin, NULL,
				      "this kernel has no %s namespaces",
				      plan_ns_find(ns->v[i].clone_flag)->spec_name);
		else if (!ns->v[i].path && is_limited_to_none(limit))
			problem_error(check->sink, ns->v[i].origin, "raise it with sysctl",
				      "no %s namespace can be made: /proc/sys/user/%s is 0",
				      plan_ns_find(ns->v[i].clone_flag)->spec_name, limit);
	}
}

/* ---- filesystems ---- */

#define FILESYSTEMS_MAX (64u << 10)

/* Whether @list, as /proc/filesystems, has a line that ends in "\t<type>". */
static bool has_filesystem(const char *list, const char *type)
{
	size_t len = strlen(type);

	for (const char *at = list; (at = strchr(at, '\t')); at++)
		if (strncmp(at + 1, type, len) == 0 && (at[1 + len] == '\n' || !at[1 + len]))
			return true;
	return false;
}

/* A kernel with modules may find the type yet, when it is asked for it. */
static void check_filesystem(const struct check *check, const char *list,
			     const struct plan_mount *mount)
{
	/* "fuse.sshfs" is fuse with a subtype */
	size_t len = strcspn(mount->type, ".");
	char type[64];

	snprintf(type, sizeof(type), "%.*s", (int)len, mount->type);
	if (has_filesystem(list, type))
		return;
	if (access("/proc/modules", F_OK) == 0)
		problem_warning(check->sink, mount->origin, NULL,
				"filesystem '%s' is not in /proc/filesystems: the kernel has to "
				"find a module for it",
				type);
	else
		problem_error(check->sink, mount->origin, "see /proc/filesystems",
			      "this kernel has no filesystem '%s'", type);
}

static void check_filesystems(const struct check *check)
{
	const struct plan_rootfs *rootfs = &check->plan->rootfs;
	char *list = malloc(FILESYSTEMS_MAX);

	if (list && io_read_small(AT_FDCWD, "/proc/filesystems", list, FILESYSTEMS_MAX) > 0)
		for (size_t i = 0; i < rootfs->n_mounts; i++)
			if (rootfs->mounts[i].kind == PLAN_MOUNT_NEW)
				check_filesystem(check, list, &rootfs->mounts[i]);
	free(list);
}

/* ---- security modules ---- */

static bool is_loaded_profile(const char *profile)
{
	char line[512];
	bool is_found = false;
	FILE *in = fopen("/sys/kernel/security/apparmor/profiles", "re");

	if (!in) /* root alone may read it */
		return true;
	while (!is_found && fgets(line, sizeof(line), in)) {
		char *mode = strrchr(line, '(');

		if (mode && mode > line)
			mode[-1] = '\0';
		is_found = strcmp(line, profile) == 0;
	}
	fclose(in);
	return is_found;
}

static void check_apparmor(const struct check *check, const char *profile)
{
	const char *pointer = "/process/apparmorProfile";
	char enabled[8];

	if (io_read_small(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", enabled,
			  sizeof(enabled)) <= 0 ||
	    enabled[0] != 'Y')
		problem_error(check->sink, pointer, "leave the profile out",
			      "AppArmor is not active on this host");
	else if (strcmp(profile, "unconfined") != 0 && !is_loaded_profile(profile))
		problem_error(check->sink, pointer, "apparmor_parser loads profiles",
			      "AppArmor profile '%s' is not loaded", profile);
}

static void check_labels(const struct check *check)
{
	const struct plan_process *process = &check->plan->process;

	if (process->apparmor_profile)
		check_apparmor(check, process->apparmor_profile);
	if (process->selinux_label && access("/sys/fs/selinux/enforce", F_OK) < 0)
		problem_error(check->sink, "/process/selinuxLabel", "leave the label out",
			      "SELinux is not active on this host");
	if (check->plan->rootfs.mount_label && access("/sys/fs/selinux/enforce", F_OK) < 0)
		problem_error(check->sink, "/linux/mountLabel", "leave the label out",
			      "SELinux is not active on this host");
}

void check_kernel(const struct check *check)
{
	check_version(check);
	check_namespaces(check);
	check_filesystems(check);
	check_labels(check);
}
