/* SPDX-License-Identifier: Apache-2.0 */
/* tmpcopyup: a tree copied with all that belongs to it. */
#include "test.h"

#include "copy_up.h"
#include "fd.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct err err;

static int copy(void)
{
	AUTO_FD root_fd = temp_open_dir("root");
	AUTO_FD to_fd = temp_open_dir("to");
	int before = open_fd_count(), ret;

	memset(&err, 0, sizeof(err));
	ret = copy_up(root_fd, "/from", to_fd, &err);
	CHECK_INT(open_fd_count(), before);
	return ret;
}

static void make_source(void)
{
	temp_make_dir("root");
	temp_make_dir("root/from");
}

static struct stat stat_of(const char *name)
{
	struct stat st = { 0 };

	CHECK_INT(lstat(temp_path(name), &st), 0);
	return st;
}

TEST(files_links_nodes_and_directories_are_copied)
{
	char target[64] = "";

	make_source();
	temp_make_file("root/from/file", "content", 04751);
	temp_make_file("root/from/empty", "", 0400);
	temp_make_dir("root/from/dir");
	temp_make_file("root/from/dir/below", "below", 0600);
	temp_make_link("/etc/shadow", "root/from/link");
	CHECK_INT(mkfifo(temp_path("root/from/fifo"), 0620), 0);
	CHECK_INT(chmod(temp_path("root/from/fifo"), 0622), 0);

	CHECK_INT(copy(), 0);
	CHECK_STR(temp_read("to/file"), "content");
	CHECK_INT(stat_of("to/file").st_mode, S_IFREG | 04751);
	CHECK_INT(stat_of("to/empty").st_mode, S_IFREG | 0400);
	CHECK_STR(temp_read("to/dir/below"), "below");
	CHECK_INT(stat_of("to/fifo").st_mode, S_IFIFO | 0622);
	CHECK(readlink(temp_path("to/link"), target, sizeof(target) - 1) > 0);
	CHECK_STR(target, "/etc/shadow");
}

TEST(times_and_modes_of_directories_survive_their_filling)
{
	const struct timespec times[2] = { { 1000, 1 }, { 2000, 2 } };
	struct stat st;

	make_source();
	temp_make_dir("root/from/dir");
	temp_make_file("root/from/dir/file", "x", 0644);
	CHECK_INT(chmod(temp_path("root/from/dir"), 01751), 0);
	CHECK_INT(utimensat(AT_FDCWD, temp_path("root/from/dir/file"), times, 0), 0);
	CHECK_INT(utimensat(AT_FDCWD, temp_path("root/from/dir"), times, 0), 0);

	CHECK_INT(copy(), 0);
	st = stat_of("to/dir");
	CHECK_INT(st.st_mode & 07777, 01751);
	CHECK_INT(st.st_mtim.tv_sec, 2000);
	CHECK_INT(st.st_mtim.tv_nsec, 2);
	CHECK_INT(stat_of("to/dir/file").st_mtim.tv_sec, 2000);
}

TEST(a_large_file_is_copied_whole)
{
	const size_t len = (3u << 20) + 17;

	make_source();
	temp_make_file("root/from/large", text_of('z', len), 0644);
	CHECK_INT(copy(), 0);
	CHECK_INT(stat_of("to/large").st_size, len);
	CHECK_STR(temp_read("to/large"), text_of('z', len));
}

TEST(more_entries_than_one_read_of_the_directory_returns)
{
	make_source();
	for (int i = 0; i < 500; i++) {
		char name[64];

		snprintf(name, sizeof(name), "root/from/a-rather-long-name-%d", i);
		temp_make_file(name, "", 0644);
	}
	CHECK_INT(copy(), 0);
	for (int i = 0; i < 500; i++) {
		char name[64];

		snprintf(name, sizeof(name), "to/a-rather-long-name-%d", i);
		CHECK_INT(access(temp_path(name), F_OK), 0);
	}
}

TEST(extended_attributes_are_copied)
{
	char value[16] = "";

	make_source();
	temp_make_file("root/from/file", "", 0644);
	if (setxattr(temp_path("root/from/file"), "user.note", "kept", 5, 0) < 0)
		test_skip("this filesystem has no user attributes");
	CHECK_INT(copy(), 0);
	CHECK_INT(getxattr(temp_path("to/file"), "user.note", value, sizeof(value)), 5);
	CHECK_STR(value, "kept");
}

/* A change of owner takes a file's capabilities away: they have to come after it. */
TEST(file_capabilities_survive_the_change_of_owner)
{
	struct vfs_cap_data caps = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data = { { .permitted = 1u << CAP_NET_RAW } },
	};
	struct vfs_cap_data got = { 0 };

	make_source();
	temp_make_file("root/from/ping", "", 0755);
	if (chown(temp_path("root/from/ping"), 1000, 1000) < 0 ||
	    setxattr(temp_path("root/from/ping"), "security.capability", &caps, sizeof(caps), 0) <
		    0)
		test_skip("needs the right to give files capabilities");
	CHECK_INT(copy(), 0);
	CHECK_INT(stat_of("to/ping").st_uid, 1000);
	CHECK_INT(getxattr(temp_path("to/ping"), "security.capability", &got, sizeof(got)),
		  sizeof(got));
	CHECK(memcmp(&got, &caps, sizeof(caps)) == 0);
}

TEST(a_link_at_the_path_is_followed_inside_the_root)
{
	temp_make_dir("root");
	temp_make_dir("outside");
	temp_make_file("outside/secret", "secret", 0644);
	temp_make_link("../../outside", "root/from");
	CHECK_INT(copy(), -ENOENT);
	CHECK_CONTAINS(err.text, "open '/from' for tmpcopyup");
	temp_make_dir("root/outside");
	temp_make_file("root/outside/own", "own", 0644);
	CHECK_INT(copy(), 0);
	CHECK_STR(temp_read("to/own"), "own");
	CHECK_STR(temp_read("to/secret"), "");
}

TEST(a_tree_that_is_too_deep_is_refused)
{
	char path[1024] = "root/from";

	make_source();
	for (int i = 0; i < 66; i++) {
		strcat(path, "/d");
		temp_make_dir(path);
	}
	CHECK_INT(copy(), -ELOOP);
	CHECK_CONTAINS(err.text, "tmpcopyup of more than 64 levels");
}

TEST(what_is_in_the_way_is_named)
{
	make_source();
	temp_make_dir("to");
	temp_make_file("root/from/file", "new", 0644);
	temp_make_file("to/file", "old", 0644);
	CHECK_INT(copy(), -EEXIST);
	CHECK_CONTAINS(err.text, "copy 'file'");
	CHECK_STR(temp_read("to/file"), "old");
}

TEST_MAIN()
