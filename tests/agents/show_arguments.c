/* SPDX-License-Identifier: Apache-2.0 */
/* A hook that appends its arguments, argv[0] too, to the file of its own name and ".args", in a line. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char self[PATH_MAX] = "", path[PATH_MAX + sizeof(".args")];
	int fd;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 1;
	snprintf(path, sizeof(path), "%s.args", self);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	for (int i = 0; i < argc; i++)
		if (write(fd, argv[i], strlen(argv[i])) < 0 || write(fd, "|", 1) < 0)
			return 1;
	return write(fd, "\n", 1) != 1;
}
