/* SPDX-License-Identifier: Apache-2.0 */
/* The hierarchies, their controllers, and whether this caller can make cgroups below them. */
#include "doctor.h"

#include "host_facts.h"
#include "io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTION   "cgroups"
#define PATH_ROOM 4096

#define DELEGATE                                                                                   \
	"mkdir -p /etc/systemd/system/user@.service.d && printf "                                  \
	"'[Service]\\nDelegate=cpu cpuset io memory pids\\n' "                                     \
	">/etc/systemd/system/user@.service.d/delegate.conf && systemctl daemon-reload "           \
	"# then log in again"

/* ---- hierarchies ---- */

/* Whether @word is among those of @list, separated by commas or blanks. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t n = strcspn(list, ", ");

		if (n == len && strncmp(list, word, n) == 0)
			return true;
		list += n + (list[n] != '\0');
	}
	return false;
}

static const struct host_hierarchy *find_v2(const struct host *host)
{
	for (size_t i = 0; i < host->n_hierarchies; i++)
		if (host->hierarchies[i].is_v2)
			return &host->hierarchies[i];
	return NULL;
}

/* The hierarchy that has a controller; its names differ. */
static const struct host_hierarchy *find_controller(const struct host *host, const char *v1,
						    const char *v2)
{
	for (size_t i = 0; i < host->n_hierarchies; i++) {
		const struct host_hierarchy *h = &host->hierarchies[i];
		const char *name = h->is_v2 ? v2 : v1;

		if (name && has_word(h->controllers, name))
			return h;
	}
	return NULL;
}

/* Whether cgroups can be made: at the top, where absolute paths begin, or at the caller's own. */
static bool can_make_in(const struct host_hierarchy *h)
{
	char own[PATH_ROOM];

	snprintf(own, sizeof(own), "%s%s", h->mount, h->own_path);
	return access(h->mount, W_OK) == 0 || access(own, W_OK) == 0;
}

static const struct layout {
	const char *name;
	enum ops_health health;
	const char *remedy;
} layouts[] = {
	[0] = { "none is mounted", OPS_HEALTH_MISSING, "mount -t cgroup2 cgroup2 /sys/fs/cgroup" },
	[1] = { "version 1", OPS_HEALTH_LIMITED,
		DOCTOR_BOOT_WITH("systemd.unified_cgroup_hierarchy=1") },
	[2] = { "version 2", OPS_HEALTH_OK, NULL },
	[3] = { "hybrid: version 1, and 2 beside it", OPS_HEALTH_LIMITED,
		DOCTOR_BOOT_WITH("systemd.unified_cgroup_hierarchy=1") },
};

static int tell_layout(const struct doctor *doctor)
{
	bool has_v2 = find_v2(doctor->host);
	bool has_v1 = doctor->host->n_hierarchies > has_v2;
	const struct layout *layout = &layouts[has_v1 + 2 * has_v2];

	return doctor_tell(
		doctor, &(struct ops_finding){
				.section = SECTION,
				.name = "layout",
				.health = layout->health,
				.is_essential = !doctor->host->in_user_ns,
				.found = layout->name,
				.purpose = "limits and statistics; those of users need version 2",
				.remedy = layout->remedy,
			});
}

/* ---- controllers ---- */

static const struct controller {
	const char *v1,
		*v2; /* NULL: version 2 has it without a controller, or version 1 not at all */
	bool is_essential;
	bool is_delegated; /* systemd gives it to users who may have it */
	const char *purpose;
} controllers[] = {
	{ "cpu", "cpu", true, true, "shares, quotas and idle processors" },
	{ "cpuset", "cpuset", false, true, "processors and memory nodes of its own" },
	{ "memory", "memory", true, true, "limits of memory, and being told when it runs out" },
	{ "pids", "pids", true, true, "a limit of tasks: what stops a fork bomb" },
	{ "blkio", "io", false, true, "limits of disk input and output" },
	{ "hugetlb", "hugetlb", false, false, "limits of huge pages" },
	{ "rdma", "rdma", false, false, "limits of RDMA" },
	{ "net_cls", NULL, false, false, "a class for packets (only version 1 has it)" },
};

/* Whether /proc/cgroups says that the kernel has the controller and was told not to use it. */
static bool is_switched_off(const char *name)
{
	FILE *in = fopen("/proc/cgroups", "re");
	char line[128];
	bool is_off = false;

	while (in && !is_off && fgets(line, sizeof(line), in)) {
		size_t len = strcspn(line, "\t");

		is_off = strlen(name) == len && strncmp(line, name, len) == 0 &&
			 strcmp(strrchr(line, '\t'), "\t0\n") == 0;
	}
	if (in)
		fclose(in);
	return is_off;
}

static int tell_controller(const struct doctor *doctor, const struct controller *row)
{
	const struct host_hierarchy *h = find_controller(doctor->host, row->v1, row->v2);
	char found[DOCTOR_TEXT_MAX], remedy[DOCTOR_REMEDY_MAX] = "";
	struct ops_finding finding = {
		.section = SECTION,
		.name = h && h->is_v2 ? row->v2 : row->v1,
		.health = OPS_HEALTH_MISSING,
		/* Users may have to do without limits: what they have not been given is no fault. */
		.is_essential = row->is_essential && !doctor->host->in_user_ns,
		.found = found,
		.purpose = row->purpose,
		.remedy = remedy,
	};

	snprintf(found, sizeof(found), "not there");
	if (h && can_make_in(h)) {
		finding.health = OPS_HEALTH_OK;
		snprintf(found, sizeof(found), "version %d, at %s", h->is_v2 ? 2 : 1, h->mount);
	} else if (h) {
		finding.health = OPS_HEALTH_LIMITED;
		snprintf(found, sizeof(found), "version %d, at %s, not delegated to this user",
			 h->is_v2 ? 2 : 1, h->mount);
		if (h->is_v2 && row->is_delegated && doctor_has_systemd())
			snprintf(remedy, sizeof(remedy), "%s", DELEGATE);
	} else if (is_switched_off(row->v1)) {
		snprintf(found, sizeof(found), "switched off on the kernel's command line");
		snprintf(remedy, sizeof(remedy), DOCTOR_BOOT_WITH("cgroup_enable=%s"), row->v1);
	}
	return doctor_tell(doctor, &finding);
}

/* ---- what has no controller on version 2 ---- */

static int tell_devices(const struct doctor *doctor)
{
	const struct host_hierarchy *h = find_controller(doctor->host, "devices", NULL);
	struct ops_finding finding = {
		.section = SECTION,
		.name = "devices",
		.health = OPS_HEALTH_MISSING,
		.purpose = "rules of which devices may be opened",
	};

	if (h) {
		finding.health = can_make_in(h) ? OPS_HEALTH_OK : OPS_HEALTH_LIMITED;
		finding.found = can_make_in(h) ? "version 1" : "version 1, not for this user";
	} else if (!find_v2(doctor->host)) {
		finding.found = "not there";
	} else if (syscall(SYS_bpf, -1L, 0, 0) < 0 && errno == ENOSYS) {
		finding.found = "this kernel has no bpf(2)";
	} else {
		bool may = host_has_capability(CAP_SYS_ADMIN) && !doctor->host->in_user_ns;

		finding.health = may ? OPS_HEALTH_OK : OPS_HEALTH_LIMITED;
		finding.found = may ? "version 2, by BPF programs" : "version 2, for root alone";
	}
	return doctor_tell(doctor, &finding);
}

static int tell_freezer(const struct doctor *doctor)
{
	bool is_v1 = find_controller(doctor->host, "freezer", NULL);
	bool is_there = is_v1 || find_v2(doctor->host);

	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = "freezer",
					   .health = is_there ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
					   .found = is_v1      ? "version 1"
						    : is_there ? "version 2, since Linux 5.2"
							       : "not there",
					   .purpose = "pause and resume",
				   });
}

/* ---- files that depend on the kernel's configuration ---- */

/* Whether a cgroup of @h has @file, which the root of version 2 may not have. */
static bool has_file(const struct host_hierarchy *h, const char *file)
{
	char path[PATH_ROOM];
	bool is_found;
	DIR *dir;

	snprintf(path, sizeof(path), "%s%s/%s", h->mount, h->own_path, file);
	if (access(path, F_OK) == 0)
		return true;
	dir = opendir(h->mount);
	is_found = false;
	for (struct dirent *entry; dir && !is_found && (entry = readdir(dir));) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", entry->d_name, file);
		is_found = faccessat(dirfd(dir), path, F_OK, 0) == 0;
	}
	if (dir)
		closedir(dir);
	return is_found;
}

static int tell_swap(const struct doctor *doctor)
{
	const struct host_hierarchy *h = find_controller(doctor->host, "memory", "memory");
	bool is_there =
		h && has_file(h, h->is_v2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes");

	if (!h)
		return 0; /* the controller's row says it */
	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = "swap accounting",
					   .health = is_there ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
					   .found = is_there ? "" : "switched off",
					   .purpose = "limits of memory and swap together",
					   .remedy = DOCTOR_BOOT_WITH("swapaccount=1"),
				   });
}

static int tell_kill(const struct doctor *doctor)
{
	const struct host_hierarchy *v2 = find_v2(doctor->host);
	bool is_there = v2 && (has_file(v2, "cgroup.kill") || host_kernel_is_since(5, 14));

	if (!v2)
		return 0;
	return doctor_tell(
		doctor, &(struct ops_finding){
				.section = SECTION,
				.name = "cgroup.kill",
				.health = is_there ? OPS_HEALTH_OK : OPS_HEALTH_LIMITED,
				.found = is_there ? "since Linux 5.14"
						  : "not there: processes are killed one by one",
				.purpose = "killing all of a container at once, forking or frozen",
			});
}

/* The files are there also when the kernel was started with psi=0, and cannot be read then. */
static int tell_pressure(const struct doctor *doctor)
{
	char text[256];
	bool is_there = io_read_small(AT_FDCWD, "/proc/pressure/memory", text, sizeof(text)) > 0;

	return doctor_tell(doctor,
			   &(struct ops_finding){
				   .section = SECTION,
				   .name = "pressure (PSI)",
				   .health = is_there ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
				   .found = is_there ? "" : "switched off",
				   .purpose = "stalls for want of processor, memory or disk, "
					      "in events and top",
				   .remedy = DOCTOR_BOOT_WITH("psi=1"),
			   });
}

int doctor_look_at_cgroups(const struct doctor *doctor)
{
	TRY(tell_layout(doctor));
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++)
		TRY(tell_controller(doctor, &controllers[i]));
	TRY(tell_devices(doctor));
	TRY(tell_freezer(doctor));
	TRY(tell_swap(doctor));
	TRY(tell_kill(doctor));
	return tell_pressure(doctor);
}
