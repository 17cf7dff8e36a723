/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's version, and the system calls that a container is made with. Each is called with
 * arguments that it has to refuse: only one that is not there, or is forbidden, says so.
 */
#include "doctor.h"

#include "host_facts.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define SECTION "kernel"

#if defined(__x86_64__)
#define KERNEL_PACKAGE "linux-image-amd64"
#elif defined(__aarch64__)
#define KERNEL_PACKAGE "linux-image-arm64"
#else
#define KERNEL_PACKAGE "linux-image"
#endif

/* What no argument of any of these calls may be. */
#define BAD_FD    (-1L)
#define BAD_FLAGS 0x7fffffffL

static const struct call {
	const char *name;
	long number;
	long arguments[5];
	bool is_privileged; /* asks for CAP_SYS_ADMIN before it looks at its arguments */
	bool is_essential;
	const char *since, *purpose;
} calls[] = {
	{ "clone3",
	  SYS_clone3,
	  { 0, 0 },
	  false,
	  true,
	  "5.3",
	  "processes that begin in their namespaces and cgroup" },
	{ "openat2",
	  SYS_openat2,
	  { BAD_FD, 0, 0, 0 },
	  false,
	  true,
	  "5.6",
	  "paths that no link of an image leads out of it" },
	{ "fsopen",
	  SYS_fsopen,
	  { 0, BAD_FLAGS },
	  true,
	  true,
	  "5.2",
	  "mounts that are complete before anybody sees them" },
	{ "open_tree",
	  SYS_open_tree,
	  { BAD_FD, 0, BAD_FLAGS },
	  false,
	  true,
	  "5.2",
	  "bind mounts by descriptor" },
	{ "move_mount",
	  SYS_move_mount,
	  { BAD_FD, 0, BAD_FD, 0, BAD_FLAGS },
	  true,
	  true,
	  "5.2",
	  "mounts on a descriptor, not on a path that may change" },
	{ "mount_setattr",
	  SYS_mount_setattr,
	  { BAD_FD, 0, BAD_FLAGS, 0, 0 },
	  false,
	  true,
	  "5.12",
	  "read-only trees, and idmapped mounts" },
	{ "close_range",
	  SYS_close_range,
	  { 1, 0, 0 },
	  false,
	  true,
	  "5.9",
	  "no descriptor of the caller's in a container" },
	{ "pidfd_open",
	  SYS_pidfd_open,
	  { -1, BAD_FLAGS },
	  false,
	  true,
	  "5.3",
	  "signals that never reach a later process of the same number" },
	{ "pidfd_send_signal",
	  SYS_pidfd_send_signal,
	  { BAD_FD, 0, 0, BAD_FLAGS },
	  false,
	  true,
	  "5.1",
	  "the same" },
	{ "pidfd_getfd",
	  SYS_pidfd_getfd,
	  { BAD_FD, BAD_FD, BAD_FLAGS },
	  false,
	  false,
	  "5.6",
	  "seccomp agents, --seccomp-learn and --seccomp-explain" },
	{ "keyctl",
	  SYS_keyctl,
	  { BAD_FLAGS, 0, 0, 0, 0 },
	  false,
	  false,
	  "2.6",
	  "a session keyring of each container's own" },
};

static int tell_call(const struct doctor *doctor, const struct call *call)
{
	const long *a = call->arguments;
	long ret = syscall(call->number, a[0], a[1], a[2], a[3], a[4]);
	bool is_forbidden = ret < 0 && errno == EPERM &&
			    (!call->is_privileged || host_has_capability(CAP_SYS_ADMIN));
	bool is_unknown = ret < 0 && errno == ENOSYS;
	char found[64];
	struct ops_finding finding = {
		.section = SECTION,
		.name = call->name,
		.health = is_forbidden || is_unknown ? OPS_HEALTH_MISSING : OPS_HEALTH_OK,
		.is_essential = call->is_essential,
		.found = found,
		.purpose = call->purpose,
	};

	if (is_forbidden)
		snprintf(found, sizeof(found),
			 "forbidden, by a seccomp filter around this process");
	else if (is_unknown)
		snprintf(found, sizeof(found), "not there: since Linux %s, or hidden by a filter",
			 call->since);
	else
		snprintf(found, sizeof(found), "since Linux %s", call->since);
	if (is_unknown && !host_kernel_is_since(HOST_KERNEL_MAJOR, HOST_KERNEL_MINOR))
		finding.remedy = DOCTOR_INSTALL(KERNEL_PACKAGE) " # then reboot";
	return doctor_tell(doctor, &finding);
}

static int tell_version(const struct doctor *doctor)
{
	bool is_fine = host_kernel_is_since(HOST_KERNEL_MAJOR, HOST_KERNEL_MINOR);
	struct utsname name = { .release = "unknown" };
	char found[DOCTOR_TEXT_MAX];

	(void)uname(&name);
	snprintf(found, sizeof(found), "Linux %s", name.release);
	return doctor_tell(doctor,
			   &(struct ops_finding){
				   .section = SECTION,
				   .name = "version",
				   .health = is_fine ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
				   .is_essential = true,
				   .found = found,
				   .purpose = "all that follows: 5.12 or newer",
				   .remedy = DOCTOR_INSTALL(KERNEL_PACKAGE) " # then reboot",
			   });
}

static const struct seccomp_action {
	const char *name;
	uint32_t action;
	bool is_essential;
	const char *purpose;
} actions[] = {
	{ "seccomp filters", SECCOMP_RET_KILL_PROCESS, true, "profiles: the system calls allowed" },
	{ "seccomp notification", SECCOMP_RET_USER_NOTIF, false,
	  "seccomp agents, --seccomp-learn and --seccomp-explain" },
};

static int tell_seccomp(const struct doctor *doctor, const struct seccomp_action *row)
{
	bool is_there = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &row->action) == 0;

	return doctor_tell(doctor, &(struct ops_finding){
					   .section = SECTION,
					   .name = row->name,
					   .health = is_there ? OPS_HEALTH_OK : OPS_HEALTH_MISSING,
					   .is_essential = row->is_essential,
					   .found = is_there ? "" : "not in this kernel",
					   .purpose = row->purpose,
				   });
}

int doctor_look_at_kernel(const struct doctor *doctor)
{
	TRY(tell_version(doctor));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		TRY(tell_call(doctor, &calls[i]));
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		TRY(tell_seccomp(doctor, &actions[i]));
	return 0;
}
