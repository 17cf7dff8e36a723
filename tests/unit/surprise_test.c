/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings about what is legal, and errors of all parts of a plan at once. */
#include "plan_check.h"
#include "plan_subject.h"
#include "test.h"

/* "level pointer: text\n" for each problem. */
static void add_problem(void *context, const struct problem *problem)
{
	fprintf(context, "%s %s: %s\n", problem->is_warning ? "warning" : "error", problem->pointer,
		problem->text);
}

/* What is said of the document that has @more in it; malloc()ed. */
static char *problems(const char *more)
{
	AUTO(spec) struct spec *spec = NULL;
	AUTO(plan) struct plan *plan = NULL;
	const struct plan_request request = { .id = "c1", .bundle = "/bundle" };
	struct problem_sink sink = { .report = add_problem };
	struct err err = { 0 };
	char *json, *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	sink.context = out;
	if (asprintf(&json, "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"}%s}", more) < 0)
		abort();
	CHECK_INT(spec_parse(json, strlen(json), NULL, &spec, &err), 0);
	CHECK_STR(err.text, "");
	CHECK_INT(plan_build_parts(spec, &subject_host_v2, &request, &sink, &plan, &err), 0);
	if (plan)
		plan_find_surprises(spec, &subject_host_v2, plan, &sink);
	fclose(out);
	free(json);
	return text;
}

#define ALL_NS                                                                                     \
	"\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":\"ipc\"},"            \
	"{\"type\":\"uts\"},{\"type\":\"mount\"}]"
#define FILTER                                                                                     \
	"\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":"                          \
	"[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]}"
#define DEV     "{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}"
#define PROC    "{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"}"
#define PROCESS "\"process\":{\"cwd\":\"/\",\"args\":[\"/a\"],\"user\":{\"uid\":0,\"gid\":0}"

static void check_said(const char *more, const char *expected)
{
	char *text = problems(more);

	CHECK_STR(text, expected);
	free(text);
}

/* A document of which nothing is said without @more of linux and @process. */
static void check_of(const char *mounts, const char *linux_members, const char *process,
		     const char *expected)
{
	char *json;

	if (asprintf(&json,
		     ",\"mounts\":[" DEV "%s],\"linux\":{" ALL_NS "," FILTER "%s}," PROCESS "%s}",
		     mounts, linux_members, process) < 0)
		abort();
	check_said(json, expected);
	free(json);
}

TEST(a_container_that_shares_nothing_gets_no_warning)
{
	check_of("", "", "", "");
}

TEST(each_namespace_that_is_missing_is_told)
{
	check_said(
		",\"mounts\":[" DEV "],\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]," FILTER
		"}",
		"warning /linux/namespaces: there is no pid namespace: the container can signal "
		"the host's processes\n"
		"warning /linux/namespaces: there is no network namespace: the container has "
		"the host's addresses, ports and abstract sockets\n"
		"warning /linux/namespaces: there is no ipc namespace: shared memory and message "
		"queues are the host's\n");
}

TEST(a_mount_namespace_of_others_is_told)
{
#define OTHERS(more)                                                                               \
	",\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":"         \
	"\"ipc\"}" more "]," FILTER "}"
	check_said(OTHERS(""), "warning /linux/namespaces: there is no mount namespace: chroot is "
			       "all that confines the container\n");
	check_said(",\"mounts\":[" DEV "]" OTHERS(""),
		   "warning /linux/namespaces: there is no mount namespace: the host sees the "
		   "container's mounts until it is deleted, and chroot is all that confines the "
		   "container\n");
	check_said(",\"mounts\":[" DEV "]" OTHERS(",{\"type\":\"mount\",\"path\":\"/n\"}"),
		   "warning /linux/namespaces: the mount namespace is others' too: they see the "
		   "container's mounts until it is deleted, and chroot is all that confines it\n");
#undef OTHERS
}

TEST(a_proc_of_which_nothing_is_hidden_is_told)
{
	check_of("," PROC, "", "",
		 "warning /linux/maskedPaths: nothing of /proc is hidden or read-only: "
		 "/proc/sysrq-trigger, /proc/kcore and /proc/sys are the host's\n");
	check_of("," PROC, ",\"maskedPaths\":[\"/proc/kcore\"]", "", "");
}

TEST(cgroups_that_are_writable_without_a_namespace_are_told)
{
	static const char rw[] = ",{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\","
				 "\"source\":\"cgroup\"}";
	static const char ro[] = ",{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\","
				 "\"source\":\"cgroup\",\"options\":[\"ro\"]}";

	check_of(rw, "", "",
		 "warning /mounts: cgroups are writable and there is no cgroup namespace: the "
		 "container can change limits of others\n");
	check_of(ro, "", "", "");
}

TEST(strong_capabilities_are_told_but_in_a_user_namespace)
{
	static const char caps[] = ",\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\","
				   "\"CAP_CHOWN\"]}";

	check_of("", "", caps,
		 "warning /process/capabilities: CAP_SYS_ADMIN allows mounts, namespaces, and "
		 "most that root can do\n");
	check_said(",\"mounts\":[" DEV "],\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
		   "{\"type\":\"network\"},{\"type\":\"ipc\"},{\"type\":\"mount\"},"
		   "{\"type\":\"user\"}],\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,"
		   "\"size\":9}],\"gidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":9}]"
		   "," FILTER "}," PROCESS ",\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\"]}}",
		   "");
}

TEST(a_mount_that_covers_an_earlier_one_is_told)
{
	check_of(",{\"destination\":\"/a/b\",\"type\":\"tmpfs\",\"source\":\"t\"},"
		 "{\"destination\":\"/a\",\"type\":\"tmpfs\",\"source\":\"t\"},"
		 "{\"destination\":\"/ab\",\"type\":\"tmpfs\",\"source\":\"t\"}",
		 "", "", "warning /mounts/2: the mount on '/a' covers that on '/a/b', /mounts/1\n");
}

TEST(sources_that_give_the_host_away_are_told)
{
	check_of(",{\"destination\":\"/host\",\"source\":\"/\",\"options\":[\"bind\",\"ro\"]},"
		 "{\"destination\":\"/s\",\"source\":\"/run/docker.sock\","
		 "\"options\":[\"bind\",\"rshared\"]},"
		 "{\"destination\":\"/d\",\"source\":\"/srv\",\"options\":[\"bind\"]}",
		 "", "",
		 "warning /mounts/1: the container gets all of the host's files, read-only: '/' is "
		 "mounted\n"
		 "warning /mounts/2: the container gets docker, and by it the host: "
		 "'/run/docker.sock' is mounted\n"
		 "warning /mounts/2: what the container mounts below '/s' appears on the host\n");
}

TEST(values_that_are_hardly_meant_are_told)
{
	check_of("",
		 ",\"resources\":{\"memory\":{\"limit\":512},\"pids\":{\"limit\":1},"
		 "\"devices\":[{\"allow\":true,\"access\":\"rwm\"}]}",
		 ",\"oomScoreAdj\":-5,\"env\":[\"A=1\",\"AB=2\",\"A=3\"]",
		 "warning /linux/resources/memory/limit: the limit is below 6 MiB, with which "
		 "hardly any program starts\n"
		 "warning /linux/resources/pids/limit: with a limit of 1 the program can start "
		 "neither a process nor a thread\n"
		 "warning /process/oomScoreAdj: when memory runs out the kernel ends processes of "
		 "the host before this one\n"
		 "warning /linux/resources/devices/0: all devices of the host can be written to\n"
		 "warning /process/env/0: A is set again later, which counts\n");
}

TEST(a_map_to_the_hosts_root_is_told)
{
	check_said(
		",\"mounts\":[" DEV "],\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
		"{\"type\":\"network\"},{\"type\":\"ipc\"},{\"type\":\"mount\"},"
		"{\"type\":\"user\"}],\"uidMappings\":[{\"containerID\":0,\"hostID\":0,"
		"\"size\":1}],\"gidMappings\":[{\"containerID\":0,\"hostID\":5,\"size\":1}]," FILTER
		"}",
		"warning /linux/uidMappings/0: user 0 of the container is the host's root\n");
}

TEST(parts_that_cannot_be_built_are_all_reported)
{
	char *text =
		problems(",\"hostname\":\"h\",\"linux\":{\"namespaces\":[{\"type\":\"mount\"}],"
			 "\"sysctl\":{\"kernel.nosuch\":\"1\"},\"resources\":{\"memory\":"
			 "{\"limit\":100,\"swap\":50}}}");

	CHECK_CONTAINS(text, "error /hostname: ");
	CHECK_CONTAINS(text, "error /linux/sysctl/kernel.nosuch: ");
	CHECK_CONTAINS(text, "error /linux/resources/memory/swap: ");
	CHECK_CONTAINS(text, "warning /linux/seccomp: ");
	free(text);
}

TEST(without_namespaces_nothing_else_is_judged)
{
	char *text =
		problems(",\"hostname\":\"h\",\"linux\":{\"namespaces\":[{\"type\":\"user\"}]}");

	CHECK_CONTAINS(text, "error /linux");
	CHECK(!strstr(text, "warning"));
	free(text);
}

TEST_MAIN()
