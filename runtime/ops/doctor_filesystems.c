/* SPDX-License-Identifier: Apache-2.0 */
/* Types of filesystems, device nodes, and where idmapped mounts work. */
#include "doctor.h"

#include "fd.h"
#include "host_facts.h"
#include "idmap.h"
#include "mountapi.h"
#include "mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define SECTION "filesystems"

/* What is there, may come to be, or is missing. */
struct row {
	const char *name;
	bool is_essential;
	const char *purpose;
};

static int tell_row(const struct doctor *doctor, const struct row *row, enum ops_health health,
		    const char *found, const char *remedy)
{
	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = row->name,
					   .health = health,
					   .is_essential = row->is_essential,
					   .found = found,
					   .purpose = row->purpose,
					   .remedy = remedy,
				   });
}

/* ---- types ---- */

static const struct row types[] = {
	{ "proc", true, "/proc of its own processes" },
	{ "sysfs", true, "/sys of its own network" },
	{ "tmpfs", true, "/dev, /run, and data that does not stay" },
	{ "devpts", true, "terminals" },
	{ "mqueue", false, "/dev/mqueue, which most configs mount" },
	{ "overlay", false, "images made of layers, which engines mount" },
	{ "fuse", false, "fuse-overlayfs, for users without overlay" },
};

static int tell_type(const struct doctor *doctor, const struct row *type)
{
	char remedy[DOCTOR_REMEDY_MAX];

	if (host_has_filesystem(type->name))
		return tell_row(doctor, type, OPS_HEALTH_OK, "in the kernel", NULL);
	if (!host_has_modules())
		return tell_row(doctor, type, OPS_HEALTH_MISSING, "not in this kernel", NULL);
	snprintf(remedy, sizeof(remedy), "modprobe %s", type->name);
	return tell_row(doctor, type, OPS_HEALTH_LIMITED,
			"not in the kernel yet, perhaps in a module", remedy);
}

static int tell_whole_proc(const struct doctor *doctor)
{
	char target[DOCTOR_TEXT_MAX], found[DOCTOR_TEXT_MAX] = "";
	int ret = host_find_proc_cover(target, sizeof(target));

	if (ret > 0)
		snprintf(found, sizeof(found), "covered at %.300s", target);
	if (ret < 0)
		snprintf(found, sizeof(found), "not known: its mounts cannot be read: %s",
			 strerror(-ret));
	return doctor_tell(doctor,
			   &(struct ops_finding){
				   .section = SECTION,
				   .name = "whole /proc",
				   .health = ret ? OPS_HEALTH_LIMITED : OPS_HEALTH_OK,
				   .found = found,
				   .purpose = "a /proc of their own for containers of users",
			   });
}

/* ---- devices ---- */

static const struct device {
	const char *path;
	unsigned int major, minor;
	bool is_essential;
	const char *purpose, *remedy;
} devices[] = {
	{ "/dev/null", 1, 3, true, "output that nobody wants", "mknod -m 666 /dev/null c 1 3" },
	{ "/dev/urandom", 1, 9, false, "random numbers where nodes cannot be made",
	  "mknod -m 666 /dev/urandom c 1 9" },
	{ "/dev/fuse", 10, 229, false, "fuse-overlayfs, for users without overlay",
	  "modprobe fuse" },
	{ "/dev/net/tun", 10, 200, false, "networks of users: pasta, slirp4netns", "modprobe tun" },
};

static int tell_device(const struct doctor *doctor, const struct device *device)
{
	const struct row row = { device->path, device->is_essential, device->purpose };
	struct stat st;

	if (stat(device->path, &st) < 0 || !S_ISCHR(st.st_mode) ||
	    st.st_rdev != makedev(device->major, device->minor))
		return tell_row(doctor, &row, OPS_HEALTH_MISSING, "not there, or another device",
				device->remedy);
	if (faccessat(AT_FDCWD, device->path, R_OK | W_OK, AT_EACCESS) < 0)
		return tell_row(doctor, &row, OPS_HEALTH_LIMITED, "not for this user", NULL);
	return tell_row(doctor, &row, OPS_HEALTH_OK, "", NULL);
}

/* ---- idmapped mounts ---- */

/* Where root file systems and volumes use to lie; one row for each type of filesystem. */
static const char *const idmapped_paths[] = {
	"/", "/var/lib", "/home", "/tmp", "/run", "/dev/shm"
};

struct idmapped {
	int userns_fd;
	char seen[sizeof(idmapped_paths) / sizeof(idmapped_paths[0])][32];
	size_t n_seen;
};

static bool is_new(struct idmapped *idmapped, const char *type)
{
	for (size_t i = 0; i < idmapped->n_seen; i++)
		if (strcmp(idmapped->seen[i], type) == 0)
			return false;
	snprintf(idmapped->seen[idmapped->n_seen++], sizeof(idmapped->seen[0]), "%s", type);
	return true;
}

/* The copy of the mount is attached nowhere, and gone with its descriptor. */
static int try_idmapped(const struct idmapped *idmapped, int tree_fd)
{
	const struct plan_mount mount = { .target = "/" };
	struct err err = { 0 };

	return idmap_mount(tree_fd, &mount, idmapped->userns_fd, &err);
}

static int tell_idmapped(const struct doctor *doctor, struct idmapped *idmapped, int tree_fd)
{
	char type[32], name[64], found[64] = "";
	int ret;

	if (tree_fd < 0 || mountinfo_type_of(tree_fd, type, sizeof(type)) < 0 ||
	    !is_new(idmapped, type))
		return 0;
	ret = try_idmapped(idmapped, tree_fd);
	if (ret < 0)
		snprintf(found, sizeof(found), "does not work: %s", strerror(-ret));
	snprintf(name, sizeof(name), "idmapped %s", type);
	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = name,
					   .health = ret < 0 ? OPS_HEALTH_MISSING : OPS_HEALTH_OK,
					   .found = found,
					   .purpose = "volumes in user namespaces without a chown",
				   });
}

static int tell_all_idmapped(const struct doctor *doctor)
{
	struct plan_id_map map = { .inside = 0, .outside = 1, .size = 1 };
	const struct plan_id_maps maps = { .n = 1, .v = &map };
	struct idmapped idmapped = { .n_seen = 0 };
	struct err err = { 0 };
	AUTO_FD userns_fd =
		doctor->host->in_user_ns ? -EPERM : idmap_open_userns(&maps, &maps, &err);

	idmapped.userns_fd = userns_fd;
	if (userns_fd < 0)
		return doctor_tell(doctor,
				   &(struct ops_finding){
					   .section = SECTION,
					   .name = "idmapped mounts",
					   .health = OPS_HEALTH_LIMITED,
					   .found = "for root of the host alone",
					   .purpose = "volumes in user namespaces without a chown",
				   });
	for (size_t i = 0; i < sizeof(idmapped_paths) / sizeof(idmapped_paths[0]); i++) {
		AUTO_FD tree_fd = mount_kernel.tree_clone(AT_FDCWD, idmapped_paths[i], false);

		TRY(tell_idmapped(doctor, &idmapped, tree_fd));
	}
	return 0;
}

int doctor_look_at_filesystems(const struct doctor *doctor)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		TRY(tell_type(doctor, &types[i]));
	TRY(tell_whole_proc(doctor));
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		TRY(tell_device(doctor, &devices[i]));
	return tell_all_idmapped(doctor);
}
