/* SPDX-License-Identifier: Apache-2.0 */
#include "host_facts.h"

#include "io.h"
#include "mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FILESYSTEMS_MAX (64u << 10)
#define SUBORDINATE_MAX ((size_t)1 << 20)

bool host_kernel_is_since(int major, int minor)
{
	struct utsname name;
	int is_major = 0, is_minor = 0;

	if (uname(&name) < 0 || sscanf(name.release, "%d.%d", &is_major, &is_minor) != 2)
		return true;
	return is_major > major || (is_major == major && is_minor >= minor);
}

int host_capabilities(uint64_t *ret_effective)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	*ret_effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	return 0;
}

bool host_has_capability(unsigned capability)
{
	uint64_t effective = 0;

	return host_capabilities(&effective) == 0 && (effective >> capability & 1);
}

long host_sysctl(const char *name)
{
	char path[96], text[32];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return io_read_small(AT_FDCWD, path, text, sizeof(text)) > 0 ? atol(text) : -1;
}

/* Whether @list, as /proc/filesystems, has a line "@attribute\t@type". */
static bool is_in_list(const char *list, const char *attribute, const char *type)
{
	size_t len = strlen(type), attribute_len = strlen(attribute);

	for (const char *line = list; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t at = strcspn(line, "\t\n");

		if (at == attribute_len && strncmp(line, attribute, at) == 0 && line[at] == '\t' &&
		    strncmp(line + at + 1, type, len) == 0 &&
		    (line[at + 1 + len] == '\n' || !line[at + 1 + len]))
			return true;
	}
	return false;
}

static bool has_filesystem(const char *attribute, const char *type)
{
	char *list = malloc(FILESYSTEMS_MAX);
	bool is_found = list &&
			io_read_small(AT_FDCWD, "/proc/filesystems", list, FILESYSTEMS_MAX) > 0 &&
			is_in_list(list, attribute, type);

	free(list);
	return is_found;
}

bool host_has_filesystem(const char *type)
{
	return has_filesystem("nodev", type) || has_filesystem("", type);
}

bool host_needs_device(const char *type)
{
	return has_filesystem("", type);
}

bool host_has_modules(void)
{
	return access("/proc/modules", F_OK) == 0;
}

bool host_has_apparmor(void)
{
	char enabled[8];

	return io_read_small(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", enabled,
			     sizeof(enabled)) > 0 &&
	       enabled[0] == 'Y';
}

bool host_has_selinux(void)
{
	return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

struct cover {
	char *target;
	size_t size;
};

/* These are there to be mounted on, and always empty: the kernel knows that nothing is hidden. */
static const char *const mount_points[] = { "/proc/fs/nfsd", "/proc/openprom",
					    "/proc/sys/fs/binfmt_misc", "/proc/xen" };

static bool hides_of_proc(void *context, const struct mountinfo *mount)
{
	struct cover *cover = context;

	if (strncmp(mount->target, "/proc/", strlen("/proc/")) != 0)
		return false;
	for (size_t i = 0; i < sizeof(mount_points) / sizeof(mount_points[0]); i++)
		if (strcmp(mount->target, mount_points[i]) == 0)
			return false;
	snprintf(cover->target, cover->size, "%s", mount->target);
	return true;
}

int host_find_proc_cover(char *ret_target, size_t size)
{
	struct cover cover = { .target = ret_target, .size = size };

	return mountinfo_find(AT_FDCWD, MOUNTINFO_SELF, hides_of_proc, &cover);
}

void host_own_name(char *name, size_t size)
{
	FILE *in = fopen("/etc/passwd", "re");
	struct passwd entry, *found;
	char text[1024];

	name[0] = '\0';
	while (in && fgetpwent_r(in, &entry, text, sizeof(text), &found) == 0)
		if (entry.pw_uid == geteuid())
			snprintf(name, size, "%s", entry.pw_name);
	if (in)
		fclose(in);
}

/* A whole decimal number up to @max; nothing else is one. */
static bool read_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!*text || strlen(text) > 10 || text[strspn(text, "0123456789")])
		return false;
	for (; *text; text++)
		number = number * 10 + (uint64_t)(*text - '0');
	*ret_number = number;
	return number <= max;
}

/* "NAME:FIRST:COUNT"; what shadow-utils would not take is none, as with them. */
static bool read_ids(char *line, const char *name, const char *id, struct host_ids *ret_ids)
{
	char *first = strchr(line, ':');
	char *count = first ? strchr(first + 1, ':') : NULL;

	if (!count || first == line)
		return false;
	*first++ = '\0';
	*count++ = '\0';
	return (strcmp(line, id) == 0 || strcmp(line, name) == 0) &&
	       read_number(first, UINT32_MAX - 1, &ret_ids->first) &&
	       read_number(count, UINT32_MAX - ret_ids->first, &ret_ids->count) &&
	       ret_ids->count > 0;
}

bool host_find_subordinate(const char *path,
			   bool (*visit)(void *context, const struct host_ids *ids), void *context)
{
	char *text, *rest, *line, id[24], name[64];
	bool is_found = false;
	struct err err = { 0 };
	size_t len;

	if (io_read_file(AT_FDCWD, path, SUBORDINATE_MAX, &text, &len, &err) < 0)
		return false;
	snprintf(id, sizeof(id), "%u", geteuid());
	host_own_name(name, sizeof(name));
	rest = text;
	while (!is_found && (line = strsep(&rest, "\n"))) {
		struct host_ids ids;

		is_found = read_ids(line, name, id, &ids) && visit(context, &ids);
	}
	free(text);
	return is_found;
}
