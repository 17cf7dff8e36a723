/* SPDX-License-Identifier: Apache-2.0 */
/* A program that a service manager starts, for tests: notify MESSAGE... says each to NOTIFY_SOCKET. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!path)
		errx(2, "no NOTIFY_SOCKET");
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	for (int i = 1; i < argc; i++)
		if (sendto(fd, argv[i], strlen(argv[i]), 0, (struct sockaddr *)&addr,
			   sizeof(addr)) < 0)
			err(1, "%s", path);
	return 0;
}
