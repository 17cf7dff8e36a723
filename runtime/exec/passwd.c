/* SPDX-License-Identifier: Apache-2.0 */
/* name:password:uid:gid:gecos:home:shell, a line at a time through a buffer of fixed size. */
#include "passwd.h"

#include "fd.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PASSWD_MAX_BYTES (1u << 20)
#define PASSWD_LINE_MAX  4096

#define FIELD_UID  2
#define FIELD_HOME 5

/* The @index-th field of @line, cut out of it; NULL when there are fewer. */
static char *field(char *line, int index)
{
	for (; index > 0; index--) {
		line = strchr(line, ':');
		if (!line)
			return NULL;
		line++;
	}
	line[strcspn(line, ":")] = '\0';
	return line;
}

/* Whether @line is the entry of @uid; its home goes to @home then. */
static bool line_has_home(char *line, uid_t uid, char *home, size_t size)
{
	char copy[PASSWD_LINE_MAX];
	char *text, *end;
	unsigned long value;

	snprintf(copy, sizeof(copy), "%s", line);
	text = field(copy, FIELD_UID);
	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (*end || errno || value != uid)
		return false;
	text = field(line, FIELD_HOME);
	if (!text || text[0] != '/' || strlen(text) >= size)
		return false;
	memcpy(home, text, strlen(text) + 1);
	return true;
}

void passwd_find_home(const char *path, uid_t uid, char *home, size_t size)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char buf[PASSWD_LINE_MAX];
	size_t kept = 0, total = 0;
	bool is_rest = false; /* of a line whose begin was given up */
	struct stat st;

	snprintf(home, size, "/");
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	while (total < PASSWD_MAX_BYTES) {
		ssize_t n = io_read_some(fd, buf + kept, sizeof(buf) - 1 - kept);
		char *line = buf, *newline;

		if (n <= 0)
			break;
		total += (size_t)n;
		buf[kept + (size_t)n] = '\0';
		while ((newline = strchr(line, '\n'))) {
			*newline = '\0';
			if (!is_rest && line_has_home(line, uid, home, size))
				return;
			is_rest = false;
			line = newline + 1;
		}
		kept = strlen(line);
		if (kept == sizeof(buf) - 1) { /* no passwd entry is that long: give the line up */
			kept = 0;
			is_rest = true;
		}
		memmove(buf, line, kept);
	}
	/* The last line may lack its newline. */
	buf[kept] = '\0';
	if (!is_rest)
		line_has_home(buf, uid, home, size);
}
