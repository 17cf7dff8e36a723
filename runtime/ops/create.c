/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `create` and `run`, and what `restore` has in common with them. Everything that can be wrong with
 * the input is found before the first side effect; from then on each effect is preceded by its
 * record, and a failure undoes them all.
 */
#include "creation.h"

#include "agent.h"
#include "bound_root.h"
#include "bundle.h"
#include "cgroup.h"
#include "fd.h"
#include "filter.h"
#include "host_gather.h"
#include "load.h"
#include "notify.h"
#include "plan_build.h"
#include "program_cause.h"
#include "rdt.h"
#include "scm.h"
#include "seccomp_program.h"
#include "seccomp_watch.h"
#include "spec.h"
#include "store.h"
#include "trace.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void creation_done(struct creation *creation)
{
	launched_done(&creation->launched);
	cgroup_handle_free(creation->cgroup);
	unit_free(creation->unit);
	handover_close(&creation->handover);
	seccomp_watch_free(creation->watch);
	op_notify_free(creation->notify);
	seccomp_program_free(creation->seccomp);
	plan_free(creation->plan);
	arena_free(creation->arena);
	spec_free(creation->spec);
	free(creation->hook_head);
	free(creation->hook_tail);
	free(creation->config_text);
	free(creation->bundle);
	fd_close(&creation->start_fd);
	store_unlock(&creation->dir_fd);
	fd_close(&creation->root_fd);
	fd_close(&creation->bundle_fd);
}

/* ---- before the first side effect ---- */

static int load_config(struct creation *creation, struct err *err)
{
	TRY(bundle_load(creation->options->bundle, creation->options->config, &creation->bundle,
			&creation->spec, &creation->config_text, err));
	creation->bundle_fd = open(creation->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return creation->bundle_fd < 0 ? err_sys(err, "open the bundle '%s'", creation->bundle) : 0;
}

/* Of all who could be told of a call only one can be, and denied calls need somebody to deny. */
static int check_watch(const struct creation *creation, struct err *err)
{
	const struct seccomp_watch_request *request = creation->options->watch;
	const struct plan_seccomp *seccomp = creation->plan->seccomp;

	if (!request)
		return 0;
	if (!seccomp && request->kind == SECCOMP_WATCH_DENIED)
		return err_at(err, "/linux/seccomp", EINVAL,
			      "there is no seccomp profile that could deny a system call");
	if (seccomp && seccomp->listener_path)
		return err_at(err, "/linux/seccomp/listenerPath", EINVAL,
			      "system calls cannot be watched beside another seccomp agent");
	return 0;
}

static int make_plan(struct creation *creation, struct err *err)
{
	const struct ops_create_options *options = creation->options;
	struct plan_request request = {
		.id = options->id,
		.bundle = creation->bundle,
		.cgroup_manager = creation->ctx->cgroup_manager,
		.no_pivot = options->no_pivot,
		.log = creation->ctx->log,
	};
	size_t record_bytes = creation->spec->annotations.n * sizeof(struct record_annotation);
	struct host *host;

	TRY(arena_new(HOST_ARENA_BYTES + record_bytes, &creation->arena, err));
	TRY(bundle_gather_host(creation->spec, creation->arena, &host, err));
	TRY(plan_build(creation->spec, host, &request, &creation->plan, err));
	TRY(check_watch(creation, err));
	TRY(handover_check_terminal(creation->plan->process.terminal, options->relays_terminal,
				    options->console_socket, err));
	handover_size_terminal(options->rows, options->columns, &creation->plan->process);
	return handover_connect(options->console_socket, options->pidfd_socket, &creation->handover,
				err);
}

static int check_rootfs(const struct creation *creation, struct err *err)
{
	const char *path = creation->plan->rootfs.path;
	bool is_elsewhere = creation->plan->ns.join & CLONE_NEWNS; /* init will look it up */
	AUTO_FD fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char hint[ERR_HINT_MAX] = "";

	if (is_elsewhere)
		return 0;
	if (fd >= 0)
		return creation->plan->rootfs.is_bound
			       ? bound_root_check(&mount_kernel, &creation->plan->rootfs, err)
			       : 0;
	err_sys(err, "root file system '%s'", path);
	err_pointer(err, "/root/path");
	err_path(err, path);
	if (strncmp(path, creation->bundle, strlen(creation->bundle)) == 0)
		return err_hint(err, "root.path is relative to the bundle '%s'", creation->bundle);
	program_explain_path(path, "on this host", hint);
	return hint[0] ? err_hint(err, "%s", hint) : -err->code;
}

/* ---- with side effects ---- */

struct hook_state creation_hook_state(const struct creation *creation)
{
	return (struct hook_state){
		.head = creation->hook_head,
		.tail = creation->hook_tail,
		.cwd_fd = creation->bundle_fd,
		.cancel_fd = creation->ctx->cancel_fd,
		.trace = creation->ctx->trace,
	};
}

/* From here on the plan is right about where the cgroup is, which is systemd's to decide. */
static int make_unit(struct creation *creation, struct err *err)
{
	struct plan *plan = creation->plan;
	const char *control_group;

	TRY(cgroup_check_free(plan->cgroup, err));
	TRY(unit_start(plan->cgroup->unit, &creation->record.unit, &creation->unit, &control_group,
		       err));
	plan_unit_move(plan->arena, plan->cgroup, control_group);
	return 0;
}

static int make_cgroup(struct creation *creation, struct err *err)
{
	const struct plan_cgroup *cgroup = creation->plan->cgroup;
	struct trace *trace = creation->ctx->trace;

	if (!cgroup)
		return 0;
	if (cgroup->unit)
		TRY(TRACED(trace, "have systemd start the unit", cgroup->unit->name,
			   make_unit(creation, err)));
	TRY(TRACED(trace, "make cgroups", NULL,
		   cgroup_create(cgroup, creation->unit, &creation->cgroup, err)));
	TRY(creation_record_cgroups(creation, err));
	return TRACED(trace, "set cgroup limits", NULL,
		      cgroup_apply(creation->cgroup, PLAN_CGROUP_SETUP, err));
}

static int make_rdt(struct creation *creation, struct err *err)
{
	const struct plan_rdt *rdt = creation->plan->rdt;

	if (!rdt)
		return 0;
	TRY(TRACED(creation->ctx->trace, "make the class of service", rdt->origin,
		   rdt_make(rdt, &creation->record.rdt, err)));
	creation->has_rdt = true;
	return 0;
}

/* The plan gets the filter that tells us of calls; what is kept for `exec` is the container's own. */
static int make_watch(struct creation *creation, struct err *err)
{
	const struct seccomp_watch_request *request = creation->options->watch;
	struct plan *plan = creation->plan;

	if (!request)
		return 0;
	TRY(seccomp_watch_new(request, creation->seccomp, &creation->watch, err));
	if (!plan->seccomp)
		plan->seccomp = ARENA_NEW(plan->arena, struct plan_seccomp);
	plan->seccomp->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	return 0;
}

static int record_pid(void *context, pid_t pid, struct err *err)
{
	return creation_record_pid(context, pid, err);
}

static int record_root(void *context, const struct root_mount *mount, struct err *err)
{
	return creation_record_root(context, mount, err);
}

static int make_process(struct creation *creation, struct err *err)
{
	const struct ops_create_options *options = creation->options;
	struct launch_request request = {
		.plan = creation->plan,
		.cgroup = creation->cgroup,
		.rdt = creation->plan->rdt ? &creation->record.rdt : NULL,
		.seccomp = creation->watch ? seccomp_watch_program(creation->watch)
					   : creation->seccomp,
		.start_fd = -1,
		.lock_fd = creation->dir_fd,
		.starts_at_once = creation->is_run && !options->pid_file &&
				  !options->console_socket && !options->pidfd_socket,
		.new_keyring = !options->no_new_keyring,
		.preserve_fds = (unsigned int)options->preserve_fds,
		.log = creation->ctx->log,
		.trace = creation->ctx->trace,
		.record = record_pid,
		.record_root = record_root,
		.context = creation,
	};

	request.hook_state = creation_hook_state(creation);
	if (!creation->is_run) {
		creation->start_fd = scm_listen(SOCK_SEQPACKET, creation->dir_fd, STORE_START_NEW);
		if (creation->start_fd < 0)
			return err_errno(err, creation->start_fd, "make the start socket");
		request.start_fd = creation->start_fd;
	}
	TRY(launch(&request, &creation->launched, err));
	if (!creation->is_run &&
	    renameat(creation->dir_fd, STORE_START_NEW, creation->dir_fd, STORE_START) < 0)
		return err_sys(err, "rename the start socket");
	return handover_send(&creation->handover, &creation->launched, "standard", err);
}

static int run_process(struct creation *creation, struct err *err)
{
	struct plan *plan = creation->plan;
	struct hook_state state = creation_hook_state(creation);
	pid_t pid = creation->launched.pid;
	const struct record_process process = { .pid = pid, .init_pid = pid, .status = "created" };
	const struct seccomp_agent watching = { .watch = creation->watch };
	AUTO(agent) struct seccomp_agent *agent = NULL;

	if (!creation->watch)
		TRY(agent_new(plan->seccomp, &creation->record, &process, &agent, err));
	TRY(launch_start(&creation->launched, creation->watch ? &watching : agent,
			 creation->ctx->trace, err));
	log_debug(creation->ctx->log, "init: closing the pipe to signal completion");
	return hooks_run(&plan->hooks[PLAN_HOOK_POSTSTART], PLAN_HOOK_POSTSTART, &state, "running",
			 pid, err);
}

static int make_container(struct creation *creation, struct err *err)
{
	TRY(TRACED(creation->ctx->trace, "record the intent", NULL,
		   creation_write_intent(creation, err)));
	TRY(make_cgroup(creation, err));
	TRY(make_rdt(creation, err));
	TRY(record_print_hook_state(&creation->record, &creation->hook_head, &creation->hook_tail,
				    err));
	if (creation->restoration) {
		TRY(restoration_run(creation->restoration, creation, err));
	} else {
		TRY(make_watch(creation, err));
		if (creation->is_run)
			TRY(notify_open(creation->ctx, creation->dir_fd,
					creation->options->notify_socket, &creation->notify, err));
		TRY(make_process(creation, err));
	}
	/* The caller's file is there before the program can run, and before we say so. */
	if (creation->options->pid_file)
		TRY(handover_write_pid_file(creation->options->pid_file, creation->launched.pid,
					    err));
	return creation->is_run ? run_process(creation, err) : 0;
}

/*
 * What failed stays the error, whatever else goes wrong now. The record of what could not be undone
 * is kept: who deletes the container tries again.
 */
static void undo(struct creation *creation)
{
	struct hook_state state = creation_hook_state(creation);
	struct plan *plan = creation->plan;
	struct err undo_err = { 0 };
	bool is_undone = true;

	launched_kill(&creation->launched);
	if (creation->unit)
		unit_settle(creation->unit);
	/* One that could not be made may be somebody else's: its processes are not ours to kill. */
	if (creation->cgroup && (cgroup_kill(&creation->record.cgroups, SIGKILL, &undo_err) < 0 ||
				 cgroup_remove(&creation->record.cgroups, true, &undo_err) < 0)) {
		log_warning(creation->ctx->log, "%s", undo_err.text);
		is_undone = false;
	}
	/* Without a process it ends by itself, sooner or later. */
	if (creation->unit && unit_end(creation->unit, &undo_err) < 0)
		log_warning(creation->ctx->log, "%s", undo_err.text);
	if (bound_root_remove(&creation->record.root_mount, creation->record.rootfs, &undo_err) <
	    0) {
		log_warning(creation->ctx->log, "%s", undo_err.text);
		is_undone = false;
	}
	if (creation->has_rdt && rdt_remove(&creation->record.rdt, &undo_err) < 0) {
		log_warning(creation->ctx->log, "%s", undo_err.text);
		is_undone = false;
	}
	if (creation->has_process)
		hooks_run_poststop(&plan->hooks[PLAN_HOOK_POSTSTOP], &state, creation->ctx->log);
	if (is_undone &&
	    store_remove(creation->root_fd, creation->options->id, creation->dir_fd, &undo_err) < 0)
		log_warning(creation->ctx->log, "%s", undo_err.text);
}

static int make_filter(struct creation *creation, struct err *err)
{
	const struct plan_seccomp *seccomp = creation->plan->seccomp;

	if (!seccomp)
		return 0;
	log_debug(creation->ctx->log, "seccomp filter flags: %u", seccomp->flags);
	return TRACED(creation->ctx->trace, "get the seccomp filter", NULL,
		      filter_get(creation->root_fd, seccomp, creation->ctx->log, &creation->seccomp,
				 err));
}

static int create(struct creation *creation, struct err *err)
{
	struct trace *trace = creation->ctx->trace;
	int ret;

	TRY(store_check_id(creation->options->id, err));
	TRY(TRACED(trace, "read config.json", creation->options->config,
		   load_config(creation, err)));
	handover_tell_sockets(creation->options->listen_fds, creation->spec);
	if (creation->options->notify_socket)
		creation->has_notify_dir =
			notify_add_to_spec(creation->ctx, creation->options->id, creation->spec);
	TRY(TRACED(trace, "plan", NULL, make_plan(creation, err)));
	TRY(check_rootfs(creation, err));
	TRY(creation_fill_record(creation, err));
	/* A document may have megabytes: there are three copies of it until here. */
	spec_free(TAKE(creation->spec));
	if (creation->restoration)
		TRY(restoration_prepare(creation->restoration, creation, err));

	creation->root_fd = store_open(creation->ctx->root, true, err);
	TRY(creation->root_fd);
	TRY(make_filter(creation, err));
	creation->dir_fd = TRACED(trace, "take the id", creation->options->id,
				  store_create(creation->root_fd, creation->options->id, err));
	TRY(creation->dir_fd);
	ret = make_container(creation, err);
	if (ret < 0) {
		uint32_t span = trace_begin(trace, "undo", NULL);

		undo(creation);
		trace_end(trace, span, 0);
	}
	return ret;
}

int creation_run(const struct ops_context *ctx, const struct ops_create_options *options,
		 bool is_run, struct restoration *restoration, struct ops_process *ret_process,
		 struct err *err)
{
	struct creation creation = {
		.ctx = ctx,
		.options = options,
		.is_run = is_run,
		.restoration = restoration,
		.handover = HANDOVER_NONE,
		.bundle_fd = -1,
		.root_fd = -1,
		.dir_fd = -1,
		.start_fd = -1,
		.launched = LAUNCHED_NONE,
	};
	int ret = create(&creation, err);

	if (ret == 0 && ret_process) {
		ret_process->pid = creation.launched.pid;
		ret_process->pidfd = fd_take(&creation.launched.pidfd);
		ret_process->console_fd = fd_take(&creation.launched.console_fd);
		ret_process->watch = TAKE(creation.watch);
		ret_process->notify = TAKE(creation.notify);
	}
	creation_done(&creation);
	return ret;
}

int op_create(const struct ops_context *ctx, const struct ops_create_options *options,
	      struct ops_process *ret_process, struct err *err)
{
	return creation_run(ctx, options, false, NULL, ret_process, err);
}

int op_run(const struct ops_context *ctx, const struct ops_create_options *options,
	   struct ops_process *ret_process, struct err *err)
{
	return creation_run(ctx, options, true, NULL, ret_process, err);
}
