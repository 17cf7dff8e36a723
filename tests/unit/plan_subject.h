/* SPDX-License-Identifier: Apache-2.0 */
/* From the text of a config.json to a plan and its text, for the tests of plans. */
#ifndef OCIRUN_TESTS_UNIT_PLAN_SUBJECT_H
#define OCIRUN_TESTS_UNIT_PLAN_SUBJECT_H

#include "load.h"
#include "plan_build.h"
#include "plan_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- hosts: none of them is this one ---- */

static const struct host_hierarchy subject_v2_hierarchies[] = {
	{ true, "/sys/fs/cgroup", "cpuset cpu io memory hugetlb pids", "/system.slice/engine" },
};
static const struct host_hierarchy subject_v1_hierarchies[] = {
	{ false, "/sys/fs/cgroup/memory", "memory", "/" },
	{ false, "/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct", "/" },
	{ false, "/sys/fs/cgroup/pids", "pids", "/" },
	{ false, "/sys/fs/cgroup/devices", "devices", "/" },
	{ false, "/sys/fs/cgroup/blkio", "blkio", "/" },
	{ false, "/sys/fs/cgroup/systemd", "name=systemd", "/" },
};

static const struct host subject_host_none __attribute__((unused)) = { .n_hierarchies = 0 };
static const struct host subject_host_v2 __attribute__((unused)) = {
	.n_hierarchies = 1,
	.hierarchies = subject_v2_hierarchies,
};
static const struct host subject_host_v1 __attribute__((unused)) = {
	.n_hierarchies = sizeof(subject_v1_hierarchies) / sizeof(subject_v1_hierarchies[0]),
	.hierarchies = subject_v1_hierarchies,
};

/* ---- plans ---- */

static inline int subject_build(const char *json, const struct host *host, const struct log *log,
				struct plan **ret_plan, struct err *err)
{
	AUTO(spec) struct spec *spec = NULL;
	const struct plan_request request = { .id = "c1", .bundle = "/bundle", .log = log };

	TRY(spec_parse(json, strlen(json), NULL, &spec, err));
	return plan_build(spec, host, &request, ret_plan, err);
}

static inline void subject_add_line(void *context, const char *text)
{
	fprintf(context, "%s\n", text);
}

static inline char *subject_print(const struct plan *plan)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	plan_print(plan, subject_add_line, out);
	fclose(out);
	return text;
}

/* The plan as text, or "error: ..." when there is none. malloc()ed. */
static inline char *subject_plan_text(const char *json, const struct host *host)
{
	AUTO(plan) struct plan *plan = NULL;
	struct err err = { 0 };
	char *text;

	if (subject_build(json, host, NULL, &plan, &err) == 0)
		return subject_print(plan);
	if (asprintf(&text, "error: %s", err.text) < 0)
		abort();
	return text;
}

static inline void subject_emit(void *context, enum log_level level, const char *text)
{
	if (level == LOG_LEVEL_WARNING)
		fprintf(context, "%s\n", text);
}

/* The warnings while a plan is built. malloc()ed. */
static inline char *subject_log(const char *json)
{
	AUTO(plan) struct plan *plan = NULL;
	struct err err = { 0 };
	struct log log = { .emit = subject_emit, .level = LOG_LEVEL_DEBUG };
	char *text;
	size_t size;

	log.context = open_memstream(&text, &size);
	subject_build(json, &subject_host_none, &log, &plan, &err);
	fclose(log.context);
	return text;
}

/* A document of about @len bytes: @before, as many of @element as fit, @after. malloc()ed. */
static inline char *subject_repeat(const char *before, const char *element, const char *after,
				   size_t len)
{
	const char *comma = element[0] == '\\' ? "" : ",";
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},%s%s", before, element);
	while ((size_t)ftell(out) + strlen(element) + strlen(after) + 8 < len)
		fprintf(out, "%s%s", comma, element);
	fprintf(out, "%s}", after);
	fclose(out);
	return text;
}

#endif
