/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of the container's init as a table of steps. Everything here runs between clone3(2) and
 * execve(2) in a copy of the caller's thread: plain system calls, no allocation, nothing left to
 * parse. The parent's end of the socket going away means that the parent died: so does the child.
 */
#include "child.h"

#include "clone.h"
#include "fd.h"
#include "steps.h"
#include "sync.h"

#include <errno.h>
#include <unistd.h>

#define CHILD_EXIT_FAILED 1

/* ---- when a step is needed ---- */

/* Id maps, and mounts that get one, are the parent's work. */
static bool needs_parent_first(const struct init *init)
{
	const struct plan_rootfs *rootfs = &init->plan->rootfs;

	/* Whoever made us may not have told our pid yet, which comes before all that we say. */
	if (init->child->is_joined || init->child->waits_for_cgroup)
		return true;
	if ((init->plan->ns.create | init->plan->ns.join) & CLONE_NEWUSER)
		return true;
	/* In a mount namespace of others the root's mount outlives us. */
	if (rootfs->is_bound)
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
	return step_needs_admin(init->plan);
}

struct step {
	const char *name;
	step_run *run;
	bool (*is_needed)(const struct init *init); /* NULL: always */
};

/* `create` and `run` */
static const struct step init_steps[] = {
	{ "leave the caller's signals and descriptors", step_leave_caller, NULL },
	{ "wait for the runtime", step_await_go, needs_parent_first },
	{ "leave the caller's session", step_hide_and_detach, NULL },
	{ "join cgroups", step_join_cgroups, has_cgroup },
	{ "use all CPUs", step_reset_cpus, NULL },
	{ "unshare the cgroup namespace", step_unshare_cgroup_ns, has_new_cgroup_ns },
	{ "join namespaces", step_enter_namespaces, NULL },
	{ "become root of the user namespace", step_become_mapped_root, has_new_user_ns },
	{ "join a session keyring", step_join_keyring, has_keyring },
	{ "bring up loopback", step_raise_loopback, has_new_net_ns },
	{ "set host and domain name", step_set_names, has_names },
	{ "open procfs", step_open_proc, needs_proc },
	{ "write sysctls", step_write_sysctls, has_sysctls },
	{ "attach the root file system", step_attach_rootfs, NULL },
	{ "make mounts", step_make_mounts, NULL },
	{ "make devices", step_make_devices, NULL },
	{ "open the terminal", step_open_console, has_terminal },
	{ "make the working directory", step_make_cwd, has_process },
	{ "wait for the runtime", step_await_go, NULL },
	{ "wait for hooks of the runtime", step_await_hooks, has_early_hooks },
	{ "createContainer hooks", step_run_create_container_hooks, has_create_container_hooks },
	{ "protect paths", step_protect_paths, NULL },
	{ "make mounts read-only", step_make_readonly, NULL },
	{ "enter the root file system", step_enter_rootfs, NULL },
	{ "take the terminal", step_become_foreground, has_terminal },
	{ "find the home directory", step_set_home, lacks_home },
	{ "set resource limits", step_set_limits, has_rlimits },
	{ "set scheduling", step_set_scheduling, has_process },
	{ "set security labels", step_set_labels, has_labels },
	{ "use the container's null device", step_use_own_null, has_process },
	{ "give pipes to the user", step_give_stdio, has_process },
	{ "close descriptors", step_close_all_but_talk, NULL },
	{ "enter the working directory", step_enter_cwd_as_root, has_process },
	{ "become the user", step_become_user, has_process },
	{ "set no_new_privs", step_set_no_new_privs, has_no_new_privs },
	{ "enter the working directory as the user", step_enter_cwd, is_outside_cwd },
	{ "find the program", step_find_program, has_process },
	{ "wait for start", step_await_start, NULL }, /* sends READY first */
	{ "load the seccomp filter", step_load_seccomp, has_seccomp },
	{ "drop the last capability", step_drop_admin, has_kept_admin },
	{ "startContainer hooks", step_run_start_container_hooks, has_start_container_hooks },
	{ "exec", step_exec_program, has_process },
	{ 0 },
};

/* `exec`: the container stands, and whatever runs in it may be hostile. */
static const struct step exec_steps[] = {
	{ "leave the caller's signals and descriptors", step_leave_caller, NULL },
	{ "wait for the runtime", step_await_go, NULL },
	{ "leave the caller's session", step_hide_and_detach, NULL },
	{ "join the container", step_enter_container, NULL },
	{ "join a session keyring", step_join_keyring, has_keyring },
	{ "open the terminal", step_open_console, has_terminal },
	{ "take the terminal", step_become_foreground, has_terminal },
	{ "find the home directory", step_set_home, lacks_home },
	{ "set resource limits", step_set_limits, has_rlimits },
	{ "set scheduling", step_set_scheduling, NULL },
	{ "set security labels", step_set_labels, has_labels },
	{ "use the container's null device", step_use_own_null, NULL },
	{ "give pipes to the user", step_give_stdio, NULL },
	{ "close descriptors", step_close_all_but_talk, NULL },
	{ "enter the working directory", step_enter_cwd_as_root, NULL },
	{ "become the user", step_become_user, NULL },
	{ "set no_new_privs", step_set_no_new_privs, has_no_new_privs },
	{ "enter the working directory as the user", step_enter_cwd, is_outside_cwd },
	{ "find the program", step_find_program, NULL },
	{ "wait for start", step_await_start, NULL },
	{ "load the seccomp filter", step_load_seccomp, has_seccomp },
	{ "drop the last capability", step_drop_admin, has_kept_admin },
	{ "exec", step_exec_program, NULL },
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
