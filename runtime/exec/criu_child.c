/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens between clone3(2) and the execve(2) of criu: plain system calls, no allocation.
 * For a restore, criu gets what the restored processes shall have and only ever inherit (cgroups, a
 * session keyring), and a mount namespace of its own: it wants the root file system to be a mount,
 * and what is mounted there for it is gone with it, however it ends.
 */
#include "criu_child.h"

#include "cgroup.h"
#include "fd.h"
#include "mount.h"
#include "process_start.h"
#include "rootfs.h"
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOCKET_FD   3
#define SOCKET_TEXT "3"

/*
 * A copy of the root file system on itself, from which nothing reaches the host's mounts; the copy's
 * descriptor. It stays a slave of those: where they are shared the container's root was one too, and
 * criu makes it one again by what this one has.
 */
static int mount_rootfs(const struct plan_rootfs *rootfs, struct err *err)
{
	struct mount_attr slave = { .propagation = MS_SLAVE };
	AUTO_FD tree_fd = rootfs_open_tree(&mount_kernel, rootfs, err);
	AUTO_FD target_fd = -1;

	TRY(tree_fd);
	if (mount_kernel.set_attr(tree_fd, true, &slave) < 0)
		return err_sys(err, "make the root file system a slave");
	target_fd = open(rootfs->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target_fd < 0)
		return err_sys(err, "open the root file system '%s'", rootfs->path);
	TRY(mount_attach(&mount_kernel, tree_fd, target_fd, rootfs->path, err));
	return fd_take(&tree_fd);
}

/* A mount point is the same whatever ids are seen behind it. */
static int leave_ids(void *context, const struct plan_mount *mount, int mnt_fd, struct err *err)
{
	(void)context;
	(void)mount;
	(void)mnt_fd;
	(void)err;
	return 0;
}

static int make_mount_point(const struct mount_context *ctx, const struct plan_mount *mount,
			    struct err *err)
{
	AUTO_FD mnt_fd = -1;

	return mount_exec(ctx, mount, &mnt_fd, err);
}

/*
 * Mounts everything once as `create` does, only for what that leaves in the root file system and in
 * the sources of bind mounts: mount points, which an image that was unpacked anew does not have.
 */
static int make_mount_points(const struct criu_place *place, struct err *err)
{
	const struct plan *plan = place->plan;
	AUTO_FD root_fd = mount_rootfs(&plan->rootfs, err);
	const struct mount_context ctx = {
		.ops = &mount_kernel,
		.root_fd = root_fd,
		.cgroup = plan->shown_cgroup,
		.label = plan->rootfs.mount_label,
		.label_option = plan->rootfs.label_option,
		.map_ids = leave_ids,
	};

	TRY(root_fd);
	for (size_t i = 0; i < plan->rootfs.n_mounts; i++)
		TRY(make_mount_point(&ctx, &plan->rootfs.mounts[i], err));
	if (umount2(plan->rootfs.path, MNT_DETACH) < 0)
		return err_sys(err, "unmount '%s'", plan->rootfs.path);
	return 0;
}

static int prepare_mounts(const struct criu_place *place, struct err *err)
{
	AUTO_FD root_fd = -1;

	if (!place->plan->rootfs.has_mount_ns)
		return 0;
	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(err, "unshare the mount namespace");
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return err_sys(err, "make the mounts slaves");
	TRY(make_mount_points(place, err));
	root_fd = mount_rootfs(&place->plan->rootfs, err);
	TRY(root_fd);
	/* criu takes over what it finds: of a root it sets no attribute itself (criu 4.1). */
	return rootfs_make_readonly(&mount_kernel, &place->plan->rootfs, root_fd, err);
}

static int take_place(const struct criu_place *place, struct err *err)
{
	umask(0);
	if (place->new_keyring)
		TRY(process_new_keyring(err));
	TRY(prepare_mounts(place, err));
	/* Last: the mounts need no limits, and nothing to be charged to the container. */
	return place->cgroup ? cgroup_join_self(place->cgroup, false, err) : 0;
}

static int place_fds(const struct criu_task *task, int socket_fd, int *sync_fd)
{
	int first_free = CRIU_FIRST_FD + (int)task->n_fds;
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int high[CRIU_FDS_MAX];

	/* Out of the way first: what one gets may be what another one has. */
	socket_fd = fcntl(socket_fd, F_DUPFD_CLOEXEC, first_free);
	null_fd = fcntl(null_fd, F_DUPFD_CLOEXEC, first_free);
	*sync_fd = fcntl(*sync_fd, F_DUPFD_CLOEXEC, first_free);
	if (socket_fd < 0 || null_fd < 0 || *sync_fd < 0)
		return -1;
	for (size_t i = 0; i < task->n_fds; i++) {
		high[i] = fcntl(task->fds[i], F_DUPFD_CLOEXEC, first_free);
		if (high[i] < 0)
			return -1;
	}
	for (size_t i = 0; i < task->n_fds; i++)
		if (dup2(high[i], CRIU_FIRST_FD + (int)i) < 0)
			return -1;
	for (int fd = STDIN_FILENO; !task->keeps_stdio && fd <= STDERR_FILENO; fd++)
		if (dup2(null_fd, fd) < 0)
			return -1;
	process_close_on_exec_from((unsigned int)first_free);
	return dup2(socket_fd, SOCKET_FD);
}

static int run(const struct criu_task *task, int socket_fd, int *sync_fd, struct err *err)
{
	static char *const argv[] = { "criu", "swrk", SOCKET_TEXT, NULL };

	int ret = process_reset_signals();

	if (ret < 0)
		return err_errno(err, ret, "reset signals");
	/* ctrl-c is for us: criu has to undo what it did. Restored jobs of a shell stay in its group. */
	if (!task->place)
		setpgid(0, 0);
	if (task->place)
		TRY(take_place(task->place, err));
	if (place_fds(task, socket_fd, sync_fd) < 0)
		return err_sys(err, "pass descriptors to criu");
	execve(task->program, argv, environ);
	err_sys(err, "run '%s'", task->program);
	return err_path(err, task->program);
}

void criu_child_main(const struct criu_task *task, int socket_fd, int sync_fd)
{
	struct err err = { 0 };
	int lock_fd = task->lock_fd;

	fd_close(&lock_fd);
	run(task, socket_fd, &sync_fd, &err);
	sync_send_error(sync_fd, &err);
	_exit(1);
}
