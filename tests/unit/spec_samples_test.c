/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that nobody wrote for this test: the template of `spec`, those of engines and of the specification. */
#include "load.h"
#include "io.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REAL_CONFIGS SOURCE_DIR "/tests/real-configs"

/* The folder of samples that do not belong to the source. */
static const char *shared_dir(void)
{
	const char *dir = getenv("OCIRUN_SHARED_DIR");

	return dir ? dir : SHARED_DIR;
}

/* ---- the template ---- */

static void check_silent(void *context, const struct spec_problem *problem)
{
	test_fail(__FILE__, __LINE__, "%s: %s %s", (const char *)context, problem->pointer,
		  problem->text);
}

static struct spec *parse_default(bool rootless, bool has_cgroup_v2)
{
	const struct spec_sink sink = { .report = check_silent, .context = (void *)"template" };
	char *text = spec_default_text(rootless, has_cgroup_v2, 1000, 2000);
	struct err err = { 0 };
	struct spec *spec = NULL;

	CHECK_INT(spec_parse(text, strlen(text), &sink, &spec, &err), 0);
	free(text);
	return spec;
}

static uint64_t namespaces_of(const struct spec *spec)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < spec->linux_.namespaces.n; i++)
		flags |= spec->linux_.namespaces.v[i].clone_flag;
	return flags;
}

TEST(template_is_a_shell_with_all_namespaces_but_user)
{
	AUTO(spec) struct spec *spec = parse_default(false, true);

	CHECK_STR(spec->oci_version, SPEC_OCI_VERSION);
	CHECK_STR(spec->hostname, "ocirun");
	CHECK_STR(spec->process.args.v[0], "sh");
	CHECK(spec->process.terminal);
	CHECK(spec->process.no_new_privileges);
	CHECK_INT(spec->process.capabilities.bounding, 1 << 5 | 1 << 10 | 1 << 29);
	CHECK(spec->root.readonly);
	CHECK_INT(spec->mounts.n, 7);
	CHECK_STR(spec->mounts.v[5].type, "sysfs");
	CHECK_INT(spec->mounts.v[2].options.n, 6);
	CHECK_INT(namespaces_of(spec), CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
					       CLONE_NEWNS | CLONE_NEWCGROUP);
	CHECK_INT(spec->linux_.resources.devices.n, 1);
	CHECK_INT(spec->linux_.uid_mappings.n, 0);
	CHECK_INT(spec->linux_.masked_paths.n, 10);
	CHECK_INT(spec->linux_.readonly_paths.n, 5);
}

TEST(template_for_cgroup_v1_shows_the_cgroups_of_the_host)
{
	AUTO(spec) struct spec *spec = parse_default(false, false);

	CHECK_INT(namespaces_of(spec),
		  CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS);
}

TEST(rootless_template_maps_the_caller_and_keeps_the_network)
{
	AUTO(spec) struct spec *spec = parse_default(true, true);

	CHECK_INT(namespaces_of(spec), CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWUTS |
					       CLONE_NEWNS | CLONE_NEWCGROUP);
	CHECK_INT(spec->linux_.uid_mappings.v[0].host_id, 1000);
	CHECK_INT(spec->linux_.gid_mappings.v[0].host_id, 2000);
	CHECK_INT(spec->linux_.gid_mappings.v[0].size, 1);
	CHECK(!spec->linux_.resources.set);
	CHECK_STR(spec->mounts.v[5].type, "none");
	CHECK_STR(spec->mounts.v[5].source, "/sys");
	CHECK_STR(spec->mounts.v[5].options.v[0], "rbind");
	CHECK_INT(spec->mounts.v[2].options.n, 5);
}

/* ---- documents that others wrote ---- */

/* The files that match; each is read as text. Returns their number. */
static size_t each_file(const char *dir, const char *pattern,
			void (*check)(const char *path, char *text, size_t len))
{
	char path[512];
	glob_t found;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, pattern);
	if (glob(path, 0, NULL, &found) != 0)
		return 0;
	n = found.gl_pathc;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct err err = { 0 };
		char *text;
		size_t len;

		if (io_read_file(AT_FDCWD, found.gl_pathv[i], SPEC_MAX_BYTES, &text, &len, &err)) {
			test_fail(__FILE__, __LINE__, "%s", err.text);
			continue;
		}
		check(found.gl_pathv[i], text, len);
		free(text);
	}
	globfree(&found);
	return n;
}

/* In recorded documents, @NAME@ stands for an absolute path: "/NAME@" is one too. */
static void fill_placeholders(char *text)
{
	for (char *at = text; (at = strstr(at, "\"@")); at++)
		at[1] = '/';
}

static void check_config(const char *path, char *text, size_t len)
{
	const struct spec_sink sink = { .report = check_silent, .context = (void *)path };
	struct err err = { 0 };
	struct spec *spec = NULL;

	fill_placeholders(text);
	CHECK_INT(spec_parse(text, len, &sink, &spec, &err), 0);
	spec_free(spec);
}

TEST(configs_of_engines_load_without_a_problem)
{
	CHECK(each_file(REAL_CONFIGS, "*/config.json", check_config) > 0);
}

static void check_process(const char *path, char *text, size_t len)
{
	struct spec_process process;
	struct err err = { 0 };
	AUTO(arena) struct arena *arena = NULL;

	CHECK_INT(arena_new(spec_arena_bytes(len), &arena, &err), 0);
	if (spec_parse_process(text, len, arena, &process, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", path, err.text);
	CHECK(process.set);
	CHECK(process.args.n > 0);
}

TEST(process_files_of_engines_load)
{
	CHECK(each_file(REAL_CONFIGS, "*/process*.json", check_process) > 0);
}

static void check_resources(const char *path, char *text, size_t len)
{
	struct spec_resources resources;
	struct err err = { 0 };
	AUTO(arena) struct arena *arena = NULL;

	CHECK_INT(arena_new(spec_arena_bytes(len), &arena, &err), 0);
	if (spec_parse_resources(text, len, arena, &resources, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", path, err.text);
	CHECK(resources.set);
}

TEST(resources_files_of_engines_load)
{
	CHECK(each_file(REAL_CONFIGS, "*/resources.json", check_resources) > 0);
}

/* Two of the good samples are of a version before 1.0: nothing else in them may be wrong. */
static void ignore_version(void *context, const struct spec_problem *problem)
{
	if (!problem->is_warning && strcmp(problem->pointer, "/ociVersion") != 0)
		check_silent(context, problem);
}

static void check_good(const char *path, char *text, size_t len)
{
	const struct spec_sink sink = { .report = ignore_version, .context = (void *)path };
	struct err err = { 0 };
	struct spec *spec = NULL;

	if (spec_parse(text, len, &sink, &spec, &err) == 0)
		spec_free(spec);
	else
		CHECK_STR(err.pointer, "/ociVersion");
}

TEST(good_samples_of_the_specification_load)
{
	if (each_file(shared_dir(), "runtime-spec/test/config/good/*.json", check_good) == 0)
		test_skip("no samples of the specification here (OCIRUN_SHARED_DIR)");
}

static void check_bad(const char *path, char *text, size_t len)
{
	struct err err = { 0 };
	struct spec *spec = NULL;
	int ret = spec_parse(text, len, NULL, &spec, &err);

	/* What is wrong for FreeBSD is nothing that is looked at here. */
	if (strstr(path, "/freebsd-"))
		spec_free(spec);
	else if (ret != -EINVAL)
		test_fail(__FILE__, __LINE__, "%s: %d", path, ret);
}

TEST(bad_samples_of_the_specification_are_refused)
{
	if (each_file(shared_dir(), "runtime-spec/test/config/bad/*.json", check_bad) == 0)
		test_skip("no samples of the specification here (OCIRUN_SHARED_DIR)");
}

TEST_MAIN()
