/* SPDX-License-Identifier: Apache-2.0 */
/* `doctor`: one section after the other. */
#include "doctor.h"

#include "clone.h"
#include "host_gather.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

const char *ops_health_name(enum ops_health health)
{
	static const char *const names[] = {
		[OPS_HEALTH_OK] = "ok",
		[OPS_HEALTH_LIMITED] = "limited",
		[OPS_HEALTH_MISSING] = "missing",
	};

	return names[health];
}

int doctor_tell(const struct doctor *doctor, const struct ops_finding *finding)
{
	struct ops_finding told = *finding;

	if (!told.found)
		told.found = "";
	if (!told.remedy || told.health == OPS_HEALTH_OK)
		told.remedy = "";
	return doctor->visit(doctor->context, &told, doctor->err);
}

int doctor_try(int (*attempt)(const void *argument), const void *argument)
{
	struct clone_request request = { .exit_signal = SIGCHLD };
	pid_t pid = clone_process(&request);
	int status = 0;

	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(attempt(argument));
	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return errno;
	/* A seccomp filter around us may kill. */
	return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

const char *doctor_find_program(const char *name, char *path, size_t size)
{
	static const char *const directories[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
						   "/usr/bin",        "/sbin",          "/bin" };

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(path, size, "%s/%s", directories[i], name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

static int (*const sections[])(const struct doctor *doctor) = {
	doctor_look_at_kernel,      doctor_look_at_namespaces, doctor_look_at_cgroups,
	doctor_look_at_filesystems, doctor_look_at_security,   doctor_look_at_caller,
	doctor_look_at_helpers,
};

int op_doctor(const struct ops_context *ctx, ops_finding_visit *visit, void *context,
	      struct err *err)
{
	AUTO(arena) struct arena *arena = NULL;
	struct host *host;
	struct doctor doctor = { .ctx = ctx, .visit = visit, .context = context, .err = err };

	TRY(arena_new(HOST_ARENA_BYTES, &arena, err));
	TRY(host_gather(arena, &host, err));
	doctor.host = host;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		TRY(sections[i](&doctor));
	return 0;
}
