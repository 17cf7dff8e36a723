/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks: rights, ids that may be mapped, and the state root. */
#include "doctor.h"

#include "host_facts.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SECTION "caller"

/* What images have: ids up to that of nobody. */
#define IDS_ENOUGH 65536u

static int tell_rights(const struct doctor *doctor)
{
	bool is_root = geteuid() == 0, is_limited = doctor->host->in_user_ns;
	char found[DOCTOR_TEXT_MAX];

	if (is_root)
		snprintf(found, sizeof(found), "root%s",
			 is_limited ? ", in a user namespace or without CAP_SYS_ADMIN"
				    : " of the host");
	else
		snprintf(found, sizeof(found), "user %u", geteuid());
	return doctor_tell(doctor,
			   &(struct ops_finding){
				   .section = SECTION,
				   .name = "rights",
				   .health = is_limited ? OPS_HEALTH_LIMITED : OPS_HEALTH_OK,
				   .found = found,
				   .purpose = is_limited ? "containers with a user namespace"
							 : "containers of every kind",
			   });
}

/* ---- capabilities, of root ---- */

static const struct capability {
	const char *name;
	unsigned int number;
	bool is_essential;
	const char *purpose;
} capabilities[] = {
	{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN, true, "namespaces and mounts" },
	{ "CAP_SETUID", CAP_SETUID, true, "users other than root, and maps of user ids" },
	{ "CAP_SETGID", CAP_SETGID, true, "groups other than root's, and maps of group ids" },
	{ "CAP_SETPCAP", CAP_SETPCAP, true, "giving capabilities up for good" },
	{ "CAP_MKNOD", CAP_MKNOD, false, "device nodes; without it the host's are bound" },
	{ "CAP_NET_ADMIN", CAP_NET_ADMIN, false, "network devices, and net.* of /linux/sysctl" },
	{ "CAP_SYS_RESOURCE", CAP_SYS_RESOURCE, false,
	  "hard limits above the caller's own, and a lower oomScoreAdj" },
};

static int tell_capability(const struct doctor *doctor, const struct capability *row)
{
	bool is_there = host_has_capability(row->number);

	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = row->name,
					   .health = is_there ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
					   .is_essential = row->is_essential,
					   .found = is_there ? "there"
							     : "root has it not: it was taken away "
							       "before this process began",
					   .purpose = row->purpose,
				   });
}

/* ---- subordinate ids, of users ---- */

static const struct id_kind {
	const char *name, *path, *program, *option;
	unsigned int capability;
} id_kinds[] = {
	{ "user ids", "/etc/subuid", "newuidmap", "--add-subuids", CAP_SETUID },
	{ "group ids", "/etc/subgid", "newgidmap", "--add-subgids", CAP_SETGID },
};

static bool add_ids(void *context, const struct host_ids *ids)
{
	uint64_t *sum = context;

	*sum += ids->count;
	return false;
}

static int tell_ids(const struct doctor *doctor, const struct id_kind *kind)
{
	uint64_t n = 0;
	char found[DOCTOR_TEXT_MAX], remedy[DOCTOR_REMEDY_MAX], name[64];

	(void)host_find_subordinate(kind->path, add_ids, &n);
	host_own_name(name, sizeof(name));
	snprintf(found, sizeof(found), "%" PRIu64 " in %s", n, kind->path);
	snprintf(remedy, sizeof(remedy), "usermod %s 100000-165535 %s", kind->option,
		 name[0] ? name : "USER");
	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = kind->name,
					   .health = n >= IDS_ENOUGH ? OPS_HEALTH_OK
						     : n > 0         ? OPS_HEALTH_LIMITED
								     : OPS_HEALTH_MISSING,
					   .found = found,
					   .purpose = "more ids in a container than one",
					   .remedy = remedy,
				   });
}

/* Whether the program may do what it is for: by its owner, or by capabilities of the file. */
static bool is_privileged(const char *path, unsigned int capability)
{
	struct vfs_ns_cap_data data = { 0 };
	struct statvfs vfs;
	struct stat st;

	if (statvfs(path, &vfs) < 0 || vfs.f_flag & ST_NOSUID || stat(path, &st) < 0)
		return false;
	if (st.st_mode & S_ISUID && st.st_uid == 0)
		return true;
	return getxattr(path, "security.capability", &data, sizeof(data)) > 0 &&
	       le32toh(data.data[0].permitted) & 1u << capability;
}

static int tell_map_program(const struct doctor *doctor, const struct id_kind *kind)
{
	char path[64], found[DOCTOR_TEXT_MAX] = "not installed", remedy[DOCTOR_REMEDY_MAX];
	const char *program = doctor_find_program(kind->program, path, sizeof(path));
	bool is_fine = program && is_privileged(program, kind->capability);

	snprintf(remedy, sizeof(remedy), "%s", DOCTOR_INSTALL("uidmap"));
	if (program)
		snprintf(found, sizeof(found), "%s%s", path,
			 is_fine ? "" : ", without privileges: setuid bit or mount option nosuid");
	if (program && !is_fine)
		snprintf(remedy, sizeof(remedy), "chmod u+s %s", path);
	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = kind->program,
					   .health = is_fine   ? OPS_HEALTH_OK
						     : program ? OPS_HEALTH_LIMITED
							       : OPS_HEALTH_MISSING,
					   .found = found,
					   .purpose = "engines that map ids of a user: podman",
					   .remedy = remedy,
				   });
}

/* ---- the state root ---- */

/* Whether @path is the caller's to write, or could be made in the nearest directory that exists. */
static bool is_usable(const char *path, char *nearest, size_t size)
{
	struct stat st;

	snprintf(nearest, size, "%s", path);
	for (;;) {
		char *slash = strrchr(nearest, '/');

		if (stat(nearest, &st) == 0)
			return S_ISDIR(st.st_mode) &&
			       faccessat(AT_FDCWD, nearest, W_OK | X_OK, AT_EACCESS) == 0;
		if (errno != ENOENT || !slash)
			return false;
		slash[slash == nearest] = '\0';
	}
}

static int tell_state_root(const struct doctor *doctor)
{
	const char *root = doctor->ctx->root;
	char nearest[4096], found[DOCTOR_TEXT_MAX], remedy[DOCTOR_REMEDY_MAX] = "";
	bool is_fine = is_usable(root, nearest, sizeof(nearest));
	bool is_there = strcmp(root, nearest) == 0;

	snprintf(found, sizeof(found), "%.200s%s", root,
		 is_fine && is_there ? ""
		 : is_fine           ? ", made when it is needed"
				     : ", cannot be written");
	if (!is_fine)
		snprintf(remedy, sizeof(remedy), "install -d -m 700 -o %u %.300s", geteuid(), root);
	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = "state root",
					   .health = is_fine ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
					   .is_essential = true,
					   .found = found,
					   .purpose = "what list, kill and delete find again",
					   .remedy = remedy,
				   });
}

int doctor_look_at_caller(const struct doctor *doctor)
{
	TRY(tell_rights(doctor));
	for (size_t i = 0; geteuid() == 0 && i < sizeof(capabilities) / sizeof(capabilities[0]);
	     i++)
		TRY(tell_capability(doctor, &capabilities[i]));
	for (size_t i = 0; geteuid() != 0 && i < sizeof(id_kinds) / sizeof(id_kinds[0]); i++) {
		TRY(tell_ids(doctor, &id_kinds[i]));
		TRY(tell_map_program(doctor, &id_kinds[i]));
	}
	return tell_state_root(doctor);
}
