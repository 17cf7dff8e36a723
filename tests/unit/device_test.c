/* SPDX-License-Identifier: Apache-2.0 */
/* Device nodes below a root directory. Without the right to make one the host's is bound in. */
#include "test.h"

#include "device.h"
#include "fake_kernel.h"
#include "fd.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define ORIGIN "/linux/devices/2"

static struct err err;

static const struct plan_device null_device = {
	.type = S_IFCHR,
	.path = "/dev/null",
	.major = 1,
	.minor = 3,
	.mode = 0666,
	.origin = ORIGIN,
};
static const struct plan_device fifo = {
	.type = S_IFIFO,
	.path = "/run/a/fifo",
	.mode = 0640,
	.origin = ORIGIN,
};

/* As in a user namespace: mknod(2) of a device is EPERM, whoever runs the test. */
static void drop_mknod(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	CHECK_INT(syscall(SYS_capget, &header, data), 0);
	data[0].effective &= ~(1u << CAP_MKNOD);
	CHECK_INT(syscall(SYS_capset, &header, data), 0);
}

static mode_t mode_of(const char *name)
{
	struct stat st = { 0 };

	CHECK_INT(lstat(temp_path(name), &st), 0);
	return st.st_mode;
}

TEST(a_node_has_its_type_and_mode)
{
	AUTO_FD root_fd = temp_open_dir("root");
	int before = open_fd_count();

	umask(0);
	CHECK_INT(device_make(&fake_kernel, root_fd, &fifo, &err), 0);
	CHECK_INT(mode_of("root/run/a/fifo"), S_IFIFO | 0640);
	CHECK_STR(fake_kernel_calls(), "");
	CHECK_INT(open_fd_count(), before);
}

TEST(a_node_that_is_there_already_is_kept)
{
	AUTO_FD root_fd = temp_open_dir("root");

	CHECK_INT(device_make(&fake_kernel, root_fd, &fifo, &err), 0);
	CHECK_INT(chmod(temp_path("root/run/a/fifo"), 0600), 0);
	CHECK_INT(device_make(&fake_kernel, root_fd, &fifo, &err), 0);
	CHECK_INT(mode_of("root/run/a/fifo"), S_IFIFO | 0600);
}

TEST(another_file_in_its_place_is_refused)
{
	AUTO_FD root_fd = temp_open_dir("root");
	int before = open_fd_count();

	temp_make_dir("root/run");
	temp_make_dir("root/run/a");
	temp_make_file("root/run/a/fifo", "", 0644);
	CHECK_INT(device_make(&fake_kernel, root_fd, &fifo, &err), -EEXIST);
	CHECK_CONTAINS(err.text, "'/run/a/fifo' exists in the container and is another file");
	CHECK_STR(err.pointer, ORIGIN);
	CHECK_INT(unlink(temp_path("root/run/a/fifo")), 0);
	temp_make_link("/dev/null", "root/run/a/fifo");
	CHECK_INT(device_make(&fake_kernel, root_fd, &fifo, &err), -EEXIST);
	CHECK_INT(open_fd_count(), before);
}

TEST(a_link_in_the_place_of_dev_stays_inside)
{
	AUTO_FD root_fd = temp_open_dir("root");

	temp_make_dir("outside");
	temp_make_link("../../../../../../outside", "root/run");
	CHECK_INT(device_make(&fake_kernel, root_fd, &fifo, &err), 0);
	CHECK(access(temp_path("root/outside/a/fifo"), F_OK) == 0);
	CHECK(access(temp_path("outside/a"), F_OK) < 0);
}

TEST(without_the_right_to_mknod_the_hosts_node_is_bound_in)
{
	AUTO_FD root_fd = temp_open_dir("root");
	int before = open_fd_count();

	drop_mknod();
	CHECK_INT(device_make(&fake_kernel, root_fd, &null_device, &err), 0);
	CHECK_STR(fake_kernel_calls(), "tree_clone /dev/null\n"
				       "attach /dev/null on root/dev/null\n");
	CHECK(S_ISREG(mode_of("root/dev/null")));
	CHECK_INT(open_fd_count(), before);
}

TEST(an_empty_file_in_the_place_of_a_node_is_one_to_mount_on)
{
	AUTO_FD root_fd = temp_open_dir("root");

	temp_make_dir("root/dev");
	temp_make_file("root/dev/null", "text", 0644);
	CHECK_INT(device_make(&fake_kernel, root_fd, &null_device, &err), -EEXIST);
	CHECK_STR(fake_kernel_calls(), "");
	temp_make_file("root/dev/null", "", 0644);
	CHECK_INT(device_make(&fake_kernel, root_fd, &null_device, &err), 0);
	CHECK_STR(fake_kernel_calls(), "tree_clone /dev/null\n"
				       "attach /dev/null on root/dev/null\n");
}

TEST(a_node_that_cannot_be_bound_in_is_an_error_of_its_line)
{
	static const char *const texts[] = {
		"open the host's '/dev/null', since no node can be made here: Input/output error",
		"move_mount to '/dev/null': Input/output error",
	};
	AUTO_FD root_fd = temp_open_dir("root");
	int before = open_fd_count();

	drop_mknod();
	for (int n = 1; n <= 2; n++) {
		unlink(temp_path("root/dev/null"));
		fake_kernel_reset();
		fake_kernel_fail_nth(n, EIO);
		CHECK_INT(device_make(&fake_kernel, root_fd, &null_device, &err), -EIO);
		CHECK_STR(err.text, texts[n - 1]);
		CHECK_STR(err.pointer, ORIGIN);
		CHECK_INT(open_fd_count(), before);
	}
}

TEST(a_host_node_of_another_number_is_not_bound_in)
{
	AUTO_FD root_fd = temp_open_dir("root");
	struct plan_device wrong = null_device;

	wrong.minor = 5;
	drop_mknod();
	CHECK_INT(device_make(&fake_kernel, root_fd, &wrong, &err), -EEXIST);
	CHECK_STR(fake_kernel_calls(), "tree_clone /dev/null\n");
	CHECK(access(temp_path("root/dev/null"), F_OK) < 0);
}

TEST(a_link_is_made_once_and_what_is_there_stays)
{
	AUTO_FD root_fd = temp_open_dir("root");
	const struct plan_link link = { "/dev/stdin", "/proc/self/fd/0" };
	char target[64] = "";
	int before = open_fd_count();

	for (int i = 0; i < 2; i++)
		CHECK_INT(device_link(root_fd, &link, &err), 0);
	CHECK(readlink(temp_path("root/dev/stdin"), target, sizeof(target) - 1) > 0);
	CHECK_STR(target, "/proc/self/fd/0");
	CHECK_INT(unlink(temp_path("root/dev/stdin")), 0);
	temp_make_file("root/dev/stdin", "mine", 0644);
	CHECK_INT(device_link(root_fd, &link, &err), 0);
	CHECK_STR(temp_read("root/dev/stdin"), "mine");
	CHECK_INT(open_fd_count(), before);
}

TEST_MAIN()
