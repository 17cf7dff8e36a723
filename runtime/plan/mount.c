/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of /mounts: which kind of mount each is, and what it may lie over. */
#include "mount_options.h"
#include "path.h"
#include "plan_parts.h"

#include <errno.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

#define TARGET_MODE 0755

static bool is_one_of(const char *text, const char *const *list)
{
	for (; text && *list; list++)
		if (strcmp(text, *list) == 0)
			return true;
	return false;
}

/*
 * For a new filesystem, mount(2) makes both the mount and the superblock read-only when it is told
 * "ro"; a disk needs the latter, or it is written to before anybody can look at it. These need
 * the former only: the superblock of a namespace's sysfs, mqueue or cgroup is shared with every
 * later mount of it, also that of another container, and a tmpfs is filled by the runtime first.
 */
static bool keeps_superblock_writable(const char *type)
{
	static const char *const types[] = {
		"bpf",        "cgroup",   "cgroup2", "configfs", "debugfs",
		"devpts",     "devtmpfs", "mqueue",  "proc",     "ramfs",
		"securityfs", "sysfs",    "tmpfs",   "tracefs",  NULL,
	};

	return is_one_of(type, types);
}

static enum plan_mount_kind kind_of(const struct spec_mount *from,
				    const struct mount_options *options)
{
	static const char *const bind_types[] = { "bind", "rbind", NULL };
	static const char *const cgroup_types[] = { "cgroup", "cgroup2", NULL };

	if (options->is_remount)
		return PLAN_MOUNT_REMOUNT;
	if (options->is_bind || is_one_of(from->type, bind_types))
		return PLAN_MOUNT_BIND;
	if (is_one_of(from->type, cgroup_types))
		return PLAN_MOUNT_CGROUP;
	return PLAN_MOUNT_NEW;
}

/*
 * Programs in a container, and this runtime, trust what they read below /proc. Only files that
 * lxcfs serves, which describe the machine, may be covered.
 */
static int check_proc(const struct plan_input *in, struct plan_mount *mount, struct err *err)
{
	static const char *const allowed[] = {
		"/proc/cpuinfo",
		"/proc/diskstats",
		"/proc/loadavg",
		"/proc/meminfo",
		"/proc/slabinfo",
		"/proc/stat",
		"/proc/swaps",
		"/proc/sys/crypto/fips_enabled",
		"/proc/sys/kernel/ns_last_pid",
		"/proc/uptime",
		NULL,
	};
	const char *pointer = arena_printf(in->arena, "%s/destination", mount->origin);

	mount->may_be_in_procfs =
		is_one_of(mount->target, allowed) || strcmp(mount->target, "/proc") == 0;
	if (!path_is_below(mount->target, "/proc") || is_one_of(mount->target, allowed))
		return 0;
	if (strcmp(mount->target, "/proc") != 0)
		return err_at(err, pointer, EINVAL,
			      "\"%s\" cannot be mounted because it is inside /proc", mount->target);
	mount->must_be_procfs = mount->kind == PLAN_MOUNT_BIND;
	if (mount->kind == PLAN_MOUNT_CGROUP ||
	    (mount->kind == PLAN_MOUNT_NEW && strcmp(mount->type, "proc") != 0))
		return err_at(err, pointer, EINVAL,
			      "\"%s\" cannot be mounted because it is not of type proc",
			      mount->target);
	return 0;
}

/*
 * The path in the container of what the host calls @path, or NULL when that is elsewhere: by name,
 * and only where a name can be trusted to say so.
 */
static const char *inside_root(const struct plan_rootfs *rootfs, const char *path)
{
	if (strstr(path, "/..") || strcmp(rootfs->path, "/") == 0 ||
	    !path_is_below(path, rootfs->path))
		return NULL;
	path += strlen(rootfs->path);
	return path[0] ? path : "/";
}

static int set_source(const struct plan_input *in, const struct plan_rootfs *rootfs,
		      const struct spec_mount *from, struct plan_mount *mount, struct err *err)
{
	bool has_source = from->source && from->source[0];

	if (mount->kind != PLAN_MOUNT_BIND) {
		mount->type = plan_text(in->arena, from->type);
		if (has_source)
			mount->source = arena_strdup(in->arena, from->source);
		else if (mount->kind != PLAN_MOUNT_REMOUNT)
			mount->source = mount->type; /* what the mount table will show */
		if (mount->kind == PLAN_MOUNT_NEW && (!from->type || !from->type[0]))
			return err_at(err, arena_printf(in->arena, "%s/type", mount->origin),
				      EINVAL,
				      "the mount at \"%s\" has no type and is no bind mount",
				      mount->target);
		return 0;
	}
	if (!has_source)
		return err_at(err, arena_printf(in->arena, "%s/source", mount->origin), EINVAL,
			      "the bind mount at \"%s\" has no source", mount->target);
	/* Not cleaned: on the host "link/.." is not where it seems to be. */
	if (from->source[0] == '/')
		mount->source = arena_strdup(in->arena, from->source);
	else
		mount->source = arena_printf(in->arena, "%s/%s", in->request->bundle, from->source);
	mount->root_source = inside_root(rootfs, mount->source);
	return 0;
}

/*
 * A bind mount is remounted with the attributes that are asked for when any is, as mount(8) does
 * it: those that nobody names are cleared. Access times are one value, which stays as it is unless
 * another is named; to name what it is not is no such value. The superuser of a user namespace
 * could not do it (mount_namespaces(7), locked flags): there, what nobody names stays.
 */
#define LOCKED_ATTRS                                                                               \
	((uint64_t)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC))
#define ATIME_ATTRS ((uint64_t)(MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME))

static void set_bind_attributes(const struct plan_input *in, const struct mount_options *options,
				struct plan_mount *mount)
{
	bool has_atime = (mount->attr_clear & MOUNT_ATTR__ATIME) ||
			 (mount->attr_set & MOUNT_ATTR_NODIRATIME);
	uint64_t asked = mount->attr_set | mount->rec_attr_set;

	if (!options->has_attributes)
		return;
	if (has_atime)
		mount->attr_clear |= ATIME_ATTRS & ~(asked & MOUNT_ATTR_NODIRATIME);
	else
		mount->attr_clear &= ~ATIME_ATTRS;
	mount->attr_clear |= MOUNT_ATTR_NOSYMFOLLOW & ~asked; /* which is never locked */
	if (plan_has_ns(in->ns, CLONE_NEWUSER))
		mount->attr_locked = LOCKED_ATTRS;
	else if (!in->host->in_user_ns)
		mount->attr_clear |= LOCKED_ATTRS & ~asked;
}

static void set_attributes(const struct plan_input *in, const struct mount_options *options,
			   struct plan_mount *mount)
{
	mount->attr_set = options->attr_set;
	mount->attr_clear = options->attr_clear;
	mount->rec_attr_set = options->rec_attr_set;
	mount->rec_attr_clear = options->rec_attr_clear;
	mount->recursive = options->recursive;
	mount->propagation = options->propagation;
	mount->rec_propagation = options->rec_propagation;

	if (mount->kind == PLAN_MOUNT_BIND)
		set_bind_attributes(in, options, mount);
	/* Below these is nothing, or what gets the same options: one step instead of two. */
	if (mount->kind == PLAN_MOUNT_NEW || mount->kind == PLAN_MOUNT_CGROUP) {
		mount->attr_set |= options->rec_attr_set & ~options->attr_clear;
		mount->attr_clear |= options->rec_attr_clear & ~options->attr_set;
		mount->rec_attr_set = 0;
		mount->rec_attr_clear = 0;
	}
	/* A tmpfs gets directories for the mounts that lie in it, and /dev its devices first. */
	if (mount->kind == PLAN_MOUNT_NEW && keeps_superblock_writable(mount->type) &&
	    (strcmp(mount->type, "tmpfs") == 0 || strcmp(mount->target, "/dev") == 0)) {
		mount->late_attr_set = mount->attr_set & MOUNT_ATTR_RDONLY;
		mount->attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
}

/* What is not there to be told anything; NULL: a filesystem that takes options. */
static const char *kind_without_data(const struct plan_mount *mount,
				     const struct mount_options *options)
{
	/* The kernel ignores them for a bind mount, and so do others. */
	if (mount->kind == PLAN_MOUNT_BIND || options->is_bind)
		return "bind";
	/* The host's hierarchies exist already, and have the options that the host gave them. */
	return mount->kind == PLAN_MOUNT_CGROUP ? "cgroup" : NULL;
}

/*
 * Everybody's template gives terminals to the group tty. Where nobody inside is in it they are their
 * owner's: a user's own id may be all that there is.
 */
static void drop_unmapped_group(const struct plan_input *in, struct mount_options *told,
				const struct plan_mount *mount)
{
	size_t left = 0;

	if (!in->ns->has_uid_gid_maps || !mount->type || strcmp(mount->type, "devpts") != 0)
		return;
	for (size_t i = 0; i < told->n_data; i++) {
		char *end;
		bool is_gid = strncmp(told->data[i], "gid=", 4) == 0;
		unsigned long gid = is_gid ? strtoul(told->data[i] + 4, &end, 10) : 0;

		if (is_gid && !*end && gid <= UINT32_MAX &&
		    !plan_id_is_mapped(&in->ns->gids, (uint32_t)gid))
			log_debug(in->request->log, "%s: group %lu is not mapped: no \"%s\"",
				  mount->origin, gid, told->data[i]);
		else
			told->data[left++] = told->data[i];
	}
	told->n_data = left;
}

/* What the filesystem is told, as opposed to the mount. */
static void set_filesystem(const struct plan_input *in, const struct mount_options *options,
			   struct plan_mount *mount)
{
	struct mount_options told = *options;
	const char *kind = kind_without_data(mount, options);

	if (kind) {
		for (size_t i = 0; i < options->n_data; i++)
			log_warning(in->request->log,
				    "%s: option \"%s\" of the %s mount at \"%s\" has no effect",
				    mount->origin, options->data[i], kind, mount->target);
		told = (struct mount_options){ .n_data = 0 };
	}
	drop_unmapped_group(in, &told, mount);
	mount->sb_flags = told.sb_set;
	if (mount->kind == PLAN_MOUNT_REMOUNT)
		mount->sb_clear = told.sb_clear;
	if (keeps_superblock_writable(mount->type)) {
		mount->sb_flags &= ~(uint64_t)MS_RDONLY;
		mount->sb_clear &= ~(uint64_t)MS_RDONLY;
	}
	mount_options_params(in->arena, &told, mount);

	mount->copy_up = options->copy_up;
	if (mount->copy_up && (!mount->type || strcmp(mount->type, "tmpfs") != 0)) {
		log_warning(in->request->log, "%s: option \"tmpcopyup\" is for tmpfs only",
			    mount->origin);
		mount->copy_up = false;
	}
}

static int set_id_maps(const struct plan_input *in, const struct spec_mount *from,
		       const struct mount_options *options, struct plan_mount *mount,
		       struct err *err)
{
	const char *uids = arena_printf(in->arena, "%s/uidMappings", mount->origin);
	const char *gids = arena_printf(in->arena, "%s/gidMappings", mount->origin);
	bool has_maps = from->uid_mappings.n > 0 || from->gid_mappings.n > 0;

	/* spec: with mappings the option should be there, but they count without it too. */
	mount->idmap = options->idmap || has_maps;
	mount->rec_idmap = options->rec_idmap;
	if (!mount->idmap)
		return 0;
	if (mount->kind != PLAN_MOUNT_BIND)
		return err_at(err, has_maps ? uids : mount->origin, EINVAL,
			      "\"%s\": id-mapped mounts are only supported for bind-mounts",
			      mount->target);
	if (has_maps && (from->uid_mappings.n == 0 || from->gid_mappings.n == 0))
		return err_at(err, from->uid_mappings.n == 0 ? uids : gids, EINVAL,
			      "id-mapped mounts must have both uid and gid mappings specified");
	if (!has_maps && !plan_has_ns(in->ns, CLONE_NEWUSER)) {
		err_at(err, arena_printf(in->arena, "%s/options", mount->origin), EINVAL,
		       "\"%s\" is to be id-mapped, but neither it nor the container has mappings",
		       mount->target);
		return err_hint(err, "add uidMappings and gidMappings to the mount");
	}
	TRY(plan_build_id_maps(in->arena, &from->uid_mappings, uids, &mount->uids, err));
	return plan_build_id_maps(in->arena, &from->gid_mappings, gids, &mount->gids, err);
}

static int build_mount(const struct plan_input *in, const struct plan_rootfs *rootfs, size_t index,
		       struct plan_mount *mount, struct err *err)
{
	const struct spec_mount *from = &in->spec->mounts.v[index];
	struct mount_options options = mount_options_read(in->arena, &from->options);
	const char *target = path_clean(in->arena, from->destination);
	const char *inside = inside_root(rootfs, target);

	mount->kind = kind_of(from, &options);
	mount->origin = arena_printf(in->arena, "/mounts/%zu", index);
	/* Some callers name the place on the host. */
	mount->target = inside ? inside : target;
	mount->target_mode = TARGET_MODE;
	if (from->destination[0] != '/')
		log_warning(in->request->log,
			    "%s: destination \"%s\" is relative, \"%s\" is used instead",
			    mount->origin, from->destination, mount->target);
	/* It would hide all that the container has, the mounts before it among them. */
	if (strcmp(mount->target, "/") == 0 && mount->kind != PLAN_MOUNT_REMOUNT)
		return err_at(err, arena_printf(in->arena, "%s/destination", mount->origin), EINVAL,
			      "\"/\" is the root file system: /root/path says what it is");
	TRY(set_source(in, rootfs, from, mount, err));
	TRY(check_proc(in, mount, err));
	set_attributes(in, &options, mount);
	/* In a namespace of its own the container's copies of the host's mounts are slaves already. */
	mount->is_cut_off = rootfs->is_bound && mount->kind == PLAN_MOUNT_BIND &&
			    !(rootfs->propagation == MS_SHARED && mount->propagation == MS_SHARED);
	set_filesystem(in, &options, mount);
	return set_id_maps(in, from, &options, mount, err);
}

int plan_build_mounts(const struct plan_input *in, struct plan_rootfs *rootfs, struct err *err)
{
	size_t n = in->spec->mounts.n;

	rootfs->mounts = ARENA_ARRAY(in->arena, struct plan_mount, n);
	rootfs->n_mounts = n;
	for (size_t i = 0; i < n; i++) {
		struct plan_mount *mount = &rootfs->mounts[i];

		TRY(build_mount(in, rootfs, i, mount, err));
		if (strcmp(mount->target, "/dev") == 0 && mount->kind != PLAN_MOUNT_REMOUNT)
			rootfs->mounts_dev = true;
	}
	return 0;
}
