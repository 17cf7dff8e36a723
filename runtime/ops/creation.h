/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container that is being made: what `create`, `run` and `restore` have in common (create.c), its
 * record, and what the last does instead of launching a process. Private to this layer.
 */
#ifndef OCIRUN_OPS_CREATION_H
#define OCIRUN_OPS_CREATION_H

#include "handover.h"
#include "hook.h"
#include "launch.h"
#include "ops.h"
#include "record.h"

#include <sys/types.h>

struct cgroup_handle;
struct plan;
struct restoration;
struct seccomp_program;
struct seccomp_watch;
struct spec;
struct unit;

/* What is needed from the first line to the last. */
struct creation {
	const struct ops_context *ctx;
	const struct ops_create_options *options;
	bool is_run;
	struct restoration *restoration; /* NULL: a process is launched */
	char *bundle;                    /* absolute; malloc()ed */
	int bundle_fd;
	char *config_text;
	struct spec *spec;
	struct arena *arena; /* host facts and the record */
	struct plan *plan;
	struct record record;
	struct seccomp_program *seccomp;
	struct seccomp_watch *watch; /* NULL, or its filter is loaded instead */
	struct notify *notify;       /* run: NULL, or where the program says that it is ready */
	bool has_notify_dir;
	struct handover handover; /* sockets of the caller */
	int root_fd;
	int dir_fd;
	int start_fd;
	bool has_process;  /* init was made: poststop hooks are due, whatever comes */
	struct unit *unit; /* NULL: none, or not yet */
	struct cgroup_handle *cgroup;
	bool has_rdt; /* directories of resctrl were made */
	char *hook_head, *hook_tail;
	struct launched launched;
};

/* Makes the container, or undoes everything. */
int creation_run(const struct ops_context *ctx, const struct ops_create_options *options,
		 bool is_run, struct restoration *restoration, struct ops_process *ret_process,
		 struct err *err);

/* For hooks that run while it is made, in the bundle as with runc. */
struct hook_state creation_hook_state(const struct creation *creation);

/* ---- its record (creation_record.c) ---- */

/* All that is known before anything of it exists; points into the plan and the arena. */
int creation_fill_record(struct creation *creation, struct err *err);

/* The id is taken: what will be made is written down, before it is. */
int creation_write_intent(struct creation *creation, struct err *err);

/*
 * Whoever may not make all cgroups has a container without some: `exec` joins those that it has.
 * And what was there, or seemed to be, when the record was written may have been made by us after
 * all: nobody would remove it.
 */
int creation_record_cgroups(struct creation *creation, struct err *err);

/* Init exists: its pid goes to the store before it has any effect; and its root before that is mounted. */
int creation_record_pid(struct creation *creation, pid_t pid, struct err *err);
int creation_record_root(struct creation *creation, const struct root_mount *mount,
			 struct err *err);

/* ---- instead of launching a process (restore.c) ---- */

/* What can be wrong with a restore, found before anything is made; then all of it. */
int restoration_prepare(struct restoration *restoration, const struct creation *creation,
			struct err *err);
int restoration_run(struct restoration *restoration, struct creation *creation, struct err *err);

#endif
