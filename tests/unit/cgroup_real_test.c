/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroup executor against the hierarchies of this machine: needs root, and cgroups to write to. */
#include "test.h"

#include "cgroup.h"
#include "cgroupfs.h"
#include "fd.h"
#include "host.h"
#include "host_gather.h"
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
	static char text[4096];
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", real_h[hierarchy].dir, file);
	return io_read_small(AT_FDCWD, path, text, sizeof(text)) < 0 ? "(none)" : text;
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
		if (access(real_h[i].dir, F_OK) == 0)
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
		CHECK(access(real_h[i].dir, F_OK) < 0);
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
	snprintf(want, sizeof(want), "process %d (cgroup_real_tes, state S) is still in it",
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

TEST_MAIN()
