/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program, as the container would look for it: by a process of ours that has the root file
 * system as its root and the container's user as its user. It reads, and ends.
 */
#include "check.h"

#include "clone.h"
#include "fd.h"
#include "io.h"
#include "path.h"
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the process found out. */
struct finding {
	struct err err; /* no code: the program is there */
	char hint[ERR_HINT_MAX];
};

/* As the host sees an id of the container. */
static uint32_t outside_id(const struct plan_id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (id >= maps->v[i].inside && id - maps->v[i].inside < maps->v[i].size)
			return maps->v[i].outside + (id - maps->v[i].inside);
	return id;
}

/* Without privileges it is root of a user namespace that may enter the root; who it is then, is us. */
static int enter(const struct plan *plan, struct err *err)
{
	const struct plan_process *process = &plan->process;

	if (geteuid() != 0 && unshare(CLONE_NEWUSER) < 0)
		return err_sys(err, "unshare a user namespace");
	if (chroot(plan->rootfs.path) < 0 || chdir("/") < 0)
		return err_sys(err, "enter '%s'", plan->rootfs.path);
	/* A missing working directory is made; a relative program is not there then either. */
	(void)!chdir(process->cwd);
	if (!process->keeps_groups)
		syscall(SYS_setgroups, process->n_gids, process->gids);
	syscall(SYS_setresgid, -1, outside_id(&plan->ns.gids, process->gid), -1);
	syscall(SYS_setresuid, -1, outside_id(&plan->ns.uids, process->uid), -1);
	return 0;
}

__attribute__((noreturn)) static void look(const struct plan *plan, int out_fd)
{
	struct finding finding = { .hint = "" };
	struct program program = { .hint = "" };

	if (enter(plan, &finding.err) == 0 &&
	    program_find(&plan->process, &program, &finding.err) == 0) {
		program_foresee(&program);
		memcpy(finding.hint, program.hint, sizeof(finding.hint));
	}
	(void)io_write_all(out_fd, &finding, sizeof(finding));
	_exit(0);
}

static bool find_out(const struct plan *plan, struct finding *ret_finding)
{
	struct clone_request request = { .exit_signal = SIGCHLD };
	int fds[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	pid = clone_process(&request);
	if (pid == 0)
		look(plan, fds[1]);
	close(fds[1]);
	n = pid < 0 ? -1 : io_read_some(fds[0], ret_finding, sizeof(*ret_finding));
	close(fds[0]);
	while (pid > 0 && waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	return n == sizeof(*ret_finding);
}

/* Whether a mount may bring the program, or what it needs: then it is not in the root itself. */
static bool may_be_mounted(const struct plan_rootfs *rootfs, const char *program)
{
	static const char *const elsewhere[] = { "/proc", "/sys", "/dev", "/etc", "/run", "/tmp" };

	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		bool is_elsewhere = false;

		if (path_is_below(program, rootfs->mounts[i].target))
			return true;
		for (size_t k = 0; k < sizeof(elsewhere) / sizeof(elsewhere[0]); k++)
			is_elsewhere |= path_is_below(rootfs->mounts[i].target, elsewhere[k]);
		if (!is_elsewhere)
			return true;
	}
	return false;
}

void check_program(const struct check *check)
{
	const struct plan *plan = check->plan;
	struct finding finding;
	bool is_warning;

	if (!plan->has_process || !plan->rootfs.path || access(plan->rootfs.path, F_OK) < 0 ||
	    plan->ns.join & CLONE_NEWNS || check_is_brought(&plan->rootfs, plan->process.argv[0]) ||
	    !find_out(plan, &finding))
		return;
	is_warning = may_be_mounted(&plan->rootfs, plan->process.argv[0]);
	if (finding.err.code)
		problem_of_err(check->sink, is_warning, &finding.err);
	else if (finding.hint[0] && is_warning)
		problem_warning(check->sink, "/process/args/0", NULL, "%s", finding.hint);
	else if (finding.hint[0])
		problem_error(check->sink, "/process/args/0", NULL, "%s", finding.hint);
}
