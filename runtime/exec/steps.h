/* SPDX-License-Identifier: Apache-2.0 */
/* What the child's steps do, for its tables. Private to this layer. */
#ifndef OCIRUN_EXEC_STEPS_H
#define OCIRUN_EXEC_STEPS_H

#include "child.h"
#include "program.h"

#include <stdbool.h>

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

typedef int step_run(struct init *init, struct err *err);

step_run step_leave_caller, step_await_go, step_join_cgroups, step_reset_cpus,
	step_unshare_cgroup_ns, step_enter_namespaces, step_enter_container,
	step_become_mapped_root, step_hide_and_detach, step_join_keyring, step_raise_loopback,
	step_set_names, step_open_proc, step_write_sysctls, step_attach_rootfs, step_make_mounts,
	step_make_devices, step_open_console, step_make_cwd, step_await_hooks,
	step_run_create_container_hooks, step_protect_paths, step_make_readonly, step_enter_rootfs,
	step_become_foreground, step_set_limits, step_set_scheduling, step_set_labels,
	step_set_home, step_give_stdio, step_use_own_null, step_become_user,
	step_close_all_but_talk, step_enter_cwd_as_root, step_enter_cwd, step_find_program,
	step_set_no_new_privs, step_await_start, step_load_seccomp, step_drop_admin,
	step_run_start_container_hooks, step_exec_program;

/* Whether a filter is loaded by who keeps CAP_SYS_ADMIN for that: without no_new_privs. */
bool step_needs_admin(const struct plan *plan);

/* Those of @kind, in the order of the plan; @cwd_fd is where they run, or -1: where we are. */
int step_run_hooks(struct init *init, enum plan_hook_kind kind, int cwd_fd, const char *status,
		   struct err *err);

#endif
