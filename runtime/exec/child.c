/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of the container's init as a table of steps. Everything here runs between clone3(2) and
 * execve(2) in a copy of the caller's thread: plain system calls, no allocation, nothing left to
 * parse. The parent's end of the socket going away means that the parent died: so does the child.
 */
#include "child.h"

#include "cgroup.h"
#include "clone.h"
#include "clone_cause.h"
#include "console.h"
#include "fd.h"
#include "launch.h"
#include "lsm.h"
#include "mount.h"
#include "passwd.h"
#include "plan_seccomp.h"
#include "process_start.h"
#include "program.h"
#include "procfs.h"
#include "rootfs.h"
#include "rootpath.h"
#include "scm.h"
#include "seccomp_program.h"
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHILD_EXIT_FAILED 1
#define DEFAULT_UMASK     022 /* what callers of runc get when config.json names none */
#define HOME_PREFIX       "HOME="
#define HOME_MAX          512

/* What init gathers on its way. */
struct init {
	struct child *child;
	const struct plan *plan;
	int root_fd;
	int proc_fd;
	int slave_fd;
	bool is_in_cwd;
	bool is_known;            /* GO has come */
	struct trace start_trace; /* that of `start` */
	struct program program;
};

/*
 * The parent knows us: our pid is recorded. What we do before is gone with us when the parent dies,
 * so that only what outlives us, and what the parent has to prepare, waits for it.
 */
static int await_go(struct init *init, struct err *err)
{
	if (init->is_known)
		return 0;
	init->is_known = true;
	return sync_expect(init->child->sync_fd, SYNC_GO, err);
}

/* By ourselves: the kernel moves a thread that moves itself without stopping all others. */
static int join_cgroups(struct init *init, struct err *err)
{
	return cgroup_join_self(init->child->cgroup, init->child->is_in_cgroup_v2, err);
}

static int reset_cpus(struct init *init, struct err *err)
{
	(void)init;
	(void)err;
	process_reset_cpus();
	return 0;
}

/* Rooted where its maker is: not before we are in the container's cgroups. */
static int unshare_cgroup_ns(struct init *init, struct err *err)
{
	(void)init;
	if (unshare(CLONE_NEWCGROUP) == 0)
		return 0;
	err_sys(err, "unshare the cgroup namespace");
	return clone_explain(CLONE_NEWCGROUP, err);
}

static int enter_namespaces(struct init *init, struct err *err)
{
	if (init->child->is_joined)
		return 0;
	return join_enter(&init->plan->ns, &init->child->join_fds, err);
}

static int enter_container(struct init *init, struct err *err)
{
	if (!init->child->is_joined)
		TRY(join_container(init->child->target, &init->plan->process, err));
	init->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return init->root_fd < 0 ? err_sys(err, "open the container's root") : 0;
}

/*
 * The id maps are written: become root inside, so that what is made from here on has an owner. A
 * namespace that is joined may have no root, and leaves us as nobody, who can make nothing there.
 */
static int become_mapped_root(struct init *init, struct err *err)
{
	uint32_t uid = init->plan->ns.setup_uid, gid = init->plan->ns.setup_gid;

	if (syscall(SYS_setresgid, gid, gid, gid) < 0 && errno != EINVAL)
		return err_sys(err, "become group %u of the user namespace", gid);
	if (syscall(SYS_setresuid, uid, uid, uid) < 0 && errno != EINVAL)
		return err_sys(err, "become user %u of the user namespace", uid);
	return 0;
}

/* What the caller left open, ignored or blocked is not the container's. */
static int leave_caller(struct init *init, struct err *err)
{
	int ret = process_reset_signals();

	if (ret < 0)
		return err_errno(err, ret, "reset signals");
	process_close_on_exec_from(3 + init->child->preserve_fds);
	return 0;
}

/* Nobody may trace us or look into our descriptors before the program runs. */
static int hide_and_detach(struct init *init, struct err *err)
{
	(void)init;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(err, "become undumpable");
	if (setsid() < 0)
		return err_sys(err, "setsid");
	umask(0);
	return 0;
}

static int join_keyring(struct init *init, struct err *err)
{
	return process_new_keyring(init->plan->id, err);
}

static int raise_loopback(struct init *init, struct err *err)
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

static int set_names(struct init *init, struct err *err)
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

static int open_proc(struct init *init, struct err *err)
{
	init->proc_fd = procfs_open(err);
	return init->proc_fd < 0 ? init->proc_fd : 0;
}

static int write_sysctls(struct init *init, struct err *err)
{
	const struct plan_writes *sysctls = &init->plan->sysctls;

	for (size_t i = 0; i < sysctls->n; i++) {
		const struct plan_write *one = &sysctls->v[i];
		int ret = procfs_write(init->proc_fd, one->path, one->value);

		if (ret < 0) {
			err_errno(err, ret, "write '%s' to sysctl '/proc/%s'", one->value,
				  one->path);
			return err_pointer(err, one->origin);
		}
	}
	return 0;
}

static int attach_rootfs(struct init *init, struct err *err)
{
	const struct mount_ops *ops = init->child->mount_ops;
	const struct plan_rootfs *rootfs = &init->plan->rootfs;

	TRY(rootfs_isolate(rootfs, err));
	TRY(mount_open_root_sources(ops, rootfs, init->child->mount_fds, err));
	return rootfs_attach(ops, rootfs, init->child->rootfs_fd, &init->root_fd, err);
}

/* The superuser of a user namespace may not: the parent does, and says when it has. */
static int map_mount_ids(void *context, const struct plan_mount *mount, int mnt_fd, struct err *err)
{
	struct init *init = context;
	int32_t index = (int32_t)(mount - init->plan->rootfs.mounts);

	TRY(sync_send(init->child->sync_fd, SYNC_MAP_MOUNT, index, mnt_fd, err));
	return sync_expect(init->child->sync_fd, SYNC_MOUNT_MAPPED, err);
}

static int make_mounts(struct init *init, struct err *err)
{
	const struct plan_rootfs *rootfs = &init->plan->rootfs;
	const struct mount_context ctx = {
		.ops = init->child->mount_ops,
		.root_fd = init->root_fd,
		.cgroup = init->plan->shown_cgroup,
		.has_cgroup_ns = (init->plan->ns.create | init->plan->ns.join) & CLONE_NEWCGROUP,
		.label = rootfs->mount_label,
		.map_ids = map_mount_ids,
		.context = init,
	};

	for (size_t i = 0; i < rootfs->n_mounts; i++)
		TRY(TRACED(init->child->trace, "mount", rootfs->mounts[i].target,
			   mount_exec(&ctx, &rootfs->mounts[i], &init->child->mount_fds[i], err)));
	return 0;
}

static int make_devices(struct init *init, struct err *err)
{
	return rootfs_make_devices(init->child->mount_ops, &init->plan->rootfs, init->root_fd, err);
}

static int open_console(struct init *init, struct err *err)
{
	AUTO_FD master_fd = -1;

	TRY(console_open(init->root_fd, &init->plan->process, &master_fd, &init->slave_fd, err));
	if (init->plan->rootfs.has_mount_ns && !init->child->target)
		TRY(console_mount(init->child->mount_ops, init->root_fd, init->slave_fd, err));
	return sync_send(init->child->sync_fd, SYNC_CONSOLE, 0, master_fd, err);
}

static int make_cwd(struct init *init, struct err *err)
{
	AUTO_FD fd = rootpath_make_dir(init->root_fd, init->plan->process.cwd, 0755);

	/* What stands in the way is told when the directory is entered, as the container's user. */
	(void)err;
	(void)fd;
	return 0;
}

static int await_hooks(struct init *init, struct err *err)
{
	TRY(sync_send(init->child->sync_fd, SYNC_RUN_HOOKS, 0, -1, err));
	return sync_expect(init->child->sync_fd, SYNC_HOOKS_DONE, err);
}

static int run_hooks(struct init *init, enum plan_hook_kind kind, int cwd_fd, const char *status,
		     struct err *err)
{
	struct hook_state state = init->child->hook_state;

	state.cwd_fd = cwd_fd;
	return hooks_run(&init->plan->hooks[kind], kind, &state, status, getpid(), err);
}

/* In the container's root, which is not "/" yet: where runc runs them, and their only way to it. */
static int run_create_container_hooks(struct init *init, struct err *err)
{
	return run_hooks(init, PLAN_HOOK_CREATE_CONTAINER, init->root_fd, "creating", err);
}

static int protect_paths(struct init *init, struct err *err)
{
	return rootfs_protect_paths(init->child->mount_ops, &init->plan->rootfs, init->root_fd,
				    err);
}

static int make_readonly(struct init *init, struct err *err)
{
	const struct plan_rootfs *rootfs = &init->plan->rootfs;

	for (size_t i = 0; i < rootfs->n_mounts; i++)
		TRY(mount_finish(init->child->mount_ops, &rootfs->mounts[i],
				 init->child->mount_fds[i], err));
	return rootfs_make_readonly(init->child->mount_ops, &init->plan->rootfs, init->root_fd,
				    err);
}

static int enter_rootfs(struct init *init, struct err *err)
{
	return rootfs_enter(init->child->mount_ops, &init->plan->rootfs, init->root_fd, err);
}

static int become_foreground(struct init *init, struct err *err)
{
	return console_become(&init->plan->process, init->slave_fd, err);
}

static int set_limits(struct init *init, struct err *err)
{
	int sync_fd = init->child->sync_fd;

	if (!((init->plan->ns.create | init->plan->ns.join) & CLONE_NEWUSER))
		return process_set_rlimits(&init->plan->process, 0, err);
	TRY(sync_send(sync_fd, SYNC_RLIMITS, 0, -1, err));
	return sync_expect(sync_fd, SYNC_RLIMITS_SET, err);
}

static int set_scheduling(struct init *init, struct err *err)
{
	return process_set_scheduling(&init->plan->process, err);
}

static int set_labels(struct init *init, struct err *err)
{
	return lsm_set_labels(init->proc_fd, &init->plan->process, err);
}

/* HOME has a slot in the planned environment when config.json has none: see plan/process.c. */
static int set_home(struct init *init, struct err *err)
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

static bool seccomp_needs_admin(const struct plan *plan)
{
	return plan->seccomp && !plan->process.no_new_privs;
}

static int give_stdio(struct init *init, struct err *err)
{
	(void)err;
	process_give_stdio(&init->plan->process);
	return 0;
}

static int use_own_null(struct init *init, struct err *err)
{
	(void)init;
	(void)err;
	process_use_own_null();
	return 0;
}

static int become_user(struct init *init, struct err *err)
{
	return process_become_user(&init->plan->process, seccomp_needs_admin(init->plan), err);
}

/* The container's own directories are all that a later lookup may lead to: close the rest. */
static int close_all_but_talk(struct init *init, struct err *err)
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
	init->root_fd = init->proc_fd = -1;
	init->slave_fd = -1;
	return 0;
}

/* A directory that is closed to the user, but not to us, is entered; what we may not, it may. */
static int enter_cwd_as_root(struct init *init, struct err *err)
{
	int ret = process_enter_cwd(&init->plan->process, err);

	init->is_in_cwd = ret == 0;
	return ret == -EACCES ? 0 : ret;
}

static int enter_cwd(struct init *init, struct err *err)
{
	return process_enter_cwd(&init->plan->process, err);
}

static int find_program(struct init *init, struct err *err)
{
	const struct plan_process *process = &init->plan->process;

	umask(process->has_umask ? process->umask : DEFAULT_UMASK);
	return program_find(process, &init->program, err);
}

static int set_no_new_privs(struct init *init, struct err *err)
{
	(void)init;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? err_sys(err, "set no_new_privs") : 0;
}

/* The waiting ends, and with it the trace of `create`; that of `start` begins. */
static void take_trace(struct init *init, int fd)
{
	if (fd < 0 || trace_attach(&init->start_trace, fd, TRACE_CONTAINER) < 0)
		return;
	init->child->trace = &init->start_trace;
	init->child->hook_state.trace = &init->start_trace;
}

__attribute__((noreturn)) static void end_by_signal(int signal)
{
	_exit(128 + signal);
}

/*
 * The kernel keeps from a namespace's first process what it does not handle: a created container
 * would live on after SIGTERM. execve(2) makes the dispositions default again.
 */
static void heed_signals(void)
{
	static const struct sigaction end = { .sa_handler = end_by_signal };
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &end, NULL);
}

/* `start` connects and says START; anyone else who connects (to see whether we wait) hangs up. */
static int await_start_command(struct init *init, struct err *err)
{
	struct child *child = init->child;

	fd_close(&child->sync_fd);
	for (;;) {
		AUTO_FD fd = accept4(child->start_fd, NULL, NULL, SOCK_CLOEXEC);
		struct sync_message message;

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			return err_sys(err, "wait for start");
		/* Hanging up on `start` would tell it that the program runs. */
		if (sync_receive(fd, &message, err) < 0) {
			sync_send_error(fd, err);
			continue;
		}
		if (message.type == SYNC_START)
			take_trace(init, message.fd);
		fd_close(&message.fd);
		if (message.type != SYNC_START)
			continue;
		child->sync_fd = fd_take(&fd);
		return 0;
	}
}

static int await_start(struct init *init, struct err *err)
{
	if (init->child->start_fd >= 0 && getpid() == 1)
		heed_signals();
	TRY(sync_send(init->child->sync_fd, SYNC_READY, 0, -1, err));
	if (init->child->start_fd >= 0)
		return await_start_command(init, err);
	return sync_expect(init->child->sync_fd, SYNC_START, err);
}

/* From here on a call may have to wait for the agent: it gets the listener before all else. */
static int load_seccomp(struct init *init, struct err *err)
{
	uint32_t flags = init->plan->seccomp->flags;
	AUTO_FD listener_fd = -1;
	int ret = seccomp_program_load(init->child->seccomp, flags, err);

	if (ret < 0 || !(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return ret;
	listener_fd = ret;
	TRY(sync_write(init->child->sync_fd, SYNC_SECCOMP_FD, listener_fd, err));
	return sync_read(init->child->sync_fd, SYNC_SECCOMP_TAKEN, err);
}

static int drop_admin(struct init *init, struct err *err)
{
	int ret = process_set_capabilities(&init->plan->process, err);

	if (ret == -EPERM || ret == -ENOSYS)
		err_hint(err,
			 "the seccomp profile denies it: allow capget, capset and prctl, or set "
			 "noNewPrivileges, with which the filter is loaded after them");
	return ret;
}

static int run_start_container_hooks(struct init *init, struct err *err)
{
	return run_hooks(init, PLAN_HOOK_START_CONTAINER, -1, "created", err);
}

static int exec_program(struct init *init, struct err *err)
{
	return program_exec(&init->plan->process, &init->program, err);
}

/* ---- when a step is needed ---- */

/* Id maps, and mounts that get one, are the parent's work. */
static bool needs_parent_first(const struct init *init)
{
	const struct plan_rootfs *rootfs = &init->plan->rootfs;

	/* Whoever made us may not have told our pid yet, which comes before all that we say. */
	if (init->child->is_joined)
		return true;
	if ((init->plan->ns.create | init->plan->ns.join) & CLONE_NEWUSER)
		return true;
	for (size_t i = 0; i < rootfs->n_mounts; i++)
		if (rootfs->mounts[i].idmap)
			return true;
	return false;
}
static bool has_cgroup(const struct init *init)
{
	return init->child->cgroup;
}
static bool has_new_cgroup_ns(const struct init *init)
{
	return init->plan->ns.create & CLONE_NEWCGROUP;
}
static bool has_new_user_ns(const struct init *init)
{
	return (init->plan->ns.create | init->plan->ns.join) & CLONE_NEWUSER;
}
static bool has_new_net_ns(const struct init *init)
{
	return init->plan->ns.create & CLONE_NEWNET;
}
static bool has_names(const struct init *init)
{
	return init->plan->hostname || init->plan->domainname;
}
static bool has_keyring(const struct init *init)
{
	return init->child->new_keyring;
}
static bool has_labels(const struct init *init)
{
	return init->plan->process.apparmor_profile || init->plan->process.selinux_label;
}
static bool needs_proc(const struct init *init)
{
	return init->plan->sysctls.n || has_labels(init);
}
static bool has_sysctls(const struct init *init)
{
	return init->plan->sysctls.n;
}
static bool has_terminal(const struct init *init)
{
	return init->plan->process.terminal;
}
static bool has_early_hooks(const struct init *init)
{
	return init->plan->hooks[PLAN_HOOK_PRESTART].n ||
	       init->plan->hooks[PLAN_HOOK_CREATE_RUNTIME].n;
}
static bool has_create_container_hooks(const struct init *init)
{
	return init->plan->hooks[PLAN_HOOK_CREATE_CONTAINER].n;
}
static bool has_start_container_hooks(const struct init *init)
{
	return init->plan->hooks[PLAN_HOOK_START_CONTAINER].n;
}
static bool has_process(const struct init *init)
{
	return init->plan->has_process;
}
static bool has_rlimits(const struct init *init)
{
	return init->plan->process.n_rlimits;
}
static bool lacks_home(const struct init *init)
{
	return !init->plan->process.env_has_home && init->plan->has_process;
}
static bool is_outside_cwd(const struct init *init)
{
	return init->plan->has_process && !init->is_in_cwd;
}
static bool has_no_new_privs(const struct init *init)
{
	return init->plan->process.no_new_privs;
}
static bool has_seccomp(const struct init *init)
{
	return init->child->seccomp;
}
static bool has_kept_admin(const struct init *init)
{
	return seccomp_needs_admin(init->plan);
}

struct step {
	const char *name;
	int (*run)(struct init *init, struct err *err);
	bool (*is_needed)(const struct init *init); /* NULL: always */
};

/* `create` and `run` */
static const struct step init_steps[] = {
	{ "leave the caller's signals and descriptors", leave_caller, NULL },
	{ "wait for the runtime", await_go, needs_parent_first },
	{ "leave the caller's session", hide_and_detach, NULL },
	{ "join cgroups", join_cgroups, has_cgroup },
	{ "use all CPUs", reset_cpus, NULL },
	{ "unshare the cgroup namespace", unshare_cgroup_ns, has_new_cgroup_ns },
	{ "join namespaces", enter_namespaces, NULL },
	{ "become root of the user namespace", become_mapped_root, has_new_user_ns },
	{ "join a session keyring", join_keyring, has_keyring },
	{ "bring up loopback", raise_loopback, has_new_net_ns },
	{ "set host and domain name", set_names, has_names },
	{ "open procfs", open_proc, needs_proc },
	{ "write sysctls", write_sysctls, has_sysctls },
	{ "attach the root file system", attach_rootfs, NULL },
	{ "make mounts", make_mounts, NULL },
	{ "make devices", make_devices, NULL },
	{ "open the terminal", open_console, has_terminal },
	{ "make the working directory", make_cwd, has_process },
	{ "wait for the runtime", await_go, NULL },
	{ "wait for hooks of the runtime", await_hooks, has_early_hooks },
	{ "createContainer hooks", run_create_container_hooks, has_create_container_hooks },
	{ "protect paths", protect_paths, NULL },
	{ "make mounts read-only", make_readonly, NULL },
	{ "enter the root file system", enter_rootfs, NULL },
	{ "take the terminal", become_foreground, has_terminal },
	{ "find the home directory", set_home, lacks_home },
	{ "set resource limits", set_limits, has_rlimits },
	{ "set scheduling", set_scheduling, has_process },
	{ "set security labels", set_labels, has_labels },
	{ "use the container's null device", use_own_null, has_process },
	{ "give pipes to the user", give_stdio, has_process },
	{ "close descriptors", close_all_but_talk, NULL },
	{ "enter the working directory", enter_cwd_as_root, has_process },
	{ "become the user", become_user, has_process },
	{ "set no_new_privs", set_no_new_privs, has_no_new_privs },
	{ "enter the working directory as the user", enter_cwd, is_outside_cwd },
	{ "find the program", find_program, has_process },
	{ "wait for start", await_start, NULL }, /* sends READY first */
	{ "load the seccomp filter", load_seccomp, has_seccomp },
	{ "drop the last capability", drop_admin, has_kept_admin },
	{ "startContainer hooks", run_start_container_hooks, has_start_container_hooks },
	{ "exec", exec_program, has_process },
	{ 0 },
};

/* `exec`: the container stands, and whatever runs in it may be hostile. */
static const struct step exec_steps[] = {
	{ "leave the caller's signals and descriptors", leave_caller, NULL },
	{ "wait for the runtime", await_go, NULL },
	{ "leave the caller's session", hide_and_detach, NULL },
	{ "join the container", enter_container, NULL },
	{ "join a session keyring", join_keyring, has_keyring },
	{ "open the terminal", open_console, has_terminal },
	{ "take the terminal", become_foreground, has_terminal },
	{ "find the home directory", set_home, lacks_home },
	{ "set resource limits", set_limits, has_rlimits },
	{ "set scheduling", set_scheduling, NULL },
	{ "set security labels", set_labels, has_labels },
	{ "use the container's null device", use_own_null, NULL },
	{ "give pipes to the user", give_stdio, NULL },
	{ "close descriptors", close_all_but_talk, NULL },
	{ "enter the working directory", enter_cwd_as_root, NULL },
	{ "become the user", become_user, NULL },
	{ "set no_new_privs", set_no_new_privs, has_no_new_privs },
	{ "enter the working directory as the user", enter_cwd, is_outside_cwd },
	{ "find the program", find_program, NULL },
	{ "wait for start", await_start, NULL },
	{ "load the seccomp filter", load_seccomp, has_seccomp },
	{ "drop the last capability", drop_admin, has_kept_admin },
	{ "exec", exec_program, NULL },
	{ 0 },
};

/* A step may change the trace: it ends in the one in which it began. */
static int run_step(const struct step *step, struct init *init, struct err *err)
{
	return TRACED(init->child->trace, step->name, NULL, step->run(init, err));
}

static int run_steps(const struct step *steps, struct init *init, struct err *err)
{
	for (size_t i = 0; steps[i].name; i++) {
		if (steps[i].is_needed && !steps[i].is_needed(init))
			continue;
		init->child->progress->step = steps[i].name;
		TRY(run_step(&steps[i], init, err));
	}
	return err_at(err, "/process", EINVAL, "there is no process to start");
}

void child_main(struct child *child)
{
	struct err err = { 0 };
	struct init init = {
		.child = child,
		.plan = child->plan,
		.root_fd = -1,
		.proc_fd = child->proc_fd,
		.slave_fd = -1,
	};

	/* A lock lasts as long as a copy of its descriptor: ours is to end with the parent's. */
	fd_close(&child->lock_fd);
	trace_set_track(child->trace, TRACE_CONTAINER);
	run_steps(child->target ? exec_steps : init_steps, &init, &err);
	sync_send_error(child->sync_fd, &err);
	_exit(CHILD_EXIT_FAILED);
}
