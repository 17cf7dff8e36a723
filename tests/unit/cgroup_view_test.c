/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts of type cgroup: with and without a cgroup namespace, v1 and v2. */
#include "test.h"

#include "fake_kernel.h"
#include "fd.h"
#include "mount.h"
#include "plan_cgroup.h"
#include "temp_tree.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ORIGIN "/mounts/4"
#define FLAGS  (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID)

static struct err err;

static const struct plan_mount view = {
	.kind = PLAN_MOUNT_CGROUP,
	.type = "cgroup",
	.source = "cgroup",
	.target = "/sys/fs/cgroup",
	.attr_set = FLAGS,
	.origin = ORIGIN,
};

static struct plan_cgroup_hierarchy v2[] = {
	{ .is_v2 = true, .mount = "/sys/fs/cgroup", .controllers = "cpu", .dir = "/tmp" },
};
static struct plan_cgroup_hierarchy v1[] = {
	{ .mount = "/sys/fs/cgroup/memory", .controllers = "memory", .dir = "/tmp" },
	{ .mount = "/sys/fs/cgroup/cpu,cpuacct", .controllers = "cpu,cpuacct", .dir = "/usr" },
	{ .mount = "/sys/fs/cgroup/systemd", .controllers = "name=systemd", .dir = "/etc" },
};

struct row {
	struct plan_cgroup cgroup;
	bool has_cgroup_ns;
	const char *calls;
	const char *errors;
};

static const struct row rows[] = {
	{
		.cgroup = { .n_hierarchies = 1, .hierarchies = v2 },
		.has_cgroup_ns = true,
		.calls = "fs_open cgroup2\n"
			 "fs_create cgroup2\n"
			 "fs_mount cgroup2 ro,nosuid\n"
			 "attach new-cgroup2-3 on root/sys/fs/cgroup\n",
		.errors = "fsopen of the hierarchy /sys/fs/cgroup\n"
			  "open the hierarchy /sys/fs/cgroup\n"
			  "fsmount of the hierarchy /sys/fs/cgroup\n"
			  "move_mount to '/sys/fs/cgroup'\n",
	},
	{
		.cgroup = { .n_hierarchies = 1, .hierarchies = v2 },
		.calls = "tree_clone /tmp\n"
			 "set_attr /tmp +(ro,nosuid) -()\n"
			 "attach /tmp on root/sys/fs/cgroup\n",
		.errors = "open the cgroup '/tmp'\n"
			  "mount_setattr of the cgroup '/tmp'\n"
			  "move_mount to '/sys/fs/cgroup'\n",
	},
	{
		.cgroup = { .n_hierarchies = 3, .hierarchies = v1 },
		.has_cgroup_ns = true,
		.calls = "fs_open tmpfs\n"
			 "fs_set tmpfs mode=755\n"
			 "fs_create tmpfs\n"
			 "fs_mount tmpfs nosuid\n"
			 "attach new-tmpfs-4 on root/sys/fs/cgroup\n"
			 "fs_open cgroup\n"
			 "fs_set cgroup memory\n"
			 "fs_create cgroup\n"
			 "fs_mount cgroup ro,nosuid\n"
			 "attach new-cgroup-9 on new-tmpfs-4/memory\n"
			 "fs_open cgroup\n"
			 "fs_set cgroup cpu\n"
			 "fs_set cgroup cpuacct\n"
			 "fs_create cgroup\n"
			 "fs_mount cgroup ro,nosuid\n"
			 "attach new-cgroup-15 on new-tmpfs-4/cpu,cpuacct\n"
			 "fs_open cgroup\n"
			 "fs_set cgroup none\n"
			 "fs_set cgroup name=systemd\n"
			 "fs_create cgroup\n"
			 "fs_mount cgroup ro,nosuid\n"
			 "attach new-cgroup-21 on new-tmpfs-4/systemd\n"
			 "set_attr new-tmpfs-4 +(ro) -()\n",
		.errors = "create the tmpfs that holds the hierarchies\n"
			  "create the tmpfs that holds the hierarchies\n"
			  "create the tmpfs that holds the hierarchies\n"
			  "fsmount of the tmpfs\n"
			  "move_mount to '/sys/fs/cgroup'\n"
			  "fsopen of the hierarchy /sys/fs/cgroup/memory\n"
			  "choose the controllers memory\n"
			  "open the hierarchy /sys/fs/cgroup/memory\n"
			  "fsmount of the hierarchy /sys/fs/cgroup/memory\n"
			  "move_mount to 'memory'\n"
			  "fsopen of the hierarchy /sys/fs/cgroup/cpu,cpuacct\n"
			  "choose the controllers cpu,cpuacct\n"
			  "choose the controllers cpu,cpuacct\n"
			  "open the hierarchy /sys/fs/cgroup/cpu,cpuacct\n"
			  "fsmount of the hierarchy /sys/fs/cgroup/cpu,cpuacct\n"
			  "move_mount to 'cpu,cpuacct'\n"
			  "fsopen of the hierarchy /sys/fs/cgroup/systemd\n"
			  "choose the controllers name=systemd\n"
			  "choose the controllers name=systemd\n"
			  "open the hierarchy /sys/fs/cgroup/systemd\n"
			  "fsmount of the hierarchy /sys/fs/cgroup/systemd\n"
			  "move_mount to 'systemd'\n"
			  "make the tmpfs read-only\n",
	},
	{
		.cgroup = { .n_hierarchies = 2, .hierarchies = v1 },
		.calls = "fs_open tmpfs\n"
			 "fs_set tmpfs mode=755\n"
			 "fs_create tmpfs\n"
			 "fs_mount tmpfs nosuid\n"
			 "attach new-tmpfs-4 on root/sys/fs/cgroup\n"
			 "tree_clone /tmp\n"
			 "set_attr /tmp +(ro,nosuid) -()\n"
			 "attach /tmp on new-tmpfs-4/memory\n"
			 "tree_clone /usr\n"
			 "set_attr /usr +(ro,nosuid) -()\n"
			 "attach /usr on new-tmpfs-4/cpu,cpuacct\n"
			 "set_attr new-tmpfs-4 +(ro) -()\n",
		.errors = "create the tmpfs that holds the hierarchies\n"
			  "create the tmpfs that holds the hierarchies\n"
			  "create the tmpfs that holds the hierarchies\n"
			  "fsmount of the tmpfs\n"
			  "move_mount to '/sys/fs/cgroup'\n"
			  "open the cgroup '/tmp'\n"
			  "mount_setattr of the cgroup '/tmp'\n"
			  "move_mount to 'memory'\n"
			  "open the cgroup '/usr'\n"
			  "mount_setattr of the cgroup '/usr'\n"
			  "move_mount to 'cpu,cpuacct'\n"
			  "make the tmpfs read-only\n",
	},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int run(const struct row *row, int root_fd)
{
	const struct mount_context ctx = {
		.ops = &fake_kernel,
		.root_fd = root_fd,
		.cgroup = &row->cgroup,
		.has_cgroup_ns = row->has_cgroup_ns,
	};

	int mnt_fd = -1;

	memset(&err, 0, sizeof(err));
	return mount_exec(&ctx, &view, &mnt_fd, &err);
}

TEST(each_view_is_these_calls)
{
	AUTO_FD root_fd = temp_open_dir("root");
	int before = open_fd_count();

	for (size_t i = 0; i < ROWS; i++) {
		fake_kernel_reset();
		CHECK_INT(run(&rows[i], root_fd), 0);
		CHECK_STR(fake_kernel_calls(), rows[i].calls);
		CHECK_INT(open_fd_count(), before);
	}
}

TEST(every_call_that_fails_is_named)
{
	AUTO_FD root_fd = temp_open_dir("root");
	int before = open_fd_count();

	for (size_t i = 0; i < ROWS; i++) {
		const char *error = rows[i].errors;

		for (int n = 1; *error; n++) {
			char want[256] = "at \"/sys/fs/cgroup\": ";
			size_t len = strcspn(error, "\n");

			strncat(want, error, len);
			strcat(want, ": Operation not permitted");
			error += len + 1;
			fake_kernel_reset();
			fake_kernel_fail_nth(n, EPERM);
			CHECK_INT(run(&rows[i], root_fd), -EPERM);
			CHECK_INT(fake_kernel_count(), n);
			CHECK_CONTAINS(err.text, want);
			CHECK_STR(err.pointer, ORIGIN);
			CHECK_INT(open_fd_count(), before);
		}
	}
}

TEST(controllers_that_share_a_hierarchy_are_links_to_it)
{
	AUTO_FD root_fd = temp_open_dir("root");
	char target[64] = "";

	CHECK_INT(run(&rows[2], root_fd), 0);
	CHECK(readlink(temp_path("new-tmpfs-4/cpuacct"), target, sizeof(target) - 1) > 0);
	CHECK_STR(target, "cpu,cpuacct");
	CHECK(readlink(temp_path("new-tmpfs-4/cpu"), target, sizeof(target) - 1) > 0);
	CHECK(readlink(temp_path("new-tmpfs-4/memory"), target, sizeof(target) - 1) < 0);
}

TEST(without_a_hierarchy_there_is_no_view)
{
	AUTO_FD root_fd = temp_open_dir("root");
	const struct row row = { .cgroup = { .n_hierarchies = 0 } };

	CHECK_INT(run(&row, root_fd), -ENOTSUP);
	CHECK_CONTAINS(err.text, "there is no cgroup to show");
	CHECK_CONTAINS(err.hint, "drop the mount");
	CHECK_STR(fake_kernel_calls(), "");
}

TEST_MAIN()
