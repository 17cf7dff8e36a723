/* SPDX-License-Identifier: Apache-2.0 */
/* Users, groups and home directories out of files that an image brings. */
#include "test.h"

#include "deadline.h"
#include "fd.h"
#include "passwd.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[64];

static const char *find(uid_t uid)
{
	AUTO_FD root_fd = temp_open_dir("");

	strcpy(home, "unset");
	passwd_find_home(root_fd, uid, home, sizeof(home));
	return home;
}

static const char *find_in(const char *text, uid_t uid)
{
	close(temp_open_dir("etc"));
	temp_make_file("etc/passwd", text, 0644);
	return find(uid);
}

TEST(the_first_entry_of_a_uid_wins)
{
	static const char text[] = "root:x:0:0:root:/root:/bin/sh\n"
				   "one:x:1000:1000::/home/one:/bin/sh\n"
				   "two:x:1000:1000::/home/two:/bin/sh\n";

	CHECK_STR(find_in(text, 0), "/root");
	CHECK_STR(find(1000), "/home/one");
	CHECK_STR(find(1), "/");
}

TEST(the_last_line_needs_no_newline)
{
	CHECK_STR(find_in("a:x:1:1::/a:\nb:x:2:2::/b:/bin/sh", 2), "/b");
	CHECK_STR(find_in("b:x:2:2::/b", 2), "/b");
}

TEST(lines_that_are_no_entries_are_passed_over)
{
	static const struct {
		const char *text;
		uid_t uid;
		const char *home;
	} rows[] = {
		{ "", 0, "/" },
		{ "\n\n\n", 0, "/" },
		{ "root", 0, "/" },
		{ "root:x:0", 0, "/" },
		{ "root:x:0:0:root", 0, "/" },
		{ "root:x::0::/root:\n", 0, "/" },
		{ "root:x:-0:0::/root:\n", 0, "/" },
		{ "root:x:+0:0::/root:\n", 0, "/" },
		{ "root:x: 0:0::/root:\n", 0, "/" },
		{ "root:x:0x0:0::/root:\n", 0, "/" },
		{ "root:x:0 :0::/root:\n", 0, "/" },
		{ "root:x:0:0::relative:\n", 0, "/" },
		{ "root:x:0:0:::\n", 0, "/" },
		{ "#root:x:0:0::/comment:\nroot:x:0:0::/root:\n", 7, "/" },
		{ "a:x:4294967296:0::/wrapped:\n", 0, "/" },
		{ "a:x:18446744073709551616:0::/wrapped:\n", 0, "/" },
		{ "a:x:4294967295:0::/all:\n", UINT32_MAX, "/" }, /* stands for no id */
		{ "bad\nroot:x:0:0::/root:\n", 0, "/root" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_STR(find_in(rows[i].text, rows[i].uid), rows[i].home);
}

TEST(a_home_that_does_not_fit_is_none)
{
	char text[256];

	snprintf(text, sizeof(text), "a:x:1:1::/%s:\n", text_of('h', sizeof(home) - 2));
	CHECK_INT(strlen(find_in(text, 1)), sizeof(home) - 1);
	snprintf(text, sizeof(text), "a:x:1:1::/%s:\n", text_of('h', sizeof(home) - 1));
	CHECK_STR(find_in(text, 1), "/");
}

TEST(the_rest_of_a_long_line_is_no_line)
{
	char text[65536];

	/* With all lengths, so that some buffer begins at what would be an entry of its own. */
	for (size_t len = 16364; len < 16418; len++) {
		int n = snprintf(text, sizeof(text), "%s", text_of('l', len));

		strcpy(text + n, "x:x:7:7::/in/the/line:\nx:x:7:7::/real:\n");
		CHECK_STR(find_in(text, 7), "/real");
		strcpy(text + n, "x:x:7:7::/in/the/line:");
		CHECK_STR(find_in(text, 7), "/");
	}
	snprintf(text, sizeof(text), "%s\na:x:1:1::/a:\n", text_of('l', 48000));
	CHECK_STR(find_in(text, 1), "/a");
}

TEST(an_entry_across_two_buffers_is_found)
{
	char text[32768];

	for (size_t len = 16300; len < 16400; len++) {
		snprintf(text, sizeof(text), "%s\na:x:1:1::/a:\n", text_of('\n', len));
		CHECK_STR(find_in(text, 1), "/a");
	}
}

TEST(bytes_of_zero_hang_nothing)
{
	int fd;

	close(temp_open_dir("etc"));
	fd = open(temp_path("etc/passwd"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	CHECK_INT(ftruncate(fd, 1 << 20), 0);
	close(fd);
	CHECK_STR(find(0), "/");
}

TEST(a_huge_file_a_fifo_and_a_directory_take_no_time)
{
	int64_t begin = deadline_clock_ms();
	int fd;

	close(temp_open_dir("etc"));
	fd = open(temp_path("etc/passwd"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	CHECK_INT(ftruncate(fd, (off_t)1 << 40), 0);
	close(fd);
	CHECK_STR(find(0), "/");
	unlink(temp_path("etc/passwd"));
	CHECK_INT(mkfifo(temp_path("etc/passwd"), 0644), 0);
	CHECK_STR(find(0), "/");
	unlink(temp_path("etc/passwd"));
	temp_make_dir("etc/passwd");
	CHECK_STR(find(0), "/");
	rmdir(temp_path("etc/passwd"));
	CHECK_STR(find(0), "/");
	temp_make_link("passwd", "etc/passwd");
	CHECK_STR(find(0), "/");
	CHECK(deadline_clock_ms() - begin < 1000);
}

TEST(users_and_groups_are_found_by_their_whole_name)
{
	AUTO_FD root_fd = temp_open_dir("");
	uid_t uid = 0;
	gid_t gid = 0, gids[4];

	close(temp_open_dir("etc"));
	CHECK_INT(passwd_find_user(root_fd, "alice", &uid, &gid), -ENOENT);
	temp_make_file("etc/passwd",
		       "alice2:x:9:9:::\nalice:x:x:1::/:\nalice:x:1:2::/:\nalice:x:3:4", 0644);
	temp_make_file("etc/group",
		       "a:x:10:alice\nb:x:11:alice2,xalice\nc:x:12:bob,alice,eve\nalice:x:13\n"
		       "d:x:4294967295:alice\ne:x:14:,alice\nf:x:15:",
		       0644);
	CHECK_INT(passwd_find_user(root_fd, "alice", &uid, &gid), 0);
	CHECK_INT(uid, 1);
	CHECK_INT(gid, 2);
	CHECK_INT(passwd_find_user(root_fd, "alic", &uid, &gid), -ESRCH);
	CHECK_INT(passwd_find_group(root_fd, "alice", &gid), 0);
	CHECK_INT(gid, 13);
	CHECK_INT(passwd_find_group(root_fd, "d", &gid), -ESRCH);
	CHECK_INT(passwd_find_memberships(root_fd, "alice", gids, 4), 3);
	CHECK_INT(gids[0], 10);
	CHECK_INT(gids[1], 12);
	CHECK_INT(gids[2], 14);
	CHECK_INT(passwd_find_memberships(root_fd, "alice", gids, 1), 1);
	CHECK_INT(passwd_find_memberships(root_fd, "", gids, 4), 1);
}

TEST(an_id_is_digits_below_the_last_number)
{
	static const struct {
		const char *text;
		int ret;
	} rows[] = {
		{ "0", 0 },
		{ "007", 0 },
		{ "4294967294", 0 },
		{ "4294967295", -ERANGE },
		{ "4294967296", -ERANGE },
		{ "18446744073709551616", -ERANGE },
		{ "", -EINVAL },
		{ "-1", -EINVAL },
		{ "+1", -EINVAL },
		{ " 1", -EINVAL },
		{ "1 ", -EINVAL },
		{ "0x1", -EINVAL },
	};
	uint32_t id;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(passwd_parse_id(rows[i].text, rows[i].text + strlen(rows[i].text), &id),
			  rows[i].ret);
}

TEST_MAIN()
