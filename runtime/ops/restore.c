/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `restore`: a container like any other (create.c), whose processes criu makes from an image. Init is
 * recorded as soon as criu tells of it, before the others exist; until all of them are there the
 * container is being created.
 */
#include "creation.h"

#include "cgroup.h"
#include "criu.h"
#include "criu_external.h"
#include "descriptors.h"
#include "fd.h"
#include "hook.h"
#include "join.h"
#include "net_device.h"
#include "pidfd.h"
#include "rdt.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct restoration {
	const struct ops_restore_options *options;
	char program[PATH_MAX];
	char *root; /* without links; malloc()ed */
	struct criu_dirs dirs;
	bool is_image_lent;
	struct stat image_was;
	struct join_fds joined;
	struct arena *arena;
	struct descriptors descriptors;
	struct criu_opts opts;
	size_t n_fds;
	int fds[CRIU_FDS_MAX]; /* borrowed of joined */
};

static void restoration_done(struct restoration *restoration)
{
	arena_free(restoration->arena);
	join_close(&restoration->joined);
	criu_dirs_close(&restoration->dirs);
	free(restoration->root);
}

/* ---- before anything is made ---- */

/*
 * The caller's own streams, where those of the container were pipes, or the terminal of a shell. Of
 * the latter criu gets copies: it uses up what it takes, and looks at its own streams too.
 */
static void inherit_stdio(struct restoration *restoration)
{
	struct criu_inherit_fds *inherit = &restoration->opts.inherit_fds;

	for (int i = 0; i < DESCRIPTORS_N; i++) {
		const char *key = restoration->descriptors.v[i];

		if (strncmp(key, "pipe:[", 6) == 0) {
			inherit->v[inherit->n++] = (struct criu_inherit_fd){ key, i };
		} else if (strncmp(key, "tty[", 4) == 0) {
			inherit->v[inherit->n++] =
				(struct criu_inherit_fd){ key,
							  CRIU_FIRST_FD + (int)restoration->n_fds };
			restoration->fds[restoration->n_fds++] = i;
		}
	}
}

/* What the root group of a user namespace is outside; -1: there is none. */
static int64_t mapped_root_group(const struct plan_namespaces *ns)
{
	for (size_t i = 0; i < ns->gids.n; i++)
		if (ns->gids.v[i].inside == 0)
			return ns->gids.v[i].outside;
	return -1;
}

/*
 * Part of the image is read by the mapped root, who may not enter a directory of ours, and part by
 * root itself: while criu works, the group of the first may pass through. Where that cannot be (a
 * medium to read only) the access that is there has to do.
 */
static void lend_image(struct restoration *restoration, const struct plan *plan)
{
	int64_t gid = mapped_root_group(&plan->ns);
	int fd = restoration->dirs.image_fd;
	struct stat *was = &restoration->image_was;

	if (!plan->ns.has_uid_gid_maps || gid < 0 || fstat(fd, was) < 0 ||
	    fchown(fd, (uid_t)-1, (gid_t)gid) < 0)
		return;
	restoration->is_image_lent = fchmod(fd, (was->st_mode & 07777) | S_IXGRP) == 0;
}

static void take_image_back(struct restoration *restoration, const struct log *log)
{
	const struct stat *was = &restoration->image_was;
	int fd = restoration->dirs.image_fd;

	if (!restoration->is_image_lent)
		return;
	restoration->is_image_lent = false;
	if (fchmod(fd, was->st_mode & 07777) < 0 || fchown(fd, (uid_t)-1, was->st_gid) < 0)
		log_warning(log, "give the image's directory back to group %u: %s", was->st_gid,
			    strerror(errno));
}

static int set_options(struct restoration *restoration, const struct plan *plan, struct err *err)
{
	const struct ops_restore_options *options = restoration->options;
	struct criu_opts *opts = &restoration->opts;

	*opts = CRIU_OPTS_NONE;
	TRY(arena_new(criu_external_bytes(plan), &restoration->arena, err));
	criu_set_common(&options->criu, &restoration->dirs, plan, opts);
	if (opts->work_dir_fd < 0)
		opts->work_dir_fd = restoration->dirs.image_fd;
	opts->evasive_devices = true;
	opts->rst_sibling = true; /* init becomes our child, not criu's */
	opts->root = plan->rootfs.has_mount_ns ? restoration->root : NULL;
	opts->lsm_profile = options->lsm_profile;
	opts->lsm_mount_context = options->lsm_mount_context;
	opts->inherit_fds.v =
		ARENA_ARRAY(restoration->arena, struct criu_inherit_fd, plan->ns.n + DESCRIPTORS_N);
	criu_restore_mounts(restoration->arena, plan, opts);
	TRY(join_open(&plan->ns, &restoration->joined, err));
	TRY(criu_restore_namespaces(restoration->arena, plan, &restoration->joined, opts,
				    restoration->fds, &restoration->n_fds, err));
	inherit_stdio(restoration);
	return 0;
}

int restoration_prepare(struct restoration *restoration, const struct creation *creation,
			struct err *err)
{
	const char *rootfs = creation->plan->rootfs.path;

	TRY(criu_check_root(creation->plan->rootfs.is_bound, err));
	TRY(criu_find(restoration->program, err));
	TRY(criu_dirs_open(&restoration->options->criu, false, &restoration->dirs, err));
	TRY(descriptors_read(restoration->dirs.image_fd, &restoration->descriptors, err));
	TRY(criu_check_version(restoration->program, err));
	restoration->root = realpath(rootfs, NULL);
	if (!restoration->root)
		return err_sys(err, "root file system '%s'", rootfs);
	return set_options(restoration, creation->plan, err);
}

/* ---- while criu runs ---- */

static int record_init(struct creation *creation, pid_t pid, struct err *err)
{
	struct launched *launched = &creation->launched;

	launched->pidfd = pidfd_open(pid, 0);
	if (launched->pidfd < 0)
		return err_sys(err, "pidfd_open");
	launched->pid = pid;
	return creation_record_pid(creation, pid, err);
}

/* criu makes a network namespace with nothing in it. One that was joined has what it had. */
static int make_network(const struct plan *plan, pid_t pid, struct err *err)
{
	const struct join_fds none = JOIN_FDS_NONE;

	if (!(plan->ns.create & CLONE_NEWNET))
		return 0;
	TRY(net_device_raise_loopback(pid, err));
	return net_devices_move(plan, &none, pid, err);
}

static int on_setup_namespaces(struct creation *creation, pid_t pid, int *fd, struct err *err)
{
	struct hook_state state = creation_hook_state(creation);

	(void)fd;
	state.init_pidfd = &creation->launched.pidfd;
	TRY(record_init(creation, pid, err));
	/* Its children are made after this, and inherit it. */
	if (creation->has_rdt)
		TRY(rdt_join(&creation->record.rdt, pid, err));
	TRY(make_network(creation->plan, pid, err));
	return hooks_run_early(creation->plan->hooks, &state, pid, err);
}

/* Everything is in memory, and nothing runs yet. */
static int on_post_restore(struct creation *creation, pid_t pid, int *fd, struct err *err)
{
	(void)pid;
	(void)fd;
	return creation->cgroup ? cgroup_apply(creation->cgroup, PLAN_CGROUP_LAST, err) : 0;
}

/* The terminal that the container had, made anew. */
static int on_orphan_pts_master(struct creation *creation, pid_t pid, int *fd, struct err *err)
{
	(void)pid;
	if (*fd < 0)
		return err_set(err, EPROTO, "criu sent no terminal");
	fd_close(&creation->launched.console_fd);
	creation->launched.console_fd = fd_take(fd);
	return 0;
}

static const struct event {
	const char *script; /* as criu(8) calls it: --action-script */
	int (*take)(struct creation *creation, pid_t pid, int *fd, struct err *err);
} events[] = {
	{ "setup-namespaces", on_setup_namespaces },
	{ "post-restore", on_post_restore },
	{ "orphan-pts-master", on_orphan_pts_master },
};

static int take_event(void *context, const struct criu_response *response, int *fd, struct err *err)
{
	struct creation *creation = context;

	log_debug(creation->ctx->log, "criu: %s", response->script);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(events[i].script, response->script) == 0)
			return events[i].take(creation, response->script_pid, fd, err);
	return 0;
}

static int run_criu(struct restoration *restoration, struct creation *creation, struct err *err)
{
	const struct criu_place place = {
		.plan = creation->plan,
		.cgroup = creation->cgroup,
		.new_keyring = creation->record.has_keyring,
	};
	struct criu_task task = {
		.program = restoration->program,
		.type = CRIU_RESTORE,
		.opts = &restoration->opts,
		.place = &place,
		.keeps_stdio = !creation->plan->process.terminal,
		.lock_fd = creation->dir_fd,
		.n_fds = restoration->n_fds,
		.notify = take_event,
		.context = creation,
	};

	bool is_logged;
	int ret;

	memcpy(task.fds, restoration->fds, sizeof(task.fds));
	lend_image(restoration, creation->plan);
	ret = criu_run(&task, &is_logged, err);
	take_image_back(restoration, creation->ctx->log);
	if (ret < 0)
		return is_logged ? criu_dirs_explain(&restoration->dirs, err) : -err->code;
	if (creation->launched.pid < 0)
		return err_set(err, EPROTO, "criu told of no process");
	return 0;
}

int restoration_run(struct restoration *restoration, struct creation *creation, struct err *err)
{
	/* The sign that init is not complete yet, as while a start socket is made. */
	TRY(store_write_new(creation->dir_fd, STORE_START_NEW, "", 0, err));
	TRY(run_criu(restoration, creation, err));
	if (unlinkat(creation->dir_fd, STORE_START_NEW, 0) < 0)
		return err_sys(err, "remove the state file '%s'", STORE_START_NEW);
	return handover_send(&creation->handover, &creation->launched, "standard", err);
}

int op_restore(const struct ops_context *ctx, const struct ops_restore_options *options,
	       struct ops_process *ret_process, struct err *err)
{
	struct restoration restoration = {
		.options = options,
		.dirs = CRIU_DIRS_NONE,
		.joined = JOIN_FDS_NONE,
	};
	int ret = creation_run(ctx, &options->create, false, &restoration, ret_process, err);

	restoration_done(&restoration);
	return ret;
}
