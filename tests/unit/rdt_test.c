/* SPDX-License-Identifier: Apache-2.0 */
/* linux.intelRdt: what is planned, and what becomes of it in a tree that looks like resctrl. */
#include "plan_subject.h"
#include "temp_tree.h"
#include "test.h"

#include "fd.h"
#include "plan_rdt.h"
#include "rdt.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err err;

/* ---- plans ---- */

static const struct host_rdt full = { "/sys/fs/resctrl", true, true };
static const struct host_rdt without_control = { "/sys/fs/resctrl", false, false };

static struct plan *plan_of(const char *members, const struct host_rdt *rdt)
{
	struct host host = { .rdt = rdt };
	struct plan *plan = NULL;
	char *json;

	if (asprintf(&json,
		     "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},"
		     "\"linux\":{\"intelRdt\":%s}}",
		     members) < 0)
		abort();
	err_clear(&err);
	subject_build(json, &host, NULL, &plan, &err);
	free(json);
	return plan;
}

/* The lines of the plan that are about resctrl. */
static void check_plan(const char *members, const char *want)
{
	AUTO(plan) struct plan *plan = plan_of(members, &full);
	char *text = plan ? subject_print(plan) : NULL;
	const char *begin = text ? strstr(text, "rdt ") : NULL, *end = begin;

	while (end && strncmp(end, "rdt ", 4) == 0)
		end = strchr(end, '\n') + 1;
	CHECK_STR(err.text, "");
	if (begin && (strncmp(begin, want, (size_t)(end - begin)) != 0 ||
		      strlen(want) != (size_t)(end - begin)))
		test_fail(__FILE__, __LINE__, "%s: %.*s", members, (int)(end - begin), begin);
	else if (!begin)
		CHECK_STR("", want);
	free(text);
}

static void check_refused(const char *members, const struct host_rdt *rdt, const char *pointer,
			  const char *text)
{
	AUTO(plan) struct plan *plan = plan_of(members, rdt);

	CHECK(plan == NULL);
	CHECK_STR(err.pointer, pointer);
	CHECK_CONTAINS(err.text, text);
}

TEST(nothing_is_planned_without_intelRdt)
{
	check_plan("null", "");
}

TEST(an_empty_intelRdt_is_a_class_named_after_the_container)
{
	check_plan("{}", "rdt class \"/sys/fs/resctrl/c1\" make  [/linux/intelRdt]\n");
}

TEST(a_class_that_is_named_and_not_described_has_to_be_there)
{
	check_plan("{\"closID\":\"gold\"}",
		   "rdt class \"/sys/fs/resctrl/gold\" use  [/linux/intelRdt/closID]\n");
	check_plan("{\"closID\":\"/\"}",
		   "rdt class \"/sys/fs/resctrl\" use  [/linux/intelRdt/closID]\n");
}

TEST(schemata_come_in_the_order_of_the_specification)
{
	check_plan("{\"schemata\":[\"L2:0=f\",\"MB:0=70\"],\"memBwSchema\":\"MB:0=20\","
		   "\"l3CacheSchema\":\"L3:0=ff\",\"closID\":\"gold\"}",
		   "rdt class \"/sys/fs/resctrl/gold\" make-or-use  [/linux/intelRdt/closID]\n"
		   "rdt schemata \"L3:0=ff\"  [/linux/intelRdt/l3CacheSchema]\n"
		   "rdt schemata \"MB:0=20\"  [/linux/intelRdt/memBwSchema]\n"
		   "rdt schemata \"L2:0=f\"  [/linux/intelRdt/schemata/0]\n"
		   "rdt schemata \"MB:0=70\"  [/linux/intelRdt/schemata/1]\n");
}

TEST(a_monitoring_group_lies_in_the_class)
{
	check_plan("{\"enableMonitoring\":true}",
		   "rdt class \"/sys/fs/resctrl/c1\" make  [/linux/intelRdt]\n"
		   "rdt monitor \"/sys/fs/resctrl/c1/mon_groups/c1\"  "
		   "[/linux/intelRdt/enableMonitoring]\n");
	check_plan("{\"closID\":\"/\",\"enableMonitoring\":true}",
		   "rdt class \"/sys/fs/resctrl\" use  [/linux/intelRdt/closID]\n"
		   "rdt monitor \"/sys/fs/resctrl/mon_groups/c1\"  "
		   "[/linux/intelRdt/enableMonitoring]\n");
}

TEST(what_the_host_has_not_is_refused_by_name)
{
	check_refused("{}", NULL, "/linux/intelRdt", "Intel RDT is not enabled");
	check_refused("{\"l3CacheSchema\":\"L3:0=f\"}", &without_control,
		      "/linux/intelRdt/l3CacheSchema", "Intel RDT/CAT is not enabled");
	check_refused("{\"memBwSchema\":\"MB:0=20\"}", &without_control,
		      "/linux/intelRdt/memBwSchema", "Intel RDT/MBA is not enabled");
}

TEST(directories_that_resctrl_has_for_itself_are_no_classes)
{
	check_refused("{\"closID\":\"info\"}", &full, "/linux/intelRdt/closID", "invalid");
	check_refused("{\"closID\":\"mon_groups\"}", &full, "/linux/intelRdt/closID", "invalid");
}

TEST(schemata_are_compared_by_value)
{
	static const char has[] = "    MB:0=30;1=100\n    L3:0=000ff;1=c0\n";

	CHECK(plan_rdt_matches("L3:0=ff;1=c0", has, 10));
	CHECK(plan_rdt_matches("L3:1=0C0", has, 10));
	CHECK(plan_rdt_matches("L3:0=ff\nMB:1=100", has, 10));
	CHECK(plan_rdt_matches("MB:0=25", has, 10)); /* rounded up */
	CHECK(!plan_rdt_matches("MB:0=25", has, 1));
	CHECK(!plan_rdt_matches("MB:0=20", has, 10));
	CHECK(!plan_rdt_matches("L3:0=f", has, 10));
	CHECK(!plan_rdt_matches("L3:2=ff", has, 10));
	CHECK(!plan_rdt_matches("L2:0=ff", has, 10));
	CHECK(!plan_rdt_matches("nonsense", has, 10));
}

/* ---- a tree ---- */

#define SCHEMATA "    MB:0=100\n    L3:0=fff\n"

static int make_dir_failing_with; /* errno */

/* As the kernel: a class has files and a place for groups, a group has tasks. */
static int fake_make_dir(int dir_fd, const char *name, mode_t mode)
{
	bool is_group = strstr(name, "mon_groups/");
	const char *files[] = { "tasks", is_group ? NULL : "schemata" };

	if (make_dir_failing_with)
		return -make_dir_failing_with;
	if (mkdirat(dir_fd, name, mode) < 0)
		return -errno;
	AUTO_FD fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < 2 && files[i]; i++) {
		AUTO_FD file = openat(fd, files[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		CHECK(file >= 0);
	}
	if (!is_group)
		CHECK_INT(mkdirat(fd, "mon_groups", 0755), 0);
	return 0;
}

static const struct rdt_ops fake = { .make_dir = fake_make_dir };
static struct host_rdt host = { .has_l3 = true, .has_mb = true };

/* A resctrl with the default class and the class "gold". */
static void make_tree(void)
{
	host.mount = strdup(temp_path(""));
	for (size_t i = 0; i < 2; i++) {
		const char *dir = i ? "gold/" : "";
		char name[64];

		if (i)
			temp_make_dir("gold");
		snprintf(name, sizeof(name), "%smon_groups", dir);
		temp_make_dir(name);
		snprintf(name, sizeof(name), "%sschemata", dir);
		temp_make_file(name, SCHEMATA, 0644);
		snprintf(name, sizeof(name), "%stasks", dir);
		temp_make_file(name, "", 0644);
	}
	temp_make_dir("info");
	temp_make_file("info/last_cmd_status", "ok\n", 0644);
	err_clear(&err);
}

/* Carries out what @members ask for; the paths, which borrow, are those of the record. */
static int create(struct plan *plan, struct rdt_paths *ret_paths)
{
	AUTO_FD mount_fd = temp_open_dir("");

	*ret_paths = rdt_plan_paths(plan->rdt);
	return rdt_create(&fake, mount_fd, plan->rdt, ret_paths, &err);
}

static bool exists(const char *name)
{
	return access(temp_path(name), F_OK) == 0;
}

TEST(a_class_of_its_own_is_made_joined_and_removed)
{
	AUTO(plan) struct plan *plan = NULL;
	struct rdt_paths paths;
	int before;

	make_tree();
	plan = plan_of("{\"l3CacheSchema\":\"L3:0=f\",\"enableMonitoring\":true}", &host);
	before = open_fd_count();
	CHECK_INT(create(plan, &paths), 0);
	CHECK(paths.is_created);
	CHECK_STR(temp_read("c1/schemata"), "L3:0=f\n");
	CHECK(exists("c1/mon_groups/c1"));

	CHECK_INT(rdt_join(&paths, 4242, &err), 0);
	CHECK_STR(temp_read("c1/tasks"), "4242");
	CHECK_STR(temp_read("c1/mon_groups/c1/tasks"), "4242");
	CHECK_INT(open_fd_count(), before);
	CHECK_STR(temp_read("schemata"), SCHEMATA);

	/* The kernel takes the files of a directory away with it. */
	unlink(temp_path("c1/mon_groups/c1/tasks"));
	CHECK_INT(rdt_remove(&(struct rdt_paths){ .mon = paths.mon }, &err), 0);
	CHECK(!exists("c1/mon_groups/c1"));
	unlink(temp_path("c1/tasks"));
	unlink(temp_path("c1/schemata"));
	rmdir(temp_path("c1/mon_groups"));
	CHECK_INT(rdt_remove(&paths, &err), 0);
	CHECK(!exists("c1"));
	CHECK_INT(rdt_remove(&paths, &err), 0);
}

TEST(a_class_that_was_there_or_has_a_name_stays)
{
	static const char *const members[] = { "{\"closID\":\"gold\"}", "{\"closID\":\"/\"}",
					       "{\"closID\":\"new\",\"schemata\":[\"L3:0=f\"]}" };
	struct rdt_paths paths;

	make_tree();
	for (size_t i = 0; i < 3; i++) {
		AUTO(plan) struct plan *plan = plan_of(members[i], &host);

		CHECK_INT(create(plan, &paths), 0);
		CHECK(!paths.is_created);
		CHECK_INT(rdt_join(&paths, 1, &err), 0);
		CHECK_INT(rdt_remove(&paths, &err), 0);
		CHECK_INT(access(paths.clos, F_OK), 0);
	}
	CHECK_STR(temp_read("gold/schemata"), SCHEMATA);
	CHECK_STR(temp_read("gold/tasks"), "1");
	CHECK_STR(temp_read("new/schemata"), "L3:0=f\n");
}

TEST(a_directory_with_the_containers_id_that_was_there_is_used_and_stays)
{
	AUTO(plan) struct plan *plan = NULL;
	struct rdt_paths paths;

	make_tree();
	CHECK_INT(rename(temp_path("gold"), temp_path("c1")), 0);
	plan = plan_of("{}", &host);
	CHECK_INT(create(plan, &paths), 0);
	CHECK(!paths.is_created);
	CHECK_INT(rdt_remove(&paths, &err), 0);
	CHECK(exists("c1"));
}

TEST(a_directory_that_somebody_makes_meanwhile_is_not_taken_for_ours)
{
	AUTO(plan) struct plan *plan = NULL;
	AUTO_FD mount_fd = -1;
	struct rdt_paths paths;

	make_tree();
	plan = plan_of("{}", &host);
	paths = rdt_plan_paths(plan->rdt);
	temp_make_dir("c1");
	mount_fd = temp_open_dir("");
	CHECK_INT(rdt_create(&fake, mount_fd, plan->rdt, &paths, &err), -EEXIST);
	CHECK(exists("c1"));
}

TEST(a_class_that_has_to_be_there_and_is_not_is_an_error)
{
	AUTO(plan) struct plan *plan = NULL;
	struct rdt_paths paths;

	make_tree();
	plan = plan_of("{\"closID\":\"silver\"}", &host);
	CHECK_INT(create(plan, &paths), -ENOENT);
	CHECK_STR(err.pointer, "/linux/intelRdt/closID");
	CHECK_CONTAINS(err.text, "must be pre-created");
	CHECK(!exists("silver"));
}

TEST(a_class_that_is_there_has_to_be_as_described)
{
	AUTO(plan) struct plan *fits = NULL;
	AUTO(plan) struct plan *differs = NULL;
	struct rdt_paths paths;

	make_tree();
	fits = plan_of("{\"closID\":\"gold\",\"l3CacheSchema\":\"L3:0=0fff\"}", &host);
	CHECK_INT(create(fits, &paths), 0);
	temp_make_file("gold/schemata", SCHEMATA, 0644);
	differs = plan_of("{\"closID\":\"gold\",\"memBwSchema\":\"MB:0=50\"}", &host);
	CHECK_INT(create(differs, &paths), -EINVAL);
	CHECK_STR(err.pointer, "/linux/intelRdt/memBwSchema");
	CHECK_STR(temp_read("gold/schemata"), SCHEMATA);
	CHECK(exists("gold"));
}

TEST(what_resctrl_says_of_a_failure_is_passed_on)
{
	AUTO(plan) struct plan *plan = NULL;
	struct rdt_paths paths;

	make_tree();
	temp_make_file("info/last_cmd_status", "Out of CLOSIDs\n", 0644);
	make_dir_failing_with = ENOSPC;
	plan = plan_of("{}", &host);
	CHECK_INT(create(plan, &paths), -ENOSPC);
	CHECK_STR(err.pointer, "/linux/intelRdt");
	CHECK_CONTAINS(err.text, "(last_cmd_status: Out of CLOSIDs)");
}

/* A group that cannot be made, or a line that is refused: the class is not left behind. */
static int make_dir_without_files(int dir_fd, const char *name, mode_t mode)
{
	return mkdirat(dir_fd, name, mode) < 0 ? -errno : 0;
}

TEST(a_class_that_cannot_be_filled_is_taken_back)
{
	static const struct rdt_ops bare = { .make_dir = make_dir_without_files };
	AUTO(plan) struct plan *plan = NULL;
	AUTO_FD mount_fd = -1;
	struct rdt_paths paths;
	int before;

	make_tree();
	mount_fd = temp_open_dir("");
	plan = plan_of("{\"closID\":\"new\",\"schemata\":[\"L3:0=f\"]}", &host);
	paths = rdt_plan_paths(plan->rdt);
	before = open_fd_count();
	CHECK_INT(rdt_create(&bare, mount_fd, plan->rdt, &paths, &err), -ENOENT);
	CHECK_STR(err.pointer, "/linux/intelRdt/schemata/0");
	CHECK_INT(open_fd_count(), before);
	CHECK(!exists("new"));
}

/* ---- update ---- */

TEST(update_writes_the_lines_that_are_given)
{
	const struct rdt_update update = { .mem_bw_schema = "MB:0=20" };
	struct rdt_paths paths = { 0 };
	char *old = NULL;

	make_tree();
	paths.clos = temp_path("gold");
	CHECK_INT(rdt_write(&host, &paths, &update, &old, &err), 0);
	CHECK_INT(strncmp(temp_read("gold/schemata"), "MB:0=20\n", 8), 0);
	rdt_write_back(&paths, old);
	CHECK_STR(temp_read("gold/schemata"), SCHEMATA);
	free(old);
}

TEST(update_is_refused_where_there_is_nothing_to_change)
{
	const struct rdt_update l3 = { .l3_cache_schema = "L3:0=f" };
	const struct rdt_update mb = { .mem_bw_schema = "MB:0=20" };
	const struct rdt_paths none = { 0 };
	char *old = NULL;

	CHECK_INT(rdt_write(NULL, &none, &l3, &old, &err), -ENOTSUP);
	CHECK_STR(err.text, "Intel RDT/CAT: l3 cache schema is not enabled");
	CHECK_INT(rdt_write(&without_control, &none, &mb, &old, &err), -ENOTSUP);
	CHECK_STR(err.text, "Intel RDT/MBA: memory bandwidth schema is not enabled");
	CHECK_INT(rdt_write(&full, &none, &mb, &old, &err), -ENOTSUP);
	CHECK_STR(err.text, "updating a non-existent Intel RDT configuration is not supported");
	CHECK(old == NULL);
}

TEST_MAIN()
