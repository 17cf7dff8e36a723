/* SPDX-License-Identifier: Apache-2.0 */
/* What is mounted where something was to be mounted, masked or made read-only. */
#include "inspect.h"

#include "fd.h"
#include "mountinfo.h"
#include "rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>

/* The mount that is on top at a target: the last one of the list. */
struct search {
	const char *target;
	bool is_found;
	char type[64];
	char options[256];
};

static bool take(void *context, const struct mountinfo *mount)
{
	struct search *search = context;

	if (strcmp(mount->target, search->target) != 0)
		return false;
	search->is_found = true;
	snprintf(search->type, sizeof(search->type), "%s", mount->type);
	snprintf(search->options, sizeof(search->options), "%s", mount->options);
	return false;
}

static int look_up(const struct inspection *in, const char *target, struct search *ret_search)
{
	int ret;

	*ret_search = (struct search){ .target = target };
	ret = mountinfo_find(in->proc_fd, "mountinfo", take, ret_search);
	return ret < 0 ? err_errno(in->err, ret, "read the mounts of the container") : 0;
}

/* As the kernel writes them. When files were accessed is told in too many ways to compare. */
static const struct {
	const char *word;
	uint64_t attribute;
} words[] = {
	{ "ro", MOUNT_ATTR_RDONLY },
	{ "nosuid", MOUNT_ATTR_NOSUID },
	{ "nodev", MOUNT_ATTR_NODEV },
	{ "noexec", MOUNT_ATTR_NOEXEC },
	{ "nodiratime", MOUNT_ATTR_NODIRATIME },
	{ "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW },
};

/* MOUNT_ATTR_x of "rw,nosuid,relatime". */
static uint64_t attributes_of(const char *options)
{
	uint64_t attributes = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].word);

		for (const char *at = options; (at = strstr(at, words[i].word)); at += len)
			if ((at == options || at[-1] == ',') && (!at[len] || at[len] == ','))
				attributes |= words[i].attribute;
	}
	return attributes;
}

static void append_words(uint64_t attributes, char *text, size_t size)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && len < size; i++)
		if (attributes & words[i].attribute)
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "",
						words[i].word);
}

/* Of what was asked for, what is not as it was asked. The atime field is a matter of its own. */
static uint64_t wrong_attributes(const struct plan_mount *mount, uint64_t found)
{
	uint64_t set =
		(mount->rec_attr_set & ~mount->attr_clear) | mount->attr_set | mount->late_attr_set;
	uint64_t clear = (mount->rec_attr_clear & ~mount->attr_set) | mount->attr_clear;
	uint64_t known = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		known |= words[i].attribute;
	return ((set & ~found) | (clear & found & ~set)) & known;
}

static const char *type_asked(const struct plan_mount *mount)
{
	return mount->kind == PLAN_MOUNT_BIND || mount->kind == PLAN_MOUNT_REMOUNT ? NULL
										   : mount->type;
}

static int tell_mount(const struct inspection *in, const struct plan_mount *mount)
{
	const char *type = type_asked(mount);
	char asked[INSPECT_TEXT_MAX] = "", found[INSPECT_TEXT_MAX] = "";
	struct search search;

	TRY(look_up(in, mount->target, &search));
	/* The view of cgroup v1 is a tmpfs with a mount for each hierarchy. */
	bool is_type = !type || mount->kind == PLAN_MOUNT_CGROUP || strcmp(type, search.type) == 0;
	const struct ops_fact fact = {
		.section = "mounts",
		.name = mount->target,
		.asked = asked,
		.found = found,
		.origin = mount->origin,
		.differs = !search.is_found || !is_type ||
			   wrong_attributes(mount, attributes_of(search.options)),
	};

	snprintf(asked, sizeof(asked), "%s", type ? type : mount->source ? mount->source : "");
	append_words(mount->attr_set | mount->late_attr_set | mount->rec_attr_set, asked,
		     sizeof(asked));
	if (search.is_found)
		snprintf(found, sizeof(found), "%s %s", search.type, search.options);
	return inspect_tell_checked(in, &fact);
}

/* A path that the image has not needs no protection. */
static bool is_there(int root_fd, const char *path)
{
	AUTO_FD fd = rootpath_open(root_fd, path, O_PATH);

	return fd >= 0;
}

static int tell_protected(const struct inspection *in, int root_fd, const struct plan_path *path,
			  bool is_masked)
{
	char found[INSPECT_TEXT_MAX] = "";
	struct search search;

	if (!is_there(root_fd, path->path))
		return 0;
	TRY(look_up(in, path->path, &search));
	const struct ops_fact fact = {
		.section = "mounts",
		.name = path->path,
		.asked = is_masked ? "masked" : "read-only",
		.found = found,
		.origin = path->origin,
		.differs = !search.is_found ||
			   (!is_masked && !(attributes_of(search.options) & MOUNT_ATTR_RDONLY)),
	};

	if (search.is_found)
		snprintf(found, sizeof(found), "%s %s", search.type, search.options);
	return inspect_tell_checked(in, &fact);
}

static int tell_root(const struct inspection *in)
{
	char found[INSPECT_TEXT_MAX] = "";
	struct search search;

	TRY(look_up(in, "/", &search));
	bool is_readonly = attributes_of(search.options) & MOUNT_ATTR_RDONLY;
	const struct ops_fact fact = {
		.section = "mounts",
		.name = "/",
		.asked = in->plan->rootfs.readonly ? "read-only" : "",
		.found = found,
		.origin = in->plan->rootfs.readonly ? "/root/readonly" : "/root",
		.differs = in->plan->rootfs.readonly && !is_readonly,
	};

	snprintf(found, sizeof(found), "%s %s", search.type, search.options);
	return inspect_tell_checked(in, &fact);
}

/* Without a mount namespace of its own, nothing may have been mounted for the container. */
int inspect_mounts(const struct inspection *in)
{
	const struct plan_rootfs *rootfs = &in->plan->rootfs;
	AUTO_FD root_fd = -1;

	if (!rootfs->has_mount_ns && !rootfs->is_bound)
		return 0;
	root_fd = container_open_root(in->container, in->err);
	TRY(root_fd);
	TRY(tell_root(in));
	for (size_t i = 0; i < rootfs->n_mounts; i++)
		TRY(tell_mount(in, &rootfs->mounts[i]));
	for (size_t i = 0; i < rootfs->n_masked; i++)
		TRY(tell_protected(in, root_fd, &rootfs->masked[i], true));
	for (size_t i = 0; i < rootfs->n_readonly_paths; i++)
		TRY(tell_protected(in, root_fd, &rootfs->readonly_paths[i], false));
	return 0;
}
