/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to all cgroups below one, however deep and wide a container made them. */
#include "test.h"

#include "cgroupfs.h"
#include "fd.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEP 3000 /* more than a path has room for, and than there are descriptors */
#define WIDE 500

static bool put(int dir_fd, const char *name, const char *text)
{
	AUTO_FD fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 && dprintf(fd, "%s", text) > 0;
}

/* A chain of directories, each with a list of one process. */
static void make_deep(const char *name, bool has_files)
{
	AUTO_FD fd = temp_open_dir(name);

	for (int i = 1; i <= DEEP; i++) {
		char text[16]; /* of one length: what is written over it leaves no rest */
		int next;

		snprintf(text, sizeof(text), "%04d\n", i);
		if (mkdirat(fd, "d", 0700) < 0)
			test_fail(__FILE__, __LINE__, "level %d", i);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		fd_close(&fd);
		fd = next;
		if (has_files)
			CHECK(put(fd, "cgroup.procs", text));
	}
}

TEST(processes_are_found_at_any_depth_with_few_descriptors)
{
	struct cgroupfs_pids pids = { 0 };
	AUTO_FD fd = temp_open_dir("deep");
	int before = open_fd_count();

	make_deep("deep", true);
	CHECK_INT(cgroupfs_pids(fd, &pids), 0);
	CHECK_INT(pids.n, DEEP);
	CHECK_INT(open_fd_count(), before);
	free(pids.v);
}

TEST(a_value_is_written_at_any_depth)
{
	AUTO_FD fd = temp_open_dir("written");
	struct cgroupfs_pids pids = { 0 };
	long sum = 0;

	make_deep("written", true);
	CHECK_INT(cgroupfs_write_tree(fd, "cgroup.procs", "0007\n"), 0);
	CHECK_INT(cgroupfs_pids(fd, &pids), 0);
	CHECK_INT(pids.n, DEEP);
	for (size_t i = 0; i < pids.n; i++)
		sum += pids.v[i];
	CHECK_INT(sum, 7 * DEEP);
	free(pids.v);
}

TEST(what_is_below_is_removed_at_any_depth)
{
	AUTO_FD fd = temp_open_dir("removed");

	make_deep("removed", false);
	CHECK_INT(cgroupfs_remove_children(fd), 0);
	CHECK_INT(unlinkat(AT_FDCWD, temp_path("removed"), AT_REMOVEDIR), 0);
}

TEST(what_is_below_is_found_and_removed_at_any_width)
{
	AUTO_FD fd = temp_open_dir("wide");
	struct cgroupfs_pids pids = { 0 };

	for (int i = 0; i < WIDE; i++) {
		char name[32];

		snprintf(name, sizeof(name), "wide/%d", i);
		temp_make_dir(name);
		snprintf(name, sizeof(name), "wide/%d/below", i);
		temp_make_dir(name);
		if (i % 2)
			continue;
		snprintf(name, sizeof(name), "wide/%d/below/cgroup.procs", i);
		temp_make_file(name, "1\n", 0600);
	}
	CHECK_INT(cgroupfs_pids(fd, &pids), 0);
	CHECK_INT(pids.n, WIDE / 2);
	free(pids.v);
	for (int i = 0; i < WIDE; i += 2) {
		char name[40];

		snprintf(name, sizeof(name), "wide/%d/below/cgroup.procs", i);
		unlink(temp_path(name));
	}
	CHECK_INT(cgroupfs_remove_children(fd), 0);
	CHECK_INT(unlinkat(AT_FDCWD, temp_path("wide"), AT_REMOVEDIR), 0);
}

/* As a cgroup with processes cannot: an endless attempt would be one at every delete. */
TEST(what_cannot_be_removed_is_busy)
{
	AUTO_FD fd = temp_open_dir("busy");

	temp_make_dir("busy/a");
	temp_make_dir("busy/a/b");
	temp_make_file("busy/a/b/file", "", 0600);
	CHECK_INT(cgroupfs_remove_children(fd), -EBUSY);
}

TEST_MAIN()
