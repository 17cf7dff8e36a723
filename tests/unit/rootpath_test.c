/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups and creation that stay inside a root, whatever links an image brings. */
#include "test.h"

#include "fd.h"
#include "rootpath.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* outside/secret and root/secret: a lookup that finds the first has left the root. */
static int make_root(void)
{
	int root_fd = temp_open_dir("root");

	temp_make_dir("outside");
	temp_make_file("outside/secret", "outside", 0644);
	temp_make_dir("root/dir");
	temp_make_file("root/secret", "inside", 0644);
	temp_make_link("/secret", "root/absolute");
	temp_make_link("secret", "root/relative");
	temp_make_link("../../../../../../secret", "root/up");
	temp_make_link("../secret", "root/dir/up_one");
	temp_make_link("/no/such", "root/dangling");
	temp_make_link("loop", "root/loop");
	temp_make_link("/proc/self/root", "root/magic");
	temp_make_link("/", "root/slash");
	return root_fd;
}

static const char *path_of(int fd)
{
	static char path[PATH_MAX];
	char link[64] = "/proc/self/fd/";
	size_t at = strlen(link), dir_len = strlen(temp_dir()) + 1;
	ssize_t len;

	for (int divisor = 1000; divisor; divisor /= 10)
		if (fd >= divisor || divisor == 1)
			link[at++] = (char)('0' + fd / divisor % 10);
	link[at] = '\0';
	len = readlink(link, path, sizeof(path) - 1);
	CHECK(len > (ssize_t)dir_len);
	path[len > 0 ? len : 0] = '\0';
	return path + dir_len;
}

TEST(links_lead_to_files_of_the_root_only)
{
	static const struct {
		const char *path, *found;
		int errnum;
	} rows[] = {
		{ "/secret", "root/secret", 0 },
		{ "secret", "root/secret", 0 },
		{ "/../../secret", "root/secret", 0 },
		{ "/dir/../../../secret", "root/secret", 0 },
		{ "/absolute", "root/secret", 0 },
		{ "/relative", "root/secret", 0 },
		{ "/up", "root/secret", 0 },
		{ "/dir/up_one", "root/secret", 0 },
		{ "/slash/slash/slash/dir/up_one", "root/secret", 0 },
		{ "/dangling", NULL, ENOENT },
		{ "/loop", NULL, ELOOP },
		{ "/loop/below", NULL, ELOOP },
		{ "/magic/secret", NULL, ENOENT },
		{ "/secret/below", NULL, ENOTDIR },
		{ "/outside/secret", NULL, ENOENT },
		{ "", NULL, ENOENT },
	};
	AUTO_FD root_fd = make_root();
	int before = open_fd_count();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = rootpath_open(root_fd, rows[i].path, O_PATH);

		CHECK_INT(fd < 0 ? errno : 0, rows[i].errnum);
		if (fd >= 0)
			CHECK_STR(path_of(fd), rows[i].found);
		fd_close(&fd);
	}
	CHECK_INT(open_fd_count(), before);
}

TEST(a_magic_link_is_not_followed)
{
	AUTO_FD slash_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	CHECK(rootpath_open(slash_fd, "/proc/self/fd/0", O_PATH) < 0);
	CHECK_INT(errno, ELOOP);
}

TEST(descriptors_are_close_on_exec)
{
	AUTO_FD root_fd = make_root();
	AUTO_FD open_fd = rootpath_open(root_fd, "/secret", O_RDONLY);
	AUTO_FD dir_fd = rootpath_make_dir(root_fd, "/made", 0755);
	AUTO_FD file_fd = rootpath_make_file(root_fd, "/made/file", 0644);

	CHECK_INT(fcntl(open_fd, F_GETFD), FD_CLOEXEC);
	CHECK_INT(fcntl(dir_fd, F_GETFD), FD_CLOEXEC);
	CHECK_INT(fcntl(file_fd, F_GETFD), FD_CLOEXEC);
}

TEST(directories_are_made_with_their_parents_inside_the_root)
{
	static const struct {
		const char *path, *made;
		int errnum;
	} rows[] = {
		{ "/a/b/c", "root/a/b/c", 0 },
		{ "a//b/./d/", "root/a/b/d", 0 },
		{ "/dir", "root/dir", 0 },
		{ "/slash/e/f", "root/e/f", 0 },
		{ "/../../g", "root/g", 0 },
		{ "/", "root", 0 },
		/* Nothing is made where a link dangles, and nobody goes up from what was made. */
		{ "/dangling", NULL, ENOTDIR },
		{ "/dangling/h", NULL, ENOTDIR },
		{ "/new/../../outside/i", NULL, EINVAL },
		{ "/loop/j", NULL, ELOOP },
		{ "/secret", NULL, ENOTDIR },
		{ "/secret/k", NULL, ENOTDIR },
	};
	AUTO_FD root_fd = make_root();
	int before = open_fd_count();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = rootpath_make_dir(root_fd, rows[i].path, 0755);

		CHECK_INT(fd < 0 ? errno : 0, rows[i].errnum);
		if (fd >= 0)
			CHECK_STR(path_of(fd), rows[i].made);
		fd_close(&fd);
	}
	CHECK(access(temp_path("root/no"), F_OK) < 0);
	CHECK(access(temp_path("outside/i"), F_OK) < 0);
	CHECK_INT(open_fd_count(), before);
}

TEST(the_mode_of_a_new_directory_is_the_one_asked_for)
{
	AUTO_FD root_fd = make_root();
	AUTO_FD made_fd = -1;
	AUTO_FD there_fd = -1;
	struct stat st;

	umask(077);
	made_fd = rootpath_make_dir(root_fd, "/tmp", 01777);
	CHECK_INT(fstat(made_fd, &st), 0);
	CHECK_INT(st.st_mode & 07777, 01777);
	/* One that was there keeps its own. */
	there_fd = rootpath_make_dir(root_fd, "/dir", 01777);
	CHECK_INT(fstat(there_fd, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0755);
}

TEST(files_are_made_empty_and_existing_ones_are_kept)
{
	AUTO_FD root_fd = make_root();
	AUTO_FD made_fd = rootpath_make_file(root_fd, "/x/y/file", 0644);
	AUTO_FD there_fd = rootpath_make_file(root_fd, "/secret", 0644);
	AUTO_FD linked_fd = rootpath_make_file(root_fd, "/up", 0644);
	AUTO_FD dir_fd = rootpath_make_file(root_fd, "/dir", 0644);
	struct stat st;

	CHECK_STR(path_of(made_fd), "root/x/y/file");
	CHECK_STR(path_of(there_fd), "root/secret");
	CHECK_STR(path_of(linked_fd), "root/secret");
	CHECK_STR(temp_read("root/secret"), "inside");
	CHECK_INT(fstat(dir_fd, &st), 0);
	CHECK(S_ISDIR(st.st_mode));
}

/* The link itself is what is opened: a mount on it hides it, and nothing is made behind it. */
TEST(a_dangling_link_makes_no_file_where_it_leads)
{
	AUTO_FD root_fd = make_root();
	AUTO_FD fd = -1;
	struct stat st;

	temp_make_link("/created", "root/trap");
	fd = rootpath_make_file(root_fd, "/trap", 0644);
	CHECK(fd >= 0);
	CHECK_INT(fstat(fd, &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK(access(temp_path("root/created"), F_OK) < 0);
}

TEST(a_parent_is_made_and_the_last_name_left_alone)
{
	AUTO_FD root_fd = make_root();
	const char *name;
	AUTO_FD fd = rootpath_make_parent(root_fd, "/p/q/node", &name);

	CHECK_STR(path_of(fd), "root/p/q");
	CHECK_STR(name, "node");
	fd_close(&fd);
	fd = rootpath_make_parent(root_fd, "node", &name);
	CHECK_STR(path_of(fd), "root");
	CHECK_STR(name, "node");
}

TEST(paths_and_names_that_are_too_long_are_refused)
{
	static char path[PATH_MAX + 2];
	AUTO_FD root_fd = make_root();
	const char *name;
	int before = open_fd_count();

	for (size_t i = 0; i < PATH_MAX; i++)
		path[i] = i % 2 ? 'd' : '/';
	CHECK_INT(strlen(path), 4096);
	CHECK(rootpath_make_dir(root_fd, path, 0755) < 0);
	CHECK_INT(errno, ENAMETOOLONG);
	CHECK(rootpath_make_file(root_fd, path, 0644) < 0);
	CHECK_INT(errno, ENAMETOOLONG);
	CHECK(rootpath_open(root_fd, path, O_PATH) < 0);
	CHECK_INT(errno, ENAMETOOLONG);
	path[PATH_MAX] = '/';
	CHECK(rootpath_make_parent(root_fd, path, &name) < 0);
	CHECK_INT(errno, ENAMETOOLONG);
	/* The longest path that the kernel takes is taken. */
	path[PATH_MAX - 1] = '\0';
	fd_close(&(int){ rootpath_make_dir(root_fd, path, 0755) });
	CHECK_INT(access(temp_path("root/d/d/d"), F_OK), 0);
	CHECK(rootpath_make_dir(root_fd, text_of('n', NAME_MAX + 1), 0755) < 0);
	CHECK_INT(errno, ENAMETOOLONG);
	CHECK_INT(open_fd_count(), before);
}

TEST_MAIN()
