/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of op_doctor(), one for each section. Private to this layer. */
#ifndef OCIRUN_OPS_DOCTOR_H
#define OCIRUN_OPS_DOCTOR_H

#include "host.h"
#include "ops_doctor.h"

#define DOCTOR_TEXT_MAX   384
#define DOCTOR_REMEDY_MAX 512

/* Commands that mend, as Debian has them. The kernel reads its command line when it starts. */
#define DOCTOR_INSTALL(packages) "apt install " packages
#define DOCTOR_BOOT_WITH(parameter)                                                                \
	"sed -i 's/^GRUB_CMDLINE_LINUX=\"/&" parameter                                             \
	" /' /etc/default/grub && update-grub # then reboot"

struct doctor {
	const struct ops_context *ctx;
	const struct host *host;
	ops_finding_visit *visit;
	void *context;
	struct err *err;
};

/* Passes a finding on; texts that are NULL become "", and what is ok needs no remedy. */
int doctor_tell(const struct doctor *doctor, const struct ops_finding *finding);

/*
 * Runs @attempt in a process of its own, which then ends: it may change whatever belongs to that
 * process alone, and calls async-signal-safe functions only. 0, or the errno that it returned.
 */
int doctor_try(int (*attempt)(const void *argument), const void *argument);

int doctor_look_at_kernel(const struct doctor *doctor);
int doctor_look_at_namespaces(const struct doctor *doctor);
int doctor_look_at_cgroups(const struct doctor *doctor);
int doctor_look_at_filesystems(const struct doctor *doctor);
int doctor_look_at_security(const struct doctor *doctor);
int doctor_look_at_caller(const struct doctor *doctor);
int doctor_look_at_helpers(const struct doctor *doctor);

bool doctor_has_systemd(void);

/* The path of a program where distributions put those of root and of all, or NULL. */
const char *doctor_find_program(const char *name, char *path, size_t size);

#endif
