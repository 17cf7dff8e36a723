/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel is asked for and has not. */
#include "check.h"

#include "host_facts.h"
#include "namespace_names.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static void check_version(const struct check *check)
{
	struct utsname name;

	if (uname(&name) == 0 && !host_kernel_is_since(HOST_KERNEL_MAJOR, HOST_KERNEL_MINOR))
		problem_error(check->sink, "", "mount_setattr(2) came with it",
			      "this is Linux %s, and %d.%d is the oldest that can be used",
			      name.release, HOST_KERNEL_MAJOR, HOST_KERNEL_MINOR);
}

/* ---- namespaces ---- */

static void check_namespaces(const struct check *check)
{
	const struct plan_namespaces *ns = &check->plan->ns;

	for (size_t i = 0; i < ns->n; i++) {
		char path[64], limit[40];

		snprintf(path, sizeof(path), "/proc/self/ns/%s", ns->v[i].name);
		snprintf(limit, sizeof(limit), "user/max_%.8s_namespaces", ns->v[i].name);
		if (access(path, F_OK) < 0)
			problem_error(check->sink, ns->v[i].origin, NULL,
				      "this kernel has no %s namespaces",
				      plan_ns_find(ns->v[i].clone_flag)->spec_name);
		else if (!ns->v[i].path && host_sysctl(limit) == 0)
			problem_error(check->sink, ns->v[i].origin, "raise it with sysctl",
				      "no %s namespace can be made: /proc/sys/%s is 0",
				      plan_ns_find(ns->v[i].clone_flag)->spec_name, limit);
	}
}

/* ---- security modules ---- */

static bool is_loaded_profile(const char *profile)
{
	char line[512];
	bool is_found = false;
	FILE *in = fopen("/sys/kernel/security/apparmor/profiles", "re");

	if (!in) /* root alone may read it */
		return true;
	while (!is_found && fgets(line, sizeof(line), in)) {
		char *mode = strrchr(line, '(');

		if (mode && mode > line)
			mode[-1] = '\0';
		is_found = strcmp(line, profile) == 0;
	}
	fclose(in);
	return is_found;
}

static void check_apparmor(const struct check *check, const char *profile)
{
	const char *pointer = "/process/apparmorProfile";

	if (!host_has_apparmor())
		problem_error(check->sink, pointer, "leave the profile out",
			      "AppArmor is not active on this host");
	else if (strcmp(profile, "unconfined") != 0 && !is_loaded_profile(profile))
		problem_error(check->sink, pointer, "apparmor_parser loads profiles",
			      "AppArmor profile '%s' is not loaded", profile);
}

static void check_labels(const struct check *check)
{
	const struct plan_process *process = &check->plan->process;

	if (process->apparmor_profile)
		check_apparmor(check, process->apparmor_profile);
	if (process->selinux_label && !host_has_selinux())
		problem_error(check->sink, "/process/selinuxLabel", "leave the label out",
			      "SELinux is not active on this host");
	if (check->plan->rootfs.mount_label && !host_has_selinux())
		problem_error(check->sink, "/linux/mountLabel", "leave the label out",
			      "SELinux is not active on this host");
}

void check_kernel(const struct check *check)
{
	check_version(check);
	check_namespaces(check);
	check_labels(check);
}
