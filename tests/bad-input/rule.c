/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no row can say: keys that contradict each other, and what Linux has not. Each is put into a
 * document that is otherwise fine on any host, so that it is what is refused.
 */
#include "maker.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is refused already by who reads the document, and what by who plans. */
enum refused_by {
	BY_READER,
	BY_PLAN,
};

struct rule {
	enum refused_by by;
	const char *at; /* the place of the value */
	const char *raw;
	const char *below; /* what the error names, from there */
};

static const char plain[] =
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},"
	"\"process\":{\"cwd\":\"/\",\"args\":[\"true\"]},\"mounts\":[],\"hooks\":{},"
	"\"linux\":{\"resources\":{},\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"uts\"},"
	"{\"type\":\"network\"},{\"type\":\"ipc\"},{\"type\":\"pid\"}]}}";

#define LIMIT(type, soft, hard) "{\"type\":\"RLIMIT_" type "\",\"soft\":" soft ",\"hard\":" hard "}"
#define DEVICE(path, major, minor)                                                                 \
	"{\"type\":\"c\",\"path\":\"" path "\",\"major\":" major ",\"minor\":" minor "}"
#define MAP(inside, outside, size)                                                                 \
	"{\"containerID\":" inside ",\"hostID\":" outside ",\"size\":" size "}"
#define MOUNT(members)  "[{\"destination\":\"/a\"," members "}]"
#define OVER(path)      "[{\"destination\":\"" path "\",\"type\":\"tmpfs\",\"source\":\"x\"}]"
#define FILTER(members) "{\"defaultAction\":\"SCMP_ACT_ALLOW\"," members "}"
#define RULE(members)                                                                              \
	FILTER("\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"," members "}]")

static const struct rule rules[] = {
	{ BY_READER, "/ociVersion", "\"2.0.0\"", "" },
	{ BY_READER, "/ociVersion", "\"0.9.0\"", "" },
	{ BY_READER, "/ociVersion", "\"1\"", "" },
	{ BY_READER, "/ociVersion", "\"1.0.0.0\"", "" },
	{ BY_READER, "/ociVersion", "\"v1.0.0\"", "" },
	{ BY_READER, "/ociVersion", "\"1.0.99999999999999999999\"", "" },
	{ BY_READER, "/root", "{}", "/path" },
	{ BY_READER, "/process/cwd", "\"\"", "" },
	{ BY_READER, "/process/args", "[\"\"]", "/0" },
	{ BY_READER, "/process/env", "[\"A=1\",\"\"]", "/1" },
	{ BY_READER, "/process/rlimits", "[" LIMIT("CPU", "1", "1") "," LIMIT("CPU", "1", "1") "]",
	  "/1" },
	{ BY_READER, "/process/scheduler", "{\"policy\":\"SCHED_OTHER\",\"priority\":5}",
	  "/priority" },
	{ BY_READER, "/process/scheduler", "{\"policy\":\"SCHED_OTHER\",\"runtime\":5}", "" },
	{ BY_READER, "/process/execCPUAffinity", "{\"initial\":\"all\"}", "/initial" },
	{ BY_READER, "/mounts", MOUNT("\"uidMappings\":[" MAP("0", "0", "1") "]"),
	  "/0/gidMappings" },
	{ BY_READER, "/linux/namespaces", "[{\"type\":\"pid\"},{\"type\":\"pid\"}]", "/1" },
	{ BY_READER, "/linux/devices", "[{\"type\":\"c\",\"path\":\"/dev/a\"}]", "/0/major" },
	{ BY_READER, "/linux/intelRdt", "{\"closID\":\"..\"}", "/closID" },
	{ BY_READER, "/linux/intelRdt", "{\"memBwSchema\":\"L3:0=1\"}", "/memBwSchema" },
	{ BY_READER, "/linux/personality", "{\"domain\":\"LINUX\",\"flags\":[\"A\"]}", "/flags" },
	{ BY_READER, "/linux/resources/hugepageLimits", "[{\"pageSize\":\"0MB\",\"limit\":1}]",
	  "/0/pageSize" },
	{ BY_READER, "/linux/resources/rdma", "{\"a\":{}}", "/a" },
	{ BY_READER, "/linux/resources/blockIO", "{\"weightDevice\":[{\"major\":1,\"minor\":1}]}",
	  "/weightDevice/0" },
	{ BY_READER, "/linux/seccomp", FILTER("\"defaultErrnoRet\":1"), "/defaultErrnoRet" },
	{ BY_READER, "/linux/seccomp", FILTER("\"listenerMetadata\":\"a\""), "/listenerMetadata" },
	{ BY_READER, "/linux/seccomp", RULE("\"errnoRet\":1"), "/syscalls/0/errnoRet" },

	{ BY_PLAN, "/process", "{\"cwd\":\"/\"}", "/args" },
	{ BY_PLAN, "/process/user", "{\"uid\":4294967295}", "/uid" },
	{ BY_PLAN, "/process/user", "{\"gid\":4294967295}", "/gid" },
	{ BY_PLAN, "/process/user", "{\"additionalGids\":[4294967295]}", "/additionalGids/0" },
	{ BY_PLAN, "/process/rlimits", "[" LIMIT("CPU", "2", "1") "]", "/0/soft" },
	{ BY_PLAN, "/process/scheduler", "{\"policy\":\"SCHED_RR\",\"priority\":100}",
	  "/priority" },
	{ BY_PLAN, "/process/capabilities",
	  "{\"effective\":[\"CAP_KILL\"],\"permitted\":[\"CAP_CHOWN\"]}", "/effective" },
	{ BY_PLAN, "/mounts", MOUNT("\"source\":\"x\""), "/0/type" },
	{ BY_PLAN, "/mounts", MOUNT("\"type\":\"bind\""), "/0/source" },
	{ BY_PLAN, "/mounts", MOUNT("\"type\":\"tmpfs\",\"options\":[\"idmap\"]"), "/0" },
	{ BY_PLAN, "/mounts", OVER("/proc"), "/0/destination" },
	{ BY_PLAN, "/mounts", OVER("/proc/self/attr"), "/0/destination" },
	{ BY_PLAN, "/mounts", OVER("/a/../proc//sys"), "/0/destination" },
	{ BY_PLAN, "/linux/sysctl", "{\"kernel.core_pattern\":\"|/bin/sh\"}",
	  "/kernel.core_pattern" },
	{ BY_PLAN, "/linux/sysctl", "{\"vm.swappiness\":\"1\"}", "/vm.swappiness" },
	{ BY_PLAN, "/linux/sysctl", "{\"net/../vm/x\":\"1\"}", "/net~1..~1vm~1x" },
	{ BY_PLAN, "/linux/sysctl", "{\"kernel.hostname\":\"a\"}", "/kernel.hostname" },
	{ BY_PLAN, "/linux/netDevices", "{\"a/b\":{}}", "/a~1b" },
	{ BY_PLAN, "/linux/netDevices", "{\"e\":{\"name\":\"..\"}}", "/e" },
	{ BY_PLAN, "/linux/devices", "[" DEVICE("/dev/a", "4096", "0") "]", "/0/major" },
	{ BY_PLAN, "/linux/devices", "[" DEVICE("/dev/a", "1", "-1") "]", "/0/minor" },
	{ BY_PLAN, "/linux/devices",
	  "[" DEVICE("/dev/a", "1", "3") "," DEVICE("/dev//a", "1", "5") "]", "/1/path" },
	{ BY_PLAN, "/linux/memoryPolicy", "{\"mode\":\"MPOL_BIND\"}", "" },
	{ BY_PLAN, "/linux/memoryPolicy", "{\"mode\":\"MPOL_BIND\",\"nodes\":\"3-1\"}", "/nodes" },
	{ BY_PLAN, "/linux/uidMappings", "[" MAP("0", "1", "1") "]", "" },
	{ BY_PLAN, "/linux/timeOffsets", "{\"boottime\":{\"secs\":1}}", "" },
};

static json_t *parse_plain(void)
{
	json_t *root = json_loads(plain, 0, NULL);

	if (!root)
		abort();
	return root;
}

/* The place of a pointer without escapes, whose last key need not exist. */
static struct place find_place(json_t *root, const char *pointer)
{
	static char keys[256];
	char *key, *next, parent[MAKER_POINTER_MAX] = "";
	json_t *object = root;

	snprintf(keys, sizeof(keys), "%s", pointer + 1);
	for (key = keys; (next = strchr(key, '/')); key = next + 1) {
		*next = '\0';
		object = json_object_get(object, key);
		strcat(strcat(parent, "/"), key);
	}
	return place_in(object, key, parent);
}

static void make_rule(struct maker *maker, const struct rule *rule)
{
	const struct place place = find_place(maker->root, rule->at);
	char pointer[2 * MAKER_POINTER_MAX];

	snprintf(pointer, sizeof(pointer), "%s%s", rule->at, rule->below);
	maker_splice(maker, &place, rule->raw, strlen(rule->raw),
		     (struct bad_input){ .what = "against a rule",
					 .pointer = pointer,
					 .is_rule = rule->by == BY_PLAN });
}

/* ---- longer than Linux takes ---- */

/* The letters are in the place of "@". */
static void make_long(struct maker *maker, const struct rule *rule, size_t n)
{
	const char *at = strchr(rule->raw, '@');
	size_t before = (size_t)(at - rule->raw), after = strlen(at + 1);
	char *raw = malloc(before + n + after + 1);
	struct rule filled = *rule;

	if (!raw)
		abort();
	memcpy(raw, rule->raw, before);
	memset(raw + before, 'a', n);
	memcpy(raw + before + n, at + 1, after + 1);
	filled.raw = raw;
	make_rule(maker, &filled);
	free(raw);
}

static const struct rule long_names[] = {
	{ BY_PLAN, "/hostname", "\"@\"", "" },
	{ BY_PLAN, "/domainname", "\"@\"", "" },
	{ BY_PLAN, "/linux/netDevices", "{\"e\":{\"name\":\"@\"}}", "/e" },
};

static const struct rule long_paths[] = {
	{ BY_READER, "/root", "{\"path\":\"@\"}", "/path" },
	{ BY_READER, "/process/cwd", "\"/@\"", "" },
	{ BY_READER, "/mounts", OVER("/@"), "/0/destination" },
	{ BY_READER, "/hooks/poststop", "[{\"path\":\"/@\"}]", "/0/path" },
	{ BY_READER, "/linux/namespaces", "[{\"type\":\"pid\",\"path\":\"/@\"}]", "/0/path" },
	{ BY_READER, "/linux/devices", "[" DEVICE("/@", "1", "1") "]", "/0/path" },
	{ BY_READER, "/linux/maskedPaths", "[\"/a\",\"/@\"]", "/1" },
	{ BY_READER, "/linux/readonlyPaths", "[\"/a\",\"/@\"]", "/1" },
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

void make_rules(struct maker *maker)
{
	json_t *full = maker->root;

	maker->root = parse_plain();
	for (size_t i = 0; i < COUNT(rules); i++)
		make_rule(maker, &rules[i]);
	for (size_t i = 0; i < COUNT(long_names); i++) {
		make_long(maker, &long_names[i], 65);
		make_long(maker, &long_names[i], 1u << 20);
	}
	for (size_t i = 0; i < COUNT(long_paths); i++) {
		make_long(maker, &long_paths[i], PATH_MAX);
		make_long(maker, &long_paths[i], 1u << 20);
	}
	json_decref(maker->root);
	maker->root = full;
}
