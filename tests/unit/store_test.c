/* SPDX-License-Identifier: Apache-2.0 */
/* The state store in a directory of the test's own. */
#include "test.h"

#include "deadline.h"
#include "fd.h"
#include "store.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err err;

static int open_root(void)
{
	int fd = store_open(temp_path("state"), true, &err);

	CHECK(fd >= 0);
	return fd;
}

TEST(ids_are_names_and_nothing_that_a_path_could_be)
{
	static const char *const good[] = { "a",   "0",    "_",        "-", "+x",
					    "a.b", "a..b", "A-Z_0+9.", "a." };
	static const char *const bad[] = { "",    ".",        "..",  ".a",   "a/b", "/a", "a b",
					   "a\n", "\xc3\xa4", "a:b", "a\\b", "a*",  "a~", "a\x7f" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_INT(store_check_id(good[i], &err), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(store_check_id(bad[i], &err), -EINVAL);
	CHECK_INT(store_check_id(text_of('i', STORE_ID_MAX), &err), 0);
	CHECK_INT(store_check_id(text_of('i', STORE_ID_MAX + 1), &err), -EINVAL);
	CHECK_CONTAINS(err.text, "invalid container ID format");
}

TEST(a_root_is_made_with_its_parents_and_private)
{
	int before = open_fd_count();
	int fd = store_open(temp_path("run/a/state"), true, &err);
	struct stat st;

	CHECK(fd >= 0);
	CHECK_INT(fstat(fd, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0700);
	fd_close(&fd);
	CHECK_INT(store_open(temp_path("none"), false, &err), -ENOENT);
	CHECK_INT(open_fd_count(), before);
}

TEST(a_root_that_others_could_play_with_is_refused)
{
	int before;

	temp_make_dir("state");
	temp_make_link("state", "link");
	temp_make_file("file", "", 0600);
	before = open_fd_count();
	CHECK_INT(store_open(temp_path("link"), true, &err), -ENOTDIR);
	CHECK_CONTAINS(err.text, "is a link or no directory");
	CHECK_INT(store_open(temp_path("file"), true, &err), -ENOTDIR);
	CHECK_INT(chmod(temp_path("state"), 0770), 0);
	CHECK_INT(store_open(temp_path("state"), true, &err), -EPERM);
	CHECK_CONTAINS(err.hint, "chmod 0700");
	CHECK_INT(chmod(temp_path("state"), 0702), 0);
	CHECK_INT(store_open(temp_path("state"), true, &err), -EPERM);
	CHECK_INT(chmod(temp_path("state"), 0755), 0);
	fd_close(&(int){ store_open(temp_path("state"), true, &err) });
	if (chown(temp_path("state"), 12345, (gid_t)-1) == 0) {
		CHECK_INT(store_open(temp_path("state"), true, &err), -EPERM);
		CHECK_CONTAINS(err.text, "belongs to user 12345");
	}
	CHECK_INT(open_fd_count(), before);
}

TEST(an_id_is_taken_once)
{
	AUTO_FD root_fd = open_root();
	AUTO_FD first_fd = store_create(root_fd, "c1", &err);
	int before = open_fd_count();
	struct stat st;

	CHECK(first_fd >= 0);
	CHECK_INT(fstat(first_fd, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0700);
	CHECK_INT(store_create(root_fd, "c1", &err), -EEXIST);
	CHECK_STR(err.text, "container with given ID already exists: \"c1\"");
	CHECK_INT(store_create(root_fd, "../c1", &err), -EINVAL);
	CHECK_INT(store_find(root_fd, "c2", &err), -ENOENT);
	CHECK_STR(err.text, "container does not exist: \"c2\"");
	CHECK_INT(store_find(root_fd, "../state", &err), -EINVAL);
	CHECK_INT(open_fd_count(), before);
}

TEST(a_container_that_is_a_link_or_a_file_is_none)
{
	AUTO_FD root_fd = open_root();
	int before = open_fd_count();

	temp_make_dir("elsewhere");
	temp_make_link("../elsewhere", "state/link");
	temp_make_file("state/file", "", 0600);
	CHECK(store_find(root_fd, "link", &err) < 0);
	CHECK(store_find(root_fd, "file", &err) < 0);
	CHECK(store_lock(root_fd, "link", 0, &err) < 0);
	CHECK_INT(store_create(root_fd, "link", &err), -EEXIST);
	CHECK_INT(open_fd_count(), before);
}

TEST(a_lock_excludes_ends_with_its_holder_and_is_seen)
{
	AUTO_FD root_fd = open_root();
	AUTO_FD made_fd = store_create(root_fd, "c1", &err);
	AUTO_FD look_fd = store_find(root_fd, "c1", &err);
	AUTO_FD lock_fd = -1;
	int64_t begin = deadline_clock_ms();
	int before = open_fd_count();

	CHECK(store_is_locked(look_fd));
	CHECK_INT(store_lock(root_fd, "c1", 100, &err), -EBUSY);
	CHECK(deadline_clock_ms() - begin >= 100);
	CHECK_CONTAINS(err.text, "in use by another command");
	CHECK_INT(open_fd_count(), before);
	fd_close(&made_fd);
	CHECK(!store_is_locked(look_fd));
	lock_fd = store_lock(root_fd, "c1", 0, &err);
	CHECK(lock_fd >= 0);
	CHECK(store_is_locked(look_fd));
}

TEST(a_copy_of_the_descriptor_does_not_keep_the_lock)
{
	AUTO_FD root_fd = open_root();
	int made_fd = store_create(root_fd, "c1", &err);
	AUTO_FD copy_fd = dup(made_fd);
	AUTO_FD lock_fd = -1;

	CHECK(copy_fd >= 0);
	store_unlock(&made_fd);
	CHECK_INT(made_fd, -1);
	lock_fd = store_lock(root_fd, "c1", 0, &err);
	CHECK(lock_fd >= 0);
}

TEST(a_lock_is_waited_for)
{
	AUTO_FD root_fd = open_root();
	AUTO_FD made_fd = store_create(root_fd, "c1", &err);
	AUTO_FD lock_fd = -1;
	pid_t pid = fork();

	if (pid == 0) {
		usleep(200000);
		_exit(0); /* its copy of the lock goes with it */
	}
	fd_close(&made_fd);
	lock_fd = store_lock(root_fd, "c1", 5000, &err);
	CHECK(lock_fd >= 0);
	waitpid(pid, NULL, 0);
}

TEST(who_waited_for_a_container_that_is_deleted_gets_none)
{
	AUTO_FD root_fd = open_root();
	AUTO_FD made_fd = store_create(root_fd, "c1", &err);
	pid_t pid = fork();

	if (pid == 0) {
		usleep(200000);
		store_remove(root_fd, "c1", made_fd, &err);
		_exit(0);
	}
	fd_close(&made_fd);
	CHECK_INT(store_lock(root_fd, "c1", 5000, &err), -ENOENT);
	CHECK_STR(err.text, "container does not exist: \"c1\"");
	waitpid(pid, NULL, 0);
}

/* Deletes each directory as soon as it can be opened: some creates lose. */
static void delete_at_once(int root_fd)
{
	for (;;) {
		AUTO_FD fd = openat(root_fd, "c1", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct stat st;

		/* One that was removed before it was locked is not what has the name now. */
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 &&
		    st.st_nlink > 0)
			unlinkat(root_fd, "c1", AT_REMOVEDIR);
	}
}

TEST(a_create_never_holds_a_directory_that_was_deleted)
{
	AUTO_FD root_fd = open_root();
	pid_t pid = fork();
	int lost = 0;

	if (pid == 0)
		delete_at_once(root_fd);
	for (int64_t end = deadline_clock_ms() + 1500; deadline_clock_ms() < end;) {
		AUTO_FD fd = store_create(root_fd, "c1", &err);
		struct stat st;

		if (fd < 0) {
			CHECK(fd == -ENOENT || fd == -EEXIST);
			lost += fd == -ENOENT;
			continue;
		}
		CHECK_INT(fstat(fd, &st), 0);
		CHECK_INT(st.st_nlink, 2);
		CHECK_INT(store_remove(root_fd, "c1", fd, &err), 0);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (!lost)
		test_skip("the race was never lost");
}

TEST(a_file_is_replaced_as_a_whole)
{
	AUTO_FD root_fd = open_root();
	AUTO_FD dir_fd = store_create(root_fd, "c1", &err);
	AUTO_FD old_fd = -1;
	char old[16] = "", *text = NULL;
	struct stat st;
	size_t len = 0;

	CHECK_INT(store_write(dir_fd, STORE_STATE, "first", 5, &err), 0);
	old_fd = openat(dir_fd, STORE_STATE, O_RDONLY | O_CLOEXEC);
	/* What a killed write left is no obstacle. */
	temp_make_file("state/c1/state.json.tmp", "a longer text than the next", 0600);
	CHECK_INT(store_write(dir_fd, STORE_STATE, "second", 6, &err), 0);
	CHECK_INT(store_read(dir_fd, STORE_STATE, &text, &len, &err), 0);
	CHECK_STR(text, "second");
	CHECK_INT(len, 6);
	free(text);
	/* Who had the old one open still reads all of it. */
	CHECK_INT(read(old_fd, old, sizeof(old)), 5);
	CHECK_STR(old, "first");
	CHECK_INT(fstatat(dir_fd, STORE_STATE, &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_INT(access(temp_path("state/c1/state.json.tmp"), F_OK), -1);
}

TEST(a_temporary_file_that_is_a_link_is_not_written_through)
{
	AUTO_FD root_fd = open_root();
	AUTO_FD dir_fd = store_create(root_fd, "c1", &err);

	temp_make_file("victim", "untouched", 0600);
	temp_make_link("../../victim", "state/c1/pid.tmp");
	CHECK_INT(store_write(dir_fd, STORE_PID, "x", 1, &err), -ELOOP);
	CHECK_CONTAINS(err.text, "make the state file 'pid'");
	CHECK_STR(temp_read("victim"), "untouched");
}

TEST(a_file_that_is_written_once_is_never_replaced)
{
	AUTO_FD root_fd = open_root();
	AUTO_FD dir_fd = store_create(root_fd, "c1", &err);
	int before = open_fd_count();

	CHECK_INT(store_write_new(dir_fd, STORE_CONFIG, "first", 5, &err), 0);
	CHECK_INT(store_write_new(dir_fd, STORE_CONFIG, "second", 6, &err), -EEXIST);
	CHECK_CONTAINS(err.text, "write the state file 'config.json'");
	CHECK_STR(temp_read("state/c1/config.json"), "first");
	temp_make_link("../../victim", "state/c1/seccomp");
	CHECK_INT(store_write_new(dir_fd, STORE_SECCOMP, "x", 1, &err), -EEXIST);
	CHECK_INT(access(temp_path("victim"), F_OK), -1);
	CHECK_INT(open_fd_count(), before);
}

TEST(errors_of_files_leak_nothing)
{
	AUTO_FD root_fd = open_root();
	AUTO_FD dir_fd = store_create(root_fd, "c1", &err);
	int before = open_fd_count();
	size_t len = 7;
	char *text = NULL;

	CHECK_INT(store_read(dir_fd, STORE_STATE, &text, &len, &err), -ENOENT);
	temp_make_dir("state/c1/state.json");
	CHECK_INT(store_read(dir_fd, STORE_STATE, &text, &len, &err), -EINVAL);
	CHECK(store_write(dir_fd, STORE_STATE, "x", 1, &err) < 0);
	CHECK_CONTAINS(err.text, "rename the state file");
	CHECK_INT(mkfifo(temp_path("state/c1/config.json"), 0600), 0);
	CHECK_INT(store_read(dir_fd, STORE_CONFIG, &text, &len, &err), -EINVAL);
	CHECK(!text && len == 7);
	CHECK_INT(open_fd_count(), before);
}

TEST(removing_takes_everything_and_can_be_done_again)
{
	static const char *const files[] = {
		"state/c1/state.json", "state/c1/state.json.tmp", "state/c1/config.json",
		"state/c1/pid",        "state/c1/start",          "state/c1/start.new",
		"state/c1/seccomp",
	};
	AUTO_FD root_fd = open_root();
	AUTO_FD dir_fd = store_create(root_fd, "c1", &err);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		temp_make_file(files[i], "", 0600);
	/* A stranger's file keeps the directory, and nothing else. */
	temp_make_file("state/c1/stranger", "", 0600);
	CHECK_INT(store_remove(root_fd, "c1", dir_fd, &err), -ENOTEMPTY);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		CHECK_INT(access(temp_path(files[i]), F_OK), -1);
	CHECK_INT(unlink(temp_path("state/c1/stranger")), 0);
	for (int i = 0; i < 2; i++)
		CHECK_INT(store_remove(root_fd, "c1", dir_fd, &err), 0);
	CHECK_INT(access(temp_path("state/c1"), F_OK), -1);
}

/* Directories in each other, with a file in each; @names in turn. */
static void make_deep(const char *path, const char *const *names, size_t n, int depth)
{
	AUTO_FD fd = temp_open_dir(path);

	for (int i = 0; i < depth; i++) {
		const char *name = names[(size_t)i % n];
		int below;

		fd_close(&(int){ openat(fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) });
		CHECK_INT(symlinkat("/", fd, "link"), 0);
		CHECK_INT(mkdirat(fd, name, 0700), 0);
		below = openat(fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		CHECK(below >= 0);
		fd_close(&fd);
		fd = below;
	}
}

TEST(what_a_container_nested_goes_however_deep_it_is)
{
	/* Names that are given while it goes are among them. */
	static const char *const names[] = { "0", "1", "a", "2", "d", "17" };
	AUTO_FD root_fd = open_root();
	AUTO_FD dir_fd = store_create(root_fd, "c1", &err);
	const struct rlimit few = { (rlim_t)dir_fd + 8, (rlim_t)dir_fd + 8 };
	struct rlimit limit;

	temp_make_dir("state/c1/notify");
	make_deep("state/c1/notify", names, sizeof(names) / sizeof(names[0]), 5000);
	for (int i = 0; i < 200; i++) {
		char path[64];

		snprintf(path, sizeof(path), "state/c1/notify/wide-%d", i);
		temp_make_dir(path);
		make_deep(path, names, 1, 2);
	}
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ few.rlim_cur, limit.rlim_max }), 0);
	CHECK_INT(store_remove(root_fd, "c1", dir_fd, &err), 0);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
	CHECK_INT(access(temp_path("state/c1"), F_OK), -1);
	CHECK_INT(access("/", F_OK), 0);
}

/* Whoever is no root gets nowhere without the rights to a directory. */
TEST(directories_that_forbid_a_user_to_look_go_too)
{
	static const char *const names[] = { "a" };
	AUTO_FD root_fd = -1;
	AUTO_FD dir_fd = -1;

	if (geteuid() == 0) {
		CHECK_INT(chown(temp_dir(), 4711, 4711), 0);
		CHECK_INT(setresuid(4711, 4711, 4711), 0);
	}
	root_fd = open_root();
	dir_fd = store_create(root_fd, "c1", &err);
	temp_make_dir("state/c1/notify");
	make_deep("state/c1/notify", names, 1, 3);
	CHECK_INT(chmod(temp_path("state/c1/notify/a/a/a"), 0), 0);
	CHECK_INT(chmod(temp_path("state/c1/notify/a/a"), 0500), 0);
	CHECK_INT(chmod(temp_path("state/c1/notify/a"), 0500), 0);
	CHECK_INT(chmod(temp_path("state/c1/notify"), 0), 0);
	CHECK_INT(store_remove(root_fd, "c1", dir_fd, &err), 0);
	CHECK_INT(access(temp_path("state/c1"), F_OK), -1);
}

static int add_id(void *context, const char *id, struct err *visit_err)
{
	strcat(strcat(context, id), ",");
	return strcmp(id, "bad") == 0 ? err_set(visit_err, EIO, "bad") : 0;
}

TEST(a_list_has_each_container_once_and_stops_at_an_error)
{
	AUTO_FD root_fd = open_root();
	char text[256] = "";
	int before = open_fd_count();

	CHECK_INT(store_list(root_fd, add_id, text, &err), 0);
	CHECK_STR(text, "");
	fd_close(&(int){ store_create(root_fd, "c1", &err) });
	fd_close(&(int){ store_create(root_fd, "c2", &err) });
	temp_make_dir("state/.hidden");
	for (int i = 0; i < 2; i++) { /* the position in the directory is not kept */
		text[0] = '\0';
		CHECK_INT(store_list(root_fd, add_id, text, &err), 0);
		CHECK_INT(strlen(text), 6);
		CHECK_CONTAINS(text, "c1,");
		CHECK_CONTAINS(text, "c2,");
	}
	fd_close(&(int){ store_create(root_fd, "bad", &err) });
	CHECK_INT(store_list(root_fd, add_id, text, &err), -EIO);
	CHECK_INT(open_fd_count(), before);
}

TEST(a_pid_makes_the_round_trip_and_a_damaged_one_is_none)
{
	static const char *const damaged[] = {
		"",
		"\n",
		"1",
		"1 ",
		"x 1\n",
		"1 x\n",
		" x\n",
		"1\t1\n",
		/* Read as an int these were others. */
		"2147483648 1\n",
		"4294967297 1\n",
		"99999999999999999999 1\n",
		"1 18446744073709551616\n",
	};
	AUTO_FD root_fd = open_root();
	AUTO_FD dir_fd = store_create(root_fd, "c1", &err);
	struct store_pid pid = { .pid = 4194304, .start_time = UINT64_MAX }, got = { 0 };

	CHECK_INT(store_read_pid(dir_fd, &got), -ENOENT);
	CHECK_INT(store_write_pid(dir_fd, &pid, &err), 0);
	CHECK_INT(store_read_pid(dir_fd, &got), 0);
	CHECK_INT(got.pid, pid.pid);
	CHECK(got.start_time == pid.start_time);
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		temp_make_file("state/c1/pid", damaged[i], 0600);
		CHECK_INT(store_read_pid(dir_fd, &got), -ENOENT);
	}
	/* Signalling 0 or a negative number would reach whole groups of processes. */
	temp_make_file("state/c1/pid", "0 1\n", 0600);
	CHECK_INT(store_read_pid(dir_fd, &got), -ENOENT);
	temp_make_file("state/c1/pid", "-1 1\n", 0600);
	CHECK_INT(store_read_pid(dir_fd, &got), -ENOENT);
}

TEST_MAIN()
