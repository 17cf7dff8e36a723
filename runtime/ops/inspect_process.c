/* SPDX-License-Identifier: Apache-2.0 */
/* The first process: what /proc/PID/status and its neighbours say. */
#include "inspect.h"

#include "io.h"
#include "process_names.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_MAX 8192

/* The rest of the line that begins with "KEY:", blanks in front left out; "" when there is none. */
static void status_value(const char *status, const char *key, char *value, size_t size)
{
	size_t key_len = strlen(key);

	value[0] = '\0';
	for (const char *line = status; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, key_len) != 0 || line[key_len] != ':')
			continue;
		line += key_len + 1;
		line += strspn(line, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(line, "\n"), line);
		for (size_t len = strlen(value); len > 0 && value[len - 1] == ' '; len--)
			value[len - 1] = '\0';
		return;
	}
}

/* An id as it is outside of the container's user namespace; itself without one. */
static uint32_t outside(const struct plan_id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (id >= maps->v[i].inside && id - maps->v[i].inside < maps->v[i].size)
			return maps->v[i].outside + (id - maps->v[i].inside);
	return id;
}

static int tell_id(const struct inspection *in, const char *status, const char *key,
		   const char *origin, uint32_t asked_id)
{
	char asked[16], found[INSPECT_TEXT_MAX];

	status_value(status, key, found, sizeof(found));
	found[strcspn(found, "\t")] = '\0'; /* the real one; the others follow */
	snprintf(asked, sizeof(asked), "%" PRIu32, asked_id);
	return inspect_tell(in, "process", key, origin, asked, found);
}

static int by_value(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

/* The kernel sorts them. */
static int tell_groups(const struct inspection *in, const char *status)
{
	const struct plan_process *process = &in->plan->process;
	char asked[INSPECT_TEXT_MAX] = "none", found[INSPECT_TEXT_MAX];
	uint32_t *ids = calloc(process->n_gids + 1, sizeof(*ids));
	size_t len = 0;

	if (!ids)
		return err_set(in->err, ENOMEM, "no memory for a list of groups");
	for (size_t i = 0; i < process->n_gids; i++)
		ids[i] = outside(&in->plan->ns.gids, process->gids[i]);
	qsort(ids, process->n_gids, sizeof(*ids), by_value);
	for (size_t i = 0; i < process->n_gids && len < sizeof(asked); i++)
		len += (size_t)snprintf(asked + len, sizeof(asked) - len, "%s%" PRIu32,
					i ? " " : "", ids[i]);
	free(ids);
	status_value(status, "Groups", found, sizeof(found));
	/* Whose they are is nowhere written down: they cannot differ. */
	if (process->keeps_groups)
		snprintf(asked, sizeof(asked), "%s", found[0] ? found : "none");
	return inspect_tell(in, "process", "Groups", "/process/user/additionalGids", asked,
			    found[0] ? found : "none");
}

static void capability_names(uint64_t set, char *text, size_t size)
{
	size_t len = 0;

	snprintf(text, size, "none");
	for (unsigned bit = 0; bit < 64 && len < size; bit++)
		if (set & (UINT64_C(1) << bit))
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "",
						plan_capability_name(bit).text + strlen("CAP_"));
}

static int tell_capabilities(const struct inspection *in, const char *status, const char *key,
			     const char *origin, uint64_t asked_set)
{
	char hex[32], asked[1024], found[1024];
	struct ops_fact fact = {
		.section = "process",
		.name = key,
		.asked = asked,
		.found = found,
		.origin = origin,
	};
	uint64_t found_set;

	status_value(status, key, hex, sizeof(hex));
	found_set = strtoull(hex, NULL, 16);
	capability_names(asked_set, asked, sizeof(asked));
	capability_names(found_set, found, sizeof(found));
	fact.differs = asked_set != found_set;
	return inspect_tell_checked(in, &fact);
}

/*
 * What execve(2) leaves of them, as capabilities(7) has it, for a file without capabilities of its
 * own: root gets what is inheritable or in the bounding set, others what is ambient.
 */
static void pass_exec(const struct plan_process *process, struct plan_capabilities *caps)
{
	caps->permitted = process->uid == 0 ? caps->inheritable | caps->bounding : caps->ambient;
	caps->effective = caps->permitted;
}

static int tell_all_capabilities(const struct inspection *in, const char *status)
{
	struct plan_capabilities caps = in->plan->process.caps;

	/* What is not both permitted and inheritable cannot be ambient. */
	caps.ambient &= caps.permitted & caps.inheritable;
	if (in->container->status != OPS_CREATED)
		pass_exec(&in->plan->process, &caps);
	const struct {
		const char *key, *origin;
		uint64_t set;
	} rows[] = {
		{ "CapBnd", "/process/capabilities/bounding", caps.bounding },
		{ "CapEff", "/process/capabilities/effective", caps.effective },
		{ "CapPrm", "/process/capabilities/permitted", caps.permitted },
		{ "CapInh", "/process/capabilities/inheritable", caps.inheritable },
		{ "CapAmb", "/process/capabilities/ambient", caps.ambient },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		TRY(tell_capabilities(in, status, rows[i].key, rows[i].origin, rows[i].set));
	return 0;
}

static int tell_protection(const struct inspection *in, const char *status)
{
	const struct plan *plan = in->plan;
	/* A created container waits without its filter. */
	bool is_filtered = plan->seccomp && in->container->status != OPS_CREATED;
	char found[INSPECT_TEXT_MAX];

	status_value(status, "NoNewPrivs", found, sizeof(found));
	TRY(inspect_tell(in, "process", "NoNewPrivs", "/process/noNewPrivileges",
			 plan->process.no_new_privs ? "1" : "0", found));
	status_value(status, "Seccomp", found, sizeof(found));
	TRY(inspect_tell(in, "process", "Seccomp", "/linux/seccomp",
			 is_filtered     ? "2"
			 : plan->seccomp ? ""
					 : "0",
			 found));
	if (io_read_small(in->proc_fd, "attr/current", found, sizeof(found)) <= 0)
		snprintf(found, sizeof(found), "none");
	return inspect_tell(in, "process", "security label", "/process/apparmorProfile",
			    plan->process.selinux_label      ? plan->process.selinux_label
			    : plan->process.apparmor_profile ? plan->process.apparmor_profile
							     : "",
			    found);
}

static int tell_link(const struct inspection *in, const char *name, const char *link,
		     const char *origin, const char *asked)
{
	char found[INSPECT_TEXT_MAX] = "";
	ssize_t n = readlinkat(in->proc_fd, link, found, sizeof(found) - 1);

	found[n > 0 ? n : 0] = '\0';
	return inspect_tell(in, "process", name, origin, asked, found);
}

int inspect_process(const struct inspection *in)
{
	const struct plan_process *process = &in->plan->process;
	char status[STATUS_MAX], text[INSPECT_TEXT_MAX], asked[16] = "";

	if (io_read_small(in->proc_fd, "status", status, sizeof(status)) < 0)
		return err_set(in->err, ESRCH, "container not running: \"%s\"", in->container->id);
	snprintf(text, sizeof(text), "%d", in->container->pid.pid);
	TRY(inspect_tell(in, "process", "pid", "", "", text));
	TRY(tell_link(in, "program", "exe", "/process/args", ""));
	TRY(tell_link(in, "working directory", "cwd", "/process/cwd",
		      in->plan->rootfs.has_mount_ns ? process->cwd : ""));
	TRY(tell_id(in, status, "Uid", "/process/user/uid",
		    outside(&in->plan->ns.uids, process->uid)));
	TRY(tell_id(in, status, "Gid", "/process/user/gid",
		    outside(&in->plan->ns.gids, process->gid)));
	TRY(tell_groups(in, status));
	TRY(tell_all_capabilities(in, status));
	TRY(tell_protection(in, status));
	if (process->has_oom_score_adj)
		snprintf(asked, sizeof(asked), "%d", process->oom_score_adj);
	if (io_read_small(in->proc_fd, "oom_score_adj", text, sizeof(text)) < 0)
		text[0] = '\0';
	return inspect_tell(in, "process", "oom_score_adj", "/process/oomScoreAdj", asked, text);
}
