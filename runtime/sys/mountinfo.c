/* SPDX-License-Identifier: Apache-2.0 */
#include "mountinfo.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LINE_BYTES 16384 /* two paths of 4 KiB, escaped; a line that is longer is passed over */

/* "36 35 98:0 /root /target rw,noatime master:1 - ext4 /dev/sda rw"; words end with NUL after it. */
static bool parse(char *line, struct mountinfo *mount)
{
	char *word, *save = NULL, *end;
	int index = 0;

	mount->target = mount->options = mount->type = NULL;
	for (word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (index == 0)
			mount->id = strtoull(word, NULL, 10);
		if (index == 1)
			mount->parent = strtoull(word, NULL, 10);
		if (index == 2) {
			unsigned long major = strtoul(word, &end, 10);

			if (*end != ':')
				return false;
			mount->device = makedev((unsigned int)major,
						(unsigned int)strtoul(end + 1, NULL, 10));
		}
		if (index == 4)
			mount->target = word;
		if (index == 5)
			mount->options = word;
		if (index > 5 && strcmp(word, "-") == 0)
			mount->type = strtok_r(NULL, " ", &save);
		index++;
	}
	return mount->target && mount->type;
}

/* The lines that are whole in the @used bytes of @buf; what is left moves to the front. */
static bool visit_lines(char *buf, size_t *used,
			bool (*visit)(void *context, const struct mountinfo *mount), void *context)
{
	char *line = buf, *end;

	while ((end = memchr(line, '\n', *used - (size_t)(line - buf)))) {
		struct mountinfo mount;

		*end = '\0';
		if (parse(line, &mount) && visit(context, &mount))
			return true;
		line = end + 1;
	}
	*used -= (size_t)(line - buf);
	memmove(buf, line, *used);
	return false;
}

bool mountinfo_find(int dir_fd, const char *path,
		    bool (*visit)(void *context, const struct mountinfo *mount), void *context)
{
	AUTO_FD fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	char buf[LINE_BYTES];
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		return false;
	while ((n = read(fd, buf + used, sizeof(buf) - used)) > 0) {
		used += (size_t)n;
		if (visit_lines(buf, &used, visit, context))
			return true;
		if (used == sizeof(buf))
			used = 0;
	}
	return false;
}

void mountinfo_unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; to++) {
		bool is_octal = at[0] == '\\' && strspn(at + 1, "01234567") >= 3;

		*to = is_octal ? (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'))
			       : *at;
		at += is_octal ? 4 : 1;
	}
	*to = '\0';
}

struct type_search {
	dev_t device;
	char *buf;
	size_t size;
};

static bool is_of_device(void *context, const struct mountinfo *mount)
{
	const struct type_search *search = context;

	if (mount->device != search->device)
		return false;
	snprintf(search->buf, search->size, "%s", mount->type);
	return true;
}

int mountinfo_type_of(int fd, char *buf, size_t size)
{
	struct type_search search = { .buf = buf, .size = size };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	search.device = st.st_dev;
	return mountinfo_find(AT_FDCWD, MOUNTINFO_SELF, is_of_device, &search) ? 0 : -ENOENT;
}
