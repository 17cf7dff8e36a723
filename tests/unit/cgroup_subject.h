/* SPDX-License-Identifier: Apache-2.0 */
/* A spec, hosts that this machine need not be, and the cgroup that is planned of both. */
#ifndef OCIRUN_TESTS_UNIT_CGROUP_SUBJECT_H
#define OCIRUN_TESTS_UNIT_CGROUP_SUBJECT_H

#include "host.h"
#include "plan_build.h"
#include "plan_cgroup.h"
#include "spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- hosts ---- */

static const struct host_hierarchy v1_list[] = {
	{ false, "/sys/fs/cgroup/memory", "memory", "/own" },
	{ false, "/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct", "/" },
	{ false, "/sys/fs/cgroup/cpuset", "cpuset", "/" },
	{ false, "/sys/fs/cgroup/devices", "devices", "/own" },
	{ false, "/sys/fs/cgroup/blkio", "blkio", "/" },
	{ false, "/sys/fs/cgroup/pids", "pids", "/" },
	{ false, "/sys/fs/cgroup/hugetlb", "hugetlb", "/" },
	{ false, "/sys/fs/cgroup/rdma", "rdma", "/" },
	{ false, "/sys/fs/cgroup/net_cls,net_prio", "net_cls,net_prio", "/" },
	{ false, "/sys/fs/cgroup/freezer", "freezer", "/" },
	{ false, "/sys/fs/cgroup/systemd", "name=systemd", "/user.slice" },
};
static const struct host_hierarchy hybrid_list[] = {
	{ false, "/sys/fs/cgroup/memory", "memory", "/" },
	{ false, "/sys/fs/cgroup/cpu", "cpu", "/" },
	{ false, "/sys/fs/cgroup/devices", "devices", "/" },
	{ true, "/sys/fs/cgroup/unified", "hugetlb", "/own" },
};
static const struct host_hierarchy v2_list[] = {
	{ true, "/sys/fs/cgroup", "cpuset cpu io memory hugetlb pids rdma misc",
	  "/user.slice/session.scope" },
};
static const struct host_hierarchy v2_bare_list[] = {
	{ true, "/sys/fs/cgroup", "cpu pids", "/" },
};
#define HOST(list)                                                                                 \
	{                                                                                          \
		.n_hierarchies = sizeof(list) / sizeof((list)[0]), .hierarchies = (list)           \
	}
static const struct host v1 __attribute__((unused)) = HOST(v1_list);
static const struct host hybrid __attribute__((unused)) = HOST(hybrid_list);
static const struct host v2 __attribute__((unused)) = HOST(v2_list);
static const struct host v2_bare __attribute__((unused)) = HOST(v2_bare_list);
static const struct host none __attribute__((unused)) = { .n_hierarchies = 0 };

/* ---- what a test works with; each has a process of its own ---- */

static struct arena *arena;
static struct spec spec;
static struct err err;
static struct plan_cgroup *plan;
static char text[65536]; /* the plan's */
static char warned[512]; /* the last warning while it was built */

#define RES     spec.linux_.resources
#define INT(x)  ((struct spec_opt_int){ true, (x) })
#define UINT(x) ((struct spec_opt_uint){ true, (x) })
#define BOOL(x) ((struct spec_opt_bool){ true, (x) })

static inline void append(void *context, const char *line)
{
	size_t len = strlen(text);

	(void)context;
	snprintf(text + len, sizeof(text) - len, "%s\n", line);
}

static inline void keep_warning(void *context, enum log_level level, const char *line)
{
	(void)context;
	if (level == LOG_LEVEL_WARNING)
		snprintf(warned, sizeof(warned), "%s", line);
}

static inline int build_with(enum cgroup_manager manager, const char *id, const struct host *host)
{
	const struct log log = { .emit = keep_warning, .level = LOG_LEVEL_WARNING };
	const struct plan_request request = {
		.id = id, .bundle = "/b", .cgroup_manager = manager, .log = &log
	};

	if (!arena && arena_new(64u << 20, &arena, &err) < 0)
		return -ENOMEM;
	plan = NULL;
	text[0] = warned[0] = '\0';
	TRY(plan_build_cgroup(arena, &spec, host, &request, &plan, &err));
	plan_print_cgroup(plan, append, NULL);
	return 0;
}

/* Without systemd, of a container that is called c1. */
static inline int build(const struct host *host)
{
	return build_with(CGROUP_MANAGER_CGROUPFS, "c1", host);
}

/* The lines of the text that have a part. */
static inline const char *lines_with(const char *part)
{
	static char out[16384];
	char copy[sizeof(text)], *save = NULL;

	out[0] = '\0';
	memcpy(copy, text, sizeof(text));
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strstr(line, part)) {
			strncat(out, line, sizeof(out) - strlen(out) - 1);
			strncat(out, "\n", sizeof(out) - strlen(out) - 1);
		}
	return out;
}

static inline const char *dir_of(const char *controllers)
{
	for (size_t i = 0; i < plan->n_hierarchies; i++)
		if (strcmp(plan->hierarchies[i].controllers, controllers) == 0)
			return plan->hierarchies[i].dir;
	return NULL;
}

/* A number below 0 is not given: all of them. */
static inline void rule(size_t i, bool allow, char type, int64_t major, int64_t minor,
			const char *access)
{
	static struct spec_device_rule rules[8];

	rules[i] = (struct spec_device_rule){
		allow, type, { major >= 0, major }, { minor >= 0, minor }, access
	};
	RES.devices.n = i + 1;
	RES.devices.v = rules;
}

#endif
