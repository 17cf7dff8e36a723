/* SPDX-License-Identifier: Apache-2.0 */
/* Signalling, freezing and removing the cgroups of a container that exists. */
#include "cgroup.h"

#include "cgroupfs.h"
#include "deadline.h"
#include "device_filter.h"
#include "fd.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAIT_MS      10000
#define PAUSE_MS     1
#define PAUSE_MAX_MS 50

/* ---- waiting ---- */

/* Waiting for processes, with pauses that grow. */
struct patience {
	struct deadline deadline;
	long pause_ms;
};

static struct patience patience_for_ms(long ms)
{
	return (struct patience){ .deadline = deadline_in_ms(ms), .pause_ms = PAUSE_MS };
}

/* Pauses, each time longer; false when the time is up. */
static bool patience_pause(struct patience *patience)
{
	struct timespec pause = { 0, patience->pause_ms * 1000000 };

	if (deadline_has_passed(patience->deadline))
		return false;
	nanosleep(&pause, NULL);
	if (patience->pause_ms < PAUSE_MAX_MS)
		patience->pause_ms *= 2;
	return true;
}

/* ---- which cgroup ---- */

/* The one whose freezer works: v1 has a controller for it, v2 has it in every cgroup. */
static const struct cgroup_path *freezer_path(const struct cgroup_paths *paths)
{
	const struct cgroup_path *v2 = NULL;

	for (size_t i = 0; i < paths->n; i++) {
		if (paths->v[i].is_v2)
			v2 = &paths->v[i];
		else if (strstr(paths->v[i].controllers, "freezer"))
			return &paths->v[i];
	}
	return v2;
}

const char *cgroup_freezer_dir(const struct cgroup_paths *paths)
{
	const struct cgroup_path *path = freezer_path(paths);

	return path ? path->dir : NULL;
}

/* ---- freezing ---- */

/* What v1 and v2 call the same thing. */
struct freezer {
	const char *file;
	const char *stop, *go;
	bool (*has_stopped)(int fd); /* every process */
	int (*is_asked)(int fd);     /* to stop, by this cgroup itself: 1, 0 or -errno */
};

static bool v1_has_stopped(int fd)
{
	char state[32];

	return cgroupfs_read(fd, "freezer.state", state, sizeof(state)) >= 0 &&
	       strcmp(state, "FROZEN") == 0;
}

static int is_one(int fd, const char *file)
{
	char text[8] = "";
	ssize_t len = cgroupfs_read(fd, file, text, sizeof(text));

	/* ENODEV: the cgroup was removed meanwhile. */
	if (len < 0)
		return len == -ENOENT || len == -ENODEV ? 0 : (int)len;
	return text[0] == '1';
}

static int v1_is_asked(int fd)
{
	return is_one(fd, "freezer.self_freezing");
}

static bool v2_has_stopped(int fd)
{
	return cgroupfs_event(fd, "frozen") == 1;
}

static int v2_is_asked(int fd)
{
	return is_one(fd, "cgroup.freeze");
}

static const struct freezer freezers[] = {
	{ "freezer.state", "FROZEN", "THAWED", v1_has_stopped, v1_is_asked },
	{ "cgroup.freeze", "1", "0", v2_has_stopped, v2_is_asked },
};

static const struct freezer *freezer_of(const struct cgroup_path *path)
{
	return &freezers[path->is_v2];
}

/* v1 loses processes that are forked while it freezes: asking again catches them. */
static int freeze_and_wait(int fd, const struct freezer *freezer)
{
	struct patience patience = patience_for_ms(WAIT_MS);
	int ret;

	do {
		ret = cgroupfs_write(fd, freezer->file, freezer->stop);
		if (ret < 0 || freezer->has_stopped(fd))
			return ret;
	} while (patience_pause(&patience));
	cgroupfs_write(fd, freezer->file, freezer->go);
	return -ETIMEDOUT;
}

int cgroup_freeze(const struct cgroup_paths *paths, bool freeze, struct err *err)
{
	const struct cgroup_path *path = freezer_path(paths);
	const struct freezer *freezer;
	int ret;

	if (!path)
		return freeze ? err_set(err, ENOTSUP,
					"the container has no cgroup that can freeze it")
			      : 0;
	AUTO_FD fd = cgroupfs_open(AT_FDCWD, path->dir);
	if (fd < 0)
		return fd == -ENOENT && !freeze ? 0
						: err_errno(err, fd, "open cgroup '%s'", path->dir);
	freezer = freezer_of(path);
	ret = freeze ? freeze_and_wait(fd, freezer)
		     : cgroupfs_write(fd, freezer->file, freezer->go);
	if (ret < 0) {
		err_errno(err, ret, "%s cgroup '%s'", freeze ? "freeze" : "thaw", path->dir);
		return err_path(err, path->dir);
	}
	return 0;
}

/* Lets go whatever is held, also what the container's own cgroups hold: for those that must end. */
static void thaw_all(const struct cgroup_paths *paths)
{
	const struct cgroup_path *path = freezer_path(paths);
	const struct freezer *freezer;

	if (!path)
		return;
	AUTO_FD fd = cgroupfs_open(AT_FDCWD, path->dir);
	freezer = freezer_of(path);
	if (fd >= 0)
		cgroupfs_write_tree(fd, freezer->file, freezer->go);
}

int cgroup_is_frozen(const struct cgroup_paths *paths, struct err *err)
{
	const struct cgroup_path *path = freezer_path(paths);
	int ret;

	if (!path)
		return 0;
	AUTO_FD fd = cgroupfs_open(AT_FDCWD, path->dir);
	if (fd < 0)
		return fd == -ENOENT ? 0 : err_errno(err, fd, "open cgroup '%s'", path->dir);
	ret = freezer_of(path)->is_asked(fd);
	return ret < 0 ? err_errno(err, ret, "read whether cgroup '%s' is frozen", path->dir) : ret;
}

/* ---- processes ---- */

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static int list_one(const struct cgroup_path *path, struct cgroupfs_pids *pids, struct err *err)
{
	AUTO_FD fd = cgroupfs_open(AT_FDCWD, path->dir);
	int ret = fd < 0 ? fd : cgroupfs_pids(fd, pids);

	if (ret < 0 && ret != -ENOENT)
		return err_errno(err, ret, "list processes of cgroup '%s'", path->dir);
	return 0;
}

/* Of all hierarchies: a process may have left some of them. */
int cgroup_pids(const struct cgroup_paths *paths, pid_t **ret_pids, size_t *ret_n, struct err *err)
{
	struct cgroupfs_pids pids = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < paths->n; i++) {
		int ret = list_one(&paths->v[i], &pids, err);

		if (ret < 0) {
			free(pids.v);
			return ret;
		}
	}
	if (pids.n)
		qsort(pids.v, pids.n, sizeof(*pids.v), compare_pids);
	/* Zero stands for a process outside of our pid namespace. */
	for (size_t i = 0; i < pids.n; i++)
		if (pids.v[i] > 0 && (n == 0 || pids.v[i] != pids.v[n - 1]))
			pids.v[n++] = pids.v[i];
	*ret_pids = pids.v;
	*ret_n = n;
	return 0;
}

/* Signals everybody once; the number that was there, or -errno. */
static int signal_all(const struct cgroup_paths *paths, int signal, struct err *err)
{
	pid_t *pids;
	size_t n;
	int ret = 0;

	TRY(cgroup_pids(paths, &pids, &n, err));
	for (size_t i = 0; i < n; i++)
		if (kill(pids[i], signal) < 0 && errno != ESRCH && ret == 0)
			ret = err_sys(err, "signal process %d", (int)pids[i]);
	free(pids);
	return ret < 0 ? ret : (int)n;
}

/* cgroup.kill (Linux 5.14) reaches every process at once, nested, forking or frozen. */
static void kill_v2(const struct cgroup_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		if (!paths->v[i].is_v2)
			continue;
		AUTO_FD fd = cgroupfs_open(AT_FDCWD, paths->v[i].dir);
		if (fd >= 0)
			cgroupfs_write(fd, "cgroup.kill", "1");
	}
}

/* Asks the v1 freezer to stop everybody, without waiting for it. */
static void hold_v1(const struct cgroup_paths *paths)
{
	const struct cgroup_path *path = freezer_path(paths);

	if (!path || path->is_v2)
		return;
	AUTO_FD fd = cgroupfs_open(AT_FDCWD, path->dir);
	if (fd >= 0)
		cgroupfs_write(fd, freezer_of(path)->file, freezer_of(path)->stop);
}

int cgroup_kill(const struct cgroup_paths *paths, int signal, struct err *err)
{
	struct patience patience = patience_for_ms(WAIT_MS);
	int n;

	if (signal != SIGKILL) {
		n = signal_all(paths, signal, err);
		return n < 0 ? n : 0;
	}
	kill_v2(paths);
	/* Where that is missing, or a process left the v2 cgroup: until nobody is there. With v1
	 * the freezer keeps them from forking meanwhile; they die when it lets them go. */
	do {
		hold_v1(paths);
		n = signal_all(paths, signal, err);
		thaw_all(paths);
	} while (n > 0 && patience_pause(&patience));
	return n < 0 ? n : 0;
}

/* ---- removing ---- */

static bool is_busy(int ret)
{
	return ret == -EBUSY || ret == -ENOTEMPTY;
}

static int remove_leaf(const char *dir)
{
	int ret = cgroupfs_remove(AT_FDCWD, dir);

	if (!is_busy(ret))
		return ret;
	AUTO_FD fd = cgroupfs_open(AT_FDCWD, dir);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	ret = cgroupfs_remove_children(fd);
	return ret < 0 ? ret : cgroupfs_remove(AT_FDCWD, dir);
}

/* Who keeps it: "process 42 (sleep, state D)". */
static int explain_busy(const struct cgroup_path *path, int ret, struct err *err)
{
	struct cgroupfs_pids pids = { 0 };
	struct err ignored = { 0 };
	char file[64], stat[256] = "";
	const char *name, *end;

	list_one(path, &pids, &ignored);
	if (pids.n == 0) {
		err_errno(err, ret, "remove cgroup '%s'", path->dir);
	} else {
		snprintf(file, sizeof(file), "/proc/%d/stat", (int)pids.v[0]);
		io_read_small(AT_FDCWD, file, stat, sizeof(stat));
		name = strchr(stat, '(');
		end = strrchr(stat, ')');
		if (name && end && end > name && end[1])
			err_set(err, EBUSY,
				"remove cgroup '%s': process %d (%.*s, state %c) is still in it",
				path->dir, (int)pids.v[0], (int)(end - name - 1), name + 1, end[2]);
		else
			err_set(err, EBUSY, "remove cgroup '%s': process %d is still in it",
				path->dir, (int)pids.v[0]);
	}
	free(pids.v);
	return err_path(err, path->dir);
}

/* Parents that were made on the way; those that others use by now stay. */
static int remove_parents(const struct cgroup_path *path)
{
	char dir[4096];
	size_t len = strlen(path->dir);

	if (len >= sizeof(dir))
		return 0;
	memcpy(dir, path->dir, len + 1);
	for (unsigned level = 1; level < path->created_levels; level++) {
		int ret;

		while (len > 0 && dir[len] != '/')
			len--;
		dir[len] = '\0';
		if (len == 0)
			return 0;
		ret = cgroupfs_remove(AT_FDCWD, dir);
		if (ret < 0)
			return is_busy(ret) ? 0 : ret;
	}
	return 0;
}

/* What others made stays, as it was. */
static void leave(const struct cgroup_path *path)
{
	AUTO_FD fd = path->is_v2 ? cgroupfs_open(AT_FDCWD, path->dir) : -1;

	if (fd >= 0)
		device_filter_detach(fd);
}

int cgroup_remove(const struct cgroup_paths *paths, bool wait, struct err *err)
{
	struct patience patience = patience_for_ms(wait ? WAIT_MS : 0);
	bool is_thawed = false;
	int ret, first = 0;

	for (size_t i = 0; i < paths->n; i++) {
		const struct cgroup_path *path = &paths->v[i];

		if (path->created_levels == 0) {
			leave(path);
			continue;
		}
		while (is_busy(ret = remove_leaf(path->dir))) {
			/* Killed processes that are frozen cannot exit. */
			if (!wait)
				break;
			if (!is_thawed)
				thaw_all(paths);
			is_thawed = true;
			if (!patience_pause(&patience))
				break;
		}
		if (ret == 0)
			ret = remove_parents(path);
		if (ret < 0 && first == 0)
			first = explain_busy(path, ret, err);
	}
	return first;
}
