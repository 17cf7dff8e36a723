/* SPDX-License-Identifier: Apache-2.0 */
/* name:password:uid:gid:gecos:home:shell and name:password:gid:member,member, a line at a time. */
#include "passwd.h"

#include "fd.h"
#include "io.h"
#include "rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define FILE_MAX_BYTES (1u << 20)
#define LINE_MAX_BYTES 16384 /* a longer one is passed over */

#define PASSWD_FILE "/etc/passwd"
#define GROUP_FILE  "/etc/group"

enum { USER_NAME, USER_PASSWORD, USER_UID, USER_GID, USER_GECOS, USER_HOME, USER_FIELDS };
enum { GROUP_NAME, GROUP_PASSWORD, GROUP_GID, GROUP_MEMBERS, GROUP_FIELDS };

int passwd_parse_id(const char *text, const char *end, uint32_t *ret_id)
{
	uint64_t id = 0;

	if (text == end)
		return -EINVAL;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		id = id * 10 + (uint64_t)(*text - '0');
		if (id >= UINT32_MAX)
			return -ERANGE;
	}
	*ret_id = (uint32_t)id;
	return 0;
}

/* ---- the file ---- */

/* What procfs shows to a reader is the reader's, which is not the container's business. */
static int check_file(int fd)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || fs.f_type == PROC_SUPER_MAGIC)
		return -EINVAL;
	return st.st_size > FILE_MAX_BYTES ? -EFBIG : 0;
}

/* Opening a device has effects: what is there is looked at before it is opened, and after. */
static int open_file(int root_fd, const char *path)
{
	AUTO_FD path_fd = rootpath_open(root_fd, path, O_PATH);
	AUTO_FD fd = -1;
	int ret = path_fd < 0 ? -errno : check_file(path_fd);

	if (ret < 0)
		return ret;
	fd = rootpath_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	ret = check_file(fd);
	return ret < 0 ? ret : fd_take(&fd);
}

struct lines {
	int fd;
	size_t total;    /* bytes that were read */
	size_t len;      /* of what is in buf, which ends with NUL */
	char *next;      /* the rest of it */
	bool is_skipped; /* the line that goes on there is too long */
	char buf[LINE_MAX_BYTES + 1];
};

static int lines_open(struct lines *lines, int root_fd, const char *path)
{
	int fd = open_file(root_fd, path);

	*lines = (struct lines){ .fd = fd, .next = lines->buf };
	return fd < 0 ? fd : 0;
}

/* Moves the rest to the front and reads behind it. Whether there is more. */
static bool lines_fill(struct lines *lines)
{
	size_t rest = lines->len - (size_t)(lines->next - lines->buf);
	ssize_t n;

	memmove(lines->buf, lines->next, rest);
	lines->next = lines->buf;
	if (rest == LINE_MAX_BYTES) {
		lines->is_skipped = true;
		rest = 0;
	}
	n = lines->total < FILE_MAX_BYTES
		    ? io_read_some(lines->fd, lines->buf + rest, LINE_MAX_BYTES - rest)
		    : 0;
	lines->len = rest + (n > 0 ? (size_t)n : 0);
	lines->buf[lines->len] = '\0';
	lines->total += n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* The next line, cut out; NULL at the end. */
static char *lines_next(struct lines *lines)
{
	for (;;) {
		char *line = lines->next;
		char *end = strchr(line, '\n');
		bool is_skipped = lines->is_skipped;

		if (!end) {
			if (lines_fill(lines))
				continue;
			line = lines->next;
			end = line + strlen(line);
			lines->next = end;
			return end > line && !is_skipped ? line : NULL;
		}
		*end = '\0';
		lines->next = end + 1;
		lines->is_skipped = false;
		if (!is_skipped)
			return line;
	}
}

/* Cuts @line at the first @n - 1 colons. Whether it has so many fields. */
static bool split(char *line, char **fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!line)
			return false;
		fields[i] = line;
		line = strchr(line, ':');
		if (line)
			*line++ = '\0';
	}
	return true;
}

static bool is_id(const char *text, uint32_t *ret_id)
{
	return passwd_parse_id(text, text + strlen(text), ret_id) == 0;
}

/* ---- what is looked for ---- */

int passwd_find_user(int root_fd, const char *name, uid_t *ret_uid, gid_t *ret_gid)
{
	struct lines lines;
	char *line, *fields[USER_FIELDS];
	int ret = lines_open(&lines, root_fd, PASSWD_FILE);

	if (ret < 0)
		return ret;
	ret = -ESRCH;
	while (ret < 0 && (line = lines_next(&lines))) {
		uint32_t uid, gid;

		if (!split(line, fields, USER_GID + 1) ||
		    strcmp(fields[USER_NAME], name) != 0 || !is_id(fields[USER_UID], &uid) ||
		    !is_id(fields[USER_GID], &gid))
			continue;
		*ret_uid = uid;
		*ret_gid = gid;
		ret = 0;
	}
	fd_close(&lines.fd);
	return ret;
}

int passwd_find_group(int root_fd, const char *name, gid_t *ret_gid)
{
	struct lines lines;
	char *line, *fields[GROUP_FIELDS];
	int ret = lines_open(&lines, root_fd, GROUP_FILE);

	if (ret < 0)
		return ret;
	ret = -ESRCH;
	while (ret < 0 && (line = lines_next(&lines))) {
		uint32_t gid;

		if (!split(line, fields, GROUP_GID + 1) ||
		    strcmp(fields[GROUP_NAME], name) != 0 || !is_id(fields[GROUP_GID], &gid))
			continue;
		*ret_gid = gid;
		ret = 0;
	}
	fd_close(&lines.fd);
	return ret;
}

static bool has_member(const char *members, const char *name)
{
	size_t len = strlen(name);

	while (*members) {
		size_t n = strcspn(members, ",");

		if (n == len && memcmp(members, name, n) == 0)
			return true;
		members += n;
		members += *members == ',';
	}
	return false;
}

ssize_t passwd_find_memberships(int root_fd, const char *name, gid_t *ret_gids, size_t max)
{
	struct lines lines;
	char *line, *fields[GROUP_FIELDS];
	size_t n = 0;
	int ret = lines_open(&lines, root_fd, GROUP_FILE);

	if (ret < 0)
		return ret;
	while (n < max && (line = lines_next(&lines))) {
		uint32_t gid;

		if (split(line, fields, GROUP_FIELDS) &&
		    is_id(fields[GROUP_GID], &gid) && has_member(fields[GROUP_MEMBERS], name))
			ret_gids[n++] = gid;
	}
	fd_close(&lines.fd);
	return (ssize_t)n;
}

void passwd_find_home(int root_fd, uid_t uid, char *home, size_t size)
{
	struct lines lines;
	char *line, *fields[USER_FIELDS];
	bool is_found = false;

	snprintf(home, size, "/");
	if (lines_open(&lines, root_fd, PASSWD_FILE) < 0)
		return;
	while (!is_found && (line = lines_next(&lines))) {
		uint32_t id;

		if (!split(line, fields, USER_FIELDS) ||
		    !is_id(fields[USER_UID], &id) || id != uid)
			continue;
		is_found = true;
		if (fields[USER_HOME][0] == '/' && strlen(fields[USER_HOME]) < size)
			snprintf(home, size, "%s", fields[USER_HOME]);
	}
	fd_close(&lines.fd);
}
