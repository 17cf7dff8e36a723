/* SPDX-License-Identifier: Apache-2.0 */
/* Running from where nobody can write. */
#include "self_exe.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SELF_EXE "/proc/self/exe"
#define SEALS    (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

bool self_exe_is_readonly;

static bool is_by_descriptor(void)
{
	static const char by_fd[] = "/dev/fd/";
	const char *name = (const char *)getauxval(AT_EXECFN);

	return name && strncmp(name, by_fd, strlen(by_fd)) == 0;
}

static bool is_on_readonly_mount(void)
{
	struct statvfs fs;

	return statvfs(SELF_EXE, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

/* A read-only mount under a path is the host's, which may make it writable again. */
static bool is_protected(void)
{
	AUTO_FD fd = -1;

	if (is_by_descriptor() && is_on_readonly_mount())
		return true;
	fd = open(SELF_EXE, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && fcntl(fd, F_GET_SEALS) == SEALS;
}

/*
 * A mount of the file alone, in no namespace: once it is closed, with the execution, nobody can make it
 * writable again. fd or -1.
 */
static int open_readonly_mount(void)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
	AUTO_FD fd = open_tree(AT_FDCWD, SELF_EXE, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 || mount_setattr(fd, "", AT_EMPTY_PATH, &readonly, sizeof(readonly)) < 0)
		return -1;
	return fd_take(&fd);
}

/* fd or -1 */
static int open_sealed_copy(void)
{
	AUTO_FD self_fd = open(SELF_EXE, O_RDONLY | O_CLOEXEC);
	AUTO_FD fd = memfd_create("ocirun", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct stat st;
	off_t done = 0;

	if (self_fd < 0 || fd < 0 || fstat(self_fd, &st) < 0)
		return -1;
	while (done < st.st_size) {
		ssize_t n = sendfile(fd, self_fd, &done, (size_t)(st.st_size - done));

		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0)
			break;
	}
	if (fchmod(fd, 0555) < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -1;
	return fd_take(&fd);
}

int self_exe_protect(char **argv, struct err *err)
{
	static int (*const places[])(void) = { open_readonly_mount, open_sealed_copy };

	if (self_exe_is_readonly || is_protected())
		return 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		AUTO_FD fd = places[i]();

		if (fd >= 0)
			execveat(fd, "", argv, environ, AT_EMPTY_PATH);
	}
	/* One of the host's is better than none: no container may change it. */
	if (is_on_readonly_mount())
		return 0;
	err_sys(err, "protect the program's binary from the container");
	return err_hint(err, "/proc has to be mounted, and memfd_create allowed");
}
