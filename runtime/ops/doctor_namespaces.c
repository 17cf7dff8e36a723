/* SPDX-License-Identifier: Apache-2.0 */
/* Each type of namespace is made once, by a process that ends at once. */
#include "doctor.h"

#include "clone.h"
#include "clone_cause.h"
#include "host_facts.h"
#include "namespace_names.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECTION "namespaces"

/* Fewer than that are used up by a handful of containers. */
#define FEW       64
#define GENEROUS  "65536"
#define NOBODY_ID 65534

static const struct {
	uint64_t clone_flag;
	bool is_essential;
	const char *purpose;
} purposes[] = {
	{ CLONE_NEWNS, true, "mounts of its own, and a root that is not the host's" },
	{ CLONE_NEWPID, true, "processes of its own: the first is 1, and all end with it" },
	{ CLONE_NEWNET, true, "interfaces, addresses and ports of its own" },
	{ CLONE_NEWIPC, true, "shared memory and message queues of its own" },
	{ CLONE_NEWUTS, true, "a host name of its own" },
	{ CLONE_NEWUSER, false, "ids of its own, and containers without root" },
	{ CLONE_NEWCGROUP, false, "a /proc/self/cgroup that begins at its own cgroup" },
	{ CLONE_NEWTIME, false, "clocks with an offset" },
};

static size_t purpose_of(uint64_t clone_flag)
{
	size_t i = 0;

	while (purposes[i].clone_flag != clone_flag)
		i++;
	return i;
}

/* Of the caller's user namespace: each namespace that is made counts there. */
static long limit_of(const struct plan_ns_name *ns)
{
	char name[64];

	snprintf(name, sizeof(name), "user/max_%s_namespaces", ns->proc_name);
	return host_sysctl(name);
}

static int make(const void *argument)
{
	const uint64_t *flags = argument;
	struct clone_request request = { .flags = *flags, .exit_signal = SIGCHLD };
	pid_t pid = clone_process(&request);

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno;
	return waitpid(pid, NULL, __WALL) < 0 ? errno : 0;
}

/* What forbids user namespaces to those without privileges, where it exists. */
static const struct {
	const char *name;
	long value;
	const char *remedy;
} switches[] = {
	{ "kernel/unprivileged_userns_clone", 0, "sysctl -w kernel.unprivileged_userns_clone=1" },
	{ "kernel/apparmor_restrict_unprivileged_userns", 1,
	  "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" },
};

/* The command for the causes that clone_explain() finds. */
static void find_remedy(uint64_t flags, char *remedy)
{
	long lowest = FEW;

	for (size_t i = 0; i < PLAN_NS_MAX; i++) {
		long limit = limit_of(&plan_ns_names[i]);

		if (!(flags & plan_ns_names[i].clone_flag) || limit < 0 || limit >= lowest)
			continue;
		lowest = limit;
		snprintf(remedy, DOCTOR_REMEDY_MAX, "sysctl -w user.max_%s_namespaces=" GENEROUS,
			 plan_ns_names[i].proc_name);
	}
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]) && !remedy[0]; i++)
		if (flags & CLONE_NEWUSER && host_sysctl(switches[i].name) == switches[i].value)
			snprintf(remedy, DOCTOR_REMEDY_MAX, "%s", switches[i].remedy);
}

/* What the kernel said, and why. */
static void explain_failure(uint64_t flags, int error, char *found)
{
	struct err why = { 0 };

	err_errno(&why, error, "cannot be made");
	clone_explain(flags, &why);
	snprintf(found, DOCTOR_TEXT_MAX, "%.128s%s%.200s", why.text, why.hint[0] ? "; " : "",
		 why.hint);
}

static int tell_namespace(const struct doctor *doctor, const struct plan_ns_name *ns)
{
	size_t about = purpose_of(ns->clone_flag);
	bool needs_user_ns = !host_has_capability(CAP_SYS_ADMIN);
	uint64_t flags = ns->clone_flag | (needs_user_ns ? CLONE_NEWUSER : 0);
	char path[64], found[DOCTOR_TEXT_MAX] = "", remedy[DOCTOR_REMEDY_MAX] = "";
	struct ops_finding finding = {
		.section = SECTION,
		.name = ns->spec_name,
		.health = OPS_HEALTH_MISSING,
		.is_essential = purposes[about].is_essential ||
				(needs_user_ns && ns->clone_flag == CLONE_NEWUSER),
		.found = found,
		.purpose = purposes[about].purpose,
		.remedy = remedy,
	};
	long limit = limit_of(ns);
	int error;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", ns->proc_name);
	if (access(path, F_OK) < 0) {
		finding.found = "not in this kernel";
		return doctor_tell(doctor, &finding);
	}
	find_remedy(flags, remedy);
	error = doctor_try(make, &flags);
	if (error != 0) {
		explain_failure(flags, error, found);
		return doctor_tell(doctor, &finding);
	}
	finding.health = limit >= 0 && limit < FEW ? OPS_HEALTH_LIMITED : OPS_HEALTH_OK;
	if (limit >= 0)
		snprintf(found, sizeof(found), "at most %ld", limit);
	return doctor_tell(doctor, &finding);
}

/* ---- user namespaces of those who are not root ---- */

static int make_as_nobody(const void *argument)
{
	static const uint64_t flags = CLONE_NEWUSER;

	(void)argument;
	if (syscall(SYS_setresgid, NOBODY_ID, NOBODY_ID, NOBODY_ID) < 0 ||
	    syscall(SYS_setresuid, NOBODY_ID, NOBODY_ID, NOBODY_ID) < 0)
		return errno;
	return make(&flags);
}

/* Of a caller without privileges the row of the namespace itself tells. */
static int tell_unprivileged(const struct doctor *doctor)
{
	int error = doctor_try(make_as_nobody, NULL);
	char found[DOCTOR_TEXT_MAX] = "", remedy[DOCTOR_REMEDY_MAX] = "";

	if (error != 0)
		explain_failure(CLONE_NEWUSER, error, found);
	find_remedy(CLONE_NEWUSER, remedy);
	return doctor_tell(doctor,
			   &(struct ops_finding){
				   .section = SECTION,
				   .name = "user, without root",
				   .health = error == 0 ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
				   .found = found,
				   .purpose = "containers of users who are not root",
				   .remedy = remedy,
			   });
}

int doctor_look_at_namespaces(const struct doctor *doctor)
{
	for (size_t i = 0; i < PLAN_NS_MAX; i++)
		TRY(tell_namespace(doctor, &plan_ns_names[i]));
	return doctor->host->in_user_ns ? 0 : tell_unprivileged(doctor);
}
