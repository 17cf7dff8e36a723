/* SPDX-License-Identifier: Apache-2.0 */
/* Specs that contradict themselves: the line of config.json, the words, and what to do about it. */
#include "plan_subject.h"
#include "test.h"

#include <errno.h>

struct refusal {
	const char *members; /* of the document, beside ociVersion and root */
	const char *pointer;
	const char *text;
	const char *hint; /* a part of it; NULL: none */
};

static void check_refusals_with(const struct refusal *rows, size_t n, const char *root,
				bool no_pivot)
{
	for (size_t i = 0; i < n; i++) {
		const struct plan_request request = { .id = "c1",
						      .bundle = "/bundle",
						      .no_pivot = no_pivot };
		AUTO(spec) struct spec *spec = NULL;
		AUTO(plan) struct plan *plan = NULL;
		struct err err = { 0 };
		char *json;

		if (asprintf(&json, "{\"ociVersion\":\"1.3.0\",\"root\":{%s}%s%s}", root,
			     rows[i].members[0] ? "," : "", rows[i].members) < 0)
			abort();
		if (spec_parse(json, strlen(json), NULL, &spec, &err) < 0) {
			test_fail(__FILE__, __LINE__, "row %zu does not load: %s", i, err.text);
		} else {
			CHECK_INT(plan_build(spec, &subject_host_none, &request, &plan, &err),
				  -EINVAL);
			CHECK(!plan);
			CHECK_STR(err.pointer, rows[i].pointer);
			CHECK_STR(err.text, rows[i].text);
			if (rows[i].hint)
				CHECK_CONTAINS(err.hint, rows[i].hint);
			else
				CHECK_STR(err.hint, "");
		}
		free(json);
	}
}

#define CHECK_REFUSALS(rows)                                                                       \
	check_refusals_with((rows), sizeof(rows) / sizeof((rows)[0]), "\"path\":\"r\"", false)

#define NS(list) "\"namespaces\":[" list "]"
#define MOUNT    "{\"type\":\"mount\"}"
#define USER     "{\"type\":\"user\"}"
#define MAP(inside, outside, size)                                                                 \
	"{\"containerID\":" inside ",\"hostID\":" outside ",\"size\":" size "}"
#define MAPS(list)    "\"uidMappings\":[" list "],\"gidMappings\":[" MAP("0", "1000", "10") "]"
#define LINUX(body)   "\"linux\":{" body "}"
#define MOUNTS(list)  LINUX(NS(MOUNT)) ",\"mounts\":[" list "]"
#define PROCESS(body) "\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]," body "}"

TEST(annotations_that_change_what_is_done)
{
	static const struct refusal rows[] = {
		{ "\"annotations\":{\"run.oci.mount_context_type\":\"x\"}",
		  "/annotations/run.oci.mount_context_type",
		  "'x' is none of context, fscontext, defcontext, rootcontext", NULL },
	};

	CHECK_REFUSALS(rows);
}

TEST(user_namespace_and_id_maps)
{
	static const struct refusal rows[] = {
		{ LINUX(NS(USER)), "/linux/uidMappings",
		  "a new user namespace needs mappings of user and group ids", "\"containerID\"" },
		{ LINUX(NS(USER) ",\"uidMappings\":[" MAP("0", "1", "1") "]"), "/linux/gidMappings",
		  "a new user namespace needs mappings of user and group ids", "gidMappings" },
		{ LINUX(MAPS(MAP("0", "1", "1"))), "/linux/uidMappings",
		  "an id mapping needs a user namespace",
		  "add {\"type\": \"user\"} to /linux/namespaces" },
		{ LINUX("\"gidMappings\":[" MAP("0", "1", "1") "]"), "/linux/gidMappings",
		  "an id mapping needs a user namespace", "\"user\"" },
		{ LINUX(NS(USER) "," MAPS(MAP("0", "1", "0"))), "/linux/uidMappings/0",
		  "an id mapping of size 0 maps nothing", NULL },
		{ LINUX(NS(USER) "," MAPS(MAP("1", "0", "4294967295"))), "/linux/uidMappings/0",
		  "an id mapping ends above the largest id, 4294967294", NULL },
		{ LINUX(NS(USER) "," MAPS(MAP("0", "10", "5") "," MAP("4", "20", "5"))),
		  "/linux/uidMappings/1", "an id mapping overlaps that of /linux/uidMappings/0",
		  NULL },
		{ LINUX(NS(USER) "," MAPS(MAP("0", "10", "5") "," MAP("5", "14", "5"))),
		  "/linux/uidMappings/1", "an id mapping overlaps that of /linux/uidMappings/0",
		  NULL },
		{ LINUX(NS(USER) "," MAPS(MAP("0", "10", "5"))) "," PROCESS("\"user\":{\"uid\":5}"),
		  "/process/user/uid", "uid 5 is not mapped in the user namespace",
		  "/linux/uidMappings" },
		{ LINUX(NS(USER) "," MAPS(MAP("0", "10", "5"))) "," PROCESS(
			  "\"user\":{\"gid\":10}"),
		  "/process/user/gid", "gid 10 is not mapped in the user namespace",
		  "/linux/gidMappings" },
		{ LINUX(NS(USER) "," MAPS(MAP("0", "10", "5"))) "," PROCESS(
			  "\"user\":{\"additionalGids\":[1,11]}"),
		  "/process/user/additionalGids/1", "gid 11 is not mapped in the user namespace",
		  "/linux/gidMappings" },
	};

	CHECK_REFUSALS(rows);
}

TEST(a_process_without_a_program)
{
	static const struct refusal rows[] = {
		{ "\"process\":{\"cwd\":\"/\"}", "/process/args",
		  "args must not be empty: the first is the program to run", NULL },
		{ "\"process\":{\"cwd\":\"/\",\"args\":null}", "/process/args",
		  "args must not be empty: the first is the program to run", NULL },
	};

	CHECK_REFUSALS(rows);
}

TEST(more_than_340_id_maps)
{
	char *list, *members;
	size_t size;
	FILE *out = open_memstream(&list, &size);
	struct refusal row = { .pointer = "/linux/uidMappings",
			       .text = "341 id mappings, but Linux takes 340 at most" };

	for (int i = 0; i < 341; i++)
		fprintf(out, "%s{\"containerID\":%d,\"hostID\":%d,\"size\":1}", i ? "," : "", i, i);
	fclose(out);
	if (asprintf(&members, "\"linux\":{" NS(USER) ",\"uidMappings\":[%s]}", list) < 0)
		abort();
	row.members = members;
	check_refusals_with(&row, 1, "\"path\":\"r\"", false);
	free(members);
	free(list);
}

TEST(time_offsets)
{
	static const struct refusal rows[] = {
		{ LINUX("\"timeOffsets\":{\"boottime\":{\"secs\":1}}"), "/linux/timeOffsets",
		  "a time offset needs a time namespace",
		  "add {\"type\": \"time\"} to /linux/namespaces" },
		{ LINUX(NS("{\"type\":\"time\",\"path\":\"/proc/1/ns/time\"}") ",\"timeOffsets\":{"
									       "\"monotonic\":{"
									       "\"secs\":1}}"),
		  "/linux/timeOffsets",
		  "time offsets need a new time namespace, not one that is joined", NULL },
		{ LINUX(NS("{\"type\":\"time\"}") ",\"timeOffsets\":{\"monotonic\":{\"nanosecs\":"
						  "1000000000}}"),
		  "/linux/timeOffsets/monotonic/nanosecs",
		  "1000000000 nanoseconds are a second or more", NULL },
	};

	CHECK_REFUSALS(rows);
}

TEST(host_and_domain_name)
{
	static const struct refusal rows[] = {
		{ "\"hostname\":\"h\"", "/hostname", "hostname needs a uts namespace",
		  "add {\"type\": \"uts\"} to /linux/namespaces" },
		{ "\"domainname\":\"d\"", "/domainname", "domainname needs a uts namespace",
		  "\"uts\"" },
		{ LINUX(NS("{\"type\":\"uts\"}")) ",\"hostname\":\"0123456789012345678901234567890"
						  "1234567890123456789012345678901234\"",
		  "/hostname", "hostname is 65 bytes long, but Linux takes 64 at most", NULL },
	};

	CHECK_REFUSALS(rows);
}

#define SYSCTL(key)         LINUX("\"sysctl\":{\"" key "\":\"1\"}")
#define UTS(key)            LINUX(NS("{\"type\":\"uts\"}") ",\"sysctl\":{\"" key "\":\"1\"}")
#define NOT_NAMESPACED(key) "sysctl \"" key "\" is not namespaced, it would change the host"
#define NO_NAME(key)        "\"" key "\" is not the name of a sysctl"

TEST(sysctls)
{
	static const struct refusal rows[] = {
		{ SYSCTL("net.ipv4.ip_forward"), "/linux/sysctl/net.ipv4.ip_forward",
		  "\"net.ipv4.ip_forward\": sysctl needs a network namespace", "\"network\"" },
		{ SYSCTL("net/core/x"), "/linux/sysctl/net~1core~1x",
		  "\"net/core/x\": sysctl needs a network namespace", "\"network\"" },
		{ SYSCTL("kernel.shmmax"), "/linux/sysctl/kernel.shmmax",
		  "\"kernel.shmmax\": sysctl needs an ipc namespace", "\"ipc\"" },
		{ SYSCTL("fs.mqueue.msg_max"), "/linux/sysctl/fs.mqueue.msg_max",
		  "\"fs.mqueue.msg_max\": sysctl needs an ipc namespace", "\"ipc\"" },
		{ SYSCTL("kernel.domainname"), "/linux/sysctl/kernel.domainname",
		  "\"kernel.domainname\": sysctl needs a uts namespace", "\"uts\"" },
		{ SYSCTL("user.max_user_namespaces"), "/linux/sysctl/user.max_user_namespaces",
		  "\"user.max_user_namespaces\": sysctl needs a user namespace", "\"user\"" },
		{ UTS("kernel.hostname"), "/linux/sysctl/kernel.hostname",
		  "sysctl \"kernel.hostname\" is what hostname is for", "set /hostname instead" },
		{ UTS("kernel.domainname") ",\"domainname\":\"2\"",
		  "/linux/sysctl/kernel.domainname",
		  "sysctl \"kernel.domainname\" differs from domainname \"2\"", NULL },
		{ SYSCTL("kernel.core_pattern"), "/linux/sysctl/kernel.core_pattern",
		  NOT_NAMESPACED("kernel.core_pattern"), NULL },
		{ SYSCTL("vm.swappiness"), "/linux/sysctl/vm.swappiness",
		  NOT_NAMESPACED("vm.swappiness"), NULL },
		{ SYSCTL("network.x"), "/linux/sysctl/network.x", NOT_NAMESPACED("network.x"),
		  NULL },
		{ SYSCTL("net"), "/linux/sysctl/net", NOT_NAMESPACED("net"), NULL },
		{ SYSCTL("kernel.shmmax2"), "/linux/sysctl/kernel.shmmax2",
		  NOT_NAMESPACED("kernel.shmmax2"), NULL },
		{ SYSCTL("net/../kernel/x"), "/linux/sysctl/net~1..~1kernel~1x",
		  NO_NAME("net/../kernel/x"), NULL },
		{ SYSCTL("net.//.kernel"), "/linux/sysctl/net.~1~1.kernel",
		  NO_NAME("net.//.kernel"), NULL },
		{ SYSCTL("net./.x"), "/linux/sysctl/net.~1.x", NO_NAME("net./.x"), NULL },
		{ SYSCTL("net..x"), "/linux/sysctl/net..x", NO_NAME("net..x"), NULL },
		{ SYSCTL(".net.x"), "/linux/sysctl/.net.x", NO_NAME(".net.x"), NULL },
		{ SYSCTL("/net/x"), "/linux/sysctl/~1net~1x", NO_NAME("/net/x"), NULL },
		{ SYSCTL("net/x/"), "/linux/sysctl/net~1x~1", NO_NAME("net/x/"), NULL },
	};

	CHECK_REFUSALS(rows);
}

TEST(network_devices)
{
	static const struct refusal rows[] = {
		{ LINUX("\"netDevices\":{\"eth0\":{}}"), "/linux/netDevices",
		  "unable to move network devices without a NET namespace", "\"network\"" },
		{ LINUX(NS("{\"type\":\"network\"}") ",\"netDevices\":{\"a/b\":{}}"),
		  "/linux/netDevices/a~1b", "\"a/b\" cannot be the name of a network device",
		  NULL },
		{ LINUX(NS("{\"type\":\"network\"}") ",\"netDevices\":{\"eth0\":{\"name\":"
						     "\"0123456789abcdef\"}}"),
		  "/linux/netDevices/eth0",
		  "\"0123456789abcdef\" cannot be the name of a network device", NULL },
#define DEVICES(list) LINUX(NS("{\"type\":\"network\"}") ",\"netDevices\":{" list "}")
#define NAMED(name)   DEVICES("\"e\":{\"name\":\"" name "\"}"), "/linux/netDevices/e"
		{ NAMED("e%dx"), "\"e%dx\" cannot be the name of a network device", NULL },
		{ NAMED("e%d%d"), "\"e%d%d\" cannot be the name of a network device", NULL },
		{ NAMED("e%s"), "\"e%s\" cannot be the name of a network device", NULL },
		{ NAMED("%d"), "\"%d\" cannot be the name of a network device", NULL },
		{ NAMED(".."), "\"..\" cannot be the name of a network device", NULL },
		{ NAMED("0123456789abcd%d"),
		  "\"0123456789abcd%d\" cannot be the name of a network device", NULL },
		{ DEVICES("\"e%d\":{}"), "/linux/netDevices/e%d",
		  "\"e%d\" cannot be the name of a network device", NULL },
		{ DEVICES("\"b\":{\"name\":\"x\"},\"a\":{},\"x\":{}"), "/linux/netDevices/x",
		  "two network devices cannot both become \"x\"", NULL },
#undef NAMED
#undef DEVICES
	};

	CHECK_REFUSALS(rows);
}

/* Its root has no right in a mount namespace that was there before it. */
TEST(what_needs_a_mount_namespace_in_a_user_namespace)
{
#define IDS                                                                                        \
	"\"uidMappings\":[" MAP("0", "1000", "10") "],\"gidMappings\":[" MAP("0", "1000", "10") "]"
#define IN_USER(more) LINUX(NS(USER) "," IDS more)
#define AT(type)      "{\"type\":\"" type "\",\"path\":\"/n\"}"
	static const struct refusal rows[] = {
		{ IN_USER("") ",\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\"}]",
		  "/mounts", "a mount in a user namespace needs a mount namespace",
		  "add {\"type\": \"mount\"} to /linux/namespaces" },
		{ IN_USER(",\"maskedPaths\":[\"/a\"]"), "/linux/maskedPaths",
		  "a masked path in a user namespace needs a mount namespace", "\"mount\"" },
		{ IN_USER(",\"readonlyPaths\":[\"/a\"]"), "/linux/readonlyPaths",
		  "a read-only path in a user namespace needs a mount namespace", "\"mount\"" },
		{ IN_USER(",\"rootfsPropagation\":\"slave\""), "/linux/rootfsPropagation",
		  "a mount propagation in a user namespace needs a mount namespace", "\"mount\"" },
		{ IN_USER(",\"devices\":[{\"path\":\"/dev/a\",\"type\":\"p\"}]"), "/linux/devices",
		  "a device node in a user namespace needs a mount namespace", "\"mount\"" },
		{ LINUX(NS(AT("user")) ",\"maskedPaths\":[\"/a\"]"), "/linux/maskedPaths",
		  "a masked path in a user namespace needs a mount namespace", "\"mount\"" },
		{ LINUX(NS(USER "," AT("mount")) "," IDS ",\"maskedPaths\":[\"/a\"]"),
		  "/linux/maskedPaths",
		  "a masked path in a user namespace needs a new mount namespace, or one that is "
		  "joined together with the user namespace that it belongs to",
		  NULL },
	};
	static const struct refusal readonly[] = {
		{ IN_USER(""), "/root/readonly",
		  "a read-only root in a user namespace needs a mount namespace", "\"mount\"" },
	};

	CHECK_REFUSALS(rows);
	check_refusals_with(readonly, 1, "\"path\":\"r\",\"readonly\":true", false);
#undef AT
#undef IN_USER
#undef IDS
}

TEST(a_root_that_everybody_has)
{
	static const struct refusal rows[] = {
		{ LINUX("\"maskedPaths\":[\"/a\"]"), "/linux/maskedPaths",
		  "a masked path needs a mount namespace of the container's own: its root is "
		  "\"/\", which everybody has in this one",
		  "set /root/path" },
	};

	check_refusals_with(rows, 1, "\"path\":\"/./\"", false);
}

TEST(a_propagation_that_is_not_safe_without_pivot_root)
{
	static const struct refusal rows[] = {
		{ LINUX(NS(MOUNT) ",\"rootfsPropagation\":\"rprivate\""),
		  "/linux/rootfsPropagation",
		  "rootfsPropagation of [r]private is not safe without pivot_root", NULL },
	};

	check_refusals_with(rows, 1, "\"path\":\"r\"", true);
}

TEST(mounts_without_what_they_need)
{
	static const struct refusal rows[] = {
		{ MOUNTS("{\"destination\":\"/a\"}"), "/mounts/0/type",
		  "the mount at \"/a\" has no type and is no bind mount", NULL },
		{ MOUNTS("{\"destination\":\"/t\",\"type\":\"tmpfs\"},"
			 "{\"destination\":\"/a\",\"options\":[\"rbind\"]}"),
		  "/mounts/1/source", "the bind mount at \"/a\" has no source", NULL },
		{ MOUNTS("{\"destination\":\"/a\",\"type\":\"bind\"}"), "/mounts/0/source",
		  "the bind mount at \"/a\" has no source", NULL },
		{ MOUNTS("{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"bind\","
			 "\"ridmap\"]}"),
		  "/mounts/0/options",
		  "\"/a\" is to be id-mapped, but neither it nor the container has mappings",
		  "uidMappings" },
		{ MOUNTS("{\"destination\":\"/a\",\"type\":\"tmpfs\",\"options\":[\"idmap\"]}"),
		  "/mounts/0", "\"/a\": id-mapped mounts are only supported for bind-mounts",
		  NULL },
		{ MOUNTS("{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"bind\"]," MAPS(
			  MAP("0", "1", "0")) "}"),
		  "/mounts/0/uidMappings/0", "an id mapping of size 0 maps nothing", NULL },
	};

	CHECK_REFUSALS(rows);
}

#define OVER(path)   MOUNTS("{\"destination\":\"" path "\",\"type\":\"tmpfs\"}")
#define INSIDE(path) "\"" path "\" cannot be mounted because it is inside /proc"

TEST(mounts_over_proc)
{
	static const struct refusal rows[] = {
		{ OVER("/proc"), "/mounts/0/destination",
		  "\"/proc\" cannot be mounted because it is not of type proc", NULL },
		{ MOUNTS("{\"destination\":\"/proc\",\"type\":\"cgroup\"}"),
		  "/mounts/0/destination",
		  "\"/proc\" cannot be mounted because it is not of type proc", NULL },
		{ OVER("proc/"), "/mounts/0/destination",
		  "\"/proc\" cannot be mounted because it is not of type proc", NULL },
		{ OVER("/proc/self"), "/mounts/0/destination", INSIDE("/proc/self"), NULL },
		{ OVER("/proc/self/attr"), "/mounts/0/destination", INSIDE("/proc/self/attr"),
		  NULL },
		{ OVER("//proc//sys"), "/mounts/0/destination", INSIDE("/proc/sys"), NULL },
		{ OVER("/./proc/./sys/"), "/mounts/0/destination", INSIDE("/proc/sys"), NULL },
		{ OVER("/tmp/../proc/sys"), "/mounts/0/destination", INSIDE("/proc/sys"), NULL },
		{ OVER("/../../proc/sys"), "/mounts/0/destination", INSIDE("/proc/sys"), NULL },
		{ OVER("proc/sys"), "/mounts/0/destination", INSIDE("/proc/sys"), NULL },
		{ OVER("/proc/cpuinfo/x"), "/mounts/0/destination", INSIDE("/proc/cpuinfo/x"),
		  NULL },
		{ MOUNTS("{\"destination\":\"/proc/sys\",\"source\":\"/x\","
			 "\"options\":[\"bind\"]}"),
		  "/mounts/0/destination", INSIDE("/proc/sys"), NULL },
	};

	CHECK_REFUSALS(rows);
}

TEST(files_of_lxcfs_and_names_like_proc_are_allowed)
{
	static const char *const paths[] = {
		"/proc/cpuinfo",
		"/proc/diskstats",
		"/proc/meminfo",
		"/proc/stat",
		"/proc/swaps",
		"/proc/uptime",
		"/proc/loadavg",
		"/proc/slabinfo",
		"/proc/sys/kernel/ns_last_pid",
		"/proc/sys/crypto/fips_enabled",
		"/process",
		"/procs/x",
		"/a/proc/b",
		"/proc/../a",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *json, *text;

		if (asprintf(&json,
			     "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"}," LINUX(
				     NS(MOUNT)) ",\"mounts\":[{\"destination\":\"%s\",\"source\":"
						"\"/x\","
						"\"options\":[\"bind\"]}]}",
			     paths[i]) < 0)
			abort();
		text = subject_plan_text(json, &subject_host_none);
		CHECK_CONTAINS(text, " bind from \"/x\"  [/mounts/0]");
		free(json);
		free(text);
	}
}

#define DEVICES(list) LINUX(NS(MOUNT) ",\"devices\":[" list "]")
#define DEVICE(path, major, minor)                                                                 \
	"{\"type\":\"c\",\"path\":\"" path "\",\"major\":" major ",\"minor\":" minor "}"

TEST(devices)
{
	static const struct refusal rows[] = {
		{ DEVICES(DEVICE("/dev/a", "1", "2") "," DEVICE("/dev/b", "1", "2") "," DEVICE(
			  "/dev//a", "1", "3")),
		  "/linux/devices/2/path",
		  "device \"/dev/a\" is the same as that of /linux/devices/0", NULL },
		{ DEVICES(DEVICE("/dev/a", "4096", "0")), "/linux/devices/0/major",
		  "major 4096 of device \"/dev/a\" is not from 0 to 4095", NULL },
		{ DEVICES(DEVICE("/dev/a", "1", "-1")), "/linux/devices/0/minor",
		  "minor -1 of device \"/dev/a\" is not from 0 to 1048575", NULL },
	};

	CHECK_REFUSALS(rows);
}

TEST(process_properties)
{
	static const struct refusal rows[] = {
		{ PROCESS("\"user\":{\"uid\":4294967295}"), "/process/user/uid",
		  "uid 4294967295 stands for no uid", NULL },
		{ PROCESS("\"user\":{\"gid\":4294967295}"), "/process/user/gid",
		  "gid 4294967295 stands for no gid", NULL },
		{ PROCESS("\"user\":{\"additionalGids\":[1,4294967295]}"),
		  "/process/user/additionalGids/1", "gid 4294967295 stands for no gid", NULL },
		{ PROCESS("\"terminal\":true,\"consoleSize\":{\"height\":65536,\"width\":1}"),
		  "/process/consoleSize/height", "a terminal of 65536 lines is larger than 65535",
		  NULL },
		{ PROCESS("\"terminal\":true,\"consoleSize\":{\"height\":1,\"width\":65536}"),
		  "/process/consoleSize/width", "a terminal of 65536 columns is larger than 65535",
		  NULL },
		{ PROCESS("\"capabilities\":{\"effective\":[\"CAP_CHOWN\",\"CAP_KILL\"],"
			  "\"permitted\":[\"CAP_CHOWN\"]}"),
		  "/process/capabilities/effective", "CAP_KILL is effective, but not permitted",
		  NULL },
		{ PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":2,\"hard\":1}]"),
		  "/process/rlimits/0/soft",
		  "RLIMIT_CPU: the soft limit 2 is above the hard limit 1", NULL },
		{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_RR\",\"priority\":100}"),
		  "/process/scheduler/priority", "priority 100 of SCHED_RR is not from 1 to 99",
		  NULL },
		{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_FIFO\"}"),
		  "/process/scheduler/priority", "priority 0 of SCHED_FIFO is not from 1 to 99",
		  NULL },
	};

	CHECK_REFUSALS(rows);
}

#define POLICY(body) PROCESS("\"env\":[]") "," LINUX("\"memoryPolicy\":{" body "}")
#define MODE(mode)   "\"mode\":\"MPOL_" mode "\""
#define BAD_NODES(text)                                                                            \
	POLICY(MODE("BIND") ",\"nodes\":\"" text "\""), "/linux/memoryPolicy/nodes",               \
		"invalid memory policy nodes \"" text "\", expected a list like \"0-3,7\"", NULL

TEST(memory_policies)
{
	static const struct refusal rows[] = {
		{ POLICY(MODE("DEFAULT") ",\"nodes\":\"0-7\""), "/linux/memoryPolicy/nodes",
		  "memory policy mode requires 0 nodes but got 8", NULL },
		{ POLICY(MODE("LOCAL") ",\"nodes\":\"3\""), "/linux/memoryPolicy/nodes",
		  "memory policy mode requires 0 nodes but got 1", NULL },
		{ POLICY(MODE("BIND")), "/linux/memoryPolicy",
		  "memory policy mode requires at least one node but got 0", NULL },
		{ POLICY(MODE("WEIGHTED_INTERLEAVE") ",\"nodes\":\"\""), "/linux/memoryPolicy",
		  "memory policy mode requires at least one node but got 0", NULL },
		{ BAD_NODES("0-9876543210") },
		{ BAD_NODES("1024") },
		{ BAD_NODES("99999999999999999999999") },
		{ BAD_NODES("3-1") },
		{ BAD_NODES("1,") },
		{ BAD_NODES(",1") },
		{ BAD_NODES("1-") },
		{ BAD_NODES("-1") },
		{ BAD_NODES("1 2") },
		{ BAD_NODES("x") },
		{ POLICY(MODE("BIND") ",\"nodes\":\"1\",\"flags\":[\"MPOL_F_STATIC_NODES\","
				      "\"MPOL_F_RELATIVE_NODES\"]"),
		  "/linux/memoryPolicy/flags",
		  "invalid memory policy flags: MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES "
		  "exclude each other",
		  NULL },
	};

	CHECK_REFUSALS(rows);
}

TEST_MAIN()
