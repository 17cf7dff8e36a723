/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is recorded of a container that is being made, each thing before it has an effect: who finds
 * the record of a creation that was killed can undo it.
 */
#include "creation.h"

#include "cgroup.h"
#include "exec_inherit.h"
#include "filter.h"
#include "notify.h"
#include "plan.h"
#include "pidfd.h"
#include "rdt.h"
#include "spec.h"
#include "store.h"
#include "unit.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

DEFINE_AUTO(text, char *, free)

static void fill_annotations(struct creation *creation)
{
	const struct plan *plan = creation->plan;
	struct record *record = &creation->record;

	record->n_annotations = plan->n_annotations;
	record->annotations =
		ARENA_ARRAY(creation->arena, struct record_annotation, plan->n_annotations);
	for (size_t i = 0; i < plan->n_annotations; i++) {
		record->annotations[i].key = plan->annotations[i].key;
		record->annotations[i].value = plan->annotations[i].value;
	}
}

int creation_fill_record(struct creation *creation, struct err *err)
{
	const struct plan *plan = creation->plan;
	struct record *record = &creation->record;

	record->oci_version = SPEC_OCI_VERSION;
	record->id = creation->options->id;
	record->bundle = creation->bundle;
	record->rootfs = plan->rootfs.path;
	record->created = record_timestamp(creation->arena);
	record->namespaces = plan->ns.create | plan->ns.join;
	/* criu restores into a time namespace, so that clocks go on from where they were. */
	if (creation->restoration && access("/proc/self/ns/time", F_OK) == 0)
		record->namespaces |= CLONE_NEWTIME;
	record->has_own_pid_ns = plan->ns.create & CLONE_NEWPID;
	record->has_chroot = !plan->rootfs.has_mount_ns || plan->rootfs.no_pivot;
	record->exec_settings = exec_settings(creation->spec);
	record->has_keyring = !creation->options->no_new_keyring;
	record->has_late_hooks =
		plan->hooks[PLAN_HOOK_POSTSTART].n || plan->hooks[PLAN_HOOK_POSTSTOP].n;
	fill_annotations(creation);
	if (plan->rdt)
		record->rdt = rdt_plan_paths(plan->rdt);
	if (!plan->cgroup)
		return 0;
	if (plan->cgroup->unit) {
		record->unit.name = plan->cgroup->unit->name;
		record->unit.bus = unit_bus(creation->arena, plan->cgroup->unit->is_user);
	}
	record->cgroups.n = plan->cgroup->n_hierarchies;
	record->cgroups.v = ARENA_ARRAY(creation->arena, struct cgroup_path, record->cgroups.n);
	TRY(cgroup_plan_paths(plan->cgroup, record->cgroups.v, err));
	/* The slices above it are systemd's to remove. */
	for (size_t i = 0; record->unit.name && i < record->cgroups.n; i++)
		if (record->cgroups.v[i].is_v2 && record->cgroups.v[i].created_levels)
			record->cgroups.v[i].created_levels = 1;
	return 0;
}

static int write_record(struct creation *creation, struct err *err)
{
	AUTO(text) char *text = NULL;
	size_t len;

	TRY(record_print(&creation->record, &text, &len, err));
	return store_write(creation->dir_fd, STORE_STATE, text, len, err);
}

/* The id is taken and the intent written; nothing of the container exists yet. */
int creation_write_intent(struct creation *creation, struct err *err)
{
	TRY(store_write_new(creation->dir_fd, STORE_CONFIG, creation->config_text,
			    strlen(creation->config_text), err));
	free(TAKE(creation->config_text));
	if (creation->seccomp)
		TRY(filter_store(creation->dir_fd, creation->plan->seccomp, creation->seccomp,
				 err));
	if (creation->has_notify_dir)
		TRY(notify_make_dir(creation->dir_fd, err));
	return write_record(creation, err);
}

int creation_record_pid(struct creation *creation, pid_t pid, struct err *err)
{
	struct store_pid record = { .pid = pid };
	struct process_stat stat;
	int ret = process_stat_read(pid, &stat);

	creation->has_process = true;
	if (ret < 0)
		return err_errno(err, ret, "read /proc/%d/stat", pid);
	record.start_time = stat.start_time;
	return store_write_pid(creation->dir_fd, &record, err);
}

int creation_record_root(struct creation *creation, const struct root_mount *mount, struct err *err)
{
	creation->record.root_mount = *mount;
	return write_record(creation, err);
}

/* Whether as many levels were made, of as many hierarchies, and where the record has them. */
static bool is_as_recorded(const struct cgroup_paths *made, const struct cgroup_paths *recorded)
{
	if (made->n != recorded->n)
		return false;
	for (size_t i = 0; i < made->n; i++)
		if (made->v[i].created_levels != recorded->v[i].created_levels ||
		    strcmp(made->v[i].dir, recorded->v[i].dir) != 0)
			return false;
	return true;
}

/*
 * Whoever may not make all cgroups has a container without some: `exec` joins those that it has.
 * And what was there, or seemed to be, when the record was written may have been made by us after
 * all: nobody would remove it.
 */
int creation_record_cgroups(struct creation *creation, struct err *err)
{
	const struct cgroup_paths *made = cgroup_handle_paths(creation->cgroup);

	if (is_as_recorded(made, &creation->record.cgroups))
		return 0;
	creation->record.cgroups = *made;
	return write_record(creation, err);
}
