/* SPDX-License-Identifier: Apache-2.0 */
/* The root file system around its mounts: masked and read-only paths, devices, entering. */
#include "test.h"

#include "bound_root.h"
#include "fake_kernel.h"
#include "fd.h"
#include "rootfs.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct err err;

static struct plan_path masked[] = {
	{ "/proc/acpi", "/linux/maskedPaths/0" },       { "/proc/keys", "/linux/maskedPaths/1" },
	{ "/proc/scsi", "/linux/maskedPaths/2" },       { "/proc/none", "/linux/maskedPaths/3" },
	{ "/proc/keys/below", "/linux/maskedPaths/4" }, { "/sys/firmware", "/linux/maskedPaths/5" },
};
static struct plan_path readonly[] = {
	{ "/proc/bus", "/linux/readonlyPaths/0" },
	{ "/proc/none", "/linux/readonlyPaths/1" },
};
static const struct plan_rootfs protected = {
	.n_masked = COUNT(masked),
	.masked = masked,
	.n_readonly_paths = COUNT(readonly),
	.readonly_paths = readonly,
};

static int make_root(void)
{
	int root_fd = temp_open_dir("root");

	temp_make_dir("root/proc");
	temp_make_dir("root/proc/acpi");
	temp_make_dir("root/proc/scsi");
	temp_make_dir("root/proc/bus");
	temp_make_dir("root/sys");
	temp_make_dir("root/sys/firmware");
	temp_make_file("root/proc/keys", "", 0444);
	return root_fd;
}

/* What exists is protected, read-only paths first; directories share one empty filesystem. */
static const char protect_calls[] = "tree_clone root/proc/bus recursive\n"
				    "set_attr root/proc/bus recursive +(ro) -()\n"
				    "attach root/proc/bus on root/proc/bus\n"
				    "fs_open tmpfs\n"
				    "fs_set tmpfs ro\n"
				    "fs_create tmpfs\n"
				    "fs_mount tmpfs ro,nosuid,nodev,noexec\n"
				    "attach new-tmpfs-7 on root/proc/acpi\n"
				    "tree_clone /dev/null\n"
				    "attach /dev/null on root/proc/keys\n"
				    "tree_clone new-tmpfs-7\n"
				    "attach new-tmpfs-7 on root/proc/scsi\n"
				    "tree_clone new-tmpfs-7\n"
				    "attach new-tmpfs-7 on root/sys/firmware\n";

/* What each of them failing says, and whose line of config.json it names. */
static const struct {
	const char *text, *origin;
} protect_errors[] = {
	{ "open_tree '/proc/bus': ", "/linux/readonlyPaths/0" },
	{ "make '/proc/bus' read-only: ", "/linux/readonlyPaths/0" },
	{ "move_mount to '/proc/bus': ", "/linux/readonlyPaths/0" },
	{ "create an empty directory: ", "/linux/maskedPaths/0" },
	{ "create an empty directory: ", "/linux/maskedPaths/0" },
	{ "create an empty directory: ", "/linux/maskedPaths/0" },
	{ "fsmount of an empty directory: ", "/linux/maskedPaths/0" },
	{ "move_mount to '/proc/acpi': ", "/linux/maskedPaths/0" },
	{ "open the host's /dev/null: ", "/linux/maskedPaths/1" },
	{ "move_mount to '/proc/keys': ", "/linux/maskedPaths/1" },
	{ "open_tree of the empty directory: ", "/linux/maskedPaths/2" },
	{ "move_mount to '/proc/scsi': ", "/linux/maskedPaths/2" },
	{ "open_tree of the empty directory: ", "/linux/maskedPaths/5" },
	{ "move_mount to '/sys/firmware': ", "/linux/maskedPaths/5" },
};

TEST(masked_directories_are_copies_of_one_empty_filesystem)
{
	AUTO_FD root_fd = make_root();
	int before = open_fd_count();

	CHECK_INT(rootfs_protect_paths(&fake_kernel, &protected, root_fd, &err), 0);
	CHECK_STR(fake_kernel_calls(), protect_calls);
	CHECK_INT(open_fd_count(), before);
}

TEST(a_path_that_cannot_be_protected_is_an_error_of_its_line)
{
	AUTO_FD root_fd = make_root();
	int before = open_fd_count();

	for (size_t i = 0; i < COUNT(protect_errors); i++) {
		fake_kernel_reset();
		fake_kernel_fail_nth((int)i + 1, EPERM);
		CHECK_INT(rootfs_protect_paths(&fake_kernel, &protected, root_fd, &err), -EPERM);
		CHECK_INT(fake_kernel_count(), i + 1);
		CHECK_CONTAINS(err.text, protect_errors[i].text);
		CHECK_STR(err.pointer, protect_errors[i].origin);
		CHECK_INT(open_fd_count(), before);
	}
}

TEST(a_masked_link_masks_what_it_leads_to_inside_the_root)
{
	AUTO_FD root_fd = make_root();
	struct plan_path path = { "/proc/link", "/linux/maskedPaths/0" };
	const struct plan_rootfs rootfs = { .n_masked = 1, .masked = &path };

	temp_make_link("/proc/keys", "root/proc/link");
	CHECK_INT(rootfs_protect_paths(&fake_kernel, &rootfs, root_fd, &err), 0);
	CHECK_STR(fake_kernel_calls(),
		  "tree_clone /dev/null\nattach /dev/null on root/proc/keys\n");
}

TEST(a_readonly_path_below_a_file_is_an_error)
{
	AUTO_FD root_fd = make_root();
	struct plan_path path = { "/proc/keys/below", "/linux/readonlyPaths/0" };
	const struct plan_rootfs rootfs = { .n_readonly_paths = 1, .readonly_paths = &path };

	CHECK_INT(rootfs_protect_paths(&fake_kernel, &rootfs, root_fd, &err), -ENOTDIR);
	CHECK_STR(err.pointer, "/linux/readonlyPaths/0");
	CHECK_STR(fake_kernel_calls(), "");
}

TEST(the_root_becomes_read_only_when_it_is_to_be)
{
	AUTO_FD root_fd = make_root();
	struct plan_rootfs rootfs = { .readonly = false };

	CHECK_INT(rootfs_make_readonly(&fake_kernel, &rootfs, root_fd, &err), 0);
	CHECK_STR(fake_kernel_calls(), "");
	rootfs.readonly = true;
	CHECK_INT(rootfs_make_readonly(&fake_kernel, &rootfs, root_fd, &err), 0);
	CHECK_STR(fake_kernel_calls(), "set_attr root +(ro) -()\n");
	fake_kernel_fail_name("set_attr", EPERM);
	CHECK_INT(rootfs_make_readonly(&fake_kernel, &rootfs, root_fd, &err), -EPERM);
	CHECK_STR(err.text, "make the root file system read-only: Operation not permitted");
	CHECK_STR(err.pointer, "/root/readonly");
}

TEST(the_parent_opens_the_root_as_a_whole_tree)
{
	const struct plan_rootfs rootfs = { .path = "/tmp" };
	const struct plan_rootfs missing = { .path = "/no/such" };
	int fd = rootfs_open_tree(&fake_kernel, &rootfs, &err);

	CHECK(fd >= 0);
	fd_close(&fd);
	CHECK_STR(fake_kernel_calls(), "tree_clone /tmp recursive\n");
	CHECK_INT(rootfs_open_tree(&fake_kernel, &missing, &err), -ENOENT);
	CHECK_STR(err.pointer, "/root/path");
	CHECK_STR(err.path, "/no/such");
}

TEST(without_a_mount_namespace_the_root_is_just_a_directory)
{
	struct plan_rootfs rootfs = { .path = temp_path("root") };
	int root_fd = make_root(), before;

	fd_close(&root_fd);
	before = open_fd_count();
	CHECK_INT(rootfs_attach(&fake_kernel, &rootfs, -1, &root_fd, &err), 0);
	CHECK(faccessat(root_fd, "proc/keys", F_OK, 0) == 0);
	CHECK_STR(fake_kernel_calls(), "");
	fd_close(&root_fd);
	rootfs.path = "/no/such";
	CHECK_INT(rootfs_attach(&fake_kernel, &rootfs, -1, &root_fd, &err), -ENOENT);
	CHECK_STR(err.pointer, "/root/path");
	CHECK_INT(root_fd, -1);
	CHECK_INT(open_fd_count(), before);
}

/* Private, or a slave, when it is attached and afterwards: a shared place makes it shared again. */
TEST(a_bound_root_is_cut_off_before_and_after_it_is_attached)
{
	static const struct {
		uint64_t propagation;
		const char *calls;
	} rows[] = {
		{ MS_SLAVE, "tree_clone root recursive\nset_attr root recursive slave\n"
			    "attach root on root\nset_attr root recursive slave\n" },
		{ MS_SHARED, "tree_clone root recursive\nset_attr root recursive private\n"
			     "attach root on root\nset_attr root recursive private\n" },
	};
	int root_fd = make_root(), before;

	fd_close(&root_fd);
	before = open_fd_count();
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct plan_rootfs rootfs = { .path = temp_path("root"),
						    .is_bound = true,
						    .propagation = rows[i].propagation };
		int place_fd, tree_fd;

		fake_kernel_reset();
		CHECK_INT(bound_root_open(&fake_kernel, &rootfs, &place_fd, &tree_fd, &err), 0);
		CHECK_INT(bound_root_attach(&fake_kernel, &rootfs, place_fd, tree_fd, &err), 0);
		CHECK_STR(fake_kernel_calls(), rows[i].calls);
		fd_close(&place_fd);
		fd_close(&tree_fd);
	}
	CHECK_INT(open_fd_count(), before);
}

TEST(a_bound_root_that_cannot_be_is_an_error_before_anything_is_mounted)
{
	const struct plan_rootfs missing = { .path = "/no/such" };
	const struct plan_rootfs slash = { .path = "/tmp/.." };
	const struct plan_rootfs rootfs = { .path = "/tmp" };
	int before = open_fd_count(), fds[2];

	CHECK_INT(bound_root_open(&fake_kernel, &missing, &fds[0], &fds[1], &err), -ENOENT);
	CHECK_STR(err.pointer, "/root/path");
	CHECK_INT(bound_root_open(&fake_kernel, &slash, &fds[0], &fds[1], &err), -EINVAL);
	CHECK_STR(err.pointer, "/root/path");
	CHECK_STR(fake_kernel_calls(), "");
	fake_kernel_fail_name("tree_clone", EPERM);
	CHECK_INT(bound_root_check(&fake_kernel, &rootfs, &err), -EPERM);
	CHECK_STR(err.pointer, "/linux/namespaces");
	CHECK_INT(bound_root_open(&fake_kernel, &rootfs, &fds[0], &fds[1], &err), -EPERM);
	CHECK_STR(err.pointer, "/linux/namespaces");
	CHECK_INT(open_fd_count(), before);
}

TEST(devices_come_before_links_and_stop_at_the_first_error)
{
	AUTO_FD root_fd = make_root();
	struct plan_device fifos[] = {
		{ .type = S_IFIFO, .path = "/dev/one", .mode = 0600, .origin = "/linux/devices/0" },
		{ .type = S_IFIFO, .path = "/sys", .mode = 0600, .origin = "/linux/devices/1" },
	};
	struct plan_link links[] = { { "/dev/fd", "/proc/self/fd" } };
	struct plan_rootfs rootfs = {
		.n_devices = 2, .devices = fifos, .n_links = 1, .links = links
	};
	char target[64] = "";

	CHECK_INT(rootfs_make_devices(&fake_kernel, &rootfs, root_fd, &err), -EEXIST);
	CHECK_STR(err.pointer, "/linux/devices/1");
	CHECK(access(temp_path("root/dev/one"), F_OK) == 0);
	CHECK(readlink(temp_path("root/dev/fd"), target, sizeof(target)) < 0);
	rootfs.n_devices = 1;
	CHECK_INT(rootfs_make_devices(&fake_kernel, &rootfs, root_fd, &err), 0);
	CHECK(readlink(temp_path("root/dev/fd"), target, sizeof(target) - 1) > 0);
	CHECK_STR(target, "/proc/self/fd");
}

TEST_MAIN()
