/* SPDX-License-Identifier: Apache-2.0 */
#include "clone_cause.h"

#include "host_facts.h"
#include "namespace_names.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>

/* Of all limits that may have been reached the lowest one is the likeliest. */
static int explain_limit(uint64_t flags, struct err *err)
{
	const char *lowest = NULL;
	long limit = 0;

	for (size_t i = 0; i < PLAN_NS_MAX; i++) {
		const struct plan_ns_name *ns = &plan_ns_names[i];
		char name[64];
		long number;

		if (!(flags & ns->clone_flag))
			continue;
		snprintf(name, sizeof(name), "user/max_%s_namespaces", ns->proc_name);
		number = host_sysctl(name);
		if (number >= 0 && (!lowest || number < limit)) {
			lowest = ns->proc_name;
			limit = number;
		}
	}
	if (!lowest)
		return -err->code;
	return err_hint(err,
			"a limit of namespaces is reached: sysctl user.max_%s_namespaces is %ld, "
			"and namespaces nest at most 32 deep",
			lowest, limit);
}

/* What forbids user namespaces to those without privileges, where it exists. */
static int explain_permission(uint64_t flags, struct err *err)
{
	if (!(flags & CLONE_NEWUSER))
		return err_hint(err, "without a user namespace this needs CAP_SYS_ADMIN: run as "
				     "root, or add {\"type\": \"user\"} to /linux/namespaces");
	if (host_sysctl("kernel/unprivileged_userns_clone") == 0)
		return err_hint(err, "sysctl kernel.unprivileged_userns_clone is 0");
	if (host_sysctl("kernel/apparmor_restrict_unprivileged_userns") == 1)
		return err_hint(err, "sysctl kernel.apparmor_restrict_unprivileged_userns is 1");
	return err_hint(err, "no user namespace can be made in a chroot, or where a seccomp filter "
			     "or a security module forbids it");
}

int clone_explain(uint64_t flags, struct err *err)
{
	switch (err->code) {
	case ENOSPC:
	case EUSERS:
		return explain_limit(flags, err);
	case EPERM:
		return explain_permission(flags, err);
	case EAGAIN:
		return err_hint(err,
				"no more processes are allowed: see RLIMIT_NPROC, and pids.max "
				"of the cgroups above");
	case EINVAL:
		return err_hint(err, "this kernel lacks one of the namespaces: /proc/self/ns lists "
				     "what it has");
	default:
		return -err->code;
	}
}
