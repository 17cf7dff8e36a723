/* SPDX-License-Identifier: Apache-2.0 */
/* The parent of a launch: prepares descriptors, clones, answers the child until it is ready. */
#include "launch.h"

#include "cgroup.h"
#include "child.h"
#include "clone.h"
#include "clone_cause.h"
#include "fd.h"
#include "host_facts.h"
#include "idmap.h"
#include "io.h"
#include "mount.h"
#include "net_device.h"
#include "pidfd.h"
#include "process_start.h"
#include "rdt.h"
#include "procfs.h"
#include "rootfs.h"
#include "seccomp_agent.h"
#include "seccomp_watch.h"
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define INTERMEDIATE_EXIT_FAILED 1

/* Everything that lives as long as one call of launch(). */
struct launch {
	const struct launch_request *request;
	const struct plan *plan;
	struct child child;
	int sync_fd; /* to the child */
	struct launched launched;
	pid_t intermediate;
};

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

/* A caller without privileges may not; its child may, as the superuser of its namespaces. */
static bool may_clone_trees(void)
{
	AUTO_FD fd = mount_kernel.tree_clone(AT_FDCWD, "/", false);

	return fd >= 0;
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
		    !mount->root_source)
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

/* ---- the clone ---- */

/*
 * What the intermediate makes: offsets are set between unshare(2) and clone(2). A user namespace comes
 * along, whose superuser may do that where the caller may not.
 */
static uint64_t unshare_flags(const struct plan_namespaces *ns)
{
	return CLONE_NEWTIME | (ns->create & CLONE_NEWUSER);
}

static uint64_t clone_flags(const struct launch *launch)
{
	const struct plan_namespaces *ns = &launch->plan->ns;
	uint64_t later = CLONE_NEWCGROUP; /* by init itself, once it is in its cgroups */

	if (launch->request->target) /* all that there is to make exists */
		return 0;

	if (ns->time_offsets)
		later |= unshare_flags(ns);
	return ns->create & ~later;
}

/* clone3 into the v2 cgroup where that is possible; elsewhere the process is moved afterwards. */
static pid_t clone_init(struct launch *launch, uint64_t flags, int exit_signal, int *pidfd)
{
	struct clone_request request = {
		.flags = flags | (pidfd ? CLONE_PIDFD : 0),
		.exit_signal = exit_signal,
		.cgroup_fd = launch->request->cgroup ? cgroup_v2_fd(launch->request->cgroup) : -1,
	};

	request.pidfd = pidfd;
	if (request.cgroup_fd >= 0) {
		pid_t pid;

		request.flags |= CLONE_INTO_CGROUP;
		launch->child.is_in_cgroup_v2 = true;
		pid = clone_process(&request);
		if (pid >= 0)
			return pid;
		request.flags &= ~CLONE_INTO_CGROUP;
		launch->child.is_in_cgroup_v2 = false;
	}
	return clone_process(&request);
}

/* While /proc is the host's: in a mount namespace that is joined it is what others put there. */
static int open_time_offsets(struct err *err)
{
	int fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);

	return fd < 0 ? err_sys(err, "open /proc/self/timens_offsets") : fd;
}

static int set_time_offsets(const struct plan_namespaces *ns, int offsets_fd, struct err *err)
{
	int ret;

	if (unshare((int)unshare_flags(ns)) < 0) {
		err_sys(err, "unshare the time namespace");
		return clone_explain(unshare_flags(ns), err);
	}
	ret = io_write_all(offsets_fd, ns->time_offsets, strlen(ns->time_offsets));
	if (ret < 0) {
		err_errno(err, ret, "set the offsets of the time namespace");
		return err_pointer(err, "/linux/timeOffsets");
	}
	return 0;
}

/* Enters what init cannot enter by itself and makes init as a child of our own parent. */
static int intermediate_run(struct launch *launch, struct err *err)
{
	const struct plan_namespaces *ns = &launch->plan->ns;
	AUTO_FD offsets_fd = -1;
	pid_t pid;

	if (ns->time_offsets) {
		offsets_fd = open_time_offsets(err);
		TRY(offsets_fd);
	}
	if (launch->request->target)
		TRY(join_container(launch->request->target, &launch->plan->process, err));
	else
		TRY(join_enter(ns, &launch->child.join_fds, err));
	if (ns->time_offsets)
		TRY(set_time_offsets(ns, offsets_fd, err));
	fd_close(&offsets_fd);
	pid = clone_init(launch, clone_flags(launch) | CLONE_PARENT, 0, NULL);
	if (pid < 0) {
		err_sys(err, "clone the container's process");
		return clone_explain(clone_flags(launch), err);
	}
	if (pid == 0) {
		launch->child.is_joined = true;
		child_main(&launch->child);
	}
	return sync_send(launch->child.sync_fd, SYNC_PID, pid, -1, err);
}

/*
 * What we make stands in a pid namespace with others before it has run a line: nobody there may
 * trace it. Without root's rights the parent could not write the id maps of what is hidden.
 */
static bool can_hide(const struct launch *launch)
{
	return !launch->plan->ns.has_uid_gid_maps || geteuid() == 0;
}

__attribute__((noreturn)) static void intermediate_main(struct launch *launch)
{
	struct err err = { 0 };

	if (can_hide(launch))
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	trace_set_track(launch->request->trace, TRACE_JOINER);
	if (TRACED(launch->request->trace, "enter namespaces and clone", NULL,
		   intermediate_run(launch, &err)) == 0)
		_exit(0);
	sync_send_error(launch->child.sync_fd, &err);
	_exit(INTERMEDIATE_EXIT_FAILED);
}

/* init is our child, not its: while it goes away, init is at work. */
static void reap_intermediate(struct launch *launch)
{
	while (launch->intermediate > 0 && waitpid(launch->intermediate, NULL, __WALL) < 0 &&
	       errno == EINTR)
		;
	launch->intermediate = 0;
}

/*
 * What the intermediate says. Init has a copy of its end of the socket, so that its own end, should
 * it be killed, is no end of file.
 */
static int receive_from_intermediate(struct launch *launch, int pidfd, struct sync_message *message,
				     struct err *err)
{
	struct pollfd fds[] = {
		{ .fd = launch->sync_fd, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
	};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return err_sys(err, "poll");
	/* It may have spoken just before its end. */
	if (!fds[0].revents && poll(fds, 1, 0) <= 0)
		return err_set(err, ECHILD, "the joining process was killed");
	return sync_receive(launch->sync_fd, message, err);
}

static int clone_by_intermediate(struct launch *launch, struct err *err)
{
	AUTO_FD pidfd = -1;
	struct clone_request request = {
		.flags = CLONE_PIDFD,
		.exit_signal = SIGCHLD,
		.pidfd = &pidfd,
	};
	struct sync_message message;

	launch->intermediate = clone_process(&request);
	if (launch->intermediate < 0)
		return err_sys(err, "clone");
	if (launch->intermediate == 0) {
		fd_close(&launch->sync_fd);
		intermediate_main(launch);
	}
	fd_close(&launch->child.sync_fd);
	TRY(receive_from_intermediate(launch, pidfd, &message, err));
	fd_close(&message.fd);
	if (message.type != SYNC_PID)
		return err_set(err, EPROTO, "got %s from the joining process while PID was awaited",
			       sync_type_name(message.type));
	launch->launched.pid = message.value;
	launch->launched.pidfd = pidfd_open(message.value, 0);
	if (launch->launched.pidfd < 0)
		return err_sys(err, "pidfd_open");
	return 0;
}

static int clone_directly(struct launch *launch, struct err *err)
{
	pid_t pid = clone_init(launch, clone_flags(launch), SIGCHLD, &launch->launched.pidfd);

	if (pid < 0) {
		err_sys(err, "clone the container's process");
		return clone_explain(clone_flags(launch), err);
	}
	if (pid == 0) {
		fd_close(&launch->sync_fd);
		child_main(&launch->child);
	}
	fd_close(&launch->child.sync_fd);
	launch->launched.pid = pid;
	return 0;
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

/* What lies in the container's root is opened there by the child, when its turn comes. */
static bool is_mapped_later(const struct plan_mount *mount)
{
	return mount->idmap && mount->root_source;
}

static int map_mounts(struct launch *launch, struct err *err)
{
	const struct plan_rootfs *rootfs = &launch->plan->rootfs;

	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];

		if (mount->idmap && !is_mapped_later(mount))
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
	    !is_mapped_later(&rootfs->mounts[message->value]))
		return err_set(err, EPROTO, "mount %d has no id map", message->value);
	TRY(map_mount(launch, &rootfs->mounts[message->value], message->fd, err));
	return sync_send(launch->sync_fd, SYNC_MOUNT_MAPPED, 0, -1, err);
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
		if (is_mapped_later(&plan->rootfs.mounts[i]))
			return true;
	return plan->hooks[PLAN_HOOK_PRESTART].n || plan->hooks[PLAN_HOOK_CREATE_RUNTIME].n ||
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

static int converse(struct launch *launch, struct err *err)
{
	struct sync_message message = { .fd = -1 };
	int ret;

	for (;;) {
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

static bool needs_intermediate(const struct launch *launch)
{
	const struct join_target *target = launch->request->target;

	return target ? join_target_needs_intermediate(target)
		      : join_needs_intermediate(&launch->plan->ns);
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

static int make_child(struct launch *launch, struct err *err)
{
	struct trace *trace = launch->request->trace;
	int ret;

	if (needs_intermediate(launch))
		ret = TRACED(trace, "clone through an intermediate process", NULL,
			     clone_by_intermediate(launch, err));
	else
		ret = TRACED(trace, "clone", NULL, clone_directly(launch, err));
	if (launch->launched.pid > 0)
		trace_set_pid(trace, TRACE_CONTAINER, launch->launched.pid);
	if (launch->intermediate > 0)
		trace_set_pid(trace, TRACE_JOINER, launch->intermediate);
	return ret;
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

	ret = make_child(launch, err);
	if (ret < 0) {
		reap_intermediate(launch);
		return ret;
	}
	log_cloned(launch);
	ret = prepare_child(launch, err);
	reap_intermediate(launch);
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
			.cgroup = has_user_ns(request->plan) ? NULL : request->cgroup,
			.hook_state = { .head = request->hook_state.head,
					.tail = request->hook_state.tail,
					.cwd_fd = request->hook_state.cwd_fd,
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
		launched_kill(&launch.launched);
		launched_done(&launch.launched);
	} else {
		if (request->start_fd < 0)
			launch.launched.sync_fd = fd_take(&launch.sync_fd);
		*ret_launched = launch.launched;
	}
	launch_done(&launch);
	return ret;
}

/* Calls on the way to the program are watched too, and would wait for us for ever. */
static int watch_until_word(struct seccomp_watch *watch, int sync_fd, struct err *err)
{
	struct pollfd fds[2] = { { .fd = sync_fd, .events = POLLIN }, { .events = POLLIN } };

	while (!fds[0].revents) {
		fds[1].fd = seccomp_watch_fd(watch);
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		TRY(seccomp_watch_serve(watch, fds[1].revents, err));
	}
	return 0;
}

/* The other end of the talk is gone: somebody killed the process that waited for its start. */
static int explain_gone(int ret, struct err *err)
{
	if (ret != -EPIPE && ret != -ECONNRESET)
		return ret;
	return err_set(err, ESRCH, "the container's process has ended before its start");
}

/* What comes between START and the program: a listener for the agent, where there is one. */
static int expect_exec(int sync_fd, int pidfd, const struct seccomp_agent *agent,
		       struct trace *trace, struct err *err)
{
	struct sync_message message = { .fd = -1 };

	if (agent)
		TRY(TRACED(trace, "serve the seccomp agent", NULL,
			   seccomp_agent_serve(agent, sync_fd, pidfd, err)));
	if (agent && agent->watch)
		TRY(watch_until_word(agent->watch, sync_fd, err));
	TRY(explain_gone(
		TRACED(trace, "wait for the program", NULL, sync_receive(sync_fd, &message, err)),
		err));
	trace_end_track(trace, TRACE_CONTAINER);
	fd_close(&message.fd);
	if (message.type != SYNC_EOF)
		return err_set(err, EPROTO, "got %s from the container's process after START",
			       sync_type_name(message.type));
	return 0;
}

int launch_start_connected(int start_fd, int pidfd, const struct seccomp_agent *agent,
			   struct trace *trace, struct err *err)
{
	TRY(explain_gone(sync_send(start_fd, SYNC_START, 0, trace ? trace->fd : -1, err), err));
	return expect_exec(start_fd, pidfd, agent, trace, err);
}

int launch_start(struct launched *launched, const struct seccomp_agent *agent, struct trace *trace,
		 struct err *err)
{
	int sync_fd = launched->sync_fd;
	int ret = 0;

	if (!launched->is_started) /* the process has the trace already */
		ret = sync_send(sync_fd, SYNC_START, 0, -1, err);
	if (ret == 0)
		ret = expect_exec(sync_fd, launched->pidfd, agent, trace, err);

	if (ret < 0)
		launched_kill(launched);
	return ret;
}

void launched_kill(struct launched *launched)
{
	siginfo_t info;

	if (launched->pidfd < 0)
		return;
	pidfd_send_signal(launched->pidfd, SIGKILL);
	while (waitid(P_PIDFD, (id_t)launched->pidfd, &info, WEXITED | __WALL) < 0 &&
	       errno == EINTR)
		;
}

void launched_done(struct launched *launched)
{
	fd_close(&launched->pidfd);
	fd_close(&launched->console_fd);
	fd_close(&launched->sync_fd);
}
