/* SPDX-License-Identifier: Apache-2.0 */
/* See fake_kernel.h. The table of a kernel has no context: the state is the process's. */
#include "fake_kernel.h"

#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMFD_PREFIX  "/memfd:"
#define DELETED       " (deleted)"
#define PROPAGATIONS  (sizeof(propagations) / sizeof(propagations[0]))
#define MOUNT_ATTRS   (sizeof(attrs) / sizeof(attrs[0]))
#define ATTR_TEXT_MAX 256

static struct {
	char calls[65536];
	int count;
	int fail_nth;
	const char *fail_name;
	int errnum;
} state;

static const struct {
	uint64_t bit;
	const char *name;
} attrs[] = {
	{ MOUNT_ATTR_RDONLY, "ro" },
	{ MOUNT_ATTR_NOSUID, "nosuid" },
	{ MOUNT_ATTR_NODEV, "nodev" },
	{ MOUNT_ATTR_NOEXEC, "noexec" },
	{ MOUNT_ATTR_NOATIME, "noatime" },
	{ MOUNT_ATTR_STRICTATIME, "strictatime" },
	{ MOUNT_ATTR_NODIRATIME, "nodiratime" },
	{ MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
}, propagations[] = {
	{ MS_SHARED, "shared" },
	{ MS_SLAVE, "slave" },
	{ MS_PRIVATE, "private" },
	{ MS_UNBINDABLE, "unbindable" },
};

void fake_kernel_reset(void)
{
	memset(&state, 0, sizeof(state));
}

void fake_kernel_fail_nth(int n, int errnum)
{
	state.fail_nth = state.count + n;
	state.errnum = errnum;
}

void fake_kernel_fail_name(const char *name, int errnum)
{
	state.fail_name = name;
	state.errnum = errnum;
}

const char *fake_kernel_calls(void)
{
	return state.calls;
}

int fake_kernel_count(void)
{
	return state.count;
}

/* 0, or -1 for a call that is to fail. */
__attribute__((format(printf, 2, 3))) static int record(const char *name, const char *fmt, ...)
{
	size_t len = strlen(state.calls);
	va_list ap;

	len += (size_t)snprintf(state.calls + len, sizeof(state.calls) - len, "%s ", name);
	va_start(ap, fmt);
	vsnprintf(state.calls + len, sizeof(state.calls) - len, fmt, ap);
	va_end(ap);
	strncat(state.calls, "\n", sizeof(state.calls) - strlen(state.calls) - 1);
	state.count++;
	if (state.count != state.fail_nth &&
	    (!state.fail_name || strcmp(state.fail_name, name) != 0))
		return 0;
	errno = state.errnum;
	return -1;
}

/* What a descriptor is: a path below the test's directory, a filesystem's name, any path. */
static const char *name_of(int fd)
{
	static char names[4][PATH_MAX];
	static unsigned int next;
	char *name = names[next++ % 4], link[64];
	size_t dir_len = strlen(temp_dir());
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, name, PATH_MAX - 1);
	if (len < 0)
		return "no descriptor";
	name[len] = '\0';
	if (strncmp(name, MEMFD_PREFIX, strlen(MEMFD_PREFIX)) == 0) {
		name[(size_t)len - strlen(DELETED)] = '\0';
		return name + strlen(MEMFD_PREFIX);
	}
	if (strncmp(name, temp_dir(), dir_len) == 0 && name[dir_len] == '/')
		return name + dir_len + 1;
	return name;
}

static const char *attr_text(uint64_t bits)
{
	static char texts[2][ATTR_TEXT_MAX];
	static unsigned int next;
	char *text = texts[next++ % 2];

	text[0] = '\0';
	for (size_t i = 0; i < MOUNT_ATTRS; i++)
		if (bits & attrs[i].bit) {
			if (text[0])
				strcat(text, ",");
			strcat(text, attrs[i].name);
			bits &= ~attrs[i].bit;
		}
	if (bits)
		snprintf(text + strlen(text), ATTR_TEXT_MAX - strlen(text), "+%#llx",
			 (unsigned long long)bits);
	return text;
}

static const char *propagation_text(uint64_t propagation)
{
	for (size_t i = 0; i < PROPAGATIONS; i++)
		if (propagations[i].bit == propagation)
			return propagations[i].name;
	return "unknown";
}

static int fake_fs_open(const char *type)
{
	return record("fs_open", "%s", type) < 0 ? -1 : memfd_create(type, MFD_CLOEXEC);
}

static int fake_fs_pick(int path_fd)
{
	return record("fs_pick", "%s", name_of(path_fd)) < 0 ? -1
							     : memfd_create("picked", MFD_CLOEXEC);
}

static int fake_fs_set(int fs_fd, const char *key, const char *value)
{
	return record("fs_set", "%s %s%s%s", name_of(fs_fd), key, value ? "=" : "",
		      value ? value : "");
}

static int fake_fs_create(int fs_fd)
{
	return record("fs_create", "%s", name_of(fs_fd));
}

static int fake_fs_reconfigure(int fs_fd)
{
	return record("fs_reconfigure", "%s", name_of(fs_fd));
}

static int fake_fs_mount(int fs_fd, unsigned int attr)
{
	char name[64];

	if (record("fs_mount", "%s%s%s", name_of(fs_fd), attr ? " " : "", attr_text(attr)) < 0)
		return -1;
	snprintf(name, sizeof(name), "new-%s-%d", name_of(fs_fd), state.count);
	return temp_open_dir(name);
}

static int fake_tree_clone(int dir_fd, const char *path, bool recursive)
{
	char link[64];

	if (record("tree_clone", "%s%s", path[0] ? path : name_of(dir_fd),
		   recursive ? " recursive" : "") < 0)
		return -1;
	if (path[0])
		return openat(dir_fd, path, O_PATH | O_CLOEXEC);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", dir_fd);
	return open(link, O_PATH | O_CLOEXEC);
}

static int fake_set_attr(int mnt_fd, bool recursive, struct mount_attr *attr)
{
	const char *on = recursive ? " recursive" : "";

	if (attr->propagation)
		return record("set_attr", "%s%s %s", name_of(mnt_fd), on,
			      propagation_text(attr->propagation));
	return record("set_attr", "%s%s +(%s) -(%s)", name_of(mnt_fd), on,
		      attr_text(attr->attr_set), attr_text(attr->attr_clr));
}

static int fake_attach(int mnt_fd, int target_fd)
{
	return record("attach", "%s on %s", name_of(mnt_fd), name_of(target_fd));
}

static int fake_mount_on(int target_fd, const char *source, const char *type, uint64_t flags,
			 const char *data)
{
	return record("mount_on", "%s %s %s %#llx %zu bytes", name_of(target_fd), source, type,
		      (unsigned long long)flags, strlen(data));
}

const struct mount_ops fake_kernel = {
	.fs_open = fake_fs_open,
	.fs_pick = fake_fs_pick,
	.fs_set = fake_fs_set,
	.fs_create = fake_fs_create,
	.fs_reconfigure = fake_fs_reconfigure,
	.fs_mount = fake_fs_mount,
	.tree_clone = fake_tree_clone,
	.set_attr = fake_set_attr,
	.mount_on = fake_mount_on,
	.attach = fake_attach,
};
