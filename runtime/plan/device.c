/* SPDX-License-Identifier: Apache-2.0 */
/* Device nodes: the defaults of the spec, those of config.json, and the links in /dev. */
#include "path.h"
#include "plan_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEVICE_MODE      0666
#define DEVICE_MODE_MASK 07777
/* The kernel's dev_t has 12 and 20 bits: MAJOR() and MINOR() of kdev_t.h. */
#define MAJOR_MAX ((1 << 12) - 1)
#define MINOR_MAX ((1 << 20) - 1)

/* config-linux.md, "Default Devices"; console comes with the terminal, ptmx is a link. */
static const struct default_device {
	const char *path;
	uint32_t major, minor;
} default_devices[] = {
	{ "/dev/null", 1, 3 },   { "/dev/zero", 1, 5 },    { "/dev/full", 1, 7 },
	{ "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
};
#define N_DEFAULT_DEVICES (sizeof(default_devices) / sizeof(default_devices[0]))

/* runtime-linux.md, "Dev symbolic links". */
static const struct plan_link default_links[] = {
	{ "/dev/fd", "/proc/self/fd" },       { "/dev/stdin", "/proc/self/fd/0" },
	{ "/dev/stdout", "/proc/self/fd/1" }, { "/dev/stderr", "/proc/self/fd/2" },
	{ "/dev/core", "/proc/kcore" },       { "/dev/ptmx", "pts/ptmx" },
};
#define N_DEFAULT_LINKS (sizeof(default_links) / sizeof(default_links[0]))

static mode_t device_type(char type)
{
	return type == 'b' ? S_IFBLK : type == 'p' ? S_IFIFO : S_IFCHR;
}

static int build_device(const struct plan_input *in, size_t index, struct plan_device *ret_device,
			struct err *err)
{
	const struct spec_device *from = &in->spec->linux_.devices.v[index];
	const char *origin = arena_printf(in->arena, "/linux/devices/%zu", index);
	struct plan_device device = {
		.type = device_type(from->type),
		.path = path_clean(in->arena, from->path),
		.mode = DEVICE_MODE,
		.uid = from->uid.set ? (uid_t)from->uid.value : 0,
		.gid = from->gid.set ? (gid_t)from->gid.value : 0,
		.origin = origin,
	};

	/* Engines write all of st_mode. */
	if (from->file_mode.set)
		device.mode = (mode_t)from->file_mode.value & DEVICE_MODE_MASK;
	if (device.type != S_IFIFO) {
		if (from->major < 0 || from->major > MAJOR_MAX)
			return err_at(err, arena_printf(in->arena, "%s/major", origin), EINVAL,
				      "major %" PRId64 " of device \"%s\" is not from 0 to %d",
				      from->major, from->path, MAJOR_MAX);
		if (from->minor < 0 || from->minor > MINOR_MAX)
			return err_at(err, arena_printf(in->arena, "%s/minor", origin), EINVAL,
				      "minor %" PRId64 " of device \"%s\" is not from 0 to %d",
				      from->minor, from->path, MINOR_MAX);
		device.major = (uint32_t)from->major;
		device.minor = (uint32_t)from->minor;
	}
	*ret_device = device;
	return 0;
}

static int compare_device(const void *a, const void *b)
{
	const struct plan_device *const *left = a, *const *right = b;
	int order = strcmp((*left)->path, (*right)->path);

	/* By position: the later one of two is the one to complain about. */
	return order ? order : *left < *right ? -1 : 1;
}

/* Sorted instead of all with all: a config may have thousands. */
static int check_paths(struct arena *arena, const struct plan_device *devices, size_t n,
		       struct err *err)
{
	const struct plan_device **sorted = ARENA_ARRAY(arena, const struct plan_device *, n);

	for (size_t i = 0; i < n; i++)
		sorted[i] = &devices[i];
	qsort(sorted, n, sizeof(const struct plan_device *), compare_device);
	for (size_t i = 1; i < n; i++)
		if (strcmp(sorted[i - 1]->path, sorted[i]->path) == 0)
			return err_at(err, arena_printf(arena, "%s/path", sorted[i]->origin),
				      EINVAL, "device \"%s\" is the same as that of %s",
				      sorted[i]->path, sorted[i - 1]->origin);
	return 0;
}

static bool has_device(const struct plan_device *devices, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(devices[i].path, path) == 0)
			return true;
	return false;
}

/* The host's own /dev: what it has is what the container gets. */
static bool is_dev_bound(const struct plan_rootfs *rootfs)
{
	for (size_t i = 0; i < rootfs->n_mounts; i++)
		if (rootfs->mounts[i].kind == PLAN_MOUNT_BIND &&
		    strcmp(rootfs->mounts[i].target, "/dev") == 0)
			return true;
	return false;
}

/*
 * /dev/ptmx is a link into the container's own devpts. A node in its place, bound from the host for a
 * user without privileges, would open terminals of the host.
 */
static size_t drop_ptmx(struct plan_device *devices, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (strcmp(devices[i].path, "/dev/ptmx") != 0)
			devices[left++] = devices[i];
	return left;
}

int plan_build_devices(const struct plan_input *in, struct plan_rootfs *rootfs, struct err *err)
{
	size_t n = in->spec->linux_.devices.n, n_defaults = 0;
	struct plan_device *all = ARENA_ARRAY(in->arena, struct plan_device, N_DEFAULT_DEVICES + n);
	struct plan_device *asked = all + N_DEFAULT_DEVICES;

	for (size_t i = 0; i < n; i++)
		TRY(build_device(in, i, &asked[i], err));
	TRY(check_paths(in->arena, asked, n, err));
	n = drop_ptmx(asked, n);
	if (is_dev_bound(rootfs))
		return 0;

	/* From the last one on, so that they end up in order right before those asked for. */
	for (size_t i = N_DEFAULT_DEVICES; i-- > 0;) {
		const struct default_device *row = &default_devices[i];

		if (has_device(asked, n, row->path))
			continue;
		n_defaults++;
		asked[-(ptrdiff_t)n_defaults] = (struct plan_device){
			.type = S_IFCHR,
			.path = row->path,
			.major = row->major,
			.minor = row->minor,
			.mode = DEVICE_MODE,
			.origin = "",
		};
	}
	rootfs->devices = asked - n_defaults;
	rootfs->n_devices = n_defaults + n;
	rootfs->links = ARENA_ARRAY(in->arena, struct plan_link, N_DEFAULT_LINKS);
	memcpy(rootfs->links, default_links, sizeof(default_links));
	rootfs->n_links = N_DEFAULT_LINKS;
	return 0;
}
