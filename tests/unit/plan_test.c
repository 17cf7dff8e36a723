/* SPDX-License-Identifier: Apache-2.0 */
/* Whole plans against golden/NAME.plan, made from golden/NAME.json. UPDATE_GOLDEN=1 rewrites. */
#include "plan_cgroup.h"
#include "plan_subject.h"
#include "test.h"

#include "io.h"
#include "mount_options.h"

#include <fcntl.h>

/* ---- whole plans ---- */

static void check_text(const char *name, const char *json, const struct host *host)
{
	char *path, *want = NULL, *got = subject_plan_text(json, host);
	struct err err = { 0 };
	size_t len;

	if (asprintf(&path, "%s/tests/unit/golden/%s.plan", SOURCE_DIR, name) < 0)
		abort();
	if (getenv("UPDATE_GOLDEN")) {
		FILE *out = fopen(path, "w");

		fputs(got, out);
		fclose(out);
	}
	if (io_read_file(AT_FDCWD, path, SPEC_MAX_BYTES, &want, &len, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	else
		CHECK_STR(got, want);
	free(path);
	free(want);
	free(got);
}

static void check_golden(const char *name, const struct host *host)
{
	struct err err = { 0 };
	char *path, *json;
	size_t len;

	if (asprintf(&path, "%s/tests/unit/golden/%s.json", SOURCE_DIR, name) < 0)
		abort();
	if (io_read_file(AT_FDCWD, path, SPEC_MAX_BYTES, &json, &len, &err) < 0) {
		test_fail(__FILE__, __LINE__, "%s", err.text);
	} else {
		check_text(name, json, host);
		free(json);
	}
	free(path);
}

TEST(plan_of_the_default_spec)
{
	char *json = spec_default_text(false, true, 0, 0);

	check_text("default", json, &subject_host_v2);
	free(json);
}

TEST(plan_of_the_default_spec_for_a_user)
{
	char *json = spec_default_text(true, true, 1000, 1000);

	check_text("rootless", json, &subject_host_v2);
	free(json);
}

TEST(plan_of_a_docker_like_spec_on_a_v1_host)
{
	check_golden("docker", &subject_host_v1);
}

TEST(plan_of_a_container_with_a_user_namespace)
{
	check_golden("userns", &subject_host_v2);
}

TEST(plan_of_a_pod_member_that_joins_namespaces)
{
	check_golden("pod", &subject_host_v2);
}

TEST(plan_of_every_mount_option_at_work)
{
	check_golden("mounts", &subject_host_none);
}

TEST(plan_of_a_process_with_all_its_properties)
{
	check_golden("process", &subject_host_none);
}

TEST(plan_of_what_annotations_ask_for)
{
	check_golden("annotations", &subject_host_none);
}

TEST(plan_of_a_container_without_namespaces_or_process)
{
	check_golden("bare", &subject_host_none);
}

TEST(plan_of_mounts_in_a_mount_namespace_of_others)
{
	check_golden("inherited", &subject_host_none);
}

/* ---- what golden files cannot say ---- */

TEST(a_plan_outlives_its_spec)
{
	struct err err = { 0 };
	struct plan *plan = NULL;
	struct spec *spec = NULL;
	char *json = spec_default_text(false, true, 0, 0);
	struct plan_request request = { .id = "c1", .bundle = "/b" };

	CHECK_INT(spec_parse(json, strlen(json), NULL, &spec, &err), 0);
	CHECK_INT(plan_build(spec, &subject_host_v2, &request, &plan, &err), 0);
	spec_free(spec); /* unmaps it: a pointer into it would crash */
	free(json);
	CHECK_STR(plan->process.argv[0], "sh");
	CHECK_STR(plan->rootfs.mounts[0].target, "/proc");
	CHECK_STR(plan->rootfs.mounts[1].params[0].value, "755");
	CHECK_STR(plan->process.cwd, "/");
	CHECK_STR(plan->process.envp[1], "TERM=xterm");
	free(subject_print(plan));
	plan_free(plan);
}

TEST(mount_options_are_sorted_and_complete)
{
	/* config.md, "Linux mount options". */
	static const char *const of_the_spec[] = {
		"async",       "atime",          "bind",        "defaults",
		"dev",         "diratime",       "dirsync",     "exec",
		"idmap",       "iversion",       "lazytime",    "loud",
		"mand",        "noatime",        "nodev",       "nodiratime",
		"noexec",      "noiversion",     "nolazytime",  "nomand",
		"norelatime",  "nostrictatime",  "nosuid",      "nosymfollow",
		"private",     "ratime",         "rbind",       "rdev",
		"rdiratime",   "relatime",       "remount",     "rexec",
		"ridmap",      "rnoatime",       "rnodiratime", "rnoexec",
		"rnorelatime", "rnostrictatime", "rnosuid",     "rnosymfollow",
		"ro",          "rprivate",       "rrelatime",   "rro",
		"rrw",         "rshared",        "rslave",      "rstrictatime",
		"rsuid",       "rsymfollow",     "runbindable", "rw",
		"shared",      "silent",         "slave",       "strictatime",
		"suid",        "symfollow",      "sync",        "tmpcopyup",
		"unbindable",
	};
	size_t found = 0, n = sizeof(of_the_spec) / sizeof(of_the_spec[0]);

	for (size_t i = 0; mount_option_name(i); i++) {
		if (i > 0)
			CHECK(strcmp(mount_option_name(i - 1), mount_option_name(i)) < 0);
		for (size_t k = 0; k < n; k++)
			found += strcmp(of_the_spec[k], mount_option_name(i)) == 0;
	}
	CHECK_INT(found, n);
}

/* The line of a mount at /m with @options, which are the elements of a JSON array. */
static void check_options(const char *type, const char *options, const char *want)
{
	char *json, *text, *line, *end;

	if (asprintf(&json,
		     "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},"
		     "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},"
		     "\"mounts\":[{\"destination\":\"/m\",\"type\":\"%s\",\"source\":\"s\","
		     "\"options\":[%s]}]}",
		     type, options) < 0)
		abort();
	text = subject_plan_text(json, &subject_host_none);
	line = strstr(text, "mount \"/m\"");
	if (!line) {
		test_fail(__FILE__, __LINE__, "no mount in: %s", text);
	} else {
		end = strstr(line, "  [");
		*end = '\0';
		CHECK_STR(line + strlen("mount \"/m\" "), want);
	}
	free(json);
	free(text);
}

TEST(a_later_mount_option_wins)
{
	check_options("tmpfs", "\"ro\",\"rw\"", "new tmpfs from \"s\" clear=rdonly");
	check_options("tmpfs", "\"rw\",\"ro\"", "new tmpfs from \"s\" late-set=rdonly");
	check_options("tmpfs", "\"nosuid\",\"suid\",\"nosuid\"", "new tmpfs from \"s\" set=nosuid");
	check_options("tmpfs", "\"private\",\"rshared\"", "new tmpfs from \"s\" rshared");
	check_options("tmpfs", "\"rshared\",\"private\"", "new tmpfs from \"s\" private");
	check_options("tmpfs", "\"sync\",\"async\"", "new tmpfs from \"s\"");
}

TEST(access_time_is_one_field)
{
	check_options("tmpfs", "\"noatime\",\"strictatime\"",
		      "new tmpfs from \"s\" set=strictatime clear=_atime");
	check_options("tmpfs", "\"strictatime\",\"noatime\"",
		      "new tmpfs from \"s\" set=noatime clear=_atime");
	check_options("tmpfs", "\"noatime\",\"relatime\"", "new tmpfs from \"s\" clear=_atime");
	/* Each "no" takes back its own value only. */
	check_options("tmpfs", "\"strictatime\",\"atime\"",
		      "new tmpfs from \"s\" set=strictatime clear=_atime");
	check_options("tmpfs", "\"noatime\",\"atime\"", "new tmpfs from \"s\"");
	check_options("tmpfs", "\"noatime\",\"nostrictatime\"",
		      "new tmpfs from \"s\" set=noatime clear=_atime");
	check_options("tmpfs", "\"noatime\",\"norelatime\"",
		      "new tmpfs from \"s\" set=noatime clear=_atime");
	check_options("tmpfs", "\"nodiratime\"", "new tmpfs from \"s\" set=nodiratime");
}

TEST(recursive_options_are_for_the_tree_and_later_ones_for_the_mount)
{
	check_options("none", "\"rbind\",\"rro\",\"rw\"",
		      "recursive bind from \"/bundle/s\" all-set=rdonly "
		      "clear=rdonly,nosuid,nodev,noexec,nosymfollow");
	check_options("none", "\"rbind\",\"rw\",\"rro\"",
		      "recursive bind from \"/bundle/s\" all-set=rdonly "
		      "clear=nosuid,nodev,noexec,nosymfollow");
	check_options("none", "\"rbind\",\"rnoatime\",\"rdev\"",
		      "recursive bind from \"/bundle/s\" all-set=noatime all-clear=nodev,_atime");
	/* Nothing is below a new mount. */
	check_options("sysfs", "\"rro\",\"noexec\"", "new sysfs from \"s\" set=rdonly,noexec");
	check_options("tmpfs", "\"rro\",\"rw\"", "new tmpfs from \"s\" clear=rdonly");
}

TEST(read_only_reaches_the_superblock_of_disks_only)
{
	check_options("ext4", "\"ro\"", "new ext4 from \"s\" set=rdonly sb=rdonly param \"ro\"");
	check_options("sysfs", "\"ro\"", "new sysfs from \"s\" set=rdonly");
	check_options("proc", "\"ro\"", "new proc from \"s\" set=rdonly");
	check_options("cgroup", "\"ro\"", "cgroup cgroup from \"s\" set=rdonly");
}

TEST(superblock_options_and_data)
{
	check_options("ext4", "\"sync\",\"dirsync\",\"lazytime\",\"mand\"",
		      "new ext4 from \"s\" sb=synchronous,dirsync,lazytime,mandlock param \"sync\" "
		      "param \"dirsync\" param \"lazytime\" param \"mand\"");
	check_options("ext4", "\"iversion\",\"silent\"", "new ext4 from \"s\" sb=i_version,silent");
	check_options("tmpfs", "\"size=64k\",\"mode=755\",\"huge\",\"x=a=b\"",
		      "new tmpfs from \"s\" param \"size\"=\"64k\" param \"mode\"=\"755\" "
		      "param \"huge\" param \"x\"=\"a=b\" data \"size=64k,mode=755,huge,x=a=b\"");
	/* A remount has to say what to turn off. */
	check_options("ext4", "\"remount\",\"async\",\"rw\"",
		      "remount ext4 from \"s\" clear=rdonly sb-clear=rdonly,synchronous "
		      "param \"rw\" param \"async\"");
	check_options("none", "\"remount\",\"bind\",\"ro\"", "remount none from \"s\" set=rdonly");
	check_options("none", "\"bind\",\"sync\",\"ro\"",
		      "bind from \"/bundle/s\" set=rdonly "
		      "clear=nosuid,nodev,noexec,nosymfollow");
}

TEST(a_bind_mount_has_no_other_attributes_than_it_names)
{
	check_options("none", "\"bind\"", "bind from \"/bundle/s\"");
	check_options("none", "\"rbind\",\"rro\"",
		      "recursive bind from \"/bundle/s\" all-set=rdonly");
	check_options("none", "\"bind\",\"nosuid\"",
		      "bind from \"/bundle/s\" set=nosuid clear=rdonly,nodev,noexec,nosymfollow");
	/* Of access times it keeps what it has, unless another is named. */
	check_options("none", "\"bind\",\"atime\",\"diratime\",\"norelatime\"",
		      "bind from \"/bundle/s\" clear=rdonly,nosuid,nodev,noexec,nosymfollow");
	check_options("none", "\"bind\",\"noatime\"",
		      "bind from \"/bundle/s\" set=noatime "
		      "clear=rdonly,nosuid,nodev,noexec,_atime,nodiratime,nosymfollow");
	check_options("none", "\"bind\",\"nodiratime\"",
		      "bind from \"/bundle/s\" set=nodiratime "
		      "clear=rdonly,nosuid,nodev,noexec,_atime,nosymfollow");
}

TEST(a_tmpfs_and_dev_become_read_only_when_all_is_in_place)
{
	check_options("tmpfs", "\"ro\",\"nosuid\"",
		      "new tmpfs from \"s\" set=nosuid late-set=rdonly");
	check_options("tmpfs", "\"rro\"", "new tmpfs from \"s\" late-set=rdonly");
}

TEST(a_string_of_several_options_is_split_as_the_kernel_splits_it)
{
	check_options("tmpfs", "\"size=1m,nr_inodes=10\",\",,huge,\"",
		      "new tmpfs from \"s\" param \"size\"=\"1m\" param \"nr_inodes\"=\"10\" "
		      "param \"huge\" data \"size=1m,nr_inodes=10,,,huge,\"");
	/* Only overlayfs has escapes, which it takes away itself. */
	check_options("overlay", "\"lowerdir=/a\\\\,b:/c\\\\\\\\,upperdir=/u\"",
		      "new overlay from \"s\" param \"lowerdir\"=\"/a\\\\,b:/c\\\\\\\\\" "
		      "param \"upperdir\"=\"/u\" "
		      "data \"lowerdir=/a\\\\,b:/c\\\\\\\\,upperdir=/u\"");
	check_options("9p", "\"aname=/a\\\\,ro\"",
		      "new 9p from \"s\" param \"aname\"=\"/a\\\\\" param \"ro\" "
		      "data \"aname=/a\\\\,ro\"");
	/* Only a context has quotes. */
	check_options("tmpfs", "\"context=\\\"u:r:t:s0:c1,c2\\\",size=1m\"",
		      "new tmpfs from \"s\" param \"context\"=\"u:r:t:s0:c1,c2\" "
		      "param \"size\"=\"1m\" data \"context=\\\"u:r:t:s0:c1,c2\\\",size=1m\"");
	check_options("tmpfs", "\"a=\\\"b,c\\\"\"",
		      "new tmpfs from \"s\" param \"a\"=\"\\\"b\" param \"c\\\"\" "
		      "data \"a=\\\"b,c\\\"\"");
}

TEST(a_mount_of_type_bind_is_a_bind_mount)
{
	check_options("bind", "", "bind from \"/bundle/s\"");
	check_options("bind", "\"rbind\"", "recursive bind from \"/bundle/s\"");
	check_options("bind", "\"rbind\",\"bind\"", "recursive bind from \"/bundle/s\"");
}

TEST(env_keeps_the_last_of_a_key_and_no_empty_home)
{
	char *text = subject_plan_text(
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\","
		"\"args\":[\"a\"],\"env\":[\"A=1\",\"B=1\",\"AB=1\",\"A=2\",\"HOME=\",\"B=\"]}}",
		&subject_host_none);

	CHECK_CONTAINS(text, "\nenv \"AB=1\"\nenv \"A=2\"\nenv \"B=\"\n"
			     "env HOME from the container's passwd\n");
	CHECK(!strstr(text, "A=1\"\nenv \"B"));
	free(text);
}

TEST(warnings_go_to_the_log)
{
	const char *json =
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},"
		"\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},"
		"\"mounts\":[{\"destination\":\"m\",\"source\":\"/s\",\"options\":[\"bind\","
		"\"size=1\"]},{\"destination\":\"/n\",\"type\":\"ext4\",\"options\":"
		"[\"tmpcopyup\"]},{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\","
		"\"options\":[\"ro\",\"foo=1\"]}],\"process\":{\"cwd\":\"/\",\"args\":[\"a\"],"
		"\"user\":{\"uid\":0,\"gid\":0},\"capabilities\":{\"permitted\":[\"CAP_KILL\"],"
		"\"ambient\":[\"CAP_CHOWN\",\"CAP_KILL\"]}}}";
	char *log = subject_log(json);

	CHECK_CONTAINS(log, "/mounts/0: destination \"m\" is relative, \"/m\" is used instead\n");
	CHECK_CONTAINS(log,
		       "/mounts/0: option \"size=1\" of the bind mount at \"/m\" has no effect\n");
	CHECK_CONTAINS(log, "/mounts/1: option \"tmpcopyup\" is for tmpfs only\n");
	CHECK_CONTAINS(log, "/mounts/2: option \"foo=1\" of the cgroup mount at "
			    "\"/sys/fs/cgroup\" has no effect\n");
	CHECK_CONTAINS(log, "can't raise ambient capability CAP_CHOWN, CAP_KILL: not both "
			    "permitted and inheritable (/process/capabilities/ambient)\n");
	free(log);
}

TEST(large_specs_fit_the_reservation)
{
	/* What costs most in a plan for least in a document, each as often as a document can hold. */
	static const struct {
		const char *before, *element, *after;
	} shapes[] = {
		{ "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},\"mounts\":[",
		  "{\"destination\":\"/m\",\"type\":\"t\"}", "]" },
		{ "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},\"mounts\":[",
		  "{\"destination\":\"/m\",\"source\":\"s\",\"options\":[\"bind\",\"a=b\",\"c\"]}",
		  "]" },
		{ "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},\"mounts\":[{\"destination\":"
		  "\"/m\",\"type\":\"t\",\"options\":[\"",
		  "a", "\"]}]" },
		{ "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}],\"readonlyPaths\":[", "\"/\"",
		  "]}" },
		{ "\"process\":{\"cwd\":\"/\",\"args\":[\"a\"],\"user\":{\"additionalGids\":[", "1",
		  "]}}" },
		{ "\"process\":{\"cwd\":\"/\",\"args\":[\"a\"],\"env\":[", "\"A=\"", "]}" },
		{ "\"hooks\":{\"poststop\":[", "{\"path\":\"/\"}", "]}" },
		{ "\"linux\":{\"resources\":{\"unified\":{\"cgroup.type\":\"", "\\n", "\"}}}" },
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		char *json = subject_repeat(shapes[i].before, shapes[i].element, shapes[i].after,
					    SPEC_MAX_BYTES - 256);
		struct err err = { 0 };
		struct plan *plan = NULL;

		CHECK_INT(subject_build(json, &subject_host_v2, NULL, &plan, &err), 0);
		CHECK_STR(err.text, "");
		plan_free(plan);
		free(json);
	}
}

/* ---- whose the cgroup is ---- */

#define OWNED(namespaces, option, more)                                                            \
	"{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\","          \
	"\"args\":[\"a\"],\"user\":{\"uid\":7,\"gid\":0}},\"mounts\":[{\"destination\":"           \
	"\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\",\"options\":[\"" option      \
	"\"]}],\"linux\":{\"namespaces\":[{\"type\":\"mount\"}" namespaces "]" more "}}"
#define OWN_CGROUP ",{\"type\":\"cgroup\"}"
#define OWN_USERS  ",{\"type\":\"user\"}"
#define MAPS                                                                                       \
	",\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":10}],"                    \
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":10}]"

/* -1: it stays whose it is. */
static int64_t owner_of(const char *json, const struct host *host)
{
	AUTO(plan) struct plan *plan = NULL;
	struct err err = { 0 };

	CHECK_INT(subject_build(json, host, NULL, &plan, &err), 0);
	return plan && plan->cgroup->has_owner ? (int64_t)plan->cgroup->owner : -1;
}

TEST(a_cgroup_that_can_be_written_becomes_that_of_the_containers_user)
{
	CHECK_INT(owner_of(OWNED(OWN_CGROUP, "rw", ""), &subject_host_v2), 7);
	CHECK_INT(owner_of(OWNED(OWN_CGROUP OWN_USERS, "rw", MAPS), &subject_host_v2), 100007);
	CHECK_INT(owner_of(OWNED(OWN_CGROUP, "ro", ""), &subject_host_v2), -1);
	CHECK_INT(owner_of(OWNED("", "rw", ""), &subject_host_v2), -1);
	/* Delegation is not secure with v1. */
	CHECK_INT(owner_of(OWNED(OWN_CGROUP, "rw", ""), &subject_host_v1), -1);
}

TEST_MAIN()
