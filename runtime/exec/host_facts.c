/* SPDX-License-Identifier: Apache-2.0 */
#include "host_facts.h"

#include "io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FILESYSTEMS_MAX (64u << 10)

bool host_kernel_is_since(int major, int minor)
{
	struct utsname name;
	int is_major = 0, is_minor = 0;

	if (uname(&name) < 0 || sscanf(name.release, "%d.%d", &is_major, &is_minor) != 2)
		return true;
	return is_major > major || (is_major == major && is_minor >= minor);
}

bool host_has_capability(unsigned capability)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &head, data) < 0)
		return false;
	return data[capability / 32].effective & (1u << capability % 32);
}

long host_sysctl(const char *name)
{
	char path[96], text[32];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return io_read_small(AT_FDCWD, path, text, sizeof(text)) > 0 ? atol(text) : -1;
}

/* Whether @list, as /proc/filesystems, has a line that ends in "\t<type>". */
static bool is_in_list(const char *list, const char *type)
{
	size_t len = strlen(type);

	for (const char *at = list; (at = strchr(at, '\t')); at++)
		if (strncmp(at + 1, type, len) == 0 && (at[1 + len] == '\n' || !at[1 + len]))
			return true;
	return false;
}

bool host_has_filesystem(const char *type)
{
	char *list = malloc(FILESYSTEMS_MAX);
	bool is_found = list &&
			io_read_small(AT_FDCWD, "/proc/filesystems", list, FILESYSTEMS_MAX) > 0 &&
			is_in_list(list, type);

	free(list);
	return is_found;
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

bool host_find_subordinate(const char *path,
			   bool (*visit)(void *context, const struct host_ids *ids), void *context)
{
	FILE *in = fopen(path, "re");
	char *line = NULL, id[24], name[64];
	size_t size = 0;
	bool is_found = false;

	snprintf(id, sizeof(id), "%u", geteuid());
	host_own_name(name, sizeof(name));
	while (in && !is_found && getline(&line, &size, in) > 0) {
		char *colon = strchr(line, ':');
		struct host_ids ids;

		if (!colon ||
		    sscanf(colon + 1, "%" SCNu64 ":%" SCNu64, &ids.first, &ids.count) != 2)
			continue;
		*colon = '\0';
		is_found =
			(strcmp(line, id) == 0 || strcmp(line, name) == 0) && visit(context, &ids);
	}
	free(line);
	if (in)
		fclose(in);
	return is_found;
}
