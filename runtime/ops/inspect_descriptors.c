/* SPDX-License-Identifier: Apache-2.0 */
/* Open descriptors of the first process: nothing asks for them but whoever started it. */
#include "inspect.h"

#include "fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int tell_descriptor(const struct inspection *in, int dir_fd, const char *number)
{
	char target[INSPECT_TEXT_MAX];
	ssize_t n = readlinkat(dir_fd, number, target, sizeof(target) - 1);

	if (n < 0) /* closed meanwhile */
		return 0;
	target[n] = '\0';
	return inspect_tell(in, "descriptors", number, "", "", target);
}

int inspect_descriptors(const struct inspection *in)
{
	int fd = openat(in->proc_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int ret = 0;

	if (!dir) {
		fd_close(&fd);
		return err_sys(in->err, "list the descriptors of the container's process");
	}
	while (ret == 0 && (errno = 0, entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			ret = tell_descriptor(in, fd, entry->d_name);
	if (ret == 0 && errno)
		ret = err_sys(in->err, "list the descriptors of the container's process");
	closedir(dir);
	return ret;
}
