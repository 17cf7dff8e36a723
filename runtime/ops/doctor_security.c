/* SPDX-License-Identifier: Apache-2.0 */
/* Security modules: with none, containers are held by namespaces, capabilities and seccomp alone. */
#include "doctor.h"

#include "host_facts.h"
#include "io.h"

#include <fcntl.h>
#include <string.h>

#define SECTION "security"

static const struct module {
	const char *name;
	bool (*is_active)(void);
	const char *purpose, *remedy;
} modules[] = {
	{ "AppArmor", host_has_apparmor, "profiles of AppArmor: docker's default, and your own",
	  DOCTOR_INSTALL("apparmor") " && " DOCTOR_BOOT_WITH("apparmor=1 security=apparmor") },
	{ "SELinux", host_has_selinux, "labels of SELinux", NULL },
};

/* A host uses one of them: the other is no loss. */
static int tell_module(const struct doctor *doctor, const struct module *row, bool has_one)
{
	bool is_active = row->is_active();

	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = row->name,
					   .health = is_active ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
					   .found = is_active ? "active"
						    : has_one ? "not active: the host uses another"
							      : "not active",
					   .purpose = row->purpose,
					   .remedy = has_one ? NULL : row->remedy,
				   });
}

/* Where a process is confined already, containers cannot be less so. */
static int tell_own_filter(const struct doctor *doctor)
{
	static const char key[] = "\nSeccomp:\t";
	char status[4096];
	const char *at = NULL;

	if (io_read_small(AT_FDCWD, "/proc/self/status", status, sizeof(status)) > 0)
		at = strstr(status, key);
	if (!at || at[sizeof(key) - 1] == '0')
		return 0;
	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = "filter around us",
					   .health = OPS_HEALTH_LIMITED,
					   .found = "a seccomp filter holds for this process",
					   .purpose = "containers, which it holds for too",
				   });
}

int doctor_look_at_security(const struct doctor *doctor)
{
	const size_t n = sizeof(modules) / sizeof(modules[0]);
	bool has_one = false;

	for (size_t i = 0; i < n; i++)
		has_one |= modules[i].is_active();
	for (size_t i = 0; i < n; i++)
		TRY(tell_module(doctor, &modules[i], has_one));
	return tell_own_filter(doctor);
}
