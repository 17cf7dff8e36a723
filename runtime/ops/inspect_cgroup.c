/* SPDX-License-Identifier: Apache-2.0 */
/* Where the container's cgroups are, and what their files say where a value was asked for. */
#include "inspect.h"

#include "cgroupfs.h"
#include "device_filter.h"
#include "fd.h"
#include "plan_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than there can be: v1 says "no limit" with a number that the page size rounds. */
#define NO_LIMIT (INT64_MAX / 4096 * 4096)

/* What a number means, whatever it is written like: -1 and "max" are no limit. */
static int64_t number_of(const char *text, bool *ret_is_number)
{
	char *end;
	long long number = strtoll(text, &end, 10);

	*ret_is_number = end != text && *end == '\0';
	if (strcmp(text, "max") == 0) {
		*ret_is_number = true;
		return NO_LIMIT;
	}
	return number == -1 || number >= NO_LIMIT ? NO_LIMIT : number;
}

/* The kernel counts memory in pages. */
static bool is_same_number(const char *asked, const char *found)
{
	long page = sysconf(_SC_PAGESIZE);
	bool are_numbers[2];
	int64_t a = number_of(asked, &are_numbers[0]), b = number_of(found, &are_numbers[1]);

	return are_numbers[0] && are_numbers[1] && (a == b || (a > page && a / page * page == b));
}

/* Files with a line per device, or a word and a value, have other lines too. */
static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at += len)
		if ((at == text || at[-1] == '\n') && (!at[len] || at[len] == '\n'))
			return true;
	return false;
}

/* A set of processors or nodes is written in more than one way: let the kernel's stand. */
static bool is_list(const char *file)
{
	return strncmp(file, "cpuset.", strlen("cpuset.")) == 0;
}

static int tell_value(const struct inspection *in, int dir_fd,
		      const struct plan_cgroup_write *write)
{
	char found[CGROUPFS_VALUE_MAX] = "";
	struct ops_fact fact = {
		.section = "cgroup",
		.name = write->file,
		.asked = write->value,
		.found = found,
		.origin = write->origin,
	};
	ssize_t len = cgroupfs_read(dir_fd, write->file, found, sizeof(found));

	if (len == -ENOENT && write->alt_file) {
		fact.name = write->alt_file;
		fact.asked = write->alt_value;
		len = cgroupfs_read(dir_fd, write->alt_file, found, sizeof(found));
	}
	if (len == -EACCES || len == -EINVAL || len == -EPERM) {
		fact.found = INSPECT_UNREADABLE;
	} else if (len < 0) {
		fact.found = "";
		fact.differs = !(write->flags & PLAN_CGROUP_MAY_MISS);
	} else {
		fact.differs = !has_line(found, fact.asked) && !is_same_number(fact.asked, found) &&
			       !is_list(fact.name);
	}
	return inspect_tell_checked(in, &fact);
}

/* Rules of devices (v1) are written to two files and read from a third, where the kernel joins them. */
static bool is_device_rule(const struct plan_cgroup_write *write)
{
	return strcmp(write->file, "devices.allow") == 0 ||
	       strcmp(write->file, "devices.deny") == 0;
}

static int tell_devices(const struct inspection *in, int dir_fd,
			const struct plan_cgroup_write *first)
{
	static const char all[] = "a *:* rwm";
	char found[CGROUPFS_VALUE_MAX] = "";
	bool is_denied = strcmp(first->file, "devices.deny") == 0 && first->value[0] == 'a';
	struct ops_fact fact = {
		.section = "cgroup",
		.name = "devices.list",
		.asked = is_denied ? "no rule for all devices" : "",
		.found = found,
		.origin = first->origin,
	};

	if (cgroupfs_read(dir_fd, fact.name, found, sizeof(found)) < 0)
		fact.found = INSPECT_UNREADABLE;
	fact.differs = is_denied && has_line(found, all);
	return inspect_tell_checked(in, &fact);
}

/* With v2 a program judges, which cannot be read; but whether it is there can. */
static int tell_device_program(const struct inspection *in, int dir_fd)
{
	const struct plan_cgroup *cgroup = in->plan->cgroup;
	int is_attached = device_filter_is_attached(dir_fd);
	struct ops_fact fact = {
		.section = "cgroup",
		.name = "devices",
		.asked = "a BPF program",
		.found = is_attached < 0 ? INSPECT_UNREADABLE
			 : is_attached   ? "a BPF program"
					 : "",
		.differs = is_attached == 0,
		.origin = cgroup->devices[0].origin,
	};

	return inspect_tell_checked(in, &fact);
}

static int tell_hierarchy(const struct inspection *in, size_t index)
{
	const struct cgroup_path *path = &in->container->record.cgroups.v[index];
	const struct plan_cgroup *cgroup = in->plan->cgroup;
	AUTO_FD dir_fd = open(path->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool devices_told = false;

	TRY(inspect_tell(in, "cgroup", path->is_v2 ? "v2" : path->controllers, "/linux/cgroupsPath",
			 path->dir, dir_fd < 0 ? "" : path->dir));
	for (size_t i = 0; dir_fd >= 0 && i < cgroup->n_writes; i++) {
		const struct plan_cgroup_write *write = &cgroup->writes[i];

		if (write->hierarchy != index)
			continue;
		if (!is_device_rule(write))
			TRY(tell_value(in, dir_fd, write));
		else if (!devices_told)
			TRY(tell_devices(in, dir_fd, write));
		devices_told = devices_told || is_device_rule(write);
	}
	if (dir_fd >= 0 && cgroup->n_devices && cgroup->devices_hierarchy == index)
		TRY(tell_device_program(in, dir_fd));
	return 0;
}

int inspect_cgroup(const struct inspection *in)
{
	size_t n = in->plan->cgroup ? in->plan->cgroup->n_hierarchies : 0;

	/* Another host, or other mounts than at create: the directories cannot be told apart. */
	if (n != in->container->record.cgroups.n)
		return 0;
	for (size_t i = 0; i < n; i++)
		TRY(tell_hierarchy(in, i));
	return 0;
}
