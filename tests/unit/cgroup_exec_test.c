/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup executor against directories of plain files, which stand in for hierarchies that this
 * machine does not have, and, for root, against those that it has.
 */
#include "test.h"

#include "cgroup.h"
#include "cgroupfs.h"
#include "fd.h"
#include "host.h"
#include "host_gather.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
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

/* ---- the real hierarchies, for root ---- */

static struct plan_cgroup real;
static struct plan_cgroup_hierarchy real_h[32];
static char real_name[64];

/* A plan for a cgroup of our own in each hierarchy; skips without the right to make one. */
static void real_begin(const char *below)
{
	static struct arena *arena;
	struct host *host;

	CHECK_INT(arena_new(1u << 20, &arena, &err), 0);
	CHECK_INT(host_gather(arena, &host, &err), 0);
	if (geteuid() != 0 || host->n_hierarchies == 0 ||
	    access(host->hierarchies[0].mount, W_OK) < 0)
		test_skip("needs root and writable cgroups");
	snprintf(real_name, sizeof(real_name), "/ocirun-test-%d%s", (int)getpid(), below);
	for (size_t i = 0; i < host->n_hierarchies; i++) {
		const struct host_hierarchy *h = &host->hierarchies[i];

		real_h[i] = (struct plan_cgroup_hierarchy){
			.is_v2 = h->is_v2,
			.mount = h->mount,
			.controllers = h->controllers,
			.path = real_name,
			.dir = arena_printf(arena, "%s%s", h->mount, real_name),
			.needed = "",
		};
	}
	real = (struct plan_cgroup){ .n_hierarchies = host->n_hierarchies, .hierarchies = real_h };
}

static size_t real_hierarchy(const char *controller)
{
	for (size_t i = 0; i < real.n_hierarchies; i++)
		if (!real_h[i].is_v2 && strcmp(real_h[i].controllers, controller) == 0)
			return i;
	test_skip("no such v1 controller");
}

static const char *real_get(size_t hierarchy, const char *file)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", real_h[hierarchy].dir, file);
	return get(path);
}

/* A child that sleeps, after it joined @self when that is not NULL. */
static pid_t sleeper(const struct cgroup_handle *self)
{
	int ready[2];
	char byte = 1;
	pid_t pid;

	CHECK_INT(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		if (self && cgroup_join_self(self, false, &err) < 0)
			byte = 0;
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	CHECK_INT(read(ready[0], &byte, 1), 1);
	CHECK_INT(byte, 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void reap(pid_t pid)
{
	int status = 0;

	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(WTERMSIG(status), SIGKILL);
}

static void check_all_gone(void)
{
	for (size_t i = 0; i < real.n_hierarchies; i++)
		if (exists(real_h[i].dir))
			test_fail(__FILE__, __LINE__, "'%s' is still there", real_h[i].dir);
}

TEST(real_processes_join_are_listed_frozen_killed_and_removed)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL, *again = NULL;
	const struct cgroup_paths *paths;
	pid_t a, b, *pids = NULL;
	size_t n = 0;

	real_begin("/deep/c");
	CHECK_INT(cgroup_create(&real, NULL, &handle, &err), 0);
	paths = cgroup_handle_paths(handle);
	CHECK_INT(paths->n, real.n_hierarchies);
	a = sleeper(NULL);
	CHECK_INT(cgroup_join(handle, a, false, &err), 0);
	b = sleeper(handle);
	for (size_t i = 0; i < paths->n; i++) {
		AUTO_FD fd = cgroupfs_open(AT_FDCWD, paths->v[i].dir);
		struct cgroupfs_pids in = { 0 };

		CHECK_INT(cgroupfs_pids(fd, &in), 0);
		CHECK_INT(in.n, 2);
		free(in.v);
	}
	CHECK_INT(cgroup_pids(paths, &pids, &n, &err), 0);
	CHECK_INT(n, 2);
	CHECK(n == 2 && pids[0] < pids[1]);
	free(pids);
	CHECK_INT(cgroup_create(&real, NULL, &again, &err), -EBUSY);

	CHECK_INT(cgroup_is_frozen(paths, &err), 0);
	CHECK_INT(cgroup_freeze(paths, true, &err), 0);
	CHECK_INT(cgroup_is_frozen(paths, &err), 1);
	CHECK_INT(cgroup_freeze(paths, false, &err), 0);
	CHECK_INT(cgroup_is_frozen(paths, &err), 0);

	CHECK_INT(cgroup_freeze(paths, true, &err), 0);
	CHECK_INT(cgroup_kill(paths, SIGKILL, &err), 0);
	reap(a);
	reap(b);
	CHECK_INT(cgroup_remove(paths, true, &err), 0);
	check_all_gone();
	CHECK_INT(cgroup_kill(paths, SIGKILL, &err), 0);
	CHECK_INT(cgroup_freeze(paths, false, &err), 0);
	CHECK_INT(cgroup_remove(paths, true, &err), 0);
	for (size_t i = 0; i < real.n_hierarchies; i++) {
		*strstr((char *)(uintptr_t)real_h[i].dir, "/deep") = '\0';
		CHECK(!exists(real_h[i].dir));
	}
}

TEST(a_real_frozen_cgroup_is_refused)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL, *again = NULL;
	const struct cgroup_paths *paths;

	real_begin("");
	CHECK_INT(cgroup_create(&real, NULL, &handle, &err), 0);
	paths = cgroup_handle_paths(handle);
	CHECK_INT(cgroup_freeze(paths, true, &err), 0);
	CHECK_INT(cgroup_create(&real, NULL, &again, &err), -EBUSY);
	CHECK_STR(err.text, "container's cgroup unexpectedly frozen");
	CHECK_INT(cgroup_remove(paths, true, &err), 0);
	check_all_gone();
}

TEST(removing_thaws_killed_processes_that_are_frozen)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;
	const struct cgroup_paths *paths;
	pid_t pid;

	real_begin("");
	CHECK_INT(cgroup_create(&real, NULL, &handle, &err), 0);
	paths = cgroup_handle_paths(handle);
	pid = sleeper(handle);
	CHECK_INT(cgroup_freeze(paths, true, &err), 0);
	CHECK_INT(kill(pid, SIGKILL), 0);
	CHECK_INT(cgroup_remove(paths, true, &err), 0);
	check_all_gone();
	/* Only of use when it failed. */
	cgroup_freeze(paths, false, &err);
	reap(pid);
	cgroup_remove(paths, true, &err);
}

TEST(a_real_fork_bomb_and_nested_cgroups_are_killed)
{
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;
	const struct cgroup_paths *paths;
	char nested[512];
	pid_t pid;

	real_begin("");
	CHECK_INT(cgroup_create(&real, NULL, &handle, &err), 0);
	paths = cgroup_handle_paths(handle);
	for (size_t i = 0; i < paths->n; i++) {
		snprintf(nested, sizeof(nested), "%s/x", paths->v[i].dir);
		CHECK_INT(mkdir(nested, 0755), 0);
	}
	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		if (cgroup_join_self(handle, false, &err) < 0)
			_exit(1);
		/* Each generation forks the next one and exits: a moving target of one. */
		for (;;)
			if (fork() > 0)
				_exit(0);
	}
	usleep(50000);
	CHECK_INT(cgroup_kill(paths, SIGKILL, &err), 0);
	CHECK_INT(cgroup_remove(paths, true, &err), 0);
	check_all_gone();
}

TEST(a_real_cgroup_that_is_in_use_is_not_removed_and_its_user_named)
{
	struct cgroup_paths short_list;
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;
	char want[64];
	pid_t pid;

	real_begin("");
	real.n_hierarchies = 1;
	CHECK_INT(cgroup_create(&real, NULL, &handle, &err), 0);
	pid = sleeper(handle);
	short_list = *cgroup_handle_paths(handle);
	CHECK_INT(cgroup_remove(&short_list, true, &err), -EBUSY);
	snprintf(want, sizeof(want), "process %d (cgroup_exec_tes, state S) is still in it",
		 (int)pid);
	CHECK_CONTAINS(err.text, want);
	CHECK_INT(cgroup_kill(&short_list, SIGKILL, &err), 0);
	reap(pid);
	CHECK_INT(cgroup_remove(&short_list, true, &err), 0);
	check_all_gone();
}

TEST(real_values_that_depend_on_each_other_are_written_in_any_direction)
{
	struct plan_cgroup_write writes[] = {
		{ .file = "memory.limit_in_bytes",
		  .flags = PLAN_CGROUP_DEFER,
		  .usage_file = "memory.usage_in_bytes",
		  .origin = "/limit" },
		{ .file = "memory.memsw.limit_in_bytes", .origin = "/swap" },
	};
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;
	size_t memory;

	real_begin("");
	memory = real_hierarchy("memory");
	writes[0].hierarchy = writes[1].hierarchy = memory;
	real.writes = writes;
	real.n_writes = 2;
	CHECK_INT(cgroup_create(&real, NULL, &handle, &err), 0);
	for (int i = 0; i < 3; i++) {
		writes[0].value = i == 1 ? "8388608" : "4194304";
		writes[1].value = i == 1 ? "8388608" : "4194304";
		CHECK_INT(cgroup_apply(handle, PLAN_CGROUP_SETUP, &err), 0);
		CHECK_STR(real_get(memory, "memory.limit_in_bytes"), writes[0].value);
		CHECK_STR(real_get(memory, "memory.memsw.limit_in_bytes"), writes[1].value);
	}
	writes[0].value = "9999999999";
	CHECK_INT(cgroup_apply(handle, PLAN_CGROUP_SETUP, &err), -EINVAL);
	CHECK_STR(err.pointer, "/limit");
	CHECK_INT(cgroup_remove(cgroup_handle_paths(handle), true, &err), 0);
	check_all_gone();
}

TEST(a_real_cpuset_is_filled_from_above_unless_it_is_given)
{
	struct plan_cgroup_write write = {
		.phase = PLAN_CGROUP_JOIN, .file = "cpuset.cpus", .value = "0", .origin = "/cpus"
	};
	AUTO(cgroup_handle) struct cgroup_handle *handle = NULL;

	real_begin("/a/b");
	write.hierarchy = real_hierarchy("cpuset");
	CHECK_INT(cgroup_create(&real, NULL, &handle, &err), 0);
	CHECK(strcmp(real_get(write.hierarchy, "cpuset.mems"), "") != 0);
	CHECK_INT(cgroup_remove(cgroup_handle_paths(handle), true, &err), 0);
	cgroup_handle_free(TAKE(handle));

	/* The parents are empty when the value comes: they have to be filled before it. */
	real.writes = &write;
	real.n_writes = 1;
	CHECK_INT(cgroup_create(&real, NULL, &handle, &err), 0);
	CHECK_STR(real_get(write.hierarchy, "cpuset.cpus"), "0");
	CHECK_INT(cgroup_remove(cgroup_handle_paths(handle), true, &err), 0);
	check_all_gone();
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
	reap(flipper);
	CHECK(!exists(path_in("%s", "p/q")));
}

TEST_MAIN()
