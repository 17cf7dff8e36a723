/* SPDX-License-Identifier: Apache-2.0 */
/* Where the cgroup of a container lies, and what a host must have for it. */
#include "test.h"

#include "cgroup_subject.h"

TEST(an_absolute_path_lies_below_each_mount)
{
	spec.linux_.cgroups_path = "/a/b";
	CHECK_INT(build(&v1), 0);
	CHECK_STR(dir_of("memory"), "/sys/fs/cgroup/memory/a/b");
	CHECK_STR(dir_of("cpu,cpuacct"), "/sys/fs/cgroup/cpu,cpuacct/a/b");
	CHECK_STR(dir_of("name=systemd"), "/sys/fs/cgroup/systemd/a/b");
	CHECK_INT(build(&v2), 0);
	CHECK_STR(plan->hierarchies[0].dir, "/sys/fs/cgroup/a/b");
	CHECK_STR(plan->hierarchies[0].path, "/a/b");
}

TEST(without_a_path_the_id_lies_below_the_own_cgroup_of_each_v1_hierarchy)
{
	CHECK_INT(build(&v1), 0);
	CHECK_STR(dir_of("memory"), "/sys/fs/cgroup/memory/own/c1");
	CHECK_STR(dir_of("cpuset"), "/sys/fs/cgroup/cpuset/c1");
	CHECK_STR(dir_of("name=systemd"), "/sys/fs/cgroup/systemd/user.slice/c1");
}

TEST(on_v2_a_relative_path_lies_beside_the_own_cgroup)
{
	spec.linux_.cgroups_path = "x/y";
	CHECK_INT(build(&v2), 0);
	CHECK_STR(plan->hierarchies[0].dir, "/sys/fs/cgroup/user.slice/x/y");
	CHECK_INT(build(&v2_bare), 0);
	CHECK_STR(plan->hierarchies[0].dir, "/sys/fs/cgroup/x/y");
	CHECK_INT(build(&hybrid), 0);
	CHECK_STR(plan->hierarchies[3].dir, "/sys/fs/cgroup/unified/own/x/y");
}

TEST(dots_never_leave_the_hierarchy)
{
	static const struct {
		const char *path, *dir;
	} rows[] = {
		{ "/../../etc", "/sys/fs/cgroup/memory/etc" },
		{ "../../../c", "/sys/fs/cgroup/memory/own/c" },
		{ "/a/../../../b", "/sys/fs/cgroup/memory/b" },
		{ "a/./..//b/", "/sys/fs/cgroup/memory/own/b" },
		{ "system.slice:docker:c1", "/sys/fs/cgroup/memory/own/system.slice:docker:c1" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		spec.linux_.cgroups_path = rows[i].path;
		CHECK_INT(build(&v1), 0);
		CHECK_STR(dir_of("memory"), rows[i].dir);
	}
}

TEST(a_path_that_is_the_root_or_the_own_cgroup_is_refused)
{
	static const char *const paths[] = { "/", ".", "..", "/../", "a/.." };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		spec.linux_.cgroups_path = paths[i];
		CHECK_INT(build(&v1), -EINVAL);
		CHECK_STR(err.pointer, "/linux/cgroupsPath");
	}
}

TEST(a_disabled_manager_makes_no_cgroup)
{
	RES.memory.limit = INT(1);
	CHECK_INT(build_with(CGROUP_MANAGER_DISABLED, "c1", &v1), 0);
	CHECK(plan == NULL);
}

TEST(what_the_caller_is_in_can_be_shown)
{
	const struct plan_cgroup *callers;

	CHECK_INT(build(&none), 0);
	CHECK(plan_build_callers_cgroup(arena, &none) == NULL);
	callers = plan_build_callers_cgroup(arena, &hybrid);
	CHECK_INT(callers->n_hierarchies, 4);
	CHECK_STR(callers->hierarchies[0].dir, "/sys/fs/cgroup/memory/");
	CHECK_STR(callers->hierarchies[3].dir, "/sys/fs/cgroup/unified/own");
	CHECK(callers->hierarchies[3].is_v2);
	CHECK_STR(callers->hierarchies[3].controllers, "hugetlb");
	CHECK_INT(callers->n_writes, 0);
}

TEST(a_host_without_cgroups_runs_what_asks_for_none)
{
	CHECK_INT(build(&none), 0);
	CHECK(plan == NULL);
	spec.linux_.cgroups_path = "/x";
	CHECK_INT(build(&none), -ENOTSUP);
	CHECK_STR(err.pointer, "/linux/cgroupsPath");
	spec.linux_.cgroups_path = NULL;
	RES.pids.limit = INT(5);
	CHECK_INT(build(&none), -ENOTSUP);
	CHECK_STR(err.pointer, "/linux/resources/pids/limit");
	CHECK_CONTAINS(err.text, "no cgroup controller 'pids'");
}

TEST(an_unprivileged_user_may_do_without_what_nothing_is_asked_of)
{
	struct host user = v1;

	user.in_user_ns = true;
	user.euid = 1000;
	RES.memory.limit = INT(4096);
	CHECK_INT(build(&user), 0);
	for (size_t i = 0; i < plan->n_hierarchies; i++)
		CHECK_INT(plan->hierarchies[i].is_optional,
			  strcmp(plan->hierarchies[i].controllers, "memory") != 0);
	CHECK_STR(lines_with("devices.deny"), "");
	CHECK_INT(plan->hierarchies[0].is_optional, false);
	CHECK(!plan->hierarchies[0].own_dir);
	CHECK_STR(plan->hierarchies[3].own_dir, "/sys/fs/cgroup/devices/own");

	spec.linux_.cgroups_path = "/x";
	CHECK_INT(build(&user), 0);
	CHECK(!plan->hierarchies[1].is_optional);

	/* Who delegates a path on a hybrid host may have thought of v1 alone. */
	user = hybrid;
	user.in_user_ns = true;
	user.euid = 1000;
	CHECK_INT(build(&user), 0);
	for (size_t i = 0; i < plan->n_hierarchies; i++)
		CHECK_INT(plan->hierarchies[i].is_optional, plan->hierarchies[i].is_v2);
}

TEST(a_missing_controller_is_named_unless_the_default_is_asked_for)
{
	RES.memory.limit = INT(4096);
	CHECK_INT(build(&v2_bare), -ENOTSUP);
	CHECK_STR(err.pointer, "/linux/resources/memory/limit");
	CHECK_CONTAINS(err.text, "no cgroup controller 'memory'");
	RES.memory.limit = INT(-1);
	CHECK_INT(build(&v2_bare), 0);
	RES.block_io.weight = UINT(100);
	CHECK_INT(build(&v2_bare), -ENOTSUP);
	CHECK_CONTAINS(err.text, "'io'");
	CHECK_INT(build(&hybrid), -ENOTSUP);
	CHECK_CONTAINS(err.text, "'blkio'");
	RES.block_io.weight.set = false;
	RES.network.class_id = UINT(1);
	CHECK_INT(build(&hybrid), -ENOTSUP);
	CHECK_CONTAINS(err.text, "'net_cls'");
}

TEST_MAIN()
