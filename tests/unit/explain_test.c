/* SPDX-License-Identifier: Apache-2.0 */
/* A plan in words: what is said of it, and whose things they are. */
#include "plan.h"
#include "plan_explain.h"
#include "plan_subject.h"
#include "test.h"

static struct plan *plan;
static struct plan_explanation *explanation;
static struct err err;

static void explain_with(enum cgroup_manager manager, const char *more)
{
	const struct plan_request request = { .id = "c1",
					      .bundle = "/bundle",
					      .cgroup_manager = manager };
	AUTO(spec) struct spec *spec = NULL;
	char *json;

	if (asprintf(&json, "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"}%s}", more) < 0)
		abort();
	CHECK_INT(spec_parse(json, strlen(json), NULL, &spec, &err), 0);
	CHECK_INT(plan_build(spec, &subject_host_v2, &request, &plan, &err), 0);
	CHECK_STR(err.text, "");
	CHECK_INT(plan_explain(plan, &explanation, &err), 0);
	free(json);
}

static void explain(const char *more)
{
	explain_with(CGROUP_MANAGER_CGROUPFS, more);
}

/* The fact of @section whose first cell is @first; the tests end without one. */
static const struct plan_fact *fact(const struct plan_section *section, const char *first)
{
	static const struct plan_fact none;

	for (size_t i = 0; i < explanation->n; i++)
		if (explanation->v[i].section == section &&
		    strcmp(explanation->v[i].cells[0], first) == 0)
			return &explanation->v[i];
	test_fail(__FILE__, __LINE__, "no fact '%s' of %s", first, section->name);
	return &none;
}

TEST(each_namespace_is_its_own_or_joined_or_the_hosts)
{
	const struct plan_fact *net;

	explain(",\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
		"{\"type\":\"network\",\"path\":\"/proc/1/ns/net\"}]}");
	net = fact(&plan_section_namespaces, "network");
	CHECK_INT(net->sharing, PLAN_SHARING_OTHER);
	CHECK_STR(net->cells[2], "/proc/1/ns/net");
	CHECK_STR(net->origin, "/linux/namespaces/1");
	CHECK_INT(fact(&plan_section_namespaces, "mount")->sharing, PLAN_SHARING_OWN);
	CHECK_INT(fact(&plan_section_namespaces, "pid")->sharing, PLAN_SHARING_HOST);
	CHECK_STR(fact(&plan_section_namespaces, "pid")->origin, "");
}

TEST(without_a_user_namespace_ids_are_the_hosts)
{
	explain("");
	CHECK_INT(fact(&plan_section_ids, "uid")->sharing, PLAN_SHARING_HOST);
	CHECK_STR(fact(&plan_section_ids, "uid")->cells[3], "all");
}

TEST(id_maps_are_said_with_their_places)
{
	const struct plan_fact *gid;

	explain(",\"linux\":{\"namespaces\":[{\"type\":\"user\"}],"
		"\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}],"
		"\"gidMappings\":[{\"containerID\":5,\"hostID\":2000,\"size\":10}]}");
	gid = fact(&plan_section_ids, "gid");
	CHECK_STR(gid->cells[1], "5");
	CHECK_STR(gid->cells[2], "2000");
	CHECK_STR(gid->cells[3], "10");
	CHECK_STR(gid->origin, "/linux/gidMappings/0");
	CHECK_INT(gid->sharing, PLAN_SHARING_OWN);
}

TEST(mounts_have_their_options_and_binds_are_of_the_host)
{
	const struct plan_fact *data, *tmp;

	explain(",\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},\"mounts\":["
		"{\"destination\":\"/tmp\",\"type\":\"tmpfs\",\"source\":\"t\","
		"\"options\":[\"nosuid\",\"size=64k\",\"noatime\"]},"
		"{\"destination\":\"/data\",\"source\":\"/srv\","
		"\"options\":[\"rbind\",\"rro\",\"rslave\"]}]");
	tmp = fact(&plan_section_mounts, "/tmp");
	CHECK_STR(tmp->cells[1], "tmpfs");
	CHECK_STR(tmp->cells[3], "nosuid,noatime,size=64k");
	CHECK_INT(tmp->sharing, PLAN_SHARING_OWN);
	data = fact(&plan_section_mounts, "/data");
	CHECK_STR(data->cells[1], "bind, with mounts below");
	CHECK_STR(data->cells[2], "/srv");
	CHECK_STR(data->cells[3], "all:rdonly,rslave");
	CHECK_STR(data->origin, "/mounts/1");
	CHECK_INT(data->sharing, PLAN_SHARING_HOST);
}

TEST(a_device_of_the_config_is_of_the_host_and_a_default_one_is_not)
{
	explain(",\"linux\":{\"namespaces\":[{\"type\":\"mount\"}],\"devices\":["
		"{\"path\":\"/dev/sda\",\"type\":\"b\",\"major\":8,\"minor\":0}]}");
	CHECK_INT(fact(&plan_section_devices, "/dev/sda")->sharing, PLAN_SHARING_HOST);
	CHECK_STR(fact(&plan_section_devices, "/dev/sda")->cells[2], "8:0");
	CHECK_INT(fact(&plan_section_devices, "/dev/null")->sharing, PLAN_SHARING_OWN);
}

TEST(cgroup_values_are_those_that_will_be_written)
{
	const struct plan_fact *max;

	explain(",\"linux\":{\"cgroupsPath\":\"/c\","
		"\"resources\":{\"memory\":{\"limit\":1048576}}}");
	max = fact(&plan_section_cgroup_values, "memory.max");
	CHECK_STR(max->cells[1], "1048576");
	CHECK_STR(max->cells[3], "/sys/fs/cgroup/c");
	CHECK_STR(max->origin, "/linux/resources/memory/limit");
}

/* The facts of @section with @name in the first cell and @value in the last. */
static size_t count_properties(const char *name, const char *value)
{
	size_t n = 0;

	for (size_t i = 0; i < explanation->n; i++) {
		const struct plan_fact *f = &explanation->v[i];

		n += f->section == &plan_section_unit_properties &&
		     strcmp(f->cells[0], name) == 0 && strcmp(f->cells[4], value) == 0;
	}
	return n;
}

TEST(a_unit_of_systemd_is_said_with_the_pairs_of_its_lists_one_by_one)
{
	const struct plan_fact *unit, *max;

	explain_with(
		CGROUP_MANAGER_SYSTEMD,
		",\"linux\":{\"cgroupsPath\":\"a.slice:p:c1\",\"resources\":{"
		"\"memory\":{\"limit\":1048576},\"devices\":[{\"allow\":false,\"access\":\"rwm\"},"
		"{\"allow\":true,\"type\":\"c\",\"major\":10,\"minor\":229,\"access\":\"r\"}]}}");
	unit = fact(&plan_section_unit, "p-c1.scope");
	CHECK_STR(unit->cells[1], "a.slice");
	CHECK_STR(unit->origin, "/linux/cgroupsPath");
	max = fact(&plan_section_unit_properties, "MemoryMax");
	CHECK_STR(max->cells[2], "when set-up is over");
	CHECK_STR(max->cells[4], "1048576");
	CHECK_STR(max->origin, "/linux/resources/memory/limit");
	CHECK_INT(count_properties("DeviceAllow", "/dev/char/10:229 r"), 1);
	CHECK_INT(count_properties("DeviceAllow", "/dev/char/1:3 rwm"), 1);
}

TEST(equal_sets_of_capabilities_share_a_line)
{
	explain(",\"process\":{\"cwd\":\"/\",\"args\":[\"a\"],\"user\":{\"uid\":0,\"gid\":0},"
		"\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],"
		"\"permitted\":[\"CAP_CHOWN\"],\"effective\":[\"CAP_CHOWN\"]}}");
	CHECK_STR(fact(&plan_section_capabilities, "bounding")->cells[1], "CAP_CHOWN CAP_KILL ");
	CHECK_STR(fact(&plan_section_capabilities, "effective, permitted")->cells[1], "CAP_CHOWN ");
	CHECK_STR(fact(&plan_section_capabilities, "inheritable, ambient")->cells[1], "none");
}

TEST(hooks_say_where_they_run)
{
	explain(",\"hooks\":{\"createRuntime\":[{\"path\":\"/bin/a\",\"timeout\":5}],"
		"\"startContainer\":[{\"path\":\"/bin/b\",\"args\":[\"b\",\"c\"]}]}");
	CHECK_STR(fact(&plan_section_hooks, "createRuntime")->cells[3], "5 s");
	CHECK_STR(fact(&plan_section_hooks, "createRuntime")->cells[4], "on the host");
	CHECK_STR(fact(&plan_section_hooks, "startContainer")->cells[2], "b c");
	CHECK_INT(fact(&plan_section_hooks, "startContainer")->sharing, PLAN_SHARING_OWN);
}

static const char profile[] =
	",\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1,"
	"\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":["
	"{\"names\":[\"read\",\"write\",\"io_uring_setup\"],\"action\":\"SCMP_ACT_ALLOW\"},"
	"{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
	"{\"index\":0,\"value\":2114060288,\"valueTwo\":0,\"op\":\"SCMP_CMP_MASKED_EQ\"},"
	"{\"index\":1,\"value\":7,\"op\":\"SCMP_CMP_GT\"}]}]}}";

TEST(the_seccomp_profile_is_told_in_brief)
{
	explain(profile);
	CHECK_STR(fact(&plan_section_seccomp, "always")->cells[1], "SCMP_ACT_ALLOW");
	CHECK_STR(fact(&plan_section_seccomp, "always")->cells[2], "3");
	CHECK_STR(fact(&plan_section_seccomp, "with some arguments")->cells[3], "clone");
	CHECK_STR(fact(&plan_section_seccomp, "all others")->cells[1], "SCMP_ACT_ERRNO(EPERM)");
}

/* The facts about @name, "action when|action when". */
static const char *about(const char *name)
{
	static char text[512];
	size_t before = explanation->n, len = 0;

	CHECK_INT(plan_explain_syscall(explanation, plan->seccomp, name, &err), 0);
	for (size_t i = before; i < explanation->n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s",
					i > before ? "|" : "", explanation->v[i].cells[1],
					explanation->v[i].cells[2]);
	return text;
}

TEST(a_system_call_is_told_with_the_conditions_on_its_arguments)
{
	explain(profile);
	CHECK_STR(about("read"), "SCMP_ACT_ALLOW always");
	CHECK_STR(about("clone"), "SCMP_ACT_ALLOW if (argument 0 & 0x7e020000) == 0x0 and "
				  "argument 1 > 7|SCMP_ACT_ERRNO(EPERM) otherwise");
	CHECK_STR(about("openat"), "SCMP_ACT_ERRNO(EPERM) always");
}

TEST(a_system_call_that_is_newer_than_the_profile_is_not_there)
{
	explain(profile); /* its newest is io_uring_setup, 425 */
	CHECK_STR(about("clone3"), "fails with ENOSYS: it is newer than the profile always");
}

TEST(without_a_profile_everything_is_allowed)
{
	explain("");
	CHECK_INT(fact(&plan_section_seccomp, "all")->sharing, PLAN_SHARING_HOST);
	CHECK_STR(about("reboot"), "allowed always: there is no filter");
}

TEST(a_system_call_of_no_known_name_is_refused)
{
	explain("");
	CHECK(plan_explain_syscall(explanation, NULL, "nosuch", &err) < 0);
	CHECK_STR(err.text, "'nosuch' is no system call that libseccomp knows");
}

TEST_MAIN()
