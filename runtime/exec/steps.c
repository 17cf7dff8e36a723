/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each step of child.c does, in about the order of its tables; those of the root file system are
 * in steps_rootfs.c. What is said there of what may be done holds here.
 */
#include "steps.h"

#include "cgroup.h"
#include "clone.h"
#include "clone_cause.h"
#include "console.h"
#include "fd.h"
#include "lsm.h"
#include "mount.h"
#include "passwd.h"
#include "process_start.h"
#include "program.h"
#include "procfs.h"
#include "rootfs.h"
#include "rootpath.h"
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEFAULT_UMASK 022 /* what callers of runc get when config.json names none */
#define HOME_PREFIX   "HOME="
#define HOME_MAX      512

/*
 * The parent knows us: our pid is recorded. What we do before is gone with us when the parent dies,
 * so that only what outlives us, and what the parent has to prepare, waits for it.
 */
int step_await_go(struct init *init, struct err *err)
{
	if (init->is_known)
		return 0;
	init->is_known = true;
	return sync_expect(init->child->sync_fd, SYNC_GO, err);
}

/* By ourselves: the kernel moves a thread that moves itself without stopping all others. */
int step_join_cgroups(struct init *init, struct err *err)
{
	return cgroup_join_self(init->child->cgroup, init->child->is_in_cgroup_v2, err);
}

int step_reset_cpus(struct init *init, struct err *err)
{
	(void)init;
	(void)err;
	process_reset_cpus();
	return 0;
}

/* Rooted where its maker is: not before we are in the container's cgroups. */
int step_unshare_cgroup_ns(struct init *init, struct err *err)
{
	(void)init;
	if (unshare(CLONE_NEWCGROUP) == 0)
		return 0;
	err_sys(err, "unshare the cgroup namespace");
	return clone_explain(CLONE_NEWCGROUP, err);
}

int step_enter_namespaces(struct init *init, struct err *err)
{
	if (init->child->is_joined)
		return 0;
	return join_enter(&init->plan->ns, &init->child->join_fds, err);
}

int step_enter_container(struct init *init, struct err *err)
{
	if (!init->child->is_joined)
		TRY(join_container(init->child->target, &init->plan->process,
				   init->child->is_in_cgroup_v2, err));
	init->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return init->root_fd < 0 ? err_sys(err, "open the container's root") : 0;
}

/*
 * The id maps are written: become root inside, so that what is made from here on has an owner. A
 * namespace that is joined may have no root, and leaves us as nobody, who can make nothing there.
 */
int step_become_mapped_root(struct init *init, struct err *err)
{
	uint32_t uid = init->plan->ns.setup_uid, gid = init->plan->ns.setup_gid;

	if (syscall(SYS_setresgid, gid, gid, gid) < 0 && errno != EINVAL)
		return err_sys(err, "become group %u of the user namespace", gid);
	if (syscall(SYS_setresuid, uid, uid, uid) < 0 && errno != EINVAL)
		return err_sys(err, "become user %u of the user namespace", uid);
	return 0;
}

/* What the caller left open, ignored or blocked is not the container's. */
int step_leave_caller(struct init *init, struct err *err)
{
	int ret = process_reset_signals();

	if (ret < 0)
		return err_errno(err, ret, "reset signals");
	process_close_on_exec_from(3 + init->child->preserve_fds);
	return 0;
}

/* Nobody but a caller who needs it may trace us or look into our descriptors before the program runs. */
int step_hide_and_detach(struct init *init, struct err *err)
{
	if (!init->child->is_traceable && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(err, "become undumpable");
	if (setsid() < 0)
		return err_sys(err, "setsid");
	umask(0);
	return 0;
}

int step_join_keyring(struct init *init, struct err *err)
{
	(void)init;
	return process_new_keyring(err);
}

int step_raise_loopback(struct init *init, struct err *err)
{
	AUTO_FD fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo" };

	(void)init;
	if (fd < 0)
		return err_sys(err, "socket for the loopback interface");
	request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return err_sys(err, "bring up the loopback interface");
	return 0;
}

int step_set_names(struct init *init, struct err *err)
{
	const char *host = init->plan->hostname, *domain = init->plan->domainname;

	if (host && sethostname(host, strlen(host)) < 0) {
		err_sys(err, "sethostname '%s'", host);
		return err_pointer(err, "/hostname");
	}
	if (domain && setdomainname(domain, strlen(domain)) < 0) {
		err_sys(err, "setdomainname '%s'", domain);
		return err_pointer(err, "/domainname");
	}
	return 0;
}

int step_open_proc(struct init *init, struct err *err)
{
	init->proc_fd = procfs_open(err);
	return init->proc_fd < 0 ? init->proc_fd : 0;
}

static int explain_sysctl(const struct plan_write *one, int ret, struct err *err)
{
	char path[ERR_PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%s", one->path);
	err_errno(err, ret, "write '%s' to sysctl '%s'", one->value, path);
	if (ret == -EINVAL || ret == -ERANGE)
		err_hint(err, "the kernel takes no such value of it");
	if (ret == -ENOENT)
		err_hint(err,
			 "this kernel has no such sysctl; modules that are not loaded bring some");
	err_path(err, path);
	return err_pointer(err, one->origin);
}

int step_write_sysctls(struct init *init, struct err *err)
{
	const struct plan_writes *sysctls = &init->plan->sysctls;

	for (size_t i = 0; i < sysctls->n; i++) {
		const struct plan_write *one = &sysctls->v[i];
		int ret = procfs_write(init->proc_fd, one->path, one->value);

		if (ret < 0)
			return explain_sysctl(one, ret, err);
	}
	return 0;
}

/* Else it is a directory like others, on which nothing is mounted. */
static bool has_own_root(const struct plan_rootfs *rootfs)
{
	return rootfs->has_mount_ns || rootfs->is_bound;
}

int step_open_console(struct init *init, struct err *err)
{
	AUTO_FD master_fd = -1;

	TRY(console_open(init->root_fd, &init->plan->process, &master_fd, &init->slave_fd, err));
	if (has_own_root(&init->plan->rootfs) && !init->child->target)
		TRY(console_mount(init->child->mount_ops, init->root_fd, init->slave_fd, err));
	return sync_send(init->child->sync_fd, SYNC_CONSOLE, 0, master_fd, err);
}

int step_await_hooks(struct init *init, struct err *err)
{
	TRY(sync_send(init->child->sync_fd, SYNC_RUN_HOOKS, 0, -1, err));
	return sync_expect(init->child->sync_fd, SYNC_HOOKS_DONE, err);
}

int step_run_hooks(struct init *init, enum plan_hook_kind kind, int cwd_fd, const char *status,
		   struct err *err)
{
	struct hook_state state = init->child->hook_state;

	state.cwd_fd = cwd_fd;
	state.cancel_fd = NULL; /* the caller's: it tells our parent, and we end with that */
	return hooks_run(&init->plan->hooks[kind], kind, &state, status, getpid(), err);
}

/* In the container's root, which is not "/" yet: where runc runs them, and their only way to it. */
int step_run_create_container_hooks(struct init *init, struct err *err)
{
	return step_run_hooks(init, PLAN_HOOK_CREATE_CONTAINER, init->root_fd, "creating", err);
}

int step_become_foreground(struct init *init, struct err *err)
{
	return console_become(&init->plan->process, init->slave_fd, err);
}

int step_set_limits(struct init *init, struct err *err)
{
	int sync_fd = init->child->sync_fd;

	if (!((init->plan->ns.create | init->plan->ns.join) & CLONE_NEWUSER))
		return process_set_rlimits(&init->plan->process, 0, err);
	TRY(sync_send(sync_fd, SYNC_RLIMITS, 0, -1, err));
	return sync_expect(sync_fd, SYNC_RLIMITS_SET, err);
}

int step_set_scheduling(struct init *init, struct err *err)
{
	return process_set_scheduling(&init->plan->process, err);
}

int step_set_labels(struct init *init, struct err *err)
{
	return lsm_set_labels(init->proc_fd, &init->plan->process, err);
}

/* HOME has a slot in the planned environment when config.json has none: see plan/process.c. */
int step_set_home(struct init *init, struct err *err)
{
	static char home[sizeof(HOME_PREFIX) + HOME_MAX] = HOME_PREFIX;
	char **slot = init->plan->process.envp;

	(void)err;
	passwd_find_home(init->root_fd, init->plan->process.uid, home + strlen(HOME_PREFIX),
			 HOME_MAX);
	while (*slot)
		slot++;
	*slot = home;
	return 0;
}

bool step_needs_admin(const struct plan *plan)
{
	return plan->seccomp && !plan->process.no_new_privs;
}

int step_give_stdio(struct init *init, struct err *err)
{
	(void)err;
	process_give_stdio(&init->plan->process);
	return 0;
}

int step_use_own_null(struct init *init, struct err *err)
{
	(void)init;
	(void)err;
	process_use_own_null();
	return 0;
}

int step_become_user(struct init *init, struct err *err)
{
	return process_become_user(&init->plan->process, step_needs_admin(init->plan), err);
}

/* Among the descriptors to preserve, what is close-on-exec is not the caller's to pass on. */
static void close_gaps(const struct child *child)
{
	for (int fd = 3; fd < 3 + (int)child->preserve_fds; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && flags & FD_CLOEXEC && fd != child->sync_fd &&
		    fd != child->start_fd)
			close(fd);
	}
}

/* The container's own directories are all that a later lookup may lead to: close the rest. */
int step_close_all_but_talk(struct init *init, struct err *err)
{
	struct child *child = init->child;
	int keep[2] = { child->sync_fd, child->start_fd };
	unsigned int first = 3 + child->preserve_fds;

	if (keep[0] > keep[1]) {
		keep[0] = child->start_fd;
		keep[1] = child->sync_fd;
	}
	for (size_t i = 0; i < 2; i++) {
		if (keep[i] < 0 || (unsigned int)keep[i] < first)
			continue;
		if ((unsigned int)keep[i] > first &&
		    syscall(SYS_close_range, first, (unsigned int)keep[i] - 1, 0) < 0)
			return err_sys(err, "close_range");
		first = (unsigned int)keep[i] + 1;
	}
	if (syscall(SYS_close_range, first, ~0U, 0) < 0)
		return err_sys(err, "close_range");
	close_gaps(child);
	init->root_fd = init->proc_fd = -1;
	init->slave_fd = -1;
	return 0;
}

/* A directory that is closed to the user, but not to us, is entered; what we may not, it may. */
int step_enter_cwd_as_root(struct init *init, struct err *err)
{
	int ret = process_enter_cwd(&init->plan->process, err);

	init->is_in_cwd = ret == 0;
	return ret == -EACCES ? 0 : ret;
}

int step_enter_cwd(struct init *init, struct err *err)
{
	return process_enter_cwd(&init->plan->process, err);
}

int step_find_program(struct init *init, struct err *err)
{
	const struct plan_process *process = &init->plan->process;

	umask(process->has_umask ? process->umask : DEFAULT_UMASK);
	TRY(program_find(process, &init->program, err));
	if (init->child->seccomp)
		program_foresee(&init->program);
	return 0;
}
