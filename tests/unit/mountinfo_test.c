/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts as the kernel lists them, from files that stand in for /proc/PID/mountinfo. */
#include "temp_tree.h"
#include "test.h"

#include "fd.h"
#include "mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

/* ---- what a visitor saw: a line for each mount ---- */

static char seen[4096];
static const char *last_wanted; /* the target after which it has seen enough */

static bool note(void *context, const struct mountinfo *mount)
{
	size_t len = strlen(seen);

	(void)context;
	snprintf(seen + len, sizeof(seen) - len, "%d on %d, %u:%u %s at %s (%s) %s %.20s\n",
		 (int)mount->id, (int)mount->parent, major(mount->device), minor(mount->device),
		 mount->root, mount->target, mount->options, mount->type, mount->super_options);
	return last_wanted && strcmp(mount->target, last_wanted) == 0;
}

static int find(const char *text)
{
	AUTO_FD dir_fd = temp_open_dir("");

	seen[0] = '\0';
	temp_make_file("mountinfo", text, 0644);
	return mountinfo_find(dir_fd, "mountinfo", note, NULL);
}

/* ---- lines ---- */

TEST(each_mount_is_visited_in_order_until_the_visitor_has_seen_enough)
{
	static const char text[] =
		"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw,errors=x\n"
		"30 22 0:26 /in /cg rw shared:9 master:2 - cgroup cgroup rw,cpu\n"
		"31 22 0:27 / /two ro - fuse.sshfs a@b rw\n";

	CHECK_INT(find(text), 0);
	CHECK_STR(seen, "22 on 1, 8:1 / at / (rw,relatime) ext4 rw,errors=x\n"
			"30 on 22, 0:26 /in at /cg (rw) cgroup rw,cpu\n"
			"31 on 22, 0:27 / at /two (ro) fuse.sshfs rw\n");
	last_wanted = "/cg";
	CHECK_INT(find(text), 1);
	CHECK(!strstr(seen, "/two"));
}

TEST(paths_have_no_escapes_left)
{
	CHECK_INT(find("30 22 0:26 /a\\040b /x\\011y\\134z\\12 rw - tmpfs tmpfs rw\n"), 0);
	CHECK_STR(seen, "30 on 22, 0:26 /a b at /x\ty\\z\\12 (rw) tmpfs rw\n");
}

TEST(a_source_may_be_empty)
{
	CHECK_INT(find("30 22 0:26 / /a rw - tmpfs  rw,size=4k\n"), 0);
	CHECK_STR(seen, "30 on 22, 0:26 / at /a (rw) tmpfs rw,size=4k\n");
}

TEST(what_is_no_mount_is_passed_over)
{
	CHECK_INT(
		find("\n30 22 0:26 / /a rw\n30 22 0:26 / /a rw - tmpfs\n30 22 026 / /a rw - t s o\n"
		     "31 22 0:27 / /b rw - t s o\n32 22 0:28 / /not-whole rw - t s o"),
		0);
	CHECK_STR(seen, "31 on 22, 0:27 / at /b (rw) t o\n");
}

TEST(of_a_very_long_line_the_options_are_cut_off_and_no_other_line_is_made_of_them)
{
	static char text[200000];
	const char *forged = " 32 22 0:28 / /forged rw - tmpfs tmpfs rw";
	size_t len = (size_t)sprintf(text, "30 22 0:26 / /lower rw - overlay overlay rw,lowerdir=");

	while (len < sizeof(text) - 200)
		len += (size_t)sprintf(text + len, "%s", forged);
	strcpy(text + len, "\n31 22 0:27 / /after rw - tmpfs tmpfs rw\n");
	CHECK_INT(find(text), 0);
	CHECK_STR(seen, "30 on 22, 0:26 / at /lower (rw) overlay rw,lowerdir= 32 22 0\n"
			"31 on 22, 0:27 / at /after (rw) tmpfs rw\n");
}

/* ---- files ---- */

TEST(what_cannot_be_read_is_not_taken_for_empty)
{
	AUTO_FD dir_fd = temp_open_dir("");

	CHECK_INT(mountinfo_find(dir_fd, "missing", note, NULL), -ENOENT);
	CHECK_INT(mountinfo_find(dir_fd, ".", note, NULL), -EISDIR);
}

TEST(the_filesystem_of_an_open_file_has_a_type)
{
	AUTO_FD fd = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char type[32];

	CHECK_INT(mountinfo_type_of(fd, type, sizeof(type)), 0);
	CHECK_STR(type, "proc");
	CHECK_INT(mountinfo_type_of(-1, type, sizeof(type)), -EBADF);
}

TEST_MAIN()
