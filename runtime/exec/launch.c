/* SPDX-License-Identifier: Apache-2.0 */
/* The parent of a launch: prepares descriptors, clones, answers the child until it is ready. */
#include "launch.h"

#include "bound_root.h"
#include "cgroup.h"
#include "clone_flags.h"
#include "fd.h"
#include "host_facts.h"
#include "idmap.h"
#include "io.h"
#include "launch_parts.h"
#include "mount.h"
#include "net_device.h"
#include "pidfd.h"
#include "process_start.h"
#include "procfs.h"
#include "rdt.h"
#include "rootfs.h"
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* ---- before the clone ---- */

static bool has_user_ns(const struct plan *plan)
{
	return (plan->ns.create | plan->ns.join) & CLONE_NEWUSER;
}

/* Events still reach the copy from the host, but not the other way: as a copy made in the child. */
static int make_slave(int mnt_fd, struct err *err)
{
	struct mount_attr attr = { .propagation = MS_SLAVE };

	if (mount_kernel.set_attr(mnt_fd, true, &attr) < 0)
		return err_sys(err, "make a detached tree a slave");
	return 0;
}

static int open_source(const struct plan_mount *mount, int *ret_fd, struct err *err)
{
	AUTO_FD fd = mount_open_source(&mount_kernel, mount, err);

	TRY(fd);
	TRY(make_slave(fd, err));
	*ret_fd = fd_take(&fd);
	return 0;
}

/*
 * A caller without privileges may not; its child may, as the superuser of its namespaces. In a user
 * namespace that has the mounts of another one this tree cannot be had without those, and EINVAL
 * says so: who may not is told before.
 */
static bool may_clone_trees(void)
{
	AUTO_FD fd = mount_kernel.tree_clone(AT_FDCWD, "/", false);

	return fd >= 0 || errno == EINVAL;
}

/*
 * What lies in the container's root, or in a mount namespace that is joined, is opened there by the
 * child, when its turn comes.
 */
static bool is_mapped_later(const struct plan *plan, const struct plan_mount *mount)
{
	return mount->idmap && (mount->root_source || plan->ns.join & CLONE_NEWNS);
}

/* Opens what a mapped root could not reach, and what gets an id map. */
static int open_sources(struct launch *launch, struct err *err)
{
	const struct plan_rootfs *rootfs = &launch->plan->rootfs;
	bool is_mapped = has_user_ns(launch->plan) && rootfs->has_mount_ns && may_clone_trees();

	launch->child.mount_fds = malloc((rootfs->n_mounts + 1) * sizeof(int));
	if (!launch->child.mount_fds)
		return err_set(err, ENOMEM, "no memory for %zu mounts", rootfs->n_mounts);
	for (size_t i = 0; i < rootfs->n_mounts; i++)
		launch->child.mount_fds[i] = -1;
	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];

		if (mount->kind == PLAN_MOUNT_BIND && (is_mapped || mount->idmap) &&
		    !mount->root_source && !is_mapped_later(launch->plan, mount))
			TRY(open_source(mount, &launch->child.mount_fds[i], err));
	}
	if (is_mapped) {
		launch->child.rootfs_fd = rootfs_open_tree(&mount_kernel, rootfs, err);
		TRY(launch->child.rootfs_fd);
		TRY(make_slave(launch->child.rootfs_fd, err));
	}
	return 0;
}

static int share_progress(struct launch *launch, struct err *err)
{
	void *page = mmap(NULL, sizeof(struct child_progress), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return err_sys(err, "map a shared page");
	launch->child.progress = page;
	launch->child.progress->step = "start";
	return 0;
}

static void launch_done(struct launch *launch)
{
	struct child *child = &launch->child;

	if (child->mount_fds)
		for (size_t i = 0; i < launch->plan->rootfs.n_mounts; i++)
			fd_close(&child->mount_fds[i]);
	free(child->mount_fds);
	join_close(&child->join_fds);
	fd_close(&child->rootfs_fd);
	fd_close(&child->proc_fd);
	fd_close(&child->sync_fd);
	fd_close(&launch->sync_fd);
	if (child->progress)
		munmap(child->progress, sizeof(*child->progress));
}

/* ---- after the clone ---- */

static int map_mount(const struct launch *launch, const struct plan_mount *mount, int mnt_fd,
		     struct err *err)
{
	AUTO_FD userns_fd = -1;
	char path[64];

	if (mount->uids.n) {
		userns_fd = idmap_open_userns(&mount->uids, &mount->gids, err);
		TRY(userns_fd);
	} else {
		snprintf(path, sizeof(path), "/proc/%d/ns/user", launch->launched.pid);
		userns_fd = open(path, O_RDONLY | O_CLOEXEC);
		if (userns_fd < 0)
			return err_sys(err, "open '%s'", path);
	}
	return idmap_mount(mnt_fd, mount, userns_fd, err);
}

static int map_mounts(struct launch *launch, struct err *err)
{
	const struct plan_rootfs *rootfs = &launch->plan->rootfs;

	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];

		if (mount->idmap && !is_mapped_later(launch->plan, mount))
			TRY(TRACED(launch->request->trace, "map the ids of a mount", mount->target,
				   map_mount(launch, mount, launch->child.mount_fds[i], err)));
	}
	return 0;
}

static int map_child_mount(struct launch *launch, const struct sync_message *message,
			   struct err *err)
{
	const struct plan_rootfs *rootfs = &launch->plan->rootfs;

	if (message->value < 0 || (size_t)message->value >= rootfs->n_mounts ||
	    !is_mapped_later(launch->plan, &rootfs->mounts[message->value]))
		return err_set(err, EPROTO, "mount %d has no id map", message->value);
	TRY(map_mount(launch, &rootfs->mounts[message->value], message->fd, err));
	return sync_send(launch->sync_fd, SYNC_MOUNT_MAPPED, 0, -1, err);
}

/* It outlives the child, and us: what is to be undone is known before it is done. */
static int record_root(struct launch *launch, int tree_fd, struct err *err)
{
	const struct plan_namespaces *ns = &launch->plan->ns;
	const char *ns_path = NULL;
	struct root_mount mount;
	int ns_fd = -1;

	if (!launch->plan->rootfs.is_bound || !launch->request->record_root)
		return err_set(err, EPROTO, "the root's mount was not to be recorded");
	for (size_t i = 0; i < ns->n; i++) {
		if (ns->v[i].clone_flag != CLONE_NEWNS)
			continue;
		ns_path = ns->v[i].path;
		ns_fd = launch->child.join_fds.v[i];
	}
	TRY(bound_root_identify(tree_fd, ns_fd, &mount, err));
	mount.ns_path = ns_path;
	TRY(launch->request->record_root(launch->request->context, &mount, err));
	return sync_send(launch->sync_fd, SYNC_ROOT_RECORDED, 0, -1, err);
}

static int set_oom_score(struct launch *launch, struct err *err)
{
	const struct plan_process *process = &launch->plan->process;
	char path[64], value[16];
	int ret;

	if (!process->has_oom_score_adj)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", launch->launched.pid);
	snprintf(value, sizeof(value), "%d", process->oom_score_adj);
	ret = io_write_file(AT_FDCWD, path, value);
	if (ret < 0) {
		err_errno(err, ret, "set oom_score_adj to %s", value);
		err_pointer(err, "/process/oomScoreAdj");
		if (ret == -EACCES)
			err_hint(err, "lowering the score needs CAP_SYS_RESOURCE");
		return -err->code;
	}
	return 0;
}

/* Whether the child, on its way, needs an answer of ours, or is to wait for our last limits. */
static bool has_work_when_ready(const struct launch *launch)
{
	const struct plan *plan = launch->plan;

	for (size_t i = 0; i < plan->rootfs.n_mounts; i++)
		if (is_mapped_later(plan, &plan->rootfs.mounts[i]))
			return true;
	return plan->rootfs.is_bound || plan->hooks[PLAN_HOOK_PRESTART].n ||
	       plan->hooks[PLAN_HOOK_CREATE_RUNTIME].n ||
	       (has_user_ns(plan) && plan->process.n_rlimits) ||
	       (launch->request->cgroup &&
		cgroup_has_writes(launch->request->cgroup, PLAN_CGROUP_LAST));
}

/* What has to be true before the child takes its first step. */
static int prepare_child(struct launch *launch, struct err *err)
{
	const struct plan_namespaces *ns = &launch->plan->ns;
	const struct launch_request *request = launch->request;

	struct trace *trace = request->trace;
	pid_t pid = launch->launched.pid;

	if (request->record)
		TRY(TRACED(trace, "record the pid", NULL,
			   request->record(request->context, pid, err)));
	if (ns->has_uid_gid_maps)
		TRY(TRACED(trace, "write id maps", NULL,
			   idmap_write(pid, &ns->uids, &ns->gids, err)));
	if (request->cgroup && !launch->child.cgroup)
		TRY(TRACED(trace, "move the process into its cgroups", NULL,
			   cgroup_join(request->cgroup, pid, launch->child.is_in_cgroup_v2, err)));
	if (request->cgroup && (!launch->child.cgroup || launch->child.is_in_cgroup_v2))
		cgroup_settle(request->cgroup);
	if (request->rdt)
		TRY(TRACED(trace, "move the process into its class of service", NULL,
			   rdt_join(request->rdt, pid, err)));
	TRY(map_mounts(launch, err));
	TRY(set_oom_score(launch, err));
	if (launch->plan->n_net_devices)
		TRY(TRACED(trace, "move network devices", NULL,
			   net_devices_move(launch->plan, &launch->child.join_fds, pid, err)));
	TRY(sync_send(launch->sync_fd, SYNC_GO, 0, -1, err));
	if (!request->starts_at_once || has_work_when_ready(launch))
		return 0;
	launch->launched.is_started = true;
	return sync_send(launch->sync_fd, SYNC_START, 0, -1, err);
}

static int run_early_hooks(struct launch *launch, struct err *err)
{
	struct hook_state state = launch->child.hook_state;

	state.init_pidfd = &launch->launched.pidfd;
	TRY(hooks_run_early(launch->plan->hooks, &state, launch->launched.pid, err));
	return sync_send(launch->sync_fd, SYNC_HOOKS_DONE, 0, -1, err);
}

/* The child is gone without a word: says where it was and how it ended. */
static int describe_death(struct launch *launch, struct err *err)
{
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)launch->launched.pidfd, &info, WEXITED | WNOWAIT | __WALL) < 0)
		return err_sys(err, "wait for the container's process");
	return err_set(err, ECHILD, "the container's process died at step \"%s\" (%s %d)",
		       launch->child.progress->step,
		       info.si_code == CLD_EXITED ? "exit status" : "signal", info.si_status);
}

static int answer(struct launch *launch, struct sync_message *message, struct err *err)
{
	switch (message->type) {
	case SYNC_RUN_HOOKS:
		return run_early_hooks(launch, err);
	case SYNC_ROOT_MOUNT:
		return TRACED(launch->request->trace, "record the root's mount", NULL,
			      record_root(launch, message->fd, err));
	case SYNC_MAP_MOUNT:
		return map_child_mount(launch, message, err);
	case SYNC_CONSOLE:
		fd_close(&launch->launched.console_fd);
		launch->launched.console_fd = fd_take(&message->fd);
		return 0;
	case SYNC_RLIMITS:
		TRY(process_set_rlimits(&launch->plan->process, launch->launched.pid, err));
		return sync_send(launch->sync_fd, SYNC_RLIMITS_SET, 0, -1, err);
	case SYNC_EOF:
		return describe_death(launch, err);
	default:
		return err_set(err, EPROTO, "got %s from the container's process",
			       sync_type_name(message->type));
	}
}

/*
 * Hooks that run in the container may take their time, or not end at all; what has joined the cgroup of
 * a paused container stands still.
 */
static int wait_for_word(const struct launch *launch, struct err *err)
{
	if (!launch->request->target && launch->plan->hooks[PLAN_HOOK_CREATE_CONTAINER].n == 0)
		return 0;
	return launch_await(launch->sync_fd, launch->child.hook_state.cancel_fd, err);
}

static int converse(struct launch *launch, struct err *err)
{
	struct sync_message message = { .fd = -1 };
	int ret;

	for (;;) {
		TRY(wait_for_word(launch, err));
		TRY(TRACED(launch->request->trace, "wait for the container's process", NULL,
			   sync_receive(launch->sync_fd, &message, err)));
		if (message.type == SYNC_READY)
			break;
		ret = answer(launch, &message, err);
		fd_close(&message.fd);
		TRY(ret);
	}
	if (launch->request->cgroup)
		TRY(TRACED(launch->request->trace, "set the last cgroup limits", NULL,
			   cgroup_apply(launch->request->cgroup, PLAN_CGROUP_LAST, err)));
	return 0;
}

/* When talking failed, what the child said before it went is the better reason. */
static int prefer_child_error(struct launch *launch, int ret, struct err *err)
{
	struct sync_message message = { .fd = -1 };
	struct err said = { 0 };

	if (ret != -EPIPE && ret != -ECONNRESET)
		return ret;
	while (sync_receive(launch->sync_fd, &message, &said) == 0 && message.type != SYNC_EOF)
		fd_close(&message.fd);
	if (!said.code)
		return describe_death(launch, err);
	*err = said;
	return -err->code;
}

/* Labels are written through the host's procfs, which is out of reach inside the container. */
static int open_host_proc(struct launch *launch, struct err *err)
{
	const struct plan_process *process = &launch->plan->process;

	if (!launch->request->target || !(process->apparmor_profile || process->selinux_label))
		return 0;
	launch->child.proc_fd = procfs_open(err);
	return launch->child.proc_fd < 0 ? launch->child.proc_fd : 0;
}

/* The debug log tells the way of a process in the words that readers of runc's look for. */
static void log_cloned(const struct launch *launch)
{
	const struct log *log = launch->request->log;
	const unsigned long *cpus = launch->plan->process.initial_cpus;

	log_debug(log, "nsexec container setup: process %d is made", launch->launched.pid);
	/* The first 64 CPUs: enough to see whether it is what was asked for. */
	if (cpus)
		log_debug(log, "nsexec[%d]: affinity: 0x%lx", launch->launched.pid, cpus[0]);
}

static int open_descriptors(struct launch *launch, struct err *err)
{
	TRY(join_open(&launch->plan->ns, &launch->child.join_fds, err));
	TRY(open_sources(launch, err));
	return open_host_proc(launch, err);
}

static int run_launch(struct launch *launch, struct err *err)
{
	int fds[2];
	int ret;

	TRY(TRACED(launch->request->trace, "open namespaces and mount sources", NULL,
		   open_descriptors(launch, err)));
	TRY(share_progress(launch, err));
	TRY(sync_pair(fds, err));
	launch->sync_fd = fds[0];
	launch->child.sync_fd = fds[1];

	ret = launch_clone(launch, err);
	if (ret < 0) {
		launch_reap_intermediate(launch);
		return ret;
	}
	log_cloned(launch);
	ret = prepare_child(launch, err);
	launch_reap_intermediate(launch);
	if (ret == 0)
		ret = converse(launch, err);
	if (ret < 0)
		return prefer_child_error(launch, ret, err);
	log_debug(launch->request->log, "child process in init(): process %d is ready to start",
		  launch->launched.pid);
	return 0;
}

/*
 * A user without privileges enters a created container, and fetches the listener of its seccomp
 * filter, with no other right than that over its own processes. In a pid namespace that is new
 * nobody else is there to use it.
 */
static bool is_traceable(const struct launch_request *request)
{
	const struct plan_namespaces *ns = &request->plan->ns;

	return ns->has_uid_gid_maps && ns->create & CLONE_NEWPID && !request->target &&
	       !host_has_capability(CAP_SYS_PTRACE);
}

static bool needs_cgroup_join(const struct launch_request *request)
{
	return request->cgroup && cgroup_join_needs_parent(request->cgroup);
}

/* One that stands still in a paused container ends when that is resumed: too late to wait for. */
static void end_launched(struct launch *launch, int ret)
{
	if (ret == -EINTR && launch->request->target && launch->launched.pidfd >= 0)
		pidfd_send_signal(launch->launched.pidfd, SIGKILL);
	else
		launched_kill(&launch->launched);
}

int launch(const struct launch_request *request, struct launched *ret_launched, struct err *err)
{
	struct launch launch = {
		.request = request,
		.plan = request->plan,
		.sync_fd = -1,
		.launched = LAUNCHED_NONE,
		.child = {
			.plan = request->plan,
			.mount_ops = &mount_kernel,
			.seccomp = request->seccomp,
			/* A mapped root may not write to the host's cgroups. */
			.cgroup = has_user_ns(request->plan) || needs_cgroup_join(request)
					  ? NULL
					  : request->cgroup,
			.waits_for_cgroup = needs_cgroup_join(request),
			.hook_state = { .head = request->hook_state.head,
					.tail = request->hook_state.tail,
					.cwd_fd = request->hook_state.cwd_fd,
					.cancel_fd = request->hook_state.cancel_fd,
					.trace = request->trace },
			.join_fds = JOIN_FDS_NONE,
			.proc_fd = -1,
			.sync_fd = -1,
			.start_fd = request->start_fd,
			.lock_fd = request->lock_fd,
			.rootfs_fd = -1,
			.is_traceable = is_traceable(request),
			.new_keyring = request->new_keyring,
			.preserve_fds = request->preserve_fds,
			.target = request->target,
			.trace = request->trace,
		},
	};
	int ret = run_launch(&launch, err);

	if (ret < 0) {
		end_launched(&launch, ret);
		launched_done(&launch.launched);
	} else {
		launch.launched.cancel_fd = launch_start_cancel_fd(request);
		if (request->start_fd < 0)
			launch.launched.sync_fd = fd_take(&launch.sync_fd);
		*ret_launched = launch.launched;
	}
	launch_done(&launch);
	return ret;
}
