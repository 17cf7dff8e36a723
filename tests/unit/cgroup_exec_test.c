/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup executor against directories of plain files, which stand in for hierarchies that this
 * machine does not have. Those that it has: cgroup_real_test.c.
 */
#include "test.h"

#include "cgroup.h"
#include "fd.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err err;

/* ---- a hierarchy of plain files ---- */

static char tmp[] = "/tmp/ocirun-cgroup-XXXXXX";

static const char *path_in(const char *fmt, const char *name)
{
	static char paths[8][512];
	static unsigned next;
	char *path = paths[next++ % 8];
	int len = snprintf(path, sizeof(paths[0]), "%s/", tmp);

	snprintf(path + len, sizeof(paths[0]) - (size_t)len, fmt, name);
	return path;
}

static void fake_remove(void)
{
	char command[600];

	snprintf(command, sizeof(command), "rm -rf '%s'", tmp);
	if (system(command) != 0)
		perror(command);
}

static void fake_begin(void)
{
	CHECK(mkdtemp(tmp) != NULL);
	atexit(fake_remove);
}

static void put(const char *path, const char *text)
{
	AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0);
	CHECK_INT(io_write_all(fd, text, strlen(text)), 0);
}

static const char *get(const char *path)
{
	static char text[4096];

	return io_read_small(AT_FDCWD, path, text, sizeof(text)) < 0 ? "(none)" : text;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* A plan with one hierarchy in @mount and some writes. */
static struct plan_cgroup_hierarchy one;
static struct plan_cgroup fake;

static void plan_one(bool is_v2, const char *mount, const char *path, const char *controllers,
		     struct plan_cgroup_write *writes, size_t n)
{
	static char dir[600];

	snprintf(dir, sizeof(dir), "%s%s", mount, path);
	one = (struct plan_cgroup_hierarchy){
		.is_v2 = is_v2,
		.mount = mount,
		.controllers = controllers,
		.path = path,
		.dir = dir,
		.needed = "",
	};
	fake = (struct plan_cgroup){
		.n_hierarchies = 1, .hierarchies = &one, .n_writes = n, .writes = writes
	};
}

TEST(exactly_the_directories_that_were_made_are_removed)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;
	struct cgroup_path planned;

	fake_begin();
	CHECK_INT(mkdir(path_in("%s", "a"), 0755), 0);
	plan_one(true, tmp, "/a/b/c", "", NULL, 0);
	CHECK_INT(cgroup_plan_paths(&fake, &planned, &err), 0);
	CHECK_INT(planned.created_levels, 2);
	CHECK_INT(cgroup_create(&fake, NULL, &handle, &err), 0);
	CHECK(exists(path_in("%s", "a/b/c")));
	CHECK_INT(cgroup_handle_paths(handle)->v[0].created_levels, 2);
	CHECK_INT(cgroup_remove(cgroup_handle_paths(handle), true, &err), 0);
	CHECK(!exists(path_in("%s", "a/b")));
	CHECK(exists(path_in("%s", "a")));
	CHECK_INT(cgroup_remove(cgroup_handle_paths(handle), true, &err), 0);
}

TEST(what_others_made_stays)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL, *second = NULL;

	fake_begin();
	plan_one(true, tmp, "/a/b", "", NULL, 0);
	CHECK_INT(cgroup_create(&fake, NULL, &handle, &err), 0);
	CHECK_INT(mkdir(path_in("%s", "a/other"), 0755), 0);
	CHECK_INT(cgroup_remove(cgroup_handle_paths(handle), true, &err), 0);
	CHECK(exists(path_in("%s", "a/other")));

	CHECK_INT(mkdir(path_in("%s", "a/b"), 0755), 0);
	CHECK_INT(cgroup_create(&fake, NULL, &second, &err), 0);
	CHECK_INT(cgroup_handle_paths(second)->v[0].created_levels, 0);
	CHECK_INT(cgroup_remove(cgroup_handle_paths(second), true, &err), 0);
	CHECK(exists(path_in("%s", "a/b")));
}

TEST(a_populated_or_frozen_cgroup_is_refused_and_kept)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;

	fake_begin();
	CHECK_INT(mkdir(path_in("%s", "c"), 0755), 0);
	put(path_in("%s", "c/cgroup.procs"), "12\n13\n");
	plan_one(true, tmp, "/c", "", NULL, 0);
	CHECK_INT(cgroup_create(&fake, NULL, &handle, &err), -EBUSY);
	CHECK_CONTAINS(err.text, "container's cgroup is not empty: 2 process(es) found");
	put(path_in("%s", "c/cgroup.events"), "populated 0\nfrozen 1\n");
	CHECK_INT(cgroup_create(&fake, NULL, &handle, &err), -EBUSY);
	CHECK_STR(err.text, "container's cgroup unexpectedly frozen");
	CHECK(exists(path_in("%s", "c/cgroup.procs")));
}

TEST(controllers_are_enabled_above_the_container_only)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;

	fake_begin();
	CHECK_INT(mkdir(path_in("%s", "p"), 0755), 0);
	CHECK_INT(mkdir(path_in("%s", "p/c"), 0755), 0);
	put(path_in("%s", "cgroup.subtree_control"), "");
	put(path_in("%s", "p/cgroup.subtree_control"), "");
	put(path_in("%s", "p/c/cgroup.subtree_control"), "");
	put(path_in("%s", "p/c/cgroup.controllers"), "memory\n");
	plan_one(true, tmp, "/p/c", "cpu memory", NULL, 0);
	CHECK_INT(cgroup_create(&fake, NULL, &handle, &err), 0);
	CHECK_STR(get(path_in("%s", "cgroup.subtree_control")), "+cpu +memory ");
	CHECK_STR(get(path_in("%s", "p/cgroup.subtree_control")), "+cpu +memory ");
	CHECK_STR(get(path_in("%s", "p/c/cgroup.subtree_control")), "");
}

TEST(a_controller_that_cannot_be_enabled_but_is_needed_is_explained)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;

	fake_begin();
	CHECK_INT(mkdir(path_in("%s", "p"), 0755), 0);
	put(path_in("%s", "cgroup.subtree_control"), "cpu memory\n");
	put(path_in("%s", "p/cgroup.type"), "threaded\n");
	plan_one(true, tmp, "/p/c", "cpu memory", NULL, 0);
	one.needed = "memory";
	CHECK_INT(cgroup_create(&fake, NULL, &handle, &err), -EOPNOTSUPP);
	CHECK_CONTAINS(err.text, "it is in threaded mode");
	put(path_in("%s", "p/cgroup.type"), "domain\n");
	put(path_in("%s", "p/cgroup.procs"), "1\n");
	CHECK_INT(cgroup_create(&fake, NULL, &handle, &err), -EBUSY);
	CHECK_CONTAINS(err.text, "which holds processes");
	CHECK(!exists(path_in("%s", "p/c")));
}

TEST(values_go_to_their_file_or_its_other_name_in_their_phase)
{
	static struct plan_cgroup_write writes[] = {
		{ .phase = PLAN_CGROUP_LAST, .file = "memory.max", .value = "5", .origin = "/m" },
		{ .file = "io.bfq.weight",
		  .value = "6",
		  .alt_file = "io.weight",
		  .alt_value = "60",
		  .origin = "/w" },
		{ .file = "gone", .value = "7", .flags = PLAN_CGROUP_MAY_MISS, .origin = "/g" },
	};
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;

	fake_begin();
	CHECK_INT(mkdir(path_in("%s", "c"), 0755), 0);
	put(path_in("%s", "c/memory.max"), "max");
	put(path_in("%s", "c/io.weight"), "");
	plan_one(true, tmp, "/c", "", writes, 3);
	CHECK_INT(cgroup_create(&fake, NULL, &handle, &err), 0);
	CHECK_INT(cgroup_apply(handle, PLAN_CGROUP_SETUP, &err), 0);
	CHECK_STR(get(path_in("%s", "c/io.weight")), "60");
	CHECK_STR(get(path_in("%s", "c/memory.max")), "max");
	CHECK_INT(cgroup_apply(handle, PLAN_CGROUP_LAST, &err), 0);
	CHECK_STR(get(path_in("%s", "c/memory.max")), "5ax");

	writes[2].flags = 0;
	CHECK_INT(cgroup_apply(handle, PLAN_CGROUP_SETUP, &err), -ENOENT);
	CHECK_STR(err.pointer, "/g");
	CHECK_CONTAINS(err.text, "write '7' to '");
	CHECK_CONTAINS(err.text, "/c/gone': No such file");
}

TEST(a_limit_below_the_usage_is_refused_when_that_is_asked_for)
{
	static struct plan_cgroup_write w = { .phase = PLAN_CGROUP_LAST,
					      .flags = PLAN_CGROUP_CHECK_USAGE,
					      .file = "memory.max",
					      .value = "5",
					      .usage_file = "memory.current",
					      .origin = "/m" };
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;

	fake_begin();
	CHECK_INT(mkdir(path_in("%s", "c"), 0755), 0);
	put(path_in("%s", "c/memory.max"), "9");
	put(path_in("%s", "c/memory.current"), "6\n");
	plan_one(true, tmp, "/c", "", &w, 1);
	CHECK_INT(cgroup_create(&fake, NULL, &handle, &err), 0);
	CHECK_INT(cgroup_apply(handle, PLAN_CGROUP_LAST, &err), -EBUSY);
	CHECK_STR(err.pointer, "/m");
	CHECK_STR(get(path_in("%s", "c/memory.max")), "9");
	put(path_in("%s", "c/memory.current"), "5\n");
	CHECK_INT(cgroup_apply(handle, PLAN_CGROUP_LAST, &err), 0);
	CHECK_STR(get(path_in("%s", "c/memory.max")), "5");
}

TEST(without_permission_an_optional_hierarchy_is_left_out)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;

	if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
		test_skip("cannot drop root");
	plan_one(true, "/sys", "/c", "", NULL, 0);
	one.is_optional = true;
	CHECK_INT(cgroup_create(&fake, NULL, &handle, &err), 0);
	CHECK_INT(cgroup_handle_paths(handle)->n, 0);
	CHECK_INT(cgroup_v2_fd(handle), -1);
	cgroup_handle_free(TAKE(handle));
	one.is_optional = false;
	one.needed = "pids";
	CHECK(cgroup_create(&fake, NULL, &handle, &err) < 0);
	CHECK_CONTAINS(err.text,
		       "cannot set pids limit: container could not join or create cgroup");
}

TEST(a_parent_that_comes_and_goes_does_not_disturb)
{
	char parent[512];
	pid_t flipper;

	fake_begin();
	snprintf(parent, sizeof(parent), "%s", path_in("%s", "p"));
	flipper = fork();
	if (flipper == 0)
		for (;;) {
			mkdir(parent, 0755);
			rmdir(parent);
		}
	plan_one(true, tmp, "/p/q/c", "", NULL, 0);
	for (int round = 0; round < 3000; round++) {
		AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;

		if (cgroup_create(&fake, NULL, &handle, &err) < 0 ||
		    cgroup_remove(cgroup_handle_paths(handle), true, &err) < 0) {
			test_fail(__FILE__, __LINE__, "round %d: %s", round, err.text);
			break;
		}
	}
	kill(flipper, SIGKILL);
	waitpid(flipper, NULL, 0);
	CHECK(!exists(path_in("%s", "p/q")));
}

TEST_MAIN()
