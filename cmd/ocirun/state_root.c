/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of the state root. */
#include "state_root.h"

#include "fd.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Root of the host, rather than of a user namespace (there /run belongs to somebody else). */
static bool is_host_root(void)
{
	char map[256], *inside_end, *end;

	if (geteuid() != 0)
		return false;
	/* No file: no user namespaces. */
	if (io_read_small(AT_FDCWD, "/proc/self/uid_map", map, sizeof(map)) < 0)
		return true;
	/* An id inside, the id outside that it stands for, and how many. See store_read_pid(). */
	strtoul(map, &inside_end, 10);
	return strtoul(inside_end, &end, 10) == 0 && end > inside_end;
}

static int join(const char *directory, const char *name, char **ret_path, struct err *err)
{
	char *path;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		return err_set(err, ENOMEM, "no memory for the path of the state root");
	*ret_path = path;
	return 0;
}

int state_root_find(const char *given, char **ret_path, struct err *err)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	char directory[PATH_MAX];
	struct stat st;

	if (given && given[0] == '/')
		return join("", given + 1, ret_path, err);
	if (given) {
		/* Not cleaned: "link/.." is for the kernel to resolve. */
		if (!getcwd(directory, sizeof(directory)))
			return err_sys(err, "find the current directory for --root '%s'", given);
		return join(directory, given, ret_path, err);
	}
	if (is_host_root())
		return join("/run", "ocirun", ret_path, err);
	if (runtime_dir && runtime_dir[0] == '/')
		return join(runtime_dir, "ocirun", ret_path, err);
	snprintf(directory, sizeof(directory), "/run/user/%u", geteuid());
	if (stat(directory, &st) == 0 && st.st_uid == geteuid())
		return join(directory, "ocirun", ret_path, err);
	/* Without a session nobody made that. The store takes no directory that others made or can
	 * write. */
	snprintf(directory, sizeof(directory), "ocirun-%u", geteuid());
	return join("/tmp", directory, ret_path, err);
}
