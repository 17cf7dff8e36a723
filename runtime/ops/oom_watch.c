/* SPDX-License-Identifier: Apache-2.0 */
/*
 * v1: an eventfd, registered in cgroup.event_control for memory.oom_control. The kernel signals it
 * before it kills, and once more when the cgroup goes.
 * v2: the counter "oom_kill" of memory.events; inotify tells when the file changes.
 */
#include "oom_watch.h"

#include "cgroupfs.h"
#include "fd.h"
#include "stats_format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

static int begin_v1(struct oom_watch *watch, const char *dir, struct err *err)
{
	AUTO_FD event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	AUTO_FD control_fd = openat(watch->dir_fd, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	char text[32];
	int ret;

	if (event_fd < 0 || control_fd < 0)
		return err_sys(err, "watch '%s/memory.oom_control'", dir);
	snprintf(text, sizeof(text), "%d %d", event_fd, control_fd);
	ret = cgroupfs_write(watch->dir_fd, "cgroup.event_control", text);
	if (ret < 0)
		return err_errno(err, ret, "watch '%s/memory.oom_control'", dir);
	watch->fd = fd_take(&event_fd);
	return 0;
}

/* Nothing to count, and an error, when the cgroup is gone. */
static uint64_t count_kills(const struct oom_watch *watch)
{
	char text[1024];
	const struct stats_source source = { .text = text, .key = "oom_kill", .factor = 1 };
	uint64_t kills = watch->kills;

	if (cgroupfs_read(watch->dir_fd, "memory.events", text, sizeof(text)) > 0)
		stats_keyed(&source, &kills);
	return kills;
}

static int begin_v2(struct oom_watch *watch, const char *dir, struct err *err)
{
	AUTO_FD fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[4096];

	snprintf(path, sizeof(path), "%s/memory.events", dir);
	if (fd < 0)
		return err_sys(err, "inotify");
	if (inotify_add_watch(fd, path, IN_MODIFY) < 0) /* no controller: nobody counts */
		return errno == ENOENT ? 0 : err_sys(err, "watch '%s'", path);
	watch->is_v2 = true;
	watch->kills = count_kills(watch);
	watch->fd = fd_take(&fd);
	return 0;
}

static const struct cgroup_path *find_memory(const struct cgroup_paths *paths)
{
	const struct cgroup_path *v2 = NULL;

	for (size_t i = 0; i < paths->n; i++) {
		if (paths->v[i].is_v2)
			v2 = &paths->v[i];
		else if (strstr(paths->v[i].controllers, "memory"))
			return &paths->v[i];
	}
	return v2;
}

int oom_watch_begin(struct oom_watch *watch, const struct cgroup_paths *paths, struct err *err)
{
	const struct cgroup_path *path = find_memory(paths);

	if (!path)
		return 0;
	watch->dir_fd = cgroupfs_open(AT_FDCWD, path->dir);
	if (watch->dir_fd < 0)
		return err_errno(err, watch->dir_fd, "open cgroup '%s'", path->dir);
	return path->is_v2 ? begin_v2(watch, path->dir, err) : begin_v1(watch, path->dir, err);
}

void oom_watch_end(struct oom_watch *watch)
{
	fd_close(&watch->fd);
	fd_close(&watch->dir_fd);
}

static uint64_t take_v1(struct oom_watch *watch)
{
	uint64_t n;

	if (read(watch->fd, &n, sizeof(n)) != sizeof(n))
		return 0;
	/* Where the directory is gone one signal is that of its removal. */
	return faccessat(watch->dir_fd, "memory.oom_control", F_OK, 0) == 0 ? n : n - 1;
}

static uint64_t take_v2(struct oom_watch *watch)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	uint64_t before = watch->kills;

	while (read(watch->fd, buf, sizeof(buf)) > 0)
		;
	watch->kills = count_kills(watch);
	return watch->kills - before;
}

uint64_t oom_watch_take(struct oom_watch *watch)
{
	if (watch->fd < 0)
		return 0;
	return watch->is_v2 ? take_v2(watch) : take_v1(watch);
}
