/* SPDX-License-Identifier: Apache-2.0 */
#include "mountinfo.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Two paths, of which each byte may be written as four, and what else stands before the type. */
#define LINE_BYTES (2 * 4 * PATH_MAX + 4096)

static void unescape(char *text)
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

static bool parse_device(const char *word, dev_t *ret_device)
{
	char *end;
	unsigned long major = strtoul(word, &end, 10);

	if (*end != ':')
		return false;
	*ret_device = makedev((unsigned int)major, (unsigned int)strtoul(end + 1, NULL, 10));
	return true;
}

/* "36 35 98:0 /root /target rw,noatime master:1 - ext4 /dev/sda rw"; words end with NUL after it. */
static bool parse(char *line, struct mountinfo *mount)
{
	enum { ID, PARENT, DEVICE, ROOT, TARGET, OPTIONS, N_WORDS };
	char *words[N_WORDS], *word;

	for (int i = 0; i < N_WORDS; i++)
		if (!(words[i] = strsep(&line, " ")))
			return false;
	/* Of optional fields there are none to many. */
	while ((word = strsep(&line, " ")) && strcmp(word, "-") != 0)
		;
	mount->type = strsep(&line, " ");
	(void)strsep(&line, " "); /* the source, which may be empty */
	mount->super_options = line;
	if (!mount->super_options || !parse_device(words[DEVICE], &mount->device))
		return false;
	unescape(words[ROOT]);
	unescape(words[TARGET]);
	mount->id = strtoull(words[ID], NULL, 10);
	mount->parent = strtoull(words[PARENT], NULL, 10);
	mount->root = words[ROOT];
	mount->target = words[TARGET];
	mount->options = words[OPTIONS];
	return true;
}

/* What was read and not yet visited. */
struct reader {
	char buf[LINE_BYTES + 1]; /* and a NUL */
	size_t used;
	bool is_inside; /* of a line whose beginning was visited */
	mountinfo_visit *visit;
	void *context;
};

static bool visit_line(const struct reader *reader, char *line)
{
	struct mountinfo mount;

	return !reader->is_inside && parse(line, &mount) && reader->visit(reader->context, &mount);
}

/*
 * Visits the lines that are whole; what is left moves to the front. Of a line that is longer than the
 * room, as that of an overlay with hundreds of layers, only options of its filesystem are cut off.
 */
static bool visit_lines(struct reader *reader)
{
	char *line = reader->buf, *end;

	while ((end = memchr(line, '\n', reader->used - (size_t)(line - reader->buf)))) {
		*end = '\0';
		if (visit_line(reader, line))
			return true;
		reader->is_inside = false;
		line = end + 1;
	}
	reader->used -= (size_t)(line - reader->buf);
	memmove(reader->buf, line, reader->used);
	if (reader->used < LINE_BYTES)
		return false;
	reader->buf[LINE_BYTES] = '\0';
	if (visit_line(reader, reader->buf))
		return true;
	reader->is_inside = true;
	reader->used = 0;
	return false;
}

int mountinfo_find(int dir_fd, const char *path, mountinfo_visit *visit, void *context)
{
	AUTO_FD fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	struct reader reader;
	ssize_t n;

	if (fd < 0)
		return -errno;
	reader.used = 0;
	reader.is_inside = false;
	reader.visit = visit;
	reader.context = context;
	while ((n = read(fd, reader.buf + reader.used, LINE_BYTES - reader.used)) > 0) {
		reader.used += (size_t)n;
		if (visit_lines(&reader))
			return 1;
	}
	return n < 0 ? -errno : 0;
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
	int ret;

	if (fstat(fd, &st) < 0)
		return -errno;
	search.device = st.st_dev;
	ret = mountinfo_find(AT_FDCWD, MOUNTINFO_SELF, is_of_device, &search);
	if (ret < 0)
		return ret;
	return ret ? 0 : -ENOENT;
}
