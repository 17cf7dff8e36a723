/* SPDX-License-Identifier: Apache-2.0 */
/* Which calls each kind of planned mount is, in which order, and what each of them failing says. */
#include "test.h"

#include "fake_kernel.h"
#include "fd.h"
#include "mount.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TEXT_64   "/a/directory/whose/name/is/as/long/as/those/that/engines/make/64"
#define LONG_TEXT TEXT_64 TEXT_64 TEXT_64 TEXT_64

#define ORIGIN "/mounts/7"

static struct err err;

struct row {
	const char *name;
	struct plan_mount mount;
	const char *label;
	const char *calls;  /* a line per call */
	const char *errors; /* what is said when the call of the same line fails */
};

static struct plan_fs_param size_and_sync[] = { { "size", "64k" }, { "sync", NULL } };

static const struct row rows[] = {
	{
		.name = "a new filesystem",
		.mount = { .kind = PLAN_MOUNT_NEW,
			   .type = "proc",
			   .source = "proc",
			   .target = "/proc" },
		.calls = "fs_open proc\n"
			 "fs_set proc source=proc\n"
			 "fs_create proc\n"
			 "fs_mount proc\n"
			 "attach new-proc-4 on root/proc\n",
		.errors = "fsopen 'proc'\n"
			  "set source 'proc'\n"
			  "create filesystem 'proc'\n"
			  "fsmount 'proc'\n"
			  "move_mount to '/proc'\n",
	},
	{
		.name = "options, a label, attributes and propagation, in this order",
		.mount = { .kind = PLAN_MOUNT_NEW,
			   .type = "tmpfs",
			   .source = "tmpfs",
			   .target = "/dev/shm",
			   .n_params = 2,
			   .params = size_and_sync,
			   .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOATIME,
			   .attr_clear = MOUNT_ATTR__ATIME,
			   .rec_attr_set = MOUNT_ATTR_NODEV,
			   .propagation = MS_SLAVE,
			   .rec_propagation = true,
			   .target_mode = 01777 },
		.label = "system_u:object_r:container_file_t:s0",
		.calls = "fs_open tmpfs\n"
			 "fs_set tmpfs source=tmpfs\n"
			 "fs_set tmpfs size=64k\n"
			 "fs_set tmpfs sync\n"
			 "fs_set tmpfs mode=1777\n" /* of the directory that it covers */
			 "fs_set tmpfs rootcontext=system_u:object_r:container_file_t:s0\n"
			 "fs_create tmpfs\n"
			 "fs_mount tmpfs\n"
			 "set_attr new-tmpfs-8 recursive +(nodev) -()\n"
			 "set_attr new-tmpfs-8 +(nosuid,noatime) -(noatime,strictatime+0x40)\n"
			 "attach new-tmpfs-8 on root/dev/shm\n"
			 "set_attr new-tmpfs-8 recursive slave\n",
		.errors = "fsopen 'tmpfs'\n"
			  "set source 'tmpfs'\n"
			  "set option 'size'\n"
			  "set option 'sync'\n"
			  "set option 'mode'\n"
			  "set context 'system_u:object_r:container_file_t:s0'\n"
			  "create filesystem 'tmpfs'\n"
			  "fsmount 'tmpfs'\n"
			  "mount_setattr, recursively\n"
			  "mount_setattr\n"
			  "move_mount to '/dev/shm'\n"
			  "set the propagation\n",
	},
	{
		.name = "an option that is too long for fsconfig: mounted by mount(2), right on its target",
		.mount = { .kind = PLAN_MOUNT_NEW,
			   .type = "overlay",
			   .source = "overlay",
			   .target = "/data/layers",
			   .attr_set = MOUNT_ATTR_NODEV,
			   .sb_flags = MS_RDONLY,
			   .n_params = 1,
			   .params = (struct plan_fs_param[]){ { "lowerdir", LONG_TEXT } },
			   .data = "lowerdir=" LONG_TEXT,
			   .propagation = MS_PRIVATE },
		.calls = "mount_on root/data/layers overlay overlay 0x1 265 bytes\n"
			 "set_attr root/data/layers +(nodev) -()\n"
			 "set_attr root/data/layers private\n",
		.errors = "mount 'overlay'\n"
			  "mount_setattr\n"
			  "set the propagation\n",
	},
	{
		.name = "a directory bound in, its options set before it can be seen",
		.mount = { .kind = PLAN_MOUNT_BIND,
			   .source = "/tmp",
			   .target = "/data/in",
			   .recursive = true,
			   .rec_attr_set = MOUNT_ATTR_RDONLY,
			   .attr_clear = MOUNT_ATTR_NOEXEC,
			   .propagation = MS_PRIVATE },
		.calls = "tree_clone /tmp recursive\n"
			 "set_attr /tmp recursive +(ro) -()\n"
			 "set_attr /tmp +() -(noexec)\n"
			 "attach /tmp on root/data/in\n"
			 "set_attr /tmp private\n",
		.errors = "open the source '/tmp'\n"
			  "mount_setattr, recursively\n"
			  "mount_setattr\n"
			  "move_mount to '/data/in'\n"
			  "set the propagation\n",
	},
	{
		.name = "a file bound in on a file that is made for it",
		.mount = { .kind = PLAN_MOUNT_BIND,
			   .source = "/dev/null",
			   .target = "/etc/resolv.conf" },
		.calls = "tree_clone /dev/null\n"
			 "attach /dev/null on root/etc/resolv.conf\n",
		.errors = "open the source '/dev/null'\n"
			  "move_mount to '/etc/resolv.conf'\n",
	},
	{
		.name = "a remount of the options of the mount alone",
		.mount = { .kind = PLAN_MOUNT_REMOUNT,
			   .target = "/there",
			   .source = "/there",
			   .attr_set = MOUNT_ATTR_RDONLY },
		.calls = "set_attr root/there +(ro) -()\n",
		.errors = "mount_setattr\n",
	},
	{
		.name = "a remount of the filesystem's options too",
		.mount = { .kind = PLAN_MOUNT_REMOUNT,
			   .target = "/there",
			   .source = "/there",
			   .n_params = 2,
			   .params = size_and_sync,
			   .attr_set = MOUNT_ATTR_NODEV,
			   .propagation = MS_SHARED },
		.calls = "set_attr root/there +(nodev) -()\n"
			 "fs_pick root/there\n"
			 "fs_set picked size=64k\n"
			 "fs_set picked sync\n"
			 "fs_reconfigure picked\n"
			 "set_attr root/there shared\n",
		.errors = "mount_setattr\n"
			  "fspick '/there'\n"
			  "set option 'size'\n"
			  "set option 'sync'\n"
			  "reconfigure '/there'\n"
			  "set the propagation\n",
	},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int run(const struct row *row, int root_fd)
{
	struct plan_mount mount = row->mount;
	int mnt_fd = -1;
	const struct mount_context ctx = {
		.ops = &fake_kernel,
		.root_fd = root_fd,
		.label = row->label,
		.label_option = "rootcontext",
	};

	mount.origin = ORIGIN;
	memset(&err, 0, sizeof(err));
	return mount_exec(&ctx, &mount, &mnt_fd, &err);
}

static int make_root(void)
{
	int root_fd = temp_open_dir("root");

	temp_make_dir("root/there");
	temp_make_dir("root/dev");
	temp_make_dir("root/dev/shm");
	chmod(temp_path("root/dev/shm"), 01777);
	return root_fd;
}

TEST(each_kind_of_mount_is_these_calls)
{
	AUTO_FD root_fd = make_root();
	int before = open_fd_count();

	for (size_t i = 0; i < ROWS; i++) {
		fake_kernel_reset();
		CHECK_INT(run(&rows[i], root_fd), 0);
		CHECK_STR(fake_kernel_calls(), rows[i].calls);
		CHECK_STR(err.text, "");
		CHECK_INT(open_fd_count(), before);
	}
}

/* The @n-th line of @lines. */
static const char *line_of(const char *lines, int n)
{
	static char line[256];

	while (n-- > 1)
		lines += strcspn(lines, "\n") + 1;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(lines, "\n"), lines);
	return line;
}

static void fail_each_call(const struct row *row, int root_fd)
{
	char want[512];
	int before = open_fd_count(), n_calls;

	fake_kernel_reset();
	run(row, root_fd);
	n_calls = fake_kernel_count();
	for (int n = 1; n <= n_calls; n++) {
		fake_kernel_reset();
		fake_kernel_fail_nth(n, EIO);
		CHECK_INT(run(row, root_fd), -EIO);
		CHECK_INT(fake_kernel_count(), n);
		snprintf(want, sizeof(want),
			 "error mounting \"%s\" to rootfs at \"%s\": %s: Input/output error",
			 row->mount.source ? row->mount.source : row->mount.type, row->mount.target,
			 line_of(row->errors, n));
		CHECK_STR(err.text, want);
		CHECK_STR(err.pointer, ORIGIN);
		CHECK_INT(open_fd_count(), before);
	}
}

TEST(every_call_that_fails_ends_the_mount_and_is_named)
{
	AUTO_FD root_fd = make_root();

	for (size_t i = 0; i < ROWS; i++)
		fail_each_call(&rows[i], root_fd);
}

TEST(a_source_that_the_parent_opened_is_not_opened_again)
{
	AUTO_FD root_fd = make_root();
	AUTO_FD source_fd = open("/tmp", O_PATH | O_CLOEXEC);
	const struct mount_context ctx = { .ops = &fake_kernel, .root_fd = root_fd };
	const struct plan_mount mount = {
		.kind = PLAN_MOUNT_BIND,
		.source = "/not/reachable",
		.target = "/data",
		.attr_set = MOUNT_ATTR_RDONLY, /* the parent has set it */
		.origin = ORIGIN,
	};
	int before = open_fd_count();

	CHECK_INT(mount_exec(&ctx, &mount, &source_fd, &err), 0);
	CHECK_STR(fake_kernel_calls(), "attach /tmp on root/data\n");
	CHECK_INT(open_fd_count(), before);
	CHECK(fcntl(source_fd, F_GETFD) >= 0);
}

TEST(the_parent_sets_the_options_of_a_source_that_it_opens)
{
	const struct plan_mount mount = {
		.kind = PLAN_MOUNT_BIND,
		.source = "/tmp",
		.target = "/data",
		.recursive = true,
		.attr_set = MOUNT_ATTR_RDONLY,
		.origin = ORIGIN,
	};
	int before = open_fd_count(), fd = mount_open_source(&fake_kernel, &mount, &err);

	CHECK(fd >= 0);
	fd_close(&fd);
	CHECK_STR(fake_kernel_calls(), "tree_clone /tmp recursive\nset_attr /tmp +(ro) -()\n");
	for (int n = 1; n <= 2; n++) {
		fake_kernel_reset();
		fake_kernel_fail_nth(n, EACCES);
		CHECK_INT(mount_open_source(&fake_kernel, &mount, &err), -EACCES);
		CHECK_INT(open_fd_count(), before);
	}
}

TEST(a_missing_source_is_named_as_a_path)
{
	AUTO_FD root_fd = make_root();
	struct row row = {
		.mount = { .kind = PLAN_MOUNT_BIND, .source = "/no/such", .target = "/data" }
	};

	CHECK_INT(run(&row, root_fd), -ENOENT);
	CHECK_STR(err.path, "/no/such");
	CHECK_STR(err.pointer, ORIGIN);
	CHECK_CONTAINS(err.text, "open the source '/no/such': No such file or directory");
}

TEST(an_unknown_filesystem_type_has_a_hint)
{
	AUTO_FD root_fd = make_root();

	fake_kernel_fail_name("fs_open", ENODEV);
	CHECK_INT(run(&rows[0], root_fd), -ENODEV);
	CHECK_CONTAINS(err.hint, "/proc/filesystems");
}

TEST(proc_is_not_led_elsewhere_by_a_link_of_the_image)
{
	static const char *const targets[] = { "/elsewhere", "elsewhere", "../elsewhere",
					       "nowhere" };

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		AUTO_FD root_fd = temp_open_dir("root");

		mkdir(temp_path("root/elsewhere"), 0755);
		temp_make_link(targets[i], "root/proc");
		CHECK_INT(run(&rows[0], root_fd), -ENOTDIR);
		CHECK_CONTAINS(err.text, "must be mounted on ordinary directory");
		CHECK_STR(fake_kernel_calls(), "");
		CHECK_INT(unlink(temp_path("root/proc")), 0);
	}
}

TEST(a_file_in_the_place_of_proc_is_refused)
{
	AUTO_FD root_fd = temp_open_dir("root");

	temp_make_file("root/proc", "", 0644);
	CHECK_INT(run(&rows[0], root_fd), -ENOTDIR);
	CHECK_STR(fake_kernel_calls(), "");
}

TEST(other_filesystems_follow_links_inside_the_root)
{
	AUTO_FD root_fd = temp_open_dir("root");

	temp_make_dir("root/real");
	temp_make_link("/real", "root/dev");
	fake_kernel_reset();
	CHECK_INT(run(&rows[1], root_fd), 0);
	CHECK_CONTAINS(fake_kernel_calls(), " on root/real/shm\n");
	/* Where no directory was, the filesystem's own mode is right. */
	CHECK(!strstr(fake_kernel_calls(), "mode="));
}

TEST(a_bind_over_proc_has_to_be_a_procfs)
{
	AUTO_FD root_fd = make_root();
	struct row row = { .mount = { .kind = PLAN_MOUNT_BIND,
				      .source = "/tmp",
				      .target = "/proc",
				      .must_be_procfs = true } };

	CHECK_INT(run(&row, root_fd), -EINVAL);
	CHECK_CONTAINS(err.text, "it is no procfs");
	CHECK_STR(fake_kernel_calls(), "tree_clone /tmp\n");
	row.mount.source = "/proc";
	CHECK_INT(run(&row, root_fd), 0);
}

TEST(a_directory_is_not_mounted_on_a_file_nor_a_file_on_a_directory)
{
	AUTO_FD root_fd = make_root();
	struct row row = { .mount = {
				   .kind = PLAN_MOUNT_BIND, .source = "/tmp", .target = "/file" } };

	temp_make_file("root/file", "", 0644);
	CHECK_INT(run(&row, root_fd), -ENOTDIR);
	CHECK_CONTAINS(err.text, "make the mount point '/file'");
	CHECK_STR(err.pointer, ORIGIN);
}

TEST(a_target_of_4096_bytes_is_refused_with_its_mount)
{
	AUTO_FD root_fd = make_root();
	char target[4097];
	struct row row = { .mount = {
				   .kind = PLAN_MOUNT_BIND, .source = "/tmp", .target = target } };

	for (size_t i = 0; i < sizeof(target) - 1; i++)
		target[i] = i % 2 ? 'a' : '/';
	target[sizeof(target) - 1] = '\0';
	CHECK_INT(run(&row, root_fd), -ENAMETOOLONG);
	CHECK_STR(err.pointer, ORIGIN);
}

TEST(copy_up_comes_before_the_mount_is_attached_or_read_only)
{
	AUTO_FD root_fd = make_root();
	struct row row = { .mount = { .kind = PLAN_MOUNT_NEW,
				      .type = "tmpfs",
				      .target = "/there",
				      .copy_up = true,
				      .attr_set = MOUNT_ATTR_RDONLY } };

	temp_make_file("root/there/file", "text", 0640);
	fake_kernel_reset();
	fake_kernel_fail_name("set_attr", EIO);
	CHECK_INT(run(&row, root_fd), -EIO);
	CHECK_STR(fake_kernel_calls(), "fs_open tmpfs\nfs_set tmpfs mode=755\nfs_create tmpfs\n"
				       "fs_mount tmpfs\nset_attr new-tmpfs-4 +(ro) -()\n");
	CHECK_STR(temp_read("new-tmpfs-4/file"), "text");
}

TEST_MAIN()
