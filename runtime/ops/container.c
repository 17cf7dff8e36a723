/* SPDX-License-Identifier: Apache-2.0 */
/* Finding, judging and ending an existing container. */
#include "container.h"

#include "bound_root.h"
#include "cgroup.h"
#include "fd.h"
#include "hook.h"
#include "host_gather.h"
#include "load.h"
#include "pidfd.h"
#include "plan_build.h"
#include "rdt.h"
#include "scm.h"
#include "spec.h"
#include "trace.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

DEFINE_AUTO(text, char *, free)

static int read_record(struct container *container, struct err *err)
{
	AUTO(text) char *text = NULL;
	struct err read_err;
	size_t len;
	int ret = store_read(container->dir_fd, STORE_STATE, &text, &len, &read_err);

	if (ret == -ENOENT) /* killed before it was written: nothing but the directory exists */
		return 0;
	if (ret < 0) {
		*err = read_err;
		return ret;
	}
	TRY(arena_new(record_arena_bytes(len), &container->arena, err));
	TRY(record_parse(text, len, container->arena, &container->record, err));
	container->has_record = true;
	return 0;
}

/* That there is no such process, or none that leads a thread group, as init does. */
static bool is_no_process(int error)
{
	return error == ESRCH || error == EINVAL || error == ENOENT;
}

/*
 * Opens init when the recorded process is still it, and alive. What keeps us from knowing is an
 * error: a container that is taken for a stopped one is deleted, and its processes live on.
 */
static int find_init(struct container *container, struct err *err)
{
	struct process_stat stat;
	AUTO_FD pidfd = -1;
	pid_t pid;
	int ret = store_read_pid(container->dir_fd, &container->pid);

	if (ret < 0)
		return ret == -ENOENT ? 0 : err_errno(err, ret, "read the container's pid");
	container->has_pid = true;
	pid = container->pid.pid;
	/* The pidfd comes first: what is read afterwards is true of the process behind it. */
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0)
		return is_no_process(errno) ? 0 : err_sys(err, "open process %d", pid);
	ret = process_stat_read(pid, &stat);
	if (ret < 0)
		return ret == -ESRCH ? 0 : err_errno(err, ret, "read /proc/%d/stat", pid);
	if (stat.start_time != container->pid.start_time || stat.state == 'Z' || stat.state == 'X')
		return 0;
	container->pidfd = fd_take(&pidfd);
	return 0;
}

/* 1: there is such a file, 0: there is not. */
static int has_file(const struct container *container, const char *name, struct err *err)
{
	struct stat st;

	if (fstatat(container->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : err_sys(err, "look for the state file '%s'", name);
}

/* Whether init still waits: when its program runs, nobody listens at the socket any more. */
static int is_waiting(const struct container *container, struct err *err)
{
	AUTO_FD fd = -1;

	int answer = has_file(container, STORE_START, err);

	if (answer <= 0)
		return answer;
	fd = scm_connect(SOCK_SEQPACKET | SOCK_NONBLOCK, container->dir_fd, STORE_START);
	/* EAGAIN: it listens, but is stopped and has not accepted the last few who asked. */
	if (fd >= 0 || fd == -EAGAIN)
		return 1;
	if (fd == -ECONNREFUSED || fd == -ENOENT)
		return 0;
	return err_errno(err, fd, "ask whether init waits");
}

static int find_status(const struct container *container, enum ops_status *ret_status,
		       struct err *err)
{
	int answer;

	*ret_status = OPS_STOPPED;
	if (!container->has_pid || !container->has_record) {
		if (!container->is_locked && store_is_locked(container->dir_fd))
			*ret_status = OPS_CREATING;
		return 0;
	}
	if (container->pidfd < 0)
		return 0;
	answer = has_file(container, STORE_START_NEW, err);
	TRY(answer);
	if (answer) {
		*ret_status = OPS_CREATING;
		return 0;
	}
	answer = cgroup_is_frozen(&container->record.cgroups, err);
	TRY(answer);
	if (answer) {
		*ret_status = OPS_PAUSED;
		return 0;
	}
	answer = is_waiting(container, err);
	TRY(answer);
	*ret_status = answer ? OPS_CREATED : OPS_RUNNING;
	return 0;
}

int container_open(const struct ops_context *ctx, const char *id, unsigned int flags,
		   struct container *ret_container, struct err *err)
{
	struct container *container = ret_container;
	int ret;

	*container = CONTAINER_NONE;
	container->ctx = ctx;
	container->id = id;
	container->is_locked = flags & CONTAINER_LOCKED;
	TRY(store_check_id(id, err));
	container->root_fd = store_open(ctx->root, false, err);
	if (container->root_fd == -ENOENT)
		return err_set(err, ENOENT, "container does not exist: \"%s\"", id);
	TRY(container->root_fd);
	container->dir_fd =
		container->is_locked
			? store_lock(container->root_fd, id,
				     flags & CONTAINER_NO_WAIT ? 0 : CONTAINER_LOCK_MS, err)
			: store_find(container->root_fd, id, err);
	TRY(container->dir_fd);
	ret = read_record(container, err);
	if (ret < 0 && (ret != -EINVAL || !(flags & CONTAINER_DAMAGED_OK))) {
		err_hint(err, "delete --force removes what is left of it");
		return ret;
	}
	TRY(find_init(container, err));
	return find_status(container, &container->status, err);
}

void container_close(struct container *container)
{
	fd_close(&container->pidfd);
	store_unlock(&container->dir_fd);
	fd_close(&container->root_fd);
	arena_free(TAKE(container->arena));
}

void container_unlock(struct container *container)
{
	fd_close(&container->dir_fd);
	container->is_locked = false;
}

int container_load_spec(const struct container *container, struct spec **ret_spec, struct err *err)
{
	return spec_load(container->dir_fd, STORE_CONFIG, NULL, ret_spec, NULL, err);
}

int container_open_root(const struct container *container, struct err *err)
{
	AUTO_FD fd = -1;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/root", container->pid.pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Asked afterwards: it was init's as long as init lives. */
	if (fd < 0 || pidfd_send_signal(container->pidfd, 0) < 0)
		return err_sys(err, "open the container's root '%s'", path);
	return fd_take(&fd);
}

int container_load_plan(const struct container *container, enum cgroup_manager manager,
			struct plan **ret_plan, struct err *err)
{
	AUTO(spec) struct spec *spec = NULL;
	AUTO(arena) struct arena *arena = NULL;
	struct host *host;
	const struct plan_request request = {
		.id = container->id,
		.bundle = container->record.bundle,
		.cgroup_manager = manager,
	};

	TRY(container_load_spec(container, &spec, err));
	spec->linux_.intel_rdt.set =
		false; /* resctrl may be gone by now, and is no matter of hooks */
	TRY(arena_new(HOST_ARENA_BYTES, &arena, err));
	TRY(host_gather(arena, &host, err));
	return plan_build(spec, host, &request, ret_plan, err);
}

/* The plan of the copy and the state for its hooks; NULL when it has none of these kinds. */
struct late_hooks {
	struct plan *plan;
	char *head, *tail;
};

static void late_hooks_auto(struct late_hooks *late)
{
	plan_free(late->plan);
	free(late->head);
	free(late->tail);
}

static int late_hooks_load(const struct container *container, struct late_hooks *ret_late,
			   struct err *err)
{
	if (!container->has_record || !container->record.has_late_hooks)
		return 0;
	TRY(container_load_plan(container, CGROUP_MANAGER_DISABLED, &ret_late->plan, err));
	return record_print_hook_state(&container->record, &ret_late->head, &ret_late->tail, err);
}

static struct hook_state late_hook_state(const struct container *container,
					 const struct late_hooks *late)
{
	return (struct hook_state){
		.head = late->head,
		.tail = late->tail,
		.cwd_fd = -1,
		.trace = container->ctx->trace,
	};
}

int container_run_poststart_hooks(const struct container *container, struct err *err)
{
	AUTO(late_hooks) struct late_hooks late = { 0 };

	TRY(late_hooks_load(container, &late, err));
	if (!late.plan)
		return 0;
	const struct hook_state state = late_hook_state(container, &late);

	return hooks_run(&late.plan->hooks[PLAN_HOOK_POSTSTART], PLAN_HOOK_POSTSTART, &state,
			 "running", container->pid.pid, err);
}

/* Nothing that is wrong with hooks keeps a container from being deleted. */
static void run_poststop_hooks(const struct container *container)
{
	AUTO(late_hooks) struct late_hooks late = { 0 };
	struct err err = { 0 };

	if (late_hooks_load(container, &late, &err) < 0)
		log_warning(container->ctx->log, "poststop hooks: %s", err.text);
	if (!late.plan || err.code)
		return;
	const struct hook_state state = late_hook_state(container, &late);

	hooks_run_poststop(&late.plan->hooks[PLAN_HOOK_POSTSTOP], &state, container->ctx->log);
}

int container_kill(const struct container *container, struct err *err)
{
	const struct cgroup_paths *cgroups = &container->record.cgroups;

	/*
	 * With init the kernel has ended all processes of its pid namespace. Before its pid is
	 * recorded a container has no process, and its cgroups may be somebody else's still.
	 */
	if (container->pidfd < 0 && (container->record.has_own_pid_ns || !container->has_pid))
		return 0;
	if (container->pidfd >= 0 && pidfd_send_signal(container->pidfd, SIGKILL) < 0 &&
	    errno != ESRCH)
		return err_sys(err, "kill process %d", container->pid.pid);
	/* Also thaws, without which a frozen process does not die on v1. */
	TRY(cgroup_kill(cgroups, SIGKILL, err));
	if (container->pidfd >= 0 && !pidfd_wait(container->pidfd, CONTAINER_KILL_MS))
		return err_set(err, ETIMEDOUT, "process %d does not end, %d s after SIGKILL",
			       container->pid.pid, CONTAINER_KILL_MS / 1000);
	return 0;
}

/*
 * Whose processes are the container's. A create that was killed before its init may not have got to
 * see that a cgroup that it found was somebody else's: then only those that it made count.
 */
static struct cgroup_paths own_cgroups(struct container *container)
{
	const struct cgroup_paths *all = &container->record.cgroups;
	struct cgroup_paths own = { .n = 0 };

	if (container->has_pid || all->n == 0)
		return *all;
	own.v = ARENA_ARRAY(container->arena, struct cgroup_path, all->n);
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].created_levels)
			own.v[own.n++] = all->v[i];
	return own;
}

/* Processes are looked for only when there are any: the freezer interrupts every CPU. */
static int remove_cgroups(struct container *container, struct err *err)
{
	const struct cgroup_paths *cgroups = &container->record.cgroups;
	struct cgroup_paths own;

	if (cgroup_remove(cgroups, false, err) == 0)
		return 0;
	if (err->code != EBUSY && err->code != ENOTEMPTY)
		return -err->code;
	err_clear(err);
	own = own_cgroups(container);
	TRY(cgroup_kill(&own, SIGKILL, err));
	return cgroup_remove(cgroups, true, err);
}

/*
 * Nothing that is wrong with systemd keeps a container from being deleted: the unit has no process any
 * more, and ends by itself as soon as systemd is well. Before init's pid was recorded a unit of this
 * name may be somebody else's.
 */
static void stop_unit(const struct container *container)
{
	const struct unit_ref *unit = &container->record.unit;
	struct trace *trace = container->ctx->trace;
	const char *description = NULL;
	struct err err;

	if (!unit->name)
		return;
	if (!container->has_pid)
		description = plan_unit_description(container->arena, container->id);
	if (TRACED(trace, "have systemd stop the unit", unit->name,
		   unit_stop(unit, description, &err)) < 0)
		log_warning(container->ctx->log, "%s", err.text);
}

int container_destroy(struct container *container, struct err *err)
{
	struct trace *trace = container->ctx->trace;

	TRY(TRACED(trace, "end processes", NULL, container_kill(container, err)));
	TRY(TRACED(trace, "remove cgroups", NULL, remove_cgroups(container, err)));
	stop_unit(container);
	TRY(bound_root_remove(&container->record.root_mount, container->record.rootfs, err));
	TRY(rdt_remove(&container->record.rdt, err));
	run_poststop_hooks(container);
	return TRACED(trace, "forget the container", NULL,
		      store_remove(container->root_fd, container->id, container->dir_fd, err));
}
