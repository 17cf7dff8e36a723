/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other values for the cgroups of a container that exists, all of them or none: what the files say
 * is read before the first write, and written back when a later one fails.
 */
#include "cgroup.h"

#include "cgroupfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the file of a write said before it. */
struct saved {
	const struct plan_cgroup_write *write;
	int fd;
	const char *file; /* the alternative one where that is what the kernel has */
	char *text;       /* malloc()ed; NULL: nothing to put back, or put back already */
};

static void saved_read(const struct cgroup_handle *handle, const struct plan_cgroup_write *write,
		       struct saved *ret_saved)
{
	char text[CGROUPFS_VALUE_MAX];
	int fd = cgroup_handle_fd(handle, write->hierarchy);
	const char *file = write->file;
	ssize_t len = cgroupfs_read(fd, file, text, sizeof(text));

	if (len == -ENOENT && write->alt_file) {
		file = write->alt_file;
		len = cgroupfs_read(fd, file, text, sizeof(text));
	}
	*ret_saved = (struct saved){ .write = write, .fd = fd, .file = file };
	if (len >= 0)
		ret_saved->text = strdup(text);
}

static int write_line(const struct saved *saved, const char *line, size_t len)
{
	char text[CGROUPFS_VALUE_MAX];

	memcpy(text, line, len);
	text[len] = '\0';
	return cgroupfs_write(saved->fd, saved->file, text);
}

/* The line of the file that is about the same device, or what takes a new one away. */
static int put_back_line(const struct saved *saved)
{
	const char *value = saved->write->value;
	size_t key_len = strcspn(value, " ");

	for (const char *line = saved->text; *line; line += strspn(line, "\n")) {
		size_t len = strcspn(line, "\n");

		if (len > key_len && strncmp(line, value, key_len) == 0 && line[key_len] == ' ')
			return write_line(saved, line, len);
		line += len;
	}
	return cgroupfs_write(saved->fd, saved->file, saved->write->undo);
}

static int put_back(const struct saved *saved)
{
	char now[CGROUPFS_VALUE_MAX];
	const char *line = saved->text;

	if (cgroupfs_read(saved->fd, saved->file, now, sizeof(now)) >= 0 &&
	    strcmp(now, saved->text) == 0)
		return 0;
	if (saved->write->undo)
		return put_back_line(saved);
	/* A cpuset that was empty becomes so again by an empty line; no bytes are no write. */
	if (!*line)
		return cgroupfs_write(saved->fd, saved->file, "\n");
	while (*line) {
		size_t len = strcspn(line, "\n");

		TRY(write_line(saved, line, len));
		line += len;
		line += *line == '\n';
	}
	return 0;
}

/*
 * Backwards, and again as long as that helps: of values that depend on each other (a limit of memory
 * and one of memory and swap) the kernel takes one only after the other.
 */
static int put_back_all(struct saved *saved, size_t n, struct err *err)
{
	const struct saved *failed;
	bool helped;

	do {
		failed = NULL;
		helped = false;
		for (size_t i = n; i-- > 0;) {
			if (!saved[i].text)
				continue;
			if (put_back(&saved[i]) < 0) {
				failed = &saved[i];
				continue;
			}
			helped = true;
			free(saved[i].text);
			saved[i].text = NULL;
		}
	} while (failed && helped);
	if (failed)
		err_hint(err, "%s could not be set back to '%s'", failed->file, failed->text);
	return -err->code;
}

static int apply_all(const struct cgroup_handle *handle, struct err *err)
{
	TRY(cgroup_apply(handle, PLAN_CGROUP_JOIN, err));
	TRY(cgroup_apply(handle, PLAN_CGROUP_SETUP, err));
	return cgroup_apply(handle, PLAN_CGROUP_LAST, err);
}

int cgroup_update(const struct plan_cgroup *plan, struct err *err)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;
	struct saved *saved;
	int ret;

	TRY(cgroup_open(plan, &handle, err));
	saved = calloc(plan->n_writes + 1, sizeof(*saved));
	if (!saved)
		return err_set(err, ENOMEM, "no memory for %zu values", plan->n_writes);
	for (size_t i = 0; i < plan->n_writes; i++)
		saved_read(handle, &plan->writes[i], &saved[i]);
	ret = apply_all(handle, err);
	if (ret < 0)
		ret = put_back_all(saved, plan->n_writes, err);
	for (size_t i = 0; i < plan->n_writes; i++)
		free(saved[i].text);
	free(saved);
	return ret;
}
