/* SPDX-License-Identifier: Apache-2.0 */
/* `checkpoint`: the processes of a container become files, by criu. */
#include "container.h"

#include "cgroup.h"
#include "criu.h"
#include "criu_external.h"
#include "descriptors.h"
#include "fd.h"
#include "plan_build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Of /dev/pts/N: linux/major.h */
#define UNIX98_FIRST_MAJOR 136
#define UNIX98_LAST_MAJOR  143

struct checkpoint {
	const struct ops_checkpoint_options *options;
	struct container container;
	char program[PATH_MAX];
	struct criu_dirs dirs;
	struct plan *plan;
	struct arena *arena;
	struct criu_opts opts;
	struct descriptors descriptors;
	int status_fd; /* borrowed until it is closed */
};

static void checkpoint_done(struct checkpoint *checkpoint)
{
	arena_free(checkpoint->arena);
	plan_free(checkpoint->plan);
	criu_dirs_close(&checkpoint->dirs);
	container_close(&checkpoint->container);
}

/* ---- before criu runs ---- */

static int check_status(const struct checkpoint *checkpoint, struct err *err)
{
	enum ops_status status = checkpoint->container.status;

	if (status == OPS_RUNNING || status == OPS_PAUSED)
		return 0;
	return err_set(err, ESRCH, "container cannot be checkpointed in %s state",
		       ops_status_name(status));
}

static int check_parent(const struct checkpoint *checkpoint, struct err *err)
{
	const char *path = checkpoint->options->parent_path;
	struct stat st;

	if (!path)
		return 0;
	if (path[0] == '/')
		return err_set(err, EINVAL, "--parent-path must be relative");
	if (fstatat(checkpoint->dirs.image_fd, path, &st, 0) < 0)
		err_sys(err, "invalid --parent-path: '%s'", path);
	else if (!S_ISDIR(st.st_mode))
		err_set(err, ENOTDIR, "invalid --parent-path: '%s' is no directory", path);
	else
		return 0;
	return err_hint(err, "it is relative to the directory of the image");
}

static int check_status_fd(const struct checkpoint *checkpoint, struct err *err)
{
	int fd = checkpoint->status_fd;
	int flags = fd >= 0 ? fcntl(fd, F_GETFL) : O_WRONLY;

	if (flags < 0)
		return err_sys(err, "invalid --status-fd argument %d", fd);
	if ((flags & O_ACCMODE) == O_RDONLY)
		return err_set(err, EBADF, "invalid --status-fd argument %d: not writable", fd);
	return 0;
}

static int check_features(const struct checkpoint *checkpoint, struct err *err)
{
	const struct criu_features needed = {
		.mem_track = checkpoint->options->pre_dump,
		.lazy_pages = checkpoint->options->criu.lazy_pages,
	};

	TRY(criu_check_version(checkpoint->program, err));
	if (!needed.mem_track && !needed.lazy_pages)
		return 0;
	return criu_check_features(checkpoint->program, &needed, err);
}

static int set_externals(struct checkpoint *checkpoint, struct err *err)
{
	const struct container *container = &checkpoint->container;
	AUTO_FD root_fd = container_open_root(container, err);

	TRY(root_fd);
	TRY(arena_new(criu_external_bytes(checkpoint->plan), &checkpoint->arena, err));
	checkpoint->opts.external.v = ARENA_ARRAY(checkpoint->arena, const char *,
						  checkpoint->plan->ns.n + DESCRIPTORS_N);
	TRY(criu_dump_namespaces(checkpoint->arena, checkpoint->plan, container->pid.pid,
				 &checkpoint->opts, err));
	return criu_dump_mounts(checkpoint->arena, checkpoint->plan, root_fd, &checkpoint->opts,
				err);
}

static int set_options(struct checkpoint *checkpoint, struct err *err)
{
	const struct ops_checkpoint_options *options = checkpoint->options;
	const struct container *container = &checkpoint->container;
	struct criu_opts *opts = &checkpoint->opts;

	*opts = CRIU_OPTS_NONE;
	criu_set_common(&options->criu, &checkpoint->dirs, checkpoint->plan, opts);
	opts->pid = container->pid.pid;
	opts->root = container->record.rootfs;
	opts->freeze_cgroup = cgroup_freezer_dir(&container->record.cgroups);
	opts->leave_running = options->leave_running;
	opts->tcp_skip_in_flight = options->tcp_skip_in_flight;
	opts->page_server_address = options->page_server_address;
	if (options->page_server_address)
		opts->page_server_port = options->page_server_port;
	opts->parent_img = options->parent_path;
	opts->track_mem = options->parent_path;
	return set_externals(checkpoint, err);
}

/*
 * The terminal of a shell is on a mount that the container does not have. CRIU has a name for such
 * a one, "tty[DEVICE:FILESYSTEM]", and takes another in its place at a restore.
 */
static bool name_shell_terminal(const struct checkpoint *checkpoint, const char *path,
				char name[DESCRIPTORS_TEXT_MAX])
{
	char devpts_path[64];
	struct stat terminal, devpts;

	snprintf(devpts_path, sizeof(devpts_path), "/proc/%d/root/dev/pts",
		 checkpoint->container.pid.pid);
	if (!checkpoint->options->criu.shell_job || stat(path, &terminal) < 0 ||
	    !S_ISCHR(terminal.st_mode) || major(terminal.st_rdev) < UNIX98_FIRST_MAJOR ||
	    major(terminal.st_rdev) > UNIX98_LAST_MAJOR)
		return false;
	if (stat(devpts_path, &devpts) == 0 && devpts.st_dev == terminal.st_dev)
		return false;
	snprintf(name, DESCRIPTORS_TEXT_MAX, "tty[%llx:%llx]", (unsigned long long)terminal.st_rdev,
		 (unsigned long long)terminal.st_dev);
	return true;
}

/* The streams as init has them now: what the caller of a restore has to replace. */
static void find_descriptors(struct checkpoint *checkpoint)
{
	struct criu_texts *external = &checkpoint->opts.external;

	for (int i = 0; i < DESCRIPTORS_N; i++) {
		char *text = checkpoint->descriptors.v[i];
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", checkpoint->container.pid.pid, i);
		if (name_shell_terminal(checkpoint, path, text))
			external->v[external->n++] = text;
		else if (readlink(path, text, DESCRIPTORS_TEXT_MAX - 1) < 0) /* closed */
			strcpy(text, "/dev/null");
	}
}

/* ---- while it runs ---- */

static int take_event(void *context, const struct criu_response *event, int *fd, struct err *err)
{
	struct checkpoint *checkpoint = context;

	(void)fd;
	log_debug(checkpoint->container.ctx->log, "criu: %s", event->script);
	if (strcmp(event->script, "status-ready") != 0 || checkpoint->status_fd < 0)
		return 0;
	if (write(checkpoint->status_fd, "", 1) != 1)
		return err_sys(err, "tell --status-fd that pages are served");
	fd_close(&checkpoint->status_fd);
	return 0;
}

static int dump(struct checkpoint *checkpoint, struct err *err)
{
	const struct criu_task task = {
		.program = checkpoint->program,
		.type = checkpoint->options->pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP,
		.opts = &checkpoint->opts,
		.lock_fd = checkpoint->container.dir_fd,
		.notify = take_event,
		.context = checkpoint,
	};

	bool is_logged;

	if (!checkpoint->options->pre_dump)
		TRY(descriptors_write(checkpoint->dirs.image_fd, &checkpoint->descriptors, err));
	if (criu_run(&task, &is_logged, err) < 0)
		return is_logged ? criu_dirs_explain(&checkpoint->dirs, err) : -err->code;
	return 0;
}

static int run(struct checkpoint *checkpoint, struct err *err)
{
	const struct ops_checkpoint_options *options = checkpoint->options;
	struct container *container = &checkpoint->container;
	struct err destroy_err = { 0 };

	TRY(check_status(checkpoint, err));
	TRY(criu_check_root(container->record.root_mount.mount.id, err));
	TRY(criu_find(checkpoint->program, err));
	TRY(check_status_fd(checkpoint, err));
	TRY(criu_dirs_open(&options->criu, true, &checkpoint->dirs, err));
	TRY(check_parent(checkpoint, err));
	TRY(check_features(checkpoint, err));
	TRY(container_load_plan(container, container->ctx->cgroup_manager, &checkpoint->plan, err));
	TRY(set_options(checkpoint, err));
	find_descriptors(checkpoint);
	TRY(dump(checkpoint, err));
	if (options->leave_running || options->pre_dump)
		return 0;
	/* The image is complete: what cannot be removed now is no reason to say that there is none. */
	if (container_destroy(container, &destroy_err) < 0)
		log_warning(container->ctx->log, "%s", destroy_err.text);
	return 0;
}

int op_checkpoint(const struct ops_context *ctx, const struct ops_checkpoint_options *options,
		  struct err *err)
{
	struct checkpoint checkpoint = {
		.options = options,
		.dirs = CRIU_DIRS_NONE,
		.status_fd = options->status_fd,
	};
	int ret = container_open(ctx, options->id, CONTAINER_LOCKED, &checkpoint.container, err);

	if (ret == 0)
		ret = run(&checkpoint, err);
	checkpoint_done(&checkpoint);
	return ret;
}
