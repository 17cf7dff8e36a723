/* SPDX-License-Identifier: Apache-2.0 */
/* `exec`: one more process in a container that runs. */
#include "exec_cgroup.h"
#include "exec_process.h"

#include "agent.h"
#include "fd.h"
#include "filter.h"
#include "handover.h"
#include "join.h"
#include "launch.h"
#include "load.h"
#include "plan_build.h"
#include "plan_seccomp.h"
#include "trace.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct execution {
	const struct ops_exec_options *options;
	struct container container;
	struct exec_process process;
	struct exec_cgroups cgroups;
	struct plan *plan;
	struct filter filter;
	struct handover handover;
	struct launched launched;
};

static void execution_done(struct execution *execution)
{
	launched_done(&execution->launched);
	handover_close(&execution->handover);
	filter_done(&execution->filter);
	plan_free(execution->plan);
	exec_process_done(&execution->process);
	exec_cgroups_done(&execution->cgroups);
	container_close(&execution->container);
}

static int check_status(const struct execution *execution, struct err *err)
{
	const struct container *container = &execution->container;

	switch (container->status) {
	case OPS_CREATED:
	case OPS_RUNNING:
		return 0;
	case OPS_PAUSED:
		if (execution->options->ignores_paused)
			return 0;
		err_set(err, EAGAIN, "cannot exec in a paused container");
		return err_hint(err,
				"resume it, or use --ignore-paused to wait until that happens");
	default:
		return err_set(err, ESRCH, "cannot exec in a %s container: container not running",
			       ops_status_name(container->status));
	}
}

static int make_plan(struct execution *execution, struct err *err)
{
	const struct ops_exec_options *options = execution->options;
	const struct container *container = &execution->container;
	const struct plan_request request = {
		.id = container->id,
		.bundle = container->record.bundle,
		.log = container->ctx->log,
	};

	TRY(exec_process_load(container, options, &execution->process, err));
	handover_tell_sockets(options->listen_fds, execution->process.spec);
	TRY(exec_cgroups_find(container, options->cgroups, &execution->cgroups, err));
	TRY(plan_build_exec(execution->process.spec, container->record.namespaces, &request,
			    &execution->plan, err));
	TRY(filter_load(container->dir_fd, &execution->filter, err));
	if (execution->filter.program)
		execution->plan->seccomp = &execution->filter.plan;
	TRY(handover_check_terminal(execution->plan->process.terminal, options->relays_terminal,
				    options->console_socket, err));
	handover_size_terminal(options->rows, options->columns, &execution->plan->process);
	return handover_connect(options->console_socket, options->pidfd_socket,
				&execution->handover, err);
}

static int start_process(struct execution *execution, struct err *err)
{
	const struct container *container = &execution->container;
	const struct record_process process = {
		.pid = execution->launched.pid,
		.init_pid = container->pid.pid,
		.status = ops_status_name(container->status),
	};
	AUTO(agent) struct seccomp_agent *agent = NULL;

	TRY(agent_new(execution->plan->seccomp, &container->record, &process, &agent, err));
	log_debug(container->ctx->log, "setns_init: about to exec");
	return launch_start(&execution->launched, agent, container->ctx->trace, err);
}

/*
 * A container without a mount namespace of its own is in that of whoever made it, which need not be
 * ours: mounts could not be made or changed from outside of it.
 */
static uint64_t inherited_mount_ns(const struct container *container)
{
	struct stat own, init;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", container->pid.pid);
	if (container->record.namespaces & CLONE_NEWNS || stat(path, &init) < 0 ||
	    stat("/proc/thread-self/ns/mnt", &own) < 0 || own.st_ino == init.st_ino)
		return 0;
	return CLONE_NEWNS;
}

/* Elsewhere the program runs at once: a signal that comes before is for it. */
static const int *cancel_fd(const struct execution *execution)
{
	const struct plan_seccomp *seccomp = execution->plan->seccomp;
	bool has_agent = seccomp && seccomp->listener_path;

	return execution->container.status == OPS_PAUSED || has_agent
		       ? execution->container.ctx->cancel_fd
		       : NULL;
}

static int make_process(struct execution *execution, struct err *err)
{
	const struct container *container = &execution->container;
	const struct ops_exec_options *options = execution->options;
	AUTO_FD root_fd = -1;
	struct join_target target = {
		.pidfd = container->pidfd,
		.namespaces = container->record.namespaces | inherited_mount_ns(container),
		.root_fd = -1,
		.cgroups = &execution->cgroups.paths,
		.unit = &container->record.unit,
		.cgroup_v2_fallback = execution->cgroups.v2_fallback,
	};
	const struct rdt_paths *rdt = &container->record.rdt;
	const struct launch_request request = {
		.plan = execution->plan,
		.target = &target,
		/* Others may have removed the class: init is in the default one then. */
		.rdt = rdt->clos && access(rdt->clos, F_OK) == 0 ? rdt : NULL,
		.seccomp = execution->filter.program,
		.start_fd = -1,
		.lock_fd = -1,
		.starts_at_once = !options->console_socket && !options->pidfd_socket,
		.new_keyring = container->record.has_keyring,
		.preserve_fds = (unsigned int)options->preserve_fds,
		.log = container->ctx->log,
		.trace = container->ctx->trace,
		.hook_state = { .cancel_fd = cancel_fd(execution) },
	};

	if (container->record.has_chroot) {
		root_fd = container_open_root(container, err);
		TRY(root_fd);
		target.root_fd = root_fd;
	}
	TRY(launch(&request, &execution->launched, err));
	TRY(handover_send(&execution->handover, &execution->launched, "setns", err));
	TRY(start_process(execution, err));
	/* A pid file says that the program runs: not before it does. */
	return options->pid_file
		       ? handover_write_pid_file(options->pid_file, execution->launched.pid, err)
		       : 0;
}

/* What the caller gave does not stand in the container's config.json: the error says so by its text. */
static void forget_given(const struct ops_exec_options *options, struct err *err)
{
	const struct {
		const char *prefix;
		bool is_given;
	} rows[] = {
		{ "/process/args", true },
		{ "/process/cwd", options->cwd },
		{ "/process/user/additionalGids", options->groups },
		{ "/process/user", options->user },
		{ "/process/apparmorProfile", options->apparmor_profile },
		{ "/process/selinuxLabel", options->selinux_label },
		{ "/process/terminal", options->has_terminal },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((rows[i].is_given || options->process_file) &&
		    strncmp(err->pointer, rows[i].prefix, strlen(rows[i].prefix)) == 0)
			err->pointer[0] = '\0';
}

static int run_in_container(struct execution *execution, const struct ops_context *ctx,
			    struct err *err)
{
	int ret;

	TRY(TRACED(ctx->trace, "open the container", execution->options->id,
		   container_open(ctx, execution->options->id, 0, &execution->container, err)));
	TRY(check_status(execution, err));
	TRY(TRACED(ctx->trace, "plan", NULL, make_plan(execution, err)));
	ret = make_process(execution, err);
	if (ret < 0)
		launched_kill(&execution->launched);
	return ret;
}

int op_exec(const struct ops_context *ctx, const struct ops_exec_options *options,
	    struct ops_process *ret_process, struct err *err)
{
	struct execution execution = {
		.options = options,
		.container = CONTAINER_NONE,
		.handover = HANDOVER_NONE,
		.launched = LAUNCHED_NONE,
	};
	int ret = run_in_container(&execution, ctx, err);

	if (ret < 0)
		forget_given(options, err);
	if (ret == 0 && ret_process) {
		ret_process->pid = execution.launched.pid;
		ret_process->pidfd = fd_take(&execution.launched.pidfd);
		ret_process->console_fd = fd_take(&execution.launched.console_fd);
	}
	execution_done(&execution);
	return ret;
}
